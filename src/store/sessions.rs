//! Sessions and bearer tokens. Only the SHA-256 of a secret is stored.

use sqlx::AnyConnection;

use super::Error;
use crate::base::ids::Id;
use crate::base::time::Instant;

/// Inserts a session of a membership.
pub async fn insert(conn: &mut AnyConnection, id: &str, fingerprint: &str, membership_id: &str, now: Instant) -> Result<(), Error> {
    sqlx::query("INSERT INTO sessions (id, fingerprint, membership_id, created_at, seen_at) VALUES ($1, $2, $3, $4, $4)")
        .bind(id)
        .bind(fingerprint)
        .bind(membership_id)
        .bind(now)
        .execute(conn)
        .await?;
    Ok(())
}

/// The membership of a live session that was seen after `idle_since`, and when it was last seen.
pub async fn find(conn: &mut AnyConnection, fingerprint: &str, idle_since: Instant) -> Result<Option<(Id, Id, Instant)>, Error> {
    Ok(sqlx::query_as("SELECT id, membership_id, seen_at FROM sessions WHERE fingerprint = $1 AND ended_at IS NULL AND seen_at >= $2")
        .bind(fingerprint)
        .bind(idle_since)
        .fetch_optional(conn)
        .await?)
}

/// Notes that a session was used.
pub async fn update_seen(conn: &mut AnyConnection, id: &str, now: Instant) -> Result<bool, Error> {
    Ok(sqlx::query("UPDATE sessions SET seen_at = $2 WHERE id = $1 AND ended_at IS NULL AND seen_at < $2")
        .bind(id)
        .bind(now)
        .execute(conn)
        .await?
        .rows_affected()
        > 0)
}

/// Ends a session; false when it was over already.
pub async fn update_ended(conn: &mut AnyConnection, fingerprint: &str, now: Instant) -> Result<bool, Error> {
    Ok(sqlx::query("UPDATE sessions SET ended_at = $2 WHERE fingerprint = $1 AND ended_at IS NULL")
        .bind(fingerprint)
        .bind(now)
        .execute(conn)
        .await?
        .rows_affected()
        > 0)
}

/// Inserts a bearer token of a membership or of an instrument (exactly one).
pub async fn insert_token(
    conn: &mut AnyConnection,
    id: &str,
    fingerprint: &str,
    membership_id: Option<&str>,
    instrument_id: Option<&str>,
    now: Instant,
) -> Result<(), Error> {
    sqlx::query("INSERT INTO tokens (id, fingerprint, membership_id, instrument_id, created_at) VALUES ($1, $2, $3, $4, $5)")
        .bind(id)
        .bind(fingerprint)
        .bind(membership_id)
        .bind(instrument_id)
        .bind(now)
        .execute(conn)
        .await?;
    Ok(())
}

/// A live token: its id, and the membership or the instrument it belongs to.
pub async fn find_token(conn: &mut AnyConnection, fingerprint: &str) -> Result<Option<(Id, Option<Id>, Option<Id>)>, Error> {
    Ok(sqlx::query_as("SELECT id, membership_id, instrument_id FROM tokens WHERE fingerprint = $1 AND ended_at IS NULL")
        .bind(fingerprint)
        .fetch_optional(conn)
        .await?)
}
