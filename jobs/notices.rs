//! `notices`: delivers what waits in the outbox.

use std::sync::Arc;

use crate::actions::notices::{Post, deliver_some};
use crate::app::App;
use crate::base::time::MINUTE;
use crate::scheduler::{Job, Report, Turn};

/// Notices of one run, about: the next knock goes on, and a server that is asked to stop has not thousands of them before it.
const MOST: i64 = 400;

/// Every 15 seconds. A slow mail server may take its time; claims of single mails keep two nodes from sending one twice.
pub const JOB: Job<App> = Job { name: "notices", cron: "*/15 * * * * *", lease_seconds: 15 * MINUTE, run: |app, turn| Box::pin(run(app, turn)) };

async fn run(app: Arc<App>, turn: Turn) -> Result<Report, String> {
    let post = Post { db: &app.db, mailer: &app.mailer, base_url: &app.config.base_url };
    let done = deliver_some(&post, turn.now, MOST).await.map_err(|e| e.to_string())?;
    Ok(Report::default().with("delivered", done.delivered).with("to_retry", done.to_retry).with("given_up", done.given_up))
}
