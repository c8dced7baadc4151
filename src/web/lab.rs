//! `/lab`: today at an institution: what waits for an answer, what the instruments do, what is missing.

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;

use super::bookings::requests::{RequestLine, waiting};
use super::frame::{page, show};
use super::shell::{BlockKind, Lane, LaneBlock, Lanes, Page, Week};
use crate::app::App;
use crate::base::ids::Id;
use crate::base::paging;
use crate::base::time::Span;
use crate::domain::actors::Member;
use crate::domain::bookings::State as Stage;
use crate::domain::instruments::{SlotKind, State as Listing};
use crate::domain::roles::Verb;
use crate::http::{Error, Visitor};
use crate::store::bookings::lists::{self, BookingLine, Filter, Order};
use crate::store::instruments::listings;
use crate::store::slots::SlotLine;
use crate::store::statements::{Billed, Stage as Billing, list_billed};
use crate::store::{self, AnyConnection};

/// Requests shown before one asks for all of them.
const SHORTLY: i64 = 5;

/// The routes.
pub fn routes() -> Router<Arc<App>> {
    Router::new().route("/lab", get(today))
}

#[derive(Template)]
#[template(path = "lab/today.html")]
struct TodayPage {
    page: Page,
    requests: Vec<RequestLine>,
    requests_total: i64,
    may_answer: bool,
    may_make_slots: bool,
    may_bill: bool,
    lanes: Lanes,
    busy: i64,
    instruments: i64,
    /// Over, with recorded use, without a statement.
    to_bill: Vec<Billed>,
    /// Over, without recorded use.
    without_use: Vec<Billed>,
    disputed: Vec<Billed>,
    /// What is out of service at this very moment, with the instrument's name.
    down: Vec<(SlotLine, String)>,
    /// Never `Some`: the row of a request is the same as on the page of requests, where a refusal is written in place.
    declining: String,
}

async fn today(State(app): State<Arc<App>>, visitor: Visitor) -> Result<Response, Error> {
    let member = visitor.require(Verb::ReadLab)?;
    let mut page = page(&app, &visitor).await?;
    let mut conn = app.db.read().await?;
    let few = paging::Page { limit: SHORTLY, offset: 0 };
    let (requests, requests_total) = waiting(&mut conn, &page, member, few).await?;
    page.count("/lab/requests", requests_total);
    let (lanes, busy, instruments, down) = timeline(&mut conn, &page, member).await?;
    let many = paging::Page { limit: 20, offset: 0 };
    let over = list_billed(&mut conn, &member.organisation_id, Billing::Waiting, page.now, many).await?.items;
    let disputed = list_billed(&mut conn, &member.organisation_id, Billing::Disputed, page.now, many).await?.items;
    drop(conn);
    let (to_bill, without_use) = over.into_iter().partition(|billed| billed.segments > 0);
    show(&TodayPage {
        page,
        requests,
        requests_total,
        may_answer: member.may(Verb::ManageInstruments),
        may_make_slots: member.may(Verb::RunInstruments),
        may_bill: member.may(Verb::IssueStatements),
        lanes,
        busy,
        instruments,
        to_bill,
        without_use,
        disputed,
        down,
        declining: String::new(),
    })
}

type Timeline = (Lanes, i64, i64, Vec<(SlotLine, String)>);

/// What the institution's instruments do today; how many do anything, and how many there are.
async fn timeline(conn: &mut AnyConnection, page: &Page, member: &Member) -> Result<Timeline, Error> {
    let day = page.now.day();
    let states = [Stage::Requested, Stage::Confirmed, Stage::InUse, Stage::Completed, Stage::Settled, Stage::NoShow].to_vec();
    let institution_id = Some(member.organisation_id.clone());
    let filter = Filter { institution_id, states, from: Some(day.start()), to: Some(day.end()), order: Order::EarliestStart, ..Filter::default() };
    let bookings = lists::list(conn, &filter, paging::Page { limit: paging::MOST, offset: 0 }).await?.items;
    let slots = store::slots::list_by_hand(conn, &member.organisation_id, day.span()).await?;
    let listed = listings::list_of(conn, &member.organisation_id).await?;
    let mut blocks: BTreeMap<Id, Vec<LaneBlock>> = BTreeMap::new();
    for booking in &bookings {
        blocks.entry(booking.booking.instrument_id.clone()).or_default().push(booked(page, booking));
    }
    for slot in &slots {
        blocks.entry(slot.instrument_id.clone()).or_default().push(by_hand(page, slot));
    }
    // What began yesterday or goes on tomorrow must not stretch the day for everything else.
    let begins = |block: &&LaneBlock| day.span().clipped(Span::new(block.span.starts_at, block.span.starts_at.plus(1))).is_some();
    let minutes = blocks.values().flatten().filter(begins).map(|block| {
        let from = block.span.starts_at.minute_of_day();
        (from, if block.span.ends_at <= day.end() { from + block.span.seconds() / 60 } else { from + 60 })
    });
    let (from, to) = Week::hours_around(minutes, 8, 20);
    let mut lanes = Lanes::new(page, day, from, to, &page.t("lab-today-instruments"));
    let in_service = listed.iter().filter(|i| matches!(i.state, Listing::Published | Listing::Suspended)).count();
    let stopped = |slot: &&SlotLine| matches!(slot.kind, SlotKind::Fault | SlotKind::Maintenance | SlotKind::Closure);
    let down = slots.iter().filter(stopped).filter(|slot| slot.span().overlaps(Span::new(page.now, page.now.plus(1)))).filter_map(|slot| {
        let name = listed.iter().find(|i| i.id == slot.instrument_id)?.name.clone();
        Some((slot.clone(), name))
    });
    let down = down.collect();
    for instrument in listed {
        if let Some(blocks) = blocks.remove(&instrument.id) {
            lanes.lanes.push(Lane { name: instrument.name, note: instrument.number, href: Some(format!("/instruments/{}", instrument.id)), blocks });
        }
    }
    let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
    let busy = count(lanes.lanes.len());
    Ok((lanes, busy, count(in_service), down))
}

fn booked(page: &Page, line: &BookingLine) -> LaneBlock {
    let booking = &line.booking;
    let (kind, note) = match booking.state {
        Stage::Requested => (BlockKind::Wait, page.t("lab-waits")),
        Stage::InUse => (BlockKind::Run, booking.checked_in_at.map(|at| page.t1("lab-checked-in", "at", page.clock(at))).unwrap_or_default()),
        Stage::NoShow => (BlockKind::Broken, page.word("state-booking", booking.state)),
        Stage::Confirmed if booking.starts_at <= page.now => (BlockKind::Booked, page.t("lab-not-there")),
        Stage::Confirmed => (BlockKind::Booked, page.word("mode", booking.mode)),
        _ => (BlockKind::Taken, page.word("state-booking", booking.state)),
    };
    // A use that ended early ends there.
    let ends_at = booking.checked_out_at.map_or(booking.ends_at, |at| at.clamp(booking.starts_at.plus(60), booking.ends_at));
    LaneBlock { kind, span: Span::new(booking.starts_at, ends_at), label: line.customer_name.clone(), note, href: Some(format!("/bookings/{}", booking.id)) }
}

fn by_hand(page: &Page, slot: &SlotLine) -> LaneBlock {
    let kind = match slot.kind {
        SlotKind::Fault => BlockKind::Broken,
        SlotKind::Maintenance => BlockKind::Care,
        SlotKind::Closure => BlockKind::Closed,
        _ => BlockKind::Taken,
    };
    LaneBlock { kind, span: slot.span(), label: page.word("slot-kind", slot.kind), note: slot.note.clone(), href: None }
}
