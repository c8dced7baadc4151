//! The daily roll-up: what was computed of an instrument's day, and which days must be computed again; [`months`] sum them up.

pub mod months;
pub mod seconds;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use sqlx::{AnyConnection, AssertSqlSafe, FromRow};

use super::Error;
use super::db::rows_a_statement;
use crate::base::ids::Id;
use crate::base::time::{Day, Instant};
use crate::domain::openness::Figures;
use seconds::{COLUMNS, Seconds, names};

/// What an instrument did on a day for one owner, computed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageDay {
    /// Which day.
    pub day: Day,
    /// Who owned the instrument at the start of the segments.
    pub institution_id: Id,
    /// Hours, by source and by user.
    pub figures: Figures,
    /// How many live segments were in.
    pub segments: i64,
    /// Which ones: a hash over them.
    pub digest: String,
}

/// A stored day, for comparing.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct StoredDay {
    /// Which day.
    pub day: Day,
    /// Whose.
    pub institution_id: Id,
    /// Its hours.
    #[sqlx(flatten)]
    pub seconds: Seconds,
    /// Who stands behind it.
    pub users: String,
    /// How many segments were in.
    pub segments: i64,
    /// Which ones.
    pub digest: String,
}

impl From<UsageDay> for StoredDay {
    fn from(row: UsageDay) -> Self {
        Self {
            seconds: Seconds::from(&row.figures),
            users: print_users(&row.figures.by_user),
            day: row.day,
            institution_id: row.institution_id,
            segments: row.segments,
            digest: row.digest,
        }
    }
}

/// Instruments that have days to be computed again, or a row for `day`. A segment touches its days when it comes and when it is voided, so
/// that no day with use is neither.
pub async fn list_due(conn: &mut AnyConnection, day: Day) -> Result<Vec<Id>, Error> {
    let sql = "SELECT instrument_id FROM touched_days UNION SELECT instrument_id FROM usage_days WHERE day = $1 ORDER BY instrument_id";
    Ok(sqlx::query_scalar(sql).bind(day).fetch_all(conn).await?)
}

/// Takes the days of some instruments off the list of those to be computed again, and gives them.
pub async fn delete_touched(conn: &mut AnyConnection, instrument_ids: &[Id]) -> Result<Vec<(Id, Day)>, Error> {
    let places: Vec<String> = (1..=instrument_ids.len()).map(|number| format!("${number}")).collect();
    let sql = format!("DELETE FROM touched_days WHERE instrument_id IN ({}) RETURNING instrument_id, day", places.join(", "));
    let mut query = sqlx::query_as(AssertSqlSafe(sql));
    for id in instrument_ids {
        query = query.bind(id);
    }
    Ok(query.fetch_all(conn).await?)
}

/// Days of an instrument that must be computed again, in order.
pub async fn list_touched(conn: &mut AnyConnection, instrument_id: &str) -> Result<Vec<Day>, Error> {
    Ok(sqlx::query_scalar("SELECT day FROM touched_days WHERE instrument_id = $1 ORDER BY day").bind(instrument_id).fetch_all(conn).await?)
}

/// Replaces the rows of some days of instruments by what was computed of them, and the sums of their months. A day without a row in
/// `computed` keeps none.
pub async fn replace(conn: &mut AnyConnection, days: &[(&Id, Day)], computed: &[(&Id, UsageDay)], now: Instant) -> Result<(), Error> {
    delete(conn, days).await?;
    insert(conn, computed, now).await?;
    months::replace(conn, &days.iter().map(|(id, day)| (*id, day.month())).collect()).await
}

async fn delete(conn: &mut AnyConnection, days: &[(&Id, Day)]) -> Result<(), Error> {
    for chunk in days.chunks(rows_a_statement(conn, 2)) {
        let mut query = sqlx::query(AssertSqlSafe(format!("DELETE FROM usage_days WHERE (instrument_id, day) IN (VALUES {})", rows(chunk.len(), 2))));
        for (instrument_id, day) in chunk {
            query = query.bind(*instrument_id).bind(*day);
        }
        query.execute(&mut *conn).await?;
    }
    Ok(())
}

/// Organisations and their seconds as they are stored with a day.
fn print_users(users: &BTreeMap<String, i64>) -> String {
    users.iter().map(|(uscc, seconds)| format!("{uscc}={seconds}")).collect::<Vec<_>>().join(",")
}

/// The organisations of stored days or months, also of several of them between commas.
pub fn parse_users(stored: &str) -> impl Iterator<Item = &str> {
    stored.split(',').map(|user| user.split('=').next().unwrap_or(user)).filter(|uscc| !uscc.is_empty())
}

