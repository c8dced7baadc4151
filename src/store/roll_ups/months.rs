//! Months of use: sums of rolled-up days and who stands behind them, kept in the transaction that changes the days. They always agree with
//! the days, touched or not; `yiqi check` proves it.

use std::collections::BTreeSet;

use sqlx::{AnyConnection, AssertSqlSafe, FromRow};

use super::super::Error;
use super::super::db::rows_a_statement;
use super::seconds::{COLUMNS, Seconds, sums};
use super::{parse_users, rows};
use crate::base::ids::Id;

/// What an instrument did in a month for one owner.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, FromRow)]
pub struct UsageMonth {
    /// The instrument.
    pub instrument_id: Id,
    /// `2026-10`.
    pub month: String,
    /// Whose it was.
    pub institution_id: Id,
    #[sqlx(flatten)]
    seconds: Seconds,
    users: String,
}

impl UsageMonth {
    /// With the users of its days told once, in order.
    fn tidied(mut self) -> Self {
        let users: BTreeSet<&str> = parse_users(&self.users).collect();
        self.users = users.into_iter().collect::<Vec<_>>().join(",");
        self
    }

    fn is_empty(&self) -> bool {
        self.seconds == Seconds::default() && self.users.is_empty()
    }
}

/// Who stands behind days, as they come.
const USERS: &str = "coalesce(string_agg(u.users, ','), '') AS users";

/// Sums up months of instruments again: a row for each institution that ever had the instrument, also where nothing is left in it, so that
/// `revision` rises with every change.
pub async fn replace(conn: &mut AnyConnection, months: &BTreeSet<(&Id, String)>) -> Result<(), Error> {
    let months: Vec<&(&Id, String)> = months.iter().collect();
    for chunk in months.chunks(rows_a_statement(conn, 2)) {
        let sql = format!(
            "WITH wanted (instrument_id, month) AS (VALUES {}) SELECT k.instrument_id, k.month, k.institution_id, {}, {USERS} \
             FROM (SELECT DISTINCT w.instrument_id, w.month, t.institution_id FROM wanted w JOIN tenures t ON t.instrument_id = w.instrument_id) k \
             LEFT JOIN usage_days u ON u.instrument_id = k.instrument_id AND u.institution_id = k.institution_id AND u.day >= k.month || '-01' AND u.day <= k.month || '-31' \
             GROUP BY k.instrument_id, k.month, k.institution_id",
            rows(chunk.len(), 2),
            sums(),
        );
        let mut query = sqlx::query_as(AssertSqlSafe(sql));
        for (instrument_id, month) in chunk {
            query = query.bind(*instrument_id).bind(month);
        }
        let summed: Vec<UsageMonth> = query.fetch_all(&mut *conn).await?;
        store(conn, &summed.into_iter().map(UsageMonth::tidied).collect::<Vec<_>>()).await?;
    }
    Ok(())
}

async fn store(conn: &mut AnyConnection, months: &[UsageMonth]) -> Result<(), Error> {
    for chunk in months.chunks(rows_a_statement(conn, 14)) {
        let sql = format!(
            "INSERT INTO usage_months (instrument_id, month, institution_id, {}, users, revision) VALUES {} \
             ON CONFLICT (instrument_id, month, institution_id) DO UPDATE SET {}, users = excluded.users, revision = usage_months.revision + 1",
            COLUMNS.join(", "),
            rows(chunk.len(), 14),
            COLUMNS.map(|column| format!("{column} = excluded.{column}")).join(", "),
        );
        let mut query = sqlx::query(AssertSqlSafe(sql));
        for row in chunk {
            query = query.bind(&row.instrument_id).bind(&row.month).bind(&row.institution_id);
            for seconds in row.seconds.all() {
                query = query.bind(seconds);
            }
            query = query.bind(&row.users).bind(1_i64);
        }
        query.execute(&mut *conn).await?;
    }
    Ok(())
}

/// The months of an instrument as they are stored, and as its days give them: what is in only one of the two lists is wrong. Months with
/// nothing in them are in neither.
pub async fn list_both(conn: &mut AnyConnection, instrument_id: &str) -> Result<[BTreeSet<UsageMonth>; 2], Error> {
    let stored = format!("SELECT instrument_id, month, institution_id, {}, users FROM usage_months WHERE instrument_id = $1", COLUMNS.join(", "));
    let given = format!(
        "SELECT u.instrument_id, substr(u.day, 1, 7) AS month, u.institution_id, {}, {USERS} FROM usage_days u WHERE u.instrument_id = $1 \
         GROUP BY u.instrument_id, substr(u.day, 1, 7), u.institution_id",
        sums()
    );
    let mut both = [BTreeSet::new(), BTreeSet::new()];
    for (list, sql) in both.iter_mut().zip([stored, given]) {
        let months: Vec<UsageMonth> = sqlx::query_as(AssertSqlSafe(sql)).bind(instrument_id).fetch_all(&mut *conn).await?;
        list.extend(months.into_iter().map(UsageMonth::tidied).filter(|month| !month.is_empty()));
    }
    Ok(both)
}
