//! Prices, policies and opening hours: versions. A row is closed, never changed.

use sqlx::{AnyConnection, FromRow};

use super::{Error, Holidays, Id, OpeningHours, Policy, Price, read_spans};
use crate::base::time::{Day, Instant};
use crate::domain::instruments::{Audience, Mode, PriceUnit};

#[derive(FromRow)]
struct PriceRow {
    id: Id,
    unit: PriceUnit,
    audience: Audience,
    mode: Option<Mode>,
    amount_fen: i64,
    valid_from_on: Option<Day>,
    valid_to_on: Option<Day>,
}

/// The prices of an instrument that are not closed, each with its version's id, in the order in which they were set.
pub async fn list_prices(conn: &mut AnyConnection, instrument_id: &str) -> Result<Vec<(Id, Price)>, Error> {
    let rows: Vec<PriceRow> = sqlx::query_as(
        "SELECT id, unit, audience, mode, amount_fen, valid_from_on, valid_to_on FROM prices WHERE instrument_id = $1 AND closed_at IS NULL ORDER BY position, id",
    )
    .bind(instrument_id)
    .fetch_all(conn)
    .await?;
    let read = |row: PriceRow| {
        let PriceRow { id, unit, audience, mode, amount_fen, valid_from_on, valid_to_on } = row;
        (id, Price { unit, audience, amount_fen, mode, valid_from: valid_from_on, valid_to: valid_to_on })
    };
    Ok(rows.into_iter().map(read).collect())
}

/// The prices of the instrument `i` that are not closed, in the order in which they were set: one text of lines such as
/// `ID hour external 68500 self 2026-01-01 -`, where `-` is nothing.
pub(super) const PRICES: &str = "(SELECT string_agg(c.id || ' ' || c.unit || ' ' || c.audience || ' ' || c.amount_fen || ' ' || coalesce(c.mode, '-') || ' ' || \
     coalesce(c.valid_from_on, '-') || ' ' || coalesce(c.valid_to_on, '-'), ',' ORDER BY c.position, c.id) FROM prices c \
     WHERE c.instrument_id = i.id AND c.closed_at IS NULL)";

/// Prices as [`PRICES`] writes them.
pub(super) fn read_prices(text: Option<&str>) -> Vec<(Id, Price)> {
    let read = |line: &str| {
        let mut words = line.split(' ');
        let id = words.next()?.to_owned();
        let (unit, audience) = (PriceUnit::parse(words.next()?)?, Audience::parse(words.next()?)?);
        let (amount_fen, mode) = (words.next()?.parse().ok()?, Mode::parse(words.next()?));
        Some((id, Price { unit, audience, amount_fen, mode, valid_from: Day::parse(words.next()?), valid_to: Day::parse(words.next()?) }))
    };
    text.unwrap_or_default().split(',').filter_map(read).collect()
}

/// Closes the prices of an instrument.
pub async fn update_prices_closed(conn: &mut AnyConnection, instrument_id: &str, now: Instant) -> Result<(), Error> {
    sqlx::query("UPDATE prices SET closed_at = $2 WHERE instrument_id = $1 AND closed_at IS NULL").bind(instrument_id).bind(now).execute(conn).await?;
    Ok(())
}

/// Inserts a price at a place of the list.
pub async fn insert_price(conn: &mut AnyConnection, id: &str, instrument_id: &str, position: i64, price: &Price, now: Instant) -> Result<(), Error> {
    sqlx::query(
        "INSERT INTO prices (id, instrument_id, position, unit, audience, mode, amount_fen, valid_from_on, valid_to_on, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    )
    .bind(id)
    .bind(instrument_id)
    .bind(position)
    .bind(price.unit)
    .bind(price.audience)
    .bind(price.mode)
    .bind(price.amount_fen)
    .bind(price.valid_from)
    .bind(price.valid_to)
    .bind(now)
    .execute(conn)
    .await?;
    Ok(())
}

/// The policy in force.
pub async fn find_policy(conn: &mut AnyConnection, instrument_id: &str) -> Result<Option<Policy>, Error> {
    let sql = format!("SELECT {} FROM policies p WHERE p.instrument_id = $1 AND p.closed_at IS NULL", super::POLICY);
    Ok(sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(instrument_id).fetch_optional(conn).await?)
}

/// Puts a policy in force and closes the one before it.
pub async fn insert_policy(conn: &mut AnyConnection, id: &str, instrument_id: &str, policy: &Policy, now: Instant) -> Result<(), Error> {
    sqlx::query("UPDATE policies SET closed_at = $2 WHERE instrument_id = $1 AND closed_at IS NULL").bind(instrument_id).bind(now).execute(&mut *conn).await?;
    sqlx::query(
        "INSERT INTO policies (id, instrument_id, grid_minutes, min_minutes, max_minutes, notice_minutes, horizon_days, buffer_minutes, approval, approval_hours, \
         free_cancel_minutes, late_cancel_percent, no_show_minutes, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
    )
    .bind(id)
    .bind(instrument_id)
    .bind(policy.grid_minutes)
    .bind(policy.min_minutes)
    .bind(policy.max_minutes)
    .bind(policy.notice_minutes)
    .bind(policy.horizon_days)
    .bind(policy.buffer_minutes)
    .bind(policy.approval)
    .bind(policy.approval_hours)
    .bind(policy.free_cancel_minutes)
    .bind(policy.late_cancel_percent)
    .bind(policy.no_show_minutes)
    .bind(now)
    .execute(conn)
    .await?;
    Ok(())
}

/// The opening hours in force.
pub async fn find_opening(conn: &mut AnyConnection, instrument_id: &str) -> Result<Option<OpeningHours>, Error> {
    let sql = format!("SELECT {} FROM opening_hours h WHERE h.instrument_id = $1 AND h.closed_at IS NULL", super::OPENING);
    let row: Option<(Holidays, Option<String>)> = sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(instrument_id).fetch_optional(conn).await?;
    Ok(row.map(|(holidays, spans)| OpeningHours { spans: read_spans(spans.as_deref()), holidays }))
}

/// Puts opening hours in force and closes those before them.
pub async fn insert_opening(conn: &mut AnyConnection, id: &str, instrument_id: &str, opening: &OpeningHours, now: Instant) -> Result<(), Error> {
    sqlx::query("UPDATE opening_hours SET closed_at = $2 WHERE instrument_id = $1 AND closed_at IS NULL")
        .bind(instrument_id)
        .bind(now)
        .execute(&mut *conn)
        .await?;
    sqlx::query("INSERT INTO opening_hours (id, instrument_id, holidays, created_at) VALUES ($1, $2, $3, $4)")
        .bind(id)
        .bind(instrument_id)
        .bind(opening.holidays)
        .bind(now)
        .execute(&mut *conn)
        .await?;
    if opening.spans.is_empty() {
        return Ok(());
    }
    let places: Vec<String> = (0..opening.spans.len()).map(|row| format!("($1, ${}, ${}, ${})", row * 3 + 2, row * 3 + 3, row * 3 + 4)).collect();
    let sql = format!("INSERT INTO opening_spans (opening_id, weekday, opens_minute, closes_minute) VALUES {}", places.join(", "));
    let mut query = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(id);
    for span in &opening.spans {
        query = query.bind(span.weekday).bind(span.opens_minute).bind(span.closes_minute);
    }
    query.execute(conn).await?;
    Ok(())
}
