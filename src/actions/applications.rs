//! Applications for vouchers (申领) and the grants (发放) that answer them.

use super::{Act, Error, Outcome, holds, programmes, purses, records};
use crate::base::time::Day;
use crate::domain::refusals::{Refusal, Violation};
use crate::domain::roles::{Role, Side, Verb};
use crate::domain::vouchers::ApplicationState;
use crate::store::applications::Application;
use crate::store::{self, Tx};

/// The longest 入库登记编号 that is taken, in characters.
pub const LONGEST_NUMBER: usize = 100;
/// The longest reason, in characters.
pub const LONGEST_REASON: usize = 2000;

/// What an enterprise asks for.
#[derive(Debug, Clone)]
pub struct ApplicationForm {
    /// For which year.
    pub year: i64,
    /// How much.
    pub amount_fen: i64,
    /// 入库登记编号.
    pub sme_number: String,
}

/// Applies for a voucher.
///
/// # Errors
/// `invalid` at `year` without a programme or after its last day of use, at `amount_fen` when not positive or above the cap; `required` at
/// `sme_number`.
pub async fn apply(tx: &mut Tx<'_>, act: &Act, form: &ApplicationForm) -> Outcome<Application> {
    let member = act.actor.require(Verb::ManageVouchers)?;
    let bureau_id = holds::bureau_of(tx, &member.organisation_id).await?;
    let programme = match &bureau_id {
        Some(bureau_id) => store::programmes::find_of(tx, bureau_id, form.year).await?,
        None => None,
    };
    let version = match &programme {
        Some(programme) => store::programmes::find_version_in_force(tx, &programme.id, act.now.day()).await?,
        None => None,
    };
    let number = form.sme_number.trim();
    let mut found = Vec::new();
    match &version {
        None => found.push(Violation::invalid("year", "no_programme")),
        Some(version) if version.terms().use_is_over(act.now) => found.push(Violation::invalid("year", "use_is_over")),
        Some(version) if form.amount_fen > version.cap_fen => {
            found.push(Violation::invalid("amount_fen", "above_cap").with("most_fen", version.cap_fen));
        }
        Some(_) => {}
    }
    if form.amount_fen <= 0 {
        found.push(Violation::invalid("amount_fen", "not_positive"));
    }
    found.extend(text_violation("sme_number", number, LONGEST_NUMBER));
    Refusal::unless_empty(found)?;
    let programme = programme.ok_or(Refusal::NotFound)?;
    let application = Application {
        id: act.id(),
        programme_id: programme.id,
        bureau_id: programme.bureau_id,
        year: programme.year,
        enterprise_id: member.organisation_id.clone(),
        uscc: member.uscc.clone(),
        enterprise: member.organisation_name.clone(),
        amount_fen: form.amount_fen,
        sme_number: number.to_owned(),
        state: ApplicationState::Filed,
        filed_at: act.now,
        granted_fen: None,
        decided_at: None,
        reason: String::new(),
    };
    store::applications::insert(tx, &application, &member.membership_id).await?;
    records::audit(tx, act, "application.file", "application", &application.id, &serde_json::json!({ "amount_fen": application.amount_fen })).await?;
    let facts = serde_json::json!({ "enterprise": application.enterprise, "amount_fen": application.amount_fen, "year": application.year });
    let object = ("application", application.id.as_str(), 1);
    records::notify(tx, act, "application.filed", object, &application.bureau_id, Side::Bureau, &[Role::Officer], &facts).await?;
    Ok(application)
}

/// A text that must be there and not too long: what is wrong with it.
pub fn text_violation(field: &str, text: &str, most: usize) -> Option<Violation> {
    if text.trim().is_empty() {
        return Some(Violation::required(field));
    }
    (text.chars().count() > most).then(|| Violation::invalid(field, "too_many_characters").with("most", most))
}

