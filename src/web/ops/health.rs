//! `/ops/health`: which database, how long the queues are, the last seal, the version.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;

use crate::actions::seals::SENT;
use crate::app::App;
use crate::base::time::Instant;
use crate::domain::instruments::Policy;
use crate::domain::roles::Verb;
use crate::http::{Error, Visitor};
use crate::store;
use crate::store::audit::Seal;
use crate::store::db::Engine;
use crate::store::outbox::Fate;
use crate::web::frame::{page, show};
use crate::web::shell::Page;

/// The routes.
pub fn routes() -> Router<Arc<App>> {
    Router::new().route("/ops/health", get(health))
}

#[derive(Template)]
#[template(path = "ops/health.html")]
struct HealthPage {
    page: Page,
    engine: &'static str,
    version: &'static str,
    waiting: i64,
    retrying: i64,
    given_up: i64,
    oldest: Option<Instant>,
    touched_days: i64,
    unsealed: i64,
    seal: Option<Seal>,
    /// Who gets the newest seal every day, and when it was last handed over.
    seals_to: Option<String>,
    seal_sent_at: Option<Instant>,
    /// Years within the usual horizon of bookings for which there is no calendar: they go by the weekday.
    years_without_calendar: Vec<i64>,
}

async fn health(State(app): State<Arc<App>>, visitor: Visitor) -> Result<Response, Error> {
    visitor.require(Verb::Operate)?;
    let page = page(&app, &visitor).await?;
    let mut conn = app.db.read().await?;
    let engine = match app.db.engine() {
        Engine::Sqlite => "SQLite",
        Engine::Postgres => "PostgreSQL",
    };
    let (today, horizon) = (page.now.day(), page.now.day().plus(Policy::default().horizon_days));
    let (first, last) = (today.year(), horizon.year());
    let calendar = store::calendar::load(&mut conn, today.plus(-366), horizon.plus(366)).await?;
    let answer = HealthPage {
        years_without_calendar: (first..=last).filter(|year| !calendar.knows_year(*year)).collect(),
        engine,
        version: env!("CARGO_PKG_VERSION"),
        waiting: store::outbox::count(&mut conn, Some(Fate::Waiting)).await?,
        retrying: store::outbox::count(&mut conn, Some(Fate::Retrying)).await?,
        given_up: store::outbox::count(&mut conn, Some(Fate::Failed)).await?,
        oldest: store::outbox::find_oldest_waiting(&mut conn).await?,
        touched_days: store::job_runs::count_touched_days(&mut conn).await?,
        unsealed: store::audit::count_unsealed(&mut conn).await?,
        seal: store::audit::find_last_seal(&mut conn).await?,
        seals_to: app.config.seals_to.clone(),
        seal_sent_at: store::outbox::find_last_delivered(&mut conn, SENT).await?,
        page,
    };
    drop(conn);
    show(&answer)
}
