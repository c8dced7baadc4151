//! `/lab/use`: recording use by hand, what was recorded, which bookings lack it, voiding with a reason.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::{get, post};

use super::frame::{Posted, go, page, refused, show};
use super::shell::{Choice, FormState, Page, Pager};
use crate::actions;
use crate::actions::usage::{self, Rejected};
use crate::app::App;
use crate::base::paging;
use crate::base::time::{Day, Span};
use crate::domain::actors::Member;
use crate::domain::refusals::Violation;
use crate::domain::roles::Verb;
use crate::domain::usage::{Phase, Segment, Source};
use crate::domain::vouchers::PurposeKind;
use crate::http::query::{PathId, Query};
use crate::http::{Error, Visitor};
use crate::store;
use crate::store::usage::Recorded;
use crate::store::usage::lists::{RecordedLine, Unrecorded, Wanted};

/// How many days are shown when nobody asks for others.
const USUAL_DAYS: i64 = 30;
/// How many bookings without use are shown.
const MOST_UNRECORDED: i64 = 20;

/// The routes.
pub fn routes() -> Router<Arc<App>> {
    Router::new().route("/lab/use", get(list).post(record)).route("/lab/use/{id}", get(one)).route("/lab/use/{id}/void", post(void))
}

#[derive(Template)]
#[template(path = "usage/list.html")]
struct UsagePage {
    page: Page,
    form: FormState,
    filter: FormState,
    instruments: Vec<Choice>,
    phases: Vec<Choice>,
    purposes: Vec<Choice>,
    unrecorded: Vec<Unrecorded>,
    lines: Vec<RecordedLine>,
    total: i64,
    first: Day,
    last: Day,
    pager: Pager,
    may_record: bool,
}

/// What the address asks for.
struct Asked {
    instrument_id: Option<String>,
    first: Day,
    last: Day,
    at: paging::Page,
}

fn asked(mut query: Query, today: Day) -> Result<Asked, Error> {
    let last = query.day("to").unwrap_or(today);
    let first = query.day("from").unwrap_or_else(|| last.plus(1 - USUAL_DAYS));
    if last < first {
        query.refuse("to", "reversed");
    }
    let asked = Asked { instrument_id: query.text("instrument").map(str::to_owned), first, last, at: query.page() };
    query.done()?;
    Ok(asked)
}

async fn build(app: &App, visitor: &Visitor, member: &Member, asked: Asked, form: FormState) -> Result<UsagePage, Error> {
    let page = page(app, visitor).await?;
    let mut conn = app.db.read().await?;
    let instruments = store::usage::lists::list_instruments(&mut conn, &member.organisation_id).await?;
    let window = Span::new(asked.first.start(), asked.last.end());
    let wanted = Wanted { institution_id: &member.organisation_id, instrument_id: asked.instrument_id.as_deref(), window };
    let listed = store::usage::lists::list_recent(&mut conn, &wanted, asked.at).await?;
    let unrecorded = store::usage::lists::list_unrecorded(&mut conn, &member.organisation_id, page.now, MOST_UNRECORDED).await?;
    drop(conn);
    let filter =
        FormState::new().with("instrument", asked.instrument_id.unwrap_or_default()).with("from", asked.first).with("to", asked.last).prefixed("filter-");
    Ok(UsagePage {
        instruments: instruments.iter().map(|(id, number, name)| Choice::new(id, format!("{number} {name}"))).collect(),
        phases: Choice::words(&page, "phase", Phase::ALL),
        purposes: Choice::words(&page, "purpose", PurposeKind::ALL),
        pager: Pager::new(&page, asked.at, listed.total),
        total: listed.total,
        lines: listed.items,
        unrecorded,
        first: asked.first,
        last: asked.last,
        may_record: visitor.may(Verb::RunInstruments),
        page,
        form,
        filter,
    })
}

/// A fresh form, filled from the booking whose code the address carries.
async fn fresh(app: &App, member: &Member, code: Option<&str>) -> Result<FormState, Error> {
    let key = format!("staff:{}", app.chance.dice().id(app.clock.now()));
    let form = FormState::new().with("key", key).with("phase", Phase::Run);
    let Some(code) = code else { return Ok(form) };
    let mut conn = app.db.read().await?;
    let booking = store::bookings::find_by_code(&mut conn, &code.to_ascii_uppercase()).await?;
    let Some(booking) = booking.filter(|booking| booking.institution_id == member.organisation_id) else { return Ok(form) };
    let customer = store::organisations::find(&mut conn, &booking.customer_id).await?;
    let local = |at: crate::base::time::Instant| at.local().strftime("%Y-%m-%dT%H:%M").to_string();
    Ok(form
        .with("instrument_id", &booking.instrument_id)
        .with("booking_code", &booking.code)
        .with("organisation_uscc", customer.map(|party| party.uscc).unwrap_or_default())
        .with("starts_at", local(booking.starts_at))
        .with("ends_at", local(booking.ends_at)))
}

