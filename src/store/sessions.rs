//! Sessions and bearer tokens. Only the SHA-256 of a secret is stored.

use sqlx::{AnyConnection, FromRow};

use super::Error;
use crate::base::ids::Id;
use crate::base::time::Instant;
use crate::domain::roles::{Role, Side};

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

/// Where a session is opened: network address and browser, shown to its person only.
pub async fn update_place(conn: &mut AnyConnection, fingerprint: &str, address: &str, agent: &str) -> Result<bool, Error> {
    Ok(sqlx::query("UPDATE sessions SET address = $2, agent = $3 WHERE fingerprint = $1")
        .bind(fingerprint)
        .bind(address)
        .bind(agent)
        .execute(conn)
        .await?
        .rows_affected()
        > 0)
}

/// A live session of a person.
#[derive(Debug, Clone, FromRow)]
pub struct OwnSession {
    /// Id.
    pub id: Id,
    /// SHA-256 of its secret.
    pub fingerprint: String,
    /// The organisation acted for.
    pub organisation_name: String,
    /// In which role.
    pub role: Role,
    /// When it was opened.
    pub created_at: Instant,
    /// When it was last used.
    pub seen_at: Instant,
    /// From where.
    pub address: Option<String>,
    /// With which browser.
    pub agent: Option<String>,
}

/// The live sessions of a person, the one used last first.
pub async fn list_of(conn: &mut AnyConnection, person_id: &str, idle_since: Instant) -> Result<Vec<OwnSession>, Error> {
    Ok(sqlx::query_as(
        "SELECT s.id, s.fingerprint, o.name AS organisation_name, m.role, s.created_at, s.seen_at, s.address, s.agent FROM sessions s \
         JOIN memberships m ON m.id = s.membership_id AND m.until_at IS NULL JOIN parties o ON o.id = m.organisation_id \
         WHERE m.person_id = $1 AND s.ended_at IS NULL AND s.seen_at >= $2 ORDER BY s.seen_at DESC, s.id",
    )
    .bind(person_id)
    .bind(idle_since)
    .fetch_all(conn)
    .await?)
}

/// Ends one session of a person by its id; false when there is none.
pub async fn update_ended_of(conn: &mut AnyConnection, person_id: &str, id: &str, now: Instant) -> Result<bool, Error> {
    Ok(sqlx::query(
        "UPDATE sessions SET ended_at = $3 WHERE id = $2 AND ended_at IS NULL AND membership_id IN (SELECT id FROM memberships WHERE person_id = $1)",
    )
    .bind(person_id)
    .bind(id)
    .bind(now)
    .execute(conn)
    .await?
    .rows_affected()
        > 0)
}

/// Ends every session of a person but the one with this fingerprint; gives how many.
pub async fn update_ended_all(conn: &mut AnyConnection, person_id: &str, but: Option<&str>, now: Instant) -> Result<u64, Error> {
    Ok(sqlx::query(
        "UPDATE sessions SET ended_at = $3 WHERE ended_at IS NULL AND (CAST($2 AS TEXT) IS NULL OR fingerprint <> $2) AND membership_id IN (SELECT id FROM memberships WHERE person_id = $1)",
    )
    .bind(person_id)
    .bind(but)
    .bind(now)
    .execute(conn)
    .await?
    .rows_affected())
}

/// Ends what a membership opens: its sessions and tokens.
pub async fn update_ended_of_membership(conn: &mut AnyConnection, membership_id: &str, now: Instant) -> Result<(), Error> {
    sqlx::query("UPDATE sessions SET ended_at = $2 WHERE membership_id = $1 AND ended_at IS NULL").bind(membership_id).bind(now).execute(&mut *conn).await?;
    sqlx::query("UPDATE tokens SET ended_at = $2 WHERE membership_id = $1 AND ended_at IS NULL").bind(membership_id).bind(now).execute(conn).await?;
    Ok(())
}

/// Ends the sessions of everybody on a side who has no second factor; of one organisation, or of all.
pub async fn update_ended_without_second_factor(conn: &mut AnyConnection, organisation_id: Option<&str>, side: Side, now: Instant) -> Result<u64, Error> {
    Ok(sqlx::query(
        "UPDATE sessions SET ended_at = $3 WHERE ended_at IS NULL AND membership_id IN (SELECT m.id FROM memberships m WHERE m.side = $2 AND (CAST($1 AS TEXT) IS NULL OR m.organisation_id = $1) \
         AND NOT EXISTS (SELECT 1 FROM second_factors f WHERE f.person_id = m.person_id AND f.confirmed_at IS NOT NULL AND f.ended_at IS NULL))",
    )
    .bind(organisation_id)
    .bind(side)
    .bind(now)
    .execute(conn)
    .await?
    .rows_affected())
}

/// A live token of a person.
#[derive(Debug, Clone, FromRow)]
pub struct OwnToken {
    /// Id.
    pub id: Id,
    /// What the person calls it.
    pub name: Option<String>,
    /// The organisation acted for.
    pub organisation_name: String,
    /// In which role.
    pub role: Role,
    /// When it was made.
    pub created_at: Instant,
}

/// The live tokens of a person, the newest first.
pub async fn list_tokens_of(conn: &mut AnyConnection, person_id: &str) -> Result<Vec<OwnToken>, Error> {
    Ok(sqlx::query_as(
        "SELECT t.id, t.name, o.name AS organisation_name, m.role, t.created_at FROM tokens t JOIN memberships m ON m.id = t.membership_id AND m.until_at IS NULL \
         JOIN parties o ON o.id = m.organisation_id WHERE m.person_id = $1 AND t.ended_at IS NULL ORDER BY t.created_at DESC, t.id DESC",
    )
    .bind(person_id)
    .fetch_all(conn)
    .await?)
}

/// Names a token by its fingerprint.
pub async fn update_token_name(conn: &mut AnyConnection, fingerprint: &str, name: &str) -> Result<bool, Error> {
    Ok(sqlx::query("UPDATE tokens SET name = $2 WHERE fingerprint = $1").bind(fingerprint).bind(name).execute(conn).await?.rows_affected() > 0)
}

/// Ends one token of a person by its id; false when there is none.
pub async fn update_token_ended(conn: &mut AnyConnection, person_id: &str, id: &str, now: Instant) -> Result<bool, Error> {
    Ok(sqlx::query("UPDATE tokens SET ended_at = $3 WHERE id = $2 AND ended_at IS NULL AND membership_id IN (SELECT id FROM memberships WHERE person_id = $1)")
        .bind(person_id)
        .bind(id)
        .bind(now)
        .execute(conn)
        .await?
        .rows_affected()
        > 0)
}
