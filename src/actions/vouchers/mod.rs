//! Vouchers (创新券) of an enterprise: what there is, and giving some of it back (退券). Beside: [`lapse`] (失效), what the clock takes.

pub mod lapse;

use sqlx::AnyConnection;

use super::{Act, Outcome, holds, purses, records};
use crate::base::time::Day;
use crate::domain::refusals::{Refusal, Violation};
use crate::domain::roles::{Role, Side, Verb};
use crate::domain::vouchers::Purse;
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

/// Tells an enterprise's admin and finance what happened to its purse.
async fn tell(tx: &mut Tx<'_>, act: &Act, event: &str, row: &PurseRow, version: i64, facts: &serde_json::Value) -> Outcome<()> {
    let object = ("purse", row.id.as_str(), version);
    records::notify(tx, act, event, object, &row.enterprise_id, Side::Enterprise, &[Role::Admin, Role::Finance], facts).await
}
