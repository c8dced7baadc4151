//! Organisations, their sides, names, addresses, relations and enrolments.

use sqlx::{AnyConnection, FromRow};

use super::Error;
use crate::base::ids::Id;
use crate::base::time::{Day, Instant};
use crate::domain::roles::Side;

/// An organisation with its current name and address.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Party {
    /// Id.
    pub id: Id,
    /// 统一社会信用代码.
    pub uscc: String,
    /// Current name.
    pub name: String,
    /// GB/T 2260 code of its address.
    pub region_code: String,
    /// Current address, may be empty.
    pub address: String,
}

const PARTY: &str = "SELECT id, uscc, name, region_code, address FROM parties";

/// The organisation of a USCC.
pub async fn find_by_uscc(conn: &mut AnyConnection, uscc: &str) -> Result<Option<Party>, Error> {
    Ok(sqlx::query_as(sqlx::AssertSqlSafe(format!("{PARTY} WHERE uscc = $1"))).bind(uscc).fetch_optional(conn).await?)
}

/// The organisation of an id.
pub async fn find(conn: &mut AnyConnection, id: &str) -> Result<Option<Party>, Error> {
    Ok(sqlx::query_as(sqlx::AssertSqlSafe(format!("{PARTY} WHERE id = $1"))).bind(id).fetch_optional(conn).await?)
}

/// Organisations of a side, or all, by name.
pub async fn list(conn: &mut AnyConnection, side: Option<Side>) -> Result<Vec<Party>, Error> {
    let sql = format!(
        "{PARTY} WHERE CAST($1 AS TEXT) IS NULL OR id IN (SELECT organisation_id FROM organisation_sides WHERE side = $1 AND ended_at IS NULL) ORDER BY region_code, name, id"
    );
    Ok(sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(side).fetch_all(conn).await?)
}

/// The sides on which an organisation takes part now.
pub async fn list_sides(conn: &mut AnyConnection, organisation_id: &str) -> Result<Vec<Side>, Error> {
    Ok(sqlx::query_scalar("SELECT side FROM organisation_sides WHERE organisation_id = $1 AND ended_at IS NULL ORDER BY side")
        .bind(organisation_id)
        .fetch_all(conn)
        .await?)
}

/// Touches an organisation, so that others who change its people wait.
pub async fn lock(conn: &mut AnyConnection, organisation_id: &str) -> Result<bool, Error> {
    Ok(sqlx::query("UPDATE organisations SET created_at = created_at WHERE id = $1").bind(organisation_id).execute(conn).await?.rows_affected() > 0)
}

/// Inserts an organisation with its first name and address; false when the USCC is taken.
pub async fn insert(conn: &mut AnyConnection, party: &Party, now: Instant) -> Result<bool, Error> {
    let row: Option<String> =
        sqlx::query_scalar("INSERT INTO organisations (id, uscc, created_at) VALUES ($1, $2, $3) ON CONFLICT (uscc) DO NOTHING RETURNING id")
            .bind(&party.id)
            .bind(&party.uscc)
            .bind(now)
            .fetch_optional(&mut *conn)
            .await?;
    if row.is_none() {
        return Ok(false);
    }
    let today = now.day();
    sqlx::query("INSERT INTO organisation_names (organisation_id, name, from_on) VALUES ($1, $2, $3)")
        .bind(&party.id)
        .bind(&party.name)
        .bind(today)
        .execute(&mut *conn)
        .await?;
    sqlx::query("INSERT INTO organisation_addresses (organisation_id, region_code, address, from_on) VALUES ($1, $2, $3, $4)")
        .bind(&party.id)
        .bind(&party.region_code)
        .bind(&party.address)
        .bind(today)
        .execute(conn)
        .await?;
    Ok(true)
}

/// Adds a side; harmless when it is there.
pub async fn insert_side(conn: &mut AnyConnection, organisation_id: &str, side: Side, now: Instant) -> Result<(), Error> {
    sqlx::query("INSERT INTO organisation_sides (organisation_id, side, since_at) VALUES ($1, $2, $3) ON CONFLICT (organisation_id, side) DO NOTHING")
        .bind(organisation_id)
        .bind(side)
        .bind(now)
        .execute(&mut *conn)
        .await?;
    if side == Side::Bureau {
        sqlx::query("INSERT INTO bureaus (organisation_id) VALUES ($1) ON CONFLICT (organisation_id) DO NOTHING").bind(organisation_id).execute(conn).await?;
    }
    Ok(())
}

