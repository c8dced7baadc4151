//! Purses (券账户) and their ledger: amounts change only together with movements, by [`apply`] and nothing else.
//! The CHECKs of the schema have the last word.

use sqlx::{AnyConnection, FromRow};

use super::Error;
use crate::base::ids::Id;
use crate::base::paging::{Listed, Page};
use crate::base::time::Instant;
use crate::domain::vouchers::{Account, Movement, Purse};

/// A purse as it is stored.
#[derive(Debug, Clone, FromRow)]
pub struct PurseRow {
    /// Id.
    pub id: Id,
    /// The programme.
    pub programme_id: Id,
    /// The enterprise.
    pub enterprise_id: Id,
    /// The seven amounts, see [`Purse`], here and below.
    pub granted_fen: i64,
    /// Available.
    pub available_fen: i64,
    /// Held.
    pub held_fen: i64,
    /// Claimed.
    pub claimed_fen: i64,
    /// Redeemed.
    pub redeemed_fen: i64,
    /// Lapsed.
    pub lapsed_fen: i64,
    /// Returned.
    pub returned_fen: i64,
    /// How many movements there are.
    pub movements: i64,
}

impl PurseRow {
    /// The seven amounts.
    #[must_use]
    pub const fn purse(&self) -> Purse {
        Purse {
            granted_fen: self.granted_fen,
            available_fen: self.available_fen,
            held_fen: self.held_fen,
            claimed_fen: self.claimed_fen,
            redeemed_fen: self.redeemed_fen,
            lapsed_fen: self.lapsed_fen,
            returned_fen: self.returned_fen,
        }
    }
}

/// Why money moved, and by whose hand.
#[derive(Debug, Clone, Copy)]
pub struct Cause<'a> {
    /// booking, statement, claim, application, return, job.
    pub kind: &'a str,
    /// Which.
    pub id: &'a str,
    /// The membership, where a person acted.
    pub membership_id: Option<&'a str>,
    /// The job, where one acted.
    pub job: Option<&'a str>,
    /// When.
    pub at: Instant,
}

/// A line of the ledger.
#[derive(Debug, Clone, FromRow)]
pub struct MovementRow {
    /// Id.
    pub id: Id,
    /// Of which purse.
    pub purse_id: Id,
    /// Counts from 1 within the purse.
    pub number: i64,
    /// When.
    pub at: Instant,
    /// Where the money was.
    pub from_account: Account,
    /// Where it went.
    pub to_account: Account,
    /// How much.
    pub amount_fen: i64,
    /// What caused it.
    pub cause_kind: String,
    /// Which.
    pub cause_id: Id,
    /// What people call the cause: code of the booking or the claim, empty for others.
    pub cause_code: String,
    /// What was available after it.
    pub available_fen: i64,
}

impl MovementRow {
    /// The movement as the rules read it.
    #[must_use]
    pub const fn movement(&self) -> Movement {
        Movement { from: self.from_account, to: self.to_account, amount_fen: self.amount_fen }
    }
}

const PURSE: &str = "id, programme_id, enterprise_id, granted_fen, available_fen, held_fen, claimed_fen, redeemed_fen, lapsed_fen, returned_fen, movements";

/// The purse of an enterprise in a programme.
pub async fn find_of(conn: &mut AnyConnection, programme_id: &str, enterprise_id: &str) -> Result<Option<PurseRow>, Error> {
    let sql = format!("SELECT {PURSE} FROM purses WHERE programme_id = $1 AND enterprise_id = $2");
    Ok(sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(programme_id).bind(enterprise_id).fetch_optional(conn).await?)
}

