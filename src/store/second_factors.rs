//! Second factors of persons, their recovery codes, and which bureau wants them.

use sqlx::{AnyConnection, FromRow};

use super::Error;
use crate::base::ids::Id;
use crate::base::time::Instant;

/// A second factor.
#[derive(Debug, Clone, FromRow)]
pub struct StoredFactor {
    /// Id.
    pub id: Id,
    /// The secret, 40 hexadecimal digits.
    pub secret: String,
    /// Since when it is asked for; none while it is set up.
    pub confirmed_at: Option<Instant>,
    /// Since when it is there.
    pub created_at: Instant,
}

/// The second factor that a person signs in with.
pub async fn find_live(conn: &mut AnyConnection, person_id: &str) -> Result<Option<StoredFactor>, Error> {
    Ok(sqlx::query_as("SELECT id, secret, confirmed_at, created_at FROM second_factors WHERE person_id = $1 AND confirmed_at IS NOT NULL AND ended_at IS NULL")
        .bind(person_id)
        .fetch_optional(conn)
        .await?)
}

/// The second factor that a person is setting up.
pub async fn find_new(conn: &mut AnyConnection, person_id: &str) -> Result<Option<StoredFactor>, Error> {
    Ok(sqlx::query_as(
        "SELECT id, secret, confirmed_at, created_at FROM second_factors WHERE person_id = $1 AND confirmed_at IS NULL AND ended_at IS NULL ORDER BY created_at DESC, id DESC LIMIT 1",
    )
    .bind(person_id)
    .fetch_optional(conn)
    .await?)
}

/// Inserts a second factor to be set up; earlier beginnings end.
pub async fn insert(conn: &mut AnyConnection, id: &str, person_id: &str, secret: &str, now: Instant) -> Result<(), Error> {
    sqlx::query("UPDATE second_factors SET ended_at = $2, secret = '' WHERE person_id = $1 AND confirmed_at IS NULL AND ended_at IS NULL")
        .bind(person_id)
        .bind(now)
        .execute(&mut *conn)
        .await?;
    sqlx::query("INSERT INTO second_factors (id, person_id, secret, created_at, last_step) VALUES ($1, $2, $3, $4, 0)")
        .bind(id)
        .bind(person_id)
        .bind(secret)
        .bind(now)
        .execute(conn)
        .await?;
    Ok(())
}

/// Confirms a second factor by its first code; false when that has happened already.
pub async fn update_confirmed(conn: &mut AnyConnection, id: &str, step: i64, now: Instant) -> Result<bool, Error> {
    Ok(sqlx::query("UPDATE second_factors SET confirmed_at = $3, last_step = $2 WHERE id = $1 AND confirmed_at IS NULL AND ended_at IS NULL")
        .bind(id)
        .bind(step)
        .bind(now)
        .execute(conn)
        .await?
        .rows_affected()
        > 0)
}

/// Uses the code of a time step up; false when that one or a later one was used already.
pub async fn update_step(conn: &mut AnyConnection, id: &str, step: i64) -> Result<bool, Error> {
    Ok(sqlx::query("UPDATE second_factors SET last_step = $2 WHERE id = $1 AND last_step < $2 AND ended_at IS NULL")
        .bind(id)
        .bind(step)
        .execute(conn)
        .await?
        .rows_affected()
        > 0)
}

/// Ends every second factor of a person and forgets its secret.
pub async fn update_ended(conn: &mut AnyConnection, person_id: &str, now: Instant) -> Result<bool, Error> {
    Ok(sqlx::query("UPDATE second_factors SET ended_at = $2, secret = '' WHERE person_id = $1 AND ended_at IS NULL")
        .bind(person_id)
        .bind(now)
        .execute(conn)
        .await?
        .rows_affected()
        > 0)
}

/// Inserts a recovery code.
pub async fn insert_recovery_code(conn: &mut AnyConnection, fingerprint: &str, second_factor_id: &str) -> Result<(), Error> {
    sqlx::query("INSERT INTO recovery_codes (fingerprint, second_factor_id) VALUES ($1, $2)").bind(fingerprint).bind(second_factor_id).execute(conn).await?;
    Ok(())
}

/// Uses a recovery code up; false when it is none or was used.
pub async fn update_recovery_code(conn: &mut AnyConnection, fingerprint: &str, second_factor_id: &str, now: Instant) -> Result<bool, Error> {
    Ok(sqlx::query("UPDATE recovery_codes SET used_at = $3 WHERE fingerprint = $1 AND second_factor_id = $2 AND used_at IS NULL")
        .bind(fingerprint)
        .bind(second_factor_id)
        .bind(now)
        .execute(conn)
        .await?
        .rows_affected()
        > 0)
}

/// How many recovery codes are left.
pub async fn count_recovery_codes(conn: &mut AnyConnection, second_factor_id: &str) -> Result<i64, Error> {
    Ok(sqlx::query_scalar("SELECT count(*) FROM recovery_codes WHERE second_factor_id = $1 AND used_at IS NULL").bind(second_factor_id).fetch_one(conn).await?)
}

/// Since when a bureau wants second factors of its own people and of the platform's.
pub async fn find_wanted(conn: &mut AnyConnection, bureau_id: &str) -> Result<Option<Instant>, Error> {
    let row: Option<Option<Instant>> =
        sqlx::query_scalar("SELECT second_factor_at FROM bureaus WHERE organisation_id = $1").bind(bureau_id).fetch_optional(conn).await?;
    Ok(row.flatten())
}

/// How many bureaus want second factors: one is enough for the people of the platform.
pub async fn count_wanting(conn: &mut AnyConnection) -> Result<i64, Error> {
    Ok(sqlx::query_scalar("SELECT count(*) FROM bureaus WHERE second_factor_at IS NOT NULL").fetch_one(conn).await?)
}

/// Switches a bureau's wish on (an instant) or off.
pub async fn update_wanted(conn: &mut AnyConnection, bureau_id: &str, since: Option<Instant>) -> Result<bool, Error> {
    Ok(sqlx::query("UPDATE bureaus SET second_factor_at = $2 WHERE organisation_id = $1").bind(bureau_id).bind(since).execute(conn).await?.rows_affected() > 0)
}
