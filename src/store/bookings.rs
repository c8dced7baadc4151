//! Bookings: their rows and how they change. Beside: [`history`] (events), [`lists`] (what people look through), [`due`] (what the clock
//! must act on). Nothing here decides; a change of state is `actions::bookings`'.

pub mod due;
pub mod history;
pub mod lists;

use sqlx::{AnyConnection, FromRow};

use super::Error;
use crate::base::ids::Id;
use crate::base::time::{Instant, Span};
use crate::domain::bookings::{Parties, State};
use crate::domain::instruments::{Mode, Policy};
use crate::domain::vouchers::{Ineligible, PurposeKind, VoucherChoice};

/// A booking as it is stored (预约).
#[derive(Debug, Clone, FromRow)]
pub struct Booking {
    /// Id.
    pub id: Id,
    /// Code for people, `YQ-7K3M9Q`.
    pub code: String,
    /// The enterprise.
    pub customer_id: Id,
    /// The membership that placed it.
    pub placed_by: Id,
    /// The instrument.
    pub instrument_id: Id,
    /// Who owned the instrument at the start.
    pub institution_id: Id,
    /// How it is served.
    pub mode: Mode,
    /// How far it is.
    pub state: State,
    /// Rises with each change.
    pub version: i64,
    /// Wanted span.
    pub starts_at: Instant,
    /// See `starts_at`.
    pub ends_at: Instant,
    /// The slot; `None` once freed.
    pub slot_id: Option<Id>,
    /// Price version it was quoted.
    pub price_id: Id,
    /// Policy version it was quoted.
    pub policy_id: Id,
    /// Quoted hourly price.
    pub hourly_fen: i64,
    /// Quoted fee.
    pub fee_fen: i64,
    /// none, up_to or required.
    pub voucher: VoucherChoice,
    /// Why it can never draw on a voucher.
    pub ineligible: Option<Ineligible>,
    /// What for, in words.
    pub purpose: String,
    /// What for, as a kind.
    pub purpose_kind: PurposeKind,
    /// A note to the institution.
    pub note: String,
    /// Marked confidential (保密).
    pub confidential_at: Option<Instant>,
    /// When it was placed.
    pub created_at: Instant,
    /// When an unanswered request expires.
    pub answer_due_at: Option<Instant>,
    /// When it was answered.
    pub answered_at: Option<Instant>,
    /// Check-in.
    pub checked_in_at: Option<Instant>,
    /// Check-out.
    pub checked_out_at: Option<Instant>,
    /// The live statement.
    pub statement_id: Option<Id>,
    /// Its amount.
    pub actual_fen: Option<i64>,
    /// When the clock confirms it; `None` while disputed.
    pub confirm_due_at: Option<Instant>,
    /// Disputed since.
    pub disputed_at: Option<Instant>,
    /// Settled at.
    pub settled_at: Option<Instant>,
    /// Found a no-show at.
    pub no_show_at: Option<Instant>,
    /// Fee of a late cancel.
    pub cancel_fee_fen: i64,
    /// Why staff overrode a rule.
    pub override_reason: Option<String>,
}

impl Booking {
    /// The wanted span.
    #[must_use]
    pub const fn span(&self) -> Span {
        Span::new(self.starts_at, self.ends_at)
    }

    /// Between whom it is.
    #[must_use]
    pub fn parties(&self) -> Parties<'_> {
        Parties { customer_id: &self.customer_id, institution_id: &self.institution_id, confidential: self.confidential_at.is_some() }
    }
}

/// A booking by id.
pub async fn find(conn: &mut AnyConnection, id: &str) -> Result<Option<Booking>, Error> {
    Ok(sqlx::query_as("SELECT * FROM bookings WHERE id = $1").bind(id).fetch_optional(conn).await?)
}

/// A booking by its code for people.
pub async fn find_by_code(conn: &mut AnyConnection, code: &str) -> Result<Option<Booking>, Error> {
    Ok(sqlx::query_as("SELECT * FROM bookings WHERE code = $1").bind(code).fetch_optional(conn).await?)
}