/// Makes the empty purse of an enterprise in a programme; harmless when it is there.
pub async fn insert(conn: &mut AnyConnection, id: &str, programme_id: &str, enterprise_id: &str, now: Instant) -> Result<(), Error> {
    sqlx::query(
        "INSERT INTO purses (id, programme_id, enterprise_id, granted_fen, available_fen, held_fen, claimed_fen, redeemed_fen, lapsed_fen, returned_fen, movements, created_at) \
         VALUES ($1, $2, $3, 0, 0, 0, 0, 0, 0, 0, 0, $4) ON CONFLICT (programme_id, enterprise_id) DO NOTHING",
    )
    .bind(id)
    .bind(programme_id)
    .bind(enterprise_id)
    .bind(now)
    .execute(conn)
    .await?;
    Ok(())
}

/// The purses with something available or held, the oldest first.
pub async fn list_with_balance(conn: &mut AnyConnection) -> Result<Vec<Id>, Error> {
    Ok(sqlx::query_scalar("SELECT id FROM purses WHERE available_fen > 0 OR held_fen > 0 ORDER BY id").fetch_all(conn).await?)
}

/// Touches a purse, so that others wait, and gives it as it is now. Instrument and booking come before it, claim and programme after.
pub async fn lock(conn: &mut AnyConnection, id: &str) -> Result<Option<PurseRow>, Error> {
    let sql = format!("UPDATE purses SET movements = movements WHERE id = $1 RETURNING {PURSE}");
    Ok(sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(id).fetch_optional(conn).await?)
}

/// The same by enterprise and programme.
pub async fn lock_of(conn: &mut AnyConnection, programme_id: &str, enterprise_id: &str) -> Result<Option<PurseRow>, Error> {
    let sql = format!("UPDATE purses SET movements = movements WHERE programme_id = $1 AND enterprise_id = $2 RETURNING {PURSE}");
    Ok(sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(programme_id).bind(enterprise_id).fetch_optional(conn).await?)
}

/// Touches every purse of an enterprise for a year, so that others wait.
pub async fn lock_of_year(conn: &mut AnyConnection, enterprise_id: &str, year: i64) -> Result<(), Error> {
    sqlx::query("UPDATE purses SET movements = movements WHERE enterprise_id = $1 AND programme_id IN (SELECT id FROM programmes WHERE year = $2)")
        .bind(enterprise_id)
        .bind(year)
        .execute(conn)
        .await?;
    Ok(())
}

