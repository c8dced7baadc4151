//! What `yiqi check` asks about slots, bookings and statements: rows that contradict each other. Nothing is written here.

use sqlx::{AnyConnection, FromRow};

use super::Error;
use crate::base::ids::Id;
use crate::domain::bookings::State;

/// A booking whose slot is not as its state wants it.
#[derive(Debug, Clone, FromRow)]
pub struct WrongSlot {
    /// Code of the booking.
    pub code: String,
    /// Its state.
    pub state: State,
    /// In words, for the operator.
    pub what: String,
}

/// Bookings whose slot does not match. A requested or confirmed booking has one live span, its own; one in use has a live span that begins
/// with it; declined, expired and cancelled ones have none. After use, and after a no-show, what is left ends with the use.
pub async fn list_wrong_slots(conn: &mut AnyConnection) -> Result<Vec<WrongSlot>, Error> {
    Ok(sqlx::query_as(
        "SELECT b.code, b.state, CASE WHEN n.n IS NULL THEN 'no live span' WHEN b.state IN ('declined', 'expired', 'cancelled') THEN 'a live span' ELSE 'another time' END AS what \
         FROM bookings b LEFT JOIN slots s ON s.id = b.slot_id \
         LEFT JOIN (SELECT slot_id, count(*) AS n, min(starts_at) AS starts_at, max(ends_at) AS ends_at, min(instrument_id) AS instrument_id FROM slot_spans WHERE freed_at IS NULL GROUP BY slot_id) n \
           ON n.slot_id = b.slot_id \
         WHERE (b.state IN ('requested', 'confirmed') AND (n.n IS NULL OR n.n <> 1 OR n.starts_at <> b.starts_at OR n.ends_at <> b.ends_at OR n.instrument_id <> b.instrument_id OR s.kind <> 'booking')) \
            OR (b.state = 'in_use' AND (n.n IS NULL OR n.starts_at <> b.starts_at OR n.ends_at > b.ends_at OR n.instrument_id <> b.instrument_id)) \
            OR (b.state IN ('completed', 'settled', 'no_show') AND n.n IS NOT NULL AND (n.starts_at <> b.starts_at OR n.ends_at > b.ends_at OR n.instrument_id <> b.instrument_id)) \
            OR (b.state IN ('declined', 'expired', 'cancelled') AND n.n IS NOT NULL) \
         ORDER BY b.code",
    )
    .fetch_all(conn)
    .await?)
}

/// Live spans of one position that overlap: their ids and the instrument.
pub async fn list_overlaps(conn: &mut AnyConnection) -> Result<Vec<(Id, Id, Id)>, Error> {
    Ok(sqlx::query_as(
        "SELECT a.id, b.id, a.instrument_id FROM slot_spans a JOIN slot_spans b ON b.instrument_id = a.instrument_id AND b.position = a.position AND b.freed_at IS NULL \
         AND (b.starts_at > a.starts_at OR (b.starts_at = a.starts_at AND b.id > a.id)) AND b.starts_at < a.ends_at \
         WHERE a.freed_at IS NULL ORDER BY a.instrument_id, a.starts_at",
    )
    .fetch_all(conn)
    .await?)
}

/// Statements that do not agree with their booking or with their charges: the booking's code and what is wrong.
pub async fn list_wrong_statements(conn: &mut AnyConnection) -> Result<Vec<(String, String)>, Error> {
    let mut found: Vec<(String, String)> = sqlx::query_as(
        "SELECT b.code, CASE WHEN b.statement_id IS NULL THEN 'settled without one' WHEN s.id IS NULL THEN 'it is not there' WHEN s.booking_id <> b.id THEN 'it is of another booking' \
                WHEN s.actual_fen <> b.actual_fen THEN 'another amount' WHEN s.version <> n.n THEN 'it is not the newest' ELSE 'disputed, confirmed or settled differently' END \
         FROM bookings b LEFT JOIN statements s ON s.id = b.statement_id LEFT JOIN (SELECT booking_id, max(version) AS n FROM statements GROUP BY booking_id) n ON n.booking_id = b.id \
         WHERE (b.state = 'settled' AND b.statement_id IS NULL) \
            OR (b.statement_id IS NOT NULL AND (s.id IS NULL OR s.booking_id <> b.id OR b.actual_fen IS NULL OR s.actual_fen <> b.actual_fen OR s.version <> n.n \
                OR (s.disputed_at IS NULL AND b.disputed_at IS NOT NULL) OR (s.disputed_at IS NOT NULL AND b.disputed_at IS NULL) \
                OR (b.state = 'settled' AND (s.confirmed_at IS NULL OR b.settled_at IS NULL)) OR (b.state <> 'settled' AND s.confirmed_at IS NOT NULL))) \
            OR (b.statement_id IS NULL AND n.n IS NOT NULL) ORDER BY b.code",
    )
    .fetch_all(&mut *conn)
    .await?;
    let sums: Vec<(String, String)> = sqlx::query_as(
        "SELECT b.code, 'its charges do not sum to it' FROM statements s JOIN bookings b ON b.id = s.booking_id \
         LEFT JOIN (SELECT statement_id, CAST(sum(amount_fen) AS BIGINT) AS fen FROM charges GROUP BY statement_id) c ON c.statement_id = s.id \
         WHERE c.fen IS NULL OR c.fen <> s.actual_fen ORDER BY b.code",
    )
    .fetch_all(conn)
    .await?;
    found.extend(sums);
    Ok(found)
}
