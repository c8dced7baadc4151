//! Slots that staff make and remove by hand: 维护, 故障, 停机, 校内使用. Bookings take theirs in `bookings::book`.

use super::{Act, Error, Outcome, records};
use crate::base::time::Span;
use crate::domain::instruments::State;
use crate::domain::refusals::{Refusal, Violation};
use crate::domain::roles::Verb;
use crate::domain::slots::{SlotKind, violations};
use crate::store::slots::{GUARD, NewSlot, SlotLine};
use crate::store::{self, Tx};

/// A slot that staff want to make.
#[derive(Debug, Clone)]
pub struct SlotForm {
    /// The instrument.
    pub instrument_id: String,
    /// What takes the time.
    pub kind: SlotKind,
    /// When.
    pub span: Span,
    /// For the owner's staff, may be empty.
    pub note: String,
}

/// Takes an instrument's time for something else than a booking.
///
/// # Errors
/// `slot_taken` alone, which is 409, over any live slot; `NotFound` for an instrument of others; what is wrong with the form.
pub async fn make(tx: &mut Tx<'_>, act: &Act, form: &SlotForm) -> Outcome<SlotLine> {
    let member = act.actor.require(Verb::RunInstruments)?;
    own(tx, act, &form.instrument_id).await?;
    let standing = store::instruments::find_standing(tx, &form.instrument_id).await?.ok_or(Refusal::NotFound)?;
    if standing.state == State::Retired {
        return Err(Refusal::StateConflict("state").into());
    }
    Refusal::unless_empty(violations(form.kind, form.span, &form.note))?;
    if let Some(taken) = store::slots::list_taken(tx, &form.instrument_id, form.span).await?.first() {
        let violation = Violation::new("slot_taken", "starts_at").with("taken_starts_at", taken.starts_at).with("taken_ends_at", taken.ends_at);
        return Err(violation.with("buffer", "none").with("buffer_minutes", 0).into());
    }
    let (id, span_id) = (act.id(), act.id());
    let slot = NewSlot {
        id: &id,
        span_id: &span_id,
        instrument_id: &form.instrument_id,
        kind: form.kind,
        span: form.span,
        note: form.note.trim(),
        membership_id: Some(&member.membership_id),
    };
    store::slots::insert(tx, &slot, act.now).await.map_err(taken)?;
    let facts = serde_json::json!({ "instrument": form.instrument_id, "kind": form.kind, "starts_at": form.span.starts_at, "ends_at": form.span.ends_at });
    records::audit(tx, act, "slot.make", "slot", &id, &facts).await?;
    Ok(store::slots::find(tx, &id).await?.ok_or(Refusal::NotFound)?)
}

/// Frees a slot that staff made.
///
/// # Errors
/// `NotFound` for a slot of another instrument or an instrument of others; `StateConflict` for a booking's, which is cancelled instead.
pub async fn remove(tx: &mut Tx<'_>, act: &Act, instrument_id: &str, slot_id: &str) -> Outcome<()> {
    act.actor.require(Verb::RunInstruments)?;
    own(tx, act, instrument_id).await?;
    let slot = store::slots::find(tx, slot_id).await?.filter(|slot| slot.instrument_id == instrument_id).ok_or(Refusal::NotFound)?;
    if !slot.kind.is_made_by_staff() {
        return Err(Refusal::StateConflict("not_by_hand").into());
    }
    store::slots::update_freed(tx, slot_id, act.now).await?;
    let facts = serde_json::json!({ "instrument": instrument_id, "kind": slot.kind, "starts_at": slot.starts_at, "ends_at": slot.ends_at });
    records::audit(tx, act, "slot.remove", "slot", slot_id, &facts).await
}

/// Touches an instrument of the member's own institution.
async fn own(tx: &mut Tx<'_>, act: &Act, instrument_id: &str) -> Outcome<()> {
    let there = store::instruments::lock(tx, instrument_id).await?;
    let owner = store::instruments::find_owner(tx, instrument_id).await?;
    if there && owner.as_deref() == Some(act.actor.member()?.organisation_id.as_str()) { Ok(()) } else { Err(Refusal::NotFound.into()) }
}

/// The guard's word as a refusal; any other failure as it is.
pub(super) fn taken(error: store::Error) -> Error {
    if error.broke(GUARD) { Violation::new("slot_taken", "starts_at").into() } else { error.into() }
}
