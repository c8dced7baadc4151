//! Bookings and their history.

use sqlx::{AnyConnection, FromRow};

use super::Error;
use crate::base::ids::Id;
use crate::base::time::{Instant, Span};
use crate::domain::bookings::State;
use crate::domain::instruments::Mode;
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
