//! What the voucher tables say about themselves: pairs that must agree, read for `check` and the nightly audit. Changes nothing.

use sqlx::{AnyConnection, FromRow};

use super::Error;
use crate::base::ids::Id;
use crate::base::time::Day;
use crate::store::purses::PurseRow;

/// Two numbers about a thing that should be the same, or of which the first should not exceed the second.
#[derive(Debug, Clone, FromRow)]
pub struct Pair {
    /// About what.
    pub id: Id,
    /// What is written.
    pub written: i64,
    /// What it should be.
    pub proved: i64,
}

/// Every purse.
pub async fn list_purses(conn: &mut AnyConnection) -> Result<Vec<PurseRow>, Error> {
    Ok(sqlx::query_as("SELECT * FROM purses ORDER BY id").fetch_all(conn).await?)
}

/// The ledger of every purse by purse and number: (purse, number, from, to, amount).
pub async fn list_movements(conn: &mut AnyConnection) -> Result<Vec<(Id, i64, String, String, i64)>, Error> {
    Ok(sqlx::query_as("SELECT purse_id, number, from_account, to_account, amount_fen FROM movements ORDER BY purse_id, number").fetch_all(conn).await?)
}

/// Held of a purse against the sum of its holds.
pub async fn list_held(conn: &mut AnyConnection) -> Result<Vec<Pair>, Error> {
    pairs(conn, "SELECT p.id AS id, p.held_fen AS written, CAST(coalesce((SELECT sum(h.amount_fen) FROM holds h WHERE h.purse_id = p.id), 0) AS BIGINT) AS proved FROM purses p").await
}

/// Claimed of a purse against the sum of its claims that live and are not decided.
pub async fn list_claimed(conn: &mut AnyConnection) -> Result<Vec<Pair>, Error> {
    pairs(conn, "SELECT p.id AS id, p.claimed_fen AS written, CAST(coalesce((SELECT sum(c.amount_fen) FROM claims c WHERE c.purse_id = p.id AND c.state IN ('filed', 'sent_back', 'second_review')), 0) AS BIGINT) AS proved FROM purses p").await
}

/// Redeemed of a purse against the sum of its claims that were approved.
pub async fn list_redeemed(conn: &mut AnyConnection) -> Result<Vec<Pair>, Error> {
    pairs(conn, "SELECT p.id AS id, p.redeemed_fen AS written, CAST(coalesce((SELECT sum(c.amount_fen) FROM claims c WHERE c.purse_id = p.id AND c.state IN ('approved', 'paid', 'clawed_back')), 0) AS BIGINT) AS proved FROM purses p").await
}

/// Amount of a claim against the sum of its items.
pub async fn list_claim_sums(conn: &mut AnyConnection) -> Result<Vec<Pair>, Error> {
    pairs(conn, "SELECT c.id AS id, c.amount_fen AS written, CAST(coalesce((SELECT sum(i.amount_fen) FROM claim_items i WHERE i.claim_id = c.id), 0) AS BIGINT) AS proved FROM claims c").await
}

/// Paid in the live claims of an invoice against its smallest stated amount.
pub async fn list_invoices(conn: &mut AnyConnection) -> Result<Vec<Pair>, Error> {
    pairs(conn, "SELECT c.invoice_id AS id, CAST(sum(c.paid_fen) AS BIGINT) AS written, min(c.invoice_fen) AS proved FROM claims c WHERE c.state NOT IN ('rejected', 'withdrawn') GROUP BY c.invoice_id").await
}

/// Invoices that live claims of several enterprises name: their number against one.
pub async fn list_invoice_owners(conn: &mut AnyConnection) -> Result<Vec<Pair>, Error> {
    pairs(conn, "SELECT c.invoice_id AS id, count(DISTINCT c.enterprise_id) AS written, CAST(1 AS BIGINT) AS proved FROM claims c WHERE c.state NOT IN ('rejected', 'withdrawn') GROUP BY c.invoice_id").await
}

