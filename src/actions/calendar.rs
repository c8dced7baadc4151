//! The calendar of days: filled once from the table that the product ships, then replaced day by day by what the bureau imports.

use super::{Act, Outcome, records};
use crate::domain::calendar::{CalendarDay, table};
use crate::store::{self, Tx};

/// Fills an empty calendar from the shipped table; a calendar that has rows is the bureau's and is left alone.
///
/// # Errors
/// The store's.
pub async fn fill(tx: &mut Tx<'_>) -> Outcome<()> {
    if store::calendar::count(tx).await? == 0 {
        store::calendar::replace(tx, &table::days().collect::<Vec<_>>()).await?;
    }
    Ok(())
}

/// Writes days over those that are there; gives how many were new or changed.
///
/// # Errors
/// The store's.
pub async fn import(tx: &mut Tx<'_>, act: &Act, days: &[CalendarDay]) -> Outcome<u64> {
    let changed = store::calendar::replace(tx, days).await?;
    if changed > 0 {
        records::audit(tx, act, "calendar.import", "calendar", "days", &serde_json::json!({ "changed": changed })).await?;
    }
    Ok(changed)
}
