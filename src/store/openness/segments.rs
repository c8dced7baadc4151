//! Live segments as figures, digests and exports need them. A year of a city is some hundred thousand: read row by row, the driver takes far
//! longer than the database does, so that they travel packed, all of an instrument in one text.

use std::collections::HashSet;

use sqlx::{AnyConnection, AssertSqlSafe};

use super::super::Error;
use super::super::usage::places;
use super::Scope;
use crate::base::ids::Id;
use crate::base::time::{DAY, Instant, Span};
use crate::domain::usage::{MOST_DAYS, Phase, Source};
use crate::domain::vouchers::PurposeKind;

/// A live segment.
#[derive(Debug, Clone)]
pub struct SegmentRow {
    /// The instrument.
    pub instrument_id: Id,
    /// Its number at its owner's; empty where only figures were asked for, as `samples` is then.
    pub number: String,
    /// Who owned it at the start.
    pub institution_id: Id,
    /// The owner's USCC.
    pub owner_uscc: String,
    /// Chosen by the client.
    pub key: String,
    /// What its content hashes to; empty where `number` is not.
    pub content_hash: String,
    /// What the machine was doing.
    pub phase: Phase,
    /// When.
    pub starts_at: Instant,
    /// See `starts_at`.
    pub ends_at: Instant,
    /// How it is known.
    pub source: Source,
    /// What for.
    pub purpose_kind: PurposeKind,
    /// For whom.
    pub organisation_uscc: Option<String>,
    /// How many samples; never those of a confidential booking.
    pub samples: Option<i64>,
}

impl SegmentRow {
    /// When.
    #[must_use]
    pub const fn span(&self) -> Span {
        Span::new(self.starts_at, self.ends_at)
    }
}

/// All live segments of an instrument for one owner: instrument, owner, the owner's USCC, the segments.
type Packed = (Id, Id, String, String);

/// Between segments. No text that is stored holds it, nor [`FIELD`]: `base::text::is_clean`.
const RECORD: char = '\u{1e}';
/// Between the fields of a segment.
const FIELD: char = '\u{1f}';

/// Samples where they may be told.
const SAMPLES: &str = "CASE WHEN EXISTS (SELECT 1 FROM bookings b WHERE b.id = s.booking_id AND b.confidential_at IS NOT NULL) THEN NULL ELSE s.samples END";

/// The statement that packs the live segments which a condition holds for. Exports and digests tell samples, roll-ups the hash of the content.
fn packing(samples: &str, content_hash: &str, condition: &str) -> String {
    let fields = format!(
        "s.phase || '{FIELD}' || s.starts_at || '{FIELD}' || s.ends_at || '{FIELD}' || s.source || '{FIELD}' || s.purpose_kind || '{FIELD}' || \
         coalesce(s.organisation_uscc, '') || '{FIELD}' || coalesce(CAST({samples} AS TEXT), '') || '{FIELD}' || {content_hash} || '{FIELD}' || s.key"
    );
    format!(
        "SELECT s.instrument_id, s.institution_id, (SELECT o.uscc FROM organisations o WHERE o.id = s.institution_id) AS uscc, string_agg({fields}, '{RECORD}') AS packed \
         FROM usage_segments s WHERE {condition} AND s.voided_at IS NULL GROUP BY s.instrument_id, s.institution_id"
    )
}

const FOR_FIGURES: (&str, &str) = ("NULL", "s.content_hash");

fn unpack(rows: Vec<Packed>) -> Result<Vec<SegmentRow>, Error> {
    let mut segments = Vec::new();
    for (instrument_id, institution_id, owner_uscc, packed) in rows {
        for record in packed.split(RECORD) {
            let row = unpacked(&instrument_id, &institution_id, &owner_uscc, record);
            segments.push(row.ok_or_else(|| Error::Sql(sqlx::Error::Decode(format!("no segment: {record:?}").into())))?);
        }
    }
    Ok(segments)
}

fn unpacked(instrument_id: &Id, institution_id: &Id, owner_uscc: &str, record: &str) -> Option<SegmentRow> {
    let mut fields = record.splitn(9, FIELD);
    let mut next = || fields.next();
    Some(SegmentRow {
        instrument_id: instrument_id.clone(),
        institution_id: institution_id.clone(),
        owner_uscc: owner_uscc.to_owned(),
        number: String::new(),
        phase: Phase::parse(next()?)?,
        starts_at: Instant(next()?.parse().ok()?),
        ends_at: Instant(next()?.parse().ok()?),
        source: Source::parse(next()?)?,
        purpose_kind: PurposeKind::parse(next()?)?,
        organisation_uscc: Some(next()?).filter(|uscc| !uscc.is_empty()).map(str::to_owned),
        samples: match next()? {
            "" => None,
            number => Some(number.parse().ok()?),
        },
        content_hash: next()?.to_owned(),
        key: next()?.to_owned(),
    })
}