/// Grants a voucher: what was asked for, or another amount.
///
/// # Errors
/// `NotFound` for an application to another bureau; `StateConflict` once it is decided or the use is over; `invalid` at `amount_fen` above the
/// cap or the budget.
pub async fn approve(tx: &mut Tx<'_>, act: &Act, id: &str, amount_fen: Option<i64>, version: Option<i64>) -> Outcome<Application> {
    let (application, membership_id) = waiting(tx, act, id, version).await?;
    let amount_fen = amount_fen.unwrap_or(application.amount_fen);
    let decided = store::applications::update_decided(tx, id, ApplicationState::Approved, Some(amount_fen), "", &membership_id, act.now).await?;
    if !decided {
        return Err(Refusal::StateConflict("state").into());
    }
    store::purses::insert(tx, &act.id(), &application.programme_id, &application.enterprise_id, act.now).await?;
    let purse = store::purses::lock_of(tx, &application.programme_id, &application.enterprise_id).await?;
    let purse = purse.ok_or_else(|| Error::Failed("no purse".to_owned()))?;
    store::programmes::lock(tx, &application.programme_id).await?;
    let (terms, coming) = programmes::terms_to_respect(tx, &application.programme_id, act.now.day()).await?;
    if terms.use_is_over(act.now) {
        return Err(Refusal::StateConflict("too_late").into());
    }
    let (granted_fen, _) = store::programmes::find_totals(tx, &application.programme_id).await?;
    let found = std::iter::once(&terms).chain(&coming).map(|terms| terms.grant_violations(amount_fen, purse.granted_fen, granted_fen));
    Refusal::unless_empty(found.max_by_key(Vec::len).unwrap_or_default())?;
    purses::apply(tx, act, &purse.id, purse.purse().grant(amount_fen), "application", id).await?;
    register(tx, act, &application).await?;
    decided_now(tx, act, id, "application.approve", "application.granted").await
}

/// The registration that came with an application stands for its calendar year.
async fn register(tx: &mut Tx<'_>, act: &Act, application: &Application) -> Outcome<()> {
    let year = i16::try_from(application.year).unwrap_or(i16::MAX);
    let (Some(first), Some(last)) = (Day::new(year, 1, 1), Day::new(year, 12, 31)) else { return Ok(()) };
    let membership_id = act.actor.membership_id();
    let enterprise_id = &application.enterprise_id;
    store::programmes::insert_registration(tx, &act.id(), enterprise_id, &application.sme_number, (first, last), membership_id, act.now).await?;
    Ok(())
}

/// Rejects an application.
///
/// # Errors
/// `NotFound` for an application to another bureau; `StateConflict` once it is decided; `required` at `reason`.
pub async fn reject(tx: &mut Tx<'_>, act: &Act, id: &str, reason: &str, version: Option<i64>) -> Outcome<Application> {
    let (_, membership_id) = waiting(tx, act, id, version).await?;
    Refusal::unless_empty(text_violation("reason", reason, LONGEST_REASON).into_iter().collect())?;
    if !store::applications::update_decided(tx, id, ApplicationState::Rejected, None, reason.trim(), &membership_id, act.now).await? {
        return Err(Refusal::StateConflict("state").into());
    }
    decided_now(tx, act, id, "application.reject", "application.rejected").await
}

/// An application to the bureau of whoever acts, and their membership.
async fn waiting(tx: &mut Tx<'_>, act: &Act, id: &str, version: Option<i64>) -> Outcome<(Application, String)> {
    let member = act.actor.require(Verb::RunProgrammes)?;
    let application = store::applications::find(tx, id).await?.filter(|a| a.bureau_id == member.organisation_id).ok_or(Refusal::NotFound)?;
    if version.is_some_and(|version| version != application.version()) {
        return Err(Refusal::StateConflict("stale").into());
    }
    if application.state != ApplicationState::Filed {
        return Err(Refusal::StateConflict("state").into());
    }
    Ok((application, member.membership_id.clone()))
}

/// Records a decision, tells the enterprise, and gives the application as it is now.
async fn decided_now(tx: &mut Tx<'_>, act: &Act, id: &str, action: &str, event: &str) -> Outcome<Application> {
    let application = store::applications::find(tx, id).await?.ok_or(Refusal::NotFound)?;
    let facts = serde_json::json!({
        "year": application.year, "amount_fen": application.amount_fen, "granted_fen": application.granted_fen, "reason": application.reason,
    });
    records::audit(tx, act, action, "application", id, &facts).await?;
    let object = ("application", id, 2);
    records::notify(tx, act, event, object, &application.enterprise_id, Side::Enterprise, &[Role::Admin, Role::Finance], &facts).await?;
    Ok(application)
}