/// The bureau responsible for a region: of the region itself, of its city, of its province.
pub async fn find_bureau_of_region(conn: &mut AnyConnection, region_code: &str) -> Result<Option<Party>, Error> {
    let (city, province) = (format!("{}00", region_code.get(..4).unwrap_or_default()), format!("{}0000", region_code.get(..2).unwrap_or_default()));
    Ok(sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "{PARTY} WHERE region_code IN ($1, $2, $3) AND id IN (SELECT organisation_id FROM bureaus) ORDER BY CASE region_code WHEN $1 THEN 0 WHEN $2 THEN 1 ELSE 2 END, id LIMIT 1"
    )))
    .bind(region_code)
    .bind(&city)
    .bind(&province)
    .fetch_optional(conn)
    .await?)
}

/// Every bureau, the oldest first.
pub async fn list_bureaus(conn: &mut AnyConnection) -> Result<Vec<Party>, Error> {
    Ok(sqlx::query_as(sqlx::AssertSqlSafe(format!("{PARTY} WHERE id IN (SELECT organisation_id FROM bureaus) ORDER BY id"))).fetch_all(conn).await?)
}

/// Puts an institution into a bureau's voucher pool from a day on; false when it is in already.
pub async fn insert_enrolment(
    conn: &mut AnyConnection,
    id: &str,
    bureau_id: &str,
    institution_id: &str,
    from_on: Day,
    membership_id: Option<&str>,
) -> Result<bool, Error> {
    let live: Option<String> = sqlx::query_scalar("SELECT id FROM enrolments WHERE bureau_id = $1 AND institution_id = $2 AND until_on IS NULL")
        .bind(bureau_id)
        .bind(institution_id)
        .fetch_optional(&mut *conn)
        .await?;
    if live.is_some() {
        return Ok(false);
    }
    let done = sqlx::query("INSERT INTO enrolments (id, bureau_id, institution_id, from_on, membership_id) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (bureau_id, institution_id, from_on) DO UPDATE SET until_on = NULL")
        .bind(id)
        .bind(bureau_id)
        .bind(institution_id)
        .bind(from_on)
        .bind(membership_id)
        .execute(conn)
        .await?;
    Ok(done.rows_affected() > 0)
}

/// Ends an enrolment on a day; false when there was none.
pub async fn update_enrolment_ended(conn: &mut AnyConnection, bureau_id: &str, institution_id: &str, until_on: Day) -> Result<bool, Error> {
    let done = sqlx::query("UPDATE enrolments SET until_on = $3 WHERE bureau_id = $1 AND institution_id = $2 AND until_on IS NULL")
        .bind(bureau_id)
        .bind(institution_id)
        .bind(until_on)
        .execute(conn)
        .await?;
    Ok(done.rows_affected() > 0)
}

/// Whether an institution is in a bureau's pool on a day.
pub async fn is_enrolled(conn: &mut AnyConnection, bureau_id: &str, institution_id: &str, on: Day) -> Result<bool, Error> {
    let row: Option<String> = sqlx::query_scalar(
        "SELECT id FROM enrolments WHERE bureau_id = $1 AND institution_id = $2 AND from_on <= $3 AND (until_on IS NULL OR until_on > $3) LIMIT 1",
    )
    .bind(bureau_id)
    .bind(institution_id)
    .bind(on)
    .fetch_optional(conn)
    .await?;
    Ok(row.is_some())
}

/// Whether an institution is or ever was in a bureau's pool.
pub async fn was_enrolled(conn: &mut AnyConnection, bureau_id: &str, institution_id: &str) -> Result<bool, Error> {
    let row: Option<String> = sqlx::query_scalar("SELECT id FROM enrolments WHERE bureau_id = $1 AND institution_id = $2 LIMIT 1")
        .bind(bureau_id)
        .bind(institution_id)
        .fetch_optional(conn)
        .await?;
    Ok(row.is_some())
}

/// Declares two organisations related from a day on.
pub async fn insert_relation(conn: &mut AnyConnection, id: &str, organisation_id: &str, related_id: &str, evidence: &str, from_on: Day) -> Result<(), Error> {
    sqlx::query("INSERT INTO relations (id, organisation_id, related_id, kind, evidence, from_on) VALUES ($1, $2, $3, 'declared', $4, $5)")
        .bind(id)
        .bind(organisation_id)
        .bind(related_id)
        .bind(evidence)
        .bind(from_on)
        .execute(conn)
        .await?;
    Ok(())
}

/// The USCCs of an organisation's relations with the days on which they hold, for deciding over many segments at once.
pub async fn list_relations(conn: &mut AnyConnection, organisation_id: &str) -> Result<Vec<(String, Day, Option<Day>)>, Error> {
    Ok(sqlx::query_as(
        "SELECT o.uscc, r.from_on, r.until_on FROM relations r JOIN organisations o ON o.id = CASE WHEN r.organisation_id = $1 THEN r.related_id ELSE r.organisation_id END WHERE r.organisation_id = $1 OR r.related_id = $1",
    )
    .bind(organisation_id)
    .fetch_all(conn)
    .await?)
}
