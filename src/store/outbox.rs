//! The outbox: notices written by the transaction that they tell of, delivered later by the job `notices`.

use sqlx::any::AnyArguments;
use sqlx::{AnyConnection, Arguments as _, AssertSqlSafe, FromRow};

use super::Error;
use crate::base::ids::Id;
use crate::base::paging::{Listed, Page};
use crate::base::time::Instant;
use crate::domain::roles::{Role, Side};
use crate::words;

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

/// A notice that was claimed for delivery.
#[derive(Debug, Clone, FromRow)]
pub struct Claimed {
    /// `event/object/version/recipient`.
    pub id: String,
    /// What happened.
    pub event: String,
    /// What kind of thing it happened to.
    pub object_kind: String,
    /// Which.
    pub object_id: String,
    /// The version of the thing.
    pub version: i64,
    /// For whom: a membership, or the bare address of somebody who has none.
    pub membership_id: Option<Id>,
    /// See `membership_id`.
    pub address: Option<String>,
    /// What its link carries, for bare addresses.
    pub secret: Option<String>,
    /// JSON.
    pub facts: String,
    /// When it was queued.
    pub created_at: Instant,
    /// How often it was tried, this time included.
    pub attempts: i64,
}

/// Claims up to `limit` notices that are due, so that no other node delivers them before `until`.
pub async fn update_claimed(conn: &mut AnyConnection, now: Instant, until: Instant, limit: i64) -> Result<Vec<Claimed>, Error> {
    let sql = "UPDATE outbox SET claimed_until = $2, attempts = attempts + 1 WHERE claimed_until <= $1 AND id IN ( \
               SELECT id FROM outbox WHERE delivered_at IS NULL AND failed_at IS NULL AND due_at <= $1 AND claimed_until <= $1 ORDER BY due_at, id LIMIT $3) \
               RETURNING id, event, object_kind, object_id, version, membership_id, address, secret, facts, created_at, attempts";
    Ok(sqlx::query_as(sql).bind(now).bind(until).bind(limit).fetch_all(conn).await?)
}

/// Marks a notice delivered and wipes the bare address and the secret of its link; false when it was marked already.
pub async fn update_delivered(conn: &mut AnyConnection, id: &str, now: Instant) -> Result<bool, Error> {
    let sql = "UPDATE outbox SET delivered_at = $2, claimed_until = 0, last_error = NULL, secret = NULL, address = CASE WHEN address IS NULL THEN NULL ELSE '' END WHERE id = $1 AND delivered_at IS NULL";
    Ok(sqlx::query(sql).bind(id).bind(now).execute(conn).await?.rows_affected() > 0)
}

/// Marks every notice delivered that was queued before an instant, as at its own; gives how many.
pub async fn update_told(conn: &mut AnyConnection, before: Instant) -> Result<u64, Error> {
    let sql = "UPDATE outbox SET delivered_at = created_at WHERE delivered_at IS NULL AND failed_at IS NULL AND created_at < $1";
    Ok(sqlx::query(sql).bind(before).execute(conn).await?.rows_affected())
}

/// Marks a notice to be tried again at `due_at`.
pub async fn update_retry(conn: &mut AnyConnection, id: &str, due_at: Instant, error: &str) -> Result<bool, Error> {
    let sql = "UPDATE outbox SET due_at = $2, claimed_until = 0, last_error = $3 WHERE id = $1 AND delivered_at IS NULL";
    Ok(sqlx::query(sql).bind(id).bind(due_at).bind(error).execute(conn).await?.rows_affected() > 0)
}

/// Marks a notice given up and wipes the bare address and the secret of its link.
pub async fn update_failed(conn: &mut AnyConnection, id: &str, now: Instant, error: &str) -> Result<bool, Error> {
    let sql = "UPDATE outbox SET failed_at = $2, claimed_until = 0, last_error = $3, secret = NULL, address = CASE WHEN address IS NULL THEN NULL ELSE '' END WHERE id = $1 AND delivered_at IS NULL";
    Ok(sqlx::query(sql).bind(id).bind(now).bind(error).execute(conn).await?.rows_affected() > 0)
}

/// What a letter about a booking says of it, as it is now. Never purpose, samples or note (rules.md section 1).
#[derive(Debug, Clone, FromRow)]
pub struct BookingLines {
    /// The booking.
    pub id: Id,
    /// Its code for people.
    pub code: String,
    /// The enterprise.
    pub customer_id: Id,
    /// Its name.
    pub customer: String,
    /// The institution's name.
    pub institution: String,
    /// The membership that placed it.
    pub placed_by: Id,
    /// How it is served.
    pub mode: String,
    /// The time that was booked.
    pub starts_at: Instant,
    /// See `starts_at`.
    pub ends_at: Instant,
    /// Quoted fee.
    pub fee_fen: i64,
    /// Held of the voucher now.
    pub held_fen: i64,
    /// Fee of the statement.
    pub actual_fen: Option<i64>,
    /// Fee of a late cancel.
    pub cancel_fee_fen: i64,
    /// When an unanswered request expires.
    pub answer_due_at: Option<Instant>,
    /// When the clock confirms the statement.
    pub confirm_due_at: Option<Instant>,
    /// Name of the instrument.
    pub instrument: String,
    /// Its model, may be empty.
    pub model: String,
    /// Where it stands.
    pub location: String,
    /// Until how long before the start cancelling is free.
    pub free_cancel_minutes: i64,
    /// When a booking that was not used becomes a no-show.
    pub no_show_minutes: i64,
}

