//! What the clock takes (失效, the job `voucher-lapse`): what is available after 使用截止, what is held and unclaimed after 兑付截止; and the
//! notices before.

use futures_util::future::BoxFuture;

use super::tell;
use crate::actions::{Act, Outcome, purses, records};
use crate::base::chance::Chance;
use crate::base::time::{Day, Instant};
use crate::domain::actors::Actor;
use crate::domain::vouchers::Terms;
use crate::store::purses::PurseRow;
use crate::store::{self, Db, Tx};

/// The name of the job, which ledger and audit records carry.
pub const JOB: &str = "voucher-lapse";

/// What a run of the lapse did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Lapsed {
    /// Purses that were looked at.
    pub purses: i64,
    /// Available money that lapsed after 使用截止.
    pub available_fen: i64,
    /// Held and unclaimed money that lapsed after 兑付截止.
    pub held_fen: i64,
    /// Enterprises that were told of a deadline to come.
    pub notices: i64,
    /// Purses that could not be dealt with; each is in the log, and is tried again at the next run.
    pub failed: i64,
}

/// How many days before a deadline an enterprise is told.
pub const NOTICE_DAYS: [i64; 3] = [30, 7, 1];

/// Lapses what is due of every purse at `now`, each in a transaction of its own, so that one that fails stops no other.
///
/// # Errors
/// Only when the list cannot be read: the database is away.
pub async fn run(db: &Db, chance: &Chance, now: Instant) -> Outcome<Lapsed> {
    let purses = store::purses::list_with_balance(&mut *db.read().await?).await?;
    let mut sum = Lapsed::default();
    for purse_id in &purses {
        let act = Act { now, actor: Actor::Job(JOB), dice: chance.dice(), request_id: format!("job:{JOB}") };
        let done = db
            .transact(|tx| {
                act.dice.rewind();
                step(tx, &act, purse_id)
            })
            .await;
        match done {
            Ok(lapsed) => {
                sum.purses += 1;
                sum.available_fen += lapsed.available_fen;
                sum.held_fen += lapsed.held_fen;
                sum.notices += lapsed.notices;
            }
            Err(error) => {
                tracing::error!(purse_id, %error, "a purse could not be dealt with");
                sum.failed += 1;
            }
        }
    }
    Ok(sum)
}

fn step<'t>(tx: &'t mut Tx<'_>, act: &'t Act, purse_id: &'t str) -> BoxFuture<'t, Outcome<Lapsed>> {
    Box::pin(lapse(tx, act, purse_id))
}

/// Lapses what is due of one purse as of `act.now`, and tells its enterprise of deadlines to come. Acts at every run after a deadline, also
/// on what a later release brought back; may be repeated without harm.
pub async fn lapse(tx: &mut Tx<'_>, act: &Act, purse_id: &str) -> Outcome<Lapsed> {
    let mut done = Lapsed::default();
    let mut row = purses::lock(tx, purse_id).await?;
    let cause_id = format!("{JOB}/{}", act.now);
    for hold in store::holds::list_of_purse(tx, purse_id).await? {
        let Some(version) = store::programmes::find_version(tx, &hold.programme_version_id).await? else { continue };
        if version.terms().redemption_is_over(act.now) {
            store::holds::update_amount(tx, &hold.booking_id, 0).await?;
            // The ledger names the booking too, so that every single hold can be proved by it.
            purses::apply(tx, act, purse_id, row.purse().lapse_held(hold.amount_fen), "job", &format!("{cause_id}/{}", hold.booking_id)).await?;
            done.held_fen += hold.amount_fen;
            row = purses::lock(tx, purse_id).await?;
        }
    }
    let programme = store::programmes::find(tx, &row.programme_id).await?;
    let version = store::programmes::find_version_in_force(tx, &row.programme_id, act.now.day()).await?;
    let (Some(programme), Some(version)) = (programme, version) else { return Ok(done) };
    let terms = version.terms();
    if terms.use_is_over(act.now) && row.available_fen > 0 {
        purses::apply(tx, act, purse_id, Ok(row.purse().lapse_available()), "job", &cause_id).await?;
        done.available_fen = row.available_fen;
        row = purses::lock(tx, purse_id).await?;
    }
    let lapsed_fen = done.available_fen + done.held_fen;
    if lapsed_fen > 0 {
        let facts = serde_json::json!({ "year": programme.year, "amount_fen": lapsed_fen });
        records::audit(tx, act, "voucher.lapse", "purse", purse_id, &facts).await?;
        tell(tx, act, "voucher.lapsed", &row, act.now.day().number(), &facts).await?;
    }
    done.notices = remind(tx, act, &row, programme.year, &terms).await?;
    Ok(done)
}

/// Tells an enterprise once 30, 7 and 1 days before each deadline what it may lose. A day that was slept through is made up for.
async fn remind(tx: &mut Tx<'_>, act: &Act, row: &PurseRow, year: i64, terms: &Terms) -> Outcome<i64> {
    let mut told = 0;
    for (event, deadline, amount_fen) in [("voucher.use_by", terms.use_by, row.available_fen), ("voucher.redeem_by", terms.redeem_by, row.held_fen)] {
        let Some(days) = notice_due(act.now, deadline).filter(|_| amount_fen > 0) else { continue };
        let facts = serde_json::json!({ "year": year, "deadline_on": deadline, "amount_fen": amount_fen });
        tell(tx, act, event, row, deadline.number() * 100 + days, &facts).await?;
        told += 1;
    }
    Ok(told)
}

/// Which notice of a deadline is due: the smallest of [`NOTICE_DAYS`] that has been reached; none once the deadline's day has begun.
fn notice_due(now: Instant, deadline: Day) -> Option<i64> {
    let today = now.day();
    if today >= deadline {
        return None;
    }
    NOTICE_DAYS.into_iter().filter(|days| today >= deadline.plus(-days)).min()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deadline_is_announced_three_times_and_a_missed_day_is_made_up_for() {
        let deadline = Day::parse("2026-12-31").unwrap();
        let due = |now: &str| notice_due(Instant::parse(now).unwrap(), deadline);
        assert_eq!(due("2026-11-30T23:59:59+08:00"), None);
        assert_eq!(due("2026-12-01T00:05:00+08:00"), Some(30));
        assert_eq!(due("2026-12-23T00:05:00+08:00"), Some(30));
        assert_eq!(due("2026-12-24T00:05:00+08:00"), Some(7));
        assert_eq!(due("2026-12-30T00:05:00+08:00"), Some(1));
        assert_eq!(due("2026-12-31T00:05:00+08:00"), None);
    }
}
