//! What people do with their own account: password, profile, end. Passwords are verified and hashed before the transaction.

use serde_json::json;

use super::sessions::{self, Place};
use super::{Act, Outcome, records};
use crate::base::chance::fingerprint;
use crate::base::text::fold;
use crate::base::time::{DAY, HOUR};
use crate::domain::refusals::Refusal;
use crate::domain::roles::Role;
use crate::domain::signing::{LINKS_AN_HOUR, RESET_SECONDS};
use crate::store::secrets::Purpose;
use crate::store::tries::Door;
use crate::store::{self, Tx};

/// Sets one's password anew. Every session ends; gives the secret of a fresh one for the browser at hand.
///
/// # Errors
/// [`Refusal::NotFound`] when the person is gone.
pub async fn change_password(tx: &mut Tx<'_>, act: &Act, password_hash: &str, place: &Place) -> Outcome<String> {
    let member = act.actor.member()?.clone();
    set_password(tx, act, &member.person_id, password_hash, "password.change").await?;
    sessions::open(tx, act, &member.membership_id, place).await
}

/// Sends a link for a new password, where the address belongs to somebody; does as much work where it does not.
pub async fn ask_reset(tx: &mut Tx<'_>, act: &Act, email: &str) -> Outcome<()> {
    let (email, secret) = (fold(email), act.dice.secret());
    let account = fingerprint(&email);
    let known = store::persons::find_by_email(tx, &email).await?;
    let recent = store::secrets::count_since(tx, Purpose::Reset, &account, act.now.plus(-HOUR)).await?;
    let person_id = known.map(|person| person.person_id).filter(|_| recent < LINKS_AN_HOUR);
    let expires_at = act.now.plus(RESET_SECONDS);
    store::secrets::update_ended(tx, Purpose::Reset, person_id.as_deref().unwrap_or_default(), act.now).await?;
    store::secrets::insert(tx, &fingerprint(&secret), Purpose::Reset, &account, person_id.as_deref(), act.now, expires_at).await?;
    store::secrets::delete_before(tx, act.now.plus(-DAY)).await?;
    records::audit(tx, act, "password.ask", "account", &account, &json!({})).await?;
    if let Some(person_id) = person_id
        && let Some(person) = store::persons::find_profile(tx, &person_id).await?
    {
        let facts = json!({ "expires_at": expires_at });
        records::write_to(tx, act, "password.reset", ("link", &act.id()), (&person.name, &email, &person.lang), Some(&secret), facts).await?;
    }
    Ok(())
}

/// Sets a password by a link, which works once. Every session ends, and the network is taken as one of the person's own.
///
/// # Errors
/// `link_over` when the link was used or is over.
pub async fn reset_password(tx: &mut Tx<'_>, act: &Act, secret: &str, password_hash: &str, network: &str) -> Outcome<()> {
    let used = store::secrets::update_used(tx, &fingerprint(secret), Purpose::Reset, act.now).await?;
    let person_id = used.ok_or(Refusal::StateConflict("link_over"))?;
    set_password(tx, act, &person_id, password_hash, "password.reset").await?;
    if let Some(person) = store::persons::find_profile(tx, &person_id).await? {
        let door = Door { account: fingerprint(&person.email), network: network.to_owned() };
        store::tries::insert(tx, &act.id(), &door, true, act.now).await?;
    }
    Ok(())
}

async fn set_password(tx: &mut Tx<'_>, act: &Act, person_id: &str, password_hash: &str, action: &str) -> Outcome<()> {
    let person = store::persons::find_profile(tx, person_id).await?.ok_or(Refusal::NotFound)?;
    store::persons::update_password(tx, person_id, password_hash).await?;
    store::sessions::update_ended_all(tx, person_id, None, act.now).await?;
    store::secrets::update_ended(tx, Purpose::Reset, person_id, act.now).await?;
    for membership in store::persons::list_memberships(tx, person_id).await? {
        store::secrets::update_ended(tx, Purpose::SecondStep, &membership.membership_id, act.now).await?;
    }
    records::audit(tx, act, action, "person", person_id, &json!({})).await?;
    records::write_to(tx, act, "password.changed", ("person", &act.id()), (&person.name, &person.email, &person.lang), None, json!({})).await
}

/// Changes one's name and the language of one's mails.
pub async fn change_profile(tx: &mut Tx<'_>, act: &Act, name: &str, lang: &str) -> Outcome<()> {
    let member = act.actor.member()?.clone();
    store::persons::update_profile(tx, &member.person_id, name, lang).await?;
    records::audit(tx, act, "person.change", "person", &member.person_id, &json!({ "name": name, "before": member.person_name, "lang": lang })).await
}

/// Ends one's account: memberships, sessions, tokens, address, password and second factor go; the name stays with what was done.
///
/// # Errors
/// `last_admin` while an organisation would be left without one.
pub async fn end_account(tx: &mut Tx<'_>, act: &Act) -> Outcome<()> {
    let person_id = act.actor.member()?.person_id.clone();
    let mut memberships = store::persons::list_memberships(tx, &person_id).await?;
    memberships.sort_by(|a, b| a.organisation_id.cmp(&b.organisation_id));
    for membership in &memberships {
        store::organisations::lock(tx, &membership.organisation_id).await?;
        if membership.role == Role::Admin && store::memberships::count_admins(tx, &membership.organisation_id, membership.side).await? < 2 {
            return Err(Refusal::StateConflict("last_admin").into());
        }
    }
    for membership in &memberships {
        store::memberships::update_ended(tx, &membership.membership_id, act.now).await?;
        store::sessions::update_ended_of_membership(tx, &membership.membership_id, act.now).await?;
    }
    store::second_factors::update_ended(tx, &person_id, act.now).await?;
    store::secrets::update_ended(tx, Purpose::Reset, &person_id, act.now).await?;
    store::persons::update_ended(tx, &person_id, act.now).await?;
    records::audit(tx, act, "person.end", "person", &person_id, &json!({ "memberships": memberships.len() })).await
}
