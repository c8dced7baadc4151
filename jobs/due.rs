//! `due`: requests expire, missed starts become no-shows, uses end, statements confirm themselves.

use std::sync::Arc;

use crate::actions::bookings::due;
use crate::app::App;
use crate::base::time::MINUTE;
use crate::scheduler::{Job, Report, Turn};

/// Every minute, by "due before now".
pub const JOB: Job<App> = Job { name: due::JOB, cron: "0 * * * * *", lease_seconds: 15 * MINUTE, run: |app, turn| Box::pin(run(app, turn)) };

async fn run(app: Arc<App>, turn: Turn) -> Result<Report, String> {
    let done = due::run(&app.db, &app.chance, turn.now).await.map_err(|e| e.to_string())?;
    let report = Report::default().with("expired", done.expired).with("no_shows", done.no_shows).with("ended", done.ended);
    Ok(report.with("confirmed", done.confirmed).with("failed", done.failed))
}
