//! What the scheduler needs of the application: the clock, and the rows of runs.

use std::sync::Arc;

use super::App;
use crate::actions::Act;
use crate::base::time::Instant;
use crate::domain::actors::Actor;
use crate::jobs;
use crate::scheduler::{Report, Running, Runs, Scheduler, Ticket, Wanted};
use crate::store::job_runs::{self, Ended, Start};

impl App {
    /// The scheduler over all jobs, under the name of this process. Starts nothing.
    ///
    /// # Errors
    /// A sentence when a cron line is wrong.
    pub fn scheduler(self: &Arc<Self>) -> Result<Scheduler<Self>, String> {
        let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_else(|_| "node".to_owned());
        Scheduler::new(Arc::clone(self), jobs::all(), format!("{}/{}", host.trim(), std::process::id()))
    }

    /// The circumstances of a run of a job.
    #[must_use]
    pub fn act_of_job(&self, job: &'static str, now: Instant) -> Act {
        Act { now, actor: Actor::Job(job), dice: self.chance.dice(), request_id: format!("job {job}") }
    }
}

impl Runs for App {
    fn now(&self) -> Instant {
        self.clock.now()
    }

    fn take<'a>(&'a self, wanted: Wanted<'a>) -> Running<'a, Result<Option<Ticket>, String>> {
        Box::pin(async move {
            let start = Start { job: wanted.job, instant: wanted.instant, node: wanted.node, now: wanted.now, lease_until: wanted.lease_until };
            let number = self
                .db
                .transact(|tx| {
                    Box::pin(async move {
                        if wanted.by_hand {
                            return job_runs::insert_by_hand(tx, &start).await;
                        }
                        let taken = job_runs::insert_scheduled(tx, &start).await?;
                        if taken {
                            job_runs::update_lost(tx, start.job, start.now).await?;
                        }
                        Ok::<_, crate::store::Error>(taken.then_some(0))
                    })
                })
                .await
                .map_err(|e| e.to_string())?;
            Ok(number.map(|number| Ticket { id: format!("{}/{}/{number}", wanted.job, wanted.instant.0), lease_until: wanted.lease_until }))
        })
    }

    fn finish<'a>(&'a self, ticket: &'a Ticket, outcome: &'a Result<Report, String>, now: Instant) -> Running<'a, Result<(), String>> {
        Box::pin(async move {
            let (ended, report) = match outcome {
                Ok(report) => (Ended::Passed, report.json().to_string()),
                Err(reason) => (Ended::Failed, serde_json::json!({ "error": reason }).to_string()),
            };
            let run = parse(&ticket.id).ok_or("no such run")?;
            let report = &report;
            let done = self.db.transact(|tx| Box::pin(job_runs::update_ended(tx, run, ticket.lease_until, ended, report, now)));
            if done.await.map_err(|e| e.to_string())? { Ok(()) } else { Err("another node has taken it over".to_owned()) }
        })
    }
}

/// `job/instant/number`, as [`Runs::take`] writes it.
fn parse(id: &str) -> Option<(&str, Instant, i64)> {
    let mut parts = id.split('/');
    Some((parts.next()?, Instant(parts.next()?.parse().ok()?), parts.next()?.parse().ok()?))
}
