//! `audit`: proves balances, holds, non-overlap and roll-ups, seals the audit records and sends the newest seal
//! out of the house, and clears away what has had its time.

use std::sync::Arc;

use crate::actions::{checks, seals};
use crate::app::App;
use crate::base::time::{DAY, MINUTE};
use crate::scheduler::{Job, Report, Turn};
use crate::store;

/// How long rows of runs are kept.
const RUNS_KEPT_SECONDS: i64 = 90 * DAY;

/// Every night at three.
pub const JOB: Job<App> = Job { name: "audit", cron: "0 0 3 * * *", lease_seconds: 60 * MINUTE, run: |app, turn| Box::pin(run(app, turn)) };

async fn run(app: Arc<App>, turn: Turn) -> Result<Report, String> {
    let mut snapshot = app.db.snapshot().await.map_err(|e| e.to_string())?;
    let differences = checks::all(&mut snapshot).await.map_err(|e| e.to_string())?;
    drop(snapshot);
    for difference in &differences {
        tracing::error!(difference, "the books do not agree");
    }
    let sealed = seals::seal(&app.db, turn.now).await.map_err(|e| e.to_string())?;
    if let Some(address) = &app.config.seals_to {
        let act = app.act_of_job("audit", turn.now);
        app.transact(&act, |tx| Box::pin(seals::send_last(tx, &act, address))).await.map_err(|e| e.to_string())?;
    }
    let (keys, runs) = app
        .db
        .transact(|tx| {
            Box::pin(async move {
                let keys = store::idempotency::delete_older(tx, turn.now.plus(-DAY)).await?;
                Ok::<_, store::Error>((keys, store::job_runs::delete_older(tx, turn.now.plus(-RUNS_KEPT_SECONDS)).await?))
            })
        })
        .await
        .map_err(|e| e.to_string())?;
    match differences.first() {
        // A failed run is what the operator sees first.
        Some(first) => Err(format!("{} differences; the first: {first}", differences.len())),
        None => Ok(Report::default().with("differences", 0).with("sealed", sealed).with("old_keys", keys).with("old_runs", runs)),
    }
}
