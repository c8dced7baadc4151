//! Use over the API: deliveries of segments, what was recorded, voiding.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::ListView;
use crate::actions::usage::{self, Delivery, Rejected};
use crate::app::App;
use crate::base::ids::Id;
use crate::base::lang::Lang;
use crate::base::time::{Instant, Span};
use crate::body;
use crate::domain::actors::{Actor, Member};
use crate::domain::refusals::{Refusal, Violation};
use crate::domain::roles::{Side, Verb};
use crate::domain::usage::{MOST_SEGMENTS, Phase, Segment, Source};
use crate::domain::vouchers::PurposeKind;
use crate::http::body::{Body, Fields, FromFields};
use crate::http::idempotency::Write;
use crate::http::problem::{BrokenRule, Problem};
use crate::http::query::{PathId, Query};
use crate::http::{Caller, Error};
use crate::store::usage::Recorded;
use crate::store::{self, AnyConnection};

body! {
    /// A segment as it is delivered.
    struct SegmentBody {
        /// Chosen by the client, unique per instrument for ever: a replay is harmless.
        key: String,
        /// What the machine was doing.
        phase: Phase,
        /// First second.
        starts_at: Instant,
        /// First second after it; at most 31 days later, at most 5 minutes from now.
        ends_at: Instant,
        /// For whom; none = internal use.
        organisation_uscc: Option<String>,
        /// A booking of this instrument.
        booking_code: Option<String>,
        /// Without it the booking's counts, else `research`.
        purpose_kind: Option<PurposeKind>,
        /// How many samples.
        samples: Option<i64>,
        /// How it is known.
        source: Source,
    }
}

/// A delivery: its segments are judged one by one.
#[derive(Debug, Clone)]
struct UsageBody {
    segments: Vec<Value>,
}

impl FromFields for UsageBody {
    fn from_fields(fields: &mut Fields) -> Option<Self> {
        Some(Self { segments: fields.take_items("segments", MOST_SEGMENTS)? })
    }
}

/// How a delivery is described.
#[derive(ToSchema)]
#[schema(as = UsageBody)]
#[expect(dead_code, reason = "only its description is used")]
struct UsageBodySchema {
    /// At most 10,000.
    #[schema(max_items = 10_000)]
    segments: Vec<SegmentBody>,
}

body! {
    /// Why a segment is voided.
    struct VoidBody {
        /// For the record.
        reason: String,
    }
}

/// A segment that was not taken.
#[derive(Debug, Serialize, ToSchema)]
struct RejectedView {
    /// Its key, as far as it has one.
    key: String,
    /// The first thing wrong with it: `required`, `invalid`, `unknown_field`, `key_reused`.
    code: &'static str,
    /// Everything wrong with it, for people.
    message: String,
}

impl RejectedView {
    fn new(lang: Lang, now: Instant, rejected: &Rejected) -> Self {
        let told = rejected.violations.iter().map(|violation| {
            let rule = BrokenRule::new(lang, now, violation);
            if rule.field.is_empty() { rule.message } else { format!("{}: {}", rule.field, rule.message) }
        });
        Self {
            key: rejected.key.clone(),
            code: rejected.violations.first().map_or("invalid", |violation| violation.code),
            message: told.collect::<Vec<_>>().join("; "),
        }
    }
}

/// What became of a delivery.
#[derive(Debug, Serialize, ToSchema)]
struct DeliveryView {
    /// How many were taken.
    accepted: usize,
    /// How many were there already.
    duplicates: usize,
    /// Those that were not taken, in their order.
    rejected: Vec<RejectedView>,
}

