//! What is done with a booking over the API. Each answers the booking.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::views::BookingView;
use super::visible;
use crate::actions::bookings::{ActForm, answers, attendance};
use crate::actions::{self, Act, Outcome, holds};
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
use crate::store::db::Work;

body! {
    /// An act that needs no reason.
    pub struct VersionBody {
        /// The version that the client saw; a stale one is 409.
        version: Option<i64>,
    }
}

body! {
    /// An act that needs a reason.
    pub struct ReasonBody {
        /// Why; both parties read it.
        reason: String,
        /// The version that the client saw; a stale one is 409.
        version: Option<i64>,
    }
}

/// A request to act on one booking.
struct Call {
    app: Arc<App>,
    caller: Caller,
    write: Write,
    id: String,
    body: Body,
}

impl Call {
    /// 401, 403 and 404 come before the body is judged.
    async fn admit(&self, verbs: &[Verb]) -> Result<(), Error> {
        let member = self.caller.require_any(verbs)?;
        visible(&self.app, member, &self.id).await.map(|_| ())
    }

    fn plain(&self) -> Result<ActForm, Error> {
        let body = self.body.read_or_empty::<VersionBody>()?;
        Ok(ActForm { booking_id: self.id.clone(), reason: String::new(), version: body.version })
    }

    fn reasoned(&self) -> Result<ActForm, Error> {
        let body = self.body.read::<ReasonBody>()?;
        Ok(ActForm { booking_id: self.id.clone(), reason: body.reason, version: body.version })
    }

    /// Runs one verb in one transaction and answers the booking.
    async fn run(
        &self,
        form: ActForm,
        verb: impl for<'t> Fn(&'t mut Tx<'_>, &'t Act, &'t ActForm) -> Work<'t, Booking, actions::Error> + Send + Sync,
    ) -> Result<Response, Error> {
        let act = self.caller.act(&self.app)?;
        self.write
            .run(&self.app, &self.caller, &act, &self.body, StatusCode::OK, |tx| {
                let (act, form, verb) = (&act, &form, &verb);
                Box::pin(async move {
                    let booking = verb(tx, act, form).await?;
                    let held_fen = holds::held(tx, &booking.id).await?;
                    Outcome::Ok(BookingView::new(&booking, held_fen))
                })
            })
            .await
    }
}

/// A manager agrees to a request: slot and hold are kept.
#[utoipa::path(post, path = "/bookings/{id}/approve", tag = "bookings", params(("id" = String, Path)), request_body = VersionBody, responses(
    (status = 200, body = BookingView),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
    (status = 404, body = Problem, content_type = "application/problem+json"),
    (status = 409, body = Problem, content_type = "application/problem+json"),
    (status = 422, body = Problem, content_type = "application/problem+json"),
))]
async fn approve(State(app): State<Arc<App>>, caller: Caller, write: Write, PathId(id): PathId, body: Body) -> Result<Response, Error> {
    let call = Call { app, caller, write, id, body };
    call.admit(&[Verb::ManageInstruments]).await?;
    call.run(call.plain()?, |tx, act, form| Box::pin(answers::approve(tx, act, form))).await
}

/// A manager declines a request: slot and hold are given back.
#[utoipa::path(post, path = "/bookings/{id}/decline", tag = "bookings", params(("id" = String, Path)), request_body = ReasonBody, responses(
    (status = 200, body = BookingView),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
    (status = 404, body = Problem, content_type = "application/problem+json"),
    (status = 409, body = Problem, content_type = "application/problem+json"),
    (status = 422, body = Problem, content_type = "application/problem+json"),
))]
async fn decline(State(app): State<Arc<App>>, caller: Caller, write: Write, PathId(id): PathId, body: Body) -> Result<Response, Error> {
    let call = Call { app, caller, write, id, body };
    call.admit(&[Verb::ManageInstruments]).await?;
    call.run(call.reasoned()?, |tx, act, form| Box::pin(answers::decline(tx, act, form))).await
}

/// The enterprise or a manager cancels before the start: slot and hold are given back.
#[utoipa::path(post, path = "/bookings/{id}/cancel", tag = "bookings", params(("id" = String, Path)), request_body = ReasonBody, responses(
    (status = 200, body = BookingView),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
    (status = 404, body = Problem, content_type = "application/problem+json"),
    (status = 409, body = Problem, content_type = "application/problem+json"),
    (status = 422, body = Problem, content_type = "application/problem+json"),
))]
async fn cancel(State(app): State<Arc<App>>, caller: Caller, write: Write, PathId(id): PathId, body: Body) -> Result<Response, Error> {
    let call = Call { app, caller, write, id, body };
    call.admit(&[Verb::Book, Verb::ManageInstruments]).await?;
    call.run(call.reasoned()?, |tx, act, form| Box::pin(answers::cancel(tx, act, form))).await
}

/// Checks in, from 30 minutes before the start to the end.
#[utoipa::path(post, path = "/bookings/{id}/check-in", tag = "bookings", params(("id" = String, Path)), request_body = VersionBody, responses(
    (status = 200, body = BookingView),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
    (status = 404, body = Problem, content_type = "application/problem+json"),
    (status = 409, body = Problem, content_type = "application/problem+json"),
    (status = 422, body = Problem, content_type = "application/problem+json"),
))]
async fn check_in(State(app): State<Arc<App>>, caller: Caller, write: Write, PathId(id): PathId, body: Body) -> Result<Response, Error> {
    let call = Call { app, caller, write, id, body };
    call.admit(&[Verb::Book, Verb::RunInstruments]).await?;
    call.run(call.plain()?, |tx, act, form| Box::pin(attendance::check_in(tx, act, form))).await
}

/// Checks out: the use is recorded, and the slot ends with it when that is earlier.
#[utoipa::path(post, path = "/bookings/{id}/check-out", tag = "bookings", params(("id" = String, Path)), request_body = VersionBody, responses(
    (status = 200, body = BookingView),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
    (status = 404, body = Problem, content_type = "application/problem+json"),
    (status = 409, body = Problem, content_type = "application/problem+json"),
    (status = 422, body = Problem, content_type = "application/problem+json"),
))]
async fn check_out(State(app): State<Arc<App>>, caller: Caller, write: Write, PathId(id): PathId, body: Body) -> Result<Response, Error> {
    let call = Call { app, caller, write, id, body };
    call.admit(&[Verb::Book, Verb::RunInstruments]).await?;
    call.run(call.plain()?, |tx, act, form| Box::pin(attendance::check_out(tx, act, form))).await
}

/// A manager undoes a no-show within ten working days: completed, without slot.
#[utoipa::path(post, path = "/bookings/{id}/undo-no-show", tag = "bookings", params(("id" = String, Path)), request_body = ReasonBody, responses(
    (status = 200, body = BookingView),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
    (status = 404, body = Problem, content_type = "application/problem+json"),
    (status = 409, body = Problem, content_type = "application/problem+json"),
    (status = 422, body = Problem, content_type = "application/problem+json"),
))]
async fn undo_no_show(State(app): State<Arc<App>>, caller: Caller, write: Write, PathId(id): PathId, body: Body) -> Result<Response, Error> {
    let call = Call { app, caller, write, id, body };
    call.admit(&[Verb::ManageInstruments]).await?;
    call.run(call.reasoned()?, |tx, act, form| Box::pin(attendance::undo_no_show(tx, act, form))).await
}

/// The routes of this noun's acts.
pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(approve))
        .routes(routes!(decline))
        .routes(routes!(cancel))
        .routes(routes!(check_in))
        .routes(routes!(check_out))
        .routes(routes!(undo_no_show))
}
