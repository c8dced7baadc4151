//! Voucher programmes (创新券方案) and the versions of their terms. A version never changes once written.

use sqlx::{AnyConnection, FromRow};

use super::Error;
use crate::base::ids::Id;
use crate::base::time::{Day, Instant};
use crate::domain::vouchers::Terms;

/// A programme: one calendar year of one bureau.
#[derive(Debug, Clone, FromRow)]
pub struct Programme {
    /// Id.
    pub id: Id,
    /// The issuing bureau.
    pub bureau_id: Id,
    /// The local year in which a booking must start.
    pub year: i64,
    /// Decides the draw for a second review; secret until the programme closes.
    pub seed: String,
}

/// One version of a programme's terms.
#[derive(Debug, Clone, FromRow)]
pub struct Version {
    /// Id.
    pub id: Id,
    /// Of which programme.
    pub programme_id: Id,
    /// Counts from 1.
    pub version: i64,
    /// The day from which it holds.
    pub valid_from_on: Day,
    /// See [`Terms`], here and below.
    pub rate_bp: i64,
    /// Cap of an enterprise.
    pub cap_fen: i64,
    /// Shares are rounded down to this.
    pub rounding_fen: i64,
    /// Budget.
    pub budget_fen: i64,
    /// Over-commitment.
    pub commit_percent: i64,
    /// 使用截止.
    pub use_by_on: Day,
    /// 兑付截止.
    pub redeem_by_on: Day,
    /// Drawn for a second review, in percent.
    pub draw_percent: i64,
    /// The document that set the terms.
    pub source: String,
    /// When it was written.
    pub created_at: Instant,
}

impl Version {
    /// The terms as the rules read them.
    #[must_use]
    pub const fn terms(&self) -> Terms {
        Terms {
            rate_bp: self.rate_bp,
            cap_fen: self.cap_fen,
            rounding_fen: self.rounding_fen,
            budget_fen: self.budget_fen,
            commit_percent: self.commit_percent,
            use_by: self.use_by_on,
            redeem_by: self.redeem_by_on,
            draw_percent: self.draw_percent,
        }
    }
}

/// The programme of a bureau and year.
pub async fn find_of(conn: &mut AnyConnection, bureau_id: &str, year: i64) -> Result<Option<Programme>, Error> {
    Ok(sqlx::query_as("SELECT id, bureau_id, year, seed FROM programmes WHERE bureau_id = $1 AND year = $2")
        .bind(bureau_id)
        .bind(year)
        .fetch_optional(conn)
        .await?)
}

/// A programme by id.
pub async fn find(conn: &mut AnyConnection, id: &str) -> Result<Option<Programme>, Error> {
    Ok(sqlx::query_as("SELECT id, bureau_id, year, seed FROM programmes WHERE id = $1").bind(id).fetch_optional(conn).await?)
}

/// The programmes of a bureau, or of all, the newest year first.
pub async fn list(conn: &mut AnyConnection, bureau_id: Option<&str>) -> Result<Vec<Programme>, Error> {
    Ok(sqlx::query_as("SELECT id, bureau_id, year, seed FROM programmes WHERE CAST($1 AS TEXT) IS NULL OR bureau_id = $1 ORDER BY year DESC, id")
        .bind(bureau_id)
        .fetch_all(conn)
        .await?)
}

/// Touches the programme's row, so that two grants never race for the last of the budget. The last in the order of touches.
pub async fn lock(conn: &mut AnyConnection, id: &str) -> Result<Option<Programme>, Error> {
    Ok(sqlx::query_as("UPDATE programmes SET revision = revision + 1 WHERE id = $1 RETURNING id, bureau_id, year, seed").bind(id).fetch_optional(conn).await?)
}

