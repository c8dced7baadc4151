//! The people of an organisation: its admin invites them, gives them roles and lets them go. Never the last admin.

use serde_json::json;

use super::{Act, Outcome, records};
use crate::base::chance::fingerprint;
use crate::base::text::fold;
use crate::domain::actors::Member;
use crate::domain::refusals::{Refusal, Violation};
use crate::domain::registrations::PRIVACY_VERSION;
use crate::domain::roles::{Role, Verb};
use crate::domain::signing::{INVITATION_SECONDS, is_address};
use crate::store::invitations::{Invitation, NewInvitation};
use crate::store::memberships::Colleague;
use crate::store::secrets::Purpose;
use crate::store::{self, Tx};

/// The admin who acts, alone with the organisation's people until the transaction ends, and still its admin.
async fn admin(tx: &mut Tx<'_>, act: &Act) -> Outcome<Member> {
    let member = act.actor.require(Verb::ManagePeople)?.clone();
    store::organisations::lock(tx, &member.organisation_id).await?;
    let still = store::persons::find_member(tx, &member.membership_id).await?;
    if still.is_some() { Ok(member) } else { Err(Refusal::Forbidden.into()) }
}

/// Invites a colleague by mail; an earlier invitation of the same address gives way.
///
/// # Errors
/// `invalid` at `email` or `role`.
pub async fn invite(tx: &mut Tx<'_>, act: &Act, email: &str, role: Role) -> Outcome<()> {
    let (admin, email) = (admin(tx, act).await?, fold(email));
    let mut found = Vec::new();
    if !is_address(&email) {
        found.push(Violation::invalid("email", "not_an_address"));
    } else if store::memberships::list(tx, &admin.organisation_id, admin.side).await?.iter().any(|colleague| colleague.email == email) {
        found.push(Violation::invalid("email", "already_member"));
    }
    if !role.fits(admin.side) {
        found.push(Violation::invalid("role", "not_a_word"));
    }
    Refusal::unless_empty(found)?;
    let (id, secret, expires_at) = (act.id(), act.dice.secret(), act.now.plus(INVITATION_SECONDS));
    let new = NewInvitation {
        id: &id,
        organisation_id: &admin.organisation_id,
        side: admin.side,
        role,
        email: &email,
        invited_by: &admin.membership_id,
        now: act.now,
        expires_at,
    };
    if let Some(earlier) = store::invitations::insert(tx, &new).await? {
        store::secrets::update_ended(tx, Purpose::Invitation, &earlier, act.now).await?;
    }
    let account = fingerprint(&email);
    store::secrets::insert(tx, &fingerprint(&secret), Purpose::Invitation, &account, Some(&id), act.now, expires_at).await?;
    records::audit(tx, act, "invitation.send", "invitation", &id, &json!({ "role": role, "email": email })).await?;
    let lang = store::persons::find_profile(tx, &admin.person_id).await?.map_or_else(|| "zh-CN".to_owned(), |person| person.lang);
    let facts = json!({ "organisation": admin.organisation_name, "person": admin.person_name, "role": role, "expires_at": expires_at });
    records::write_to(tx, act, "invitation.sent", ("invitation", &id), ("", &email, &lang), Some(&secret), facts).await
}

/// Takes an invitation back.
///
/// # Errors
/// [`Refusal::NotFound`] when it is none of one's own organisation's, or not live.
pub async fn withdraw(tx: &mut Tx<'_>, act: &Act, invitation_id: &str) -> Outcome<()> {
    let admin = admin(tx, act).await?;
    let own = store::invitations::find(tx, invitation_id).await?.filter(|i| i.organisation_id == admin.organisation_id && i.side == admin.side);
    let invitation = own.ok_or(Refusal::NotFound)?;
    store::invitations::update_withdrawn(tx, &invitation.id, act.now).await?;
    store::secrets::update_ended(tx, Purpose::Invitation, &invitation.id, act.now).await?;
    records::audit(tx, act, "invitation.withdraw", "invitation", &invitation.id, &json!({})).await
}

/// What somebody tells who has no account yet.
#[derive(Debug, Clone)]
pub struct NewcomerForm {
    /// Name.
    pub name: String,
    /// Argon2 text.
    pub password_hash: String,
    /// Language of mails.
    pub lang: String,
}

/// The invitation behind a link that still holds.
pub async fn find_invited(conn: &mut store::AnyConnection, secret: &str, now: crate::base::time::Instant) -> Outcome<Option<Invitation>> {
    let Some(id) = store::secrets::find(conn, &fingerprint(secret), Purpose::Invitation, now).await? else { return Ok(None) };
    Ok(store::invitations::find(conn, &id).await?.filter(|invitation| invitation.expires_at > now))
}

