//! What the clock does to bookings (the job `due`): requests expire, missed starts become no-shows, uses end, statements confirm themselves.
//!
//! By "due before now", never by "due at now": what a sleeping service missed is found at the next run. Each booking has its own transaction,
//! so that one that fails stops no other.

use futures_util::future::BoxFuture;
use serde::Serialize;

use super::{Act, Outcome, answers, attendance};
use crate::actions::Error;
use crate::actions::statements::confirm_by_time;
use crate::base::chance::Chance;
use crate::base::ids::Id;
use crate::base::time::Instant;
use crate::domain::actors::Actor;
use crate::store::bookings::due;
use crate::store::{AnyConnection, Db, Tx};

/// The name of the job, which history and audit records carry.
pub const JOB: &str = "due";
/// How many ids are read at once.
const BATCH: i64 = 200;

/// What one run did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Requests that expired.
    pub expired: u64,
    /// Bookings that became no-shows.
    pub no_shows: u64,
    /// Uses that ended by themselves.
    pub ended: u64,
    /// Statements that were confirmed by time.
    pub confirmed: u64,
    /// Bookings that could not be dealt with; each is in the log, and is tried again at the next run.
    pub failed: u64,
}

#[derive(Debug, Clone, Copy)]
enum Kind {
    Expire,
    Miss,
    End,
    Confirm,
}

/// Does all that is due at `now`.
///
/// # Errors
/// Only when the lists cannot be read: the database is away.
pub async fn run(db: &Db, chance: &Chance, now: Instant) -> Outcome<Report> {
    let mut report = Report::default();
    for kind in [Kind::Expire, Kind::Miss, Kind::End, Kind::Confirm] {
        let mut after = Id::new();
        loop {
            let ids = list(&mut *db.read().await?, kind, now, &after).await?;
            let Some(last) = ids.last().cloned() else { break };
            for id in ids {
                one(db, chance, (kind, now), &id, &mut report).await;
            }
            after = last;
        }
    }
    Ok(report)
}

async fn list(conn: &mut AnyConnection, kind: Kind, now: Instant, after: &str) -> Outcome<Vec<Id>> {
    Ok(match kind {
        Kind::Expire => due::list_unanswered(conn, now, after, BATCH).await?,
        Kind::Miss => due::list_missed(conn, now, after, BATCH).await?,
        Kind::End => due::list_overrun(conn, now, after, BATCH).await?,
        Kind::Confirm => due::list_unconfirmed(conn, now, after, BATCH).await?,
    })
}

async fn one(db: &Db, chance: &Chance, (kind, now): (Kind, Instant), id: &str, report: &mut Report) {
    let act = Act { now, actor: Actor::Job(JOB), dice: chance.dice(), request_id: format!("job:{JOB}") };
    let done = db
        .transact(|tx| {
            act.dice.rewind();
            step(tx, &act, kind, id)
        })
        .await;
    let count = match kind {
        Kind::Expire => &mut report.expired,
        Kind::Miss => &mut report.no_shows,
        Kind::End => &mut report.ended,
        Kind::Confirm => &mut report.confirmed,
    };
    match done {
        Ok(()) => *count += 1,
        // Somebody was quicker: nothing is due any more.
        Err(Error::Refused(refusal)) => tracing::debug!(id, ?refusal, "not due any more"),
        Err(error) => {
            tracing::error!(id, ?kind, %error, "a booking that is due could not be dealt with");
            report.failed += 1;
        }
    }
}

fn step<'t>(tx: &'t mut Tx<'_>, act: &'t Act, kind: Kind, id: &'t str) -> BoxFuture<'t, Outcome<()>> {
    Box::pin(async move {
        match kind {
            Kind::Expire => answers::expire(tx, act, id).await.map(|_| ()),
            Kind::Miss => answers::miss(tx, act, id).await.map(|_| ()),
            Kind::End => attendance::end_use(tx, act, id).await.map(|_| ()),
            Kind::Confirm => confirm_by_time(tx, act, id).await.map(|_| ()),
        }
    })
}
