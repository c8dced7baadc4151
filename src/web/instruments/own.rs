//! `/lab/instruments`: an institution's instruments with their state, price, next free time and the clock of their listing; and one of
//! them, from where it is published, suspended, retired and changed.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::{get, post};

use super::{day_text, hours_in_words, make, name_in};
use crate::actions::instruments::catalogue::{self, Detail, Found};
use crate::actions::openness::schemes::Schemes;
use crate::actions::{self, instruments};
use crate::app::App;
use crate::base::paging;
use crate::base::time::{DAY, Day, Instant, Span};
use crate::domain::calendar::Calendar;
use crate::domain::instruments::{Listing, ListingVerb, Price, State as Listed, listing_due_on, must_be_listed};
use crate::domain::roles::Verb;
use crate::http::query::{PathId, PathIds};
use crate::http::{Error, Visitor};
use crate::store::instruments::listings::{self, Instrument};
use crate::store::{self, AnyConnection};
use crate::web::frame::{self, Posted};
use crate::web::shell::{Choice, FormState, Html, Page, Pager};

/// Instruments on a page.
const ON_A_PAGE: i64 = 50;

/// The routes.
pub fn routes() -> Router<Arc<App>> {
    Router::new().route("/lab/instruments", get(list)).route("/lab/instruments/{id}", get(one)).route("/lab/instruments/{id}/{verb}", post(act))
}

/// How an instrument stands to the deadline of its listing (入网期限).
pub enum Clock {
    /// Need not be listed.
    Free,
    /// Was listed within the deadline.
    InTime(Day),
    /// Was listed after it.
    Late(Day),
    /// Still to be listed, and how many working days are left.
    Left(Day, i64),
    /// Overdue by so many working days.
    Overdue(Day, i64),
}

fn clock(instrument: &Instrument, threshold_fen: i64, calendar: &Calendar, today: Day) -> Clock {
    let due = listing_due_on(instrument.accepted_on, calendar);
    let listed = instrument.listed_at.map(Instant::day);
    if !must_be_listed(instrument.funding, instrument.original_value_fen, threshold_fen) {
        return Clock::Free;
    }
    match listed {
        Some(day) if day <= due => Clock::InTime(day),
        Some(day) => Clock::Late(day),
        None if today <= due => Clock::Left(due, calendar.working_days_between(today, due)),
        None => Clock::Overdue(due, calendar.working_days_between(due, today)),
    }
}

impl Clock {
    /// The clock as a cell shows it.
    fn html(&self, page: &Page) -> Html {
        let badge = |words: String| page.badge_text("overdue", &words);
        match self {
            Self::Free => Html(page.t("own-clock-free")),
            Self::InTime(day) => Html(page.t1("own-clock-in-time", "day", day_text(page, *day))),
            Self::Late(day) => badge(page.t1("own-clock-late", "day", day_text(page, *day))),
            Self::Left(day, days) => Html(page.t2("own-clock-left", "day", day_text(page, *day), "days", days)),
            Self::Overdue(day, days) => badge(page.t2("own-clock-overdue", "day", day_text(page, *day), "days", days)),
        }
    }
}

/// The threshold of the scheme that holds where an institution is, and the days since the first acceptance.
async fn clockwork(conn: &mut AnyConnection, page: &Page, region: &str, all: &[Instrument]) -> Result<(i64, Calendar), Error> {
    let threshold_fen = Schemes::load(conn).await?.of(region, page.now.day()).threshold_fen;
    let first = all.iter().map(|one| one.accepted_on).min().unwrap_or(page.now.day());
    let last = page.now.plus(120 * DAY).day();
    Ok((threshold_fen, store::calendar::load(conn, first.min(last), last).await?))
}

struct Row {
    id: String,
    number: String,
    name: String,
    make: String,
    state: Listed,
    hourly_fen: Option<i64>,
    next_free: Option<Span>,
    clock: Clock,
}

#[derive(Template)]
#[template(path = "instruments/own.html")]
struct OwnPage {
    page: Page,
    form: FormState,
    states: Vec<Choice>,
    rows: Vec<Row>,
    total: usize,
    overdue: usize,
    pager: Pager,
    may_change: bool,
}

