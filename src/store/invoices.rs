//! Invoices (发票) that claims name. Their identity is seller, code and number, spelling removed.

use sqlx::{AnyConnection, FromRow};

use super::Error;
use crate::base::ids::Id;
use crate::base::time::{Day, Instant};

/// An invoice as the claim that brought it states it.
#[derive(Debug, Clone, FromRow)]
pub struct Invoice {
    /// Id.
    pub id: Id,
    /// USCC of the seller.
    pub seller_uscc: String,
    /// Spelling removed; empty for electronic ones.
    pub code: String,
    /// Spelling removed.
    pub number: String,
    /// Amount as first stated.
    pub gross_fen: i64,
    /// Day as first stated.
    pub issued_on: Day,
    /// Who first named it.
    pub buyer_id: Id,
}

/// Inserts an invoice unless it is known, and touches it: whoever names the same invoice waits. Gives its id.
pub async fn lock_or_insert(conn: &mut AnyConnection, invoice: &Invoice, now: Instant) -> Result<Id, Error> {
    sqlx::query(
        "INSERT INTO invoices (id, seller_uscc, code, number, gross_fen, issued_on, buyer_id, revision, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, 0, $8) \
         ON CONFLICT (seller_uscc, code, number) DO NOTHING",
    )
    .bind(&invoice.id)
    .bind(&invoice.seller_uscc)
    .bind(&invoice.code)
    .bind(&invoice.number)
    .bind(invoice.gross_fen)
    .bind(invoice.issued_on)
    .bind(&invoice.buyer_id)
    .bind(now)
    .execute(&mut *conn)
    .await?;
    Ok(sqlx::query_scalar("UPDATE invoices SET revision = revision + 1 WHERE seller_uscc = $1 AND code = $2 AND number = $3 RETURNING id")
        .bind(&invoice.seller_uscc)
        .bind(&invoice.code)
        .bind(&invoice.number)
        .fetch_one(conn)
        .await?)
}

/// What live claims say of an invoice: (enterprise, invoice amount, paid).
pub async fn list_live_claims(conn: &mut AnyConnection, invoice_id: &str) -> Result<Vec<(Id, i64, i64)>, Error> {
    Ok(sqlx::query_as("SELECT enterprise_id, invoice_fen, paid_fen FROM claims WHERE invoice_id = $1 AND state NOT IN ('rejected', 'withdrawn')")
        .bind(invoice_id)
        .fetch_all(conn)
        .await?)
}
