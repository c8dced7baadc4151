//! Registration of an organisation with its first person: a mail proves the address, the bureau decides.

use serde_json::json;

use super::organisations::{OrganisationForm, add};
use super::{Act, Outcome, records};
use crate::base::chance::fingerprint;
use crate::base::text::fold;
use crate::base::time::{DAY, HOUR};
use crate::base::uscc::Uscc;
use crate::domain::refusals::{Refusal, Violation};
use crate::domain::registrations::{PRIVACY_VERSION, Registration, State, account_number};
use crate::domain::roles::{Role, Side, Verb};
use crate::domain::signing::{LINKS_AN_HOUR, VERIFY_SECONDS};
use crate::store::bank_accounts::InvoiceDetails;
use crate::store::secrets::Purpose;
use crate::store::{self, Tx, registrations as stored};

/// Takes a registration down and sends a link that proves the mail address. The answer is the same whether the address has an account.
///
/// # Errors
/// Everything that is wrong with the form.
pub async fn register(tx: &mut Tx<'_>, act: &Act, form: &Registration, password_hash: &str, lang: &str) -> Outcome<()> {
    Refusal::unless_empty(form.violations())?;
    let uscc = Uscc::parse(&form.uscc).map_err(|error| Refusal::one(Violation::uscc("uscc", error)))?.to_string();
    let email = fold(&form.email);
    let bureau = match store::organisations::find_bureau_of_region(tx, &form.region_code).await? {
        Some(bureau) => Some(bureau),
        None => store::organisations::list_bureaus(tx).await?.into_iter().next(),
    };
    let row = stored::Registration {
        id: act.id(),
        bureau_id: bureau.map(|bureau| bureau.id),
        state: State::Unverified,
        version: 1,
        uscc,
        name: form.name.clone(),
        sides: form.sides.iter().map(ToString::to_string).collect::<Vec<_>>().join(","),
        region_code: form.region_code.clone(),
        address: form.address.clone(),
        bank: form.bank.clone(),
        bank_number: account_number(&form.bank_number),
        invoice_address: form.invoice_address.clone(),
        invoice_phone: form.invoice_phone.clone(),
        person_name: form.person_name.clone(),
        email: email.clone(),
        lang: lang.to_owned(),
        privacy_version: PRIVACY_VERSION.to_owned(),
        password_hash: Some(password_hash.to_owned()),
        person_id: None,
        created_at: act.now,
        filed_at: None,
        decided_at: None,
        reason: String::new(),
    };
    stored::insert(tx, &row).await?;
    stored::update_forgotten(tx, act.now.plus(-DAY)).await?;
    let (account, secret) = (fingerprint(&email), act.dice.secret());
    let recent = store::secrets::count_since(tx, Purpose::Register, &account, act.now.plus(-HOUR)).await?;
    let expires_at = act.now.plus(VERIFY_SECONDS);
    store::secrets::insert(tx, &fingerprint(&secret), Purpose::Register, &account, Some(&row.id), act.now, expires_at).await?;
    records::audit(tx, act, "registration.send", "registration", &row.id, &json!({ "uscc": row.uscc })).await?;
    if recent >= LINKS_AN_HOUR {
        return Ok(());
    }
    let event = if store::persons::find_by_email(tx, &email).await?.is_some() { "registration.known" } else { "registration.verify" };
    let facts = json!({ "organisation": row.name, "uscc": row.uscc, "expires_at": expires_at });
    records::write_to(tx, act, event, ("registration", &row.id), (&row.person_name, &email, lang), Some(&secret), facts).await
}

/// The registration behind a link that still holds.
pub async fn find_to_verify(conn: &mut store::AnyConnection, secret: &str, now: crate::base::time::Instant) -> Outcome<Option<stored::Registration>> {
    let Some(id) = store::secrets::find(conn, &fingerprint(secret), Purpose::Register, now).await? else { return Ok(None) };
    Ok(stored::find(conn, &id).await?.filter(|row| row.state == State::Unverified))
}

/// Proves the mail address by its link: the person is made where there was none, and the bureau is told.
///
/// # Errors
/// `link_over`; `organisation_registered` when the organisation has an admin already.
pub async fn verify(tx: &mut Tx<'_>, act: &Act, secret: &str) -> Outcome<()> {
    let over = Refusal::StateConflict("link_over");
    let id = store::secrets::update_used(tx, &fingerprint(secret), Purpose::Register, act.now).await?.ok_or(over.clone())?;
    let row = stored::find(tx, &id).await?.filter(|row| row.state == State::Unverified).ok_or(over.clone())?;
    refuse_registered(tx, &row).await?;
    let person_id = if let Some(known) = store::persons::find_by_email(tx, &row.email).await? {
        known.person_id
    } else {
        let person_id = act.id();
        store::persons::insert(tx, &person_id, &act.id(), &row.person_name, &row.email, row.password_hash.as_deref(), act.now).await?;
        store::persons::update_profile(tx, &person_id, &row.person_name, &row.lang).await?;
        person_id
    };
    store::persons::insert_consent(tx, &act.id(), &person_id, "privacy", &row.privacy_version, &row.lang, row.created_at).await?;
    if !stored::update_filed(tx, &row.id, &person_id, act.now).await? {
        return Err(over.into());
    }
    records::audit(tx, act, "registration.file", "registration", &row.id, &json!({ "person": person_id })).await?;
    let facts = json!({ "organisation": row.name, "person": row.person_name, "path": format!("/bureau/registrations/{}", row.id) });
    let bureaus = match &row.bureau_id {
        Some(bureau_id) => vec![bureau_id.clone()],
        None => store::organisations::list_bureaus(tx).await?.into_iter().map(|bureau| bureau.id).collect(),
    };
    for bureau_id in bureaus {
        records::notify(tx, act, "registration.filed", ("registration", &row.id, 2), &bureau_id, Side::Bureau, &[Role::Officer], &facts).await?;
    }
    Ok(())
}

