//! Registrations of organisations with their first person, from the first mail to the bureau's decision.

use sqlx::{AnyConnection, FromRow};

use super::Error;
use crate::base::ids::Id;
use crate::base::time::Instant;
use crate::domain::registrations::State;

/// A registration as it is stored.
#[derive(Debug, Clone, FromRow)]
pub struct Registration {
    /// Id.
    pub id: Id,
    /// The bureau that decides; none where the installation has none.
    pub bureau_id: Option<Id>,
    /// Where it stands.
    pub state: State,
    /// Counts up with each step.
    pub version: i64,
    /// Checked USCC.
    pub uscc: String,
    /// Name of the organisation.
    pub name: String,
    /// Side words parted by commas.
    pub sides: String,
    /// GB/T 2260 code.
    pub region_code: String,
    /// Address.
    pub address: String,
    /// 开户行, may be empty.
    pub bank: String,
    /// Account number, may be empty.
    pub bank_number: String,
    /// Address on invoices, may be empty.
    pub invoice_address: String,
    /// Telephone number on invoices, may be empty.
    pub invoice_phone: String,
    /// Name of the first person.
    pub person_name: String,
    /// Folded mail address of the first person.
    pub email: String,
    /// The language in which they registered.
    pub lang: String,
    /// The version of the privacy notice they agreed to.
    pub privacy_version: String,
    /// Argon2 text until the address is proved.
    pub password_hash: Option<String>,
    /// The person, once the address is proved.
    pub person_id: Option<Id>,
    /// When the form was sent.
    pub created_at: Instant,
    /// When the address was proved, and the bureau's work began.
    pub filed_at: Option<Instant>,
    /// When it was decided.
    pub decided_at: Option<Instant>,
    /// Why it was rejected; empty otherwise.
    pub reason: String,
}

const COLUMNS: &str = "id, bureau_id, state, version, uscc, name, sides, region_code, address, bank, bank_number, invoice_address, invoice_phone, person_name, email, lang, privacy_version, password_hash, person_id, created_at, filed_at, decided_at, reason";

/// A registration.
pub async fn find(conn: &mut AnyConnection, id: &str) -> Result<Option<Registration>, Error> {
    Ok(sqlx::query_as(sqlx::AssertSqlSafe(format!("SELECT {COLUMNS} FROM registrations WHERE id = $1"))).bind(id).fetch_optional(conn).await?)
}

/// The last registration of a person.
pub async fn find_last_of(conn: &mut AnyConnection, person_id: &str) -> Result<Option<Registration>, Error> {
    Ok(sqlx::query_as(sqlx::AssertSqlSafe(format!("SELECT {COLUMNS} FROM registrations WHERE person_id = $1 ORDER BY created_at DESC, id DESC LIMIT 1")))
        .bind(person_id)
        .fetch_optional(conn)
        .await?)
}

/// What waits for a bureau, the oldest first; registrations that no bureau is responsible for wait for every one.
pub async fn list_waiting(conn: &mut AnyConnection, bureau_id: &str) -> Result<Vec<Registration>, Error> {
    Ok(sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "SELECT {COLUMNS} FROM registrations WHERE (bureau_id = $1 OR bureau_id IS NULL) AND state = 'filed' ORDER BY filed_at, id"
    )))
    .bind(bureau_id)
    .fetch_all(conn)
    .await?)
}

/// The last decisions of a bureau, the newest first.
pub async fn list_decided(conn: &mut AnyConnection, bureau_id: &str, limit: i64) -> Result<Vec<Registration>, Error> {
    Ok(sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "SELECT {COLUMNS} FROM registrations WHERE (bureau_id = $1 OR bureau_id IS NULL) AND state IN ('approved', 'rejected') ORDER BY decided_at DESC, id DESC LIMIT $2"
    )))
    .bind(bureau_id)
    .bind(limit)
    .fetch_all(conn)
    .await?)
}

/// How many wait for a bureau.
pub async fn count_waiting(conn: &mut AnyConnection, bureau_id: &str) -> Result<i64, Error> {
    Ok(sqlx::query_scalar("SELECT count(*) FROM registrations WHERE (bureau_id = $1 OR bureau_id IS NULL) AND state = 'filed'")
        .bind(bureau_id)
        .fetch_one(conn)
        .await?)
}

/// Inserts a registration whose address is not proved yet.
pub async fn insert(conn: &mut AnyConnection, row: &Registration) -> Result<(), Error> {
    sqlx::query(
        "INSERT INTO registrations (id, bureau_id, state, version, uscc, name, sides, region_code, address, bank, bank_number, invoice_address, invoice_phone, person_name, email, lang, privacy_version, password_hash, created_at, reason) \
         VALUES ($1, $2, $3, 1, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, '')",
    )
    .bind(&row.id)
    .bind(&row.bureau_id)
    .bind(row.state)
    .bind(&row.uscc)
    .bind(&row.name)
    .bind(&row.sides)
    .bind(&row.region_code)
    .bind(&row.address)
    .bind(&row.bank)
    .bind(&row.bank_number)
    .bind(&row.invoice_address)
    .bind(&row.invoice_phone)
    .bind(&row.person_name)
    .bind(&row.email)
    .bind(&row.lang)
    .bind(&row.privacy_version)
    .bind(&row.password_hash)
    .bind(row.created_at)
    .execute(conn)
    .await?;
    Ok(())
}

/// Files a registration whose address is proved; false when it was not waiting for that.
pub async fn update_filed(conn: &mut AnyConnection, id: &str, person_id: &str, now: Instant) -> Result<bool, Error> {
    Ok(sqlx::query(
        "UPDATE registrations SET state = 'filed', version = version + 1, person_id = $2, filed_at = $3, password_hash = NULL WHERE id = $1 AND state = 'unverified'",
    )
    .bind(id)
    .bind(person_id)
    .bind(now)
    .execute(conn)
    .await?
    .rows_affected()
        > 0)
}

/// Decides a filed registration; false when it was decided already.
pub async fn update_decided(
    conn: &mut AnyConnection,
    id: &str,
    state: State,
    decided_by: &str,
    organisation_id: Option<&str>,
    reason: &str,
    now: Instant,
) -> Result<bool, Error> {
    Ok(sqlx::query(
        "UPDATE registrations SET state = $2, version = version + 1, decided_by = $3, organisation_id = $4, reason = $5, decided_at = $6 WHERE id = $1 AND state = 'filed'",
    )
    .bind(id)
    .bind(state)
    .bind(decided_by)
    .bind(organisation_id)
    .bind(reason)
    .bind(now)
    .execute(conn)
    .await?
    .rows_affected()
        > 0)
}

/// Forgets the passwords of registrations whose address was not proved before an instant.
pub async fn update_forgotten(conn: &mut AnyConnection, before: Instant) -> Result<(), Error> {
    sqlx::query("UPDATE registrations SET password_hash = NULL WHERE state = 'unverified' AND created_at < $1 AND password_hash IS NOT NULL")
        .bind(before)
        .execute(conn)
        .await?;
    Ok(())
}
