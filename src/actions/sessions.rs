//! Sign-in, sign-out, switching between memberships, bearer tokens.

use super::{Act, Outcome, records};
use crate::base::chance::fingerprint;
use crate::domain::actors::Member;
use crate::domain::refusals::Refusal;
pub use crate::domain::signing::IDLE_SECONDS;
use crate::store::{self, Tx};

/// Where a session is opened; shown to its person only.
#[derive(Debug, Clone, Default)]
pub struct Place {
    /// Network address.
    pub address: String,
    /// The browser's own words.
    pub agent: String,
}

/// Opens a session for a membership; gives the secret for the cookie. Whoever it is was proved before.
pub async fn open(tx: &mut Tx<'_>, act: &Act, membership_id: &str, place: &Place) -> Outcome<String> {
    let secret = act.dice.secret();
    store::sessions::insert(tx, &act.id(), &fingerprint(&secret), membership_id, act.now).await?;
    store::sessions::update_place(tx, &fingerprint(&secret), &place.address, &place.agent).await?;
    records::audit(tx, act, "session.open", "membership", membership_id, &serde_json::json!({})).await?;
    Ok(secret)
}

/// Ends a session by its secret.
pub async fn close(tx: &mut Tx<'_>, act: &Act, secret: &str) -> Outcome<()> {
    if store::sessions::update_ended(tx, &fingerprint(secret), act.now).await?
        && let Some(membership_id) = act.actor.membership_id()
    {
        records::audit(tx, act, "session.close", "membership", membership_id, &serde_json::json!({})).await?;
    }
    Ok(())
}

/// Ends the session `secret` and opens one for another membership of the same person; gives the new secret.
///
/// # Errors
/// [`Refusal::NotFound`] when the membership is not the person's own; `second_factor_needed` when it wants a second factor that they lack.
pub async fn switch(tx: &mut Tx<'_>, act: &Act, secret: &str, membership_id: &str, place: &Place) -> Outcome<String> {
    let person_id = act.actor.member()?.person_id.clone();
    let target = store::persons::find_member(tx, membership_id).await?.filter(|m| m.person_id == person_id).ok_or(Refusal::NotFound)?;
    if super::second_factors::is_lacking(tx, &target).await? {
        return Err(Refusal::StateConflict("second_factor_needed").into());
    }
    close(tx, act, secret).await?;
    open(tx, act, &target.membership_id, place).await
}

/// Ends one session of one's own.
///
/// # Errors
/// [`Refusal::NotFound`] when it is none of one's own, or over.
pub async fn end(tx: &mut Tx<'_>, act: &Act, session_id: &str) -> Outcome<()> {
    let person_id = act.actor.member()?.person_id.clone();
    if !store::sessions::update_ended_of(tx, &person_id, session_id, act.now).await? {
        return Err(Refusal::NotFound.into());
    }
    records::audit(tx, act, "session.revoke", "session", session_id, &serde_json::json!({})).await
}

/// Ends every session of one's own but the one with this secret.
pub async fn end_others(tx: &mut Tx<'_>, act: &Act, secret: &str) -> Outcome<()> {
    let person_id = act.actor.member()?.person_id.clone();
    let ended = store::sessions::update_ended_all(tx, &person_id, Some(&fingerprint(secret)), act.now).await?;
    records::audit(tx, act, "session.revoke_others", "person", &person_id, &serde_json::json!({ "sessions": ended })).await
}

/// Makes a bearer token with a name for the membership acted through; gives the secret, which is shown once.
pub async fn issue_own_token(tx: &mut Tx<'_>, act: &Act, name: &str) -> Outcome<String> {
    let member = act.actor.member()?.clone();
    let secret = issue_token(tx, act, &member).await?;
    store::sessions::update_token_name(tx, &fingerprint(&secret), name).await?;
    Ok(secret)
}

/// Ends one token of one's own.
///
/// # Errors
/// [`Refusal::NotFound`] when it is none of one's own, or over.
pub async fn end_token(tx: &mut Tx<'_>, act: &Act, token_id: &str) -> Outcome<()> {
    let person_id = act.actor.member()?.person_id.clone();
    if !store::sessions::update_token_ended(tx, &person_id, token_id, act.now).await? {
        return Err(Refusal::NotFound.into());
    }
    records::audit(tx, act, "token.revoke", "token", token_id, &serde_json::json!({})).await
}

/// Makes a bearer token for a membership; gives the secret, which is shown once.
pub async fn issue_token(tx: &mut Tx<'_>, act: &Act, member: &Member) -> Outcome<String> {
    let secret = act.dice.secret();
    store::sessions::insert_token(tx, &act.id(), &fingerprint(&secret), Some(&member.membership_id), None, act.now).await?;
    records::audit(tx, act, "token.issue", "membership", &member.membership_id, &serde_json::json!({})).await?;
    Ok(secret)
}

/// Makes a bearer token for an instrument, which may post use of that instrument and nothing else.
pub async fn issue_instrument_token(tx: &mut Tx<'_>, act: &Act, instrument_id: &str) -> Outcome<String> {
    let secret = act.dice.secret();
    store::sessions::insert_token(tx, &act.id(), &fingerprint(&secret), None, Some(instrument_id), act.now).await?;
    records::audit(tx, act, "token.issue", "instrument", instrument_id, &serde_json::json!({})).await?;
    Ok(secret)
}
