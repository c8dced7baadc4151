//! `/api/v1/programmes`: the terms of a year's vouchers, read by enterprises and the bureau, written by its officers.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::actions::programmes::{self, TermsForm};
use crate::app::App;
use crate::base::time::Day;
use crate::body;
use crate::domain::roles::Verb;
use crate::http::body::Body;
use crate::http::idempotency::Write;
use crate::http::problem::Problem;
use crate::http::query::PathId;
use crate::http::{Caller, Error};
use crate::store::programmes::{Programme, Version};

body! {
    /// New terms of a year.
    pub struct ProgrammeBody {
        /// Share that is reimbursed, in basis points.
        rate_bp: i64,
        /// Most that one enterprise is granted in the year, in fen.
        cap_fen: i64,
        /// Shares are rounded down to this, in fen; 100 unless set.
        rounding_fen: Option<i64>,
        /// Budget, in fen.
        budget_fen: i64,
        /// How much of the budget may be granted, in percent.
        commit_percent: i64,
        /// 使用截止: last day of use.
        use_by: Day,
        /// 兑付截止: last day on which a claim may be filed.
        redeem_by: Day,
        /// How many claims in a hundred are drawn for a second review; 10 unless set.
        draw_percent: Option<i64>,
        /// The document that set the terms.
        source: String,
        /// The day from which they hold; today unless set.
        valid_from: Option<Day>,
    }
}

/// The terms in force of a year.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProgrammeView {
    /// The year.
    pub year: i64,
    /// Counts from 1.
    pub version: i64,
    /// The day from which this version holds.
    pub valid_from: Day,
    /// Share that is reimbursed, in basis points.
    pub rate_bp: i64,
    /// Most that one enterprise is granted in the year.
    pub cap_fen: i64,
    /// Shares are rounded down to this.
    pub rounding_fen: i64,
    /// Budget.
    pub budget_fen: i64,
    /// How much of the budget may be granted, in percent.
    pub commit_percent: i64,
    /// Last day of use.
    pub use_by: Day,
    /// Last day on which a claim may be filed.
    pub redeem_by: Day,
    /// How many claims in a hundred are drawn for a second review.
    pub draw_percent: i64,
    /// The document that set the terms.
    pub source: String,
}

impl From<(Programme, Version)> for ProgrammeView {
    fn from((programme, version): (Programme, Version)) -> Self {
        Self {
            year: programme.year,
            version: version.version,
            valid_from: version.valid_from_on,
            rate_bp: version.rate_bp,
            cap_fen: version.cap_fen,
            rounding_fen: version.rounding_fen,
            budget_fen: version.budget_fen,
            commit_percent: version.commit_percent,
            use_by: version.use_by_on,
            redeem_by: version.redeem_by_on,
            draw_percent: version.draw_percent,
            source: version.source,
        }
    }
}

/// A year as it stands in a path; anything else names nothing.
fn year(text: &str) -> Result<i64, Error> {
    let plain = text.len() == 4 && text.bytes().all(|b| b.is_ascii_digit());
    text.parse::<i64>().ok().filter(|year| plain && (programmes::YEARS.0..=programmes::YEARS.1).contains(year)).ok_or(Error::NOT_FOUND)
}

/// The terms in force of a year, of one's own bureau or the one responsible for one's region.
#[utoipa::path(get, path = "/programmes/{year}", tag = "vouchers", params(("year" = i64, Path)), responses(
    (status = 200, body = ProgrammeView),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
    (status = 404, body = Problem, content_type = "application/problem+json"),
))]
async fn one(State(app): State<Arc<App>>, caller: Caller, PathId(text): PathId) -> Result<Response, Error> {
    let member = caller.require_any(&[Verb::Claim, Verb::ReadLedger])?;
    let year = year(&text)?;
    let mut conn = app.db.read().await?;
    let found = programmes::find(&mut conn, app.clock.now().day(), member, year).await?.ok_or(Error::NOT_FOUND)?;
    Ok(Json(ProgrammeView::from(found)).into_response())
}

/// Writes a new version of the terms of a year; what was booked before stays under the old one.
#[utoipa::path(put, path = "/programmes/{year}", tag = "vouchers", params(("year" = i64, Path)), request_body = ProgrammeBody, responses(
    (status = 200, body = ProgrammeView),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
    (status = 404, body = Problem, content_type = "application/problem+json"),
    (status = 422, body = Problem, content_type = "application/problem+json"),
))]
async fn write(State(app): State<Arc<App>>, caller: Caller, write: Write, PathId(text): PathId, body: Body) -> Result<Response, Error> {
    caller.require(Verb::RunProgrammes)?;
    let year = year(&text)?;
    let read: ProgrammeBody = body.read()?;
    let form = TermsForm {
        year,
        rate_bp: read.rate_bp,
        cap_fen: read.cap_fen,
        rounding_fen: read.rounding_fen,
        budget_fen: read.budget_fen,
        commit_percent: read.commit_percent,
        use_by: read.use_by,
        redeem_by: read.redeem_by,
        draw_percent: read.draw_percent,
        source: read.source,
        valid_from: read.valid_from,
    };
    let act = caller.act(&app)?;
    let run = write.run(&app, &caller, &act, &body, StatusCode::OK, |tx| {
        let (act, form) = (&act, &form);
        Box::pin(async move { Ok(ProgrammeView::from(programmes::write(tx, act, form).await?)) })
    });
    run.await
}

/// The routes of this noun.
pub fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(one, write))
}
