//! Drives the jobs. tokio-cron-scheduler keeps nothing and catches nothing up: it only *knocks*. Each knock, the start and a look-round
//! ask what was last due ([`cron`]) and take the row of that run; its uniqueness makes a run happen once on any number of nodes.
//!
//! Never reads the clock itself and never touches the database: the application brings both ([`Runs`]). Start with [`Scheduler::run_due`].

pub mod cron;
#[cfg(test)]
mod tests;

use std::collections::HashSet;
use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio_cron_scheduler::JobScheduler;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::base::time::Instant;

/// A future of one of the traits here.
pub type Running<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// One scheduled job over the application `A`.
#[derive(Debug)]
pub struct Job<A> {
    /// Its name on the command line and in the rows of its runs.
    pub name: &'static str,
    /// When: six fields, seconds first, local time.
    pub cron: &'static str,
    /// How long a run may be silent before another node takes it over.
    pub lease_seconds: i64,
    /// What it does. Must be repeatable without harm.
    pub run: fn(Arc<A>, Turn) -> Running<'static, Result<Report, String>>,
}

/// The time of a run. Differs from the schedule when a run was missed and is caught up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Turn {
    /// The instant for which the run is: what it was due at, or what was asked for by hand.
    pub instant: Instant,
    /// The instant at which it runs, read once; the same as `instant` by hand.
    pub now: Instant,
}

/// What a run did: counts by name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report(Vec<(&'static str, i64)>);

impl Report {
    /// The report with one more count.
    #[must_use]
    pub fn with(mut self, name: &'static str, count: impl TryInto<i64>) -> Self {
        self.0.push((name, count.try_into().unwrap_or(i64::MAX)));
        self
    }

    /// The counts as a JSON object: what is stored.
    #[must_use]
    pub fn json(&self) -> serde_json::Value {
        self.0.iter().map(|(name, count)| ((*name).to_owned(), (*count).into())).collect::<serde_json::Map<_, _>>().into()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counts: Vec<String> = self.0.iter().map(|(name, count)| format!("{name}={count}")).collect();
        f.write_str(&counts.join(" "))
    }
}

/// A run that wants to begin.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// The job.
    pub job: &'static str,
    /// For which instant.
    pub instant: Instant,
    /// When it begins.
    pub now: Instant,
    /// Until when it is this node's.
    pub lease_until: Instant,
    /// This node.
    pub node: &'a str,
    /// Asked for by a person: runs also when the instant has been run before.
    pub by_hand: bool,
}

/// The right to one run, until the lease ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ticket {
    /// The row of the run.
    pub id: String,
    /// Proves at the end that nobody has taken the row over meanwhile.
    pub lease_until: Instant,
}

/// What the application keeps for the scheduler: the clock and the rows of runs.
pub trait Runs: Send + Sync + 'static {
    /// The current instant of the application's clock.
    fn now(&self) -> Instant;

    /// Takes the row of (job, instant): a new one, or an unfinished one whose lease has ended before `now`, or any when asked for by hand.
    /// `None` when another has it or it is done.
    fn take<'a>(&'a self, wanted: Wanted<'a>) -> Running<'a, Result<Option<Ticket>, String>>;

    /// Writes the end of a run, unless another has taken it over.
    fn finish<'a>(&'a self, ticket: &'a Ticket, outcome: &'a Result<Report, String>, now: Instant) -> Running<'a, Result<(), String>>;
}

/// Runs every job when it is due, once, and lets what runs come to its end.
pub struct Scheduler<A> {
    inner: Arc<Inner<A>>,
}

struct Inner<A> {
    app: Arc<A>,
    jobs: Vec<Job<A>>,
    node: String,
    /// Names of the jobs that run here now: a run longer than its lease must not take itself over.
    busy: Mutex<HashSet<&'static str>>,
    tracker: TaskTracker,
    closing: CancellationToken,
}

impl<A> Clone for Scheduler<A> {
    fn clone(&self) -> Self {
        Self { inner: Arc::clone(&self.inner) }
    }
}

impl<A: Runs> Scheduler<A> {
    /// Proves every cron line; starts nothing. An error names the job whose line is wrong.
    pub fn new(app: Arc<A>, jobs: Vec<Job<A>>, node: String) -> Result<Self, String> {
        for job in &jobs {
            cron::prove(job.cron).map_err(|why| format!("job {}: {why}", job.name))?;
        }
        let (busy, tracker, closing) = (Mutex::default(), TaskTracker::new(), CancellationToken::new());
        Ok(Self { inner: Arc::new(Inner { app, jobs, node, busy, tracker, closing }) })
    }

    /// The jobs, in their order.
    #[must_use]
    pub fn jobs(&self) -> &[Job<A>] {
        &self.inner.jobs
    }

