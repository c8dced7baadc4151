//! Audit records: who saw and changed what. Plain rows of the action's transaction; the job `audit` seals them in batches.

use serde::Serialize;
use sqlx::{AnyConnection, FromRow};

use super::Error;
use crate::base::time::Instant;

/// One record to write.
#[derive(Debug)]
pub struct Record<'a> {
    /// Id.
    pub id: &'a str,
    /// When.
    pub at: Instant,
    /// The person, where one acted.
    pub person_id: Option<&'a str>,
    /// The membership acted through.
    pub membership_id: Option<&'a str>,
    /// The job, where one acted.
    pub job: Option<&'a str>,
    /// The verb, such as `booking.approve`.
    pub action: &'a str,
    /// What kind of thing.
    pub object_kind: &'a str,
    /// Which.
    pub object_id: &'a str,
    /// JSON.
    pub facts: &'a str,
    /// The request.
    pub request_id: &'a str,
}

/// Inserts a record.
pub async fn insert(conn: &mut AnyConnection, record: &Record<'_>) -> Result<(), Error> {
    sqlx::query(
        "INSERT INTO audit_records (id, at, person_id, membership_id, job, action, object_kind, object_id, facts, request_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    )
    .bind(record.id)
    .bind(record.at)
    .bind(record.person_id)
    .bind(record.membership_id)
    .bind(record.job)
    .bind(record.action)
    .bind(record.object_kind)
    .bind(record.object_id)
    .bind(record.facts)
    .bind(record.request_id)
    .execute(conn)
    .await?;
    Ok(())
}

/// All of a record that its seal covers.
#[derive(Debug, Clone, FromRow, Serialize)]
pub struct Sealable {
    /// See [`Record`].
    pub id: String,
    /// See [`Record`].
    pub at: Instant,
    /// See [`Record`].
    pub person_id: Option<String>,
    /// See [`Record`].
    pub membership_id: Option<String>,
    /// See [`Record`].
    pub job: Option<String>,
    /// See [`Record`].
    pub action: String,
    /// See [`Record`].
    pub object_kind: String,
    /// See [`Record`].
    pub object_id: String,
    /// See [`Record`].
    pub facts: String,
    /// See [`Record`].
    pub request_id: String,
}

const SEALABLE: &str = "id, at, person_id, membership_id, job, action, object_kind, object_id, facts, request_id";

/// A seal over a batch of records.
#[derive(Debug, Clone, FromRow)]
pub struct Seal {
    /// Counts up from 1.
    pub number: i64,
    /// When it was made.
    pub at: Instant,
    /// How many records it covers.
    pub records: i64,
    /// Digest of the seal before it, empty for the first.
    pub previous: String,
    /// SHA-256 over `previous` and the records.
    pub digest: String,
}

/// Puts up to `limit` unsealed records under a seal, oldest first; gives them in no order.
pub async fn update_sealed(conn: &mut AnyConnection, number: i64, limit: i64) -> Result<Vec<Sealable>, Error> {
    let sql = format!(
        "UPDATE audit_records SET seal_number = $1 WHERE id IN (SELECT id FROM audit_records WHERE seal_number IS NULL ORDER BY id LIMIT $2) RETURNING {SEALABLE}"
    );
    Ok(sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(number).bind(limit).fetch_all(conn).await?)
}

/// Inserts a seal.
pub async fn insert_seal(conn: &mut AnyConnection, seal: &Seal) -> Result<(), Error> {
    sqlx::query("INSERT INTO seals (number, at, records, previous, digest) VALUES ($1, $2, $3, $4, $5)")
        .bind(seal.number)
        .bind(seal.at)
        .bind(seal.records)
        .bind(&seal.previous)
        .bind(&seal.digest)
        .execute(conn)
        .await?;
    Ok(())
}

/// The newest seal.
pub async fn find_last_seal(conn: &mut AnyConnection) -> Result<Option<Seal>, Error> {
    Ok(sqlx::query_as("SELECT number, at, records, previous, digest FROM seals ORDER BY number DESC LIMIT 1").fetch_optional(conn).await?)
}

/// The seal that follows a number.
pub async fn find_next_seal(conn: &mut AnyConnection, number: i64) -> Result<Option<Seal>, Error> {
    Ok(sqlx::query_as("SELECT number, at, records, previous, digest FROM seals WHERE number > $1 ORDER BY number LIMIT 1")
        .bind(number)
        .fetch_optional(conn)
        .await?)
}

/// The records under a seal.
pub async fn list_sealed(conn: &mut AnyConnection, number: i64) -> Result<Vec<Sealable>, Error> {
    let sql = format!("SELECT {SEALABLE} FROM audit_records WHERE seal_number = $1");
    Ok(sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(number).fetch_all(conn).await?)
}

/// How many records name a seal that is newer than `number`.
pub async fn count_sealed_beyond(conn: &mut AnyConnection, number: i64) -> Result<i64, Error> {
    Ok(sqlx::query_scalar("SELECT count(*) FROM audit_records WHERE seal_number > $1").bind(number).fetch_one(conn).await?)
}
