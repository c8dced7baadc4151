//! Numbers beside the catalogue: how many there are of each kind among what fits, and how fast institutions answer.

use sqlx::{AnyConnection, AssertSqlSafe, FromRow};

use super::filters::{Built, Filters};
use super::{Error, Id, MODES, Mode, read_modes};
use crate::base::time::{Day, Instant};

/// How many instruments are published.
pub async fn count_published(conn: &mut AnyConnection) -> Result<i64, Error> {
    Ok(sqlx::query_scalar("SELECT count(*) FROM instruments WHERE state = 'published'").fetch_one(conn).await?)
}

async fn count_by(conn: &mut AnyConnection, filters: &Filters, today: Day, column: &str, joins: &str) -> Result<Vec<(String, i64)>, Error> {
    let mut built = Built { sql: format!("SELECT {column} AS what, count(*) AS many"), ..Built::default() };
    built.put_sources(filters, joins, today)?;
    built.sql.push_str(" GROUP BY 1 ORDER BY 2 DESC, 1");
    Ok(sqlx::query_as_with(AssertSqlSafe(built.sql), built.arguments).fetch_all(conn).await?)
}

/// How many fit of each way to serve, whatever ways the filters name.
pub async fn count_modes(conn: &mut AnyConnection, filters: &Filters, today: Day) -> Result<Vec<(String, i64)>, Error> {
    let filters = Filters { modes: Vec::new(), ..filters.clone() };
    count_by(conn, &filters, today, "f.mode", " JOIN instrument_modes f ON f.instrument_id = i.id").await
}

/// How many fit of each region, whatever regions the filters name.
pub async fn count_regions(conn: &mut AnyConnection, filters: &Filters, today: Day) -> Result<Vec<(String, i64)>, Error> {
    let filters = Filters { regions: Vec::new(), ..filters.clone() };
    let joins = " JOIN tenures u ON u.instrument_id = i.id AND u.until_at IS NULL JOIN organisation_addresses f ON f.organisation_id = u.institution_id AND f.until_on IS NULL";
    count_by(conn, &filters, today, "f.region_code", joins).await
}

/// How many fit of each class (its first four digits), whatever classes the filters name.
pub async fn count_categories(conn: &mut AnyConnection, filters: &Filters, today: Day) -> Result<Vec<(String, i64)>, Error> {
    let filters = Filters { categories: Vec::new(), ..filters.clone() };
    count_by(conn, &filters, today, "substr(i.category_code, 1, 4)", "").await
}

/// By what an instrument is counted.
#[derive(Debug, Clone)]
pub struct Traits {
    /// The instrument.
    pub id: Id,
    /// Six digits.
    pub category_code: String,
    /// Region of its institution.
    pub region_code: String,
    /// How it serves.
    pub modes: Vec<Mode>,
}

#[derive(FromRow)]
struct TraitsRow {
    id: Id,
    category_code: String,
    region_code: String,
    modes: Option<String>,
}

/// By what everything that fits is counted: for numbers that depend on free time, which SQL does not know.
pub async fn list_traits(conn: &mut AnyConnection, filters: &Filters, today: Day) -> Result<Vec<Traits>, Error> {
    let mut built =
        Built { sql: format!("SELECT i.id AS id, i.category_code AS category_code, f.region_code AS region_code, {MODES} AS modes"), ..Built::default() };
    let joins = " JOIN tenures u ON u.instrument_id = i.id AND u.until_at IS NULL JOIN organisation_addresses f ON f.organisation_id = u.institution_id AND f.until_on IS NULL";
    built.put_sources(filters, joins, today)?;
    let rows: Vec<TraitsRow> = sqlx::query_as_with(AssertSqlSafe(built.sql), built.arguments).fetch_all(conn).await?;
    let read = |row: TraitsRow| Traits { modes: read_modes(row.modes.as_deref()), id: row.id, category_code: row.category_code, region_code: row.region_code };
    Ok(rows.into_iter().map(read).collect())
}

/// Requests that were answered since an instant: instrument, when placed, when answered.
pub async fn list_answers(conn: &mut AnyConnection, ids: &[Id], since: Instant) -> Result<Vec<(Id, Instant, Instant)>, Error> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut built = Built::default();
    let (since, places) = (built.bind(since)?, built.bind_all(ids)?);
    let sql = format!(
        "SELECT instrument_id, created_at, answered_at FROM bookings WHERE instrument_id IN ({places}) AND answered_at >= {since} AND answer_due_at IS NOT NULL"
    );
    Ok(sqlx::query_as_with(AssertSqlSafe(sql), built.arguments).fetch_all(conn).await?)
}
