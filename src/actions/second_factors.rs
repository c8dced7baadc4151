//! Second factors: setting one up, proving it, giving it up, and the bureau's wish that its people have one.

use serde_json::json;

use super::{Act, Outcome, records};
use crate::base::chance::fingerprint;
use crate::domain::actors::Member;
use crate::domain::refusals::Refusal;
use crate::domain::roles::{Side, Verb};
use crate::domain::signing::{SECOND_STEP_SECONDS, SecondFactor, may_need_second_factor};
use crate::store::second_factors::StoredFactor;
use crate::store::secrets::Purpose;
use crate::store::{self, AnyConnection, Tx};

/// How many recovery codes come with a second factor.
const RECOVERY_CODES: usize = 8;

/// Whether a membership wants a second factor: the bureau's own people where it switched that on, the platform's where any bureau did.
pub async fn is_wanted(conn: &mut AnyConnection, member: &Member) -> Outcome<bool> {
    if !may_need_second_factor(member.side) {
        return Ok(false);
    }
    Ok(match member.side {
        Side::Bureau => store::second_factors::find_wanted(conn, &member.organisation_id).await?.is_some(),
        _ => store::second_factors::count_wanting(conn).await? > 0,
    })
}

/// Whether a membership wants a second factor that its person does not have.
pub async fn is_lacking(conn: &mut AnyConnection, member: &Member) -> Outcome<bool> {
    Ok(is_wanted(conn, member).await? && store::second_factors::find_live(conn, &member.person_id).await?.is_none())
}

/// Begins to set a second factor up, or goes on with what was begun a moment ago: what has lain about for longer may have been seen by
/// somebody else.
pub async fn begin(tx: &mut Tx<'_>, act: &Act, person_id: &str) -> Outcome<SecondFactor> {
    let begun = store::second_factors::find_new(tx, person_id).await?.filter(|stored| stored.created_at > act.now.plus(-SECOND_STEP_SECONDS));
    if let Some(begun) = begun.and_then(|stored| SecondFactor::read(&stored.secret)) {
        return Ok(begun);
    }
    let factor = SecondFactor::new(&act.dice.secret());
    store::second_factors::insert(tx, &act.id(), person_id, &factor.stored(), act.now).await?;
    Ok(factor)
}

/// Confirms the second factor that was begun by its first code; gives recovery codes, shown once, or nothing for a wrong code.
pub async fn confirm(tx: &mut Tx<'_>, act: &Act, person_id: &str, code: &str) -> Outcome<Option<Vec<String>>> {
    let Some(begun) = store::second_factors::find_new(tx, person_id).await? else { return Ok(None) };
    let Some(step) = SecondFactor::read(&begun.secret).and_then(|factor| factor.step_of(code, act.now)) else { return Ok(None) };
    if store::second_factors::find_live(tx, person_id).await?.is_some() || !store::second_factors::update_confirmed(tx, &begun.id, step, act.now).await? {
        return Ok(None);
    }
    let mut codes = Vec::with_capacity(RECOVERY_CODES);
    for _ in 0..RECOVERY_CODES {
        let code = recovery_code(act);
        store::second_factors::insert_recovery_code(tx, &fingerprint(&code), &begun.id).await?;
        codes.push(code);
    }
    records::audit(tx, act, "second_factor.confirm", "person", person_id, &json!({})).await?;
    Ok(Some(codes))
}

/// The same for oneself; every other session ends, for they were opened without it.
pub async fn confirm_own(tx: &mut Tx<'_>, act: &Act, code: &str, secret: &str) -> Outcome<Option<Vec<String>>> {
    let person_id = act.actor.member()?.person_id.clone();
    let codes = confirm(tx, act, &person_id, code).await?;
    if codes.is_some() {
        end_steps(tx, act, &person_id).await?;
        store::sessions::update_ended_all(tx, &person_id, Some(&fingerprint(secret)), act.now).await?;
    }
    Ok(codes)
}

