//! Holds (冻结): what a booking takes of a voucher, gives back, and settles at. The only way in which other actions touch purses.

use sqlx::AnyConnection;

use super::{Act, Outcome};
use crate::base::ids::Id;
use crate::base::time::Instant;
use crate::domain::refusals::Violation;
use crate::domain::vouchers::{Ineligible, PurposeKind, Terms, VoucherChoice};
use crate::store::Tx;

/// What a booking wants of a voucher.
#[derive(Debug, Clone)]
pub struct Wish {
    /// The enterprise that books.
    pub enterprise_id: Id,
    /// The institution that owns the instrument.
    pub institution_id: Id,
    /// Whether the instrument is published.
    pub published: bool,
    /// What for.
    pub purpose_kind: PurposeKind,
    /// none, up_to or required.
    pub choice: VoucherChoice,
    /// Its start, whose local year names the programme.
    pub starts_at: Instant,
    /// The quoted fee.
    pub fee_fen: i64,
}

/// What the voucher would pay.
#[derive(Debug, Clone, Default)]
pub struct Offer {
    /// The purse it would come from; `None` without a grant.
    pub purse_id: Option<Id>,
    /// The version of the terms; `None` without a programme.
    pub programme_version_id: Option<Id>,
    /// See `programme_version_id`.
    pub terms: Option<Terms>,
    /// Why the booking can never draw on a voucher.
    pub ineligible: Option<Ineligible>,
    /// The full share of the fee.
    pub share_fen: i64,
    /// What is available now.
    pub available_fen: i64,
    /// What would be held.
    pub held_fen: i64,
    /// `voucher_insufficient` or `voucher_ineligible` where the full share is required.
    pub violation: Option<Violation>,
}

/// Touches the purse of the wish, so that two bookings never race for its last yuan. Harmless without one.
pub async fn lock(_tx: &mut Tx<'_>, _wish: &Wish) -> Outcome<()> {
    Ok(())
}

/// What the voucher would pay for a wish. Reads only.
pub async fn offer(_conn: &mut AnyConnection, _now: Instant, _wish: &Wish) -> Outcome<Offer> {
    Ok(Offer::default())
}

/// Takes the hold of a new booking (its row is there already) as offered: hold row, movement, purse.
pub async fn put(_tx: &mut Tx<'_>, _act: &Act, _booking_id: &str, _wish: &Wish, _offer: &Offer) -> Outcome<()> {
    Ok(())
}

/// Gives a booking's hold back whole; gives what was released.
pub async fn release(_tx: &mut Tx<'_>, _act: &Act, _booking_id: &str) -> Outcome<i64> {
    Ok(0)
}

/// Takes a released hold again as far as available (a no-show undone); gives what is held now.
pub async fn retake(_tx: &mut Tx<'_>, _act: &Act, _booking_id: &str) -> Outcome<i64> {
    Ok(0)
}

/// Adjusts a booking's hold to its statement (rules.md section 4, settle); gives what is held now.
pub async fn settle(_tx: &mut Tx<'_>, _act: &Act, _booking_id: &str, _statement_id: &str, _actual_fen: i64) -> Outcome<i64> {
    Ok(0)
}

/// What is held for a booking now.
pub async fn held(_conn: &mut AnyConnection, _booking_id: &str) -> Outcome<i64> {
    Ok(0)
}
