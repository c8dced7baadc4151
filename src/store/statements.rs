//! Statements (结算单) and their charges. Versions: a row is confirmed or disputed once, and never changed otherwise.

use sqlx::{AnyConnection, FromRow};

use super::Error;
use crate::base::ids::Id;
use crate::base::paging::{Listed, Page};
use crate::base::time::{Instant, Span};

/// A statement as it is stored.
#[derive(Debug, Clone, FromRow)]
pub struct Statement {
    /// Id.
    pub id: Id,
    /// The booking.
    pub booking_id: Id,
    /// Counts up with each new statement of the booking.
    pub version: i64,
    /// The actual fee A.
    pub actual_fen: i64,
    /// What use and price give; `None` without recorded use.
    pub computed_fen: Option<i64>,
    /// Seconds of recorded use.
    pub used_seconds: i64,
    /// Why it differs, may be empty.
    pub reason: String,
    /// The membership that issued it.
    pub membership_id: Option<Id>,
    /// When.
    pub at: Instant,
    /// Disputed since.
    pub disputed_at: Option<Instant>,
    /// Why.
    pub dispute_reason: Option<String>,
    /// Confirmed at.
    pub confirmed_at: Option<Instant>,
    /// By which membership; `None` by the clock.
    pub confirmed_by: Option<Id>,
}

/// One line of a statement.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Charge {
    /// `use` (use and price), or `adjustment`.
    pub kind: String,
    /// Seconds of use.
    pub quantity_seconds: i64,
    /// Hourly price.
    pub unit_price_fen: i64,
    /// What it comes to; an adjustment may be negative.
    pub amount_fen: i64,
}

/// Inserts a statement with its charges; `ids` names the charges.
pub async fn insert(conn: &mut AnyConnection, s: &Statement, charges: &[(Id, Charge)]) -> Result<(), Error> {
    sqlx::query("INSERT INTO statements (id, booking_id, version, actual_fen, computed_fen, used_seconds, reason, membership_id, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)")
        .bind(&s.id)
        .bind(&s.booking_id)
        .bind(s.version)
        .bind(s.actual_fen)
        .bind(s.computed_fen)
        .bind(s.used_seconds)
        .bind(&s.reason)
        .bind(&s.membership_id)
        .bind(s.at)
        .execute(&mut *conn)
        .await?;
    for (id, charge) in charges {
        sqlx::query("INSERT INTO charges (id, statement_id, kind, quantity_seconds, unit_price_fen, amount_fen) VALUES ($1, $2, $3, $4, $5, $6)")
            .bind(id)
            .bind(&s.id)
            .bind(&charge.kind)
            .bind(charge.quantity_seconds)
            .bind(charge.unit_price_fen)
            .bind(charge.amount_fen)
            .execute(&mut *conn)
            .await?;
    }
    Ok(())
}

/// The statements of a booking, the newest first.
pub async fn list(conn: &mut AnyConnection, booking_id: &str) -> Result<Vec<Statement>, Error> {
    Ok(sqlx::query_as("SELECT * FROM statements WHERE booking_id = $1 ORDER BY version DESC").bind(booking_id).fetch_all(conn).await?)
}

/// The charges of a statement, use before adjustment.
pub async fn list_charges(conn: &mut AnyConnection, statement_id: &str) -> Result<Vec<Charge>, Error> {
    Ok(sqlx::query_as("SELECT kind, quantity_seconds, unit_price_fen, amount_fen FROM charges WHERE statement_id = $1 ORDER BY kind DESC, id")
        .bind(statement_id)
        .fetch_all(conn)
        .await?)
}

/// How many statements a booking has had.
pub async fn count(conn: &mut AnyConnection, booking_id: &str) -> Result<i64, Error> {
    Ok(sqlx::query_scalar("SELECT count(*) FROM statements WHERE booking_id = $1").bind(booking_id).fetch_one(conn).await?)
}

/// Marks a statement as disputed; false when it was before.
pub async fn update_disputed(conn: &mut AnyConnection, id: &str, now: Instant, reason: &str) -> Result<bool, Error> {
    let done = sqlx::query("UPDATE statements SET disputed_at = $2, dispute_reason = $3 WHERE id = $1 AND disputed_at IS NULL")
        .bind(id)
        .bind(now)
        .bind(reason)
        .execute(conn)
        .await?;
    Ok(done.rows_affected() > 0)
}

