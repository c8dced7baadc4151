//! 预约: slot and voucher hold in one transaction, or neither.

use super::{Act, Outcome, trail};
use crate::actions::quotes::{Quote, QuoteForm, Seen};
use crate::actions::{Error, holds, slots};
use crate::domain::actors::Member;
use crate::domain::bookings::{BookingVerb, State, deadlines};
use crate::domain::instruments::{Approval, limited, needed};
use crate::domain::refusals::{Refusal, Violation};
use crate::domain::roles::Verb;
use crate::domain::slots::SlotKind;
use crate::domain::vouchers::VoucherChoice;
use crate::store::bookings::Booking;
use crate::store::slots::NewSlot;
use crate::store::{self, Tx};

/// What an enterprise wants to book.
#[derive(Debug, Clone)]
pub struct BookForm {
    /// Instrument, time, way of use, voucher, kind of purpose.
    pub quote: QuoteForm,
    /// What for, in words.
    pub purpose: String,
    /// Whether it is confidential (保密).
    pub confidential: bool,
    /// A note to the institution, may be empty.
    pub note: String,
}

/// The longest purpose and the longest note, in characters.
pub const MOST_TEXT: usize = 2000;
/// How often a code that is taken is drawn again: with a billion codes, the second draw is rare.
const DRAWS: usize = 8;

/// Books time: judged by every rule, at the price of this moment; slot, hold, booking, history, notices and audit record together.
/// Gives the booking and what is held for it.
///
/// # Errors
/// Every broken rule with up to three alternatives; `slot_taken` alone is 409.
pub async fn book(tx: &mut Tx<'_>, act: &Act, form: &BookForm) -> Outcome<(Booking, i64)> {
    let member = act.actor.require(Verb::Book)?;
    store::instruments::lock(tx, &form.quote.instrument_id).await?;
    let mut wrong = Vec::new();
    needed(&mut wrong, "purpose", &form.purpose, MOST_TEXT);
    limited(&mut wrong, "note", &form.note, MOST_TEXT);
    let seen = match Seen::load(tx, act.now, member, &form.quote).await {
        Err(Error::Refused(Refusal::Rules { violations, .. })) => {
            return Err(Refusal::Rules { violations: wrong.into_iter().chain(violations).collect(), alternatives: Vec::new() }.into());
        }
        other => other?,
    };
    let wish = seen.wish(member, &form.quote);
    let offer = if form.quote.voucher == VoucherChoice::None {
        holds::Offer::default()
    } else {
        holds::lock(tx, &wish).await?;
        holds::offer(tx, act.now, &wish).await?
    };
    let quote = seen.conclude(act.now, &form.quote, offer);
    wrong.extend(quote.violations.iter().cloned());
    if !wrong.is_empty() {
        return Err(Refusal::Rules { violations: wrong, alternatives: quote.alternatives }.into());
    }
    let slot_id = take_slot(tx, act, form, member).await?;
    let booking = insert(tx, act, drawn(act, member, form, &seen, &quote, slot_id)?).await?;
    if form.quote.voucher != VoucherChoice::None {
        holds::put(tx, act, &booking.id, &wish, &quote.offer).await?;
    }
    trail(tx, act, &booking, BookingVerb::Book, None, "").await?;
    Ok((booking, quote.voucher_fen))
}

async fn take_slot(tx: &mut Tx<'_>, act: &Act, form: &BookForm, member: &Member) -> Outcome<String> {
    let (id, span_id) = (act.id(), act.id());
    let slot = NewSlot {
        id: &id,
        span_id: &span_id,
        instrument_id: &form.quote.instrument_id,
        kind: SlotKind::Booking,
        span: form.quote.span,
        note: "",
        membership_id: Some(&member.membership_id),
    };
    store::slots::insert(tx, &slot, act.now).await.map_err(slots::taken)?;
    Ok(id)
}

/// The row as it will be stored.
fn drawn(act: &Act, member: &Member, form: &BookForm, seen: &Seen, quote: &Quote, slot_id: String) -> Outcome<Booking> {
    let (standing, span) = (&seen.standing, form.quote.span);
    // Judged before: without a price nothing is booked.
    let (price_id, price) = quote.price.clone().ok_or_else(|| Refusal::one(Violation::new("no_price", "mode")))?;
    let waits = standing.policy.approval == Approval::Manager;
    Ok(Booking {
        id: act.id(),
        code: act.dice.code("YQ"),
        customer_id: member.organisation_id.clone(),
        placed_by: member.membership_id.clone(),
        instrument_id: standing.id.clone(),
        institution_id: standing.institution_id.clone(),
        mode: form.quote.mode,
        state: if waits { State::Requested } else { State::Confirmed },
        version: 1,
        starts_at: span.starts_at,
        ends_at: span.ends_at,
        slot_id: Some(slot_id),
        price_id,
        policy_id: standing.policy_id.clone(),
        hourly_fen: price.amount_fen,
        fee_fen: quote.fee_fen,
        voucher: form.quote.voucher,
        ineligible: quote.offer.ineligible,
        purpose: form.purpose.trim().to_owned(),
        purpose_kind: form.quote.purpose_kind,
        note: form.note.trim().to_owned(),
        confidential_at: form.confidential.then_some(act.now),
        created_at: act.now,
        answer_due_at: waits.then(|| deadlines::answer_due_at(act.now, span.starts_at, &standing.policy, &seen.calendar)),
        answered_at: None,
        checked_in_at: None,
        checked_out_at: None,
        statement_id: None,
        actual_fen: None,
        confirm_due_at: None,
        disputed_at: None,
        settled_at: None,
        no_show_at: None,
        cancel_fee_fen: 0,
        override_reason: None,
    })
}

/// Inserts the row, with another code where its own is taken.
async fn insert(tx: &mut Tx<'_>, act: &Act, mut booking: Booking) -> Outcome<Booking> {
    for _ in 0..DRAWS {
        if store::bookings::insert(tx, &booking).await? {
            return Ok(booking);
        }
        booking.code = act.dice.code("YQ");
    }
    Err(Error::Failed("no free booking code".to_owned()))
}
