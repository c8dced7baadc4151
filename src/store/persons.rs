//! Persons, their identities, and the memberships through which they act.

use sqlx::{AnyConnection, FromRow};

use super::Error;
use crate::base::ids::Id;
use crate::base::time::Instant;
use crate::domain::actors::Member;
use crate::domain::roles::{Role, Side};

/// What sign-in needs of a person.
#[derive(Debug, Clone, FromRow)]
pub struct Credentials {
    /// The person.
    pub person_id: Id,
    /// Argon2 text; none where no password was ever set.
    pub password_hash: Option<String>,
}

#[derive(FromRow)]
struct MemberRow {
    membership_id: Id,
    person_id: Id,
    person_name: String,
    organisation_id: Id,
    uscc: String,
    organisation_name: String,
    side: Side,
    role: Role,
}

impl From<MemberRow> for Member {
    fn from(row: MemberRow) -> Self {
        Self {
            membership_id: row.membership_id,
            person_id: row.person_id,
            person_name: row.person_name,
            organisation_id: row.organisation_id,
            uscc: row.uscc,
            organisation_name: row.organisation_name,
            side: row.side,
            role: row.role,
        }
    }
}

/// Columns and joins of a [`Member`]; `m` is the membership.
pub(super) const MEMBER: &str = "SELECT m.id AS membership_id, p.id AS person_id, p.name AS person_name, o.id AS organisation_id, o.uscc AS uscc, o.name AS organisation_name, m.side AS side, m.role AS role \
     FROM memberships m JOIN persons p ON p.id = m.person_id AND p.ended_at IS NULL JOIN parties o ON o.id = m.organisation_id";

/// A live membership with its person and organisation.
pub async fn find_member(conn: &mut AnyConnection, membership_id: &str) -> Result<Option<Member>, Error> {
    let row: Option<MemberRow> =
        sqlx::query_as(sqlx::AssertSqlSafe(format!("{MEMBER} WHERE m.id = $1 AND m.until_at IS NULL"))).bind(membership_id).fetch_optional(conn).await?;
    Ok(row.map(Into::into))
}

