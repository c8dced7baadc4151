//! Vouchers (创新券) of an enterprise: what there is, giving some of it back (退券), and what lapses (失效).

use sqlx::AnyConnection;

use super::{Act, Outcome, holds, purses, records};
use crate::base::time::{Day, Instant};
use crate::domain::refusals::{Refusal, Violation};
use crate::domain::roles::{Role, Side, Verb};
use crate::domain::vouchers::{Purse, Terms};
use crate::store::programmes::{Programme, Version};
use crate::store::purses::PurseRow;
use crate::store::{self, Tx};

/// An enterprise's voucher of a year; zeros without a grant.
#[derive(Debug, Clone)]
pub struct Voucher {
    /// The year.
    pub year: i64,
    /// The programme, where there is one, and the version in force.
    pub programme: Option<(Programme, Version)>,
    /// The purse, where there is one.
    pub row: Option<PurseRow>,
}

impl Voucher {
    /// The seven amounts.
    #[must_use]
    pub fn purse(&self) -> Purse {
        self.row.as_ref().map(PurseRow::purse).unwrap_or_default()
    }
}

/// The voucher of an enterprise in a year. `bureau_id`: the bureau that asks; `None` for the enterprise itself, whose region's it is.
pub async fn find(conn: &mut AnyConnection, today: Day, enterprise_id: &str, bureau_id: Option<&str>, year: i64) -> Outcome<Voucher> {
    let bureau_id = match bureau_id {
        Some(id) => Some(id.to_owned()),
        None => holds::bureau_of(conn, enterprise_id).await?,
    };
    let programme = match bureau_id {
        Some(bureau_id) => store::programmes::find_of(conn, &bureau_id, year).await?,
        None => None,
    };
    let Some(programme) = programme else { return Ok(Voucher { year, programme: None, row: None }) };
    let row = store::purses::find_of(conn, &programme.id, enterprise_id).await?;
    let version = store::programmes::find_version_in_force(conn, &programme.id, today).await?;
    Ok(Voucher { year, programme: version.map(|version| (programme, version)), row })
}

/// Gives available money of a year back to the bureau (退券).
///
/// # Errors
/// `invalid` at `amount_fen` when not positive or more than is available.
pub async fn give_back(tx: &mut Tx<'_>, act: &Act, year: i64, amount_fen: i64) -> Outcome<Voucher> {
    let member = act.actor.require(Verb::ManageVouchers)?;
    let voucher = find(tx, act.now.day(), &member.organisation_id, None, year).await?;
    let row = match &voucher.row {
        Some(row) => Some(purses::lock(tx, &row.id).await?),
        None => None,
    };
    let available_fen = row.as_ref().map_or(0, |row| row.available_fen);
    if amount_fen <= 0 {
        return Err(Violation::invalid("amount_fen", "not_positive").into());
    }
    let Some(row) = row.filter(|row| amount_fen <= row.available_fen) else {
        return Err(Violation::invalid("amount_fen", "above_available").with("most_fen", available_fen).into());
    };
    purses::apply(tx, act, &row.id, row.purse().give_up(amount_fen), "return", &member.membership_id).await?;
    let facts = serde_json::json!({ "year": year, "amount_fen": amount_fen });
    records::audit(tx, act, "voucher.return", "purse", &row.id, &facts).await?;
    tell(tx, act, "voucher.returned", &row, row.movements + 1, &facts).await?;
    find(tx, act.now.day(), &member.organisation_id, None, year).await
}

/// What a run of the lapse did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Lapsed {
    /// Available money that lapsed after 使用截止.
    pub available_fen: i64,
    /// Held and unclaimed money that lapsed after 兑付截止.
    pub held_fen: i64,
    /// Enterprises that were told of a deadline to come.
    pub notices: i64,
}

/// How many days before a deadline an enterprise is told.
pub const NOTICE_DAYS: [i64; 3] = [30, 7, 1];

/// The purses that have something to lapse or to be told of: each is then given to [`lapse`] in a transaction of its own.
pub async fn list_to_lapse(conn: &mut AnyConnection) -> Outcome<Vec<String>> {
    Ok(store::purses::list_with_balance(conn).await?)
}

/// Lapses what is due of one purse as of `act.now`, and tells its enterprise of deadlines to come. Acts at every run after a deadline, also
/// on what a later release brought back; may be repeated without harm.
pub async fn lapse(tx: &mut Tx<'_>, act: &Act, purse_id: &str) -> Outcome<Lapsed> {
    let mut done = Lapsed::default();
    let mut row = purses::lock(tx, purse_id).await?;
    let cause_id = format!("voucher-lapse/{}", act.now);
    for hold in store::holds::list_of_purse(tx, purse_id).await? {
        let Some(version) = store::programmes::find_version(tx, &hold.programme_version_id).await? else { continue };
        if version.terms().redemption_is_over(act.now) {
            store::holds::update_amount(tx, &hold.booking_id, 0).await?;
            purses::apply(tx, act, purse_id, row.purse().lapse_held(hold.amount_fen), "job", &cause_id).await?;
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

async fn tell(tx: &mut Tx<'_>, act: &Act, event: &str, row: &PurseRow, version: i64, facts: &serde_json::Value) -> Outcome<()> {
    let object = ("purse", row.id.as_str(), version);
    records::notify(tx, act, event, object, &row.enterprise_id, Side::Enterprise, &[Role::Admin, Role::Finance], facts).await
}

/// Which notice of a deadline is due: the smallest of [`NOTICE_DAYS`] that has been reached; none once the deadline's day has begun.
fn notice_due(now: Instant, deadline: Day) -> Option<i64> {
    let today = now.day();
    if today >= deadline {
        return None;
    }
    NOTICE_DAYS.into_iter().filter(|days| today >= deadline.plus(-days)).min()
}

/// The enterprise that a bureau or the enterprise itself asks about: by USCC for a bureau, the own one otherwise.
///
/// # Errors
/// `required` at `uscc` for a bureau without one; `NotFound` for a USCC that is no party, or somebody else's.
pub async fn whose(conn: &mut AnyConnection, act_as: &crate::domain::actors::Member, uscc: Option<&str>) -> Outcome<(String, Option<String>)> {
    if act_as.may(Verb::ReadLedger) {
        let uscc = uscc.ok_or_else(|| Refusal::one(Violation::required("uscc")))?;
        let uscc = crate::base::uscc::Uscc::parse(uscc).map_err(|error| Refusal::one(Violation::uscc("uscc", error)))?;
        let party = store::organisations::find_by_uscc(conn, uscc.as_ref()).await?.ok_or(Refusal::NotFound)?;
        return Ok((party.id, Some(act_as.organisation_id.clone())));
    }
    if uscc.is_some_and(|uscc| !uscc.trim().eq_ignore_ascii_case(&act_as.uscc)) {
        return Err(Refusal::NotFound.into());
    }
    Ok((act_as.organisation_id.clone(), None))
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
