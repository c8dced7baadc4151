//! What is read of instruments: the catalogue, one instrument whole, and when it can be had. Reads only.

use std::collections::HashMap;

use crate::base::ids::Id;
use crate::base::paging::{Listed, Page};
use crate::base::time::{DAY, Instant, Span};
use crate::domain::calendar::Calendar;
use crate::domain::instruments::policy::MOST_MINUTES;
use crate::domain::instruments::{Price, State};
use crate::domain::slots::Timetable;
use crate::store::instruments::listings::{self, Instrument};
use crate::store::instruments::search::{self, Filters, Item, Order, Rules};
use crate::store::instruments::versions;
use crate::store::{self, AnyConnection, Error};

/// In which order the catalogue is shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Sort {
    /// What fits the words best.
    #[default]
    Best,
    /// What is free first.
    Soonest,
    /// The lowest external hourly price.
    Cheapest,
}

/// When somebody needs an instrument.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Need {
    /// Within which window.
    pub window: Span,
    /// For how long at least; 0 for as short as the instrument allows.
    pub minutes: i64,
}

/// A question to the catalogue.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Question {
    /// What it must be.
    pub filters: Filters,
    /// When it must be free; `None`: that does not matter.
    pub need: Option<Need>,
    /// In which order.
    pub sort: Sort,
}

/// An instrument of the catalogue with when it can be had first.
#[derive(Debug, Clone)]
pub struct Found {
    /// The instrument.
    pub item: Item,
    /// The first span that is free, as far as it is published.
    pub next_free: Option<Span>,
}

/// The furthest that any policy lets one look ahead.
const FURTHEST: i64 = 732 * DAY + MOST_MINUTES * 60 + DAY;

/// A page of the catalogue. The number of statements does not depend on the number of instruments.
pub async fn search(conn: &mut AnyConnection, now: Instant, question: &Question, page: Page) -> Result<Listed<Found>, Error> {
    let today = now.day();
    let order = if question.sort == Sort::Cheapest { Order::Cheapest } else { Order::Best };
    let (ids, total) = if question.need.is_some() || question.sort == Sort::Soonest {
        let fitting = free_ids(conn, now, question, order).await?;
        let total = i64::try_from(fitting.len()).unwrap_or(i64::MAX);
        let page_of = |n: i64| usize::try_from(n).unwrap_or(usize::MAX);
        (fitting.into_iter().skip(page_of(page.offset)).take(page_of(page.limit)).collect(), total)
    } else {
        let total = search::count(conn, &question.filters, today).await?;
        (search::list_ids(conn, &question.filters, order, today, page.limit, page.offset).await?, total)
    };
    Ok(Listed::new(found(conn, now, &ids).await?, total, page))
}

/// How many instruments fit a question.
pub async fn count(conn: &mut AnyConnection, now: Instant, question: &Question) -> Result<i64, Error> {
    if question.need.is_some() {
        return Ok(i64::try_from(free_ids(conn, now, question, Order::Best).await?.len()).unwrap_or(i64::MAX));
    }
    search::count(conn, &question.filters, now.day()).await
}

/// The instruments of these ids, in their order, each with its next free span.
pub async fn found(conn: &mut AnyConnection, now: Instant, ids: &[Id]) -> Result<Vec<Found>, Error> {
    let items = search::list_items(conn, ids, now.day()).await?;
    if items.is_empty() {
        return Ok(Vec::new());
    }
    let furthest = items.iter().map(|item| reach(&item.rules, now)).max().unwrap_or(now);
    let calendar = store::calendar::load(conn, now.day(), furthest.day()).await?;
    let taken = by_instrument(search::list_taken(conn, ids, Span::new(now.plus(-DAY), furthest)).await?);
    let with_free = |item: Item| {
        let free = if item.state == State::Published { first_free(&item.rules, &calendar, taken.get(&item.id), 0, now) } else { None };
        Found { item, next_free: free }
    };
    Ok(items.into_iter().map(with_free).collect())
}

/// As far as bookings of an instrument can reach, with its buffer.
fn reach(rules: &Rules, now: Instant) -> Instant {
    now.plus((rules.policy.horizon_days + 2) * DAY + (rules.policy.max_minutes + rules.policy.buffer_minutes) * 60)
}

fn by_instrument(rows: Vec<(Id, Span)>) -> HashMap<Id, Vec<Span>> {
    let mut taken: HashMap<Id, Vec<Span>> = HashMap::new();
    for (id, span) in rows {
        taken.entry(id).or_default().push(span);
    }
    taken
}

fn first_free(rules: &Rules, calendar: &Calendar, taken: Option<&Vec<Span>>, minutes: i64, now: Instant) -> Option<Span> {
    let taken = taken.map_or(&[][..], Vec::as_slice);
    Timetable { policy: &rules.policy, hours: &rules.opening, calendar, taken }.first_free(minutes, now)
}

