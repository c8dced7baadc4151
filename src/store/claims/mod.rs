//! Claims (兑付申请) with their items, files, flags and reviews. Beside: [`lists`], pages of claims for people; [`desk`], what a claim
//! stands on.

pub mod desk;
pub mod lists;

use sqlx::{AnyConnection, FromRow};

use super::Error;
use crate::base::ids::Id;
use crate::base::time::{Day, Instant};
use crate::domain::claims::{FlagRule, Severity, State, Step};

/// A claim as it is stored.
#[derive(Debug, Clone, FromRow)]
pub struct Claim {
    /// Id.
    pub id: Id,
    /// Code for people, `DF-7K3M9Q`.
    pub code: String,
    /// Whose.
    pub enterprise_id: Id,
    /// Whose services.
    pub institution_id: Id,
    /// On which programme.
    pub programme_id: Id,
    /// Under which terms.
    pub programme_version_id: Id,
    /// From which purse.
    pub purse_id: Id,
    /// How far it is.
    pub state: State,
    /// Rises with each step.
    pub version: i64,
    /// Its invoice.
    pub invoice_id: Id,
    /// The invoice's number as typed.
    pub invoice_number: String,
    /// The invoice's code as typed; empty for electronic ones.
    pub invoice_code: String,
    /// Invoice amount.
    pub invoice_fen: i64,
    /// Day of the invoice.
    pub invoice_on: Day,
    /// Really paid.
    pub paid_fen: i64,
    /// Day of the payment.
    pub paid_on: Day,
    /// A over all bookings.
    pub actual_fen: i64,
    /// The holds over all bookings when it was filed.
    pub held_fen: i64,
    /// What is claimed.
    pub amount_fen: i64,
    /// The contract.
    pub contract_file_id: Id,
    /// What the enterprise says to it.
    pub note: String,
    /// Drawn for a second review.
    pub drawn_at: Option<Instant>,
    /// The membership that filed it.
    pub filed_by: Id,
    /// When it was filed.
    pub filed_at: Instant,
    /// When it was approved for the last time, or rejected.
    pub decided_at: Option<Instant>,
    /// When it ended without money: rejected or withdrawn.
    pub ended_at: Option<Instant>,
    /// When it was paid.
    pub paid_at: Option<Instant>,
    /// The bank's reference.
    pub bank_reference: Option<String>,
}

/// A booking's part of a claim.
#[derive(Debug, Clone, FromRow)]
pub struct Item {
    /// Which booking.
    pub booking_id: Id,
    /// Its part.
    pub amount_fen: i64,
}

/// A flag on a booking of a claim. `facts` is JSON.
#[derive(Debug, Clone, FromRow)]
pub struct FlagRow {
    /// What it says.
    pub rule: FlagRule,
    /// On which booking.
    pub booking_id: Id,
    /// How much it weighs.
    pub severity: Severity,
    /// Named facts.
    pub facts: String,
}

/// A step that a person took.
#[derive(Debug, Clone, FromRow)]
pub struct Review {
    /// The claim's version after it.
    pub version: i64,
    /// When.
    pub at: Instant,
    /// Which step.
    pub step: Step,
    /// The state before; `None` for the filing.
    pub from_state: Option<State>,
    /// The state after.
    pub to_state: State,
    /// Why.
    pub note: String,
    /// Who.
    pub person_id: Id,
    /// Their name.
    pub person: String,
    /// For whom they acted.
    pub organisation: String,
}

/// A claim by id.
pub async fn find(conn: &mut AnyConnection, id: &str) -> Result<Option<Claim>, Error> {
    Ok(sqlx::query_as("SELECT * FROM claims WHERE id = $1").bind(id).fetch_optional(conn).await?)
}

/// Touches a claim, so that others wait, and gives it as it is now. The purse comes before it, the programme after.
pub async fn lock(conn: &mut AnyConnection, id: &str) -> Result<Option<Claim>, Error> {
    Ok(sqlx::query_as("UPDATE claims SET version = version WHERE id = $1 RETURNING *").bind(id).fetch_optional(conn).await?)
}

