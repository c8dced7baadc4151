//! One-time secrets: links in mails and second steps. Only the SHA-256 of a secret is stored; each works once and for a while.

use sqlx::AnyConnection;

use super::Error;
use crate::base::ids::Id;
use crate::base::time::Instant;
use crate::words;

words! {
    /// What a one-time secret opens.
    pub enum Purpose {
        /// Proves the mail address of a registration.
        Register = "register",
        /// Sets a new password.
        Reset = "reset",
        /// Answers an invitation.
        Invitation = "invitation",
        /// The second step of signing in.
        SecondStep = "second_step",
    }
}

/// Inserts a secret. `object_id` is what it opens; none where the address belongs to nobody.
pub async fn insert(
    conn: &mut AnyConnection,
    fingerprint: &str,
    purpose: Purpose,
    account: &str,
    object_id: Option<&str>,
    now: Instant,
    expires_at: Instant,
) -> Result<(), Error> {
    sqlx::query("INSERT INTO one_time_secrets (fingerprint, purpose, account, object_id, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6)")
        .bind(fingerprint)
        .bind(purpose)
        .bind(account)
        .bind(object_id)
        .bind(now)
        .bind(expires_at)
        .execute(conn)
        .await?;
    Ok(())
}

/// What an unused secret of a purpose opens, while it holds.
pub async fn find(conn: &mut AnyConnection, fingerprint: &str, purpose: Purpose, now: Instant) -> Result<Option<Id>, Error> {
    let row: Option<Option<Id>> =
        sqlx::query_scalar("SELECT object_id FROM one_time_secrets WHERE fingerprint = $1 AND purpose = $2 AND used_at IS NULL AND expires_at > $3")
            .bind(fingerprint)
            .bind(purpose)
            .bind(now)
            .fetch_optional(conn)
            .await?;
    Ok(row.flatten())
}

/// Uses a secret up; what it opened, or nothing when it was used or over already. Of two at once one gets it.
pub async fn update_used(conn: &mut AnyConnection, fingerprint: &str, purpose: Purpose, now: Instant) -> Result<Option<Id>, Error> {
    let row: Option<Option<Id>> = sqlx::query_scalar(
        "UPDATE one_time_secrets SET used_at = $3 WHERE fingerprint = $1 AND purpose = $2 AND used_at IS NULL AND expires_at > $3 RETURNING object_id",
    )
    .bind(fingerprint)
    .bind(purpose)
    .bind(now)
    .fetch_optional(conn)
    .await?;
    Ok(row.flatten())
}

/// Ends every unused secret of a purpose that opens the same thing.
pub async fn update_ended(conn: &mut AnyConnection, purpose: Purpose, object_id: &str, now: Instant) -> Result<(), Error> {
    sqlx::query("UPDATE one_time_secrets SET used_at = $3 WHERE purpose = $1 AND object_id = $2 AND used_at IS NULL")
        .bind(purpose)
        .bind(object_id)
        .bind(now)
        .execute(conn)
        .await?;
    Ok(())
}

/// How many secrets of a purpose were made for an account since an instant.
pub async fn count_since(conn: &mut AnyConnection, purpose: Purpose, account: &str, since: Instant) -> Result<i64, Error> {
    Ok(sqlx::query_scalar("SELECT count(*) FROM one_time_secrets WHERE purpose = $1 AND account = $2 AND created_at > $3")
        .bind(purpose)
        .bind(account)
        .bind(since)
        .fetch_one(conn)
        .await?)
}

/// Forgets secrets that were over before an instant.
pub async fn delete_before(conn: &mut AnyConnection, before: Instant) -> Result<(), Error> {
    sqlx::query("DELETE FROM one_time_secrets WHERE expires_at < $1").bind(before).execute(conn).await?;
    Ok(())
}
