//! The input digest of a report, computed once for the same segments: a year of a city is some hundred thousand lines, and nobody should
//! wait for them twice.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use super::super::{Error, Outcome};
use super::segments::Reading;
use crate::base::chance::fingerprint;
use crate::domain::openness::{InputDigest, Period, Scheme};
use crate::store::AnyConnection;
use crate::store::openness::{Scope, sums};

/// Digests of one installation that were computed, by all that they depend on.
#[derive(Debug, Default)]
pub struct Digests {
    known: Mutex<BTreeMap<String, String>>,
    /// Those that are being computed: a second that asks for the same waits for the first instead of doing the same work beside it.
    computing: Mutex<BTreeMap<String, Weak<tokio::sync::Mutex<()>>>>,
}

/// How many are kept; then they are computed anew.
const MOST: usize = 2_000;

impl Digests {
    fn find(&self, key: &str) -> Option<String> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).get(key).cloned()
    }

    /// What whoever asks for the same waits for.
    fn turn(&self, key: &str) -> Arc<tokio::sync::Mutex<()>> {
        let mut computing = self.computing.lock().unwrap_or_else(PoisonError::into_inner);
        computing.retain(|_, turn| turn.strong_count() > 0);
        if let Some(turn) = computing.get(key).and_then(Weak::upgrade) {
            return turn;
        }
        let turn = Arc::default();
        computing.insert(key.to_owned(), Arc::downgrade(&turn));
        turn
    }

    fn keep(&self, key: String, digest: &str) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST {
            known.clear();
        }
        known.insert(key, digest.to_owned());
    }

    /// The input digest of a scope in a period: computed once for the same segments, scheme and salt. The database's stamp tells whether they
    /// are the same.
    ///
    /// # Errors
    /// The store's.
    pub async fn of(&self, conn: &mut AnyConnection, scope: &Scope, period: Period, salt: &str, scheme: &Scheme) -> Outcome<String> {
        let stamp = sums::find_stamp(conn, scope, period).await?;
        let terms = serde_json::to_string(scheme).map_err(|e| Error::Failed(e.to_string()))?;
        let key = fingerprint(&format!("{salt}\n{scope:?}\n{period}\n{stamp}\n{terms}"));
        if let Some(digest) = self.find(&key) {
            return Ok(digest);
        }
        let turn = self.turn(&key);
        let _turn = turn.lock().await;
        if let Some(digest) = self.find(&key) {
            return Ok(digest);
        }
        let digest = compute(conn, scope, period, salt, scheme).await?;
        self.keep(key, &digest);
        Ok(digest)
    }
}

/// Portion after portion, so that no more than one is in memory.
async fn compute(conn: &mut AnyConnection, scope: &Scope, period: Period, salt: &str, scheme: &Scheme) -> Outcome<String> {
    let failed = |e: serde_json::Error| Error::Failed(e.to_string());
    let mut reading = Reading::begin(conn, scope, period, salt).await?;
    let mut digest = InputDigest::default();
    while let Some(lines) = reading.next(conn).await? {
        lines.iter().try_for_each(|line| digest.add(line)).map_err(failed)?;
    }
    digest.finish(scheme).map_err(failed)
}