/// The condition of a window whose first parameter is `$number`: earliest start, end, start. No segment is longer than [`MOST_DAYS`]: an
/// index on the start finds all that reach into the window.
fn within(number: usize) -> String {
    format!("(s.starts_at >= ${} AND s.starts_at < ${} AND s.ends_at > ${})", number, number + 1, number + 2)
}

fn window_values(window: Span) -> [Instant; 3] {
    [window.starts_at.plus(-MOST_DAYS * DAY), window.ends_at, window.starts_at]
}

/// Live segments that touch a window, unclipped, in no order, without numbers and samples; `only_touched` keeps instruments with days
/// to be computed again in it.
pub async fn list(conn: &mut AnyConnection, scope: &Scope, window: Span, only_touched: bool) -> Result<Vec<SegmentRow>, Error> {
    let (condition, bound) = scope.condition("s");
    let touched = if only_touched { "AND s.instrument_id IN (SELECT instrument_id FROM touched_days WHERE day >= $5 AND day <= $6)" } else { "" };
    let sql = packing(FOR_FIGURES.0, FOR_FIGURES.1, &format!("{condition} AND {} {touched}", within(2)));
    let mut query = sqlx::query_as(AssertSqlSafe(sql)).bind(bound);
    for instant in window_values(window) {
        query = query.bind(instant);
    }
    if only_touched {
        query = query.bind(window.starts_at.day()).bind(window.ends_at.plus(-1).day());
    }
    unpack(query.fetch_all(conn).await?)
}

/// Live segments of some instruments that touch one of several windows, unclipped, in no order, without numbers and samples.
pub async fn list_of(conn: &mut AnyConnection, instrument_ids: &[Id], windows: &[Span]) -> Result<Vec<SegmentRow>, Error> {
    let windows_sql: Vec<String> = (0..windows.len()).map(|index| within(instrument_ids.len() + index * 3 + 1)).collect();
    let condition = format!("s.instrument_id IN ({}) AND ({})", places(1, instrument_ids.len()), windows_sql.join(" OR "));
    let mut query = sqlx::query_as(AssertSqlSafe(packing(FOR_FIGURES.0, FOR_FIGURES.1, &condition)));
    for id in instrument_ids {
        query = query.bind(id);
    }
    for instant in windows.iter().flat_map(|window| window_values(*window)) {
        query = query.bind(instant);
    }
    unpack(query.fetch_all(conn).await?)
}

/// An instrument as an institution's, whether it still is or no longer.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Held {
    /// The institution's USCC.
    pub owner_uscc: String,
    /// The instrument's number there, the last it had.
    pub number: String,
    /// The instrument.
    pub instrument_id: Id,
    /// The institution.
    pub institution_id: Id,
}

/// Every instrument in scope as each of its owners', in the order of the digest: institution (USCC), number.
pub async fn list_held(conn: &mut AnyConnection, scope: &Scope) -> Result<Vec<Held>, Error> {
    let (condition, bound) = scope.condition("t");
    let sql = format!(
        "SELECT o.uscc, t.number, t.instrument_id, t.institution_id FROM tenures t JOIN organisations o ON o.id = t.institution_id WHERE {condition} \
         AND NOT EXISTS (SELECT 1 FROM tenures later WHERE later.instrument_id = t.instrument_id AND later.institution_id = t.institution_id AND later.from_at > t.from_at)"
    );
    let rows: Vec<(String, String, Id, Id)> = sqlx::query_as(AssertSqlSafe(sql)).bind(bound).fetch_all(conn).await?;
    let held = |(owner_uscc, number, instrument_id, institution_id)| Held { owner_uscc, number, instrument_id, institution_id };
    let mut rows: Vec<Held> = rows.into_iter().map(held).collect();
    // Sorted here: databases sort text each in their own way. Two tenures of the same second are one.
    rows.sort();
    let mut seen = HashSet::new();
    rows.retain(|held| seen.insert((held.instrument_id.clone(), held.institution_id.clone())));
    Ok(rows)
}

/// Live segments of some of an institution's instruments that touch a window, with numbers and samples, in the order of the digest: number,
/// key. What exports and digests read.
pub async fn list_numbered(conn: &mut AnyConnection, instruments: &[Held], window: Span) -> Result<Vec<SegmentRow>, Error> {
    let Some(first) = instruments.first() else { return Ok(Vec::new()) };
    let condition = format!("s.institution_id = $1 AND {} AND s.instrument_id IN ({})", within(2), places(5, instruments.len()));
    let mut query = sqlx::query_as(AssertSqlSafe(packing(SAMPLES, "''", &condition))).bind(&first.institution_id);
    for instant in window_values(window) {
        query = query.bind(instant);
    }
    for held in instruments {
        query = query.bind(&held.instrument_id);
    }
    let mut rows = unpack(query.fetch_all(conn).await?)?;
    for row in &mut rows {
        row.number = instruments.iter().find(|held| held.instrument_id == row.instrument_id).map(|held| held.number.clone()).unwrap_or_default();
    }
    rows.sort_by(|a, b| (&a.number, &a.key, &a.instrument_id).cmp(&(&b.number, &b.key, &b.instrument_id)));
    Ok(rows)
}