/// Inserts a programme; false when the bureau has one of that year.
pub async fn insert(conn: &mut AnyConnection, programme: &Programme, now: Instant) -> Result<bool, Error> {
    let done = sqlx::query(
        "INSERT INTO programmes (id, bureau_id, year, seed, revision, created_at) VALUES ($1, $2, $3, $4, 1, $5) ON CONFLICT (bureau_id, year) DO NOTHING",
    )
    .bind(&programme.id)
    .bind(&programme.bureau_id)
    .bind(programme.year)
    .bind(&programme.seed)
    .bind(now)
    .execute(conn)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Inserts a version of a programme's terms.
pub async fn insert_version(conn: &mut AnyConnection, version: &Version, membership_id: Option<&str>) -> Result<(), Error> {
    sqlx::query(
        "INSERT INTO programme_versions (id, programme_id, version, valid_from_on, rate_bp, cap_fen, rounding_fen, budget_fen, commit_percent, use_by_on, redeem_by_on, draw_percent, source, membership_id, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
    )
    .bind(&version.id)
    .bind(&version.programme_id)
    .bind(version.version)
    .bind(version.valid_from_on)
    .bind(version.rate_bp)
    .bind(version.cap_fen)
    .bind(version.rounding_fen)
    .bind(version.budget_fen)
    .bind(version.commit_percent)
    .bind(version.use_by_on)
    .bind(version.redeem_by_on)
    .bind(version.draw_percent)
    .bind(&version.source)
    .bind(membership_id)
    .bind(version.created_at)
    .execute(conn)
    .await?;
    Ok(())
}

/// The version in force on a day: the latest that holds from that day or before.
pub async fn find_version_in_force(conn: &mut AnyConnection, programme_id: &str, on: Day) -> Result<Option<Version>, Error> {
    Ok(sqlx::query_as("SELECT * FROM programme_versions WHERE programme_id = $1 AND valid_from_on <= $2 ORDER BY valid_from_on DESC, version DESC LIMIT 1")
        .bind(programme_id)
        .bind(on)
        .fetch_optional(conn)
        .await?)
}

/// A version by id.
pub async fn find_version(conn: &mut AnyConnection, id: &str) -> Result<Option<Version>, Error> {
    Ok(sqlx::query_as("SELECT * FROM programme_versions WHERE id = $1").bind(id).fetch_optional(conn).await?)
}

/// Every version of a programme, the newest first.
pub async fn list_versions(conn: &mut AnyConnection, programme_id: &str) -> Result<Vec<Version>, Error> {
    Ok(sqlx::query_as("SELECT * FROM programme_versions WHERE programme_id = $1 ORDER BY version DESC").bind(programme_id).fetch_all(conn).await?)
}

/// What all enterprises of a programme were granted, and what was redeemed, in fen.
pub async fn find_totals(conn: &mut AnyConnection, programme_id: &str) -> Result<(i64, i64), Error> {
    Ok(sqlx::query_as(
        "SELECT CAST(coalesce(sum(granted_fen), 0) AS BIGINT), CAST(coalesce(sum(redeemed_fen), 0) AS BIGINT) FROM purses WHERE programme_id = $1",
    )
    .bind(programme_id)
    .fetch_one(conn)
    .await?)
}

/// Bars an enterprise over years, both included, for a claim that was clawed back.
pub async fn insert_bar(conn: &mut AnyConnection, id: &str, enterprise_id: &str, claim_id: &str, years: (i64, i64), at: Instant) -> Result<(), Error> {
    sqlx::query("INSERT INTO voucher_bars (id, enterprise_id, claim_id, from_year, until_year, at) VALUES ($1, $2, $3, $4, $5, $6)")
        .bind(id)
        .bind(enterprise_id)
        .bind(claim_id)
        .bind(years.0)
        .bind(years.1)
        .bind(at)
        .execute(conn)
        .await?;
    Ok(())
}

/// Writes a registration of an enterprise.
pub async fn insert_registration(
    conn: &mut AnyConnection,
    id: &str,
    enterprise_id: &str,
    number: &str,
    valid: (Day, Day),
    membership_id: Option<&str>,
    now: Instant,
) -> Result<(), Error> {
    sqlx::query(
        "INSERT INTO sme_registrations (id, organisation_id, number, valid_from_on, valid_until_on, membership_id, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(id)
    .bind(enterprise_id)
    .bind(number)
    .bind(valid.0)
    .bind(valid.1)
    .bind(membership_id)
    .bind(now)
    .execute(conn)
    .await?;
    Ok(())
}
