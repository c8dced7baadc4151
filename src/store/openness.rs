//! What openness is counted from, read for many instruments at once: who was in service, sums of days, segments of days that are not rolled
//! up yet, users, income, answers. Nothing is written here; the daily rows themselves are in `roll_ups`.

use sqlx::{AnyConnection, AssertSqlSafe, FromRow};

use super::Error;
use crate::base::ids::Id;
use crate::base::time::{DAY, Day, Instant, Span};
use crate::domain::instruments::{Funding, State};
use crate::domain::usage::{MOST_DAYS, Phase, Source};
use crate::domain::vouchers::PurposeKind;

/// Whose figures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// One instrument.
    Instrument(Id),
    /// All of an institution.
    Institution(Id),
    /// All institutions of a region, by its code.
    Region(String),
    /// All of the installation.
    Everywhere,
}

impl Scope {
    /// The condition on a row with `instrument_id` and `institution_id`, over the parameter `$1`, and what to bind to it.
    #[must_use]
    pub fn condition(&self, row: &str) -> (String, String) {
        match self {
            Self::Instrument(id) => (format!("{row}.instrument_id = $1"), id.clone()),
            Self::Institution(id) => (format!("{row}.institution_id = $1"), id.clone()),
            Self::Region(code) => (
                format!("{row}.institution_id IN (SELECT organisation_id FROM organisation_addresses WHERE until_on IS NULL AND region_code LIKE $1)"),
                // A province, a city or a district: the digits that mean something.
                format!("{}%", code.strip_suffix("0000").or_else(|| code.strip_suffix("00")).unwrap_or(code)),
            ),
            Self::Everywhere => ("$1 = ''".to_owned(), String::new()),
        }
    }
}

/// A stretch in which an instrument counted for an institution.
#[derive(Debug, Clone, FromRow)]
pub struct Stretch {
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
    /// Original value.
    pub original_value_fen: i64,
    /// Whose money.
    pub funding: Funding,
    /// When it was accepted.
    pub accepted_on: Option<Day>,
    /// From when on it was theirs; the first owner brings its history.
    pub own_from_at: Instant,
    /// Until when.
    pub own_until_at: Option<Instant>,
    /// From which day on it was in service.
    pub from_on: Day,
    /// Until which day, excluded.
    pub until_on: Option<Day>,
    /// When it was first published.
    pub listed_at: Option<Instant>,
    /// Its state at the end of the period, or now where that is earlier.
    pub state: State,
}

/// Stretches in service that touch the days from `first` to `last`.
pub async fn list_in_service(conn: &mut AnyConnection, scope: &Scope, first: Day, last: Day, now: Instant) -> Result<Vec<Stretch>, Error> {
    let (condition, bound) = scope.condition("t");
    // Events are asked only for the past: two of the same second have no order.
    let sql = format!(
        "SELECT t.instrument_id, t.institution_id, t.number, i.name, i.category_code, i.original_value_fen, i.funding, i.accepted_on, \
         CASE WHEN EXISTS (SELECT 1 FROM tenures e WHERE e.instrument_id = t.instrument_id AND e.from_at < t.from_at) THEN t.from_at ELSE 0 END AS own_from_at, \
         t.until_at AS own_until_at, p.from_on, p.until_on, \
         (SELECT min(e.at) FROM listing_events e WHERE e.instrument_id = i.id AND e.to_state = 'published') AS listed_at, \
         CASE WHEN $4 > $5 THEN i.state ELSE coalesce((SELECT e.to_state FROM listing_events e WHERE e.instrument_id = i.id AND e.at < $4 ORDER BY e.at DESC, e.id DESC LIMIT 1), 'draft') END AS state \
         FROM tenures t JOIN instruments i ON i.id = t.instrument_id JOIN service_periods p ON p.instrument_id = t.instrument_id \
         WHERE {condition} AND p.from_on <= $3 AND (p.until_on IS NULL OR p.until_on > $2) AND (t.until_at IS NULL OR t.until_at > t.from_at) \
         ORDER BY t.institution_id, t.number, t.instrument_id, t.from_at, p.from_on"
    );
    Ok(sqlx::query_as(AssertSqlSafe(sql)).bind(bound).bind(first).bind(last).bind(last.end()).bind(now).fetch_all(conn).await?)
}

