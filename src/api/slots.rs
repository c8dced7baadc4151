//! The slots of an instrument: who may know what takes its time, and what staff make and remove by hand.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::ListView;
use crate::actions::slots::{SlotForm, make, remove};
use crate::app::App;
use crate::base::ids::Id;
use crate::base::paging::Listed;
use crate::base::time::{DAY, Instant, Span};
use crate::body;
use crate::domain::actors::Member;
use crate::domain::instruments::State as Listing;
use crate::domain::roles::{Side, Verb};
use crate::domain::slots::{Seen, SlotKind, Taken, seen_by};
use crate::http::body::Body;
use crate::http::idempotency::Write;
use crate::http::problem::Problem;
use crate::http::query::{PathId, PathIds, Query};
use crate::http::{Caller, Error};
use crate::store;
use crate::store::instruments::Standing;
use crate::store::slots::SlotLine;

/// A slot as it is sent.
#[derive(Debug, Serialize, ToSchema)]
pub struct SlotView {
    /// Id; `null` for what is merely `occupied`.
    pub id: Option<Id>,
    /// What takes the time; `occupied` to everybody whom it does not concern.
    pub kind: String,
    /// From when.
    pub starts_at: Instant,
    /// Until when.
    pub ends_at: Instant,
    /// Whether it is the caller's own booking.
    pub mine: bool,
    /// The booking, for its own enterprise and the owner's staff.
    pub booking_id: Option<Id>,
    /// The staff's note, for the owner's staff.
    pub note: Option<String>,
}

impl From<Seen<SlotLine>> for SlotView {
    fn from(seen: Seen<SlotLine>) -> Self {
        match seen {
            Seen::Occupied(span) => {
                Self { id: None, kind: "occupied".to_owned(), starts_at: span.starts_at, ends_at: span.ends_at, mine: false, booking_id: None, note: None }
            }
            Seen::Own(slot) => Self { mine: true, note: None, ..Self::known(slot) },
            Seen::Known(slot) => Self::known(slot),
        }
    }
}

impl SlotView {
    fn known(slot: SlotLine) -> Self {
        Self {
            id: Some(slot.id),
            kind: slot.kind.to_string(),
            starts_at: slot.starts_at,
            ends_at: slot.ends_at,
            mine: false,
            booking_id: slot.booking_id,
            note: Some(slot.note),
        }
    }
}

body! {
    /// A slot that staff make.
    pub struct SlotBody {
        /// `maintenance`, `fault`, `closure` or `internal`.
        kind: SlotKind,
        /// From when.
        starts_at: Instant,
        /// Until when.
        ends_at: Instant,
        /// For the owner's staff.
        note: Option<String>,
    }
}

/// What takes an instrument's time. Strangers see merged `occupied` spans from today to the horizon; an enterprise its own bookings too;
/// the owner's staff everything.
#[utoipa::path(get, path = "/instruments/{id}/slots", tag = "slots",
    params(
        ("id" = String, Path),
        ("from" = Option<Instant>, Query, description = "today unless said"),
        ("to" = Option<Instant>, Query, description = "the horizon of bookings unless said"),
        ("limit" = Option<i64>, Query, description = "at most 200"),
        ("after" = Option<String>, Query, description = "cursor of the page before"),
    ),
    responses(
        (status = 200, body = ListView<SlotView>),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    ))]
