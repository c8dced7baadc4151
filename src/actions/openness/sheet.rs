//! What is read for a period: every instrument in service with its hours, users and income, and every answer. One load serves an
//! instrument, an institution and a region; nothing is asked instrument by instrument.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::super::Outcome;
use super::kin::Kin;
use super::roll_up::{by_day, stretches};
use super::schemes::Schemes;
use crate::base::ids::Id;
use crate::base::time::{Day, Instant};
use crate::domain::calendar::Calendar;
use crate::domain::instruments::{Funding, State, listing_due_on};
use crate::domain::openness::{Figures, Period, Piece};
use crate::store::openness::{Scope, Stretch, segments, sums};
use crate::store::{self, AnyConnection};

/// An instrument in service during a period, as one institution's.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The instrument.
    pub instrument_id: Id,
    /// Whose it was.
    pub institution_id: Id,
    /// Its number there.
    pub number: String,
    /// Its name.
    pub name: String,
    /// Its class.
    pub category_code: String,
    /// Its state at the end of the period.
    pub state: State,
    /// Whether it was in service here at the end of the period: only then can it be one that must be listed.
    pub at_end: bool,
    /// Whose money bought it.
    pub funding: Funding,
    /// Original value.
    pub original_value_fen: i64,
    /// The day of its first publication.
    pub listed_on: Option<Day>,
    /// Where it was accepted in the period: whether it was listed within the deadline.
    pub on_time: Option<bool>,
    /// Days of the period in service here.
    pub service_days: i64,
    /// Hours.
    pub figures: Figures,
    /// Income.
    pub income_fen: i64,
}

/// All that a report of a period is made of.
#[derive(Debug)]
pub struct Sheet {
    /// The period.
    pub period: Period,
    /// Instruments in service, by institution and number.
    pub entries: Vec<Entry>,
    /// Hours of an instrument by owner, whether in service or not.
    pub hours: HashMap<(Id, Id), Figures>,
    /// Hours of all instruments by the months of a year or the days of a month, by their first day, for charts: a single day has none. Those
    /// without any are left out.
    pub course: BTreeMap<Day, Figures>,
    /// Income of an instrument by owner.
    pub income: HashMap<(Id, Id), i64>,
    /// Working seconds from request to answer: instrument, institution, seconds.
    pub answers: Vec<(Id, Id, i64)>,
    /// Every scheme.
    pub schemes: Schemes,
}

impl Sheet {
    /// Reads a period. The connection should see one moment (`Db::snapshot`), so that no day is counted twice or missed while it is rolled up.
    pub async fn load(conn: &mut AnyConnection, scope: &Scope, period: Period, now: Instant) -> Outcome<Self> {
        let (first, last) = (period.first(), period.last());
        let schemes = Schemes::load(conn).await?;
        let calendar = store::calendar::load(conn, first.plus(-400), last.plus(400)).await?;
        let (hours, course) = hours(conn, scope, period).await?;
        let income = store::openness::list_income(conn, scope, period.span()).await?;
        let income: HashMap<(Id, Id), i64> = income.into_iter().map(|(instrument_id, institution_id, fen)| ((instrument_id, institution_id), fen)).collect();
        let answers = store::openness::list_answers(conn, scope, period.span()).await?;
        let answers = answers
            .into_iter()
            .map(|(instrument_id, institution_id, from, to)| (instrument_id, institution_id, calendar.working_seconds_between(from, to)))
            .collect();
        let mut entries: Vec<Entry> = Vec::new();
        for row in store::openness::list_in_service(conn, scope, first, last, now).await? {
            let days = service_days(&row, period);
            // Rows of one instrument and owner stand together.
            let same = |entry: &&mut Entry| entry.instrument_id == row.instrument_id && entry.institution_id == row.institution_id;
            if let Some(entry) = entries.last_mut().filter(same) {
                entry.service_days += days;
                entry.at_end |= at_end(&row, period);
            } else {
                let key = (row.instrument_id.clone(), row.institution_id.clone());
                entries.push(entry(row, period, &calendar, hours.get(&key).cloned().unwrap_or_default(), income.get(&key).copied().unwrap_or(0)));
            }
        }
        entries.retain(|entry| entry.service_days > 0);
        Ok(Self { period, entries, hours, course, income, answers, schemes })
    }
}

/// Hours of an instrument by owner, and of all by months or days.
type Hours = (HashMap<(Id, Id), Figures>, BTreeMap<Day, Figures>);

