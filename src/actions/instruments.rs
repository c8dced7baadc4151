//! What an institution does with its instruments: enter, change, publish, suspend, retire; set prices, opening hours and policy.
//!
//! Every verb begins with the touch of the instrument's row. Beside: [`catalogue`] and [`browse`], what is read of instruments; [`import`], rows of tables.

pub mod browse;
pub mod catalogue;
pub mod import;

use serde_json::json;

use super::{Act, Outcome, records};
use crate::base::ids::Id;
use crate::domain::instruments::{Approval, Listing, ListingChange, ListingVerb, OpeningHours, Policy, PolicyChange, Price, State, prices, words};
use crate::domain::refusals::{Refusal, Violation};
use crate::store::instruments::listings::{self, Instrument, NewIds};
use crate::store::instruments::{self, versions};
use crate::store::{self, Tx};

/// Enters an instrument as a draft, with the default policy and opening hours.
///
/// # Errors
/// Everything wrong with the listing; `invalid` at `number` when the institution has it already.
pub async fn create(tx: &mut Tx<'_>, act: &Act, institution_id: &str, listing: &Listing, approval: Option<Approval>) -> Outcome<Id> {
    Refusal::unless_empty(listing.violations())?;
    let ids = NewIds { instrument: act.id(), tenure: act.id(), period: act.id() };
    if listings::find_by_number(tx, institution_id, &listing.number).await?.is_some() {
        return Err(Violation::invalid("number", "duplicate").into());
    }
    listings::insert(tx, &ids, institution_id, listing, act.now).await.map_err(number_taken)?;
    let default = Policy::default();
    let policy = Policy { approval: approval.unwrap_or(default.approval), ..default };
    versions::insert_policy(tx, &act.id(), &ids.instrument, &policy, act.now).await?;
    versions::insert_opening(tx, &act.id(), &ids.instrument, &OpeningHours::default(), act.now).await?;
    write_words(tx, &ids.instrument, institution_id, listing).await?;
    records::audit(tx, act, "instrument.create", "instrument", &ids.instrument, &json!({ "number": listing.number, "name": listing.name })).await?;
    Ok(ids.instrument)
}

fn number_taken(error: store::Error) -> super::Error {
    if listings::is_number_taken(&error) { Violation::invalid("number", "duplicate").into() } else { error.into() }
}

/// Writes the words under which an instrument is found.
async fn write_words(tx: &mut Tx<'_>, id: &str, institution_id: &str, listing: &Listing) -> Outcome<()> {
    let institution = store::organisations::find(tx, institution_id).await?.map(|party| party.name).unwrap_or_default();
    listings::replace_words(tx, id, &words::index(listing, &institution)).await?;
    Ok(())
}

/// Locks an instrument of one's own institution and gives it as it is now.
///
/// # Errors
/// `NotFound` when it is none of the institution's; `StateConflict` for a stale version.
async fn own(tx: &mut Tx<'_>, institution_id: &str, id: &str, version: Option<i64>) -> Outcome<Instrument> {
    instruments::lock(tx, id).await?;
    let instrument = listings::find(tx, id).await?.filter(|instrument| instrument.institution_id == institution_id).ok_or(Refusal::NotFound)?;
    if version.is_some_and(|seen| seen != instrument.version) {
        return Err(Refusal::StateConflict("stale").into());
    }
    Ok(instrument)
}

/// As [`own`], but a retired one cannot be changed any more.
async fn own_changeable(tx: &mut Tx<'_>, institution_id: &str, id: &str, version: Option<i64>) -> Outcome<Instrument> {
    let instrument = own(tx, institution_id, id, version).await?;
    if instrument.state == State::Retired { Err(Refusal::StateConflict("state").into()) } else { Ok(instrument) }
}