/// Sums of rolled-up days.
#[derive(Debug, Clone, FromRow)]
pub struct DaySum {
    /// The instrument, or empty where it was not asked for.
    pub instrument_id: Id,
    /// Whose it was.
    pub institution_id: Id,
    /// The day, where it was asked for.
    pub day: Option<Day>,
    /// E.
    pub effective_seconds: i64,
    /// X.
    pub external_seconds: i64,
    /// D.
    pub down_seconds: i64,
    /// E by source.
    pub meter_seconds: i64,
    /// See `meter_seconds`.
    pub card_seconds: i64,
    /// See `meter_seconds`.
    pub qr_seconds: i64,
    /// See `meter_seconds`.
    pub agent_seconds: i64,
    /// See `meter_seconds`.
    pub staff_seconds: i64,
    /// See `meter_seconds`.
    pub import_seconds: i64,
}

impl DaySum {
    /// Seconds by source, those that have any.
    #[must_use]
    pub fn by_source(&self) -> Vec<(Source, i64)> {
        let all = [
            (Source::Meter, self.meter_seconds),
            (Source::Card, self.card_seconds),
            (Source::Qr, self.qr_seconds),
            (Source::Agent, self.agent_seconds),
            (Source::Staff, self.staff_seconds),
            (Source::Import, self.import_seconds),
        ];
        all.into_iter().filter(|(_, seconds)| *seconds > 0).collect()
    }
}

const SUMS: &str = "CAST(sum(u.effective_seconds) AS BIGINT) AS effective_seconds, CAST(sum(u.external_seconds) AS BIGINT) AS external_seconds, \
     CAST(sum(u.down_seconds) AS BIGINT) AS down_seconds, CAST(sum(u.meter_seconds) AS BIGINT) AS meter_seconds, CAST(sum(u.card_seconds) AS BIGINT) AS card_seconds, \
     CAST(sum(u.qr_seconds) AS BIGINT) AS qr_seconds, CAST(sum(u.agent_seconds) AS BIGINT) AS agent_seconds, CAST(sum(u.staff_seconds) AS BIGINT) AS staff_seconds, \
     CAST(sum(u.import_seconds) AS BIGINT) AS import_seconds";
const NOT_TOUCHED: &str = "NOT EXISTS (SELECT 1 FROM touched_days t WHERE t.instrument_id = u.instrument_id AND t.day = u.day)";

/// Sums of an instrument's days in a period, one row for each instrument and owner; touched days are left out.
pub async fn sum_by_instrument(conn: &mut AnyConnection, scope: &Scope, first: Day, last: Day) -> Result<Vec<DaySum>, Error> {
    let (condition, bound) = scope.condition("u");
    let sql = format!(
        "SELECT u.instrument_id, u.institution_id, CAST(NULL AS TEXT) AS day, {SUMS} FROM usage_days u WHERE {condition} AND u.day >= $2 AND u.day <= $3 AND {NOT_TOUCHED} GROUP BY u.instrument_id, u.institution_id"
    );
    Ok(sqlx::query_as(AssertSqlSafe(sql)).bind(bound).bind(first).bind(last).fetch_all(conn).await?)
}

/// Sums of all instruments' days, one row for each day; touched days are left out.
pub async fn sum_by_day(conn: &mut AnyConnection, scope: &Scope, first: Day, last: Day) -> Result<Vec<DaySum>, Error> {
    let (condition, bound) = scope.condition("u");
    let sql = format!(
        "SELECT '' AS instrument_id, '' AS institution_id, u.day, {SUMS} FROM usage_days u WHERE {condition} AND u.day >= $2 AND u.day <= $3 AND {NOT_TOUCHED} GROUP BY u.day ORDER BY u.day"
    );
    Ok(sqlx::query_as(AssertSqlSafe(sql)).bind(bound).bind(first).bind(last).fetch_all(conn).await?)
}