/// Twelve characters without look-alikes: `7K3M9Q-8XW2PZ`.
fn recovery_code(act: &Act) -> String {
    let half = || act.dice.code("R").chars().skip(2).collect::<String>();
    format!("{}-{}", half(), half())
}

/// Whether a code is the authenticator's of now and was not used yet, or an unused recovery code. Uses it up.
pub async fn is_right(tx: &mut Tx<'_>, act: &Act, person_id: &str, code: &str) -> Outcome<bool> {
    let Some(StoredFactor { id, secret, .. }) = store::second_factors::find_live(tx, person_id).await? else { return Ok(false) };
    if let Some(step) = SecondFactor::read(&secret).and_then(|factor| factor.step_of(code, act.now)) {
        return Ok(store::second_factors::update_step(tx, &id, step).await?);
    }
    let typed = crate::base::text::spelling_removed(code).replace('-', "");
    let (Some(first), Some(second)) = (typed.get(..6), typed.get(6..)) else { return Ok(false) };
    let is_code = store::second_factors::update_recovery_code(tx, &fingerprint(&format!("{first}-{second}")), &id, act.now).await?;
    if is_code {
        records::audit(tx, act, "second_factor.recover", "person", person_id, &json!({})).await?;
    }
    Ok(is_code)
}

/// Ends every second step that a person stands at: what it was begun with holds no longer.
async fn end_steps(tx: &mut Tx<'_>, act: &Act, person_id: &str) -> Outcome<()> {
    for membership in store::persons::list_memberships(tx, person_id).await? {
        store::secrets::update_ended(tx, Purpose::SecondStep, &membership.membership_id, act.now).await?;
    }
    Ok(())
}

/// Gives one's second factor up; every session but the one with this secret ends, and every second step that somebody stands at.
///
/// # Errors
/// `second_factor_needed` while one of one's memberships wants it; `state` without one.
pub async fn end(tx: &mut Tx<'_>, act: &Act, secret: &str) -> Outcome<()> {
    let person_id = act.actor.member()?.person_id.clone();
    for membership in store::persons::list_memberships(tx, &person_id).await? {
        if is_wanted(tx, &membership).await? {
            return Err(Refusal::StateConflict("second_factor_needed").into());
        }
    }
    if !store::second_factors::update_ended(tx, &person_id, act.now).await? {
        return Err(Refusal::StateConflict("state").into());
    }
    end_steps(tx, act, &person_id).await?;
    store::sessions::update_ended_all(tx, &person_id, Some(&fingerprint(secret)), act.now).await?;
    records::audit(tx, act, "second_factor.end", "person", &person_id, &json!({})).await
}

/// Forgets the second factor of somebody who lost phone and recovery codes, with every session; whether there was one.
pub async fn forget(tx: &mut Tx<'_>, act: &Act, person_id: &str) -> Outcome<bool> {
    let had = store::second_factors::update_ended(tx, person_id, act.now).await?;
    store::sessions::update_ended_all(tx, person_id, None, act.now).await?;
    end_steps(tx, act, person_id).await?;
    records::audit(tx, act, "second_factor.forget", "person", person_id, &json!({ "had": had })).await?;
    Ok(had)
}

/// Switches the bureau's wish on or off. Switched on, sessions that were opened without a second factor end.
pub async fn want(tx: &mut Tx<'_>, act: &Act, on: bool) -> Outcome<()> {
    let member = act.actor.require(Verb::RunProgrammes)?.clone();
    store::second_factors::update_wanted(tx, &member.organisation_id, on.then_some(act.now)).await?;
    if on {
        store::sessions::update_ended_without_second_factor(tx, Some(&member.organisation_id), Side::Bureau, act.now).await?;
        store::sessions::update_ended_without_second_factor(tx, None, Side::Platform, act.now).await?;
    }
    records::audit(tx, act, "second_factor.want", "organisation", &member.organisation_id, &json!({ "on": on })).await
}