/// The ids of what fits and is free when it is needed. Instruments with the same rules and nothing taken are looked at once.
pub(super) async fn free_ids(conn: &mut AnyConnection, now: Instant, question: &Question, order: Order) -> Result<Vec<Id>, Error> {
    let rows = search::list_rules(conn, &question.filters, order, now.day()).await?;
    let furthest = rows.iter().map(|(_, rules)| reach(rules, now)).max().unwrap_or(now);
    let calendar = store::calendar::load(conn, now.day(), furthest.day()).await?;
    let window = question.need.map_or(Span::new(now, furthest), |need| need.window);
    let around = Span::new(window.starts_at.max(now), window.ends_at.min(furthest)).widened(2 * DAY);
    let taken = by_instrument(search::list_taken(conn, &[], around).await?);
    let look = |rules: &Rules, taken: Option<&Vec<Span>>| match question.need {
        None => first_free(rules, &calendar, taken, 0, now),
        Some(need) => {
            let taken = taken.map_or(&[][..], Vec::as_slice);
            let table = Timetable { policy: &rules.policy, hours: &rules.opening, calendar: &calendar, taken };
            table.free_spans(need.window, need.minutes, now).first().copied()
        }
    };
    let mut known: HashMap<&Rules, Option<Span>> = HashMap::new();
    let mut fitting: Vec<(Option<Span>, &Id)> = Vec::with_capacity(rows.len());
    for (id, rules) in &rows {
        let free = match taken.get(id) {
            Some(spans) => look(rules, Some(spans)),
            None => *known.entry(rules).or_insert_with(|| look(rules, None)),
        };
        if free.is_some() || question.need.is_none() {
            fitting.push((free, id));
        }
    }
    if question.sort == Sort::Soonest {
        fitting.sort_by_key(|(free, _)| (free.is_none(), free.map(|span| span.starts_at)));
    }
    Ok(fitting.into_iter().map(|(_, id)| id.clone()).collect())
}

/// An instrument whole.
#[derive(Debug, Clone)]
pub struct Detail {
    /// What stands in its listing.
    pub instrument: Instrument,
    /// What the catalogue shows of it.
    pub found: Found,
    /// Its prices.
    pub prices: Vec<Price>,
}

/// Whether somebody of an organisation (`None`: a stranger) may know an instrument: drafts only their own institution.
#[must_use]
pub fn may_see(instrument: &Instrument, organisation_id: Option<&str>) -> bool {
    instrument.state != State::Draft || organisation_id == Some(instrument.institution_id.as_str())
}

/// An instrument whole, as far as `organisation_id` may know it.
pub async fn detail(conn: &mut AnyConnection, now: Instant, id: &str, organisation_id: Option<&str>) -> Result<Option<Detail>, Error> {
    let Some(instrument) = listings::find(conn, id).await?.filter(|instrument| may_see(instrument, organisation_id)) else { return Ok(None) };
    let Some(found) = found(conn, now, std::slice::from_ref(&instrument.id)).await?.pop() else { return Ok(None) };
    let prices = versions::list_prices(conn, id).await?.into_iter().map(|(_, price)| price).collect();
    Ok(Some(Detail { instrument, found, prices }))
}

/// The spans of an instrument in which a booking of at least `minutes` breaks no rule of time; `None` when the instrument may not be known.
/// Nothing is free of one that is not published.
pub async fn availability(
    conn: &mut AnyConnection,
    now: Instant,
    id: &str,
    organisation_id: Option<&str>,
    window: Span,
    minutes: i64,
) -> Result<Option<Vec<Span>>, Error> {
    let Some(instrument) = listings::find(conn, id).await?.filter(|instrument| may_see(instrument, organisation_id)) else { return Ok(None) };
    let Some(item) = search::list_items(conn, std::slice::from_ref(&instrument.id), now.day()).await?.pop() else { return Ok(None) };
    let window = Span::new(window.starts_at.max(now), window.ends_at.min(now.plus(FURTHEST)));
    if instrument.state != State::Published || window.seconds() == 0 {
        return Ok(Some(Vec::new()));
    }
    let calendar = store::calendar::load(conn, window.starts_at.day(), window.ends_at.day()).await?;
    let taken: Vec<Span> =
        search::list_taken(conn, std::slice::from_ref(&instrument.id), window.widened(2 * DAY)).await?.into_iter().map(|(_, span)| span).collect();
    let table = Timetable { policy: &item.rules.policy, hours: &item.rules.opening, calendar: &calendar, taken: &taken };
    Ok(Some(table.free_spans(window, minutes, now)))
}
