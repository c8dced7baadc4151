//! `/bookings/{id}`: one booking for both of its sides: how far it is, the money, what happened, and what can be done now.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;

use super::acts::Deed;
use crate::actions::{bookings, statements};
use crate::app::App;
use crate::base::time::{Instant, Span};
use crate::domain::actors::Member;
use crate::domain::bookings::deadlines::{check_in_from, free_cancel_until};
use crate::domain::bookings::{BookingVerb, Facts, State as Stage, cancel_fee};
use crate::domain::instruments::Policy;
use crate::domain::roles::{Side, Verb};
use crate::domain::spans::covered_seconds;
use crate::domain::vouchers::VoucherChoice;
use crate::http::query::{PathId, Query};
use crate::http::{Error, Visitor};
use crate::store::bookings::history::{Happened, StatementLine};
use crate::store::bookings::lists::BookingLine;
use crate::store::{self, AnyConnection};
use crate::web::frame::{page, show};
use crate::web::shell::{BlockKind, FormState, Lane, LaneBlock, Lanes, Page, Week};

/// A stage of a booking's life.
pub struct LifeStep {
    name: String,
    at: Option<Instant>,
    who: String,
    done: bool,
    current: bool,
}

#[derive(Template)]
#[template(path = "bookings/one.html")]
pub struct BookingPage {
    page: Page,
    line: BookingLine,
    is_customer: bool,
    /// Whether the reader may book again.
    may_book: bool,
    /// Whether the reader may know what it is for.
    shown: bool,
    life: Vec<LifeStep>,
    history: Vec<Happened>,
    statement: Option<StatementLine>,
    lanes: Option<Lanes>,
    used_seconds: i64,
    /// What use and price would give, for the form of a statement.
    computed_fen: Option<i64>,
    policy: Policy,
    facts: Facts,
    late_fee_fen: i64,
    deeds: Vec<Deed>,
    asking: Option<Deed>,
    form: FormState,
}

impl BookingPage {
    fn span(&self) -> Span {
        self.line.booking.span()
    }

    fn is(&self, word: &str) -> bool {
        self.line.booking.state.as_str() == word
    }

    /// What the booking costs as far as is known: the statement's fee, else the quote.
    fn fee_fen(&self) -> i64 {
        self.line.booking.actual_fen.unwrap_or(self.line.booking.fee_fen)
    }

    fn is_void(&self) -> bool {
        self.line.booking.state.is_void()
    }

    fn uses_voucher(&self) -> bool {
        self.line.booking.voucher != VoucherChoice::None
    }

    fn free_until(&self) -> Instant {
        free_cancel_until(self.line.booking.starts_at, &self.policy)
    }

    fn check_in_from(&self) -> Instant {
        check_in_from(self.span())
    }

    /// The sentence about what comes next, for this side.
    fn next_key(&self) -> String {
        let booking = &self.line.booking;
        let stage = match booking.state {
            Stage::Completed if booking.disputed_at.is_some() => "disputed",
            Stage::Completed if booking.statement_id.is_some() => "billed",
            state => state.as_str(),
        };
        format!("booking-next-{stage}{}", if self.is_customer { "" } else { "-lab" })
    }

    fn next_text(&self) -> String {
        let (page, booking) = (&self.page, &self.line.booking);
        let at = |instant: Option<Instant>| instant.map(|at| page.at_text(at)).unwrap_or_default();
        let answer_at = at(booking.answer_due_at.map(|due_at| due_at.min(booking.starts_at)));
        let until_at = match booking.state {
            Stage::Confirmed => Some(self.facts.no_show_at),
            Stage::NoShow => self.facts.undo_until,
            _ => booking.confirm_due_at,
        };
        page.t3(&self.next_key(), "answer_at", answer_at, "check_in_at", at(Some(self.check_in_from())), "until_at", at(until_at))
    }

    /// One line of the history in words.
    fn told(&self, event: &Happened) -> String {
        let automatic = event.verb == BookingVerb::Book && event.to_state == Stage::Confirmed;
        self.page.t(&if automatic { "event-book-confirmed".to_owned() } else { format!("event-{}", event.verb) })
    }

    fn here(&self) -> String {
        format!("/bookings/{}", self.line.booking.id)
    }

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "templates pass references")]
    fn address(&self, deed: &Deed) -> String {
        format!("/bookings/{}/{deed}", self.line.booking.id)
    }

    /// What a page says about an act: `title`, `text`, `button`, `reason`.
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "templates pass references")]
    fn say(&self, deed: &Deed, what: &str) -> String {
        self.page.t(&format!("deed-{deed}-{what}"))
    }

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "templates pass references")]
    fn deed_primary(&self, deed: &Deed) -> bool {
        !deed.takes() && self.deeds.first() == Some(deed)
    }
}

/// `GET /bookings/{id}`; `?do=cancel` opens the question before an act.
pub async fn read(State(app): State<Arc<App>>, visitor: Visitor, PathId(id): PathId, query: Query) -> Result<Response, Error> {
    visitor.member()?;
    let asking = query.text("do").and_then(Deed::parse);
    show(&build(&app, &visitor, &id, asking, FormState::new()).await?)
}

/// A booking that a member may see.
///
/// # Errors
/// 404 for everybody else, the bureau included.
pub async fn visible(app: &App, member: &Member, id: &str) -> Result<BookingLine, Error> {
    let line = store::bookings::lists::find(&mut *app.db.read().await?, id).await?;
    line.filter(|line| line.booking.parties().side_of(member).is_some()).ok_or(Error::NOT_FOUND)
}

