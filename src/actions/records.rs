//! What every action leaves behind besides its rows: an audit record, and notices in the outbox.

use serde_json::Value;

use super::{Act, Outcome};
use crate::domain::actors::Actor;
use crate::domain::roles::{Role, Side};
use crate::store::outbox::{Notice, Recipients};
use crate::store::{self, Tx};

/// Writes an audit record of this act: `action` such as `booking.approve`, on an object, with facts that explain it.
pub async fn audit(tx: &mut Tx<'_>, act: &Act, action: &str, object_kind: &str, object_id: &str, facts: &Value) -> Outcome<()> {
    let person_id = match &act.actor {
        Actor::Member(member) => Some(member.person_id.as_str()),
        _ => None,
    };
    let (id, facts) = (act.id(), facts.to_string());
    let record = store::audit::Record {
        id: &id,
        at: act.now,
        person_id,
        membership_id: act.actor.membership_id(),
        job: act.actor.job().or(match &act.actor {
            Actor::Instrument { .. } => Some("instrument"),
            _ => None,
        }),
        action,
        object_kind,
        object_id,
        facts: &facts,
        request_id: &act.request_id,
    };
    Ok(store::audit::insert(tx, &record).await?)
}

/// Queues one notice for every live member of an organisation's side who has one of `roles`, or is its admin.
#[expect(clippy::too_many_arguments, reason = "a notice is named by event, object and version, and goes to a party")]
pub async fn notify(
    tx: &mut Tx<'_>,
    act: &Act,
    event: &str,
    object: (&str, &str, i64),
    organisation_id: &str,
    side: Side,
    roles: &[Role],
    facts: &Value,
) -> Outcome<()> {
    let with_admin: Vec<Role> = if roles.is_empty() { Vec::new() } else { roles.iter().copied().chain([Role::Admin]).collect() };
    notify_all(tx, act, event, object, &[Recipients { organisation_id, side, roles: &with_admin, membership_id: None }], facts).await
}

/// Queues one notice for everyone among several parties, in one statement.
pub async fn notify_all(tx: &mut Tx<'_>, act: &Act, event: &str, object: (&str, &str, i64), recipients: &[Recipients<'_>], facts: &Value) -> Outcome<()> {
    let (object_kind, object_id, version) = object;
    let facts = facts.to_string();
    let notice = Notice { event, object_kind, object_id, version, membership_id: "", facts: &facts, at: act.now };
    store::outbox::insert_for(tx, &notice, recipients).await?;
    Ok(())
}

/// Queues one notice for one membership. `facts` is JSON text.
pub async fn notify_member(tx: &mut Tx<'_>, act: &Act, event: &str, object: (&str, &str, i64), membership_id: &str, facts: &str) -> Outcome<()> {
    let (object_kind, object_id, version) = object;
    let notice = Notice { event, object_kind, object_id, version, membership_id, facts, at: act.now };
    store::outbox::insert(tx, &notice).await?;
    Ok(())
}

/// Queues one letter to a bare address, for somebody who has no membership yet or no longer. `reader` is name (may be empty), address and
/// language; `secret` is what its link carries and stands nowhere else.
pub async fn write_to(
    tx: &mut Tx<'_>,
    act: &Act,
    event: &str,
    object: (&str, &str),
    reader: (&str, &str, &str),
    secret: Option<&str>,
    mut facts: Value,
) -> Outcome<()> {
    let ((object_kind, object_id), (name, address, lang)) = (object, reader);
    if let Value::Object(facts) = &mut facts {
        facts.insert("name".to_owned(), name.into());
        facts.insert("lang".to_owned(), lang.into());
    }
    let facts = facts.to_string();
    let letter = store::letters::Letter { event, object_kind, object_id, address, secret, facts: &facts, at: act.now };
    store::letters::insert(tx, &letter).await?;
    Ok(())
}