/// Which external organisations stand behind each instrument's rolled-up days: instrument, institution, USCC.
pub async fn list_users(conn: &mut AnyConnection, scope: &Scope, first: Day, last: Day) -> Result<Vec<(Id, Id, String)>, Error> {
    let (condition, bound) = scope.condition("u");
    let sql = format!(
        "SELECT DISTINCT u.instrument_id, u.institution_id, u.uscc FROM usage_day_users u WHERE {condition} AND u.day >= $2 AND u.day <= $3 AND {NOT_TOUCHED}"
    );
    Ok(sqlx::query_as(AssertSqlSafe(sql)).bind(bound).bind(first).bind(last).fetch_all(conn).await?)
}

/// Days that are touched and not yet rolled up, of instruments that are or were in scope.
pub async fn list_touched(conn: &mut AnyConnection, scope: &Scope, first: Day, last: Day) -> Result<Vec<(Id, Day)>, Error> {
    let (condition, bound) = scope.condition("o");
    let sql = format!(
        "SELECT d.instrument_id, d.day FROM touched_days d WHERE d.day >= $2 AND d.day <= $3 AND d.instrument_id IN (SELECT o.instrument_id FROM tenures o WHERE {condition})"
    );
    Ok(sqlx::query_as(AssertSqlSafe(sql)).bind(bound).bind(first).bind(last).fetch_all(conn).await?)
}

