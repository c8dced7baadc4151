//! Holds (冻结): what a booking takes of a voucher, gives back, and settles at. The only way in which other actions touch purses.
//!
//! Whoever calls these has touched the booking before; the purse is touched here. Claims move what is held in `claims`.

use sqlx::AnyConnection;

use super::{Act, Error, Outcome, purses};
use crate::base::ids::Id;
use crate::base::time::Instant;
use crate::domain::refusals::{Refusal, Violation};
use crate::domain::vouchers::{Ineligible, PurposeKind, Purse, Terms, VoucherChoice, eligibility, hold, may_draw, settled_hold};
use crate::store::holds::{Ground, Hold};
use crate::store::purses::PurseRow;
use crate::store::{self, Tx};

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

/// The bureau responsible for the region of an organisation.
pub async fn bureau_of(conn: &mut AnyConnection, organisation_id: &str) -> Outcome<Option<Id>> {
    let Some(party) = store::organisations::find(conn, organisation_id).await? else { return Ok(None) };
    Ok(store::organisations::find_bureau_of_region(conn, &party.region_code).await?.map(|bureau| bureau.id))
}

/// Touches the purses from which the wish could draw, so that two bookings never race for their last yuan. Harmless without one.
pub async fn lock(tx: &mut Tx<'_>, wish: &Wish) -> Outcome<()> {
    if wish.choice != VoucherChoice::None {
        store::purses::lock_of_year(tx, &wish.enterprise_id, wish.starts_at.day().year()).await?;
    }
    Ok(())
}

/// What the voucher would pay for a wish: the programme of the local year of its start, of the bureau responsible for the enterprise's
/// region, under the terms in force today. Reads only.
pub async fn offer(conn: &mut AnyConnection, now: Instant, wish: &Wish) -> Outcome<Offer> {
    let starts_on = wish.starts_at.day();
    let ground = store::holds::find_ground(conn, &wish.enterprise_id, &wish.institution_id, starts_on, now.day()).await?;
    let terms = ground.as_ref().map(Ground::terms);
    let same = wish.enterprise_id == wish.institution_id;
    let ineligible = match &ground {
        Some(ground) => eligibility(&ground.eligibility(wish.purpose_kind, starts_on, same, wish.published)),
        None => Some(Ineligible::NoProgramme),
    };
    let available_fen = ground.as_ref().and_then(|g| g.available_fen).unwrap_or(0);
    let held = hold(wish.choice, ineligible, terms.as_ref(), wish.fee_fen, available_fen);
    let (purse_id, programme_version_id) = ground.map_or((None, None), |g| (g.purse_id, Some(g.version_id)));
    Ok(Offer {
        purse_id,
        programme_version_id,
        terms,
        ineligible,
        share_fen: terms.map_or(0, |terms| terms.share(wish.fee_fen)),
        available_fen,
        held_fen: *held.as_ref().unwrap_or(&0),
        violation: held.err(),
    })
}

/// Takes the hold of a new booking (its row is there already) as offered: hold row, movement, purse. A booking that may draw keeps a hold
/// of nothing too, so that it can grow at the statement.
pub async fn put(tx: &mut Tx<'_>, act: &Act, booking_id: &str, wish: &Wish, offer: &Offer) -> Outcome<()> {
    let Some(version_id) = &offer.programme_version_id else { return Ok(()) };
    if !may_draw(wish.choice, offer.ineligible) {
        return Ok(());
    }
    // Touched by `lock` before the offer was made; the CHECKs have the last word.
    let purse_id = match &offer.purse_id {
        Some(purse_id) => purse_id.clone(),
        None => empty_purse(tx, act, version_id, &wish.enterprise_id).await?.id,
    };
    let hold = Hold {
        booking_id: booking_id.to_owned(),
        purse_id: purse_id.clone(),
        programme_version_id: version_id.clone(),
        drawn_on: wish.starts_at.day(),
        amount_fen: offer.held_fen,
    };
    store::holds::insert(tx, &hold).await?;
    if offer.held_fen == 0 {
        return Ok(());
    }
    let mut purse = Purse { available_fen: offer.available_fen, granted_fen: offer.available_fen, ..Purse::default() };
    match purses::apply(tx, act, &purse_id, purse.hold(offer.held_fen), "booking", booking_id).await {
        // The first grant came between touch and offer, and somebody else took it: the booking may be tried again.
        Err(Error::Store(error)) if error.broke("purses_available") => Err(Refusal::StateConflict("stale").into()),
        done => done,
    }
}

