//! What is done with a booking. Here: the one step that every change of state takes, and what the state table must know.
//! Beside: `book`, `answers` (approve, decline, cancel), `attendance` (check in, check out, undo a no-show), `due` (the clock).
//!
//! Touch order: instrument, then booking, then purse. [`open`] does the first two.

pub mod answers;
pub mod attendance;
pub mod book;
pub mod due;

use serde_json::json;

use super::{Act, Error, Outcome, holds, records};
use crate::base::time::Instant;
use crate::domain::bookings::{BookingVerb, Facts, Issued, State, deadlines, next};
use crate::domain::instruments::needed;
use crate::domain::refusals::Refusal;
use crate::domain::roles::{Role, Side, Verb};
use crate::store::bookings::Booking;
use crate::store::bookings::history::{Event, insert};
use crate::store::outbox::Recipients;
use crate::store::{self, AnyConnection, Tx};

/// Takes one step of the state table: writes the new state, raises `version`, adds the event to the history, tells both parties and writes
/// the audit record. `booking` is the locked row, and is changed to what is stored. Everything else that the step changes
/// (instants, slot, hold) is the caller's, before or after it in the same transaction.
///
/// # Errors
/// `StateConflict("stale")` when the row is not at the version of `booking`.
pub async fn step(tx: &mut Tx<'_>, act: &Act, booking: &mut Booking, verb: BookingVerb, to: State, reason: &str) -> Outcome<()> {
    let from = booking.state;
    *booking = store::bookings::update_state(tx, &booking.id, booking.version, to).await?.ok_or(Refusal::StateConflict("stale"))?;
    trail(tx, act, booking, verb, Some(from), reason).await
}

/// As [`step`], but stores whatever else was changed in `booking` too, in one statement.
pub(super) async fn save(tx: &mut Tx<'_>, act: &Act, booking: &mut Booking, verb: BookingVerb, to: State, reason: &str) -> Outcome<()> {
    let from = booking.state;
    booking.state = to;
    if !store::bookings::update(tx, booking).await? {
        return Err(Refusal::StateConflict("stale").into());
    }
    booking.version += 1;
    trail(tx, act, booking, verb, Some(from), reason).await
}

/// What every change leaves behind: the event, the notices and the audit record.
async fn trail(tx: &mut Tx<'_>, act: &Act, booking: &Booking, verb: BookingVerb, from: Option<State>, reason: &str) -> Outcome<()> {
    let event = Event {
        booking_id: &booking.id,
        version: booking.version,
        at: act.now,
        verb,
        from_state: from,
        to_state: booking.state,
        reason,
        membership_id: act.actor.membership_id(),
        job: act.actor.job(),
    };
    insert(tx, &event).await?;
    // Money is finance's business too.
    let money = matches!(verb, BookingVerb::IssueStatement | BookingVerb::Dispute | BookingVerb::Confirm | BookingVerb::ConfirmByTime);
    let customer: &[Role] = if money { &[Role::Admin, Role::Finance] } else { &[Role::Admin] };
    let institution: &[Role] = if money { &[Role::Admin, Role::Manager, Role::Finance] } else { &[Role::Admin, Role::Manager] };
    let recipients = [
        Recipients { organisation_id: &booking.customer_id, side: Side::Enterprise, roles: customer, membership_id: Some(&booking.placed_by) },
        Recipients { organisation_id: &booking.institution_id, side: Side::Institution, roles: institution, membership_id: None },
    ];
    // Neither purpose nor note: mails leave the house.
    let told = json!({ "code": booking.code, "state": booking.state, "verb": verb, "reason": reason });
    let name = format!("booking.{verb}");
    records::notify_all(tx, act, &name, ("booking", &booking.id, booking.version), &recipients, &told).await?;
    let facts = json!({ "from": from, "to": booking.state, "version": booking.version, "reason": reason });
    records::audit(tx, act, &name, "booking", &booking.id, &facts).await
}

/// Touches a booking's instrument and then the booking, and gives it as it is now.
///
/// # Errors
/// `NotFound`; `StateConflict("stale")` when it is not at the version that the client saw.
pub async fn open(tx: &mut Tx<'_>, id: &str, version: Option<i64>) -> Outcome<Booking> {
    at_version(touch(tx, id).await?, version)
}

async fn touch(tx: &mut Tx<'_>, id: &str) -> Outcome<Booking> {
    let seen = store::bookings::find(tx, id).await?.ok_or(Refusal::NotFound)?;
    store::instruments::lock(tx, &seen.instrument_id).await?;
    Ok(store::bookings::lock(tx, id).await?.ok_or(Refusal::NotFound)?)
}

fn at_version(booking: Booking, version: Option<i64>) -> Outcome<Booking> {
    if version.is_some_and(|version| version != booking.version) { Err(Refusal::StateConflict("stale").into()) } else { Ok(booking) }
}

