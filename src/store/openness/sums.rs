//! Sums of what is rolled up: by month where a month is wanted whole, by day where single days are or where a month has days that must be
//! computed again. Days that must be are never in: whoever asks adds them out of their segments ([`super::segments`]).

use sqlx::{AnyConnection, AssertSqlSafe, FromRow};

use super::super::Error;
use super::super::roll_ups::parse_users;
use super::super::roll_ups::seconds::{Seconds, names, sums};
use super::Scope;
use crate::base::ids::Id;
use crate::base::time::Day;
use crate::domain::openness::{Figures, Period};

/// A sum of rolled-up days, of one instrument and owner or of all in scope.
#[derive(Debug, Clone, FromRow)]
pub struct Sum {
    /// The instrument, or empty.
    pub instrument_id: Id,
    /// Whose it was, or empty.
    pub institution_id: Id,
    /// The first day of what is summed: of a month, or the day itself.
    pub day: Day,
    #[sqlx(flatten)]
    seconds: Seconds,
    users: String,
}

impl Sum {
    /// Hours, also by source. Users are told with no seconds of their own.
    #[must_use]
    pub fn figures(&self) -> Figures {
        let by_user = parse_users(&self.users).map(|uscc| (uscc.to_owned(), 0)).collect();
        Figures { by_user, ..self.seconds.figures() }
    }
}

const NOT_TOUCHED: &str = "NOT EXISTS (SELECT 1 FROM touched_days t WHERE t.instrument_id = u.instrument_id AND t.day = u.day)";
/// A month none of whose days must be computed again.
const WHOLE: &str =
    "NOT EXISTS (SELECT 1 FROM touched_days t WHERE t.instrument_id = u.instrument_id AND t.day >= u.month || '-01' AND t.day <= u.month || '-31')";
/// The months of instruments that have days which must be computed again.
const TOUCHED_MONTHS: &str = "(SELECT DISTINCT instrument_id, substr(day, 1, 7) AS month FROM touched_days WHERE day >= $2 AND day <= $3) x";
const OF_MONTH: &str = "u.instrument_id = x.instrument_id AND u.day >= x.month || '-01' AND u.day <= x.month || '-31'";

/// Sums of instruments and owners: a row for each month of a year or a month, the one day of a day.
pub async fn list(conn: &mut AnyConnection, scope: &Scope, period: Period) -> Result<Vec<Sum>, Error> {
    let (condition, bound) = scope.condition("u");
    let (first, last) = (period.first(), period.last());
    let (names, sums) = (names(), sums());
    if let Period::Day(day) = period {
        let sql =
            format!("SELECT u.instrument_id, u.institution_id, u.day, {names}, u.users FROM usage_days u WHERE {condition} AND u.day = $2 AND {NOT_TOUCHED}");
        return Ok(sqlx::query_as(AssertSqlSafe(sql)).bind(bound).bind(day).fetch_all(conn).await?);
    }
    let sql = format!(
        "SELECT u.instrument_id, u.institution_id, u.month || '-01' AS day, {names}, u.users FROM usage_months u WHERE {condition} AND u.month >= $4 AND u.month <= $5 AND {WHOLE} \
         UNION ALL SELECT u.instrument_id, u.institution_id, x.month || '-01' AS day, {sums}, string_agg(u.users, ',') AS users FROM {TOUCHED_MONTHS} JOIN usage_days u ON {OF_MONTH} \
         WHERE {condition} AND u.day >= $2 AND u.day <= $3 AND {NOT_TOUCHED} GROUP BY u.instrument_id, u.institution_id, x.month"
    );
    let query = sqlx::query_as(AssertSqlSafe(sql)).bind(bound).bind(first).bind(last).bind(first.month()).bind(last.month());
    Ok(query.fetch_all(conn).await?)
}

/// Sums of all in scope, one row for each day that has any; without users.
pub async fn list_by_day(conn: &mut AnyConnection, scope: &Scope, first: Day, last: Day) -> Result<Vec<Sum>, Error> {
    let ((condition, bound), sums) = (scope.condition("u"), sums());
    let sql = format!(
        "SELECT '' AS instrument_id, '' AS institution_id, u.day, {sums}, '' AS users FROM usage_days u WHERE {condition} AND u.day >= $2 AND u.day <= $3 AND {NOT_TOUCHED} GROUP BY u.day"
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

/// What tells whether the segments of a period, and what a digest says of them, are still the same; equal stamps of one database, equal
/// lines. A segment that comes or is voided touches its days, which are counted (`touches`), and a month that is computed again rises in
/// `revision` while its days are no longer touched: the pair only ever rises. Listings rise in version; tenures, relations and addresses
/// come and end.
pub async fn find_stamp(conn: &mut AnyConnection, scope: &Scope, period: Period) -> Result<String, Error> {
    let ((months, bound), (touched, _)) = (scope.condition("m"), scope.condition("o"));
    let sql = format!(
        "SELECT (SELECT coalesce(sum(m.revision), 0) FROM usage_months m WHERE {months} AND m.month >= $4 AND m.month <= $5) || '/' || \
         (SELECT coalesce(sum(d.touches), 0) FROM touched_days d WHERE d.day >= $2 AND d.day <= $3 AND d.instrument_id IN (SELECT o.instrument_id FROM tenures o WHERE {touched})) || '/' || \
         (SELECT count(*) || '/' || coalesce(sum(i.version), 0) FROM instruments i WHERE i.id IN (SELECT o.instrument_id FROM tenures o WHERE {touched})) || '/' || \
         (SELECT count(*) || '/' || count(o.until_at) FROM tenures o WHERE {touched}) || '/' || \
         (SELECT count(*) || '/' || count(r.until_on) FROM relations r) || '/' || (SELECT count(*) || '/' || count(a.until_on) FROM organisation_addresses a)"
    );
    let (first, last) = (period.first(), period.last());
    let query = sqlx::query_scalar(AssertSqlSafe(sql)).bind(bound).bind(first).bind(last).bind(first.month()).bind(last.month());
    Ok(query.fetch_one(conn).await?)
}
