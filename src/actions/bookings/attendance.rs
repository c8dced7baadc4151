//! From the start on: check in, check out, the end of a use by the clock, and a no-show undone.

use super::{Act, ActForm, Outcome, facts, free, open, open_as, save};
use crate::actions::{holds, usage};
use crate::base::time::Span;
use crate::domain::bookings::{BookingVerb, deadlines, next};
use crate::domain::roles::{Side, Verb};
use crate::store::bookings::Booking;
use crate::store::{self, Tx};

/// 签到上机, by the enterprise or by staff: from 30 minutes before the start to the end.
///
/// # Errors
/// `StateConflict` too early, too late, or when it is not confirmed.
pub async fn check_in(tx: &mut Tx<'_>, act: &Act, form: &ActForm) -> Outcome<Booking> {
    let mut booking = open_as(tx, act, &[Verb::Book, Verb::RunInstruments], &form.booking_id, form.version).await?;
    let to = next(booking.state, BookingVerb::CheckIn, &facts(tx, &booking).await?, act.now)?;
    booking.checked_in_at = Some(act.now);
    save(tx, act, &mut booking, BookingVerb::CheckIn, to, "").await?;
    Ok(booking)
}

/// 签退: the use is recorded as the segment `checkin:CODE`, and the slot ends with it when that is earlier.
///
/// # Errors
/// `StateConflict` when it is not in use.
pub async fn check_out(tx: &mut Tx<'_>, act: &Act, form: &ActForm) -> Outcome<Booking> {
    let mut booking = open_as(tx, act, &[Verb::Book, Verb::RunInstruments], &form.booking_id, form.version).await?;
    let to = next(booking.state, BookingVerb::CheckOut, &facts(tx, &booking).await?, act.now)?;
    booking.checked_out_at = Some(act.now);
    match (deadlines::slot_after(booking.span(), act.now), booking.slot_id.clone()) {
        (Some(left), Some(slot_id)) => {
            store::slots::update_ended(tx, &slot_id, left.ends_at).await?;
        }
        _ => free(tx, act, &mut booking).await?,
    }
    save(tx, act, &mut booking, BookingVerb::CheckOut, to, "").await?;
    let used = Span::new(booking.checked_in_at.unwrap_or(act.now), act.now);
    // Somebody who checks in and out within a second has used nothing.
    if used.seconds() > 0 {
        let by_booker = act.actor.member()?.side == Side::Enterprise;
        usage::record_check_out(tx, act, &booking, used, by_booker).await?;
    }
    Ok(booking)
}

/// The clock, an hour after the end: nobody has checked out. No segment is written: the booking stands on the lab's list of missing use.
///
/// # Errors
/// `StateConflict` when it is not due, or no longer in use.
pub async fn end_use(tx: &mut Tx<'_>, act: &Act, booking_id: &str) -> Outcome<Booking> {
    let mut booking = open(tx, booking_id, None).await?;
    let to = next(booking.state, BookingVerb::EndUse, &facts(tx, &booking).await?, act.now)?;
    save(tx, act, &mut booking, BookingVerb::EndUse, to, "").await?;
    Ok(booking)
}

/// 撤销未到场, by a manager, with a reason, within ten working days: completed, without slot; the hold is taken again as far as available.
///
/// # Errors
/// `StateConflict` when it is no no-show, or too late; `required` at `reason`.
pub async fn undo_no_show(tx: &mut Tx<'_>, act: &Act, form: &ActForm) -> Outcome<Booking> {
    let mut booking = open_as(tx, act, &[Verb::ManageInstruments], &form.booking_id, form.version).await?;
    let reason = form.needed_reason()?;
    let to = next(booking.state, BookingVerb::UndoNoShow, &facts(tx, &booking).await?, act.now)?;
    save(tx, act, &mut booking, BookingVerb::UndoNoShow, to, reason).await?;
    holds::retake(tx, act, &booking.id).await?;
    Ok(booking)
}
