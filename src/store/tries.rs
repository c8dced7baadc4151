//! Tries to sign in, right and wrong, by account and network. An account is the fingerprint of an address, whether anybody has it or not.

use sqlx::AnyConnection;

use super::Error;
use crate::base::time::Instant;
use crate::domain::signing::{ACCOUNT_WINDOW_SECONDS, Failures, NETWORK_WINDOW_SECONDS, Tries, USUAL_SECONDS};

/// An account and the network it is tried from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Door {
    /// SHA-256 of the folded address.
    pub account: String,
    /// See [`crate::domain::signing::network`].
    pub network: String,
}

/// What is known about a door at `now`.
pub async fn find(conn: &mut AnyConnection, door: &Door, now: Instant) -> Result<Tries, Error> {
    let failures = |row: (i64, Option<Instant>)| Failures { count: row.0, last_at: row.1 };
    let last_right: Option<Instant> = sqlx::query_scalar("SELECT max(at) FROM sign_in_tries WHERE account = $1 AND network = $2 AND outcome = 'right'")
        .bind(&door.account)
        .bind(&door.network)
        .fetch_one(&mut *conn)
        .await?;
    let since = now.plus(-ACCOUNT_WINDOW_SECONDS);
    let here = sqlx::query_as("SELECT count(*), max(at) FROM sign_in_tries WHERE account = $1 AND network = $2 AND outcome = 'wrong' AND at > $3")
        .bind(&door.account)
        .bind(&door.network)
        .bind(last_right.map_or(since, |right| right.max(since)))
        .fetch_one(&mut *conn)
        .await?;
    let anywhere = sqlx::query_as("SELECT count(*), max(at) FROM sign_in_tries WHERE account = $1 AND outcome = 'wrong' AND at > $2")
        .bind(&door.account)
        .bind(since)
        .fetch_one(&mut *conn)
        .await?;
    let network = sqlx::query_as("SELECT count(*), max(at) FROM sign_in_tries WHERE network = $1 AND outcome = 'wrong' AND at > $2")
        .bind(&door.network)
        .bind(now.plus(-NETWORK_WINDOW_SECONDS))
        .fetch_one(conn)
        .await?;
    let is_usual = last_right.is_some_and(|at| at > now.plus(-USUAL_SECONDS));
    Ok(Tries { here: failures(here), anywhere: failures(anywhere), network: failures(network), is_usual })
}

/// Notes a try.
pub async fn insert(conn: &mut AnyConnection, id: &str, door: &Door, is_right: bool, now: Instant) -> Result<(), Error> {
    sqlx::query("INSERT INTO sign_in_tries (id, account, network, at, outcome) VALUES ($1, $2, $3, $4, $5)")
        .bind(id)
        .bind(&door.account)
        .bind(&door.network)
        .bind(now)
        .bind(if is_right { "right" } else { "wrong" })
        .execute(conn)
        .await?;
    Ok(())
}

/// Forgets tries from before an instant: they tell where people were.
pub async fn delete_before(conn: &mut AnyConnection, before: Instant) -> Result<(), Error> {
    sqlx::query("DELETE FROM sign_in_tries WHERE at < $1").bind(before).execute(conn).await?;
    Ok(())
}
