//! What happened to a booking (预约历史): one row a version, append-only; and the statement that stands.

use sqlx::{AnyConnection, FromRow};

use crate::base::ids::Id;
use crate::base::time::Instant;
use crate::domain::bookings::{BookingVerb, State};
use crate::store::Error;

/// An event to write.
#[derive(Debug)]
pub struct Event<'a> {
    /// The booking.
    pub booking_id: &'a str,
    /// The version that it made.
    pub version: i64,
    /// When.
    pub at: Instant,
    /// What.
    pub verb: BookingVerb,
    /// State before; `None` when it was placed.
    pub from_state: Option<State>,
    /// State after.
    pub to_state: State,
    /// Why, may be empty.
    pub reason: &'a str,
    /// The membership that did it, where one did.
    pub membership_id: Option<&'a str>,
    /// The job, where one did.
    pub job: Option<&'a str>,
}

/// Inserts an event.
pub async fn insert(conn: &mut AnyConnection, event: &Event<'_>) -> Result<(), Error> {
    sqlx::query(
        "INSERT INTO booking_events (booking_id, version, at, verb, from_state, to_state, reason, membership_id, job) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(event.booking_id)
    .bind(event.version)
    .bind(event.at)
    .bind(event.verb)
    .bind(event.from_state)
    .bind(event.to_state)
    .bind(event.reason)
    .bind(event.membership_id)
    .bind(event.job)
    .execute(conn)
    .await?;
    Ok(())
}

/// An event with who did it.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Happened {
    /// The version that it made.
    pub version: i64,
    /// When.
    pub at: Instant,
    /// What.
    pub verb: BookingVerb,
    /// State before; `None` when it was placed.
    pub from_state: Option<State>,
    /// State after.
    pub to_state: State,
    /// Why, may be empty.
    pub reason: String,
    /// The person's name, where a person did it.
    pub person_name: Option<String>,
    /// For which organisation.
    pub organisation_name: Option<String>,
    /// The job, where one did it.
    pub job: Option<String>,
}

/// The history of a booking, the oldest event first.
pub async fn list(conn: &mut AnyConnection, booking_id: &str) -> Result<Vec<Happened>, Error> {
    Ok(sqlx::query_as(
        "SELECT e.version, e.at, e.verb, e.from_state, e.to_state, e.reason, p.name AS person_name, o.name AS organisation_name, e.job \
         FROM booking_events e LEFT JOIN memberships m ON m.id = e.membership_id LEFT JOIN persons p ON p.id = m.person_id \
         LEFT JOIN parties o ON o.id = m.organisation_id WHERE e.booking_id = $1 ORDER BY e.version",
    )
    .bind(booking_id)
    .fetch_all(conn)
    .await?)
}

/// A statement (结算单) as people see it at its booking.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct StatementLine {
    /// Id.
    pub id: Id,
    /// Counts up with each new statement of the booking.
    pub version: i64,
    /// The actual fee.
    pub actual_fen: i64,
    /// What use and price give; `None` without recorded use.
    pub computed_fen: Option<i64>,
    /// Seconds of recorded use.
    pub used_seconds: i64,
    /// Why it differs, may be empty.
    pub reason: String,
    /// When it was issued.
    pub at: Instant,
    /// Disputed since.
    pub disputed_at: Option<Instant>,
    /// Why it is disputed.
    pub dispute_reason: Option<String>,
    /// Confirmed at.
    pub confirmed_at: Option<Instant>,
}

/// A statement by id.
pub async fn find_statement(conn: &mut AnyConnection, id: &str) -> Result<Option<StatementLine>, Error> {
    Ok(sqlx::query_as(
        "SELECT id, version, actual_fen, computed_fen, used_seconds, reason, at, disputed_at, dispute_reason, confirmed_at FROM statements WHERE id = $1",
    )
    .bind(id)
    .fetch_optional(conn)
    .await?)
}
