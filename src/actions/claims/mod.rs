//! Claims (兑付申请): filed and amended by enterprises, decided by the bureau, paid, clawed back.
//!
//! [`filing`] begins one, [`answers`] are the enterprise's later steps, [`review`] the bureau's decisions, [`payment`] what follows them.
//! Every step goes through `record`. Touch order: booking, purse, claim, programme.

pub mod answers;
pub mod desk;
pub mod filing;
pub mod payment;
pub mod review;

use sqlx::AnyConnection;

use super::{Act, Error, Outcome, purses, records};
use crate::base::time::Instant;
use crate::domain::actors::Member;
use crate::domain::claims::{FourEyes, State, Step, involved_since, may_decide};
use crate::domain::refusals::Refusal;
use crate::domain::roles::{Role, Side, Verb};
use crate::store::claims::{Claim, FlagRow, Item, Review};
use crate::store::files::File;
use crate::store::organisations::Party;
use crate::store::programmes::Programme;
use crate::store::purses::PurseRow;
use crate::store::{self, Tx};

/// The longest reason or note, in characters.
pub const LONGEST_NOTE: usize = 2000;

/// A claim with everything that belongs to it.
#[derive(Debug, Clone)]
pub struct Whole {
    /// The claim.
    pub claim: Claim,
    /// Its bookings by start, with their parts.
    pub items: Vec<Item>,
    /// Its flags.
    pub flags: Vec<FlagRow>,
    /// Its history.
    pub reviews: Vec<Review>,
    /// Its files, the contract among them.
    pub files: Vec<File>,
    /// Whose.
    pub enterprise: Party,
    /// Whose services.
    pub institution: Party,
    /// On which programme.
    pub programme: Programme,
    /// How much was clawed back, in fen.
    pub recovered_fen: i64,
}

/// Everything about a claim.
pub async fn whole(conn: &mut AnyConnection, claim: Claim) -> Outcome<Whole> {
    let lost = || Error::Failed(format!("claim {} lacks a party", claim.id));
    let enterprise = store::organisations::find(conn, &claim.enterprise_id).await?.ok_or_else(lost)?;
    let institution = store::organisations::find(conn, &claim.institution_id).await?.ok_or_else(lost)?;
    let programme = store::programmes::find(conn, &claim.programme_id).await?.ok_or_else(lost)?;
    Ok(Whole {
        items: store::claims::list_items(conn, &claim.id).await?,
        flags: store::claims::list_flags(conn, &claim.id).await?,
        reviews: store::claims::list_reviews(conn, &claim.id).await?,
        files: store::files::list_of_claim(conn, &claim.id).await?,
        recovered_fen: store::claims::find_recovered(conn, &claim.id).await?,
        enterprise,
        institution,
        programme,
        claim,
    })
}

/// A claim that a member may see: their enterprise's own, or one on a programme of their bureau. `None` for everybody else.
pub async fn find(conn: &mut AnyConnection, member: &Member, id: &str) -> Outcome<Option<Claim>> {
    let Some(claim) = store::claims::find(conn, id).await? else { return Ok(None) };
    if member.may(Verb::Claim) {
        return Ok(Some(claim).filter(|claim| claim.enterprise_id == member.organisation_id));
    }
    let programme = store::programmes::find(conn, &claim.programme_id).await?;
    let own = programme.is_some_and(|programme| programme.bureau_id == member.organisation_id);
    Ok((own && member.may(Verb::ReadClaims)).then_some(claim))
}

/// A claim that somebody with a verb wants to step on, with its purse, both touched.
///
/// # Errors
/// `Forbidden`, `NotFound`; `StateConflict` for a stale version.
async fn open(tx: &mut Tx<'_>, act: &Act, id: &str, verb: Verb, version: Option<i64>) -> Outcome<(Claim, PurseRow)> {
    let member = act.actor.require(verb)?;
    let seen = find(tx, member, id).await?.ok_or(Refusal::NotFound)?;
    let purse = purses::lock(tx, &seen.purse_id).await?;
    let claim = store::claims::lock(tx, id).await?.ok_or(Refusal::NotFound)?;
    if version.is_some_and(|version| version != claim.version) {
        return Err(Refusal::StateConflict("stale").into());
    }
    Ok((claim, purse))
}