/// Changes what a listing says; gives whether anything changed.
///
/// # Errors
/// As [`create`]; `NotFound`; `StateConflict` once retired.
pub async fn change(tx: &mut Tx<'_>, act: &Act, institution_id: &str, id: &str, change: &ListingChange) -> Outcome<bool> {
    let before = own_changeable(tx, institution_id, id, change.version).await?;
    let listing = change.over(before.listing());
    Refusal::unless_empty(listing.violations())?;
    let mut changed = false;
    if listing != before.listing() {
        if listing.number != before.number && listings::find_by_number(tx, institution_id, &listing.number).await?.is_some() {
            return Err(Violation::invalid("number", "duplicate").into());
        }
        listings::update(tx, id, &listing, act.now).await.map_err(number_taken)?;
        write_words(tx, id, institution_id, &listing).await?;
        records::audit(tx, act, "instrument.change", "instrument", id, &json!({ "number": listing.number, "name": listing.name })).await?;
        changed = true;
    }
    if let Some(approval) = change.approval {
        changed |= put_policy(tx, act, id, |policy| Policy { approval, ..policy }).await?;
    }
    Ok(changed)
}

/// Publishes, suspends or retires a listing.
///
/// # Errors
/// `NotFound`; `StateConflict` when its state does not allow it, the version is stale, or live bookings remain.
pub async fn move_listing(tx: &mut Tx<'_>, act: &Act, institution_id: &str, id: &str, verb: ListingVerb, version: Option<i64>) -> Outcome<State> {
    let before = own(tx, institution_id, id, version).await?;
    let live = verb == ListingVerb::Retire && listings::has_live_bookings(tx, id).await?;
    let to = before.state.after(verb, live)?;
    listings::update_state(tx, &act.id(), id, (before.state, to), act.now, act.actor.membership_id()).await?;
    records::audit(tx, act, "instrument.move", "instrument", id, &json!({ "from": before.state, "to": to })).await?;
    Ok(to)
}

/// Puts prices in force in place of those that stand; the same ones again change nothing.
///
/// # Errors
/// Everything wrong with them at `items[i]`; `NotFound`; `StateConflict` once retired.
pub async fn set_prices(tx: &mut Tx<'_>, act: &Act, institution_id: &str, id: &str, items: &[Price]) -> Outcome<()> {
    own_changeable(tx, institution_id, id, None).await?;
    Refusal::unless_empty(prices::violations(items))?;
    let before: Vec<Price> = versions::list_prices(tx, id).await?.into_iter().map(|(_, price)| price).collect();
    if before == items {
        return Ok(());
    }
    versions::update_prices_closed(tx, id, act.now).await?;
    for (position, price) in (0..).zip(items) {
        versions::insert_price(tx, &act.id(), id, position, price, act.now).await?;
    }
    listings::update_version(tx, id, act.now).await?;
    records::audit(tx, act, "instrument.prices", "instrument", id, &json!({ "items": items })).await
}

/// Puts opening hours in force; the same ones again change nothing.
///
/// # Errors
/// `NotFound`; `StateConflict` once retired.
pub async fn set_opening(tx: &mut Tx<'_>, act: &Act, institution_id: &str, id: &str, opening: &OpeningHours) -> Outcome<()> {
    own_changeable(tx, institution_id, id, None).await?;
    if versions::find_opening(tx, id).await?.as_ref() == Some(opening) {
        return Ok(());
    }
    versions::insert_opening(tx, &act.id(), id, opening, act.now).await?;
    listings::update_version(tx, id, act.now).await?;
    records::audit(tx, act, "instrument.opening_hours", "instrument", id, &json!({ "items": opening.items(), "holidays": opening.holidays })).await
}

/// Puts a changed policy in force; the same one again changes nothing.
///
/// # Errors
/// Everything wrong with it; `NotFound`; `StateConflict` once retired.
pub async fn set_policy(tx: &mut Tx<'_>, act: &Act, institution_id: &str, id: &str, change: &PolicyChange) -> Outcome<()> {
    own_changeable(tx, institution_id, id, None).await?;
    put_policy(tx, act, id, |policy| change.over(policy)).await?;
    Ok(())
}

async fn put_policy(tx: &mut Tx<'_>, act: &Act, id: &str, over: impl Fn(Policy) -> Policy) -> Outcome<bool> {
    let before = versions::find_policy(tx, id).await?.unwrap_or_default();
    let policy = over(before);
    Refusal::unless_empty(policy.violations())?;
    if policy == before {
        return Ok(false);
    }
    versions::insert_policy(tx, &act.id(), id, &policy, act.now).await?;
    listings::update_version(tx, id, act.now).await?;
    records::audit(tx, act, "instrument.policy", "instrument", id, &json!(policy)).await?;
    Ok(true)
}