/// Touches the booking's row so that others wait, and gives it as it is now; `None` when there is none. The instrument comes before it.
pub async fn lock(conn: &mut AnyConnection, id: &str) -> Result<Option<Booking>, Error> {
    Ok(sqlx::query_as("UPDATE bookings SET version = version WHERE id = $1 RETURNING *").bind(id).fetch_optional(conn).await?)
}

/// Inserts a booking with all it has; false when its code is taken by another one.
pub async fn insert(conn: &mut AnyConnection, b: &Booking) -> Result<bool, Error> {
    let row: Option<String> = sqlx::query_scalar(
        "INSERT INTO bookings (id, code, customer_id, placed_by, instrument_id, institution_id, mode, state, version, starts_at, ends_at, slot_id, price_id, \
         policy_id, hourly_fen, fee_fen, voucher, ineligible, purpose, purpose_kind, note, confidential_at, created_at, answer_due_at, cancel_fee_fen, override_reason) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26) \
         ON CONFLICT (code) DO NOTHING RETURNING id",
    )
    .bind(&b.id)
    .bind(&b.code)
    .bind(&b.customer_id)
    .bind(&b.placed_by)
    .bind(&b.instrument_id)
    .bind(&b.institution_id)
    .bind(b.mode)
    .bind(b.state)
    .bind(b.version)
    .bind(b.starts_at)
    .bind(b.ends_at)
    .bind(&b.slot_id)
    .bind(&b.price_id)
    .bind(&b.policy_id)
    .bind(b.hourly_fen)
    .bind(b.fee_fen)
    .bind(b.voucher)
    .bind(b.ineligible)
    .bind(&b.purpose)
    .bind(b.purpose_kind)
    .bind(&b.note)
    .bind(b.confidential_at)
    .bind(b.created_at)
    .bind(b.answer_due_at)
    .bind(b.cancel_fee_fen)
    .bind(&b.override_reason)
    .fetch_optional(conn)
    .await?;
    Ok(row.is_some())
}

/// Writes everything of a booking that can change, and raises its version; false when it is not at the version that `b` has.
pub async fn update(conn: &mut AnyConnection, b: &Booking) -> Result<bool, Error> {
    let done = sqlx::query(
        "UPDATE bookings SET state = $3, version = version + 1, slot_id = $4, answered_at = $5, checked_in_at = $6, checked_out_at = $7, no_show_at = $8, \
         cancel_fee_fen = $9, statement_id = $10, actual_fen = $11, confirm_due_at = $12, disputed_at = $13, settled_at = $14 WHERE id = $1 AND version = $2",
    )
    .bind(&b.id)
    .bind(b.version)
    .bind(b.state)
    .bind(&b.slot_id)
    .bind(b.answered_at)
    .bind(b.checked_in_at)
    .bind(b.checked_out_at)
    .bind(b.no_show_at)
    .bind(b.cancel_fee_fen)
    .bind(&b.statement_id)
    .bind(b.actual_fen)
    .bind(b.confirm_due_at)
    .bind(b.disputed_at)
    .bind(b.settled_at)
    .execute(conn)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Writes a booking's state, raises its version and gives the row as it is stored then; `None` when it is not at `version`.
pub async fn update_state(conn: &mut AnyConnection, id: &str, version: i64, state: State) -> Result<Option<Booking>, Error> {
    Ok(sqlx::query_as("UPDATE bookings SET state = $3, version = version + 1 WHERE id = $1 AND version = $2 RETURNING *")
        .bind(id)
        .bind(version)
        .bind(state)
        .fetch_optional(conn)
        .await?)
}

/// The version of a policy under which a booking was quoted; it never changes.
pub async fn find_policy(conn: &mut AnyConnection, policy_id: &str) -> Result<Option<Policy>, Error> {
    Ok(sqlx::query_as(
        "SELECT grid_minutes, min_minutes, max_minutes, notice_minutes, horizon_days, buffer_minutes, approval, approval_hours, free_cancel_minutes, \
         late_cancel_percent, no_show_minutes FROM policies WHERE id = $1",
    )
    .bind(policy_id)
    .fetch_optional(conn)
    .await?)
}
