//! Runs of jobs: one row a run. Number 0 is the scheduled run of an instant, which the row's uniqueness makes happen once on any
//! number of nodes; runs by hand count up.

use sqlx::{AnyConnection, FromRow};

use super::Error;
use crate::base::time::Instant;
use crate::words;

words! {
    /// How a run ended.
    pub enum Ended {
        /// It did its work.
        Passed = "passed",
        /// It failed, or its node went away.
        Failed = "failed",
    }
}

/// A run as it is stored.
#[derive(Debug, Clone, FromRow)]
pub struct Run {
    /// The job.
    pub job: String,
    /// For which instant.
    pub instant: Instant,
    /// 0 for the scheduled run of the instant; runs by hand count up.
    pub number: i64,
    /// Where it runs.
    pub node: String,
    /// Until when nobody else may take it over.
    pub lease_until: Instant,
    /// When it began.
    pub started_at: Instant,
    /// When it ended.
    pub ended_at: Option<Instant>,
    /// How; `None` while it runs.
    pub outcome: Option<Ended>,
    /// JSON: counts by name, or `error`.
    pub report: String,
    /// Set for a run that a person asked for.
    pub by_hand: Option<String>,
}

/// A run that wants to begin.
#[derive(Debug, Clone, Copy)]
pub struct Start<'a> {
    /// The job.
    pub job: &'a str,
    /// For which instant.
    pub instant: Instant,
    /// Where.
    pub node: &'a str,
    /// When.
    pub now: Instant,
    /// Until when it is this node's.
    pub lease_until: Instant,
}

/// Takes the scheduled run of an instant: a new row, or one that never ended and whose lease is over. False when it is another's or done.
pub async fn insert_scheduled(conn: &mut AnyConnection, start: &Start<'_>) -> Result<bool, Error> {
    let row: Option<i64> = sqlx::query_scalar(
        "INSERT INTO job_runs AS r (job, instant, number, node, lease_until, started_at, report) VALUES ($1, $2, 0, $3, $4, $5, '{}') \
         ON CONFLICT (job, instant, number) DO UPDATE SET node = excluded.node, lease_until = excluded.lease_until, started_at = excluded.started_at \
         WHERE r.ended_at IS NULL AND r.lease_until < $5 RETURNING number",
    )
    .bind(start.job)
    .bind(start.instant)
    .bind(start.node)
    .bind(start.lease_until)
    .bind(start.now)
    .fetch_optional(conn)
    .await?;
    Ok(row.is_some())
}

/// Takes one more run of an instant, asked for by a person; gives its number, `None` when another took that number at the same time.
pub async fn insert_by_hand(conn: &mut AnyConnection, start: &Start<'_>) -> Result<Option<i64>, Error> {
    Ok(sqlx::query_scalar(
        "INSERT INTO job_runs (job, instant, number, node, lease_until, started_at, report, by_hand) \
         SELECT $1, $2, coalesce(max(number), 0) + 1, $3, $4, $5, '{}', 'hand' FROM job_runs WHERE job = $1 AND instant = $2 \
         ON CONFLICT (job, instant, number) DO NOTHING RETURNING number",
    )
    .bind(start.job)
    .bind(start.instant)
    .bind(start.node)
    .bind(start.lease_until)
    .bind(start.now)
    .fetch_optional(conn)
    .await?)
}

/// Closes runs of a job that never ended and whose lease is over: their nodes went away, and a later run does their work. Gives how many.
pub async fn update_lost(conn: &mut AnyConnection, job: &str, now: Instant) -> Result<u64, Error> {
    let sql = "UPDATE job_runs SET ended_at = $2, outcome = 'failed', report = '{\"error\":\"its node went away\"}' WHERE job = $1 AND ended_at IS NULL AND lease_until < $2";
    Ok(sqlx::query(sql).bind(job).bind(now).execute(conn).await?.rows_affected())
}

/// Writes the end of a run; false when another has taken it over meanwhile.
pub async fn update_ended(
    conn: &mut AnyConnection,
    (job, instant, number): (&str, Instant, i64),
    lease_until: Instant,
    outcome: Ended,
    report: &str,
    now: Instant,
) -> Result<bool, Error> {
    let sql = "UPDATE job_runs SET ended_at = $5, outcome = $6, report = $7 WHERE job = $1 AND instant = $2 AND number = $3 AND lease_until = $4 AND ended_at IS NULL";
    let done = sqlx::query(sql).bind(job).bind(instant).bind(number).bind(lease_until).bind(now).bind(outcome).bind(report).execute(conn).await?;
    Ok(done.rows_affected() > 0)
}

/// The newest runs of a job, newest first.
pub async fn list_latest(conn: &mut AnyConnection, job: &str, limit: i64) -> Result<Vec<Run>, Error> {
    Ok(sqlx::query_as("SELECT * FROM job_runs WHERE job = $1 ORDER BY started_at DESC, instant DESC, number DESC LIMIT $2")
        .bind(job)
        .bind(limit)
        .fetch_all(conn)
        .await?)
}

/// Deletes runs that ended before an instant, but never the newest of a job; gives how many.
pub async fn delete_older(conn: &mut AnyConnection, before: Instant) -> Result<u64, Error> {
    let sql = "DELETE FROM job_runs WHERE ended_at < $1 AND started_at < (SELECT max(n.started_at) FROM job_runs n WHERE n.job = job_runs.job)";
    Ok(sqlx::query(sql).bind(before).execute(conn).await?.rows_affected())
}

/// How many runs have begun and not ended, on whatever node.
pub async fn count_unfinished(conn: &mut AnyConnection) -> Result<i64, Error> {
    Ok(sqlx::query_scalar("SELECT count(*) FROM job_runs WHERE ended_at IS NULL").fetch_one(conn).await?)
}

/// How many days of instruments wait for the roll-up.
pub async fn count_touched_days(conn: &mut AnyConnection) -> Result<i64, Error> {
    Ok(sqlx::query_scalar("SELECT count(*) FROM touched_days").fetch_one(conn).await?)
}
