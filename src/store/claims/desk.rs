//! What a claim stands on, for people to read: bookings that may be claimed, the bookings of a claim, and what both parties did before.

use sqlx::{AnyConnection, FromRow};

use super::Error;
use crate::base::ids::Id;
use crate::base::time::{Day, Instant, Span};
use crate::domain::vouchers::PurposeKind;

/// A settled booking that holds something and stands in no live claim.
#[derive(Debug, Clone, FromRow)]
pub struct Claimable {
    /// The booking.
    pub booking_id: Id,
    /// Its code.
    pub code: String,
    /// Name of the instrument.
    pub instrument: String,
    /// Booked span.
    pub starts_at: Instant,
    /// See `starts_at`.
    pub ends_at: Instant,
    /// The institution that owned the instrument at the start.
    pub institution_id: Id,
    /// Its USCC.
    pub institution_uscc: String,
    /// Its name.
    pub institution: String,
    /// The programme.
    pub programme_id: Id,
    /// Its year.
    pub year: i64,
    /// A of the statement.
    pub actual_fen: i64,
    /// What is held: the most that can be claimed.
    pub held_fen: i64,
    /// Last day on which a claim may be filed.
    pub redeem_by_on: Day,
}

impl Claimable {
    /// The booked span.
    #[must_use]
    pub const fn span(&self) -> Span {
        Span::new(self.starts_at, self.ends_at)
    }
}

/// The bookings of an enterprise that may be claimed, by institution and year, the oldest first.
pub async fn list_claimable(conn: &mut AnyConnection, enterprise_id: &str) -> Result<Vec<Claimable>, Error> {
    Ok(sqlx::query_as(
        "SELECT b.id AS booking_id, b.code, i.name AS instrument, b.starts_at, b.ends_at, b.institution_id, o.uscc AS institution_uscc, o.name AS institution, \
         p.id AS programme_id, p.year, coalesce(b.actual_fen, 0) AS actual_fen, h.amount_fen AS held_fen, v.redeem_by_on \
         FROM bookings b JOIN holds h ON h.booking_id = b.id AND h.amount_fen > 0 JOIN programme_versions v ON v.id = h.programme_version_id \
         JOIN programmes p ON p.id = v.programme_id JOIN instruments i ON i.id = b.instrument_id JOIN parties o ON o.id = b.institution_id \
         WHERE b.customer_id = $1 AND b.state = 'settled' ORDER BY o.name, p.year, b.starts_at, b.id",
    )
    .bind(enterprise_id)
    .fetch_all(conn)
    .await?)
}

/// A booking of a claim with what was stated for it.
#[derive(Debug, Clone, FromRow)]
pub struct DeskLine {
    /// The booking.
    pub booking_id: Id,
    /// Its code.
    pub code: String,
    /// The instrument.
    pub instrument_id: Id,
    /// Its name.
    pub instrument: String,
    /// Its original value.
    pub original_value_fen: i64,
    /// Booked span.
    pub starts_at: Instant,
    /// See `starts_at`.
    pub ends_at: Instant,
    /// What for.
    pub purpose_kind: PurposeKind,
    /// Quoted hourly price.
    pub hourly_fen: i64,
    /// Quoted fee.
    pub fee_fen: i64,
    /// A of the statement.
    pub actual_fen: i64,
    /// Recorded use that the statement counted.
    pub used_seconds: i64,
    /// Why the statement differs from what use and price give; empty otherwise.
    pub statement_reason: String,
    /// Its part of the claim.
    pub amount_fen: i64,
}

impl DeskLine {
    /// The booked span.
    #[must_use]
    pub const fn span(&self) -> Span {
        Span::new(self.starts_at, self.ends_at)
    }
}

/// The bookings of a claim by start, then id.
pub async fn list_lines(conn: &mut AnyConnection, claim_id: &str) -> Result<Vec<DeskLine>, Error> {
    Ok(sqlx::query_as(
        "SELECT b.id AS booking_id, b.code, b.instrument_id, i.name AS instrument, i.original_value_fen, b.starts_at, b.ends_at, b.purpose_kind, b.hourly_fen, b.fee_fen, \
         coalesce(b.actual_fen, 0) AS actual_fen, coalesce(s.used_seconds, 0) AS used_seconds, coalesce(s.reason, '') AS statement_reason, c.amount_fen \
         FROM claim_items c JOIN bookings b ON b.id = c.booking_id JOIN instruments i ON i.id = b.instrument_id LEFT JOIN statements s ON s.id = b.statement_id \
         WHERE c.claim_id = $1 ORDER BY b.starts_at, b.id",
    )
    .bind(claim_id)
    .fetch_all(conn)
    .await?)
}

/// What was claimed before within a programme.
#[derive(Debug, Clone, Copy, Default, FromRow)]
pub struct Past {
    /// Claims.
    pub claims: i64,
    /// Approved, in fen.
    pub redeemed_fen: i64,
    /// How often one was sent back.
    pub sent_back: i64,
    /// How many were rejected.
    pub rejected: i64,
}

/// The claims of a programme by an enterprise, over an institution, or both where both are given.
pub async fn find_past(conn: &mut AnyConnection, programme_id: &str, enterprise_id: Option<&str>, institution_id: Option<&str>) -> Result<Past, Error> {
    Ok(sqlx::query_as(
        "SELECT count(*) AS claims, CAST(coalesce(sum(CASE WHEN c.state IN ('approved', 'paid', 'clawed_back') THEN c.amount_fen ELSE 0 END), 0) AS BIGINT) AS redeemed_fen, \
         CAST(coalesce(sum((SELECT count(*) FROM reviews r WHERE r.claim_id = c.id AND r.step = 'send_back')), 0) AS BIGINT) AS sent_back, \
         CAST(coalesce(sum(CASE WHEN c.state = 'rejected' THEN 1 ELSE 0 END), 0) AS BIGINT) AS rejected \
         FROM claims c WHERE c.programme_id = $1 AND (CAST($2 AS TEXT) IS NULL OR c.enterprise_id = $2) AND (CAST($3 AS TEXT) IS NULL OR c.institution_id = $3)",
    )
    .bind(programme_id)
    .bind(enterprise_id)
    .bind(institution_id)
    .fetch_one(conn)
    .await?)
}
