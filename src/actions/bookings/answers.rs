//! Before the start: a manager approves or declines a request, either side cancels, the clock lets a request expire.

use super::{Act, ActForm, Outcome, facts, free, open, open_as, save};
use crate::actions::holds;
use crate::domain::bookings::{BookingVerb, State, cancel_fee, next};
use crate::domain::refusals::Refusal;
use crate::domain::roles::{Side, Verb};
use crate::store::bookings::Booking;
use crate::store::{self, Tx};

/// 同意: the slot and the hold are kept.
///
/// # Errors
/// `StateConflict` when it is no request, or its time is over.
pub async fn approve(tx: &mut Tx<'_>, act: &Act, form: &ActForm) -> Outcome<Booking> {
    let mut booking = open_as(tx, act, &[Verb::ManageInstruments], &form.booking_id, form.version).await?;
    let to = next(booking.state, BookingVerb::Approve, &facts(tx, &booking).await?, act.now)?;
    booking.answered_at = Some(act.now);
    save(tx, act, &mut booking, BookingVerb::Approve, to, "").await?;
    Ok(booking)
}

/// 谢绝, with a reason: slot and hold are given back.
///
/// # Errors
/// As [`approve`]; `required` at `reason`.
pub async fn decline(tx: &mut Tx<'_>, act: &Act, form: &ActForm) -> Outcome<Booking> {
    let mut booking = open_as(tx, act, &[Verb::ManageInstruments], &form.booking_id, form.version).await?;
    let reason = form.needed_reason()?;
    booking.answered_at = Some(act.now);
    give_back(tx, act, &mut booking, BookingVerb::Decline, reason).await?;
    Ok(booking)
}

/// 取消, by the enterprise or by a manager, with a reason: slot and hold are given back; the enterprise's own late cancelling of a
/// confirmed booking costs what its policy says.
///
/// # Errors
/// `StateConflict` once it has started; `required` at `reason`.
pub async fn cancel(tx: &mut Tx<'_>, act: &Act, form: &ActForm) -> Outcome<Booking> {
    let mut booking = open_as(tx, act, &[Verb::Book, Verb::ManageInstruments], &form.booking_id, form.version).await?;
    let reason = form.needed_reason()?;
    let policy = store::bookings::find_policy(tx, &booking.policy_id).await?.ok_or(Refusal::NotFound)?;
    let by_enterprise = act.actor.member()?.side == Side::Enterprise;
    booking.cancel_fee_fen = cancel_fee(by_enterprise, booking.state, booking.fee_fen, booking.starts_at, &policy, act.now);
    give_back(tx, act, &mut booking, BookingVerb::Cancel, reason).await?;
    Ok(booking)
}

/// 过期, by the clock: nobody answered.
///
/// # Errors
/// `StateConflict` when it is not due, or no longer a request.
pub async fn expire(tx: &mut Tx<'_>, act: &Act, booking_id: &str) -> Outcome<Booking> {
    let mut booking = open(tx, booking_id, None).await?;
    give_back(tx, act, &mut booking, BookingVerb::Expire, "").await?;
    Ok(booking)
}

/// 未到场, by the clock: what is left of the slot is freed, the hold released.
///
/// # Errors
/// `StateConflict` when it is not due, was used, or is no longer confirmed.
pub async fn miss(tx: &mut Tx<'_>, act: &Act, booking_id: &str) -> Outcome<Booking> {
    let mut booking = open(tx, booking_id, None).await?;
    booking.no_show_at = Some(act.now);
    give_back(tx, act, &mut booking, BookingVerb::MissStart, "").await?;
    Ok(booking)
}

/// One step to an end at which the booking keeps neither time nor voucher.
async fn give_back(tx: &mut Tx<'_>, act: &Act, booking: &mut Booking, verb: BookingVerb, reason: &str) -> Outcome<State> {
    let to = next(booking.state, verb, &facts(tx, booking).await?, act.now)?;
    free(tx, act, booking).await?;
    save(tx, act, booking, verb, to, reason).await?;
    holds::release(tx, act, &booking.id).await?;
    Ok(to)
}