/// A segment as it was recorded.
#[derive(Debug, Serialize, ToSchema)]
pub struct SegmentView {
    /// Id.
    pub id: Id,
    /// The instrument.
    pub instrument_id: Id,
    /// Chosen by the client.
    pub key: String,
    /// What the machine was doing.
    pub phase: Phase,
    /// First second.
    pub starts_at: Instant,
    /// First second after it.
    pub ends_at: Instant,
    /// For whom; none = internal use.
    pub organisation_uscc: Option<String>,
    /// The booking; only for its institution.
    pub booking_code: Option<String>,
    /// The purpose that counts.
    pub purpose_kind: PurposeKind,
    /// How many samples.
    pub samples: Option<i64>,
    /// How it is known.
    pub source: Source,
    /// `instrument` for its own token, `person`, or `import` for the operator's hand.
    pub delivered_by: &'static str,
    /// When it arrived.
    pub received_at: Instant,
    /// When it was voided.
    pub voided_at: Option<Instant>,
    /// Why.
    pub void_reason: Option<String>,
}

impl From<Recorded> for SegmentView {
    fn from(row: Recorded) -> Self {
        Self {
            delivered_by: match (&row.token_id, &row.membership_id) {
                (Some(_), _) => "instrument",
                (None, Some(_)) => "person",
                (None, None) => "import",
            },
            id: row.id,
            instrument_id: row.instrument_id,
            key: row.key,
            phase: row.phase,
            starts_at: row.starts_at,
            ends_at: row.ends_at,
            organisation_uscc: row.organisation_uscc,
            booking_code: row.booking_code,
            purpose_kind: row.purpose_kind,
            samples: row.samples,
            source: row.source,
            received_at: row.received_at,
            voided_at: row.voided_at,
            void_reason: row.void_reason,
        }
    }
}

fn read_segment(item: Value) -> Result<Segment, Rejected> {
    let key = item.get("key").and_then(Value::as_str).unwrap_or_default().to_owned();
    match Fields::read_item::<SegmentBody>(item) {
        Ok(body) => Ok(Segment {
            key: body.key,
            phase: body.phase,
            span: Span::new(body.starts_at, body.ends_at),
            organisation_uscc: body.organisation_uscc.filter(|text| !text.trim().is_empty()),
            booking_code: body.booking_code.filter(|text| !text.trim().is_empty()),
            purpose_kind: body.purpose_kind,
            samples: body.samples,
            source: body.source,
        }),
        Err(Refusal::Rules { violations, .. }) => Err(Rejected { key, violations }),
        Err(_) => Err(Rejected { key, violations: vec![Violation::invalid("", "not_an_object")] }),
    }
}

/// Lets the instrument's own token pass, and who runs instruments at its owner.
async fn may_deliver(conn: &mut AnyConnection, caller: &Caller, instrument_id: &str) -> Result<(), Error> {
    let owner = match &caller.actor {
        Some(Actor::Instrument { instrument_id: own, .. }) => return if own == instrument_id { Ok(()) } else { Err(Error::NOT_FOUND) },
        _ => caller.require(Verb::RunInstruments)?.organisation_id.clone(),
    };
    let owns = store::instruments::find_owner(conn, instrument_id).await?.is_some_and(|id| id == owner);
    if owns { Ok(()) } else { Err(Error::NOT_FOUND) }
}

/// Records use: segments of one instrument, each judged on its own. For who runs instruments at its owner, and the instrument's own
/// token. A replay is harmless.
#[utoipa::path(
    post,
    path = "/instruments/{id}/usage",
    tag = "usage",
    params(("id" = String, Path, description = "Instrument"), ("Idempotency-Key" = Option<String>, Header, description = "1 to 255 printable ASCII characters")),
    request_body = UsageBodySchema,
    responses(
        (status = 200, body = DeliveryView),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    )
)]
async fn record(State(app): State<Arc<App>>, caller: Caller, write: Write, PathId(id): PathId, body: Body) -> Result<Response, Error> {
    let act = caller.act(&app)?;
    may_deliver(&mut *app.db.read().await?, &caller, &id).await?;
    let segments: Vec<Result<Segment, Rejected>> = body.read::<UsageBody>()?.segments.into_iter().map(read_segment).collect();
    let lang = caller.context.lang;
    write
        .run(&app, &caller, &act, &body, StatusCode::OK, |tx| {
            let (act, id, segments) = (&act, &id, &segments);
            Box::pin(async move {
                let Delivery { accepted, duplicates, rejected } = usage::record(tx, act, id, segments).await?;
                let rejected = rejected.iter().map(|(_, rejected)| RejectedView::new(lang, act.now, rejected)).collect();
                Ok(DeliveryView { accepted, duplicates, rejected })
            })
        })
        .await
}