async fn list(State(app): State<Arc<App>>, visitor: Visitor, query: Query) -> Result<Response, Error> {
    let member = visitor.require(Verb::ReadLab)?;
    let form = fresh(&app, member, query.text("booking")).await?;
    let asked = asked(query, app.clock.now().day())?;
    show(&build(&app, &visitor, member, asked, form).await?)
}

/// The segment of a form; what is wrong is noted in it.
fn read(form: &mut FormState) -> Option<Segment> {
    let phase = form.word("phase", Phase::parse);
    let (starts_at, ends_at) = (form.moment("starts_at"), form.moment("ends_at"));
    let organisation_uscc = Some(form.optional_text("organisation_uscc", 40)).filter(|text| !text.is_empty());
    let booking_code = Some(form.optional_text("booking_code", 40)).filter(|text| !text.is_empty());
    let purpose_kind = if form.value("purpose_kind").is_empty() { None } else { form.word("purpose_kind", PurposeKind::parse) };
    let samples = if form.value("samples").trim().is_empty() { None } else { form.whole("samples", 0, 1_000_000) };
    let key = form.text("key", 200);
    let segment =
        Segment { key, phase: phase?, span: Span::new(starts_at?, ends_at?), organisation_uscc, booking_code, purpose_kind, samples, source: Source::Staff };
    (!form.is_wrong()).then_some(segment)
}

async fn record(State(app): State<Arc<App>>, posted: Posted) -> Result<Response, Error> {
    let Posted { visitor, mut form, .. } = posted;
    let member = visitor.require(Verb::RunInstruments)?;
    let instrument_id = form.text("instrument_id", 100);
    let segment = read(&mut form);
    let owner = store::instruments::find_owner(&mut *app.db.read().await?, &instrument_id).await?;
    if !instrument_id.is_empty() && owner.as_ref() != Some(&member.organisation_id) {
        form.note(Violation::invalid("instrument_id", "not_found"));
    }
    if let Some(segment) = segment.filter(|_| !form.is_wrong()) {
        let act = visitor.act(&app)?;
        let segments: [Result<Segment, Rejected>; 1] = [Ok(segment)];
        let delivery = app.transact(&act, |tx| Box::pin(usage::record(tx, &act, &instrument_id, &segments))).await?;
        match delivery.rejected.into_iter().next() {
            None => return Ok(go("/lab/use", "use-recorded")),
            Some((_, rejected)) => rejected.violations.into_iter().for_each(|violation| form.note(violation)),
        }
    }
    let today = app.clock.now().day();
    let asked = Asked { instrument_id: None, first: today.plus(1 - USUAL_DAYS), last: today, at: paging::Page::default() };
    refused(&build(&app, &visitor, member, asked, form).await?)
}

#[derive(Template)]
#[template(path = "usage/segment.html")]
struct SegmentPage {
    page: Page,
    form: FormState,
    segment: Recorded,
    instrument_name: String,
    may_void: bool,
}

async fn build_one(app: &App, visitor: &Visitor, id: &str, form: FormState) -> Result<SegmentPage, Error> {
    let member = visitor.require(Verb::ReadLab)?;
    let mut conn = app.db.read().await?;
    let segment = store::usage::find(&mut conn, id).await?.filter(|s| s.institution_id == member.organisation_id).ok_or(Error::NOT_FOUND)?.seen_by(member);
    let instrument_name = store::instruments::find_standing(&mut conn, &segment.instrument_id).await?.map(|standing| standing.name).unwrap_or_default();
    drop(conn);
    let may_void = visitor.may(Verb::ManageInstruments) && segment.voided_at.is_none();
    Ok(SegmentPage { page: page(app, visitor).await?, form, segment, instrument_name, may_void })
}

async fn one(State(app): State<Arc<App>>, visitor: Visitor, PathId(id): PathId) -> Result<Response, Error> {
    show(&build_one(&app, &visitor, &id, FormState::new()).await?)
}

async fn void(State(app): State<Arc<App>>, PathId(id): PathId, posted: Posted) -> Result<Response, Error> {
    let Posted { visitor, mut form, .. } = posted;
    visitor.require(Verb::ManageInstruments)?;
    let act = visitor.act(&app)?;
    let reason = form.value("reason").to_owned();
    let done = app.transact(&act, |tx| Box::pin(usage::void(tx, &act, &id, &reason))).await;
    match done {
        Ok(_) => Ok(go("/lab/use", "use-voided")),
        Err(actions::Error::Refused(refusal)) if form.refuse(&refusal) => refused(&build_one(&app, &visitor, &id, form).await?),
        Err(error) => Err(error.into()),
    }
}