/// Moves money: the purse's amounts and, for each movement, a line of the ledger, numbered on. The ids of the lines come from outside.
///
/// # Errors
/// [`Error::Broken`] with the name of a CHECK for a purse that would not be sound.
pub async fn apply(conn: &mut AnyConnection, purse_id: &str, moves: &[(Id, Movement)], cause: &Cause<'_>) -> Result<(), Error> {
    if moves.is_empty() {
        return Ok(());
    }
    let change = |account: Account| -> i64 {
        moves.iter().map(|(_, m)| if m.to == account { m.amount_fen } else { 0 } - if m.from == account { m.amount_fen } else { 0 }).sum()
    };
    let count = i64::try_from(moves.len()).unwrap_or(i64::MAX);
    let last: i64 = sqlx::query_scalar(
        "UPDATE purses SET granted_fen = granted_fen + $2, available_fen = available_fen + $3, held_fen = held_fen + $4, claimed_fen = claimed_fen + $5, \
         redeemed_fen = redeemed_fen + $6, lapsed_fen = lapsed_fen + $7, returned_fen = returned_fen + $8, movements = movements + $9 WHERE id = $1 RETURNING movements",
    )
    .bind(purse_id)
    .bind(-change(Account::Budget))
    .bind(change(Account::Available))
    .bind(change(Account::Held))
    .bind(change(Account::Claimed))
    .bind(change(Account::Redeemed))
    .bind(change(Account::Lapsed))
    .bind(change(Account::Returned))
    .bind(count)
    .fetch_one(&mut *conn)
    .await?;
    for (number, (id, movement)) in (last - count + 1..).zip(moves) {
        sqlx::query(
            "INSERT INTO movements (id, purse_id, number, at, from_account, to_account, amount_fen, cause_kind, cause_id, membership_id, job) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        )
        .bind(id)
        .bind(purse_id)
        .bind(number)
        .bind(cause.at)
        .bind(movement.from)
        .bind(movement.to)
        .bind(movement.amount_fen)
        .bind(cause.kind)
        .bind(cause.id)
        .bind(cause.membership_id)
        .bind(cause.job)
        .execute(&mut *conn)
        .await?;
    }
    Ok(())
}

/// The ledger of a purse, the newest line first.
pub async fn list_movements(conn: &mut AnyConnection, purse_id: &str, page: Page) -> Result<Listed<MovementRow>, Error> {
    let total: i64 = sqlx::query_scalar("SELECT count(*) FROM movements WHERE purse_id = $1").bind(purse_id).fetch_one(&mut *conn).await?;
    let items = sqlx::query_as(
        "SELECT m.id, m.purse_id, m.number, m.at, m.from_account, m.to_account, m.amount_fen, m.cause_kind, m.cause_id, \
         coalesce((SELECT b.code FROM bookings b WHERE b.id = m.cause_id), (SELECT c.code FROM claims c WHERE c.id = m.cause_id), \
         (SELECT b.code FROM statements s JOIN bookings b ON b.id = s.booking_id WHERE s.id = m.cause_id), '') AS cause_code, \
         CAST(sum(CASE WHEN m.to_account = 'available' THEN m.amount_fen WHEN m.from_account = 'available' THEN -m.amount_fen ELSE 0 END) \
         OVER (ORDER BY m.number) AS BIGINT) AS available_fen \
         FROM movements m WHERE m.purse_id = $1 ORDER BY m.number DESC LIMIT $2 OFFSET $3",
    )
    .bind(purse_id)
    .bind(page.limit)
    .bind(page.offset)
    .fetch_all(conn)
    .await?;
    Ok(Listed::new(items, total, page))
}

/// A purse with whose it is.
#[derive(Debug, Clone, FromRow)]
pub struct PurseLine {
    /// USCC of the enterprise.
    pub uscc: String,
    /// Its name.
    pub enterprise: String,
    /// The purse.
    #[sqlx(flatten)]
    pub row: PurseRow,
}

/// The purses of a programme to which something was granted, by name; `text` in name or USCC.
pub async fn list_of_programme(conn: &mut AnyConnection, programme_id: &str, text: Option<&str>, page: Page) -> Result<Listed<PurseLine>, Error> {
    const FROM: &str = "FROM purses p JOIN parties o ON o.id = p.enterprise_id WHERE p.programme_id = $1 AND p.granted_fen > 0 \
         AND (CAST($2 AS TEXT) IS NULL OR o.name LIKE $2 ESCAPE '!' OR o.uscc LIKE $2 ESCAPE '!')";
    let like = text.map(super::claims::lists::pattern);
    let total: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(format!("SELECT count(*) {FROM}"))).bind(programme_id).bind(&like).fetch_one(&mut *conn).await?;
    let items = sqlx::query_as(sqlx::AssertSqlSafe(format!("SELECT o.uscc, o.name AS enterprise, p.* {FROM} ORDER BY o.name, p.id LIMIT $3 OFFSET $4")))
        .bind(programme_id)
        .bind(&like)
        .bind(page.limit)
        .bind(page.offset)
        .fetch_all(conn)
        .await?;
    Ok(Listed::new(items, total, page))
}

/// The amount that a booking's last release gave back, in fen; 0 when it gave back nothing.
pub async fn find_last_release(conn: &mut AnyConnection, purse_id: &str, booking_id: &str) -> Result<i64, Error> {
    let row: Option<i64> = sqlx::query_scalar(
        "SELECT amount_fen FROM movements WHERE cause_kind = 'booking' AND cause_id = $2 AND purse_id = $1 AND from_account = 'held' AND to_account = 'available' \
         ORDER BY number DESC LIMIT 1",
    )
    .bind(purse_id)
    .bind(booking_id)
    .fetch_optional(conn)
    .await?;
    Ok(row.unwrap_or(0))
}
