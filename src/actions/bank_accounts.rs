//! Bank account and invoice details of a party. A changed account needs a second person of that party; all who manage it are told.

use serde_json::{Value, json};

use super::{Act, Outcome, records};
use crate::domain::actors::Member;
use crate::domain::refusals::Refusal;
use crate::domain::registrations::{account_number, judge_account};
use crate::domain::roles::{Role, Verb};
use crate::store::bank_accounts::InvoiceDetails;
use crate::store::{self, Tx};

/// Proposes another account. The first one of a party holds at once; a changed one waits for a second person.
///
/// # Errors
/// What is wrong at `bank` and `bank_number`; `account_waits` while another proposal does.
pub async fn propose(tx: &mut Tx<'_>, act: &Act, bank: &str, number: &str) -> Outcome<()> {
    let member = act.actor.require(Verb::ManageAccount)?.clone();
    Refusal::unless_empty(judge_account(bank, number))?;
    store::organisations::lock(tx, &member.organisation_id).await?;
    let (id, number) = (act.id(), account_number(number));
    let is_first = store::bank_accounts::find_live(tx, &member.organisation_id).await?.is_none();
    let account = (member.organisation_name.as_str(), bank, number.as_str());
    if !store::bank_accounts::insert(tx, &id, &member.organisation_id, account, (&member.membership_id, &member.person_id), act.now).await? {
        return Err(Refusal::StateConflict("account_waits").into());
    }
    if is_first {
        store::bank_accounts::update_confirmed(tx, &id, &member.organisation_id, None, act.now).await?;
    }
    let (action, event) = if is_first { ("bank_account.set", "bank_account.confirmed") } else { ("bank_account.propose", "bank_account.proposed") };
    records::audit(tx, act, action, "bank_account", &id, &json!({ "bank": bank, "number": masked(&number) })).await?;
    tell(tx, act, event, &member, &id, &number).await
}

/// Confirms a proposed account as a second person.
///
/// # Errors
/// [`Refusal::NotFound`]; `second_person` for the one who proposed it.
pub async fn confirm(tx: &mut Tx<'_>, act: &Act, id: &str) -> Outcome<()> {
    let member = act.actor.require(Verb::ManageAccount)?.clone();
    store::organisations::lock(tx, &member.organisation_id).await?;
    let proposed = store::bank_accounts::find_proposed(tx, &member.organisation_id).await?.filter(|account| account.id == id).ok_or(Refusal::NotFound)?;
    if proposed.proposed_person_id == member.person_id {
        return Err(Refusal::StateConflict("second_person").into());
    }
    store::bank_accounts::update_confirmed(tx, id, &member.organisation_id, Some((&member.membership_id, &member.person_id)), act.now).await?;
    records::audit(tx, act, "bank_account.confirm", "bank_account", id, &json!({ "number": masked(&proposed.number) })).await?;
    tell(tx, act, "bank_account.confirmed", &member, id, &proposed.number).await
}

/// Declines a proposed account, or takes one's own proposal back.
///
/// # Errors
/// [`Refusal::NotFound`].
pub async fn decline(tx: &mut Tx<'_>, act: &Act, id: &str) -> Outcome<()> {
    let member = act.actor.require(Verb::ManageAccount)?.clone();
    let proposed = store::bank_accounts::find_proposed(tx, &member.organisation_id).await?.filter(|account| account.id == id).ok_or(Refusal::NotFound)?;
    store::bank_accounts::update_declined(tx, id, &member.organisation_id, act.now).await?;
    records::audit(tx, act, "bank_account.decline", "bank_account", id, &json!({ "number": masked(&proposed.number) })).await?;
    tell(tx, act, "bank_account.declined", &member, id, &proposed.number).await
}

/// Everybody who manages the party's account is told, whoever changed it, on each of its sides.
async fn tell(tx: &mut Tx<'_>, act: &Act, event: &str, member: &Member, id: &str, number: &str) -> Outcome<()> {
    let facts: Value =
        json!({ "organisation": member.organisation_name, "person": member.person_name, "bank_number": masked(number), "path": "/organisation" });
    for side in store::organisations::list_sides(tx, &member.organisation_id).await? {
        records::notify(tx, act, event, ("bank_account", id, 1), &member.organisation_id, side, &[Role::Finance], &facts).await?;
    }
    Ok(())
}

/// The last four digits of an account: enough to know it by, in mails and records.
#[must_use]
pub fn masked(number: &str) -> String {
    let tail: String = number.chars().skip(number.chars().count().saturating_sub(4)).collect();
    format!("…{tail}")
}

/// Changes what stands on invoices to the party.
pub async fn change_invoice_details(tx: &mut Tx<'_>, act: &Act, address: &str, phone: &str) -> Outcome<()> {
    let member = act.actor.require(Verb::ManageAccount)?.clone();
    let details = InvoiceDetails { title: member.organisation_name.clone(), address: address.to_owned(), phone: phone.to_owned() };
    store::organisations::lock(tx, &member.organisation_id).await?;
    store::bank_accounts::insert_invoice_details(tx, &act.id(), &member.organisation_id, &details, &member.membership_id, act.now).await?;
    records::audit(tx, act, "invoice_details.change", "organisation", &member.organisation_id, &json!({ "address": address, "phone": phone })).await
}
