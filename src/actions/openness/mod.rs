//! Openness (开放评价): the daily roll-up, and reports of instruments, institutions and regions that are never older than their segments.
//!
//! Start with [`sheet`] (what is read for a period) and [`report`] (what is told of it); [`roll_up`] only makes reading fast; [`export`] lets
//! anyone compute all of it again.

pub mod export;
pub mod kin;
pub mod report;
pub mod roll_up;
pub mod schemes;
pub mod sheet;
pub mod table;

pub use report::{InstrumentReport, Line, Report, city, institution, instrument};
pub use roll_up::{Counts, roll_up};

use super::{Act, Outcome};
use crate::base::region::lies_in;
use crate::domain::actors::Member;
use crate::domain::openness::Period;
use crate::domain::roles::Side;
use crate::store::{self, AnyConnection, Db};

/// Whether a bureau's member sees the openness of an institution in detail: it lies in the bureau's region, or is or was in its voucher pool.
pub async fn bureau_sees(conn: &mut AnyConnection, member: &Member, institution_id: &str) -> Outcome<bool> {
    if member.side != Side::Bureau {
        return Ok(false);
    }
    let (bureau, institution) = (store::organisations::find(conn, &member.organisation_id).await?, store::organisations::find(conn, institution_id).await?);
    let inside = bureau.zip(institution).is_some_and(|(bureau, institution)| lies_in(&institution.region_code, &bureau.region_code));
    Ok(inside || store::organisations::was_enrolled(conn, &member.organisation_id, institution_id).await?)
}

/// The salt under which a period's digest and exports name organisations; drawn when it is first asked for, and never told.
pub async fn salt(db: &Db, act: &Act, period: Period) -> Outcome<String> {
    let name = period.to_string();
    if let Some(salt) = store::roll_ups::find_salt(&mut *db.read().await?, &name).await? {
        return Ok(salt);
    }
    let drawn = act.dice.secret();
    db.transact(|tx| {
        let (name, drawn) = (&name, &drawn);
        Box::pin(async move {
            store::roll_ups::insert_salt(tx, name, drawn).await?;
            Ok(store::roll_ups::find_salt(tx, name).await?.unwrap_or_default())
        })
    })
    .await
}
