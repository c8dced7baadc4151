//! `yiqi jobs list` and `yiqi jobs run`.

use std::process::ExitCode;
use std::sync::Arc;

use clap::Subcommand;

use super::Done;
use crate::app::App;
use crate::base::time::Instant;
use crate::scheduler::cron;
use crate::store;
use crate::store::job_runs::{Ended, Run};

/// Scheduled jobs.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// What is scheduled: name, cron line (seconds first), last run and how it ended, next run.
    List,
    /// Run a job now; also again for an instant that was run before. Exit code 1 when it fails.
    Run {
        /// Its name.
        name: String,
        /// As of this instant (RFC 3339 with an offset); now unless given.
        #[arg(long)]
        at: Option<String>,
    },
}

/// Runs a `jobs` command.
///
/// # Errors
/// A sentence for the operator.
pub async fn run(app: &Arc<App>, command: Command) -> Done {
    match command {
        Command::List => list(app).await,
        Command::Run { name, at } => run_one(app, &name, at.as_deref()).await,
    }
}

async fn list(app: &Arc<App>) -> Done {
    let now = app.clock.now();
    let mut conn = app.db.read().await.map_err(|e| e.to_string())?;
    println!("{:<18} {:<18} {:<26} {:<9} {:<26} REPORT", "NAME", "CRON", "LAST RUN", "OUTCOME", "NEXT RUN");
    for job in app.scheduler()?.jobs() {
        let last = store::job_runs::list_latest(&mut conn, job.name, 1).await.map_err(|e| e.to_string())?.pop();
        let next = cron::next_due(job.cron, now).map_or_else(|| "-".to_owned(), |at| at.to_string());
        let (begun, outcome, report) =
            last.map_or_else(|| ("-".to_owned(), "-", String::new()), |run| (run.instant.to_string(), outcome(&run, now), run.report));
        println!("{:<18} {:<18} {begun:<26} {outcome:<9} {next:<26} {report}", job.name, job.cron);
    }
    Ok(ExitCode::SUCCESS)
}

fn outcome(run: &Run, now: Instant) -> &'static str {
    match run.outcome {
        Some(Ended::Passed) => "passed",
        Some(Ended::Failed) => "failed",
        None if run.lease_until < now => "lost",
        None => "running",
    }
}

async fn run_one(app: &Arc<App>, name: &str, at: Option<&str>) -> Done {
    let instant = match at {
        None => app.clock.now(),
        Some(text) => Instant::parse(text).map_err(|why| format!("--at {text}: {why}"))?,
    };
    let scheduler = app.scheduler()?;
    if !scheduler.jobs().iter().any(|job| job.name == name) {
        let names: Vec<_> = scheduler.jobs().iter().map(|job| job.name).collect();
        return Err(format!("no job is called {name:?}; there are {}", names.join(", ")));
    }
    match scheduler.run_by_hand(name, instant).await {
        Ok(report) => {
            println!("{name} {instant} {report}");
            Ok(ExitCode::SUCCESS)
        }
        Err(reason) => {
            eprintln!("yiqi: {name} {instant}: {reason}");
            Ok(ExitCode::FAILURE)
        }
    }
}