/// The live memberships of a person, by organisation.
pub async fn list_memberships(conn: &mut AnyConnection, person_id: &str) -> Result<Vec<Member>, Error> {
    let rows: Vec<MemberRow> = sqlx::query_as(sqlx::AssertSqlSafe(format!("{MEMBER} WHERE m.person_id = $1 AND m.until_at IS NULL ORDER BY m.from_at, m.id")))
        .bind(person_id)
        .fetch_all(conn)
        .await?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// The live members of an organisation on a side who have one of `roles` (all when empty): whom a notice is for.
pub async fn list_members_of(conn: &mut AnyConnection, organisation_id: &str, side: Side, roles: &[Role]) -> Result<Vec<Member>, Error> {
    let rows: Vec<MemberRow> =
        sqlx::query_as(sqlx::AssertSqlSafe(format!("{MEMBER} WHERE m.organisation_id = $1 AND m.side = $2 AND m.until_at IS NULL ORDER BY m.from_at, m.id")))
            .bind(organisation_id)
            .bind(side)
            .fetch_all(conn)
            .await?;
    Ok(rows.into_iter().filter(|m| roles.is_empty() || roles.contains(&m.role)).map(Into::into).collect())
}

/// The organisations to which a person belonged at any time since `since`, for the four-eyes rule.
pub async fn list_organisations_of_person(conn: &mut AnyConnection, person_id: &str, since: Instant) -> Result<Vec<Id>, Error> {
    Ok(sqlx::query_scalar("SELECT DISTINCT organisation_id FROM memberships WHERE person_id = $1 AND (until_at IS NULL OR until_at >= $2)")
        .bind(person_id)
        .bind(since)
        .fetch_all(conn)
        .await?)
}

/// The person of a mail address (folded).
pub async fn find_by_email(conn: &mut AnyConnection, email: &str) -> Result<Option<Credentials>, Error> {
    Ok(sqlx::query_as(
        "SELECT p.id AS person_id, p.password_hash AS password_hash FROM identities i JOIN persons p ON p.id = i.person_id AND p.ended_at IS NULL WHERE i.kind = 'email' AND i.address = $1 AND i.ended_at IS NULL",
    )
    .bind(email)
    .fetch_optional(conn)
    .await?)
}

/// Where a member is written to: name, mail address, language.
pub async fn find_address(conn: &mut AnyConnection, membership_id: &str) -> Result<Option<(String, String, String)>, Error> {
    Ok(sqlx::query_as(
        "SELECT p.name, i.address, p.lang FROM memberships m JOIN persons p ON p.id = m.person_id JOIN identities i ON i.person_id = p.id AND i.kind = 'email' AND i.ended_at IS NULL WHERE m.id = $1 ORDER BY i.id LIMIT 1",
    )
    .bind(membership_id)
    .fetch_optional(conn)
    .await?)
}

/// Inserts a person with a mail address (folded).
pub async fn insert(
    conn: &mut AnyConnection,
    id: &str,
    identity_id: &str,
    name: &str,
    email: &str,
    password_hash: Option<&str>,
    now: Instant,
) -> Result<(), Error> {
    sqlx::query("INSERT INTO persons (id, name, lang, password_hash, created_at) VALUES ($1, $2, 'zh-CN', $3, $4)")
        .bind(id)
        .bind(name)
        .bind(password_hash)
        .bind(now)
        .execute(&mut *conn)
        .await?;
    sqlx::query("INSERT INTO identities (id, person_id, kind, address, verified_at) VALUES ($1, $2, 'email', $3, $4)")
        .bind(identity_id)
        .bind(id)
        .bind(email)
        .bind(now)
        .execute(conn)
        .await?;
    Ok(())
}

/// Inserts a membership; false when the person has it already.
pub async fn insert_membership(
    conn: &mut AnyConnection,
    id: &str,
    person_id: &str,
    organisation_id: &str,
    side: Side,
    role: Role,
    now: Instant,
) -> Result<bool, Error> {
    let row: Option<String> = sqlx::query_scalar(
        "INSERT INTO memberships (id, person_id, organisation_id, side, role, from_at) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING RETURNING id",
    )
    .bind(id)
    .bind(person_id)
    .bind(organisation_id)
    .bind(side)
    .bind(role)
    .bind(now)
    .fetch_optional(conn)
    .await?;
    Ok(row.is_some())
}

/// What a person sees of themselves.
#[derive(Debug, Clone, FromRow)]
pub struct Profile {
    /// The person.
    pub person_id: Id,
    /// Name.
    pub name: String,
    /// Mail address, folded.
    pub email: String,
    /// When the address was proved.
    pub verified_at: Option<Instant>,
    /// Language of mails.
    pub lang: String,
    /// Argon2 text; none where no password was ever set.
    pub password_hash: Option<String>,
    /// Since when.
    pub created_at: Instant,
}

/// A live person.
pub async fn find_profile(conn: &mut AnyConnection, person_id: &str) -> Result<Option<Profile>, Error> {
    Ok(sqlx::query_as(
        "SELECT p.id AS person_id, p.name, i.address AS email, i.verified_at, p.lang, p.password_hash, p.created_at FROM persons p JOIN identities i ON i.person_id = p.id AND i.kind = 'email' AND i.ended_at IS NULL WHERE p.id = $1 AND p.ended_at IS NULL ORDER BY i.id LIMIT 1",
    )
    .bind(person_id)
    .fetch_optional(conn)
    .await?)
}

/// Changes a person's name and the language of their mails.
pub async fn update_profile(conn: &mut AnyConnection, person_id: &str, name: &str, lang: &str) -> Result<bool, Error> {
    Ok(sqlx::query("UPDATE persons SET name = $2, lang = $3 WHERE id = $1 AND ended_at IS NULL")
        .bind(person_id)
        .bind(name)
        .bind(lang)
        .execute(conn)
        .await?
        .rows_affected()
        > 0)
}

/// Sets a person's password; false when they are gone.
pub async fn update_password(conn: &mut AnyConnection, person_id: &str, password_hash: &str) -> Result<bool, Error> {
    Ok(sqlx::query("UPDATE persons SET password_hash = $2 WHERE id = $1 AND ended_at IS NULL")
        .bind(person_id)
        .bind(password_hash)
        .execute(conn)
        .await?
        .rows_affected()
        > 0)
}

/// Ends a person: name and acts stay, password and mail address go (each address gives way to its own id).
pub async fn update_ended(conn: &mut AnyConnection, person_id: &str, now: Instant) -> Result<bool, Error> {
    sqlx::query("UPDATE identities SET ended_at = $2, address = id WHERE person_id = $1 AND ended_at IS NULL")
        .bind(person_id)
        .bind(now)
        .execute(&mut *conn)
        .await?;
    Ok(sqlx::query("UPDATE persons SET ended_at = $2, password_hash = NULL WHERE id = $1 AND ended_at IS NULL")
        .bind(person_id)
        .bind(now)
        .execute(conn)
        .await?
        .rows_affected()
        > 0)
}

/// Notes that a person agreed to a version of a document.
pub async fn insert_consent(conn: &mut AnyConnection, id: &str, person_id: &str, document: &str, version: &str, lang: &str, now: Instant) -> Result<(), Error> {
    sqlx::query("INSERT INTO consents (id, person_id, document, version, lang, given_at) VALUES ($1, $2, $3, $4, $5, $6)")
        .bind(id)
        .bind(person_id)
        .bind(document)
        .bind(version)
        .bind(lang)
        .bind(now)
        .execute(conn)
        .await?;
    Ok(())
}
