//! Enrolling organisations and persons: what `yiqi org add` and `yiqi user add` do, and the bureau's page of parties.

use super::{Act, Outcome, records};
use crate::base::text;
use crate::base::time::Instant;
use crate::domain::actors::Member;
use crate::domain::refusals::{Refusal, Violation};
use crate::domain::roles::{Role, Side};
use crate::store::organisations::Party;
use crate::store::{self, Tx};

/// A new organisation, already checked for form.
#[derive(Debug, Clone)]
pub struct OrganisationForm {
    /// 统一社会信用代码, checked.
    pub uscc: String,
    /// Name.
    pub name: String,
    /// In what capacities.
    pub sides: Vec<Side>,
    /// GB/T 2260 code.
    pub region_code: String,
    /// Address, may be empty.
    pub address: String,
    /// Into the voucher pool of every bureau.
    pub enrolled: bool,
    /// USCCs of related organisations.
    pub related: Vec<String>,
}

/// Adds an organisation, or sides, enrolment and relations to one that is there.
///
/// # Errors
/// `invalid` at `related` for a USCC that is no party.
pub async fn add(tx: &mut Tx<'_>, act: &Act, form: &OrganisationForm) -> Outcome<Party> {
    let party = Party { id: act.id(), uscc: form.uscc.clone(), name: form.name.clone(), region_code: form.region_code.clone(), address: form.address.clone() };
    let is_new = store::organisations::insert(tx, &party, act.now).await?;
    let party = if is_new { party } else { store::organisations::find_by_uscc(tx, &form.uscc).await?.ok_or(Refusal::NotFound)? };
    // Whom a new party is related to it was related to before it came here; one that was here counts as related from the day it is said.
    let related_from = if is_new { Instant(0).day() } else { act.now.day() };
    for side in &form.sides {
        store::organisations::insert_side(tx, &party.id, *side, act.now).await?;
    }
    if form.enrolled {
        for bureau in store::organisations::list_bureaus(tx).await? {
            enrol(tx, act, &bureau.id, &party.id).await?;
        }
    }
    for uscc in &form.related {
        let related = store::organisations::find_by_uscc(tx, uscc).await?.ok_or_else(|| Refusal::one(Violation::invalid("related", "unknown_party")))?;
        // A roll-up under way reads relations with its instruments in hand: either it has this one, or we see its days and touch them.
        store::instruments::lock_all_of(tx, &party.id, &related.id).await?;
        store::organisations::insert_relation(tx, &act.id(), &party.id, &related.id, "declared", related_from).await?;
        store::roll_ups::insert_touched_by_relation(tx, &party.id, &related.id, related_from, act.now).await?;
    }
    records::audit(tx, act, "organisation.add", "organisation", &party.id, &serde_json::json!({ "sides": form.sides })).await?;
    Ok(party)
}

/// Puts an institution into a bureau's voucher pool from today on.
pub async fn enrol(tx: &mut Tx<'_>, act: &Act, bureau_id: &str, institution_id: &str) -> Outcome<()> {
    if store::organisations::insert_enrolment(tx, &act.id(), bureau_id, institution_id, act.now.day(), act.actor.membership_id()).await? {
        records::audit(tx, act, "organisation.enrol", "organisation", institution_id, &serde_json::json!({ "bureau": bureau_id })).await?;
    }
    Ok(())
}

/// Takes an institution out of a bureau's voucher pool from today on.
pub async fn end_enrolment(tx: &mut Tx<'_>, act: &Act, bureau_id: &str, institution_id: &str) -> Outcome<()> {
    if store::organisations::update_enrolment_ended(tx, bureau_id, institution_id, act.now.day()).await? {
        records::audit(tx, act, "organisation.end_enrolment", "organisation", institution_id, &serde_json::json!({ "bureau": bureau_id })).await?;
    }
    Ok(())
}

/// A person to add to an organisation.
#[derive(Debug, Clone)]
pub struct PersonForm {
    /// Mail address as typed.
    pub email: String,
    /// Name.
    pub name: String,
    /// The organisation.
    pub uscc: String,
    /// Role.
    pub role: Role,
    /// Side, where the role does not tell and the organisation has several.
    pub side: Option<Side>,
    /// Argon2 text, hashed before the transaction; unused when the person is there already.
    pub password_hash: Option<String>,
}

/// Adds a person with a membership, or a membership to a person who is there.
///
/// # Errors
/// `invalid` at `org` or `role`, `required` at `as` where the side cannot be told.
pub async fn add_person(tx: &mut Tx<'_>, act: &Act, form: &PersonForm) -> Outcome<Member> {
    let party = store::organisations::find_by_uscc(tx, &form.uscc).await?.ok_or_else(|| Refusal::one(Violation::invalid("org", "unknown_party")))?;
    let sides = store::organisations::list_sides(tx, &party.id).await?;
    let side = side_of(form.role, form.side, &sides)?;
    let email = text::fold(&form.email);
    if !email.contains('@') || email.contains(' ') || email.len() > 200 {
        return Err(Violation::invalid("email", "not_an_address").into());
    }
    let person_id = if let Some(known) = store::persons::find_by_email(tx, &email).await? {
        known.person_id
    } else {
        let id = act.id();
        store::persons::insert(tx, &id, &act.id(), &form.name, &email, form.password_hash.as_deref(), act.now).await?;
        id
    };
    let membership_id = act.id();
    store::persons::insert_membership(tx, &membership_id, &person_id, &party.id, side, form.role, act.now).await?;
    records::audit(tx, act, "person.add", "person", &person_id, &serde_json::json!({ "role": form.role, "organisation": party.uscc })).await?;
    let member =
        store::persons::list_memberships(tx, &person_id).await?.into_iter().find(|m| m.organisation_id == party.id && m.side == side && m.role == form.role);
    Ok(member.ok_or(Refusal::NotFound)?)
}

/// The side of a new membership: what was asked for, what the role says, or the only one that the organisation has.
fn side_of(role: Role, asked: Option<Side>, sides: &[Side]) -> Result<Side, Refusal> {
    let fitting: Vec<Side> = sides.iter().copied().filter(|s| role.fits(*s) && asked.is_none_or(|a| a == *s)).collect();
    match fitting.as_slice() {
        [one] => Ok(*one),
        [] => Err(Refusal::one(Violation::invalid("role", "no_such_side"))),
        _ => Err(Refusal::one(Violation::required("as"))),
    }
}
