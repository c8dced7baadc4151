//! The calendar of days: filled once from the table that the product ships, then replaced day by day by what the bureau imports.

use super::{Act, Outcome, records};
use crate::app::App;
use crate::domain::actors::Actor;
use crate::domain::calendar::{CalendarDay, table};
use crate::store::{self, Tx};

/// Fills an empty calendar from the shipped table; a calendar that has rows is the bureau's and is left alone.
///
/// # Errors
/// The store's.
pub async fn fill(app: &App) -> Outcome<()> {
    if store::calendar::count(&mut *app.db.read().await?).await? > 0 {
        return Ok(());
    }
    let days: Vec<CalendarDay> = table::days().collect();
    let act = app.act(Actor::Command, "start".to_owned());
    app.transact(&act, |tx| {
        let days = days.clone();
        Box::pin(async move {
            store::calendar::replace(tx, &days).await?;
            Ok(())
        })
    })
    .await
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
