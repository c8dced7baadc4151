//! Statements (结算单): what the use of a booking cost, confirmed by the customer or by the clock (rules.md sections 3 and 4).
//!
//! Touch order: instrument, booking, then the purse (in `holds`).

use super::bookings::{facts, open, save};
use super::{Act, Outcome, holds};
use crate::base::time::Span;
use crate::domain::bookings::deadlines::confirms_by_itself_at;
use crate::domain::bookings::{BookingVerb, State, actual_fee, next, statement};
use crate::domain::instruments::needed;
use crate::domain::refusals::Refusal;
use crate::domain::spans::covered_seconds;
use crate::store::bookings::Booking;
use crate::store::statements::{Charge, Statement};
use crate::store::{self, AnyConnection, Tx};

/// What a statement says.
#[derive(Debug, Clone, Default)]
pub struct StatementForm {
    /// The fee; `None`: what use and price give.
    pub actual_fen: Option<i64>,
    /// Why it differs from the record, or why there is none.
    pub reason: String,
    /// The booking's version that the client saw.
    pub version: Option<i64>,
}

/// What use and price give for a booking: seconds of recorded use and the fee, `None` without recorded use.
pub async fn computed(conn: &mut AnyConnection, booking: &Booking) -> Outcome<(i64, Option<i64>)> {
    let spans: Vec<Span> = store::usage::list_used_spans(conn, &booking.id).await?;
    let fee = (!spans.is_empty()).then(|| actual_fee(booking.hourly_fen, spans.iter().copied()));
    Ok((covered_seconds(spans), fee))
}

/// Issues a statement, or the next version of it; the hold is adjusted, and the clock for its confirmation starts.
///
/// # Errors
/// `NotFound`; `StateConflict` where the table of states does not allow it; 422 at `actual_fen` or `reason`.
pub async fn issue(tx: &mut Tx<'_>, act: &Act, booking_id: &str, form: &StatementForm) -> Outcome<Booking> {
    let mut booking = open(tx, booking_id, form.version).await?;
    let to = next(booking.state, BookingVerb::IssueStatement, &facts(tx, &booking).await?, act.now)?;
    let (used_seconds, computed_fen) = computed(tx, &booking).await?;
    let actual_fen = statement(form.actual_fen, &form.reason, computed_fen).map_err(|violations| Refusal::Rules { violations, alternatives: Vec::new() })?;
    let reason = form.reason.trim();
    let issued = Statement {
        id: act.id(),
        booking_id: booking_id.to_owned(),
        version: store::statements::count(tx, booking_id).await? + 1,
        actual_fen,
        computed_fen,
        used_seconds,
        reason: reason.to_owned(),
        membership_id: act.actor.membership_id().map(str::to_owned),
        at: act.now,
        disputed_at: None,
        dispute_reason: None,
        confirmed_at: None,
        confirmed_by: None,
    };
    let charges: Vec<_> = charges(&issued, booking.hourly_fen).into_iter().map(|charge| (act.id(), charge)).collect();
    store::statements::insert(tx, &issued, &charges).await?;
    booking.statement_id = Some(issued.id.clone());
    booking.actual_fen = Some(actual_fen);
    booking.confirm_due_at = Some(confirms_by_itself_at(act.now));
    booking.disputed_at = None;
    save(tx, act, &mut booking, BookingVerb::IssueStatement, to, reason).await?;
    holds::settle(tx, act, booking_id, &issued.id, actual_fen).await?;
    Ok(booking)
}

/// The lines of a statement: use at the quoted price, and what it differs by.
fn charges(issued: &Statement, hourly_fen: i64) -> Vec<Charge> {
    let line = |kind: &str, quantity_seconds, unit_price_fen, amount_fen| Charge { kind: kind.to_owned(), quantity_seconds, unit_price_fen, amount_fen };
    let by_use = issued.computed_fen.map(|fen| line("use", issued.used_seconds, hourly_fen, fen));
    let rest = issued.actual_fen - issued.computed_fen.unwrap_or(0);
    let differs = (rest != 0 || by_use.is_none()).then(|| line("adjustment", 0, 0, rest));
    by_use.into_iter().chain(differs).collect()
}

/// The customer confirms: the booking is settled.
///
/// # Errors
/// `NotFound`; `StateConflict` without a statement, with a disputed one, or where the booking is not completed.
pub async fn confirm(tx: &mut Tx<'_>, act: &Act, booking_id: &str, version: Option<i64>) -> Outcome<Booking> {
    let mut booking = open(tx, booking_id, version).await?;
    let to = next(booking.state, BookingVerb::Confirm, &facts(tx, &booking).await?, act.now)?;
    settle(tx, act, &mut booking, BookingVerb::Confirm, to).await?;
    Ok(booking)
}

/// The clock confirms a statement that stood undisputed for ten days.
///
/// # Errors
/// `StateConflict` when it may not, or not yet.
pub async fn confirm_by_time(tx: &mut Tx<'_>, act: &Act, booking_id: &str) -> Outcome<Booking> {
    let mut booking = open(tx, booking_id, None).await?;
    let to = next(booking.state, BookingVerb::ConfirmByTime, &facts(tx, &booking).await?, act.now)?;
    settle(tx, act, &mut booking, BookingVerb::ConfirmByTime, to).await?;
    Ok(booking)
}

async fn settle(tx: &mut Tx<'_>, act: &Act, booking: &mut Booking, verb: BookingVerb, to: State) -> Outcome<()> {
    if let Some(id) = &booking.statement_id {
        store::statements::update_confirmed(tx, id, act.now, act.actor.membership_id()).await?;
    }
    booking.settled_at = Some(act.now);
    booking.confirm_due_at = None;
    save(tx, act, booking, verb, to, "").await
}

/// The customer disputes: the clock stops until a new statement.
///
/// # Errors
/// `NotFound`; `StateConflict` as for [`confirm`]; 422 without a reason.
pub async fn dispute(tx: &mut Tx<'_>, act: &Act, booking_id: &str, reason: &str, version: Option<i64>) -> Outcome<Booking> {
    let mut wrong = Vec::new();
    needed(&mut wrong, "reason", reason, 1000);
    Refusal::unless_empty(wrong)?;
    let mut booking = open(tx, booking_id, version).await?;
    let to = next(booking.state, BookingVerb::Dispute, &facts(tx, &booking).await?, act.now)?;
    if let Some(id) = &booking.statement_id {
        store::statements::update_disputed(tx, id, act.now, reason.trim()).await?;
    }
    booking.disputed_at = Some(act.now);
    booking.confirm_due_at = None;
    save(tx, act, &mut booking, BookingVerb::Dispute, to, reason.trim()).await?;
    Ok(booking)
}