/// Accepts an invitation. The link proves the address; somebody who has an account with it joins as themselves, others tell who they are.
///
/// # Errors
/// `link_over`; `required` at `name` when the address has no account and nothing was told.
pub async fn accept(tx: &mut Tx<'_>, act: &Act, secret: &str, newcomer: Option<&NewcomerForm>) -> Outcome<Member> {
    let over = Refusal::StateConflict("link_over");
    let invitation = find_invited(tx, secret, act.now).await?.ok_or(over.clone())?;
    store::organisations::lock(tx, &invitation.organisation_id).await?;
    store::secrets::update_used(tx, &fingerprint(secret), Purpose::Invitation, act.now).await?.ok_or(over.clone())?;
    let person_id = match (store::persons::find_by_email(tx, &invitation.email).await?, newcomer) {
        (Some(known), _) => known.person_id,
        (None, Some(form)) => {
            let id = act.id();
            store::persons::insert(tx, &id, &act.id(), &form.name, &invitation.email, Some(&form.password_hash), act.now).await?;
            store::persons::update_profile(tx, &id, &form.name, &form.lang).await?;
            store::persons::insert_consent(tx, &act.id(), &id, "privacy", PRIVACY_VERSION, &form.lang, act.now).await?;
            id
        }
        (None, None) => return Err(Violation::required("name").into()),
    };
    if !store::invitations::update_accepted(tx, &invitation.id, &person_id, act.now).await? {
        return Err(over.into());
    }
    let membership_id = act.id();
    store::persons::insert_membership(tx, &membership_id, &person_id, &invitation.organisation_id, invitation.side, invitation.role, act.now).await?;
    let facts = json!({ "role": invitation.role, "organisation": invitation.organisation_id, "invitation": invitation.id });
    records::audit(tx, act, "invitation.accept", "person", &person_id, &facts).await?;
    let memberships = store::persons::list_memberships(tx, &person_id).await?;
    let joined = memberships.into_iter().find(|m| m.organisation_id == invitation.organisation_id && m.side == invitation.side && m.role == invitation.role);
    Ok(joined.ok_or(Refusal::NotFound)?)
}

/// Gives a colleague another role: the membership ends, with its sessions and tokens, and another begins.
///
/// # Errors
/// [`Refusal::NotFound`], `last_admin`, `invalid` at `role`.
pub async fn change_role(tx: &mut Tx<'_>, act: &Act, membership_id: &str, role: Role) -> Outcome<()> {
    let admin = admin(tx, act).await?;
    let colleague = store::memberships::find(tx, &admin.organisation_id, admin.side, membership_id).await?.ok_or(Refusal::NotFound)?;
    if !role.fits(admin.side) {
        return Err(Violation::invalid("role", "not_a_word").into());
    }
    if role == colleague.role {
        return Ok(());
    }
    end(tx, act, &admin, &colleague).await?;
    store::persons::insert_membership(tx, &act.id(), &colleague.person_id, &admin.organisation_id, admin.side, role, act.now).await?;
    records::audit(tx, act, "membership.change", "membership", membership_id, &json!({ "from": colleague.role, "to": role })).await?;
    tell(tx, act, "membership.changed", &admin, &colleague, role).await
}

/// Lets a colleague go: the membership ends with its sessions and tokens; what they did keeps their name.
///
/// # Errors
/// [`Refusal::NotFound`], `last_admin`.
pub async fn remove(tx: &mut Tx<'_>, act: &Act, membership_id: &str) -> Outcome<()> {
    let admin = admin(tx, act).await?;
    let colleague = store::memberships::find(tx, &admin.organisation_id, admin.side, membership_id).await?.ok_or(Refusal::NotFound)?;
    end(tx, act, &admin, &colleague).await?;
    records::audit(tx, act, "membership.end", "membership", membership_id, &json!({ "role": colleague.role })).await?;
    tell(tx, act, "membership.ended", &admin, &colleague, colleague.role).await
}

async fn end(tx: &mut Tx<'_>, act: &Act, admin: &Member, colleague: &Colleague) -> Outcome<()> {
    if colleague.role == Role::Admin && store::memberships::count_admins(tx, &admin.organisation_id, admin.side).await? < 2 {
        return Err(Refusal::StateConflict("last_admin").into());
    }
    store::memberships::update_ended(tx, &colleague.membership_id, act.now).await?;
    store::sessions::update_ended_of_membership(tx, &colleague.membership_id, act.now).await?;
    store::secrets::update_ended(tx, Purpose::SecondStep, &colleague.membership_id, act.now).await?;
    Ok(())
}

async fn tell(tx: &mut Tx<'_>, act: &Act, event: &str, admin: &Member, colleague: &Colleague, role: Role) -> Outcome<()> {
    let lang = store::persons::find_profile(tx, &colleague.person_id).await?.map_or_else(|| "zh-CN".to_owned(), |person| person.lang);
    let facts = json!({ "organisation": admin.organisation_name, "person": admin.person_name, "role": role });
    records::write_to(tx, act, event, ("membership", &act.id()), (&colleague.name, &colleague.email, &lang), None, facts).await
}
