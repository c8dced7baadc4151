//! Bank accounts and invoice details of parties: dated rows; a changed account holds once a second person has confirmed it.

use sqlx::{AnyConnection, FromRow};

use super::Error;
use crate::base::ids::Id;
use crate::base::time::Instant;

/// A bank account, in force or proposed.
#[derive(Debug, Clone, FromRow)]
pub struct BankAccount {
    /// Id.
    pub id: Id,
    /// The name on the account (户名).
    pub holder: String,
    /// 开户行.
    pub bank: String,
    /// Account number.
    pub number: String,
    /// The membership that proposed it.
    pub proposed_by: Id,
    /// The person behind it.
    pub proposed_person_id: Id,
    /// The person's name.
    pub proposer: String,
    /// When.
    pub proposed_at: Instant,
    /// Since when it is in force.
    pub confirmed_at: Option<Instant>,
}

const ACCOUNT: &str = "SELECT b.id, b.holder, b.bank, b.number, b.proposed_by, b.proposed_person_id, p.name AS proposer, b.proposed_at, b.confirmed_at \
     FROM bank_accounts b JOIN persons p ON p.id = b.proposed_person_id WHERE b.organisation_id = $1";

/// The account in force.
pub async fn find_live(conn: &mut AnyConnection, organisation_id: &str) -> Result<Option<BankAccount>, Error> {
    Ok(sqlx::query_as(sqlx::AssertSqlSafe(format!("{ACCOUNT} AND b.confirmed_at IS NOT NULL AND b.ended_at IS NULL")))
        .bind(organisation_id)
        .fetch_optional(conn)
        .await?)
}

/// The account that waits for a second person.
pub async fn find_proposed(conn: &mut AnyConnection, organisation_id: &str) -> Result<Option<BankAccount>, Error> {
    Ok(sqlx::query_as(sqlx::AssertSqlSafe(format!("{ACCOUNT} AND b.confirmed_at IS NULL AND b.declined_at IS NULL")))
        .bind(organisation_id)
        .fetch_optional(conn)
        .await?)
}

/// Inserts a proposal; false when another one waits.
pub async fn insert(
    conn: &mut AnyConnection,
    id: &str,
    organisation_id: &str,
    (holder, bank, number): (&str, &str, &str),
    (membership_id, person_id): (&str, &str),
    now: Instant,
) -> Result<bool, Error> {
    let row: Option<Id> = sqlx::query_scalar(
        "INSERT INTO bank_accounts (id, organisation_id, holder, bank, number, proposed_by, proposed_person_id, proposed_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING RETURNING id",
    )
    .bind(id)
    .bind(organisation_id)
    .bind(holder)
    .bind(bank)
    .bind(number)
    .bind(membership_id)
    .bind(person_id)
    .bind(now)
    .fetch_optional(conn)
    .await?;
    Ok(row.is_some())
}

/// Puts a proposal in force and ends the account before it; false when it does not wait any more. A party's first account has no `second`.
pub async fn update_confirmed(conn: &mut AnyConnection, id: &str, organisation_id: &str, second: Option<(&str, &str)>, now: Instant) -> Result<bool, Error> {
    sqlx::query("UPDATE bank_accounts SET ended_at = $2 WHERE organisation_id = $1 AND confirmed_at IS NOT NULL AND ended_at IS NULL")
        .bind(organisation_id)
        .bind(now)
        .execute(&mut *conn)
        .await?;
    Ok(sqlx::query(
        "UPDATE bank_accounts SET confirmed_by = $3, confirmed_person_id = $4, confirmed_at = $5 WHERE id = $1 AND organisation_id = $2 AND confirmed_at IS NULL AND declined_at IS NULL",
    )
    .bind(id)
    .bind(organisation_id)
    .bind(second.map(|(membership_id, _)| membership_id))
    .bind(second.map(|(_, person_id)| person_id))
    .bind(now)
    .execute(conn)
    .await?
    .rows_affected()
        > 0)
}

/// Takes a proposal back or declines it; false when it does not wait any more.
pub async fn update_declined(conn: &mut AnyConnection, id: &str, organisation_id: &str, now: Instant) -> Result<bool, Error> {
    Ok(sqlx::query("UPDATE bank_accounts SET declined_at = $3 WHERE id = $1 AND organisation_id = $2 AND confirmed_at IS NULL AND declined_at IS NULL")
        .bind(id)
        .bind(organisation_id)
        .bind(now)
        .execute(conn)
        .await?
        .rows_affected()
        > 0)
}

/// What stands on invoices to a party.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct InvoiceDetails {
    /// 抬头.
    pub title: String,
    /// Address, may be empty.
    pub address: String,
    /// Telephone number, may be empty.
    pub phone: String,
}

/// The invoice details in force.
pub async fn find_invoice_details(conn: &mut AnyConnection, organisation_id: &str) -> Result<Option<InvoiceDetails>, Error> {
    Ok(sqlx::query_as("SELECT title, address, phone FROM invoice_details WHERE organisation_id = $1 AND ended_at IS NULL")
        .bind(organisation_id)
        .fetch_optional(conn)
        .await?)
}

/// Ends the invoice details in force and puts others in their place.
pub async fn insert_invoice_details(
    conn: &mut AnyConnection,
    id: &str,
    organisation_id: &str,
    details: &InvoiceDetails,
    membership_id: &str,
    now: Instant,
) -> Result<(), Error> {
    sqlx::query("UPDATE invoice_details SET ended_at = $2 WHERE organisation_id = $1 AND ended_at IS NULL")
        .bind(organisation_id)
        .bind(now)
        .execute(&mut *conn)
        .await?;
    sqlx::query("INSERT INTO invoice_details (id, organisation_id, title, address, phone, membership_id, from_at) VALUES ($1, $2, $3, $4, $5, $6, $7)")
        .bind(id)
        .bind(organisation_id)
        .bind(&details.title)
        .bind(&details.address)
        .bind(&details.phone)
        .bind(membership_id)
        .bind(now)
        .execute(conn)
        .await?;
    Ok(())
}
