//! The bureau's decisions on a claim: approve, also for the second time, reject, send back.

use super::filing::note_violation;
use super::{LONGEST_NOTE, four_eyes, give_back, open, record};
use crate::actions::applications::text_violation;
use crate::actions::{Act, Outcome, programmes, purses};
use crate::domain::claims::{Severity, State, Step, approval_in, needs_second, next};
use crate::domain::refusals::Refusal;
use crate::domain::roles::Verb;
use crate::store::claims::Claim;
use crate::store::{self, Tx};

/// Approves a claim: for the first time, and with a warning or drawn it then waits for another person; or as that person. The last
/// approval moves its amount from claimed to redeemed.
///
/// # Errors
/// `StateConflict`: the state, a block, four eyes, or the programme's budget is in the way.
pub async fn approve(tx: &mut Tx<'_>, act: &Act, id: &str, note: Option<&str>, version: Option<i64>) -> Outcome<Claim> {
    let (mut claim, purse) = open(tx, act, id, Verb::ReviewClaims, version).await?;
    let note = note.unwrap_or_default().trim();
    Refusal::unless_empty(note_violation("note", note).into_iter().collect())?;
    let severities: Vec<Severity> = store::claims::list_flags(tx, id).await?.into_iter().map(|flag| flag.severity).collect();
    let (blocked, step) = (severities.contains(&Severity::Block), approval_in(claim.state));
    let to = next(claim.state, step, blocked, needs_second(severities, claim.drawn_at.is_some()))?;
    four_eyes(tx, act, &claim, step).await?;
    if to == State::Approved {
        store::programmes::lock(tx, &claim.programme_id).await?;
        let (terms, coming) = programmes::terms_to_respect(tx, &claim.programme_id, act.now.day()).await?;
        let (_, redeemed_fen) = store::programmes::find_totals(tx, &claim.programme_id).await?;
        if std::iter::once(&terms).chain(&coming).any(|terms| !terms.redemption_fits(claim.amount_fen, redeemed_fen)) {
            return Err(Refusal::StateConflict("budget").into());
        }
        purses::apply(tx, act, &purse.id, purse.purse().redeem(claim.amount_fen), "claim", id).await?;
    }
    record(tx, act, &mut claim, step, to, note).await?;
    Ok(claim)
}

/// Rejects a claim (驳回): its amount goes back to the holds.
///
/// # Errors
/// `required` at `reason`; `StateConflict`: the state or four eyes are in the way.
pub async fn reject(tx: &mut Tx<'_>, act: &Act, id: &str, reason: &str, version: Option<i64>) -> Outcome<Claim> {
    let (mut claim, purse) = open(tx, act, id, Verb::ReviewClaims, version).await?;
    Refusal::unless_empty(text_violation("reason", reason, LONGEST_NOTE).into_iter().collect())?;
    let to = next(claim.state, Step::Reject, false, false)?;
    four_eyes(tx, act, &claim, Step::Reject).await?;
    give_back(tx, act, &claim, &purse).await?;
    record(tx, act, &mut claim, Step::Reject, to, reason.trim()).await?;
    Ok(claim)
}

/// Sends a claim back (退回补正), to be answered by the enterprise.
///
/// # Errors
/// `required` at `reason`; `StateConflict`: the state or four eyes are in the way.
pub async fn send_back(tx: &mut Tx<'_>, act: &Act, id: &str, reason: &str, version: Option<i64>) -> Outcome<Claim> {
    let (mut claim, _) = open(tx, act, id, Verb::ReviewClaims, version).await?;
    Refusal::unless_empty(text_violation("reason", reason, LONGEST_NOTE).into_iter().collect())?;
    let to = next(claim.state, Step::SendBack, false, false)?;
    four_eyes(tx, act, &claim, Step::SendBack).await?;
    record(tx, act, &mut claim, Step::SendBack, to, reason.trim()).await?;
    Ok(claim)
}
