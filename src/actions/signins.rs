//! The door: counting tries, the second step, and letting somebody in. Known and unknown addresses take the same way through it.

use std::net::IpAddr;

use serde_json::json;

use super::sessions::{self, Place};
use super::{Act, Outcome, records, second_factors};
use crate::base::chance::fingerprint;
use crate::base::text::fold;
use crate::base::time::Instant;
use crate::domain::actors::Member;
use crate::domain::signing::{self, SECOND_STEP_SECONDS, Tries, USUAL_SECONDS};
use crate::store::secrets::Purpose;
use crate::store::tries::Door;
use crate::store::{self, AnyConnection, Tx};

/// The door of an address as typed, from a network.
#[must_use]
pub fn door(email: &str, address: IpAddr) -> Door {
    Door { account: fingerprint(&fold(email)), network: signing::network(address) }
}

/// What is known about earlier tries at a door.
pub async fn tries(conn: &mut AnyConnection, door: &Door, now: Instant) -> Outcome<Tries> {
    Ok(store::tries::find(conn, door, now).await?)
}

/// Notes a wrong try. The record names the account by its fingerprint only, so that it is the same for everybody.
pub async fn refuse(tx: &mut Tx<'_>, act: &Act, door: &Door) -> Outcome<()> {
    store::tries::insert(tx, &act.id(), door, false, act.now).await?;
    records::audit(tx, act, "session.refuse", "account", &door.account, &json!({ "network": door.network })).await
}

/// Lets somebody in who has proved everything; gives the secret for the cookie.
pub async fn admit(tx: &mut Tx<'_>, act: &Act, door: &Door, member: &Member, place: &Place) -> Outcome<String> {
    store::tries::insert(tx, &act.id(), door, true, act.now).await?;
    store::tries::delete_before(tx, act.now.plus(-USUAL_SECONDS)).await?;
    sessions::open(tx, act, &member.membership_id, place).await
}

/// What the password alone opens.
#[derive(Debug)]
pub enum FirstStep {
    /// In: the secret for the cookie.
    In(String),
    /// A code is asked for; the secret of the second step.
    Code(String),
    /// A second factor must be set up first; the secret of the second step.
    SetUp(String),
}

/// Goes on after a right password: in, or to the second step.
pub async fn pass(tx: &mut Tx<'_>, act: &Act, door: &Door, member: &Member, place: &Place) -> Outcome<FirstStep> {
    let has = store::second_factors::find_live(tx, &member.person_id).await?.is_some();
    if !has && !second_factors::is_lacking(tx, member).await? {
        return Ok(FirstStep::In(admit(tx, act, door, member, place).await?));
    }
    let secret = act.dice.secret();
    let expires_at = act.now.plus(SECOND_STEP_SECONDS);
    let purpose = Purpose::SecondStep;
    store::secrets::insert(tx, &fingerprint(&secret), purpose, &door.account, Some(&member.membership_id), act.now, expires_at).await?;
    if has {
        return Ok(FirstStep::Code(secret));
    }
    second_factors::begin(tx, act, &member.person_id).await?;
    Ok(FirstStep::SetUp(secret))
}

/// What the second step answers.
#[derive(Debug)]
pub enum SecondStep {
    /// The step took too long, or was taken already: back to the password.
    Over,
    /// A wrong code, or one that was used.
    Wrong,
    /// In: the secret for the cookie, who it is, and recovery codes where a second factor was set up just now.
    In {
        /// For the cookie.
        secret: String,
        /// Who.
        member: Box<Member>,
        /// Shown once.
        codes: Vec<String>,
    },
}

/// Who stands at the second step of this secret.
pub async fn find_at_second_step(conn: &mut AnyConnection, secret: &str, now: Instant) -> Outcome<Option<Member>> {
    let Some(membership_id) = store::secrets::find(conn, &fingerprint(secret), Purpose::SecondStep, now).await? else { return Ok(None) };
    Ok(store::persons::find_member(conn, &membership_id).await?)
}

/// Takes the second step with a code of the authenticator or a recovery code. The act's member is whom [`find_at_second_step`] found.
pub async fn pass_second_step(tx: &mut Tx<'_>, act: &Act, door: &Door, secret: &str, code: &str, place: &Place) -> Outcome<SecondStep> {
    let own = act.actor.member()?;
    let Some(member) = find_at_second_step(tx, secret, act.now).await?.filter(|found| found.membership_id == own.membership_id) else {
        return Ok(SecondStep::Over);
    };
    let codes = if store::second_factors::find_live(tx, &member.person_id).await?.is_some() {
        second_factors::is_right(tx, act, &member.person_id, code).await?.then(Vec::new)
    } else {
        second_factors::confirm(tx, act, &member.person_id, code).await?
    };
    let Some(codes) = codes else {
        refuse(tx, act, door).await?;
        return Ok(SecondStep::Wrong);
    };
    if store::secrets::update_used(tx, &fingerprint(secret), Purpose::SecondStep, act.now).await?.is_none() {
        return Ok(SecondStep::Over);
    }
    let secret = admit(tx, act, door, &member, place).await?;
    Ok(SecondStep::In { secret, member: Box::new(member), codes })
}
