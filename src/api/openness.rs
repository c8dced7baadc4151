//! Openness over the API: of an instrument, an institution, a region. To the owner and the bureau; the public sees what is published.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::actions::openness::{self, InstrumentReport, Line, Report, report::Whole};
use crate::app::App;
use crate::base::uscc::Uscc;
use crate::domain::openness::Period;
use crate::domain::refusals::Violation;
use crate::domain::roles::{Side, Verb};
use crate::http::problem::Problem;
use crate::http::query::{PathId, Query};
use crate::http::{Caller, Error};
use crate::store;

/// The one field of these addresses.
fn read_period(mut query: Query) -> Result<Period, Error> {
    let Some(text) = query.text("period").map(str::to_owned) else {
        query.done()?;
        return Err(Error::violation(Violation::required("period")));
    };
    let period = Period::parse(&text);
    if period.is_none() {
        query.refuse("period", "not_a_period");
    }
    query.done()?;
    period.ok_or(Error::NOT_FOUND)
}

/// Hours and ratios of one instrument. To its owner and the bureau.
#[utoipa::path(
    get,
    path = "/openness/instruments/{id}",
    tag = "openness",
    params(("id" = String, Path, description = "Instrument"), ("period" = String, Query, description = "`2026`, `2026-10` or `2026-10-05`")),
    responses(
        (status = 200, body = InstrumentReport),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    )
)]
async fn instrument(State(app): State<Arc<App>>, caller: Caller, PathId(id): PathId, query: Query) -> Result<Json<InstrumentReport>, Error> {
    let member = caller.require_any(&[Verb::ReadOwnOpenness, Verb::ReadAllOpenness])?;
    let mut tx = app.db.snapshot().await?;
    let owner = store::instruments::find_owner(&mut tx, &id).await?.ok_or(Error::NOT_FOUND)?;
    if owner != member.organisation_id && !openness::bureau_sees(&mut tx, member, &owner).await? {
        return Err(Error::NOT_FOUND);
    }
    let period = read_period(query)?;
    let party = store::organisations::find(&mut tx, &owner).await?.ok_or(Error::NOT_FOUND)?;
    Ok(Json(openness::instrument(&mut tx, app.clock.now(), &id, &party.region_code, period).await?))
}

/// Figures of one institution, by instrument. To the institution and the bureau.
#[utoipa::path(
    get,
    path = "/openness/institutions/{uscc}",
    tag = "openness",
    params(("uscc" = String, Path, description = "统一社会信用代码"), ("period" = String, Query, description = "`2026`, `2026-10` or `2026-10-05`")),
    responses(
        (status = 200, body = Whole<Line>),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    )
)]
async fn institution(State(app): State<Arc<App>>, caller: Caller, PathId(uscc): PathId, query: Query) -> Result<Json<Whole<Line>>, Error> {
    let member = caller.require_any(&[Verb::ReadOwnOpenness, Verb::ReadAllOpenness])?;
    let mut conn = app.db.read().await?;
    let uscc = Uscc::parse(&uscc).map_err(|_| Error::NOT_FOUND)?;
    let party = store::organisations::find_by_uscc(&mut conn, uscc.as_str()).await?.ok_or(Error::NOT_FOUND)?;
    let is_institution = store::organisations::list_sides(&mut conn, &party.id).await?.contains(&Side::Institution);
    let own = member.side == Side::Institution && member.organisation_id == party.id;
    if !is_institution || !(own || openness::bureau_sees(&mut conn, member, &party.id).await?) {
        return Err(Error::NOT_FOUND);
    }
    drop(conn);
    let period = read_period(query)?;
    let act = caller.act(&app)?;
    let salt = openness::salt(&app.db, period).await?;
    let mut tx = app.db.snapshot().await?;
    Ok(Json(openness::institution(&mut tx, &app.digests, act.now, &party, period, &salt).await?))
}

/// Figures of the caller's bureau's region, by institution. To the bureau.
#[utoipa::path(
    get,
    path = "/openness/city",
    tag = "openness",
    params(("period" = String, Query, description = "`2026`, `2026-10` or `2026-10-05`")),
    responses(
        (status = 200, body = Whole<Report>),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    )
)]
async fn city(State(app): State<Arc<App>>, caller: Caller, query: Query) -> Result<Json<Whole<Report>>, Error> {
    let member = caller.require(Verb::ReadAllOpenness)?;
    let bureau = store::organisations::find(&mut *app.db.read().await?, &member.organisation_id).await?.ok_or(Error::NOT_FOUND)?;
    let period = read_period(query)?;
    let act = caller.act(&app)?;
    let salt = openness::salt(&app.db, period).await?;
    let mut tx = app.db.snapshot().await?;
    Ok(Json(openness::city(&mut tx, &app.digests, act.now, &bureau.region_code, period, &salt).await?))
}

/// The routes of this noun.
pub fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(instrument)).routes(routes!(institution)).routes(routes!(city))
}