/// What a letter about a booking says of it.
pub async fn find_booking_lines(conn: &mut AnyConnection, id: &str) -> Result<Option<BookingLines>, Error> {
    let sql = "SELECT b.id, b.code, b.customer_id, c.name AS customer, o.name AS institution, b.placed_by, b.mode, b.starts_at, b.ends_at, b.fee_fen, \
               coalesce(h.amount_fen, 0) AS held_fen, b.actual_fen, b.cancel_fee_fen, b.answer_due_at, b.confirm_due_at, i.name AS instrument, i.model, i.location, \
               p.free_cancel_minutes, p.no_show_minutes \
               FROM bookings b JOIN instruments_now i ON i.id = b.instrument_id JOIN parties c ON c.id = b.customer_id JOIN parties o ON o.id = b.institution_id \
               JOIN policies p ON p.id = b.policy_id LEFT JOIN holds h ON h.booking_id = b.id WHERE b.id = $1";
    Ok(sqlx::query_as(sql).bind(id).fetch_optional(conn).await?)
}

words! {
    /// What has become of a notice.
    pub enum Fate {
        /// 待发送: not tried yet.
        Waiting = "waiting",
        /// 待重试: tried and not handed over yet.
        Retrying = "retrying",
        /// 已放弃.
        Failed = "failed",
        /// 已发送.
        Delivered = "delivered",
    }
}

/// What the operator sees of a notice: never its text, never to whom.
#[derive(Debug, Clone, FromRow)]
pub struct Line {
    /// `event/object/version/recipient`.
    pub id: String,
    /// What happened.
    pub event: String,
    /// What kind of thing it happened to.
    pub object_kind: String,
    /// Which.
    pub object_id: String,
    /// When it was queued.
    pub created_at: Instant,
    /// When it is tried next.
    pub due_at: Instant,
    /// How often it was tried.
    pub attempts: i64,
    /// When it was handed over.
    pub delivered_at: Option<Instant>,
    /// When it was given up.
    pub failed_at: Option<Instant>,
    /// Why the last try failed.
    pub last_error: Option<String>,
}

impl Line {
    /// What has become of it.
    #[must_use]
    pub const fn fate(&self) -> Fate {
        match (self.delivered_at, self.failed_at, self.attempts) {
            (Some(_), _, _) => Fate::Delivered,
            (None, Some(_), _) => Fate::Failed,
            (None, None, 0) => Fate::Waiting,
            (None, None, _) => Fate::Retrying,
        }
    }
}

/// The condition of a fate; a notice under way counts as tried.
const fn condition(fate: Option<Fate>) -> &'static str {
    match fate {
        None => "1 = 1",
        Some(Fate::Delivered) => "delivered_at IS NOT NULL",
        Some(Fate::Failed) => "failed_at IS NOT NULL AND delivered_at IS NULL",
        Some(Fate::Waiting) => "delivered_at IS NULL AND failed_at IS NULL AND attempts = 0",
        Some(Fate::Retrying) => "delivered_at IS NULL AND failed_at IS NULL AND attempts > 0",
    }
}

/// A page of notices of a fate, or of all; given up ones first, then the newest.
pub async fn list(conn: &mut AnyConnection, fate: Option<Fate>, page: Page) -> Result<Listed<Line>, Error> {
    let total = count(conn, fate).await?;
    let sql = format!(
        "SELECT id, event, object_kind, object_id, created_at, due_at, attempts, delivered_at, failed_at, last_error FROM outbox WHERE {} \
         ORDER BY CASE WHEN failed_at IS NOT NULL AND delivered_at IS NULL THEN 0 ELSE 1 END, created_at DESC, id LIMIT $1 OFFSET $2",
        condition(fate)
    );
    let items = sqlx::query_as(AssertSqlSafe(sql)).bind(page.limit).bind(page.offset).fetch_all(conn).await?;
    Ok(Listed::new(items, total, page))
}

/// How many notices have a fate, or all.
pub async fn count(conn: &mut AnyConnection, fate: Option<Fate>) -> Result<i64, Error> {
    Ok(sqlx::query_scalar(AssertSqlSafe(format!("SELECT count(*) FROM outbox WHERE {}", condition(fate)))).fetch_one(conn).await?)
}

/// When the oldest notice that still waits was queued.
pub async fn find_oldest_waiting(conn: &mut AnyConnection) -> Result<Option<Instant>, Error> {
    let sql = "SELECT created_at FROM outbox WHERE delivered_at IS NULL AND failed_at IS NULL ORDER BY created_at LIMIT 1";
    Ok(sqlx::query_scalar(sql).fetch_optional(conn).await?)
}

/// When the newest notice of an event was handed over.
pub async fn find_last_delivered(conn: &mut AnyConnection, event: &str) -> Result<Option<Instant>, Error> {
    Ok(sqlx::query_scalar("SELECT max(delivered_at) FROM outbox WHERE event = $1").bind(event).fetch_one(conn).await?)
}

/// Lets a notice that was given up be tried again; false when it was not given up.
pub async fn update_again(conn: &mut AnyConnection, id: &str, now: Instant) -> Result<bool, Error> {
    let sql = "UPDATE outbox SET failed_at = NULL, due_at = $2, claimed_until = 0 WHERE id = $1 AND failed_at IS NOT NULL AND delivered_at IS NULL";
    Ok(sqlx::query(sql).bind(id).bind(now).execute(conn).await?.rows_affected() > 0)
}