/// Four eyes are persons: what a person did or is may be in the way of a step.
async fn four_eyes(tx: &mut Tx<'_>, act: &Act, claim: &Claim, step: Step) -> Outcome<()> {
    four_eyes_of(tx, act.now, act.actor.member()?, claim, step).await?.map_err(|reason| Refusal::from(reason).into())
}

/// Which rule of four eyes keeps a member from a step of a claim, if any.
pub async fn four_eyes_of(conn: &mut AnyConnection, now: Instant, member: &Member, claim: &Claim, step: Step) -> Outcome<Result<(), FourEyes>> {
    let own = store::persons::list_organisations_of_person(conn, &member.person_id, involved_since(now)).await?;
    let involved = own.iter().any(|id| *id == claim.enterprise_id || *id == claim.institution_id);
    let earlier: Vec<_> = store::claims::list_reviews(conn, &claim.id).await?.into_iter().map(|review| (review.step, review.person_id)).collect();
    Ok(may_decide(claim.state, step, &member.person_id, involved, &earlier))
}

/// Writes a step: the claim's new state and version, a line of its history, the audit record, and notices to whom it concerns.
async fn record(tx: &mut Tx<'_>, act: &Act, claim: &mut Claim, step: Step, to: State, note: &str) -> Outcome<()> {
    let member = act.actor.member()?;
    let from = claim.state;
    claim.state = to;
    claim.version += 1;
    match to {
        State::Approved | State::Rejected => claim.decided_at = Some(act.now),
        State::Paid => claim.paid_at = Some(act.now),
        _ => {}
    }
    if !to.is_live() {
        claim.ended_at = Some(act.now);
        store::claims::update_items_ended(tx, &claim.id, act.now).await?;
    }
    store::claims::update(tx, claim).await?;
    store::claims::insert_review(tx, claim, step, Some(from), note, (&member.person_id, &member.membership_id), act.now).await?;
    told(tx, act, claim, step, note).await
}

/// Audit record and notices of a step that was just written.
async fn told(tx: &mut Tx<'_>, act: &Act, claim: &Claim, step: Step, note: &str) -> Outcome<()> {
    let action = format!("claim.{step}");
    records::audit(tx, act, &action, "claim", &claim.id, &serde_json::json!({ "state": claim.state, "version": claim.version, "note": note })).await?;
    let enterprise = store::organisations::find(tx, &claim.enterprise_id).await?.map(|party| party.name);
    let programme = store::programmes::find(tx, &claim.programme_id).await?.ok_or_else(|| Error::Failed("a claim without a programme".to_owned()))?;
    let facts = serde_json::json!({
        "code": claim.code, "enterprise": enterprise, "year": programme.year, "amount_fen": claim.amount_fen, "reason": note,
    });
    let object = ("claim", claim.id.as_str(), claim.version);
    let event = format!("claim.{}", claim.state);
    if matches!(claim.state, State::Filed | State::SecondReview) {
        let roles = [Role::Admin, Role::Officer, Role::Reviewer];
        records::notify(tx, act, &event, object, &programme.bureau_id, Side::Bureau, &roles, &facts).await?;
    }
    if claim.state != State::SecondReview {
        let roles = [Role::Admin, Role::Finance];
        records::notify(tx, act, &event, object, &claim.enterprise_id, Side::Enterprise, &roles, &facts).await?;
    }
    Ok(())
}

/// The amount of a claim goes back to the holds it came from: rejected or withdrawn.
async fn give_back(tx: &mut Tx<'_>, act: &Act, claim: &Claim, purse: &PurseRow) -> Outcome<()> {
    for item in store::claims::list_items(tx, &claim.id).await? {
        let held_fen = store::holds::find(tx, &item.booking_id).await?.map_or(0, |hold| hold.amount_fen);
        store::holds::update_amount(tx, &item.booking_id, held_fen + item.amount_fen).await?;
    }
    purses::apply(tx, act, &purse.id, purse.purse().give_back(claim.amount_fen), "claim", &claim.id).await
}
