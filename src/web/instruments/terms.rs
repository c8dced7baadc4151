//! The forms for prices, opening hours and the booking policy of an instrument.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;

use super::own::own;
use crate::actions::instruments::catalogue::Detail;
use crate::actions::{self, instruments};
use crate::app::App;
use crate::base::format;
use crate::base::money::format_fen;
use crate::base::text::narrow;
use crate::domain::instruments::hours::{format_minute, parse_minute};
use crate::domain::instruments::policy::MOST_MINUTES;
use crate::domain::instruments::prices::{MOST_PRICE_FEN, PriceUnit};
use crate::domain::instruments::{Approval, Audience, Holidays, Mode, OpeningHours, OpeningItem, Policy, PolicyChange, Price, out_of_range};
use crate::domain::refusals::{Refusal, Violation};
use crate::domain::roles::Verb;
use crate::http::query::PathId;
use crate::http::{Error, Visitor};
use crate::web::frame::{self, Posted};
use crate::web::shell::{Choice, FormState, Page};

/// Blank lines below the prices that stand.
const BLANK_LINES: usize = 3;
/// The most lines of the form.
const MOST_LINES: usize = 60;

/// The routes.
pub fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/lab/instruments/{id}/prices", get(prices).post(set_prices))
        .route("/lab/instruments/{id}/hours", get(hours).post(set_hours))
        .route("/lab/instruments/{id}/policy", get(policy).post(set_policy))
}

/// Finds the instrument for its manager.
async fn found(app: &App, visitor: &Visitor, id: &str) -> Result<(Page, Detail), Error> {
    visitor.require(Verb::ManageInstruments)?;
    let page = frame::page(app, visitor).await?;
    let detail = own(&mut *app.db.read().await?, &page, visitor, id, Verb::ManageInstruments).await?;
    Ok((page, detail))
}

fn back(id: &str) -> String {
    format!("/lab/instruments/{id}")
}

#[derive(Template)]
#[template(path = "instruments/prices.html")]
struct PricesPage {
    page: Page,
    form: FormState,
    id: String,
    name: String,
    lines: Vec<usize>,
    audiences: Vec<Choice>,
    modes: Vec<Choice>,
}

impl PricesPage {
    fn new(page: Page, form: FormState, detail: &Detail, lines: usize) -> Self {
        Self {
            audiences: Choice::words(&page, "audience", &[Audience::External, Audience::Internal]),
            modes: Choice::words(&page, "mode", &detail.instrument.modes()),
            id: detail.instrument.id.clone(),
            name: detail.instrument.name.clone(),
            lines: (0..lines).collect(),
            form,
            page,
        }
    }
}

async fn prices(State(app): State<Arc<App>>, visitor: Visitor, PathId(id): PathId) -> Result<Response, Error> {
    let (page, detail) = found(&app, &visitor, &id).await?;
    let mut form = FormState::new();
    for (line, price) in detail.prices.iter().enumerate() {
        let text = |day: Option<crate::base::time::Day>| day.map(|day| day.to_string()).unwrap_or_default();
        form = form
            .with(&format!("audience-{line}"), price.audience)
            .with(&format!("mode-{line}"), price.mode.map_or(String::new(), |mode| mode.to_string()))
            .with(&format!("amount_fen-{line}"), format_fen(price.amount_fen, false))
            .with(&format!("valid_from-{line}"), text(price.valid_from))
            .with(&format!("valid_to-{line}"), text(price.valid_to));
    }
    let lines = detail.prices.len() + BLANK_LINES;
    frame::show(&PricesPage::new(page, form, &detail, lines))
}

/// The prices of the form, each with the line on which it stands; lines without an amount are left out.
fn read_prices(form: &mut FormState, lines: usize) -> (Vec<Price>, Vec<usize>) {
    let (mut prices, mut places) = (Vec::new(), Vec::new());
    for line in 0..lines {
        let name = |field: &str| format!("{field}-{line}");
        if form.value(&name("amount_fen")).trim().is_empty() {
            continue;
        }
        let amount_fen = form.yuan(&name("amount_fen"));
        if amount_fen.is_some_and(|fen| fen > MOST_PRICE_FEN) {
            form.note(out_of_range(name("amount_fen"), 0, MOST_PRICE_FEN / 100));
        }
        let audience = form.word(&name("audience"), Audience::parse);
        let mode = if form.value(&name("mode")).is_empty() { Some(None) } else { form.word(&name("mode"), Mode::parse).map(Some) };
        let (valid_from, valid_to) = (form.optional_day(&name("valid_from")), form.optional_day(&name("valid_to")));
        if let (Some(amount_fen), Some(audience), Some(mode)) = (amount_fen, audience, mode) {
            prices.push(Price { unit: PriceUnit::Hour, audience, amount_fen, mode, valid_from, valid_to });
            places.push(line);
        }
    }
    (prices, places)
}

