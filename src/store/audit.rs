//! Audit records: who saw and changed what. Plain rows of the action's transaction; the job `audit` seals them in batches.

use serde::Serialize;
use sqlx::{AnyConnection, AssertSqlSafe, FromRow};

use super::Error;
use crate::base::paging::{Listed, Page};
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
    Ok(sqlx::query_as(AssertSqlSafe(sql)).bind(number).bind(limit).fetch_all(conn).await?)
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
    Ok(sqlx::query_as(AssertSqlSafe(sql)).bind(number).fetch_all(conn).await?)
}

/// How many records name a seal that is newer than `number`.
pub async fn count_sealed_beyond(conn: &mut AnyConnection, number: i64) -> Result<i64, Error> {
    Ok(sqlx::query_scalar("SELECT count(*) FROM audit_records WHERE seal_number > $1").bind(number).fetch_one(conn).await?)
}

/// A record as an auditor reads it.
#[derive(Debug, Clone, FromRow)]
pub struct Line {
    /// Id.
    pub id: String,
    /// When.
    pub at: Instant,
    /// Who; `None` where no person acted.
    pub person: Option<String>,
    /// For whom the person acted.
    pub organisation: Option<String>,
    /// The job, the operator's command or the instrument that acted instead.
    pub job: Option<String>,
    /// The verb.
    pub action: String,
    /// What kind of thing.
    pub object_kind: String,
    /// Which.
    pub object_id: String,
    /// JSON.
    pub facts: String,
    /// The request.
    pub request_id: String,
    /// The seal that covers it; `None` until the next night.
    pub seal_number: Option<i64>,
}

/// What an auditor looks for; empty fields ask for nothing.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Id of a thing, or the code of a booking or claim.
    pub object: Option<String>,
    /// Part of a person's name.
    pub person: Option<String>,
    /// The beginning of an action.
    pub action: Option<String>,
    /// At or after this instant.
    pub from: Option<Instant>,
    /// Before this one.
    pub to: Option<Instant>,
}

/// What a bureau may read: acts of its own people; its programmes, applications, purses and claims; bookings that stand in a claim; parties.
const OF_BUREAU: &str = "(m.organisation_id = $1 OR a.object_kind = 'organisation' \
     OR (a.object_kind = 'programme' AND a.object_id IN (SELECT id FROM programmes WHERE bureau_id = $1)) \
     OR (a.object_kind = 'application' AND a.object_id IN (SELECT x.id FROM applications x JOIN programmes p ON p.id = x.programme_id WHERE p.bureau_id = $1)) \
     OR (a.object_kind = 'purse' AND a.object_id IN (SELECT x.id FROM purses x JOIN programmes p ON p.id = x.programme_id WHERE p.bureau_id = $1)) \
     OR (a.object_kind = 'claim' AND a.object_id IN (SELECT x.id FROM claims x JOIN programmes p ON p.id = x.programme_id WHERE p.bureau_id = $1)) \
     OR (a.object_kind = 'booking' AND a.object_id IN (SELECT i.booking_id FROM claim_items i JOIN claims x ON x.id = i.claim_id JOIN programmes p ON p.id = x.programme_id WHERE p.bureau_id = $1)))";

const WANTED: &str = "(CAST($2 AS TEXT) IS NULL OR a.object_id = $2 OR a.object_id IN (SELECT id FROM claims WHERE code = $2) OR a.object_id IN (SELECT id FROM bookings WHERE code = $2)) \
     AND (CAST($3 AS TEXT) IS NULL OR s.name LIKE $3) AND (CAST($4 AS TEXT) IS NULL OR a.action LIKE $4) \
     AND a.at >= $5 AND a.at < $6";

const JOINS: &str = "FROM audit_records a LEFT JOIN memberships m ON m.id = a.membership_id LEFT JOIN persons s ON s.id = a.person_id LEFT JOIN parties o ON o.id = m.organisation_id";

/// A page of records that a bureau may read, newest first.
pub async fn list_for_bureau(conn: &mut AnyConnection, bureau_id: &str, wanted: &Wanted, page: Page) -> Result<Listed<Line>, Error> {
    // What people type may hold the wildcards of LIKE: they stand for themselves nowhere in names and actions.
    let plain = |text: &str| text.replace(['%', '_', '\\'], "");
    let person = wanted.person.as_deref().map(|text| format!("%{}%", plain(text)));
    let action = wanted.action.as_deref().map(|text| format!("{}%", text.replace(['%', '\\'], "")));
    let (from, to) = (wanted.from.unwrap_or(Instant(i64::MIN)), wanted.to.unwrap_or(Instant(i64::MAX)));
    let total: i64 = sqlx::query_scalar(AssertSqlSafe(format!("SELECT count(*) {JOINS} WHERE {OF_BUREAU} AND {WANTED}")))
        .bind(bureau_id)
        .bind(wanted.object.as_deref())
        .bind(person.as_deref())
        .bind(action.as_deref())
        .bind(from)
        .bind(to)
        .fetch_one(&mut *conn)
        .await?;
    let sql = format!(
        "SELECT a.id, a.at, s.name AS person, o.name AS organisation, a.job, a.action, a.object_kind, a.object_id, a.facts, a.request_id, a.seal_number \
         {JOINS} WHERE {OF_BUREAU} AND {WANTED} ORDER BY a.id DESC LIMIT $7 OFFSET $8"
    );
    let items = sqlx::query_as(AssertSqlSafe(sql))
        .bind(bureau_id)
        .bind(wanted.object.as_deref())
        .bind(person.as_deref())
        .bind(action.as_deref())
        .bind(from)
        .bind(to)
        .bind(page.limit)
        .bind(page.offset)
        .fetch_all(conn)
        .await?;
    Ok(Listed::new(items, total, page))
}

/// How many records no seal covers yet.
pub async fn count_unsealed(conn: &mut AnyConnection) -> Result<i64, Error> {
    Ok(sqlx::query_scalar("SELECT count(*) FROM audit_records WHERE seal_number IS NULL").fetch_one(conn).await?)
}
