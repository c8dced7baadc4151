//! The calendar of days.

use sqlx::AnyConnection;

use super::Error;
use crate::base::time::Day;
use crate::domain::calendar::{Calendar, CalendarDay};

type Row = (Day, crate::domain::calendar::DayKind, Option<i64>);

/// The rows from one day to another, both included.
pub async fn load(conn: &mut AnyConnection, from: Day, to: Day) -> Result<Calendar, Error> {
    let rows: Vec<Row> =
        sqlx::query_as("SELECT day, kind, open_as FROM calendar_days WHERE day >= $1 AND day <= $2 ORDER BY day").bind(from).bind(to).fetch_all(conn).await?;
    Ok(Calendar::new(rows.into_iter().map(|(day, kind, open_as)| CalendarDay { day, kind, open_as })))
}

/// How many days have a row.
pub async fn count(conn: &mut AnyConnection) -> Result<i64, Error> {
    Ok(sqlx::query_scalar("SELECT count(*) FROM calendar_days").fetch_one(conn).await?)
}

/// Writes rows over those that are there for the same days; gives how many were new or changed. No day may come twice.
pub async fn replace(conn: &mut AnyConnection, days: &[CalendarDay]) -> Result<u64, Error> {
    let mut changed = 0;
    for chunk in days.chunks(200) {
        let places: Vec<String> = (0..chunk.len()).map(|row| format!("(${}, ${}, CAST(${} AS BIGINT))", row * 3 + 1, row * 3 + 2, row * 3 + 3)).collect();
        let sql = format!(
            "INSERT INTO calendar_days (day, kind, open_as) VALUES {} ON CONFLICT (day) DO UPDATE SET kind = excluded.kind, open_as = excluded.open_as \
             WHERE calendar_days.kind <> excluded.kind OR calendar_days.open_as IS DISTINCT FROM excluded.open_as",
            places.join(", ")
        );
        let mut query = sqlx::query(sqlx::AssertSqlSafe(sql));
        for day in chunk {
            query = query.bind(day.day).bind(day.kind).bind(day.open_as);
        }
        changed += query.execute(&mut *conn).await?.rows_affected();
    }
    Ok(changed)
}
