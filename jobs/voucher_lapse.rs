//! `voucher-lapse`: what is left after 使用截止 and 兑付截止 lapses, and enterprises are told of deadlines to come.

use std::sync::Arc;

use crate::actions::vouchers::lapse;
use crate::app::App;
use crate::base::time::MINUTE;
use crate::scheduler::{Job, Report, Turn};

/// Every night at five past twelve. Acts at every run after a deadline, also on what a later release brought back.
pub const JOB: Job<App> = Job { name: lapse::JOB, cron: "0 5 0 * * *", lease_seconds: 30 * MINUTE, run: |app, turn| Box::pin(run(app, turn)) };

async fn run(app: Arc<App>, turn: Turn) -> Result<Report, String> {
    let done = lapse::run(&app.db, &app.chance, turn.now).await.map_err(|e| e.to_string())?;
    let report = Report::default().with("purses", done.purses).with("available_fen", done.available_fen).with("held_fen", done.held_fen);
    Ok(report.with("notices", done.notices).with("failed", done.failed))
}
