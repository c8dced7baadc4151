//! The outbox: notices written by the transaction that they tell of, delivered later by the job `notices`.

use sqlx::any::AnyArguments;
use sqlx::{AnyConnection, Arguments as _, AssertSqlSafe};

use super::Error;
use crate::base::time::Instant;
use crate::domain::roles::{Role, Side};

/// A notice to queue. Its id is `event/object/version/recipient`, which is also the Message-ID.
#[derive(Debug)]
pub struct Notice<'a> {
    /// What happened, such as `booking.confirmed`.
    pub event: &'a str,
    /// What kind of thing it happened to.
    pub object_kind: &'a str,
    /// Which.
    pub object_id: &'a str,
    /// The version of the thing.
    pub version: i64,
    /// For whom: a membership, never an address.
    pub membership_id: &'a str,
    /// JSON: what the text needs.
    pub facts: &'a str,
    /// When it was queued, and is due.
    pub at: Instant,
}

/// Inserts a notice; false when the same one is queued already.
pub async fn insert(conn: &mut AnyConnection, notice: &Notice<'_>) -> Result<bool, Error> {
    let id = format!("{}/{}/{}/{}", notice.event, notice.object_id, notice.version, notice.membership_id);
    let done = sqlx::query(
        "INSERT INTO outbox (id, event, object_kind, object_id, version, membership_id, channel, facts, created_at, due_at, claimed_until, attempts) \
         VALUES ($1, $2, $3, $4, $5, $6, 'mail', $7, $8, $8, 0, 0) ON CONFLICT (id) DO NOTHING",
    )
    .bind(id)
    .bind(notice.event)
    .bind(notice.object_kind)
    .bind(notice.object_id)
    .bind(notice.version)
    .bind(notice.membership_id)
    .bind(notice.facts)
    .bind(notice.at)
    .execute(conn)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Whom a notice goes to: the live members of an organisation's side who have one of the roles, or are one named membership of it.
#[derive(Debug, Clone, Copy)]
pub struct Recipients<'a> {
    /// The organisation.
    pub organisation_id: &'a str,
    /// In which capacity it is told.
    pub side: Side,
    /// Which roles; all when empty.
    pub roles: &'a [Role],
    /// A membership that is told whatever its role.
    pub membership_id: Option<&'a str>,
}

/// Queues a notice for everyone among the recipients, in one statement; those queued already are left alone. The `membership_id` of
/// `notice` is not looked at. Gives how many were queued.
pub async fn insert_for(conn: &mut AnyConnection, notice: &Notice<'_>, recipients: &[Recipients<'_>]) -> Result<u64, Error> {
    let mut args = AnyArguments::default();
    let fail = |error| Error::Sql(sqlx::Error::Encode(error));
    for text in
        [format!("{}/{}/{}/", notice.event, notice.object_id, notice.version).as_str(), notice.event, notice.object_kind, notice.object_id, notice.facts]
    {
        args.add(text.to_owned()).map_err(fail)?;
    }
    args.add(notice.version).map_err(fail)?;
    args.add(notice.at).map_err(fail)?;
    let mut parties = Vec::with_capacity(recipients.len());
    for party in recipients {
        args.add(party.organisation_id.to_owned()).map_err(fail)?;
        args.add(party.side).map_err(fail)?;
        args.add(party.membership_id.map(ToOwned::to_owned)).map_err(fail)?;
        let last = args.len();
        // Roles are words of our own vocabulary, never input.
        let roles: Vec<String> = party.roles.iter().map(|role| format!("'{role}'")).collect();
        let roles = if roles.is_empty() { "1 = 1".to_owned() } else { format!("m.role IN ({})", roles.join(", ")) };
        parties.push(format!("(m.organisation_id = ${} AND m.side = ${} AND (m.id = ${last} OR {roles}))", last - 2, last - 1));
    }
    let sql = format!(
        "INSERT INTO outbox (id, event, object_kind, object_id, version, membership_id, channel, facts, created_at, due_at, claimed_until, attempts) \
         SELECT CAST($1 AS TEXT) || m.id, $2, $3, $4, CAST($6 AS BIGINT), m.id, 'mail', $5, CAST($7 AS BIGINT), CAST($7 AS BIGINT), 0, 0 \
         FROM memberships m JOIN persons p ON p.id = m.person_id AND p.ended_at IS NULL \
         WHERE m.until_at IS NULL AND ({}) ON CONFLICT (id) DO NOTHING",
        parties.join(" OR ")
    );
    Ok(sqlx::query_with(AssertSqlSafe(sql), args).execute(conn).await?.rows_affected())
}