/// The page of a booking, with the question before `asking` where that may be done now.
///
/// # Errors
/// 404 when the visitor may not know of it.
pub async fn build(app: &App, visitor: &Visitor, id: &str, asking: Option<Deed>, form: FormState) -> Result<BookingPage, Error> {
    let member = visitor.member()?;
    let line = visible(app, member, id).await?;
    let is_customer = member.side == Side::Enterprise;
    if line.booking.confidential_at.is_some() && !is_customer {
        let act = visitor.act(app)?;
        app.transact(&act, |tx| Box::pin(bookings::looked_at(tx, &act, &line.booking.id))).await?;
    }
    let page = page(app, visitor).await?;
    let mut conn = app.db.read().await?;
    let history = store::bookings::history::list(&mut conn, id).await?;
    let statement = match &line.booking.statement_id {
        Some(id) => store::bookings::history::find_statement(&mut conn, id).await?,
        None => None,
    };
    let policy = store::bookings::find_policy(&mut conn, &line.booking.policy_id).await?.unwrap_or_default();
    let facts = bookings::facts(&mut conn, &line.booking).await?;
    let used = store::usage::list_used_spans(&mut conn, id).await?;
    let computed_fen = computed(&mut conn, &line).await?;
    drop(conn);
    let deeds = Deed::offered(member, line.booking.state, &facts, page.now);
    let form = form.with("version", line.booking.version);
    Ok(BookingPage {
        shown: line.booking.parties().shows_purpose(member),
        life: life(&page, &line, &history),
        lanes: lanes(&page, line.booking.span(), &used),
        used_seconds: covered_seconds(used),
        late_fee_fen: cancel_fee(true, Stage::Confirmed, line.booking.fee_fen, Instant(0), &policy, page.now),
        asking: asking.filter(|deed| deed.asks() && deeds.contains(deed)),
        page,
        line,
        is_customer,
        may_book: member.may(Verb::Book),
        history,
        statement,
        computed_fen,
        policy,
        facts,
        deeds,
        form,
    })
}

async fn computed(conn: &mut AnyConnection, line: &BookingLine) -> Result<Option<i64>, Error> {
    Ok(statements::computed(conn, &line.booking).await?.1)
}

/// The stages of a booking, each with when and who; one that ended early ends there.
fn life(page: &Page, line: &BookingLine, history: &[Happened]) -> Vec<LifeStep> {
    use BookingVerb as V;
    let last = |verbs: &[V]| history.iter().rev().find(|event| verbs.contains(&event.verb));
    let automatic = history.first().is_some_and(|event| event.to_state == Stage::Confirmed);
    let who = |event: &Happened| event.person_name.clone().unwrap_or_else(|| page.t("booking-by-clock"));
    let step = |key: &str, event: Option<&Happened>| LifeStep {
        name: page.t(key),
        at: event.map(|event| event.at),
        who: event.map(who).unwrap_or_default(),
        done: event.is_some(),
        current: false,
    };
    let mut steps = vec![step("booking-step-asked", history.first())];
    if automatic {
        let mut agreed = step("booking-step-agreed", history.first());
        agreed.who = page.t("booking-automatic");
        steps.push(agreed);
    } else {
        steps.push(step("booking-step-agreed", last(&[V::Approve])));
    }
    if line.booking.state.is_void() {
        steps.retain(|step| step.done);
        let end = history.last();
        steps.push(LifeStep { name: page.word("state-booking", line.booking.state), ..step("booking-step-agreed", end) });
        if let Some(end) = steps.last_mut() {
            end.current = true;
        }
        return steps;
    }
    steps.push(step("booking-step-used", last(&[V::CheckIn, V::RecordUse, V::UndoNoShow]).or_else(|| last(&[V::IssueStatement]))));
    steps.push(step("booking-step-billed", last(&[V::IssueStatement])));
    steps.push(step("booking-step-settled", last(&[V::Confirm, V::ConfirmByTime])));
    if let Some(open) = steps.iter_mut().find(|step| !step.done) {
        open.current = true;
    }
    steps
}

/// What was booked over what was used, on the day of the booking; nothing where nothing was used.
fn lanes(page: &Page, booked: Span, used: &[Span]) -> Option<Lanes> {
    let day = booked.starts_at.day();
    if used.is_empty() || booked.ends_at > day.end() {
        return None;
    }
    let all = used.iter().copied().chain([booked]).filter_map(|span| span.clipped(day.span()));
    let minutes = all.map(|span| (span.starts_at.minute_of_day(), span.starts_at.minute_of_day() + span.seconds() / 60));
    let (from, to) = Week::hours_around(minutes, booked.starts_at.minute_of_day() / 60, booked.starts_at.minute_of_day() / 60 + 4);
    let mut lanes = Lanes::new(page, day, from, to, &page.t("booking-lanes"));
    lanes.name_width = "5rem";
    let block = |kind, span: Span| LaneBlock { kind, span, label: page.clock_span(span), note: String::new(), href: None };
    let lane = |key: &str, blocks| Lane { name: page.t(key), note: String::new(), href: None, blocks };
    lanes.lanes.push(lane("booking-lane-booked", vec![block(BlockKind::Taken, booked)]));
    lanes.lanes.push(lane("booking-lane-used", used.iter().map(|span| block(BlockKind::Run, *span)).collect()));
    Some(lanes)
}
