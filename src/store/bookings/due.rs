//! On which bookings the clock must act: by "due before now", in batches by id, so that one that fails never stands in the way of the rest.

use sqlx::AnyConnection;

use crate::base::ids::Id;
use crate::base::time::{Instant, MINUTE};
use crate::domain::bookings::deadlines::ENDS_BY_ITSELF_SECONDS;
use crate::store::Error;

/// Requests that nobody answered in time, after an id.
pub async fn list_unanswered(conn: &mut AnyConnection, now: Instant, after: &str, limit: i64) -> Result<Vec<Id>, Error> {
    Ok(sqlx::query_scalar("SELECT id FROM bookings WHERE state = 'requested' AND (starts_at <= $1 OR answer_due_at <= $1) AND id > $2 ORDER BY id LIMIT $3")
        .bind(now)
        .bind(after)
        .bind(limit)
        .fetch_all(conn)
        .await?)
}

/// Confirmed bookings that nobody used in time, after an id. One whose code a live segment carries is used.
pub async fn list_missed(conn: &mut AnyConnection, now: Instant, after: &str, limit: i64) -> Result<Vec<Id>, Error> {
    Ok(sqlx::query_scalar(
        "SELECT b.id FROM bookings b JOIN policies p ON p.id = b.policy_id WHERE b.state = 'confirmed' AND b.starts_at <= $1 AND b.starts_at + p.no_show_minutes * $4 <= $1 \
         AND b.id > $2 AND NOT EXISTS (SELECT 1 FROM usage_segments u WHERE u.booking_id = b.id AND u.voided_at IS NULL AND u.phase IN ('startup', 'run', 'postprocess')) \
         ORDER BY b.id LIMIT $3",
    )
    .bind(now)
    .bind(after)
    .bind(limit)
    .bind(MINUTE)
    .fetch_all(conn)
    .await?)
}

/// Uses that nobody checked out an hour after their end, after an id.
pub async fn list_overrun(conn: &mut AnyConnection, now: Instant, after: &str, limit: i64) -> Result<Vec<Id>, Error> {
    Ok(sqlx::query_scalar("SELECT id FROM bookings WHERE state = 'in_use' AND ends_at <= $1 AND id > $2 ORDER BY id LIMIT $3")
        .bind(now.plus(-ENDS_BY_ITSELF_SECONDS))
        .bind(after)
        .bind(limit)
        .fetch_all(conn)
        .await?)
}

/// Completed bookings whose statement stood undisputed until its time, after an id.
pub async fn list_unconfirmed(conn: &mut AnyConnection, now: Instant, after: &str, limit: i64) -> Result<Vec<Id>, Error> {
    Ok(sqlx::query_scalar(
        "SELECT id FROM bookings WHERE state = 'completed' AND disputed_at IS NULL AND confirm_due_at <= $1 AND id > $2 ORDER BY id LIMIT $3",
    )
    .bind(now)
    .bind(after)
    .bind(limit)
    .fetch_all(conn)
    .await?)
}
