//! Everything that is stored about one person, for themselves. No secrets, no hashes, nothing of others.

use serde::Serialize;
use sqlx::{AnyConnection, FromRow};

use super::Error;
use crate::base::time::Instant;

/// A membership, also an ended one.
#[derive(Debug, FromRow, Serialize)]
pub struct Membership {
    organisation: String,
    uscc: String,
    side: String,
    role: String,
    from_at: Instant,
    until_at: Option<Instant>,
}

/// The memberships of a person, ended ones too.
pub async fn list_memberships(conn: &mut AnyConnection, person_id: &str) -> Result<Vec<Membership>, Error> {
    Ok(sqlx::query_as(
        "SELECT o.name AS organisation, o.uscc, m.side, m.role, m.from_at, m.until_at FROM memberships m JOIN parties o ON o.id = m.organisation_id WHERE m.person_id = $1 ORDER BY m.from_at, m.id",
    )
    .bind(person_id)
    .fetch_all(conn)
    .await?)
}

/// A session, also an ended one.
#[derive(Debug, FromRow, Serialize)]
pub struct Session {
    created_at: Instant,
    seen_at: Instant,
    ended_at: Option<Instant>,
    address: Option<String>,
    agent: Option<String>,
}

/// The sessions of a person, the newest first.
pub async fn list_sessions(conn: &mut AnyConnection, person_id: &str, limit: i64) -> Result<Vec<Session>, Error> {
    Ok(sqlx::query_as(
        "SELECT s.created_at, s.seen_at, s.ended_at, s.address, s.agent FROM sessions s JOIN memberships m ON m.id = s.membership_id WHERE m.person_id = $1 ORDER BY s.created_at DESC, s.id DESC LIMIT $2",
    )
    .bind(person_id)
    .bind(limit)
    .fetch_all(conn)
    .await?)
}

/// A consent.
#[derive(Debug, FromRow, Serialize)]
pub struct Consent {
    document: String,
    version: String,
    lang: String,
    given_at: Instant,
}

/// What a person agreed to.
pub async fn list_consents(conn: &mut AnyConnection, person_id: &str) -> Result<Vec<Consent>, Error> {
    Ok(sqlx::query_as("SELECT document, version, lang, given_at FROM consents WHERE person_id = $1 ORDER BY given_at, id")
        .bind(person_id)
        .fetch_all(conn)
        .await?)
}

/// Something that a person placed or filed.
#[derive(Debug, FromRow, Serialize)]
pub struct Placed {
    id: String,
    code: String,
    state: String,
    at: Instant,
}

/// The bookings that a person placed.
pub async fn list_bookings(conn: &mut AnyConnection, person_id: &str) -> Result<Vec<Placed>, Error> {
    Ok(sqlx::query_as(
        "SELECT b.id, b.code, b.state, b.created_at AS at FROM bookings b JOIN memberships m ON m.id = b.placed_by WHERE m.person_id = $1 ORDER BY b.created_at, b.id",
    )
    .bind(person_id)
    .fetch_all(conn)
    .await?)
}

/// The claims that a person filed.
pub async fn list_claims(conn: &mut AnyConnection, person_id: &str) -> Result<Vec<Placed>, Error> {
    Ok(sqlx::query_as(
        "SELECT c.id, c.code, c.state, c.filed_at AS at FROM claims c JOIN memberships m ON m.id = c.filed_by WHERE m.person_id = $1 ORDER BY c.filed_at, c.id",
    )
    .bind(person_id)
    .fetch_all(conn)
    .await?)
}

/// A record of what a person saw or did.
#[derive(Debug, FromRow, Serialize)]
pub struct Act {
    at: Instant,
    action: String,
    object_kind: String,
    object_id: String,
}

/// The records of a person, the newest first.
pub async fn list_acts(conn: &mut AnyConnection, person_id: &str, limit: i64) -> Result<Vec<Act>, Error> {
    Ok(sqlx::query_as("SELECT at, action, object_kind, object_id FROM audit_records WHERE person_id = $1 ORDER BY at DESC, id DESC LIMIT $2")
        .bind(person_id)
        .bind(limit)
        .fetch_all(conn)
        .await?)
}