async fn list(State(app): State<Arc<App>>, caller: Caller, PathId(id): PathId, mut query: Query) -> Result<Json<ListView<SlotView>>, Error> {
    let member = caller.member_or_none();
    let mut conn = app.db.read().await?;
    let standing = store::instruments::find_standing(&mut conn, &id).await?.filter(|standing| may_know(standing, member)).ok_or(Error::NOT_FOUND)?;
    let (now, horizon_days) = (app.clock.now(), standing.policy.horizon_days);
    let from = query.instant("from").unwrap_or_else(|| now.day().start());
    let to = query.instant("to").unwrap_or_else(|| from.max(now).plus(horizon_days * DAY).day().end());
    if to < from {
        query.refuse("to", "reversed");
    }
    let page = query.page();
    query.done()?;
    let window = Span::new(from, to);
    let lines = store::slots::list(&mut conn, &id, window).await?;
    let taken = |line: SlotLine| {
        let mine = member.is_some_and(|m| m.side == Side::Enterprise && line.customer_id.as_deref() == Some(m.organisation_id.as_str()));
        Taken { span: line.span(), mine, slot: line }
    };
    let seen = seen_by(is_staff(&standing, member), lines.into_iter().map(taken).collect(), window, now, horizon_days);
    let total = i64::try_from(seen.len()).unwrap_or(i64::MAX);
    let count = |number: i64| usize::try_from(number).unwrap_or(usize::MAX);
    let items = seen.into_iter().skip(count(page.offset)).take(count(page.limit)).map(SlotView::from).collect();
    Ok(Json(Listed::new(items, total, page).into()))
}

fn is_staff(standing: &Standing, member: Option<&Member>) -> bool {
    member.is_some_and(|m| m.may(Verb::ReadLab) && m.organisation_id == standing.institution_id)
}

/// A draft is there for its own institution only.
fn may_know(standing: &Standing, member: Option<&Member>) -> bool {
    standing.state != Listing::Draft || is_staff(standing, member)
}

/// Takes an instrument's time for maintenance, a fault, a closure or internal use.
#[utoipa::path(post, path = "/instruments/{id}/slots", tag = "slots", params(("id" = String, Path)), request_body = SlotBody, responses(
    (status = 201, body = SlotView),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
    (status = 404, body = Problem, content_type = "application/problem+json"),
    (status = 409, body = Problem, content_type = "application/problem+json"),
    (status = 422, body = Problem, content_type = "application/problem+json"),
))]
async fn create(State(app): State<Arc<App>>, caller: Caller, write: Write, PathId(id): PathId, body: Body) -> Result<Response, Error> {
    admit(&app, &caller, &id).await?;
    let read = body.read::<SlotBody>()?;
    let span = Span::new(read.starts_at, read.ends_at);
    let form = SlotForm { instrument_id: id, kind: read.kind, span, note: read.note.unwrap_or_default() };
    let act = caller.act(&app)?;
    write
        .run(&app, &caller, &act, &body, StatusCode::CREATED, |tx| {
            let (act, form) = (&act, &form);
            Box::pin(async move { Ok(SlotView::known(make(tx, act, form).await?)) })
        })
        .await
}

/// Frees a slot that staff made.
#[utoipa::path(delete, path = "/instruments/{id}/slots/{slot_id}", tag = "slots", params(("id" = String, Path), ("slot_id" = String, Path)), responses(
    (status = 204),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
    (status = 404, body = Problem, content_type = "application/problem+json"),
    (status = 409, body = Problem, content_type = "application/problem+json"),
))]
async fn delete(State(app): State<Arc<App>>, caller: Caller, write: Write, ids: PathIds, body: Body) -> Result<Response, Error> {
    let (instrument_id, slot_id) = (ids.at(0), ids.at(1));
    admit(&app, &caller, instrument_id).await?;
    let act = caller.act(&app)?;
    write
        .run(&app, &caller, &act, &body, StatusCode::NO_CONTENT, |tx| {
            let act = &act;
            Box::pin(async move { remove(tx, act, instrument_id, slot_id).await })
        })
        .await
}

/// 401, 403 and 404 come before the body is judged.
async fn admit(app: &App, caller: &Caller, instrument_id: &str) -> Result<(), Error> {
    let member = caller.require(Verb::RunInstruments)?;
    let owner = store::instruments::find_owner(&mut *app.db.read().await?, instrument_id).await?;
    if owner.as_deref() == Some(member.organisation_id.as_str()) { Ok(()) } else { Err(Error::NOT_FOUND) }
}

/// The routes of this noun.
pub fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(delete))
}