/// Whether one of a claim's bookings stands in a live claim: gives the first that does.
pub async fn find_live_item(conn: &mut AnyConnection, booking_id: &str) -> Result<Option<Id>, Error> {
    Ok(sqlx::query_scalar("SELECT claim_id FROM claim_items WHERE booking_id = $1 AND ended_at IS NULL").bind(booking_id).fetch_optional(conn).await?)
}

/// Inserts a claim.
pub async fn insert(conn: &mut AnyConnection, claim: &Claim) -> Result<(), Error> {
    sqlx::query(
        "INSERT INTO claims (id, code, enterprise_id, institution_id, programme_id, programme_version_id, purse_id, state, version, invoice_id, invoice_number, \
         invoice_code, invoice_fen, invoice_on, paid_fen, paid_on, actual_fen, held_fen, amount_fen, contract_file_id, note, drawn_at, filed_by, filed_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24)",
    )
    .bind(&claim.id)
    .bind(&claim.code)
    .bind(&claim.enterprise_id)
    .bind(&claim.institution_id)
    .bind(&claim.programme_id)
    .bind(&claim.programme_version_id)
    .bind(&claim.purse_id)
    .bind(claim.state)
    .bind(claim.version)
    .bind(&claim.invoice_id)
    .bind(&claim.invoice_number)
    .bind(&claim.invoice_code)
    .bind(claim.invoice_fen)
    .bind(claim.invoice_on)
    .bind(claim.paid_fen)
    .bind(claim.paid_on)
    .bind(claim.actual_fen)
    .bind(claim.held_fen)
    .bind(claim.amount_fen)
    .bind(&claim.contract_file_id)
    .bind(&claim.note)
    .bind(claim.drawn_at)
    .bind(&claim.filed_by)
    .bind(claim.filed_at)
    .execute(conn)
    .await?;
    Ok(())
}

/// Stores what a step changed of a claim: state, version, note, instants, bank reference.
pub async fn update(conn: &mut AnyConnection, claim: &Claim) -> Result<(), Error> {
    sqlx::query("UPDATE claims SET state = $2, version = $3, note = $4, decided_at = $5, ended_at = $6, paid_at = $7, bank_reference = $8 WHERE id = $1")
        .bind(&claim.id)
        .bind(claim.state)
        .bind(claim.version)
        .bind(&claim.note)
        .bind(claim.decided_at)
        .bind(claim.ended_at)
        .bind(claim.paid_at)
        .bind(&claim.bank_reference)
        .execute(conn)
        .await?;
    Ok(())
}

/// Adds a booking to a claim.
///
/// # Errors
/// [`Error::Broken`] when it stands in a live claim.
pub async fn insert_item(conn: &mut AnyConnection, claim_id: &str, booking_id: &str, amount_fen: i64) -> Result<(), Error> {
    sqlx::query("INSERT INTO claim_items (claim_id, booking_id, amount_fen) VALUES ($1, $2, $3)")
        .bind(claim_id)
        .bind(booking_id)
        .bind(amount_fen)
        .execute(conn)
        .await?;
    Ok(())
}

/// The bookings of a claim with their parts, by start, then id.
pub async fn list_items(conn: &mut AnyConnection, claim_id: &str) -> Result<Vec<Item>, Error> {
    Ok(sqlx::query_as(
        "SELECT i.booking_id, i.amount_fen FROM claim_items i JOIN bookings b ON b.id = i.booking_id WHERE i.claim_id = $1 ORDER BY b.starts_at, b.id",
    )
    .bind(claim_id)
    .fetch_all(conn)
    .await?)
}

/// Frees the bookings of a claim that has ended.
pub async fn update_items_ended(conn: &mut AnyConnection, claim_id: &str, now: Instant) -> Result<(), Error> {
    sqlx::query("UPDATE claim_items SET ended_at = $2 WHERE claim_id = $1 AND ended_at IS NULL").bind(claim_id).bind(now).execute(conn).await?;
    Ok(())
}