async fn list(State(app): State<Arc<App>>, visitor: Visitor) -> Result<Response, Error> {
    let member = visitor.require(Verb::ReadLab)?;
    let page = frame::page(&app, &visitor).await?;
    let form = FormState::read(page.query.as_bytes());
    let mut conn = app.db.read().await?;
    let all = listings::list_of(&mut conn, &member.organisation_id).await?;
    let region = store::organisations::find(&mut conn, &member.organisation_id).await?.map(|party| party.region_code).unwrap_or_default();
    let (threshold_fen, calendar) = clockwork(&mut conn, &page, &region, &all).await?;
    let today = page.now.day();
    let is_overdue = |one: &&Instrument| matches!(clock(one, threshold_fen, &calendar, today), Clock::Overdue(..));
    let overdue = all.iter().filter(is_overdue).count();
    let words = crate::base::text::fold(form.value("q"));
    let fits = |one: &&Instrument| {
        let text = crate::base::text::fold(&[&one.number, &one.name, &one.name_en, &one.model, &one.maker].map(String::as_str).join(" "));
        (form.value("state").is_empty() || form.value("state") == one.state.as_str()) && words.split(' ').all(|word| text.contains(word))
    };
    let fitting: Vec<&Instrument> = all.iter().filter(fits).collect();
    let at = paging::Page::read(Some(&ON_A_PAGE.to_string()), Some(form.value("after"))).unwrap_or(paging::Page { limit: ON_A_PAGE, offset: 0 });
    let place = |n: i64| usize::try_from(n).unwrap_or(usize::MAX);
    let shown: Vec<&Instrument> = fitting.iter().copied().skip(place(at.offset)).take(place(at.limit)).collect();
    let ids: Vec<String> = shown.iter().map(|one| one.id.clone()).collect();
    let found = catalogue::found(&mut conn, page.now, &ids).await?;
    drop(conn);
    let row = |one: &Instrument| {
        let found: Option<&Found> = found.iter().find(|found| found.item.id == one.id);
        Row {
            id: one.id.clone(),
            number: one.number.clone(),
            name: name_in(page.lang, &one.name, &one.name_en).to_owned(),
            make: make(&one.maker, &one.model),
            state: one.state,
            hourly_fen: found.and_then(|found| found.item.external_hourly_fen),
            next_free: found.and_then(|found| found.next_free),
            clock: clock(one, threshold_fen, &calendar, today),
        }
    };
    let template = OwnPage {
        rows: shown.into_iter().map(row).collect(),
        states: Choice::words(&page, "state-instrument", Listed::ALL),
        total: all.len(),
        overdue,
        pager: Pager::new(&page, at, i64::try_from(fitting.len()).unwrap_or(0)),
        may_change: visitor.may(Verb::ManageInstruments),
        form,
        page,
    };
    frame::show(&template)
}

/// What is asked before a listing is taken away.
#[derive(PartialEq, Eq)]
enum Question {
    None,
    Suspend,
    Retire,
}

#[derive(Template)]
#[template(path = "instruments/manage.html")]
struct ManagePage {
    page: Page,
    detail: Detail,
    listing: Listing,
    name: String,
    make: String,
    clock: Clock,
    hours: String,
    prices: Vec<Price>,
    question: Question,
    may_change: bool,
}

impl ManagePage {
    fn id(&self) -> &str {
        &self.detail.instrument.id
    }

    fn state(&self) -> Listed {
        self.detail.instrument.state
    }
}

/// An instrument of the visitor's own institution.
pub(super) async fn own(conn: &mut AnyConnection, page: &Page, visitor: &Visitor, id: &str, verb: Verb) -> Result<Detail, Error> {
    let member = visitor.require(verb)?;
    let detail = catalogue::detail(conn, page.now, id, Some(&member.organisation_id)).await?;
    detail.filter(|detail| detail.instrument.institution_id == member.organisation_id).ok_or(Error::NOT_FOUND)
}

async fn one(State(app): State<Arc<App>>, visitor: Visitor, PathId(id): PathId) -> Result<Response, Error> {
    visitor.require(Verb::ReadLab)?;
    let page = frame::page(&app, &visitor).await?;
    let mut conn = app.db.read().await?;
    let detail = own(&mut conn, &page, &visitor, &id, Verb::ReadLab).await?;
    let (threshold_fen, calendar) = clockwork(&mut conn, &page, &detail.found.item.region_code, std::slice::from_ref(&detail.instrument)).await?;
    drop(conn);
    let question = match FormState::read(page.query.as_bytes()).value("ask") {
        "suspend" if detail.instrument.state == Listed::Published => Question::Suspend,
        "retire" if detail.instrument.state != Listed::Retired => Question::Retire,
        _ => Question::None,
    };
    let template = ManagePage {
        name: name_in(page.lang, &detail.instrument.name, &detail.instrument.name_en).to_owned(),
        make: make(&detail.instrument.maker, &detail.instrument.model),
        clock: clock(&detail.instrument, threshold_fen, &calendar, page.now.day()),
        hours: hours_in_words(&page, &detail.found.item.rules.opening),
        listing: detail.instrument.listing(),
        prices: detail.prices.clone(),
        question,
        may_change: visitor.may(Verb::ManageInstruments),
        detail,
        page,
    };
    frame::show(&template)
}

async fn act(State(app): State<Arc<App>>, ids: PathIds, posted: Posted) -> Result<Response, Error> {
    let visitor = posted.visitor;
    let member = visitor.require(Verb::ManageInstruments)?;
    let (verb, done) = match ids.at(1) {
        "publish" => (ListingVerb::Publish, "instrument-published"),
        "suspend" => (ListingVerb::Suspend, "instrument-suspended"),
        "retire" => (ListingVerb::Retire, "instrument-retired"),
        _ => return Err(Error::NOT_FOUND),
    };
    let (owner, id) = (member.organisation_id.clone(), ids.at(0).to_owned());
    let act = visitor.act(&app)?;
    let moved: actions::Outcome<_> = app.transact(&act, |tx| Box::pin(instruments::move_listing(tx, &act, &owner, &id, verb, None))).await;
    moved?;
    Ok(frame::go(&format!("/lab/instruments/{id}"), done))
}