/// Records that an officer read a registration.
pub async fn note_read(tx: &mut Tx<'_>, act: &Act, id: &str) -> Outcome<()> {
    records::audit(tx, act, "registration.read", "registration", id, &json!({})).await
}

fn sides(row: &stored::Registration) -> Vec<Side> {
    row.sides.split(',').filter_map(Side::parse).collect()
}

async fn refuse_registered(tx: &mut Tx<'_>, row: &stored::Registration) -> Outcome<()> {
    let Some(party) = store::organisations::find_by_uscc(tx, &row.uscc).await? else { return Ok(()) };
    store::organisations::lock(tx, &party.id).await?;
    for side in sides(row) {
        if store::memberships::count_admins(tx, &party.id, side).await? > 0 {
            return Err(Refusal::StateConflict("organisation_registered").into());
        }
    }
    Ok(())
}

/// A filed registration that the acting officer's bureau decides.
async fn find_filed(tx: &mut Tx<'_>, act: &Act, id: &str) -> Outcome<stored::Registration> {
    let officer = act.actor.require(Verb::RunProgrammes)?.clone();
    let row = stored::find(tx, id).await?.filter(|row| row.bureau_id.as_ref().is_none_or(|bureau| *bureau == officer.organisation_id));
    let row = row.filter(|row| row.state != State::Unverified).ok_or(Refusal::NotFound)?;
    if row.state != State::Filed {
        return Err(Refusal::StateConflict("state").into());
    }
    if row.person_id.as_deref() == Some(officer.person_id.as_str()) {
        return Err(Refusal::StateConflict("own_organisation").into());
    }
    Ok(row)
}

/// Approves a registration: the organisation becomes a party, its first person its admin, and its account holds.
///
/// # Errors
/// [`Refusal::NotFound`]; `state`, `own_organisation`, `organisation_registered`.
pub async fn approve(tx: &mut Tx<'_>, act: &Act, id: &str) -> Outcome<()> {
    let row = find_filed(tx, act, id).await?;
    let officer = act.actor.member()?.clone();
    refuse_registered(tx, &row).await?;
    let known = store::persons::find_profile(tx, row.person_id.as_deref().unwrap_or_default()).await?;
    let person = known.ok_or(Refusal::StateConflict("state"))?;
    let form = OrganisationForm {
        uscc: row.uscc.clone(),
        name: row.name.clone(),
        sides: sides(&row),
        region_code: row.region_code.clone(),
        address: row.address.clone(),
        enrolled: false,
        related: Vec::new(),
    };
    let party = add(tx, act, &form).await?;
    let mut first = None;
    for side in sides(&row) {
        let membership_id = act.id();
        store::persons::insert_membership(tx, &membership_id, &person.person_id, &party.id, side, Role::Admin, act.now).await?;
        first.get_or_insert(membership_id);
    }
    let membership_id = first.ok_or(Refusal::StateConflict("state"))?;
    if !row.bank_number.is_empty() {
        let account_id = act.id();
        let account = (row.name.as_str(), row.bank.as_str(), row.bank_number.as_str());
        if store::bank_accounts::insert(tx, &account_id, &party.id, account, (&membership_id, &person.person_id), act.now).await? {
            store::bank_accounts::update_confirmed(tx, &account_id, &party.id, Some((&officer.membership_id, &officer.person_id)), act.now).await?;
        }
    }
    let invoice_address = if row.invoice_address.is_empty() { &row.address } else { &row.invoice_address };
    let details = InvoiceDetails { title: row.name.clone(), address: invoice_address.clone(), phone: row.invoice_phone.clone() };
    store::bank_accounts::insert_invoice_details(tx, &act.id(), &party.id, &details, &membership_id, act.now).await?;
    if !stored::update_decided(tx, id, State::Approved, &officer.membership_id, Some(&party.id), "", act.now).await? {
        return Err(Refusal::StateConflict("state").into());
    }
    records::audit(tx, act, "registration.approve", "registration", id, &json!({ "organisation": party.id, "person": person.person_id })).await?;
    let facts = json!({ "organisation": row.name, "uscc": row.uscc });
    records::write_to(tx, act, "registration.approved", ("registration", id), (&person.name, &row.email, &person.lang), None, facts).await
}

/// Rejects a registration with a reason, which its person reads.
///
/// # Errors
/// [`Refusal::NotFound`]; `state`, `own_organisation`.
pub async fn reject(tx: &mut Tx<'_>, act: &Act, id: &str, reason: &str) -> Outcome<()> {
    let row = find_filed(tx, act, id).await?;
    let officer = act.actor.member()?.clone();
    if !stored::update_decided(tx, id, State::Rejected, &officer.membership_id, None, reason, act.now).await? {
        return Err(Refusal::StateConflict("state").into());
    }
    records::audit(tx, act, "registration.reject", "registration", id, &json!({ "reason": reason })).await?;
    let facts = json!({ "organisation": row.name, "uscc": row.uscc, "reason": reason });
    records::write_to(tx, act, "registration.rejected", ("registration", id), (&row.person_name, &row.email, &row.lang), None, facts).await
}