/// Every hold with what live claims have taken over from it, and in how many claims it ever stood: (booking, held, claimed, claims).
pub async fn list_holds(conn: &mut AnyConnection) -> Result<Vec<(Id, i64, i64, i64)>, Error> {
    Ok(sqlx::query_as(
        "SELECT h.booking_id, h.amount_fen, CAST(coalesce((SELECT sum(i.amount_fen) FROM claim_items i WHERE i.booking_id = h.booking_id AND i.ended_at IS NULL), 0) AS BIGINT), \
         (SELECT count(*) FROM claim_items i WHERE i.booking_id = h.booking_id) FROM holds h ORDER BY h.booking_id",
    )
    .fetch_all(conn)
    .await?)
}

/// What the ledger moved into holds and out of them but for claims, by cause: (kind, cause, sum). A statement's cause is its booking.
pub async fn list_hold_moves(conn: &mut AnyConnection) -> Result<Vec<(String, String, i64)>, Error> {
    Ok(sqlx::query_as(
        "SELECT m.cause_kind, coalesce(s.booking_id, m.cause_id) AS cause_id, CAST(sum(CASE WHEN m.to_account = 'held' THEN m.amount_fen ELSE -m.amount_fen END) AS BIGINT) AS fen \
         FROM movements m LEFT JOIN statements s ON m.cause_kind = 'statement' AND s.id = m.cause_id \
         WHERE (m.to_account = 'held' OR m.from_account = 'held') AND m.cause_kind <> 'claim' GROUP BY m.cause_kind, coalesce(s.booking_id, m.cause_id)",
    )
    .fetch_all(conn)
    .await?)
}

/// Holds of something for bookings that may hold nothing: void, ineligible, or placed without a voucher.
pub async fn list_idle_holds(conn: &mut AnyConnection) -> Result<Vec<Pair>, Error> {
    pairs(conn, "SELECT h.booking_id AS id, h.amount_fen AS written, CAST(0 AS BIGINT) AS proved FROM holds h JOIN bookings b ON b.id = h.booking_id WHERE h.amount_fen > 0 AND (b.state IN ('declined', 'expired', 'cancelled', 'no_show') OR b.voucher = 'none' OR b.ineligible IS NOT NULL)").await
}

/// Items of live claims whose booking is not settled.
pub async fn list_unsettled_items(conn: &mut AnyConnection) -> Result<Vec<Pair>, Error> {
    pairs(conn, "SELECT i.booking_id AS id, i.amount_fen AS written, CAST(0 AS BIGINT) AS proved FROM claim_items i JOIN bookings b ON b.id = i.booking_id WHERE i.ended_at IS NULL AND b.state <> 'settled'").await
}

/// Granted and redeemed of every programme with what its terms in force on a day allow: (programme, granted, redeemed, budget, percent).
pub async fn list_budgets(conn: &mut AnyConnection, today: Day) -> Result<Vec<(Id, i64, i64, i64, i64)>, Error> {
    Ok(sqlx::query_as(
        "SELECT p.id, CAST(coalesce((SELECT sum(u.granted_fen) FROM purses u WHERE u.programme_id = p.id), 0) AS BIGINT), \
         CAST(coalesce((SELECT sum(u.redeemed_fen) FROM purses u WHERE u.programme_id = p.id), 0) AS BIGINT), v.budget_fen, v.commit_percent \
         FROM programmes p JOIN programme_versions v ON v.id = (SELECT w.id FROM programme_versions w WHERE w.programme_id = p.id AND w.valid_from_on <= $1 \
         ORDER BY w.valid_from_on DESC, w.version DESC LIMIT 1) ORDER BY p.id",
    )
    .bind(today)
    .fetch_all(conn)
    .await?)
}

async fn pairs(conn: &mut AnyConnection, sql: &'static str) -> Result<Vec<Pair>, Error> {
    Ok(sqlx::query_as(sql).fetch_all(conn).await?)
}