/// Sums of what is rolled up, and days that must be computed again out of their segments.
async fn hours(conn: &mut AnyConnection, scope: &Scope, period: Period) -> Outcome<Hours> {
    let mut hours: HashMap<(Id, Id), Figures> = HashMap::new();
    let mut course: BTreeMap<Day, Figures> = BTreeMap::new();
    for sum in sums::list(conn, scope, period).await? {
        let figures = sum.figures();
        if period.is_year() {
            course.entry(sum.day).or_default().add(&figures);
        }
        hours.entry((sum.instrument_id, sum.institution_id)).or_default().add(&figures);
    }
    if matches!(period, Period::Month(..)) {
        course = sums::list_by_day(conn, scope, period.first(), period.last()).await?.into_iter().map(|sum| (sum.day, sum.figures())).collect();
    }
    for (instrument_id, institution_id, day, figures) in fresh_days(conn, scope, period).await? {
        match period {
            Period::Year(_) => course.entry(Period::month_of(day).first()).or_default().add(&figures),
            Period::Month(..) => course.entry(day).or_default().add(&figures),
            Period::Day(_) => {}
        }
        hours.entry((instrument_id, institution_id)).or_default().add(&figures);
    }
    Ok((hours, course))
}

/// Figures of days that are not rolled up yet, out of their segments: instrument, institution, day, figures.
async fn fresh_days(conn: &mut AnyConnection, scope: &Scope, period: Period) -> Outcome<Vec<(Id, Id, Day, Figures)>> {
    let touched = sums::list_touched(conn, scope, period.first(), period.last()).await?;
    let mut by_instrument: HashMap<&str, HashSet<Day>> = HashMap::new();
    for (instrument_id, day) in &touched {
        by_instrument.entry(instrument_id).or_default().insert(*day);
    }
    let mut fresh = Vec::new();
    if touched.is_empty() {
        return Ok(fresh);
    }
    let kin = Kin::load(conn).await?;
    for window in stretches(touched.iter().map(|(_, day)| *day)) {
        let mut rows = segments::list(conn, scope, window, true).await?;
        rows.sort_by(|a, b| a.instrument_id.cmp(&b.instrument_id));
        for rows in rows.chunk_by(|a, b| a.instrument_id == b.instrument_id) {
            let Some(days) = rows.first().and_then(|row| by_instrument.get(row.instrument_id.as_str())) else { continue };
            for ((day, institution_id), segments) in by_day(rows, |day| days.contains(&day) && day.span().overlaps(window)) {
                let pieces: Vec<Piece> = segments.iter().map(|row| kin.piece(row)).collect();
                fresh.push((rows[0].instrument_id.clone(), institution_id.clone(), day, Figures::of(day.span(), &pieces)));
            }
        }
    }
    Ok(fresh)
}

/// The days of a period on which a stretch in service was the institution's.
fn service_days(row: &Stretch, period: Period) -> i64 {
    let from = row.from_on.max(row.own_from_at.day());
    let until = match (row.until_on, row.own_until_at.map(Instant::day)) {
        (Some(service), Some(own)) => Some(service.min(own)),
        (service, own) => service.or(own),
    };
    period.days_between(from, until)
}

fn at_end(row: &Stretch, period: Period) -> bool {
    let last = period.last();
    let in_service = row.from_on <= last && row.until_on.is_none_or(|until| until > last);
    let theirs = row.own_from_at < last.end() && row.own_until_at.is_none_or(|until| until >= last.end());
    in_service && theirs
}

fn entry(row: Stretch, period: Period, calendar: &Calendar, figures: Figures, income_fen: i64) -> Entry {
    let listed_on = row.listed_at.map(Instant::day);
    let accepted_on = row.accepted_on.filter(|day| period.contains(*day));
    Entry {
        on_time: accepted_on.map(|day| listed_on.is_some_and(|listed| listed <= listing_due_on(day, calendar))),
        listed_on: listed_on.filter(|day| *day <= period.last()),
        at_end: at_end(&row, period),
        funding: row.funding,
        service_days: service_days(&row, period),
        instrument_id: row.instrument_id,
        institution_id: row.institution_id,
        number: row.number,
        name: row.name,
        category_code: row.category_code,
        state: row.state,
        original_value_fen: row.original_value_fen,
        figures,
        income_fen,
    }
}
