//! Letters to bare addresses, queued in the outbox beside the notices to members; see [`super::outbox`] for their delivery.

use sqlx::AnyConnection;

use super::Error;
use crate::base::chance::fingerprint;
use crate::base::time::Instant;

/// A notice to somebody who has no membership yet or no longer, by bare address. `facts` holds `name` and `lang` beside what the text needs.
#[derive(Debug)]
pub struct Letter<'a> {
    /// What happened, such as `password.reset`.
    pub event: &'a str,
    /// What kind of thing it happened to.
    pub object_kind: &'a str,
    /// Which; together with event and address it makes the letter's id.
    pub object_id: &'a str,
    /// Folded mail address.
    pub address: &'a str,
    /// What the letter's link carries; wiped once it was delivered or given up.
    pub secret: Option<&'a str>,
    /// JSON.
    pub facts: &'a str,
    /// When it was queued, and is due.
    pub at: Instant,
}

/// Inserts a letter; false when the same one is queued already.
pub async fn insert(conn: &mut AnyConnection, letter: &Letter<'_>) -> Result<bool, Error> {
    let recipient = fingerprint(letter.address);
    let id = format!("{}/{}/1/{}", letter.event, letter.object_id, recipient.get(..16).unwrap_or_default());
    let done = sqlx::query(
        "INSERT INTO outbox (id, event, object_kind, object_id, version, address, secret, channel, facts, created_at, due_at, claimed_until, attempts) \
         VALUES ($1, $2, $3, $4, 1, $5, $6, 'mail', $7, $8, $8, 0, 0) ON CONFLICT (id) DO NOTHING",
    )
    .bind(id)
    .bind(letter.event)
    .bind(letter.object_kind)
    .bind(letter.object_id)
    .bind(letter.address)
    .bind(letter.secret)
    .bind(letter.facts)
    .bind(letter.at)
    .execute(conn)
    .await?;
    Ok(done.rows_affected() > 0)
}
