//! Idempotency keys: the key and the answer are written by the action's own transaction.

use sqlx::AnyConnection;

use super::Error;
use crate::base::time::Instant;

/// Scope of a key: membership, method and path.
#[derive(Debug, Clone)]
pub struct Scope {
    /// Who.
    pub membership_id: String,
    /// `POST`, `PUT`, …
    pub method: String,
    /// The path of the request.
    pub path: String,
    /// What the client chose.
    pub key: String,
}

/// A key that is there: hash of its body, status and text of its answer.
pub type Kept = (String, i64, String);

/// Takes a key for this transaction. `None`: it was free (or older than `expired_before`) and is ours now; a twin that runs at the
/// same time waits here. Otherwise what is kept under it.
pub async fn take(conn: &mut AnyConnection, scope: &Scope, body_hash: &str, now: Instant, expired_before: Instant) -> Result<Option<Kept>, Error> {
    let row: Option<String> = sqlx::query_scalar(
        "INSERT INTO idempotency_keys AS k (membership_id, method, path, key, body_hash, status, answer, created_at) VALUES ($1, $2, $3, $4, $5, 0, '', $6) \
         ON CONFLICT (membership_id, method, path, key) DO UPDATE SET body_hash = excluded.body_hash, status = 0, answer = '', created_at = excluded.created_at \
         WHERE k.created_at < $7 RETURNING key",
    )
    .bind(&scope.membership_id)
    .bind(&scope.method)
    .bind(&scope.path)
    .bind(&scope.key)
    .bind(body_hash)
    .bind(now)
    .bind(expired_before)
    .fetch_optional(&mut *conn)
    .await?;
    if row.is_some() {
        return Ok(None);
    }
    Ok(Some(
        sqlx::query_as("SELECT body_hash, status, answer FROM idempotency_keys WHERE membership_id = $1 AND method = $2 AND path = $3 AND key = $4")
            .bind(&scope.membership_id)
            .bind(&scope.method)
            .bind(&scope.path)
            .bind(&scope.key)
            .fetch_one(conn)
            .await?,
    ))
}

/// Keeps the answer under a key that [`take`] gave us.
pub async fn update_answer(conn: &mut AnyConnection, scope: &Scope, status: i64, answer: &str) -> Result<bool, Error> {
    Ok(sqlx::query("UPDATE idempotency_keys SET status = $5, answer = $6 WHERE membership_id = $1 AND method = $2 AND path = $3 AND key = $4")
        .bind(&scope.membership_id)
        .bind(&scope.method)
        .bind(&scope.path)
        .bind(&scope.key)
        .bind(status)
        .bind(answer)
        .execute(conn)
        .await?
        .rows_affected()
        > 0)
}

/// Deletes keys older than an instant; gives how many.
pub async fn delete_older(conn: &mut AnyConnection, before: Instant) -> Result<u64, Error> {
    Ok(sqlx::query("DELETE FROM idempotency_keys WHERE created_at < $1").bind(before).execute(conn).await?.rows_affected())
}
