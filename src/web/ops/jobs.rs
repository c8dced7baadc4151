//! `/ops`: what is scheduled, how the last runs ended, and a run by hand.

use std::sync::Arc;
use std::time::Duration;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::{get, post};

use crate::actions::records;
use crate::app::App;
use crate::base::lang::{fact, has};
use crate::base::time::Instant;
use crate::domain::refusals::Violation;
use crate::domain::roles::Verb;
use crate::http::query::PathId;
use crate::http::{Error, Visitor};
use crate::scheduler::cron;
use crate::store;
use crate::store::job_runs::{Ended, Run};
use crate::store::outbox::Fate;
use crate::web::frame::{Posted, go, page, refused, show};
use crate::web::shell::{FormState, Page};

/// Runs shown of one job.
const RUNS: i64 = 30;
/// After this a run by hand goes on without the page waiting for it.
const PATIENCE: Duration = Duration::from_secs(20);

/// The routes.
pub fn routes() -> Router<Arc<App>> {
    Router::new().route("/ops", get(list)).route("/ops/jobs/{name}", get(one)).route("/ops/jobs/{name}/run", post(run))
}

/// One job with its last run.
struct JobLine {
    name: &'static str,
    cron: &'static str,
    last: Option<RunLine>,
    next: Option<Instant>,
}

/// One run as it is shown.
struct RunLine {
    instant: Instant,
    started_at: Instant,
    seconds: Option<i64>,
    state: &'static str,
    by_hand: bool,
    node: String,
    report: String,
}

impl RunLine {
    fn new(page: &Page, run: Run) -> Self {
        let state = match run.outcome {
            Some(Ended::Passed) => "passed",
            Some(Ended::Failed) => "failed",
            // Its node went away; nobody has noticed yet.
            None if run.lease_until < page.now => "failed",
            None => "running",
        };
        Self {
            instant: run.instant,
            started_at: run.started_at,
            seconds: run.ended_at.map(|ended_at| ended_at.0 - run.started_at.0),
            state,
            by_hand: run.by_hand.is_some(),
            node: run.node,
            report: report(page, &run.report),
        }
    }
}

/// The counts of a report in words, those that are not 0; or what went wrong.
fn report(page: &Page, json: &str) -> String {
    let Ok(serde_json::Value::Object(counts)) = serde_json::from_str(json) else { return String::new() };
    if let Some(reason) = counts.get("error").and_then(serde_json::Value::as_str) {
        return reason.to_owned();
    }
    let told = counts.iter().filter(|(_, value)| value.as_i64() != Some(0)).map(|(name, value)| {
        let key = format!("count-{name}");
        let word = if has(page.lang, &key) { page.t(&key) } else { name.clone() };
        page.t2("ops-count", "what", word, "count", fact(page.lang, page.now, name, &value.to_string()))
    });
    let told: Vec<String> = told.collect();
    if told.is_empty() && !counts.is_empty() { page.t("ops-nothing") } else { told.join(&page.t("ops-comma")) }
}

#[derive(Template)]
#[template(path = "ops/jobs.html")]
struct JobsPage {
    page: Page,
    jobs: Vec<JobLine>,
    given_up: i64,
}

#[derive(Template)]
#[template(path = "ops/job.html")]
struct JobPage {
    page: Page,
    form: FormState,
    job: JobLine,
    runs: Vec<RunLine>,
}

async fn list(State(app): State<Arc<App>>, visitor: Visitor) -> Result<Response, Error> {
    visitor.require(Verb::Operate)?;
    let page = page(&app, &visitor).await?;
    let mut conn = app.db.read().await?;
    let mut jobs = Vec::new();
    for job in scheduled(&app)? {
        let last = store::job_runs::list_latest(&mut conn, job.0, 1).await?.pop();
        jobs.push(JobLine { name: job.0, cron: job.1, last: last.map(|run| RunLine::new(&page, run)), next: cron::next_due(job.1, page.now) });
    }
    // What failed comes first; the rest keeps its order.
    jobs.sort_by_key(|job| job.last.as_ref().is_none_or(|run| run.state != "failed"));
    let given_up = store::outbox::count(&mut conn, Some(Fate::Failed)).await?;
    drop(conn);
    show(&JobsPage { page, jobs, given_up })
}

async fn one(State(app): State<Arc<App>>, visitor: Visitor, PathId(name): PathId) -> Result<Response, Error> {
    visitor.require(Verb::Operate)?;
    show(&job_page(&app, &visitor, &name, FormState::new()).await?)
}

async fn run(State(app): State<Arc<App>>, PathId(name): PathId, posted: Posted) -> Result<Response, Error> {
    posted.visitor.require(Verb::Operate)?;
    let Posted { visitor, mut form, .. } = posted;
    let now = app.clock.now();
    let (name, _) = scheduled(&app)?.into_iter().find(|job| job.0 == name).ok_or(Error::NOT_FOUND)?;
    let text = form.value("instant").trim().to_owned();
    let instant = if text.is_empty() { Some(now) } else { Instant::parse_local(&text).or_else(|| Instant::parse(&text).ok()) };
    if instant.is_none() {
        form.note(Violation::invalid("instant", "not_an_instant"));
    }
    let Some(instant) = instant.filter(|_| !form.is_wrong()) else {
        return refused(&job_page(&app, &visitor, name, form).await?);
    };
    let act = visitor.act(&app)?;
    let facts = serde_json::json!({ "instant": instant });
    app.transact(&act, |tx| {
        let (act, facts) = (&act, &facts);
        Box::pin(records::audit(tx, act, "job.run", "job", name, facts))
    })
    .await?;
    let scheduler = app.scheduler().map_err(|reason| {
        tracing::error!(reason, "no scheduler");
        Error::Internal
    })?;
    // In a task of its own: a visitor who goes away must not leave a run without its end.
    let running = tokio::spawn(async move { scheduler.run_by_hand(name, instant).await });
    let done = match tokio::time::timeout(PATIENCE, running).await {
        Ok(Ok(Ok(_))) => "job-passed",
        Ok(_) => "",
        Err(_) => "job-started",
    };
    Ok(go(&format!("/ops/jobs/{name}"), done))
}

async fn job_page(app: &Arc<App>, visitor: &Visitor, name: &str, form: FormState) -> Result<JobPage, Error> {
    let (name, line) = scheduled(app)?.into_iter().find(|job| job.0 == name).ok_or(Error::NOT_FOUND)?;
    let page = page(app, visitor).await?;
    let runs = store::job_runs::list_latest(&mut *app.db.read().await?, name, RUNS).await?;
    let runs = runs.into_iter().map(|run| RunLine::new(&page, run)).collect();
    Ok(JobPage { job: JobLine { name, cron: line, last: None, next: cron::next_due(line, page.now) }, page, form, runs })
}

/// Name and cron line of every job.
fn scheduled(app: &Arc<App>) -> Result<Vec<(&'static str, &'static str)>, Error> {
    let scheduler = app.scheduler().map_err(|reason| {
        tracing::error!(reason, "no scheduler");
        Error::Internal
    })?;
    Ok(scheduler.jobs().iter().map(|job| (job.name, job.cron)).collect())
}
