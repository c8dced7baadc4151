//! Invitations to colleagues: one live one for an address and an organisation's side.

use sqlx::{AnyConnection, FromRow};

use super::Error;
use crate::base::ids::Id;
use crate::base::time::Instant;
use crate::domain::roles::{Role, Side};

/// An invitation.
#[derive(Debug, Clone, FromRow)]
pub struct Invitation {
    /// Id.
    pub id: Id,
    /// Into which organisation.
    pub organisation_id: Id,
    /// Its current name.
    pub organisation_name: String,
    /// On which side.
    pub side: Side,
    /// In which role.
    pub role: Role,
    /// To which address, folded.
    pub email: String,
    /// The membership that invited.
    pub invited_by: Id,
    /// The name of who invited.
    pub inviter: String,
    /// When.
    pub created_at: Instant,
    /// Until when it holds.
    pub expires_at: Instant,
}

const INVITATION: &str = "SELECT v.id, v.organisation_id, o.name AS organisation_name, v.side, v.role, v.email, v.invited_by, p.name AS inviter, v.created_at, v.expires_at \
     FROM invitations v JOIN parties o ON o.id = v.organisation_id JOIN memberships m ON m.id = v.invited_by JOIN persons p ON p.id = m.person_id \
     WHERE v.accepted_at IS NULL AND v.withdrawn_at IS NULL";

/// A live invitation.
pub async fn find(conn: &mut AnyConnection, id: &str) -> Result<Option<Invitation>, Error> {
    Ok(sqlx::query_as(sqlx::AssertSqlSafe(format!("{INVITATION} AND v.id = $1"))).bind(id).fetch_optional(conn).await?)
}

/// The live invitations of an organisation's side, also those that ran out, the newest first.
pub async fn list(conn: &mut AnyConnection, organisation_id: &str, side: Side) -> Result<Vec<Invitation>, Error> {
    Ok(sqlx::query_as(sqlx::AssertSqlSafe(format!("{INVITATION} AND v.organisation_id = $1 AND v.side = $2 ORDER BY v.created_at DESC, v.id DESC")))
        .bind(organisation_id)
        .bind(side)
        .fetch_all(conn)
        .await?)
}

/// A new invitation.
#[derive(Debug)]
pub struct NewInvitation<'a> {
    /// Id.
    pub id: &'a str,
    /// Organisation.
    pub organisation_id: &'a str,
    /// Side.
    pub side: Side,
    /// Role.
    pub role: Role,
    /// Folded address.
    pub email: &'a str,
    /// The membership that invites.
    pub invited_by: &'a str,
    /// When.
    pub now: Instant,
    /// Until when it holds.
    pub expires_at: Instant,
}

/// Inserts an invitation; an earlier one of the same address and side is withdrawn, and its id given.
pub async fn insert(conn: &mut AnyConnection, new: &NewInvitation<'_>) -> Result<Option<Id>, Error> {
    let earlier: Option<Id> = sqlx::query_scalar(
        "UPDATE invitations SET withdrawn_at = $4 WHERE organisation_id = $1 AND side = $2 AND email = $3 AND accepted_at IS NULL AND withdrawn_at IS NULL RETURNING id",
    )
    .bind(new.organisation_id)
    .bind(new.side)
    .bind(new.email)
    .bind(new.now)
    .fetch_optional(&mut *conn)
    .await?;
    sqlx::query("INSERT INTO invitations (id, organisation_id, side, role, email, invited_by, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)")
        .bind(new.id)
        .bind(new.organisation_id)
        .bind(new.side)
        .bind(new.role)
        .bind(new.email)
        .bind(new.invited_by)
        .bind(new.now)
        .bind(new.expires_at)
        .execute(conn)
        .await?;
    Ok(earlier)
}

/// Withdraws a live invitation; false when there is none.
pub async fn update_withdrawn(conn: &mut AnyConnection, id: &str, now: Instant) -> Result<bool, Error> {
    Ok(sqlx::query("UPDATE invitations SET withdrawn_at = $2 WHERE id = $1 AND accepted_at IS NULL AND withdrawn_at IS NULL")
        .bind(id)
        .bind(now)
        .execute(conn)
        .await?
        .rows_affected()
        > 0)
}

/// Notes that a person accepted; false when it is not live any more.
pub async fn update_accepted(conn: &mut AnyConnection, id: &str, person_id: &str, now: Instant) -> Result<bool, Error> {
    Ok(sqlx::query(
        "UPDATE invitations SET accepted_at = $3, person_id = $2 WHERE id = $1 AND accepted_at IS NULL AND withdrawn_at IS NULL AND expires_at > $3",
    )
    .bind(id)
    .bind(person_id)
    .bind(now)
    .execute(conn)
    .await?
    .rows_affected()
        > 0)
}
