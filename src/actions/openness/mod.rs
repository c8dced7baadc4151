//! Openness (开放评价): the daily roll-up, and reports of instruments, institutions and regions that are never older than their segments.
//!
//! Start with [`sheet`] (what is read for a period) and [`report`] (what is told of it); [`mod@roll_up`] only makes reading fast; [`export`] lets
//! anyone compute all of it again.

pub mod digest;
pub mod export;
pub mod kin;
pub mod report;
pub mod roll_up;
pub mod schemes;
pub mod segments;
pub mod sheet;
pub mod table;

pub use digest::Digests;
pub use report::{InstrumentReport, Line, Report, city, institution, instrument};
pub use roll_up::{Counts, roll_up};

use super::{Error, Outcome};
use crate::base::chance::fingerprint;
use crate::base::region::lies_in;
use crate::domain::actors::Member;
use crate::domain::openness::Period;
use crate::domain::roles::Side;
use crate::store::{self, AnyConnection, Db, Tx};

/// Whether a bureau's member sees the openness of an institution in detail: it lies in the bureau's region, or is or was in its voucher pool.
pub async fn bureau_sees(conn: &mut AnyConnection, member: &Member, institution_id: &str) -> Outcome<bool> {
    if member.side != Side::Bureau {
        return Ok(false);
    }
    let (bureau, institution) = (store::organisations::find(conn, &member.organisation_id).await?, store::organisations::find(conn, institution_id).await?);
    let inside = bureau.zip(institution).is_some_and(|(bureau, institution)| lies_in(&institution.region_code, &bureau.region_code));
    Ok(inside || store::organisations::was_enrolled(conn, &member.organisation_id, institution_id).await?)
}

/// Draws what the salts of all periods are made of, unless the installation has it: at the start, so that a figure read later writes nothing,
/// and a backup of any moment gives the same digests.
pub async fn draw_salt(tx: &mut Tx<'_>, drawn: &str) -> Outcome<()> {
    Ok(store::roll_ups::insert_salt(tx, drawn).await?)
}

/// The salt under which a period's digest and exports name organisations; never told.
pub async fn salt(db: &Db, period: Period) -> Outcome<String> {
    let root = store::roll_ups::find_salt(&mut *db.read().await?).await?.ok_or_else(|| Error::Failed("an installation without a salt".to_owned()))?;
    Ok(fingerprint(&format!("{root}/{period}")))
}
