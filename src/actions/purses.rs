//! Moving money between the accounts of a purse: the rules say which movements, the store writes them, this names the cause.

use super::{Act, Error, Outcome};
use crate::domain::actors::Actor;
use crate::domain::vouchers::{Movement, Short};
use crate::store::purses::{Cause, PurseRow};
use crate::store::{self, Tx};

/// Touches a purse and gives it as it is now.
///
/// # Errors
/// A failure of ours when it is not there.
pub async fn lock(tx: &mut Tx<'_>, purse_id: &str) -> Outcome<PurseRow> {
    store::purses::lock(tx, purse_id).await?.ok_or_else(|| Error::Failed(format!("no purse {purse_id}")))
}

/// Writes movements of a locked purse, caused by a thing of a kind: booking, statement, claim, application, return, job.
///
/// # Errors
/// A failure of ours where the locked purse has too little: the rules asked before.
pub async fn apply(tx: &mut Tx<'_>, act: &Act, purse_id: &str, moves: Result<Vec<Movement>, Short>, kind: &str, cause_id: &str) -> Outcome<()> {
    let moves = moves.map_err(|short| Error::Failed(format!("purse {purse_id}: {short}")))?;
    let moves: Vec<_> = moves.into_iter().map(|movement| (act.id(), movement)).collect();
    let job = act.actor.job().or(if matches!(act.actor, Actor::Instrument { .. }) { Some("instrument") } else { None });
    let cause = Cause { kind, id: cause_id, membership_id: act.actor.membership_id(), job, at: act.now };
    Ok(store::purses::apply(tx, purse_id, &moves, &cause).await?)
}