/// Adds a file to a claim; harmless when it is there.
pub async fn insert_file(conn: &mut AnyConnection, claim_id: &str, file_id: &str, now: Instant) -> Result<(), Error> {
    sqlx::query("INSERT INTO claim_files (claim_id, file_id, added_at) VALUES ($1, $2, $3) ON CONFLICT (claim_id, file_id) DO NOTHING")
        .bind(claim_id)
        .bind(file_id)
        .bind(now)
        .execute(conn)
        .await?;
    Ok(())
}

/// Adds a flag.
pub async fn insert_flag(conn: &mut AnyConnection, claim_id: &str, flag: &FlagRow, now: Instant) -> Result<(), Error> {
    sqlx::query("INSERT INTO claim_flags (claim_id, rule, booking_id, severity, facts, at) VALUES ($1, $2, $3, $4, $5, $6)")
        .bind(claim_id)
        .bind(flag.rule)
        .bind(&flag.booking_id)
        .bind(flag.severity)
        .bind(&flag.facts)
        .bind(now)
        .execute(conn)
        .await?;
    Ok(())
}

/// The flags of a claim.
pub async fn list_flags(conn: &mut AnyConnection, claim_id: &str) -> Result<Vec<FlagRow>, Error> {
    Ok(sqlx::query_as("SELECT rule, booking_id, severity, facts FROM claim_flags WHERE claim_id = $1 ORDER BY severity DESC, rule, booking_id")
        .bind(claim_id)
        .fetch_all(conn)
        .await?)
}

/// Adds a step to a claim's history.
pub async fn insert_review(
    conn: &mut AnyConnection,
    claim: &Claim,
    step: Step,
    from: Option<State>,
    note: &str,
    by: (&str, &str),
    now: Instant,
) -> Result<(), Error> {
    sqlx::query(
        "INSERT INTO reviews (claim_id, version, at, step, from_state, to_state, note, person_id, membership_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(&claim.id)
    .bind(claim.version)
    .bind(now)
    .bind(step)
    .bind(from)
    .bind(claim.state)
    .bind(note)
    .bind(by.0)
    .bind(by.1)
    .execute(conn)
    .await?;
    Ok(())
}

/// The history of a claim, the first step first.
pub async fn list_reviews(conn: &mut AnyConnection, claim_id: &str) -> Result<Vec<Review>, Error> {
    Ok(sqlx::query_as(
        "SELECT r.version, r.at, r.step, r.from_state, r.to_state, r.note, r.person_id, p.name AS person, o.name AS organisation FROM reviews r \
         JOIN persons p ON p.id = r.person_id JOIN memberships m ON m.id = r.membership_id JOIN parties o ON o.id = m.organisation_id \
         WHERE r.claim_id = $1 ORDER BY r.version",
    )
    .bind(claim_id)
    .fetch_all(conn)
    .await?)
}

/// Records money clawed back, beside the purse.
pub async fn insert_recovery(
    conn: &mut AnyConnection,
    id: &str,
    claim_id: &str,
    amount_fen: i64,
    reason: &str,
    membership_id: &str,
    now: Instant,
) -> Result<(), Error> {
    sqlx::query("INSERT INTO recoveries (id, claim_id, amount_fen, reason, membership_id, at) VALUES ($1, $2, $3, $4, $5, $6)")
        .bind(id)
        .bind(claim_id)
        .bind(amount_fen)
        .bind(reason)
        .bind(membership_id)
        .bind(now)
        .execute(conn)
        .await?;
    Ok(())
}

/// How much was clawed back of a claim.
pub async fn find_recovered(conn: &mut AnyConnection, claim_id: &str) -> Result<i64, Error> {
    Ok(sqlx::query_scalar("SELECT CAST(coalesce(sum(amount_fen), 0) AS BIGINT) FROM recoveries WHERE claim_id = $1").bind(claim_id).fetch_one(conn).await?)
}

/// The original value of the instrument of a booking, in fen.
pub async fn find_original_value(conn: &mut AnyConnection, instrument_id: &str) -> Result<i64, Error> {
    let value: Option<i64> = sqlx::query_scalar("SELECT original_value_fen FROM instruments WHERE id = $1").bind(instrument_id).fetch_optional(conn).await?;
    Ok(value.unwrap_or(0))
}
