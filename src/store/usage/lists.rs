//! What people look through: the use of an institution, and bookings whose use nobody recorded.

use std::collections::BTreeMap;

use sqlx::{AnyConnection, AssertSqlSafe, FromRow};

use super::super::db::rows_a_statement;
use super::{RECORDED, Recorded, places};
use crate::base::ids::Id;
use crate::base::paging::{Listed, Page};
use crate::base::time::{DAY, Instant, Span};
use crate::domain::bookings::State;
use crate::domain::usage::MOST_DAYS;
use crate::store::Error;

/// A segment with its instrument's name.
#[derive(Debug, Clone, FromRow)]
pub struct RecordedLine {
    /// The segment.
    #[sqlx(flatten)]
    pub segment: Recorded,
    /// The instrument's name.
    pub instrument_name: String,
}

/// What is looked for.
#[derive(Debug, Clone)]
pub struct Wanted<'a> {
    /// Recorded for this institution.
    pub institution_id: &'a str,
    /// On this instrument only.
    pub instrument_id: Option<&'a str>,
    /// Touching this window.
    pub window: Span,
}

/// Segments of an institution, the latest first, voided ones too.
pub async fn list_recent(conn: &mut AnyConnection, wanted: &Wanted<'_>, page: Page) -> Result<Listed<RecordedLine>, Error> {
    const WHERE: &str =
        "WHERE s.institution_id = $1 AND s.starts_at >= $2 AND s.starts_at < $4 AND s.ends_at > $3 AND (CAST($5 AS TEXT) IS NULL OR s.instrument_id = $5)";
    let Span { starts_at, ends_at } = wanted.window;
    let least = starts_at.plus(-MOST_DAYS * DAY);
    let total = sqlx::query_scalar(AssertSqlSafe(format!("SELECT count(*) FROM usage_segments s {WHERE}")))
        .bind(wanted.institution_id)
        .bind(least)
        .bind(starts_at)
        .bind(ends_at)
        .bind(wanted.instrument_id)
        .fetch_one(&mut *conn)
        .await?;
    let sql = format!(
        "SELECT s.id, s.instrument_id, s.key, s.phase, s.starts_at, s.ends_at, s.institution_id, s.organisation_uscc, p.name AS organisation_name, s.booking_id, b.code AS booking_code, b.confidential_at, \
         s.purpose_kind, s.samples, s.source, s.membership_id, s.token_id, s.received_at, s.voided_at, s.void_reason, i.name AS instrument_name FROM usage_segments s \
         JOIN instruments i ON i.id = s.instrument_id LEFT JOIN bookings b ON b.id = s.booking_id LEFT JOIN parties p ON p.uscc = s.organisation_uscc {WHERE} \
         ORDER BY s.starts_at DESC, s.id DESC LIMIT $6 OFFSET $7"
    );
    let items = sqlx::query_as(AssertSqlSafe(sql))
        .bind(wanted.institution_id)
        .bind(least)
        .bind(starts_at)
        .bind(ends_at)
        .bind(wanted.instrument_id)
        .bind(page.limit)
        .bind(page.offset)
        .fetch_all(conn)
        .await?;
    Ok(Listed::new(items, total, page))
}

/// The latest live segments of an instrument in a window, and how many there are.
pub async fn list_latest(conn: &mut AnyConnection, instrument_id: &str, window: Span, limit: i64) -> Result<Listed<Recorded>, Error> {
    const WHERE: &str = "WHERE s.instrument_id = $1 AND s.voided_at IS NULL AND s.starts_at < $3 AND s.ends_at > $2";
    let total = sqlx::query_scalar(AssertSqlSafe(format!("SELECT count(*) FROM usage_segments s {WHERE}")))
        .bind(instrument_id)
        .bind(window.starts_at)
        .bind(window.ends_at)
        .fetch_one(&mut *conn)
        .await?;
    let items = sqlx::query_as(AssertSqlSafe(format!("{RECORDED} {WHERE} ORDER BY s.starts_at DESC, s.id DESC LIMIT $4")))
        .bind(instrument_id)
        .bind(window.starts_at)
        .bind(window.ends_at)
        .bind(limit)
        .fetch_all(conn)
        .await?;
    Ok(Listed::new(items, total, Page { limit, offset: 0 }))
}

