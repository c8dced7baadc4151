//! Bookings over the API: placing one, looking through them. Beside: `acts` (what is done with one), [`views`] (how one is sent).

mod acts;
pub mod views;

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::ListView;
use super::quotes::QuoteBody;
use crate::actions::bookings::book::{BookForm, book};
use crate::actions::bookings::looked_at;
use crate::app::App;
use crate::base::time::Instant;
use crate::body;
use crate::domain::actors::Member;
use crate::domain::bookings::State as Stage;
use crate::domain::instruments::Mode;
use crate::domain::roles::{Side, Verb};
use crate::domain::vouchers::{PurposeKind, VoucherChoice};
use crate::http::body::Body;
use crate::http::idempotency::Write;
use crate::http::problem::Problem;
use crate::http::query::{PathId, Query};
use crate::http::{Caller, Error};
use crate::store;
use crate::store::bookings::lists::{BookingLine, Filter};
use views::{BookingDetailView, BookingLineView, BookingView};

body! {
    /// What an enterprise books.
    pub struct BookingBody {
        /// The instrument.
        instrument_id: String,
        /// From when.
        starts_at: Instant,
        /// Until when.
        ends_at: Instant,
        /// How it is served.
        mode: Mode,
        /// Whether a voucher pays its share.
        voucher: VoucherChoice,
        /// What for, in words.
        purpose: String,
        /// What for, as a kind.
        purpose_kind: PurposeKind,
        /// Hides purpose and note inside the institution from all but its managers.
        confidential: Option<bool>,
        /// A note to the institution.
        note: Option<String>,
    }
}

impl From<BookingBody> for BookForm {
    fn from(body: BookingBody) -> Self {
        let quote = QuoteBody {
            instrument_id: body.instrument_id,
            starts_at: body.starts_at,
            ends_at: body.ends_at,
            mode: body.mode,
            voucher: body.voucher,
            purpose_kind: Some(body.purpose_kind),
        };
        Self { quote: quote.into(), purpose: body.purpose, confidential: body.confidential.unwrap_or(false), note: body.note.unwrap_or_default() }
    }
}

/// Books time on an instrument, with the voucher's share held in the same transaction.
#[utoipa::path(post, path = "/bookings", tag = "bookings", request_body = BookingBody,
    params(("Idempotency-Key" = Option<String>, Header, description = "the same key and body give the first answer again for 24 hours")),
    responses(
        (status = 201, body = BookingView),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
        (status = 415, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    ))]
async fn place(State(app): State<Arc<App>>, caller: Caller, write: Write, body: Body) -> Result<Response, Error> {
    caller.require(Verb::Book)?;
    let form = BookForm::from(body.read::<BookingBody>()?);
    let act = caller.act(&app)?;
    write
        .run(&app, &caller, &act, &body, StatusCode::CREATED, |tx| {
            let (act, form) = (&act, &form);
            Box::pin(async move {
                let (booking, held_fen) = book(tx, act, form).await?;
                Ok(BookingView::new(&booking, held_fen))
            })
        })
        .await
}

/// The bookings of one's enterprise, or at the instruments of one's institution; the latest start first.
#[utoipa::path(get, path = "/bookings", tag = "bookings",
    params(
        ("state" = Option<Vec<Stage>>, Query, description = "in one of these states"),
        ("instrument" = Option<String>, Query, description = "id of an instrument"),
        ("from" = Option<Instant>, Query, description = "not over at this instant"),
        ("to" = Option<Instant>, Query, description = "begun before this instant"),
        ("limit" = Option<i64>, Query, description = "at most 200"),
        ("after" = Option<String>, Query, description = "cursor of the page before"),
    ),
    responses(
        (status = 200, body = ListView<BookingLineView>),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    ))]
async fn list(State(app): State<Arc<App>>, caller: Caller, mut query: Query) -> Result<Json<ListView<BookingLineView>>, Error> {
    let member = caller.require_any(&[Verb::ReadOwnBookings, Verb::ReadLab])?;
    let mut filter = own(member);
    for word in query.all("state") {
        match Stage::parse(&word) {
            Some(state) => filter.states.push(state),
            None => query.refuse("state", "not_a_known_word"),
        }
    }
    filter.instrument_id = query.text("instrument").map(ToOwned::to_owned);
    filter.from = query.instant("from");
    filter.to = query.instant("to");
    let page = query.page();
    query.done()?;
    let listed = store::bookings::lists::list(&mut *app.db.read().await?, &filter, page).await?;
    Ok(Json(listed.map(|line| BookingLineView::new(&line)).into()))
}

/// The bookings that a member sees: those of the enterprise, or those of the institution, acted for.
fn own(member: &Member) -> Filter {
    let id = Some(member.organisation_id.clone());
    match member.side {
        Side::Enterprise => Filter { customer_id: id, ..Filter::default() },
        _ => Filter { institution_id: id, ..Filter::default() },
    }
}

/// One booking, with its history and the statement that stands.
#[utoipa::path(get, path = "/bookings/{id}", tag = "bookings", params(("id" = String, Path)), responses(
    (status = 200, body = BookingDetailView),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 404, body = Problem, content_type = "application/problem+json"),
))]
async fn read(State(app): State<Arc<App>>, caller: Caller, PathId(id): PathId) -> Result<Json<BookingDetailView>, Error> {
    let member = caller.member()?;
    let line = visible(&app, member, &id).await?;
    let booking = &line.booking;
    if booking.confidential_at.is_some() && member.side == Side::Institution {
        // Who looked at a confidential booking is part of the record.
        let act = caller.act(&app)?;
        app.transact(&act, |tx| Box::pin(looked_at(tx, &act, &booking.id))).await?;
    }
    let mut conn = app.db.read().await?;
    let history = store::bookings::history::list(&mut conn, &id).await?;
    let statement = match &booking.statement_id {
        Some(id) => store::bookings::history::find_statement(&mut conn, id).await?,
        None => None,
    };
    Ok(Json(BookingDetailView::new(&line, member, history, statement)))
}

/// A booking that a member may see.
///
/// # Errors
/// 404 for everybody else, the bureau included.
pub async fn visible(app: &App, member: &Member, id: &str) -> Result<BookingLine, Error> {
    let line = store::bookings::lists::find(&mut *app.db.read().await?, id).await?;
    line.filter(|line| line.booking.parties().side_of(member).is_some()).ok_or(Error::NOT_FOUND)
}

/// The routes of this noun.
pub fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(place, list)).routes(routes!(read)).merge(acts::routes())
}