/// As [`open`], for a member who may do one of `verbs` and to whom the booking belongs.
///
/// # Errors
/// `Forbidden`, `NotFound`, and as [`open`].
pub async fn open_as(tx: &mut Tx<'_>, act: &Act, verbs: &[Verb], id: &str, version: Option<i64>) -> Outcome<Booking> {
    let member = act.actor.member()?;
    if !verbs.iter().any(|verb| member.may(*verb)) {
        return Err(Refusal::Forbidden.into());
    }
    let booking = touch(tx, id).await?;
    // Whose it is comes before its version: a stranger learns nothing, not even that it has changed.
    if booking.parties().side_of(member).is_none() {
        return Err(Refusal::NotFound.into());
    }
    at_version(booking, version)
}

/// What a person says about a booking that is there.
#[derive(Debug, Clone, Default)]
pub struct ActForm {
    /// The booking.
    pub booking_id: String,
    /// Why; empty where no reason is asked for.
    pub reason: String,
    /// The version that the person saw; a stale one is refused.
    pub version: Option<i64>,
}

impl ActForm {
    /// The reason, when it says something and is not too long.
    ///
    /// # Errors
    /// `required` or `invalid` at `reason`.
    pub fn needed_reason(&self) -> Outcome<&str> {
        let mut found = Vec::new();
        needed(&mut found, "reason", &self.reason, MOST_REASON);
        Refusal::unless_empty(found)?;
        Ok(self.reason.trim())
    }
}

/// The longest reason, in characters.
pub const MOST_REASON: usize = 1000;

/// What the state table must know of a booking.
///
/// # Errors
/// When its policy is gone, which the schema does not allow.
pub async fn facts(conn: &mut AnyConnection, booking: &Booking) -> Outcome<Facts> {
    let policy = store::bookings::find_policy(conn, &booking.policy_id).await?.ok_or_else(|| Error::Failed(format!("no policy {}", booking.policy_id)))?;
    let used = booking.checked_in_at.is_some() || !store::usage::list_used_spans(conn, &booking.id).await?.is_empty();
    let undo_until = match booking.no_show_at.filter(|_| booking.state == State::NoShow) {
        Some(missed_at) => Some(undo_until(conn, missed_at).await?),
        None => None,
    };
    let statement = match &booking.statement_id {
        Some(id) => store::bookings::history::find_statement(conn, id).await?,
        None => None,
    };
    Ok(Facts {
        span: booking.span(),
        answer_due_at: booking.answer_due_at,
        no_show_at: deadlines::no_show_at(booking.starts_at, &policy),
        undo_until,
        used,
        statement: statement.map(|s| Issued { issued_at: s.at, disputed: s.disputed_at.is_some() }),
    })
}

/// The instant before which a no-show found at `missed_at` can be undone.
async fn undo_until(conn: &mut AnyConnection, missed_at: Instant) -> Outcome<Instant> {
    let day = missed_at.day();
    // Ten working days lie within two months, whatever the holidays.
    let calendar = store::calendar::load(conn, day, day.plus(60)).await?;
    Ok(deadlines::undo_until(missed_at, &calendar))
}

/// Frees the booking's slot whole; its row keeps when.
async fn free(tx: &mut Tx<'_>, act: &Act, booking: &mut Booking) -> Outcome<()> {
    if let Some(slot_id) = booking.slot_id.take() {
        // The booking lets go of the slot in `save`; until then it points at a freed one, which the schema allows.
        store::slots::update_freed(tx, &slot_id, act.now).await?;
    }
    Ok(())
}

/// Keeps who of the institution looked at a confidential booking; of others nothing is kept.
pub async fn looked_at(tx: &mut Tx<'_>, act: &Act, booking_id: &str) -> Outcome<()> {
    records::audit(tx, act, "booking.read", "booking", booking_id, &json!({})).await
}

/// A live segment carries the code of a no-show: it becomes `completed`, without slot, and its hold is taken again as far as available
/// (rules.md section 3). Any other state is left alone. The instrument's row was touched before.
pub async fn use_arrived(tx: &mut Tx<'_>, act: &Act, booking_id: &str) -> Outcome<()> {
    let Some(mut booking) = store::bookings::lock(tx, booking_id).await? else { return Ok(()) };
    if booking.state != State::NoShow {
        return Ok(());
    }
    let facts = facts(tx, &booking).await?;
    let to = next(booking.state, BookingVerb::RecordUse, &facts, act.now)?;
    free(tx, act, &mut booking).await?;
    save(tx, act, &mut booking, BookingVerb::RecordUse, to, "").await?;
    holds::retake(tx, act, booking_id).await?;
    Ok(())
}
