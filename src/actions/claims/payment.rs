//! What follows an approval: paying (兑付) adds the bank's reference, clawing back (追回) bars the enterprise.

use super::{LONGEST_NOTE, four_eyes, open, record};
use crate::actions::applications::text_violation;
use crate::actions::{Act, Outcome};
use crate::domain::claims::{Step, next};
use crate::domain::instruments::out_of_range;
use crate::domain::refusals::Refusal;
use crate::domain::roles::Verb;
use crate::domain::vouchers::barred_years;
use crate::store::claims::Claim;
use crate::store::{self, Tx};

/// The longest reference of a bank, in characters.
pub const LONGEST_REFERENCE: usize = 100;

/// Pays an approved claim; the purse stays as it is.
///
/// # Errors
/// `required` at `bank_reference`; `StateConflict`: the state or four eyes are in the way.
pub async fn pay(tx: &mut Tx<'_>, act: &Act, id: &str, bank_reference: &str, version: Option<i64>) -> Outcome<Claim> {
    let (mut claim, _) = open(tx, act, id, Verb::RunProgrammes, version).await?;
    Refusal::unless_empty(text_violation("bank_reference", bank_reference, LONGEST_REFERENCE).into_iter().collect())?;
    let to = next(claim.state, Step::Pay, false, false)?;
    four_eyes(tx, act, &claim, Step::Pay).await?;
    claim.bank_reference = Some(bank_reference.trim().to_owned());
    record(tx, act, &mut claim, Step::Pay, to, "").await?;
    Ok(claim)
}

/// Claws paid money back: recorded beside the purse, and the enterprise loses its eligibility for this year and three more.
///
/// # Errors
/// `required` at `reason`, `invalid` at `amount_fen` outside of what was paid; `StateConflict`: the state or four eyes are in the way.
pub async fn claw_back(tx: &mut Tx<'_>, act: &Act, id: &str, reason: &str, amount_fen: i64, version: Option<i64>) -> Outcome<Claim> {
    let (mut claim, _) = open(tx, act, id, Verb::RunProgrammes, version).await?;
    let to = next(claim.state, Step::ClawBack, false, false)?;
    let mut found: Vec<_> = text_violation("reason", reason, LONGEST_NOTE).into_iter().collect();
    if !(1..=claim.amount_fen).contains(&amount_fen) {
        found.push(out_of_range("amount_fen", 1, claim.amount_fen));
    }
    Refusal::unless_empty(found)?;
    four_eyes(tx, act, &claim, Step::ClawBack).await?;
    let member = act.actor.member()?;
    store::claims::insert_recovery(tx, &act.id(), id, amount_fen, reason.trim(), &member.membership_id, act.now).await?;
    let years = barred_years(act.now.day().year());
    store::programmes::insert_bar(tx, &act.id(), &claim.enterprise_id, id, years, act.now).await?;
    record(tx, act, &mut claim, Step::ClawBack, to, reason.trim()).await?;
    Ok(claim)
}
