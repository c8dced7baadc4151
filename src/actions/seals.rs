//! Seals over audit records: each covers a batch by SHA-256 over its rows and the seal before it, so that a row changed, added or taken
//! away later is found.
//!
//! Sealing is a job of its own, never part of a write: a link per write would put all writers in one queue.

use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::{Act, Outcome, records};
use crate::base::text::hex;
use crate::base::time::Instant;
use crate::store::audit::{self, Seal, Sealable};
use crate::store::{AnyConnection, Db, Error, Tx};

/// The event of the mail that carries the newest seal out of the house.
pub const SENT: &str = "seal.daily";
/// Records in one seal.
const BATCH: i64 = 2_000;

/// Seals every record that is not sealed yet, a batch a transaction; gives how many.
pub async fn seal(db: &Db, now: Instant) -> Outcome<i64> {
    let mut sealed = 0;
    loop {
        let records = db
            .transact(|tx| {
                Box::pin(async move {
                    let last = audit::find_last_seal(tx).await?;
                    let number = last.as_ref().map_or(0, |seal| seal.number) + 1;
                    let previous = last.map(|seal| seal.digest).unwrap_or_default();
                    let rows = audit::update_sealed(tx, number, BATCH).await?;
                    if rows.is_empty() {
                        return Ok(0);
                    }
                    let records = i64::try_from(rows.len()).unwrap_or(i64::MAX);
                    let digest = digest(&previous, rows);
                    audit::insert_seal(tx, &Seal { number, at: now, records, previous, digest }).await?;
                    Ok::<_, Error>(records)
                })
            })
            .await?;
        sealed += records;
        if records < BATCH {
            return Ok(sealed);
        }
    }
}

/// Queues the newest seal for somebody outside who keeps it, once for each local day, however often it is asked for; whether there is one yet.
/// Whoever holds it can prove later that no record before it was rewritten, even by the operator.
pub async fn send_last(tx: &mut Tx<'_>, act: &Act, address: &str) -> Outcome<bool> {
    let Some(seal) = audit::find_last_seal(tx).await? else { return Ok(false) };
    let facts = json!({ "seal": seal.number.to_string(), "sealed_at": seal.at, "records": seal.records.to_string(), "digest": seal.digest });
    records::write_to(tx, act, SENT, ("seal", &act.now.day().to_string()), ("", address, "zh-CN"), None, facts).await?;
    Ok(true)
}

/// A line per seal, kept by somebody outside as number and digest, that is not the one that stands here.
pub async fn compare(conn: &mut AnyConnection, kept: &[(i64, String)]) -> Outcome<Vec<String>> {
    let mut found = Vec::new();
    for (number, digest) in kept {
        match audit::find_next_seal(conn, number - 1).await?.filter(|seal| seal.number == *number) {
            Some(seal) if seal.digest.eq_ignore_ascii_case(digest) => {}
            Some(_) => found.push(format!("audit: seal {number} is another one than was kept outside")),
            None => found.push(format!("audit: seal {number} was kept outside and is not there")),
        }
    }
    Ok(found)
}

/// A line per seal that its records do not give. Reads one seal's records at a time.
pub async fn differences(conn: &mut AnyConnection) -> Outcome<Vec<String>> {
    let mut found = Vec::new();
    let (mut number, mut previous) = (0, String::new());
    while let Some(seal) = audit::find_next_seal(conn, number).await? {
        if seal.number != number + 1 {
            found.push(format!("audit: seals {} to {} are missing", number + 1, seal.number - 1));
        } else if seal.previous != previous {
            found.push(format!("audit: seal {} does not follow the one before it", seal.number));
        }
        let rows = audit::list_sealed(conn, seal.number).await?;
        let records = i64::try_from(rows.len()).unwrap_or(i64::MAX);
        if records != seal.records {
            found.push(format!("audit: seal {} covers {} records, {records} are there", seal.number, seal.records));
        } else if digest(&seal.previous, rows) != seal.digest {
            found.push(format!("audit: a record under seal {} was changed", seal.number));
        }
        (number, previous) = (seal.number, seal.digest);
    }
    let loose = audit::count_sealed_beyond(conn, number).await?;
    if loose > 0 {
        found.push(format!("audit: {loose} records name a seal that is not there"));
    }
    Ok(found)
}

/// SHA-256 over the previous digest and one JSON line a record, sorted by id.
fn digest(previous: &str, mut rows: Vec<Sealable>) -> String {
    // Engines sort text each in its own way.
    rows.sort_by(|a, b| a.id.cmp(&b.id));
    let mut hash = Sha256::new();
    hash.update(previous.as_bytes());
    for row in &rows {
        hash.update(b"\n");
        hash.update(serde_json::to_string(row).unwrap_or_default().as_bytes());
    }
    hex(&hash.finalize())
}
