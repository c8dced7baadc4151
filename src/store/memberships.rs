//! Memberships as an admin and their own person see them: who is in, who was invited, roles that end and begin.

use sqlx::{AnyConnection, FromRow};

use super::Error;
use crate::base::ids::Id;
use crate::base::time::Instant;
use crate::domain::roles::{Role, Side};

/// A live member of an organisation with what its admin needs to know.
#[derive(Debug, Clone, FromRow)]
pub struct Colleague {
    /// The membership.
    pub membership_id: Id,
    /// The person.
    pub person_id: Id,
    /// Name.
    pub name: String,
    /// Mail address.
    pub email: String,
    /// Role.
    pub role: Role,
    /// Since when.
    pub from_at: Instant,
    /// When a session of this membership was last used.
    pub seen_at: Option<Instant>,
    /// Since when the person signs in with a second factor.
    pub second_factor_at: Option<Instant>,
}

const COLLEAGUE: &str = "SELECT m.id AS membership_id, p.id AS person_id, p.name AS name, i.address AS email, m.role AS role, m.from_at AS from_at, \
     (SELECT max(s.seen_at) FROM sessions s WHERE s.membership_id = m.id) AS seen_at, \
     (SELECT max(f.confirmed_at) FROM second_factors f WHERE f.person_id = p.id AND f.ended_at IS NULL) AS second_factor_at \
     FROM memberships m JOIN persons p ON p.id = m.person_id AND p.ended_at IS NULL \
     JOIN identities i ON i.person_id = p.id AND i.kind = 'email' AND i.ended_at IS NULL \
     WHERE m.organisation_id = $1 AND m.side = $2 AND m.until_at IS NULL";

/// The live members of an organisation's side, the longest first.
pub async fn list(conn: &mut AnyConnection, organisation_id: &str, side: Side) -> Result<Vec<Colleague>, Error> {
    Ok(sqlx::query_as(sqlx::AssertSqlSafe(format!("{COLLEAGUE} ORDER BY m.from_at, m.id"))).bind(organisation_id).bind(side).fetch_all(conn).await?)
}

/// One live member of an organisation's side.
pub async fn find(conn: &mut AnyConnection, organisation_id: &str, side: Side, membership_id: &str) -> Result<Option<Colleague>, Error> {
    Ok(sqlx::query_as(sqlx::AssertSqlSafe(format!("{COLLEAGUE} AND m.id = $3")))
        .bind(organisation_id)
        .bind(side)
        .bind(membership_id)
        .fetch_optional(conn)
        .await?)
}

/// How many admins an organisation's side has.
pub async fn count_admins(conn: &mut AnyConnection, organisation_id: &str, side: Side) -> Result<i64, Error> {
    Ok(sqlx::query_scalar("SELECT count(*) FROM memberships WHERE organisation_id = $1 AND side = $2 AND role = 'admin' AND until_at IS NULL")
        .bind(organisation_id)
        .bind(side)
        .fetch_one(conn)
        .await?)
}

/// Ends a membership; false when it was over already.
pub async fn update_ended(conn: &mut AnyConnection, membership_id: &str, now: Instant) -> Result<bool, Error> {
    Ok(sqlx::query("UPDATE memberships SET until_at = $2 WHERE id = $1 AND until_at IS NULL")
        .bind(membership_id)
        .bind(now)
        .execute(conn)
        .await?
        .rows_affected()
        > 0)
}
