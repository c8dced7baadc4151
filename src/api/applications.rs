//! `/api/v1/voucher-applications`: an enterprise asks, the bureau of its region grants or rejects.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::ListView;
use crate::actions::applications::{self, ApplicationForm};
use crate::actions::programmes::YEARS;
use crate::app::App;
use crate::base::time::Instant;
use crate::body;
use crate::domain::roles::Verb;
use crate::domain::vouchers::ApplicationState;
use crate::http::body::Body;
use crate::http::idempotency::Write;
use crate::http::problem::Problem;
use crate::http::query::{PathId, Query};
use crate::http::{Caller, Error};
use crate::store;
use crate::store::applications::{Application, Filter};

body! {
    /// What an enterprise asks for.
    pub struct ApplicationBody {
        /// For which year.
        year: i64,
        /// How much, in fen.
        amount_fen: i64,
        /// 入库登记编号 of the enterprise.
        sme_number: String,
    }
}

body! {
    /// A grant.
    pub struct GrantBody {
        /// How much, in fen; what was asked for unless set.
        amount_fen: Option<i64>,
        /// The version that was seen; a stale one is 409.
        version: Option<i64>,
    }
}

body! {
    /// A rejection.
    pub struct RejectApplicationBody {
        /// Why.
        reason: String,
        /// The version that was seen; a stale one is 409.
        version: Option<i64>,
    }
}

/// An organisation, as others name it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PartyView {
    /// 统一社会信用代码.
    pub uscc: String,
    /// Current name.
    pub name: String,
}

/// An application.
#[derive(Debug, Serialize, ToSchema)]
pub struct ApplicationView {
    /// Id.
    pub id: String,
    /// For which year.
    pub year: i64,
    /// Who asks.
    pub enterprise: PartyView,
    /// How much is asked for.
    pub amount_fen: i64,
    /// 入库登记编号.
    pub sme_number: String,
    /// `filed`, `approved` or `rejected`.
    pub state: ApplicationState,
    /// When it was filed.
    pub filed_at: Instant,
    /// How much was granted.
    pub granted_fen: Option<i64>,
    /// When it was decided.
    pub decided_at: Option<Instant>,
    /// Why it was rejected.
    pub reason: Option<String>,
    /// 1 while filed, 2 when decided.
    pub version: i64,
}

impl From<Application> for ApplicationView {
    fn from(row: Application) -> Self {
        let version = row.version();
        Self {
            id: row.id,
            year: row.year,
            enterprise: PartyView { uscc: row.uscc, name: row.enterprise },
            amount_fen: row.amount_fen,
            sme_number: row.sme_number,
            state: row.state,
            filed_at: row.filed_at,
            granted_fen: row.granted_fen,
            decided_at: row.decided_at,
            reason: Some(row.reason).filter(|reason| !reason.is_empty()),
            version,
        }
    }
}

/// Applies for a voucher.
#[utoipa::path(post, path = "/voucher-applications", tag = "vouchers", request_body = ApplicationBody, responses(
    (status = 201, body = ApplicationView),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
    (status = 422, body = Problem, content_type = "application/problem+json"),
))]
async fn file(State(app): State<Arc<App>>, caller: Caller, write: Write, body: Body) -> Result<Response, Error> {
    caller.require(Verb::ManageVouchers)?;
    let read: ApplicationBody = body.read()?;
    let form = ApplicationForm { year: read.year, amount_fen: read.amount_fen, sme_number: read.sme_number };
    let act = caller.act(&app)?;
    let run = write.run(&app, &caller, &act, &body, StatusCode::CREATED, |tx| {
        let (act, form) = (&act, &form);
        Box::pin(async move { Ok(ApplicationView::from(applications::apply(tx, act, form).await?)) })
    });
    run.await
}

/// The applications of one's own enterprise, or to one's own bureau, the newest first.
#[utoipa::path(get, path = "/voucher-applications", tag = "vouchers",
    params(("state" = Option<String>, Query), ("year" = Option<i64>, Query), ("limit" = Option<i64>, Query), ("after" = Option<String>, Query)), responses(
    (status = 200, body = ListView<ApplicationView>),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
    (status = 422, body = Problem, content_type = "application/problem+json"),
))]
async fn list(State(app): State<Arc<App>>, caller: Caller, mut query: Query) -> Result<Response, Error> {
    let member = caller.require_any(&[Verb::Claim, Verb::ReadLedger])?;
    let (state, year, page) = (query.word("state", ApplicationState::parse), query.number("year", YEARS.0, YEARS.1), query.page());
    query.done()?;
    let own = Some(member.organisation_id.clone());
    let (enterprise_id, bureau_id) = if member.may(Verb::ReadLedger) { (None, own) } else { (own, None) };
    let filter = Filter { enterprise_id, bureau_id, state, year };
    let listed = store::applications::list(&mut *app.db.read().await?, &filter, page).await?;
    Ok(Json(ListView::from(listed.map(ApplicationView::from))).into_response())
}

/// The application is to the caller's bureau, or is not there for them.
async fn seen(app: &App, caller: &Caller, id: &str) -> Result<(), Error> {
    let bureau_id = &caller.require(Verb::RunProgrammes)?.organisation_id;
    let found = store::applications::find(&mut *app.db.read().await?, id).await?;
    found.filter(|application| application.bureau_id == *bureau_id).map(|_| ()).ok_or(Error::NOT_FOUND)
}

/// Grants a voucher: what was asked for, or another amount. The sum of grants never exceeds the budget and its over-commitment.
#[utoipa::path(post, path = "/voucher-applications/{id}/approve", tag = "vouchers", params(("id" = String, Path)), request_body = GrantBody, responses(
    (status = 200, body = ApplicationView),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
    (status = 404, body = Problem, content_type = "application/problem+json"),
    (status = 409, body = Problem, content_type = "application/problem+json"),
    (status = 422, body = Problem, content_type = "application/problem+json"),
))]
async fn approve(State(app): State<Arc<App>>, caller: Caller, write: Write, PathId(id): PathId, body: Body) -> Result<Response, Error> {
    seen(&app, &caller, &id).await?;
    let read: GrantBody = body.read_or_empty()?;
    let act = caller.act(&app)?;
    let run = write.run(&app, &caller, &act, &body, StatusCode::OK, |tx| {
        let (act, id, read) = (&act, &id, &read);
        Box::pin(async move { Ok(ApplicationView::from(applications::approve(tx, act, id, read.amount_fen, read.version).await?)) })
    });
    run.await
}

/// Rejects an application.
#[utoipa::path(post, path = "/voucher-applications/{id}/reject", tag = "vouchers", params(("id" = String, Path)), request_body = RejectApplicationBody, responses(
    (status = 200, body = ApplicationView),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
    (status = 404, body = Problem, content_type = "application/problem+json"),
    (status = 409, body = Problem, content_type = "application/problem+json"),
    (status = 422, body = Problem, content_type = "application/problem+json"),
))]
async fn reject(State(app): State<Arc<App>>, caller: Caller, write: Write, PathId(id): PathId, body: Body) -> Result<Response, Error> {
    seen(&app, &caller, &id).await?;
    let read: RejectApplicationBody = body.read()?;
    let act = caller.act(&app)?;
    let run = write.run(&app, &caller, &act, &body, StatusCode::OK, |tx| {
        let (act, id, read) = (&act, &id, &read);
        Box::pin(async move { Ok(ApplicationView::from(applications::reject(tx, act, id, &read.reason, read.version).await?)) })
    });
    run.await
}

/// The routes of this noun.
pub fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(file, list)).routes(routes!(approve)).routes(routes!(reject))
}
