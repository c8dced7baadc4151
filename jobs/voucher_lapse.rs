//! `voucher-lapse`: lapses what was not used or claimed in time, and tells enterprises 30, 7 and 1 days before.

use std::sync::Arc;

use crate::actions::vouchers::{Lapsed, lapse, list_to_lapse};
use crate::app::App;
use crate::base::time::MINUTE;
use crate::scheduler::{Job, Report, Turn};

/// Every day at five past midnight.
pub const JOB: Job<App> = Job { name: "voucher-lapse", cron: "0 5 0 * * *", lease_seconds: 30 * MINUTE, run: |app, turn| Box::pin(run(app, turn)) };

async fn run(app: Arc<App>, turn: Turn) -> Result<Report, String> {
    let purses = list_to_lapse(&mut *app.db.read().await.map_err(|e| e.to_string())?).await.map_err(|e| e.to_string())?;
    let mut sum = Lapsed::default();
    for purse_id in &purses {
        // One purse a transaction: whoever books waits for one purse only.
        let act = app.act_of_job(JOB.name, turn.now);
        let done = app.transact(&act, |tx| {
            let (act, purse_id) = (&act, purse_id.as_str());
            Box::pin(lapse(tx, act, purse_id))
        });
        let done = done.await.map_err(|e| e.to_string())?;
        sum.available_fen += done.available_fen;
        sum.held_fen += done.held_fen;
        sum.notices += done.notices;
    }
    Ok(Report::default().with("available_fen", sum.available_fen).with("held_fen", sum.held_fen).with("told", sum.notices))
}
