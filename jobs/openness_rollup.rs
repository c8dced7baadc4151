//! `openness-rollup`: yesterday, and every day touched since the last run, are counted again.

use std::sync::Arc;

use crate::actions::openness::roll_up;
use crate::app::App;
use crate::base::time::MINUTE;
use crate::scheduler::{Job, Report, Turn};

/// Twenty minutes past midnight.
pub const JOB: Job<App> = Job { name: "openness-rollup", cron: "0 20 0 * * *", lease_seconds: 60 * MINUTE, run: |app, turn| Box::pin(run(app, turn)) };

async fn run(app: Arc<App>, turn: Turn) -> Result<Report, String> {
    let done = roll_up(&app.db, turn.instant).await.map_err(|e| e.to_string())?;
    app.db.look_again().await.map_err(|e| e.to_string())?;
    Ok(Report::default().with("instruments", done.instruments).with("days", done.days))
}
