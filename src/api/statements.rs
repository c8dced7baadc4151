//! Statements over the API: issuing one, confirming, disputing. Each answers the booking.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::bookings::views::BookingView;
use super::bookings::visible;
use crate::actions::statements::{StatementForm, confirm, dispute, issue};
use crate::actions::{Outcome, holds};
use crate::app::App;
use crate::body;
use crate::domain::roles::Verb;
use crate::http::body::Body;
use crate::http::idempotency::Write;
use crate::http::problem::Problem;
use crate::http::query::PathId;
use crate::http::{Caller, Error};
use crate::store::Tx;
use crate::store::bookings::Booking;

body! {
    /// What a statement says.
    struct StatementBody {
        /// The fee; left out: what use and price give.
        actual_fen: Option<i64>,
        /// Needed where the fee differs from the record, or nothing is recorded.
        reason: Option<String>,
        /// The booking's version that the client saw; a stale one is 409.
        version: Option<i64>,
    }
}

body! {
    /// A statement is confirmed.
    struct ConfirmBody {
        /// The booking's version that the client saw; a stale one is 409.
        version: Option<i64>,
    }
}

body! {
    /// A statement is disputed.
    struct DisputeBody {
        /// Why; the institution reads it.
        reason: String,
        /// The booking's version that the client saw; a stale one is 409.
        version: Option<i64>,
    }
}

/// 401, 403 and 404 come before the body is judged.
async fn admit(app: &App, caller: &Caller, verb: Verb, id: &str) -> Result<(), Error> {
    let member = caller.require(verb)?;
    visible(app, member, id).await.map(|_| ())
}

async fn view(tx: &mut Tx<'_>, booking: &Booking) -> Outcome<BookingView> {
    let held_fen = holds::held(tx, &booking.id).await?;
    Ok(BookingView::new(booking, held_fen))
}

/// The institution issues a statement, also again until it is settled; the hold is adjusted to it.
#[utoipa::path(post, path = "/bookings/{id}/statement", tag = "statements", params(("id" = String, Path)), request_body = StatementBody, responses(
    (status = 200, body = BookingView),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
    (status = 404, body = Problem, content_type = "application/problem+json"),
    (status = 409, body = Problem, content_type = "application/problem+json"),
    (status = 422, body = Problem, content_type = "application/problem+json"),
))]
async fn post_statement(State(app): State<Arc<App>>, caller: Caller, write: Write, PathId(id): PathId, body: Body) -> Result<Response, Error> {
    admit(&app, &caller, Verb::IssueStatements, &id).await?;
    let read = body.read_or_empty::<StatementBody>()?;
    let form = StatementForm { actual_fen: read.actual_fen, reason: read.reason.unwrap_or_default(), version: read.version };
    let act = caller.act(&app)?;
    write
        .run(&app, &caller, &act, &body, StatusCode::OK, |tx| {
            let (act, id, form) = (&act, &id, &form);
            Box::pin(async move {
                let booking = issue(tx, act, id, form).await?;
                view(tx, &booking).await
            })
        })
        .await
}

/// The customer confirms the statement: settled, and from now on it can be claimed.
#[utoipa::path(post, path = "/bookings/{id}/confirm", tag = "statements", params(("id" = String, Path)), request_body = ConfirmBody, responses(
    (status = 200, body = BookingView),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
    (status = 404, body = Problem, content_type = "application/problem+json"),
    (status = 409, body = Problem, content_type = "application/problem+json"),
    (status = 422, body = Problem, content_type = "application/problem+json"),
))]
async fn post_confirm(State(app): State<Arc<App>>, caller: Caller, write: Write, PathId(id): PathId, body: Body) -> Result<Response, Error> {
    admit(&app, &caller, Verb::AnswerStatement, &id).await?;
    let version = body.read_or_empty::<ConfirmBody>()?.version;
    let act = caller.act(&app)?;
    write
        .run(&app, &caller, &act, &body, StatusCode::OK, |tx| {
            let (act, id) = (&act, &id);
            Box::pin(async move {
                let booking = confirm(tx, act, id, version).await?;
                view(tx, &booking).await
            })
        })
        .await
}

/// The customer disputes the statement: the clock stops until a new one.
#[utoipa::path(post, path = "/bookings/{id}/dispute", tag = "statements", params(("id" = String, Path)), request_body = DisputeBody, responses(
    (status = 200, body = BookingView),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
    (status = 404, body = Problem, content_type = "application/problem+json"),
    (status = 409, body = Problem, content_type = "application/problem+json"),
    (status = 422, body = Problem, content_type = "application/problem+json"),
))]
async fn post_dispute(State(app): State<Arc<App>>, caller: Caller, write: Write, PathId(id): PathId, body: Body) -> Result<Response, Error> {
    admit(&app, &caller, Verb::AnswerStatement, &id).await?;
    let form = body.read::<DisputeBody>()?;
    let act = caller.act(&app)?;
    write
        .run(&app, &caller, &act, &body, StatusCode::OK, |tx| {
            let (act, id, form) = (&act, &id, &form);
            Box::pin(async move {
                let booking = dispute(tx, act, id, &form.reason, form.version).await?;
                view(tx, &booking).await
            })
        })
        .await
}

/// The routes of this noun.
pub fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(post_statement)).routes(routes!(post_confirm)).routes(routes!(post_dispute))
}