/// Whether a member may see the segments of an instrument; and whether the codes of its bookings too.
async fn may_read(conn: &mut AnyConnection, member: &Member, instrument_id: &str) -> Result<bool, Error> {
    let owner = store::instruments::find_owner(conn, instrument_id).await?.ok_or(Error::NOT_FOUND)?;
    if member.side == Side::Institution {
        return if owner == member.organisation_id { Ok(true) } else { Err(Error::NOT_FOUND) };
    }
    if crate::actions::openness::bureau_sees(conn, member, &owner).await? { Ok(false) } else { Err(Error::NOT_FOUND) }
}

/// What was recorded on an instrument, by start; voided segments too. For its owner, and, without bookings, for the bureau.
#[utoipa::path(
    get,
    path = "/instruments/{id}/usage",
    tag = "usage",
    params(
        ("id" = String, Path, description = "Instrument"),
        ("from" = Option<String>, Query, description = "Segments that end after this instant"),
        ("to" = Option<String>, Query, description = "Segments that start before this instant"),
        ("limit" = Option<i64>, Query, description = "1 to 200"),
        ("after" = Option<String>, Query, description = "Cursor of the page before"),
    ),
    responses(
        (status = 200, body = ListView<SegmentView>),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    )
)]
async fn list(State(app): State<Arc<App>>, caller: Caller, PathId(id): PathId, mut query: Query) -> Result<Json<ListView<SegmentView>>, Error> {
    let member = caller.require_any(&[Verb::ReadLab, Verb::ReadAllOpenness])?;
    let mut conn = app.db.read().await?;
    let with_bookings = may_read(&mut conn, member, &id).await?;
    let (from, to, page) = (query.instant("from"), query.instant("to"), query.page());
    if from.zip(to).is_some_and(|(from, to)| to <= from) {
        query.refuse("to", "reversed");
    }
    query.done()?;
    let listed = store::usage::list(&mut conn, &id, from, to, page).await?;
    let seen = |row: Recorded| Recorded { booking_code: row.booking_code.clone().filter(|_| with_bookings), ..row.seen_by(member) };
    Ok(Json(listed.map(|row| SegmentView::from(seen(row))).into()))
}

/// Voids a wrong segment; the right one is entered anew under another key. Its days are computed again.
#[utoipa::path(
    post,
    path = "/usage/{id}/void",
    tag = "usage",
    params(("id" = String, Path, description = "Segment"), ("Idempotency-Key" = Option<String>, Header, description = "1 to 255 printable ASCII characters")),
    request_body = VoidBody,
    responses(
        (status = 200, body = SegmentView),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    )
)]
async fn void(State(app): State<Arc<App>>, caller: Caller, write: Write, PathId(id): PathId, body: Body) -> Result<Response, Error> {
    let member = caller.require(Verb::ManageInstruments)?;
    let found = store::usage::find(&mut *app.db.read().await?, &id).await?;
    if found.is_none_or(|segment| segment.institution_id != member.organisation_id) {
        return Err(Error::NOT_FOUND);
    }
    let form = body.read::<VoidBody>()?;
    let act = caller.act(&app)?;
    write
        .run(&app, &caller, &act, &body, StatusCode::OK, |tx| {
            let (act, id, reason) = (&act, &id, &form.reason);
            Box::pin(async move { Ok(SegmentView::from(usage::void(tx, act, id, reason).await?)) })
        })
        .await
}

/// The routes of this noun.
pub fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(record, list)).routes(routes!(void))
}
