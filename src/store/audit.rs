//! Audit records: who saw and changed what. Plain rows of the action's transaction; the job `audit` seals them in batches.

use sqlx::AnyConnection;

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
