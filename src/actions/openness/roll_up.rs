//! The daily roll-up: yesterday and every touched day, one transaction for each instrument. Repeating it changes nothing.

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest as _, Sha256};

use super::super::Outcome;
use super::kin::Kin;
use crate::base::ids::Id;
use crate::base::text::hex;
use crate::base::time::{Day, Instant, Span};
use crate::domain::openness::{Figures, Piece};
use crate::store::openness::{Scope, SegmentRow};
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

/// Rolls up the day before `instant` and every touched day.
///
/// # Errors
/// When the database is away; what was done until then stays done.
pub async fn roll_up(db: &Db, instant: Instant) -> Outcome<Counts> {
    let yesterday = instant.day().plus(-1);
    let due = store::roll_ups::list_due(&mut *db.read().await?, yesterday).await?;
    let mut counts = Counts::default();
    for instrument_id in &due {
        counts.instruments += 1;
        counts.days += db.transact(|tx| Box::pin(roll_up_instrument(tx, instrument_id, yesterday, instant))).await?;
    }
    Ok(counts)
}

async fn roll_up_instrument(tx: &mut Tx<'_>, instrument_id: &str, yesterday: Day, now: Instant) -> Outcome<usize> {
    // Deliveries hold the instrument too: none can touch a day between our reading it and taking it off the list.
    store::instruments::lock(tx, instrument_id).await?;
    let mut days: BTreeSet<Day> = store::roll_ups::list_touched(tx, instrument_id).await?.into_iter().collect();
    days.insert(yesterday);
    let computed = compute(tx, instrument_id, &days).await?;
    let days: Vec<Day> = days.into_iter().collect();
    store::roll_ups::replace(tx, instrument_id, &days, &computed, now).await?;
    Ok(days.len())
}

/// The days of an instrument out of its live segments; a day without any has no row.
pub async fn compute(conn: &mut AnyConnection, instrument_id: &str, days: &BTreeSet<Day>) -> Outcome<Vec<UsageDay>> {
    let (Some(first), Some(last)) = (days.first(), days.last()) else { return Ok(Vec::new()) };
    let kin = Kin::load(conn).await?;
    let window = Span::new(first.start(), last.end());
    let rows = store::openness::list_segments(conn, &Scope::Instrument(instrument_id.to_owned()), window, false).await?;
    Ok(by_day(&rows, |day| days.contains(&day))
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
        .collect())
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
