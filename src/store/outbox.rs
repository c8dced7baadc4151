//! The outbox: notices written by the transaction that they tell of, delivered later by the job `notices`.

use sqlx::AnyConnection;

use super::Error;
use crate::base::time::Instant;

/// A notice to queue. Its id is `event/object/version/recipient`, which is also the Message-ID.
#[derive(Debug)]
pub struct Notice<'a> {
    /// What happened, such as `booking.confirmed`.
    pub event: &'a str,
    /// What kind of thing it happened to.
    pub object_kind: &'a str,
    /// Which.
    pub object_id: &'a str,
    /// The version of the thing.
    pub version: i64,
    /// For whom: a membership, never an address.
    pub membership_id: &'a str,
    /// JSON: what the text needs.
    pub facts: &'a str,
    /// When it was queued, and is due.
    pub at: Instant,
}

/// Inserts a notice; false when the same one is queued already.
pub async fn insert(conn: &mut AnyConnection, notice: &Notice<'_>) -> Result<bool, Error> {
    let id = format!("{}/{}/{}/{}", notice.event, notice.object_id, notice.version, notice.membership_id);
    let done = sqlx::query(
        "INSERT INTO outbox (id, event, object_kind, object_id, version, membership_id, channel, facts, created_at, due_at, claimed_until, attempts) \
         VALUES ($1, $2, $3, $4, $5, $6, 'mail', $7, $8, $8, 0, 0) ON CONFLICT (id) DO NOTHING",
    )
    .bind(id)
    .bind(notice.event)
    .bind(notice.object_kind)
    .bind(notice.object_id)
    .bind(notice.version)
    .bind(notice.membership_id)
    .bind(notice.facts)
    .bind(notice.at)
    .execute(conn)
    .await?;
    Ok(done.rows_affected() > 0)
}
