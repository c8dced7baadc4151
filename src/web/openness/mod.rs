//! Openness as pages: from the region to the institution, the instrument, the day and the segments below it. `/bureau/openness` for the
//! bureau, `/lab/openness` for the owner; the same pages, from where each may look.

mod drawn;
mod export;
mod institution;
mod instrument;
mod region;

use std::sync::Arc;

use axum::Router;
use axum::routing::get;

use crate::app::App;
use crate::base::time::Day;
use crate::domain::openness::Period;
use crate::http::Error;
use crate::http::query::Query;

/// The routes.
pub fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/bureau/openness", get(region::show))
        .route("/bureau/openness/export", get(export::region))
        .route("/bureau/openness/institutions/{uscc}", get(institution::for_bureau))
        .route("/bureau/openness/instruments/{id}", get(instrument::for_bureau))
        .route("/lab/openness", get(institution::for_owner))
        .route("/lab/openness/export", get(export::institution))
        .route("/lab/openness/instruments/{id}", get(instrument::for_owner))
}

/// The period of an address; this year where it names none.
fn read_period(mut query: Query, today: Day) -> Result<Period, Error> {
    let period = query.word("period", Period::parse);
    query.done()?;
    Ok(period.unwrap_or_else(|| Period::year_of(today)))
}
