//! Organisations as a bureau lists them: with their sides, and whether they are in its voucher pool.

use sqlx::{AnyConnection, FromRow};

use super::Error;
use crate::base::ids::Id;
use crate::base::paging::{Listed, Page};
use crate::base::time::Day;
use crate::domain::roles::Side;

/// An organisation in a bureau's list.
#[derive(Debug, Clone, FromRow)]
pub struct PartyLine {
    /// Id.
    pub id: Id,
    /// USCC.
    pub uscc: String,
    /// Current name.
    pub name: String,
    /// GB/T 2260 code of its address.
    pub region_code: String,
    /// The sides on which it takes part, joined by commas.
    sides: String,
    /// Since when it is in the bureau's pool.
    pub enrolled_from_on: Option<Day>,
}

impl PartyLine {
    /// The sides on which it takes part.
    #[must_use]
    pub fn sides(&self) -> Vec<Side> {
        self.sides.split(',').filter_map(Side::parse).collect()
    }

    /// Whether it is an institution, which a pool takes.
    #[must_use]
    pub fn is_institution(&self) -> bool {
        self.sides().contains(&Side::Institution)
    }
}

const FROM: &str = "FROM parties o WHERE (CAST($2 AS TEXT) IS NULL OR EXISTS (SELECT 1 FROM organisation_sides s WHERE s.organisation_id = o.id AND s.side = $2 AND s.ended_at IS NULL)) \
     AND (CAST($3 AS TEXT) IS NULL OR o.name LIKE $3 ESCAPE '!' OR o.uscc LIKE $3 ESCAPE '!')";

/// A page of organisations by region and name; `text` in name or USCC.
pub async fn list_for_bureau(
    conn: &mut AnyConnection,
    bureau_id: &str,
    side: Option<Side>,
    text: Option<&str>,
    page: Page,
) -> Result<Listed<PartyLine>, Error> {
    let like = text.map(super::claims::lists::pattern);
    let total: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(format!("SELECT count(*) {FROM} AND CAST($1 AS TEXT) IS NOT NULL")))
        .bind(bureau_id)
        .bind(side)
        .bind(&like)
        .fetch_one(&mut *conn)
        .await?;
    let items = sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "SELECT o.id, o.uscc, o.name, o.region_code, \
         coalesce((SELECT string_agg(s.side, ',' ORDER BY s.side) FROM organisation_sides s WHERE s.organisation_id = o.id AND s.ended_at IS NULL), '') AS sides, \
         (SELECT max(e.from_on) FROM enrolments e WHERE e.bureau_id = $1 AND e.institution_id = o.id AND e.until_on IS NULL) AS enrolled_from_on \
         {FROM} ORDER BY o.region_code, o.name, o.id LIMIT $4 OFFSET $5"
    )))
    .bind(bureau_id)
    .bind(side)
    .bind(&like)
    .bind(page.limit)
    .bind(page.offset)
    .fetch_all(conn)
    .await?;
    Ok(Listed::new(items, total, page))
}