/// `items[1].valid_to` as the field of the line that the second price stands on.
fn placed(field: &str, places: &[usize]) -> String {
    let inner = field.strip_prefix("items[").and_then(|rest| rest.split_once(']'));
    let Some((index, rest)) = inner else { return field.to_owned() };
    let line = index.parse::<usize>().ok().and_then(|index| places.get(index)).copied().unwrap_or(0);
    let name = rest.trim_start_matches('.');
    format!("{}-{line}", if name.is_empty() { "amount_fen" } else { name })
}

async fn set_prices(State(app): State<Arc<App>>, PathId(id): PathId, posted: Posted) -> Result<Response, Error> {
    let Posted { visitor, mut form, .. } = posted;
    let (page, detail) = found(&app, &visitor, &id).await?;
    let lines = (0..MOST_LINES).rev().find(|line| !form.value(&format!("amount_fen-{line}")).is_empty()).map_or(0, |line| line + 1);
    let (items, places) = read_prices(&mut form, lines);
    if !form.is_wrong() {
        let (act, owner) = (visitor.act(&app)?, detail.instrument.institution_id.clone());
        match app.transact(&act, |tx| Box::pin(instruments::set_prices(tx, &act, &owner, &id, &items))).await {
            Ok(()) => return Ok(frame::go(&back(&id), "instrument-prices")),
            Err(actions::Error::Refused(Refusal::Rules { violations, .. })) => {
                for violation in violations {
                    let field = placed(&violation.field, &places);
                    form.note(Violation { field, ..violation });
                }
            }
            Err(error) => return Err(error.into()),
        }
    }
    frame::refused(&PricesPage::new(page, form, &detail, lines + BLANK_LINES))
}