    /// Starts knocking and looking round every `round` (a minute; 5 s where the product's clock is not the system's, because knocks follow
    /// the system's). Returns at once; [`Self::stop`] ends it.
    ///
    /// # Errors
    /// When the knocking cannot be set up.
    pub async fn start(&self, round: Duration) -> Result<(), String> {
        let mut knocks = JobScheduler::new().await.map_err(|e| e.to_string())?;
        for (index, job) in self.inner.jobs.iter().enumerate() {
            let this = self.clone();
            let knock = tokio_cron_scheduler::Job::new_async_tz(job.cron, cron::chrono_zone(), move |_, _| {
                this.spawn_due(index);
                Box::pin(std::future::ready(()))
            });
            knocks.add(knock.map_err(|e| format!("job {}: {e}", job.name))?).await.map_err(|e| e.to_string())?;
        }
        knocks.start().await.map_err(|e| e.to_string())?;
        let this = self.clone();
        tokio::spawn(async move {
            let mut rounds = tokio::time::interval(round);
            while this.inner.closing.run_until_cancelled(rounds.tick()).await.is_some() {
                (0..this.inner.jobs.len()).for_each(|index| this.spawn_due(index));
            }
            // A knock that comes all the same is turned away.
            let _ = knocks.shutdown().await;
        });
        Ok(())
    }

    /// Begins no further run and waits for those that are under way.
    pub async fn stop(&self) {
        self.inner.closing.cancel();
        self.inner.tracker.close();
        self.inner.tracker.wait().await;
    }

    fn spawn_due(&self, index: usize) {
        if !self.inner.closing.is_cancelled() {
            let this = self.clone();
            self.inner.tracker.spawn(async move { this.run_due(&this.inner.jobs[index], this.inner.app.now()).await });
        }
    }

    /// Runs `job` for its last due instant at or before `now`, unless that was done or is under way. Whether it ran.
    pub async fn run_due(&self, job: &Job<A>, now: Instant) -> bool {
        let Some(instant) = cron::last_due(job.cron, now) else { return false };
        matches!(self.run(job, Turn { instant, now }, false).await, Ok(Some(_)))
    }

    /// Runs the job called `name` as of `instant`, also when that was run before.
    ///
    /// # Errors
    /// A sentence: no such job, it runs here already, the row could not be taken, or the job failed.
    pub async fn run_by_hand(&self, name: &str, instant: Instant) -> Result<Report, String> {
        let job = self.inner.jobs.iter().find(|job| job.name == name).ok_or_else(|| format!("no job is called {name:?}"))?;
        self.run(job, Turn { instant, now: instant }, true).await?.ok_or_else(|| format!("{name} is running just now"))
    }

    async fn run(&self, job: &Job<A>, turn: Turn, by_hand: bool) -> Result<Option<Report>, String> {
        let Some(_place) = Place::of(&self.inner.busy, job.name) else { return Ok(None) };
        let now = self.inner.app.now();
        let wanted = Wanted { job: job.name, instant: turn.instant, now, lease_until: now.plus(job.lease_seconds), node: &self.inner.node, by_hand };
        let taken = self.inner.app.take(wanted).await;
        let Some(ticket) = taken.inspect_err(|reason| tracing::error!(job = job.name, reason, "no run"))? else { return Ok(None) };
        // In a task of its own, so that a panic ends this run and nothing else.
        let begun = std::time::Instant::now();
        let outcome = tokio::spawn((job.run)(Arc::clone(&self.inner.app), turn)).await.unwrap_or_else(|panic| Err(panic.to_string()));
        metrics::histogram!("yiqi_job_seconds", "job" => job.name, "outcome" => if outcome.is_ok() { "done" } else { "failed" }).record(begun.elapsed());
        match &outcome {
            Ok(report) if report.0.iter().all(|(_, count)| *count == 0) => tracing::debug!(job = job.name, instant = %turn.instant, "nothing to do"),
            Ok(report) => tracing::info!(job = job.name, instant = %turn.instant, %report, "job done"),
            Err(reason) => tracing::error!(job = job.name, instant = %turn.instant, reason, "job failed"),
        }
        if let Err(reason) = self.inner.app.finish(&ticket, &outcome, self.inner.app.now()).await {
            tracing::error!(job = job.name, reason, "the end of a run could not be written");
        }
        outcome.map(Some)
    }
}

/// A job's place among those that run here, given back when dropped.
struct Place<'a> {
    busy: &'a Mutex<HashSet<&'static str>>,
    name: &'static str,
}

impl<'a> Place<'a> {
    fn of(busy: &'a Mutex<HashSet<&'static str>>, name: &'static str) -> Option<Self> {
        // Made only where the place was free, and after the lock is open again: dropping one takes the lock.
        let free = busy.lock().unwrap_or_else(PoisonError::into_inner).insert(name);
        free.then(|| Self { busy, name })
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.busy.lock().unwrap_or_else(PoisonError::into_inner).remove(self.name);
    }
}
