//! Sign-in, sign-out, switching between memberships, bearer tokens.

use super::{Act, Outcome, records};
use crate::base::chance::fingerprint;
use crate::base::time::MINUTE;
use crate::domain::actors::Member;
use crate::domain::refusals::Refusal;
use crate::store::{self, Tx};

/// A session ends after this many idle seconds.
pub const IDLE_SECONDS: i64 = 30 * MINUTE;

/// Opens a session for a membership; gives the secret for the cookie. The password was verified before the transaction.
pub async fn open(tx: &mut Tx<'_>, act: &Act, membership_id: &str) -> Outcome<String> {
    let secret = act.dice.secret();
    store::sessions::insert(tx, &act.id(), &fingerprint(&secret), membership_id, act.now).await?;
    records::audit(tx, act, "session.open", "membership", membership_id, &serde_json::json!({})).await?;
    Ok(secret)
}

/// Ends a session by its secret.
pub async fn close(tx: &mut Tx<'_>, act: &Act, secret: &str) -> Outcome<()> {
    store::sessions::update_ended(tx, &fingerprint(secret), act.now).await?;
    Ok(())
}

/// Ends the session `secret` and opens one for another membership of the same person; gives the new secret.
///
/// # Errors
/// [`Refusal::NotFound`] when the membership is not the person's own.
pub async fn switch(tx: &mut Tx<'_>, act: &Act, secret: &str, membership_id: &str) -> Outcome<String> {
    let person_id = act.actor.member()?.person_id.clone();
    let target = store::persons::find_member(tx, membership_id).await?.filter(|m| m.person_id == person_id).ok_or(Refusal::NotFound)?;
    close(tx, act, secret).await?;
    open(tx, act, &target.membership_id).await
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
