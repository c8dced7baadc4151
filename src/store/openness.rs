//! What openness is counted from, read for many instruments at once: who was in service, income, answers; [`sums`] of what is rolled up, and
//! [`segments`] for what is not. Nothing is written here; the rolled-up rows themselves are in `roll_ups`.

pub mod segments;
pub mod sums;

use sqlx::{AnyConnection, AssertSqlSafe, FromRow};

use super::Error;
use crate::base::ids::Id;
use crate::base::time::{Day, Instant, Span};
use crate::domain::instruments::{Funding, State};

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