/// Marks a statement as confirmed; false when it was before.
pub async fn update_confirmed(conn: &mut AnyConnection, id: &str, now: Instant, membership_id: Option<&str>) -> Result<bool, Error> {
    let done = sqlx::query("UPDATE statements SET confirmed_at = $2, confirmed_by = $3 WHERE id = $1 AND confirmed_at IS NULL")
        .bind(id)
        .bind(now)
        .bind(membership_id)
        .execute(conn)
        .await?;
    Ok(done.rows_affected() > 0)
}

/// A booking as the institution sees it among its statements.
#[derive(Debug, Clone, FromRow)]
pub struct Billed {
    /// The booking.
    pub id: Id,
    /// Its code.
    pub code: String,
    /// The customer's name.
    pub customer: String,
    /// The instrument's name.
    pub instrument: String,
    /// When it was booked for.
    pub starts_at: Instant,
    /// See `starts_at`.
    pub ends_at: Instant,
    /// `confirmed`, `completed` or `settled`.
    pub state: crate::domain::bookings::State,
    /// Its version.
    pub version: i64,
    /// The quote.
    pub fee_fen: i64,
    /// The hourly price.
    pub hourly_fen: i64,
    /// What the statement says.
    pub actual_fen: Option<i64>,
    /// Until when it is confirmed by the clock.
    pub confirm_due_at: Option<Instant>,
    /// Disputed since.
    pub disputed_at: Option<Instant>,
    /// Why.
    pub dispute_reason: Option<String>,
    /// Settled at.
    pub settled_at: Option<Instant>,
    /// How many live effective segments carry its code.
    pub segments: i64,
}

impl Billed {
    /// The time that was booked.
    #[must_use]
    pub const fn booked(&self) -> Span {
        Span::new(self.starts_at, self.ends_at)
    }
}

/// What stage of billing is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Used and over, without a statement.
    Waiting,
    /// With a disputed statement.
    Disputed,
    /// With a statement that waits for the customer.
    Issued,
    /// Settled.
    Settled,
}

impl Stage {
    /// Every condition reads `$2`, the end before which a booking must lie.
    const fn condition(self) -> &'static str {
        match self {
            Self::Waiting => "b.statement_id IS NULL AND (b.state = 'completed' OR (b.state = 'confirmed' AND b.ends_at <= $2 AND u.n > 0))",
            Self::Disputed => "b.ends_at <= $2 AND b.state = 'completed' AND b.disputed_at IS NOT NULL",
            Self::Issued => "b.ends_at <= $2 AND b.state = 'completed' AND b.statement_id IS NOT NULL AND b.disputed_at IS NULL",
            Self::Settled => "b.ends_at <= $2 AND b.state = 'settled'",
        }
    }
}

/// Bookings of an institution at a stage of billing: the longest over first, settled ones the newest first.
pub async fn list_billed(conn: &mut AnyConnection, institution_id: &str, stage: Stage, now: Instant, page: Page) -> Result<Listed<Billed>, Error> {
    // A use may end before what was booked; only without check-out must the booked time be over.
    let before = if stage == Stage::Waiting { now } else { now.plus(400 * crate::base::time::DAY) };
    let from = format!(
        "FROM bookings b JOIN instruments i ON i.id = b.instrument_id JOIN parties c ON c.id = b.customer_id LEFT JOIN statements s ON s.id = b.statement_id \
         LEFT JOIN (SELECT booking_id, count(*) AS n FROM usage_segments WHERE booking_id IS NOT NULL AND voided_at IS NULL AND phase IN ('startup', 'run', 'postprocess') GROUP BY booking_id) u ON u.booking_id = b.id \
         WHERE b.institution_id = $1 AND {}",
        stage.condition()
    );
    let order = if stage == Stage::Settled { "b.settled_at DESC, b.id" } else { "b.ends_at, b.id" };
    let total = sqlx::query_scalar(sqlx::AssertSqlSafe(format!("SELECT count(*) {from}"))).bind(institution_id).bind(before).fetch_one(&mut *conn).await?;
    let sql = format!(
        "SELECT b.id, b.code, c.name AS customer, i.name AS instrument, b.starts_at, b.ends_at, b.state, b.version, b.fee_fen, b.hourly_fen, b.actual_fen, b.confirm_due_at, \
         b.disputed_at, s.dispute_reason, b.settled_at, coalesce(u.n, 0) AS segments {from} ORDER BY {order} LIMIT $3 OFFSET $4"
    );
    let items = sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(institution_id).bind(before).bind(page.limit).bind(page.offset).fetch_all(conn).await?;
    Ok(Listed::new(items, total, page))
}