/// A booking that was to be used and of which no use is recorded.
#[derive(Debug, Clone, FromRow)]
pub struct Unrecorded {
    /// The booking.
    pub id: Id,
    /// Its code.
    pub code: String,
    /// Confirmed or completed.
    pub state: State,
    /// The instrument.
    pub instrument_id: Id,
    /// Its name.
    pub instrument_name: String,
    /// The customer's name.
    pub customer_name: String,
    /// The customer's USCC.
    pub customer_uscc: String,
    /// When it was booked for.
    pub starts_at: Instant,
    /// See `starts_at`.
    pub ends_at: Instant,
}

impl Unrecorded {
    /// When it was booked for.
    #[must_use]
    pub const fn span(&self) -> Span {
        Span::new(self.starts_at, self.ends_at)
    }
}

/// Bookings of an institution that are over, without a statement and without recorded use, the longest over first.
pub async fn list_unrecorded(conn: &mut AnyConnection, institution_id: &str, now: Instant, limit: i64) -> Result<Vec<Unrecorded>, Error> {
    Ok(sqlx::query_as(
        "SELECT b.id, b.code, b.state, b.instrument_id, i.name AS instrument_name, c.name AS customer_name, c.uscc AS customer_uscc, b.starts_at, b.ends_at FROM bookings b \
         JOIN instruments i ON i.id = b.instrument_id JOIN parties c ON c.id = b.customer_id \
         WHERE b.institution_id = $1 AND b.state IN ('confirmed', 'completed') AND b.ends_at <= $2 AND b.statement_id IS NULL \
         AND NOT EXISTS (SELECT 1 FROM usage_segments u WHERE u.booking_id = b.id AND u.voided_at IS NULL AND u.phase IN ('startup', 'run', 'postprocess')) \
         ORDER BY b.ends_at, b.id LIMIT $3",
    )
    .bind(institution_id)
    .bind(now)
    .bind(limit)
    .fetch_all(conn)
    .await?)
}

/// Spans of live effective segments of several bookings.
pub async fn list_used_spans_of(conn: &mut AnyConnection, booking_ids: &[&str]) -> Result<BTreeMap<Id, Vec<Span>>, Error> {
    let mut found: BTreeMap<Id, Vec<Span>> = BTreeMap::new();
    for ids in booking_ids.chunks(rows_a_statement(conn, 1)) {
        let sql = format!(
            "SELECT booking_id, starts_at, ends_at FROM usage_segments WHERE booking_id IN ({}) AND voided_at IS NULL AND phase IN ('startup', 'run', 'postprocess')",
            places(1, ids.len())
        );
        let mut query = sqlx::query_as::<_, (Id, Instant, Instant)>(AssertSqlSafe(sql));
        for id in ids {
            query = query.bind(*id);
        }
        for (id, starts_at, ends_at) in query.fetch_all(&mut *conn).await? {
            found.entry(id).or_default().push(Span::new(starts_at, ends_at));
        }
    }
    Ok(found)
}

/// The instruments that an institution owns now: id, number, name; by number.
pub async fn list_instruments(conn: &mut AnyConnection, institution_id: &str) -> Result<Vec<(Id, String, String)>, Error> {
    Ok(sqlx::query_as("SELECT i.id, t.number, i.name FROM tenures t JOIN instruments i ON i.id = t.instrument_id WHERE t.institution_id = $1 AND t.until_at IS NULL ORDER BY t.number, i.id")
        .bind(institution_id)
        .fetch_all(conn)
        .await?)
}
