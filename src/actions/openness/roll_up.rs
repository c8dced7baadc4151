//! The daily roll-up: yesterday and every touched day, some instruments in a transaction. Repeating it changes nothing.

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest as _, Sha256};

use super::super::Outcome;
use super::kin::Kin;
use crate::base::ids::Id;
use crate::base::text::hex;
use crate::base::time::{Day, Instant, Span};
use crate::domain::openness::{Figures, Piece};
use crate::store::openness::Scope;
use crate::store::openness::segments::{self, SegmentRow};
use crate::store::roll_ups::UsageDay;
use crate::store::{self, AnyConnection, Db, Tx};

/// What a roll-up did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Instruments looked at.
    pub instruments: usize,
    /// Days computed.
    pub days: usize,
}

/// How many instruments share a transaction: few round trips each, and none is held for long.
const TOGETHER: usize = 50;

/// Rolls up the day before `instant` and every touched day.
///
/// # Errors
/// When the database is away; what was done until then stays done.
pub async fn roll_up(db: &Db, instant: Instant) -> Outcome<Counts> {
    let yesterday = instant.day().plus(-1);
    let due = store::roll_ups::list_due(&mut *db.read().await?, yesterday).await?;
    let mut counts = Counts::default();
    for instruments in due.chunks(TOGETHER) {
        counts.instruments += instruments.len();
        counts.days += db.transact(|tx| Box::pin(roll_up_some(tx, instruments, yesterday, instant))).await?;
    }
    Ok(counts)
}

async fn roll_up_some(tx: &mut Tx<'_>, instruments: &[Id], yesterday: Day, now: Instant) -> Outcome<usize> {
    // Deliveries hold the instrument too: none can touch a day between our taking it off the list and reading its segments.
    store::instruments::lock_all(tx, instruments).await?;
    let mut days: BTreeMap<&Id, BTreeSet<Day>> = instruments.iter().map(|id| (id, BTreeSet::from([yesterday]))).collect();
    for (id, day) in store::roll_ups::delete_touched(tx, instruments).await? {
        if let Some(known) = instruments.iter().find(|known| **known == id) {
            days.entry(known).or_default().insert(day);
        }
    }
    let mut rows = segments::list_of(tx, instruments, &stretches(days.values().flatten().copied())).await?;
    // Relations matter only where somebody else was served.
    let kin = if rows.iter().any(|row| row.organisation_uscc.is_some()) { Kin::load(tx).await? } else { Kin::default() };
    rows.sort_by(|a, b| a.instrument_id.cmp(&b.instrument_id));
    let mut computed: Vec<(&Id, UsageDay)> = Vec::new();
    for rows in rows.chunk_by(|a, b| a.instrument_id == b.instrument_id) {
        if let Some((id, wanted)) = days.get_key_value(&rows[0].instrument_id) {
            computed.extend(of_rows(&kin, rows, wanted).into_iter().map(|day| (*id, day)));
        }
    }
    let days: Vec<(&Id, Day)> = days.iter().flat_map(|(id, days)| days.iter().map(|day| (*id, *day))).collect();
    store::roll_ups::replace(tx, &days, &computed, now).await?;
    Ok(days.len())
}

/// Windows around days: those that lie near each other are read as one, a late one by itself and not with all that came after it.
#[must_use]
pub fn stretches(days: impl Iterator<Item = Day>) -> Vec<Span> {
    const NEAR: i64 = 10;
    let days: BTreeSet<Day> = days.collect();
    let mut found: Vec<(Day, Day)> = Vec::new();
    for day in days {
        match found.last_mut() {
            Some((_, last)) if day <= last.plus(NEAR) => *last = day,
            _ => found.push((day, day)),
        }
    }
    found.into_iter().map(|(first, last)| Span::new(first.start(), last.end())).collect()
}

/// The days of an instrument out of its live segments; a day without any has no row.
pub async fn compute(conn: &mut AnyConnection, instrument_id: &str, days: &BTreeSet<Day>) -> Outcome<Vec<UsageDay>> {
    let (Some(first), Some(last)) = (days.first(), days.last()) else { return Ok(Vec::new()) };
    let kin = Kin::load(conn).await?;
    let window = Span::new(first.start(), last.end());
    let rows = segments::list(conn, &Scope::Instrument(instrument_id.to_owned()), window, false).await?;
    Ok(of_rows(&kin, &rows, days))
}

fn of_rows(kin: &Kin, rows: &[SegmentRow], days: &BTreeSet<Day>) -> Vec<UsageDay> {
    by_day(rows, |day| days.contains(&day))
        .into_iter()
        .map(|((day, institution_id), rows)| {
            let pieces: Vec<Piece> = rows.iter().map(|row| kin.piece(row)).collect();
            UsageDay {
                day,
                institution_id: institution_id.to_owned(),
                figures: Figures::of(day.span(), &pieces),
                segments: rows.len().try_into().unwrap_or(i64::MAX),
                digest: digest(rows),
            }
        })
        .collect()
}

/// Segments by the days they touch and the owner they count for.
#[must_use]
pub fn by_day(rows: &[SegmentRow], wanted: impl Fn(Day) -> bool) -> BTreeMap<(Day, &Id), Vec<&SegmentRow>> {
    let mut days: BTreeMap<(Day, &Id), Vec<&SegmentRow>> = BTreeMap::new();
    for row in rows {
        for day in row.span().days().filter(|day| wanted(*day)) {
            days.entry((day, &row.institution_id)).or_default().push(row);
        }
    }
    days
}

fn digest(mut rows: Vec<&SegmentRow>) -> String {
    rows.sort_by(|a, b| a.key.cmp(&b.key));
    let mut hash = Sha256::new();
    for row in rows {
        hash.update(row.key.as_bytes());
        hash.update(b"\n");
        hash.update(row.content_hash.as_bytes());
        hash.update(b"\n");
    }
    hex(&hash.finalize())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_late_day_is_read_without_all_that_came_after_it() {
        let day = |text: &str| Day::parse(text).unwrap();
        let found = stretches(["2026-10-12", "2026-03-01", "2026-10-20"].into_iter().map(day));
        assert_eq!(found, [day("2026-03-01").span(), Span::new(day("2026-10-12").start(), day("2026-10-20").end())]);
    }
}
