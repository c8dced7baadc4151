//! Slots against bookings and each other, statements against bookings, roll-ups against segments.

use std::collections::{BTreeMap, BTreeSet};

use crate::actions::Outcome;
use crate::actions::openness::roll_up::compute;
use crate::base::ids::Id;
use crate::base::time::{Day, Instant, Span};
use crate::store::roll_ups::StoredDay;
use crate::store::{self, AnyConnection};

/// A line per live booking without its slot or with another one, per freed booking that still has one, per overlap, and per statement that
/// does not agree with its booking.
pub async fn use_and_slots(conn: &mut AnyConnection) -> Outcome<Vec<String>> {
    let mut lines = Vec::new();
    for row in store::use_proofs::list_wrong_slots(conn).await? {
        lines.push(format!("booking {} ({}): its slot does not match: {}", row.code, row.state, row.what));
    }
    for (one, other, instrument_id) in store::use_proofs::list_overlaps(conn).await? {
        lines.push(format!("instrument {instrument_id}: live spans {one} and {other} overlap"));
    }
    for (code, what) in store::use_proofs::list_wrong_statements(conn).await? {
        lines.push(format!("booking {code}: its statement does not agree: {what}"));
    }
    Ok(lines)
}

/// A line per rolled-up day that its segments do not give, and per month that its days do not. Days that are still to be computed again are
/// no difference.
pub async fn roll_ups(conn: &mut AnyConnection) -> Outcome<Vec<String>> {
    let mut lines = Vec::new();
    for instrument_id in store::roll_ups::list_recorded(conn).await? {
        let touched: BTreeSet<Day> = store::roll_ups::list_touched(conn, &instrument_id).await?.into_iter().collect();
        let stored = store::roll_ups::list_days(conn, &instrument_id).await?;
        let days: BTreeSet<Day> = recorded_days(conn, &instrument_id).await?.union(&stored.iter().map(|row| row.day).collect()).copied().collect();
        let days: BTreeSet<Day> = days.difference(&touched).copied().collect();
        let computed = compute(conn, &instrument_id, &days).await?;
        let [kept, given] = store::roll_ups::months::list_both(conn, &instrument_id).await?;
        let wrong: BTreeSet<&String> = kept.symmetric_difference(&given).map(|month| &month.month).collect();
        lines.extend(wrong.into_iter().map(|month| format!("instrument {instrument_id} {month}: rolled up, but not as its days give it")));
        let computed: BTreeMap<(Day, Id), StoredDay> = computed.into_iter().map(|row| ((row.day, row.institution_id.clone()), StoredDay::from(row))).collect();
        let stored: BTreeMap<(Day, Id), StoredDay> = stored.into_iter().map(|row| ((row.day, row.institution_id.clone()), row)).collect();
        let keys: BTreeSet<&(Day, Id)> = stored.keys().chain(computed.keys()).collect();
        for key in keys.into_iter().filter(|key| stored.get(*key) != computed.get(*key)) {
            let told = |row: Option<&StoredDay>| {
                row.map_or("nothing".to_owned(), |r| {
                    let sources = r.seconds.by_source().map(|(_, seconds)| seconds);
                    let users = if r.users.is_empty() { "nobody" } else { r.users.as_str() };
                    let (effective, external, down) = (r.seconds.effective_seconds, r.seconds.external_seconds, r.seconds.down_seconds);
                    format!("E {effective} X {external} D {down} by source {sources:?} for {users} of {} segments", r.segments)
                })
            };
            lines.push(format!("instrument {instrument_id} {}: rolled up {}, its segments give {}", key.0, told(stored.get(key)), told(computed.get(key))));
        }
    }
    Ok(lines)
}

/// The days that live segments of an instrument touch.
async fn recorded_days(conn: &mut AnyConnection, instrument_id: &str) -> Outcome<BTreeSet<Day>> {
    let everything = Span::new(Instant(0), Instant(i64::MAX / 2));
    let rows = store::openness::segments::list(conn, &store::openness::Scope::Instrument(instrument_id.to_owned()), everything, false).await?;
    Ok(rows.iter().flat_map(|row| row.span().days()).collect())
}
