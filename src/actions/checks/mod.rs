//! Proofs that what is stored agrees with itself: balances with the ledger, holds with bookings, slots with each other, roll-ups with
//! segments, audit records with their seals. One line a difference, for the operator; nothing is mended here.
//!
//! All of them read through one snapshot and change nothing. Called by `yiqi check` and by the job `audit`.

pub mod usage;
pub mod vouchers;

use super::Outcome;
use crate::store::AnyConnection;

/// Every proof; a line per difference, none when all agrees. `conn` is a snapshot.
pub async fn all(conn: &mut AnyConnection) -> Outcome<Vec<String>> {
    let mut differences = vouchers::vouchers(conn).await?;
    differences.extend(usage::use_and_slots(conn).await?);
    differences.extend(usage::roll_ups(conn).await?);
    differences.extend(super::seals::differences(conn).await?);
    Ok(differences)
}