fn rows(count: usize, columns: usize) -> String {
    (0..count).fold(String::new(), |mut text, row| {
        let places: Vec<String> = (row * columns + 1..=(row + 1) * columns).map(|number| format!("${number}")).collect();
        let _ = write!(text, "{}({})", if row == 0 { "" } else { ", " }, places.join(", "));
        text
    })
}

async fn insert(conn: &mut AnyConnection, computed: &[(&Id, UsageDay)], now: Instant) -> Result<(), Error> {
    for chunk in computed.chunks(rows_a_statement(conn, 16)) {
        let sql = format!(
            "INSERT INTO usage_days (instrument_id, day, institution_id, {}, users, segments, digest, computed_at) VALUES {}",
            COLUMNS.join(", "),
            rows(chunk.len(), 16)
        );
        let mut query = sqlx::query(AssertSqlSafe(sql));
        for (instrument_id, row) in chunk {
            query = query.bind(*instrument_id).bind(row.day).bind(&row.institution_id);
            for seconds in Seconds::from(&row.figures).all() {
                query = query.bind(seconds);
            }
            query = query.bind(print_users(&row.figures.by_user)).bind(row.segments).bind(&row.digest).bind(now);
        }
        query.execute(&mut *conn).await?;
    }
    Ok(())
}

/// The stored days of an instrument that are not to be computed again, by day and owner.
pub async fn list_days(conn: &mut AnyConnection, instrument_id: &str) -> Result<Vec<StoredDay>, Error> {
    let sql = format!(
        "SELECT u.day, u.institution_id, {}, u.users, u.segments, u.digest FROM usage_days u \
         WHERE u.instrument_id = $1 AND NOT EXISTS (SELECT 1 FROM touched_days t WHERE t.instrument_id = u.instrument_id AND t.day = u.day) ORDER BY u.day, u.institution_id",
        names()
    );
    let mut days: Vec<StoredDay> = sqlx::query_as(AssertSqlSafe(sql)).bind(instrument_id).fetch_all(conn).await?;
    for day in &mut days {
        // Databases sort text each in their own way, and a migration once had them do it.
        let mut users: Vec<&str> = day.users.split(',').collect();
        users.sort_unstable();
        day.users = users.join(",");
    }
    Ok(days)
}

/// Every instrument that has segments or rolled-up days.
pub async fn list_recorded(conn: &mut AnyConnection) -> Result<Vec<Id>, Error> {
    Ok(sqlx::query_scalar("SELECT instrument_id FROM usage_segments UNION SELECT instrument_id FROM usage_days ORDER BY instrument_id").fetch_all(conn).await?)
}

/// Touches the days, from `from_on` on, on which one of two organisations used what the other owns: a relation between them was declared,
/// and changes what counts as external.
pub async fn insert_touched_by_relation(conn: &mut AnyConnection, one: &str, other: &str, from_on: Day, now: Instant) -> Result<(), Error> {
    sqlx::query(
        "INSERT INTO touched_days (instrument_id, day, touched_at) \
         SELECT DISTINCT u.instrument_id, u.day, CAST($4 AS BIGINT) FROM usage_days u JOIN organisations o ON u.users LIKE '%' || o.uscc || '=%' \
         WHERE u.day >= $3 AND ((u.institution_id = $1 AND o.id = $2) OR (u.institution_id = $2 AND o.id = $1)) \
         ON CONFLICT (instrument_id, day) DO UPDATE SET touched_at = excluded.touched_at, touches = touched_days.touches + 1",
    )
    .bind(one)
    .bind(other)
    .bind(from_on)
    .bind(now)
    .execute(conn)
    .await?;
    Ok(())
}

/// The name under which the one salt of an installation is kept; those of periods are made of it.
const ROOT: &str = "root";

/// What the salts of all periods are made of; `None` before the first start.
pub async fn find_salt(conn: &mut AnyConnection) -> Result<Option<String>, Error> {
    Ok(sqlx::query_scalar("SELECT salt FROM export_salts WHERE period = $1").bind(ROOT).fetch_optional(conn).await?)
}

/// Keeps it, unless there is one already.
pub async fn insert_salt(conn: &mut AnyConnection, salt: &str) -> Result<(), Error> {
    sqlx::query("INSERT INTO export_salts (period, salt) VALUES ($1, $2) ON CONFLICT (period) DO NOTHING").bind(ROOT).bind(salt).execute(conn).await?;
    Ok(())
}
