//! What the bureau does with claims: approve, reject, send back, pay, claw back. Four eyes are persons.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{ClaimView, seen};
use crate::actions::claims::{payment, review, whole};
use crate::app::App;
use crate::body;
use crate::domain::roles::{Side, Verb};
use crate::http::body::Body;
use crate::http::idempotency::Write;
use crate::http::problem::Problem;
use crate::http::query::PathId;
use crate::http::{Caller, Error};

body! {
    /// An approval.
    pub struct ApproveBody {
        /// What there is to say.
        note: Option<String>,
        /// The version that was seen; a stale one is 409.
        version: Option<i64>,
    }
}

body! {
    /// A decision that needs a reason.
    pub struct ReasonBody {
        /// Why; the enterprise reads it.
        reason: String,
        /// The version that was seen; a stale one is 409.
        version: Option<i64>,
    }
}

body! {
    /// A payment.
    pub struct PayBody {
        /// The bank's reference.
        bank_reference: String,
        /// The version that was seen; a stale one is 409.
        version: Option<i64>,
    }
}

body! {
    /// Money clawed back.
    pub struct ClawBackBody {
        /// Why; the enterprise reads it.
        reason: String,
        /// How much, in fen; at most what was paid.
        amount_fen: i64,
        /// The version that was seen; a stale one is 409.
        version: Option<i64>,
    }
}

/// Approves a claim; with a warning, or drawn, it then waits for another person. The last approval redeems its amount.
#[utoipa::path(post, path = "/claims/{id}/approve", tag = "claims", params(("id" = String, Path)), request_body = ApproveBody, responses(
    (status = 200, body = ClaimView),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
    (status = 404, body = Problem, content_type = "application/problem+json"),
    (status = 409, body = Problem, content_type = "application/problem+json"),
    (status = 422, body = Problem, content_type = "application/problem+json"),
))]
async fn approve(State(app): State<Arc<App>>, caller: Caller, write: Write, PathId(id): PathId, body: Body) -> Result<Response, Error> {
    caller.require(Verb::ReviewClaims)?;
    seen(&app, &caller, &id).await?;
    let read: ApproveBody = body.read_or_empty()?;
    let act = caller.act(&app)?;
    let run = write.run(&app, &caller, &act, &body, StatusCode::OK, |tx| {
        let (act, id, read) = (&act, &id, &read);
        Box::pin(async move {
            let claim = review::approve(tx, act, id, read.note.as_deref(), read.version).await?;
            Ok(ClaimView::new(whole(tx, claim).await?, Side::Bureau))
        })
    });
    run.await
}

/// Rejects a claim: its amount goes back to the holds it came from.
#[utoipa::path(post, path = "/claims/{id}/reject", tag = "claims", params(("id" = String, Path)), request_body = ReasonBody, responses(
    (status = 200, body = ClaimView),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
    (status = 404, body = Problem, content_type = "application/problem+json"),
    (status = 409, body = Problem, content_type = "application/problem+json"),
    (status = 422, body = Problem, content_type = "application/problem+json"),
))]
async fn reject(State(app): State<Arc<App>>, caller: Caller, write: Write, PathId(id): PathId, body: Body) -> Result<Response, Error> {
    caller.require(Verb::ReviewClaims)?;
    seen(&app, &caller, &id).await?;
    let read: ReasonBody = body.read()?;
    let act = caller.act(&app)?;
    let run = write.run(&app, &caller, &act, &body, StatusCode::OK, |tx| {
        let (act, id, read) = (&act, &id, &read);
        Box::pin(async move {
            let claim = review::reject(tx, act, id, &read.reason, read.version).await?;
            Ok(ClaimView::new(whole(tx, claim).await?, Side::Bureau))
        })
    });
    run.await
}

/// Sends a claim back, to be answered by the enterprise.
#[utoipa::path(post, path = "/claims/{id}/send-back", tag = "claims", params(("id" = String, Path)), request_body = ReasonBody, responses(
    (status = 200, body = ClaimView),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
    (status = 404, body = Problem, content_type = "application/problem+json"),
    (status = 409, body = Problem, content_type = "application/problem+json"),
    (status = 422, body = Problem, content_type = "application/problem+json"),
))]
async fn send_back(State(app): State<Arc<App>>, caller: Caller, write: Write, PathId(id): PathId, body: Body) -> Result<Response, Error> {
    caller.require(Verb::ReviewClaims)?;
    seen(&app, &caller, &id).await?;
    let read: ReasonBody = body.read()?;
    let act = caller.act(&app)?;
    let run = write.run(&app, &caller, &act, &body, StatusCode::OK, |tx| {
        let (act, id, read) = (&act, &id, &read);
        Box::pin(async move {
            let claim = review::send_back(tx, act, id, &read.reason, read.version).await?;
            Ok(ClaimView::new(whole(tx, claim).await?, Side::Bureau))
        })
    });
    run.await
}

/// Pays an approved claim.
#[utoipa::path(post, path = "/claims/{id}/pay", tag = "claims", params(("id" = String, Path)), request_body = PayBody, responses(
    (status = 200, body = ClaimView),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
    (status = 404, body = Problem, content_type = "application/problem+json"),
    (status = 409, body = Problem, content_type = "application/problem+json"),
    (status = 422, body = Problem, content_type = "application/problem+json"),
))]
async fn pay(State(app): State<Arc<App>>, caller: Caller, write: Write, PathId(id): PathId, body: Body) -> Result<Response, Error> {
    caller.require(Verb::RunProgrammes)?;
    seen(&app, &caller, &id).await?;
    let read: PayBody = body.read()?;
    let act = caller.act(&app)?;
    let run = write.run(&app, &caller, &act, &body, StatusCode::OK, |tx| {
        let (act, id, read) = (&act, &id, &read);
        Box::pin(async move {
            let claim = payment::pay(tx, act, id, &read.bank_reference, read.version).await?;
            Ok(ClaimView::new(whole(tx, claim).await?, Side::Bureau))
        })
    });
    run.await
}

/// Claws paid money back: the enterprise loses its eligibility for this year and three more.
#[utoipa::path(post, path = "/claims/{id}/claw-back", tag = "claims", params(("id" = String, Path)), request_body = ClawBackBody, responses(
    (status = 200, body = ClaimView),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
    (status = 404, body = Problem, content_type = "application/problem+json"),
    (status = 409, body = Problem, content_type = "application/problem+json"),
    (status = 422, body = Problem, content_type = "application/problem+json"),
))]
async fn claw_back(State(app): State<Arc<App>>, caller: Caller, write: Write, PathId(id): PathId, body: Body) -> Result<Response, Error> {
    caller.require(Verb::RunProgrammes)?;
    seen(&app, &caller, &id).await?;
    let read: ClawBackBody = body.read()?;
    let act = caller.act(&app)?;
    let run = write.run(&app, &caller, &act, &body, StatusCode::OK, |tx| {
        let (act, id, read) = (&act, &id, &read);
        Box::pin(async move {
            let claim = payment::claw_back(tx, act, id, &read.reason, read.amount_fen, read.version).await?;
            Ok(ClaimView::new(whole(tx, claim).await?, Side::Bureau))
        })
    });
    run.await
}

/// The bureau's routes of this noun.
pub fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(approve)).routes(routes!(reject)).routes(routes!(send_back)).routes(routes!(pay)).routes(routes!(claw_back))
}