/// A live segment as far as figures, digest and export need it.
#[derive(Debug, Clone, FromRow)]
pub struct SegmentRow {
    /// Id.
    pub id: Id,
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
    /// What its content hashes to.
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

const NUMBER: &str =
    "(SELECT n.number FROM tenures n WHERE n.instrument_id = s.instrument_id AND n.institution_id = s.institution_id ORDER BY n.from_at DESC LIMIT 1)";
/// Samples where they may be told.
const SAMPLES: &str =
    "CASE WHEN EXISTS (SELECT 1 FROM bookings b WHERE b.id = s.booking_id AND b.confidential_at IS NOT NULL) THEN NULL ELSE s.samples END AS samples";
/// The places of what only exports and digests need.
const UNTOLD: &str = "'' AS number, CAST(NULL AS BIGINT) AS samples";
const SEGMENT: &str = "s.id, s.instrument_id, s.institution_id, o.uscc AS owner_uscc, s.key, s.content_hash, s.phase, s.starts_at, s.ends_at, s.source, s.purpose_kind, s.organisation_uscc \
     FROM usage_segments s JOIN organisations o ON o.id = s.institution_id";

/// Live segments that touch a window, unclipped, in no order, without numbers and samples; `only_touched` keeps instruments with days
/// to be computed again in it.
pub async fn list_segments(conn: &mut AnyConnection, scope: &Scope, window: Span, only_touched: bool) -> Result<Vec<SegmentRow>, Error> {
    let (condition, bound) = scope.condition("s");
    let touched = if only_touched { "AND s.instrument_id IN (SELECT instrument_id FROM touched_days WHERE day >= $5 AND day <= $6)" } else { "" };
    // No segment is longer than MOST_DAYS: an index on the start finds all that reach into the window.
    let sql =
        format!("SELECT {UNTOLD}, {SEGMENT} WHERE {condition} AND s.voided_at IS NULL AND s.starts_at >= $2 AND s.starts_at < $4 AND s.ends_at > $3 {touched}");
    let mut query = sqlx::query_as(AssertSqlSafe(sql)).bind(bound).bind(window.starts_at.plus(-MOST_DAYS * DAY)).bind(window.starts_at).bind(window.ends_at);
    if only_touched {
        query = query.bind(window.starts_at.day()).bind(window.ends_at.plus(-1).day());
    }
    Ok(query.fetch_all(conn).await?)
}

/// The instruments of an institution that have live segments in a window: number and id, by number.
pub async fn list_numbers(conn: &mut AnyConnection, institution_id: &str, window: Span) -> Result<Vec<(String, Id)>, Error> {
    let sql = format!(
        "SELECT {NUMBER} AS number, s.instrument_id FROM (SELECT DISTINCT instrument_id, institution_id FROM usage_segments \
         WHERE institution_id = $1 AND voided_at IS NULL AND starts_at >= $2 AND starts_at < $4 AND ends_at > $3) s"
    );
    let query = sqlx::query_as(AssertSqlSafe(sql)).bind(institution_id).bind(window.starts_at.plus(-MOST_DAYS * DAY));
    let mut rows: Vec<(String, Id)> = query.bind(window.starts_at).bind(window.ends_at).fetch_all(conn).await?;
    // Sorted here: databases sort text each in their own way.
    rows.sort();
    Ok(rows)
}

/// Live segments of some of an institution's instruments that touch a window, with numbers and samples, in the order of the digest: number,
/// key. What exports and digests read.
pub async fn list_numbered(conn: &mut AnyConnection, institution_id: &str, instruments: &[(String, Id)], window: Span) -> Result<Vec<SegmentRow>, Error> {
    let places: Vec<String> = (5..5 + instruments.len()).map(|number| format!("${number}")).collect();
    let sql = format!(
        "SELECT '' AS number, {SAMPLES}, {SEGMENT} WHERE s.institution_id = $1 AND s.voided_at IS NULL AND s.starts_at >= $2 AND s.starts_at < $4 \
         AND s.ends_at > $3 AND s.instrument_id IN ({})",
        places.join(", ")
    );
    let mut query = sqlx::query_as(AssertSqlSafe(sql)).bind(institution_id).bind(window.starts_at.plus(-MOST_DAYS * DAY)).bind(window.starts_at);
    query = query.bind(window.ends_at);
    for (_, id) in instruments {
        query = query.bind(id);
    }
    let mut rows: Vec<SegmentRow> = query.fetch_all(conn).await?;
    for row in &mut rows {
        row.number = instruments.iter().find(|(_, id)| *id == row.instrument_id).map(|(number, _)| number.clone()).unwrap_or_default();
    }
    rows.sort_by(|a, b| (&a.number, &a.key, &a.instrument_id).cmp(&(&b.number, &b.key, &b.instrument_id)));
    Ok(rows)
}

/// Live segments of some instruments that touch one of several windows, unclipped, in no order, without numbers and samples.
pub async fn list_segments_of(conn: &mut AnyConnection, instrument_ids: &[Id], windows: &[Span]) -> Result<Vec<SegmentRow>, Error> {
    let ids: Vec<String> = (1..=instrument_ids.len()).map(|number| format!("${number}")).collect();
    let within = |number: usize| format!("(s.starts_at >= ${} AND s.starts_at < ${} AND s.ends_at > ${})", number + 1, number + 2, number + 3);
    let windows_sql: Vec<String> = (0..windows.len()).map(|index| within(instrument_ids.len() + index * 3)).collect();
    let sql = format!("SELECT {UNTOLD}, {SEGMENT} WHERE s.instrument_id IN ({}) AND s.voided_at IS NULL AND ({})", ids.join(", "), windows_sql.join(" OR "));
    let mut query = sqlx::query_as(AssertSqlSafe(sql));
    for id in instrument_ids {
        query = query.bind(id);
    }
    for window in windows {
        query = query.bind(window.starts_at.plus(-MOST_DAYS * DAY)).bind(window.ends_at).bind(window.starts_at);
    }
    Ok(query.fetch_all(conn).await?)
}

/// What tells whether the segments of a window, and what a digest says of them, are still the same: segments only ever come and are voided,
/// listings rise in version, tenures, relations and addresses only come and end. Equal stamps, equal lines; times and hashes stand in it so that
/// two databases in one process never take each other's.
pub async fn find_stamp(conn: &mut AnyConnection, scope: &Scope, window: Span) -> Result<String, Error> {
    let (condition, bound) = scope.condition("s");
    let sql = format!(
        "SELECT count(*) || '/' || count(s.voided_at) || '/' || coalesce(sum(s.starts_at + s.ends_at), 0) || '/' || coalesce(min(s.content_hash), '') || '/' || coalesce(max(s.content_hash), '') || '/' || (SELECT count(*) || '/' || coalesce(sum(i.version), 0) FROM instruments i) || '/' || \
         (SELECT count(*) || '/' || count(t.until_at) FROM tenures t) || '/' || (SELECT count(*) || '/' || count(r.until_on) FROM relations r) || '/' || \
         (SELECT count(*) FROM organisation_addresses) FROM usage_segments s WHERE {condition} AND s.starts_at >= $2 AND s.starts_at < $4 AND s.ends_at > $3"
    );
    let query = sqlx::query_scalar(AssertSqlSafe(sql)).bind(bound);
    Ok(query.bind(window.starts_at.plus(-MOST_DAYS * DAY)).bind(window.starts_at).bind(window.ends_at).fetch_one(conn).await?)
}

/// Institutions in scope that have live segments in a window: USCC and id, by USCC.
pub async fn list_recording(conn: &mut AnyConnection, scope: &Scope, window: Span) -> Result<Vec<(String, Id)>, Error> {
    let (condition, bound) = scope.condition("s");
    let sql = format!(
        "SELECT DISTINCT o.uscc, s.institution_id FROM usage_segments s JOIN organisations o ON o.id = s.institution_id WHERE {condition} AND s.voided_at IS NULL AND s.starts_at >= $2 AND s.starts_at < $4 AND s.ends_at > $3"
    );
    let mut rows: Vec<(String, Id)> = sqlx::query_as(AssertSqlSafe(sql))
        .bind(bound)
        .bind(window.starts_at.plus(-MOST_DAYS * DAY))
        .bind(window.starts_at)
        .bind(window.ends_at)
        .fetch_all(conn)
        .await?;
    // Sorted here: databases sort text each in their own way.
    rows.sort();
    Ok(rows)
}

/// Every relation in both directions: organisation, the other's USCC, from which day, until which (excluded).
pub async fn list_kin(conn: &mut AnyConnection) -> Result<Vec<(Id, String, Day, Option<Day>)>, Error> {
    Ok(sqlx::query_as(
        "SELECT r.organisation_id, o.uscc, r.from_on, r.until_on FROM relations r JOIN organisations o ON o.id = r.related_id \
         UNION ALL SELECT r.related_id, o.uscc, r.from_on, r.until_on FROM relations r JOIN organisations o ON o.id = r.organisation_id",
    )
    .fetch_all(conn)
    .await?)
}

/// Income: statements of bookings that are settled and ended in a window, summed by instrument and institution.
pub async fn list_income(conn: &mut AnyConnection, scope: &Scope, window: Span) -> Result<Vec<(Id, Id, i64)>, Error> {
    let (condition, bound) = scope.condition("b");
    let sql = format!(
        "SELECT b.instrument_id, b.institution_id, CAST(sum(b.actual_fen) AS BIGINT) FROM bookings b WHERE {condition} AND b.state = 'settled' AND b.actual_fen IS NOT NULL AND b.ends_at >= $2 AND b.ends_at < $3 GROUP BY b.instrument_id, b.institution_id"
    );
    Ok(sqlx::query_as(AssertSqlSafe(sql)).bind(bound).bind(window.starts_at).bind(window.ends_at).fetch_all(conn).await?)
}

/// Requests of a window that a manager answered: instrument, institution, when it was placed, when it was answered.
pub async fn list_answers(conn: &mut AnyConnection, scope: &Scope, window: Span) -> Result<Vec<(Id, Id, Instant, Instant)>, Error> {
    let (condition, bound) = scope.condition("b");
    let sql = format!(
        "SELECT b.instrument_id, b.institution_id, b.created_at, e.at FROM bookings b JOIN booking_events e ON e.booking_id = b.id AND e.verb IN ('approve', 'decline') \
         WHERE {condition} AND b.created_at >= $2 AND b.created_at < $3"
    );
    Ok(sqlx::query_as(AssertSqlSafe(sql)).bind(bound).bind(window.starts_at).bind(window.ends_at).fetch_all(conn).await?)
}