/// The purse of an enterprise to which nothing was granted yet: its hold of nothing may grow once there is a grant.
async fn empty_purse(tx: &mut Tx<'_>, act: &Act, version_id: &str, enterprise_id: &str) -> Outcome<PurseRow> {
    let version = store::programmes::find_version(tx, version_id).await?.ok_or_else(|| Error::Failed("an offer without terms".to_owned()))?;
    store::purses::insert(tx, &act.id(), &version.programme_id, enterprise_id, act.now).await?;
    store::purses::lock_of(tx, &version.programme_id, enterprise_id).await?.ok_or_else(|| Error::Failed("no purse".to_owned()))
}

/// Gives a booking's hold back whole; gives what was released.
pub async fn release(tx: &mut Tx<'_>, act: &Act, booking_id: &str) -> Outcome<i64> {
    let Some((hold, row)) = locked(tx, booking_id).await? else { return Ok(0) };
    if hold.amount_fen == 0 {
        return Ok(0);
    }
    store::holds::update_amount(tx, booking_id, 0).await?;
    purses::apply(tx, act, &hold.purse_id, row.purse().release(hold.amount_fen), "booking", booking_id).await?;
    Ok(hold.amount_fen)
}

/// Takes a released hold again as far as available (a no-show undone); gives what is held now.
pub async fn retake(tx: &mut Tx<'_>, act: &Act, booking_id: &str) -> Outcome<i64> {
    let Some((hold, row)) = locked(tx, booking_id).await? else { return Ok(0) };
    if hold.amount_fen > 0 {
        return Ok(hold.amount_fen);
    }
    // What it held before, not the full share: a hold grows at the statement and never by itself.
    let amount_fen = store::purses::find_last_release(tx, &hold.purse_id, booking_id).await?.min(row.available_fen);
    store::holds::update_amount(tx, booking_id, amount_fen).await?;
    purses::apply(tx, act, &hold.purse_id, row.purse().hold(amount_fen), "booking", booking_id).await?;
    Ok(amount_fen)
}

/// Adjusts a booking's hold to its statement (rules.md section 4, settle); gives what is held now.
pub async fn settle(tx: &mut Tx<'_>, act: &Act, booking_id: &str, statement_id: &str, actual_fen: i64) -> Outcome<i64> {
    let Some((hold, row)) = locked(tx, booking_id).await? else { return Ok(0) };
    let version = store::programmes::find_version(tx, &hold.programme_version_id).await?.ok_or_else(|| Error::Failed("a hold without terms".to_owned()))?;
    let amount_fen = settled_hold(true, &version.terms(), actual_fen, hold.amount_fen, row.available_fen);
    store::holds::update_amount(tx, booking_id, amount_fen).await?;
    purses::apply(tx, act, &hold.purse_id, row.purse().adjust(hold.amount_fen, amount_fen), "statement", statement_id).await?;
    Ok(amount_fen)
}

/// What is held for a booking now.
pub async fn held(conn: &mut AnyConnection, booking_id: &str) -> Outcome<i64> {
    Ok(store::holds::find(conn, booking_id).await?.map_or(0, |hold| hold.amount_fen))
}

/// A booking's hold with its purse, touched. The hold is read again behind the touch: lapse changes holds under the purse alone.
async fn locked(tx: &mut Tx<'_>, booking_id: &str) -> Outcome<Option<(Hold, PurseRow)>> {
    let Some(hold) = store::holds::find(tx, booking_id).await? else { return Ok(None) };
    let row = purses::lock(tx, &hold.purse_id).await?;
    let hold = store::holds::find(tx, booking_id).await?.ok_or_else(|| Error::Failed("a hold is gone".to_owned()))?;
    Ok(Some((hold, row)))
}
