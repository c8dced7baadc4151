//! Schemes of evaluation (考核方案): where they hold, and their versions by day.

use sqlx::{AnyConnection, FromRow};

use super::Error;
use crate::base::ids::Id;
use crate::base::time::Day;

/// A version of a scheme.
#[derive(Debug, Clone, FromRow)]
pub struct SchemeVersion {
    /// Id of the version.
    pub id: Id,
    /// Who issued the scheme.
    pub issuer: String,
    /// Where it holds; empty for the whole country.
    pub region_code: String,
    /// Counts up.
    pub version: i64,
    /// From which day on.
    pub valid_from_on: Day,
    /// The terms as JSON.
    pub body: String,
}

/// Every version of every scheme, by scheme, the oldest first.
pub async fn list(conn: &mut AnyConnection) -> Result<Vec<SchemeVersion>, Error> {
    Ok(sqlx::query_as(
        "SELECT v.id, s.issuer, s.region_code, v.version, v.valid_from_on, v.body FROM scheme_versions v JOIN schemes s ON s.id = v.scheme_id ORDER BY s.id, v.version",
    )
    .fetch_all(conn)
    .await?)
}
