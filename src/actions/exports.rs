//! The export of one's own data (个人信息保护法, article 45): what is stored about a person, for that person.

use serde_json::{Value, json};

use super::{Act, Outcome, records};
use crate::domain::refusals::Refusal;
use crate::domain::signing::IDLE_SECONDS;
use crate::store::{self, Tx};

/// The most rows of a kind that can be many.
const MOST: i64 = 10_000;

/// Everything about the person who acts; that it was taken out is recorded.
///
/// # Errors
/// [`Refusal::NotFound`] when the person is gone.
pub async fn own(tx: &mut Tx<'_>, act: &Act) -> Outcome<Value> {
    let person_id = act.actor.member()?.person_id.clone();
    let person = store::persons::find_profile(tx, &person_id).await?.ok_or(Refusal::NotFound)?;
    records::audit(tx, act, "person.export", "person", &person_id, &json!({})).await?;
    let tokens: Vec<Value> = store::sessions::list_tokens_of(tx, &person_id)
        .await?
        .into_iter()
        .map(|token| json!({ "name": token.name, "organisation": token.organisation_name, "role": token.role, "created_at": token.created_at }))
        .collect();
    let open = store::sessions::list_of(tx, &person_id, act.now.plus(-IDLE_SECONDS)).await?.len();
    Ok(json!({
        "exported_at": act.now,
        "person": { "id": person.person_id, "name": person.name, "email": person.email, "verified_at": person.verified_at, "lang": person.lang, "created_at": person.created_at },
        "second_factor_since": store::second_factors::find_live(tx, &person_id).await?.and_then(|factor| factor.confirmed_at),
        "memberships": store::exports::list_memberships(tx, &person_id).await?,
        "consents": store::exports::list_consents(tx, &person_id).await?,
        "open_sessions": open,
        "sessions": store::exports::list_sessions(tx, &person_id, MOST).await?,
        "tokens": tokens,
        "bookings": store::exports::list_bookings(tx, &person_id).await?,
        "claims": store::exports::list_claims(tx, &person_id).await?,
        "records": store::exports::list_acts(tx, &person_id, MOST).await?,
    }))
}