#[derive(Template)]
#[template(path = "instruments/hours.html")]
struct HoursPage {
    page: Page,
    form: FormState,
    id: String,
    name: String,
    days: Vec<(String, &'static str)>,
}

impl HoursPage {
    fn new(page: Page, form: FormState, detail: &Detail) -> Self {
        let days = (1..=7).map(|weekday| (format!("day-{weekday}"), format::weekday(page.lang, weekday))).collect();
        Self { id: detail.instrument.id.clone(), name: detail.instrument.name.clone(), days, form, page }
    }
}

async fn hours(State(app): State<Arc<App>>, visitor: Visitor, PathId(id): PathId) -> Result<Response, Error> {
    let (page, detail) = found(&app, &visitor, &id).await?;
    let opening = &detail.found.item.rules.opening;
    let mut form = FormState::new();
    for weekday in 1..=7 {
        let spans = opening.of_weekday(weekday).map(|span| format!("{}-{}", format_minute(span.opens_minute), format_minute(span.closes_minute)));
        form = form.with(&format!("day-{weekday}"), spans.collect::<Vec<_>>().join(", "));
    }
    if opening.holidays == Holidays::Open {
        form = form.with("holidays", "open");
    }
    frame::show(&HoursPage::new(page, form, &detail))
}

/// The hours of the form: per day spans such as `8:30-12:00, 13:30-17:30`, nothing for a closed day.
fn read_hours(form: &mut FormState) -> Option<OpeningHours> {
    let mut items = Vec::new();
    for weekday in 1..=7 {
        let name = format!("day-{weekday}");
        let typed = narrow(form.value(&name));
        let pieces: Vec<&str> = typed.split([',', ';', '、', '，', '；']).map(str::trim).filter(|piece| !piece.is_empty()).collect();
        let mut day = Vec::new();
        for piece in pieces {
            let padded = |text: &str| if text.trim().find(':') == Some(1) { format!("0{}", text.trim()) } else { text.trim().to_owned() };
            match piece.split_once(['-', '–', '—', '~']).map(|(opens, closes)| (padded(opens), padded(closes))) {
                Some((opens, closes)) if parse_minute(&opens).is_some() && parse_minute(&closes).is_some() => day.push(OpeningItem { weekday, opens, closes }),
                _ => {
                    form.note(Violation::invalid(name.clone(), "not_opening_hours"));
                    day.clear();
                    break;
                }
            }
        }
        if let Err(violations) = OpeningHours::read(&day, Holidays::Closed) {
            if let Some(violation) = violations.into_iter().next() {
                form.note(Violation { field: name, ..violation });
            }
        } else {
            items.extend(day);
        }
    }
    let holidays = if form.holds("holidays", "open") { Holidays::Open } else { Holidays::Closed };
    if form.is_wrong() { None } else { OpeningHours::read(&items, holidays).ok() }
}

async fn set_hours(State(app): State<Arc<App>>, PathId(id): PathId, posted: Posted) -> Result<Response, Error> {
    let Posted { visitor, mut form, .. } = posted;
    let (page, detail) = found(&app, &visitor, &id).await?;
    if let Some(opening) = read_hours(&mut form) {
        let (act, owner) = (visitor.act(&app)?, detail.instrument.institution_id.clone());
        let set: actions::Outcome<()> = app.transact(&act, |tx| Box::pin(instruments::set_opening(tx, &act, &owner, &id, &opening))).await;
        set?;
        return Ok(frame::go(&back(&id), "instrument-hours"));
    }
    frame::refused(&HoursPage::new(page, form, &detail))
}

#[derive(Template)]
#[template(path = "instruments/policy.html")]
struct PolicyPage {
    page: Page,
    form: FormState,
    id: String,
    name: String,
    approvals: Vec<Choice>,
}

impl PolicyPage {
    fn new(page: Page, form: FormState, detail: &Detail) -> Self {
        let approvals = Choice::words(&page, "approval", Approval::ALL);
        Self { id: detail.instrument.id.clone(), name: detail.instrument.name.clone(), approvals, form, page }
    }
}

/// The numbers of a policy by name.
fn numbers(policy: &Policy) -> [(&'static str, i64); 10] {
    [
        ("grid_minutes", policy.grid_minutes),
        ("min_minutes", policy.min_minutes),
        ("max_minutes", policy.max_minutes),
        ("notice_minutes", policy.notice_minutes),
        ("horizon_days", policy.horizon_days),
        ("buffer_minutes", policy.buffer_minutes),
        ("approval_hours", policy.approval_hours),
        ("free_cancel_minutes", policy.free_cancel_minutes),
        ("late_cancel_percent", policy.late_cancel_percent),
        ("no_show_minutes", policy.no_show_minutes),
    ]
}

async fn policy(State(app): State<Arc<App>>, visitor: Visitor, PathId(id): PathId) -> Result<Response, Error> {
    let (page, detail) = found(&app, &visitor, &id).await?;
    let policy = detail.found.item.rules.policy;
    let form = numbers(&policy).iter().fold(FormState::new().with("approval", policy.approval), |form, (name, value)| form.with(name, value));
    frame::show(&PolicyPage::new(page, form, &detail))
}

async fn set_policy(State(app): State<Arc<App>>, PathId(id): PathId, posted: Posted) -> Result<Response, Error> {
    let Posted { visitor, mut form, .. } = posted;
    let (page, detail) = found(&app, &visitor, &id).await?;
    // The rules themselves bound each number more tightly.
    let mut whole = |name: &str| form.whole(name, 0, 20 * MOST_MINUTES);
    let change = PolicyChange {
        grid_minutes: whole("grid_minutes"),
        min_minutes: whole("min_minutes"),
        max_minutes: whole("max_minutes"),
        notice_minutes: whole("notice_minutes"),
        horizon_days: whole("horizon_days"),
        buffer_minutes: whole("buffer_minutes"),
        approval_hours: whole("approval_hours"),
        free_cancel_minutes: whole("free_cancel_minutes"),
        late_cancel_percent: whole("late_cancel_percent"),
        no_show_minutes: whole("no_show_minutes"),
        approval: form.word("approval", Approval::parse),
    };
    if !form.is_wrong() {
        let (act, owner) = (visitor.act(&app)?, detail.instrument.institution_id.clone());
        match app.transact(&act, |tx| Box::pin(instruments::set_policy(tx, &act, &owner, &id, &change))).await {
            Ok(()) => return Ok(frame::go(&back(&id), "instrument-policy")),
            Err(actions::Error::Refused(refusal)) if form.refuse(&refusal) => {}
            Err(error) => return Err(error.into()),
        }
    }
    frame::refused(&PolicyPage::new(page, form, &detail))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_are_read_as_people_type_them() {
        let mut form = FormState::new().with("day-1", "8:30-12:00，13:30–17:30").with("day-6", "09:00 - 24:00").with("holidays", "open");
        let hours = read_hours(&mut form).unwrap();
        let spans: Vec<_> = hours.spans.iter().map(|span| (span.weekday, span.opens_minute, span.closes_minute)).collect();
        assert_eq!((spans, hours.holidays), (vec![(1, 510, 720), (1, 810, 1050), (6, 540, 1440)], Holidays::Open));
        for (typed, why) in
            [("always", "not_opening_hours"), ("9-12", "not_opening_hours"), ("12:00-9:00", "not_after_opening"), ("9:00-12:00, 11:00-13:00", "overlapping")]
        {
            let mut form = FormState::new().with("day-3", typed);
            assert_eq!(read_hours(&mut form), None, "{typed}");
            assert_eq!((form.violations[0].field.as_str(), form.violations[0].facts[0].1.as_str()), ("day-3", why), "{typed}");
        }
    }

    #[test]
    fn a_price_is_refused_at_its_line() {
        assert_eq!((placed("items[1].valid_to", &[0, 4]), placed("items[0]", &[2])), ("valid_to-4".to_owned(), "amount_fen-2".to_owned()));
    }
}
