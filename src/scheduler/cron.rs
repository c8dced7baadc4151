//! Cron lines: six fields, seconds first, read by the very parser that knocks, in the zone of the installation.
//!
//! Pure: the instant is an argument. With its neighbour `mod.rs` the only place that knows chrono.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use croner::Cron;
use croner::parser::{CronParser, Seconds};

use crate::base::time::{Instant, zone};

/// From where a line is proved: any instant will do.
const PROOF: Instant = Instant(1_767_196_800);

/// Proves that a line can be read and comes round at all (`0 0 0 30 2 *` never does, and would be dropped in silence).
///
/// # Errors
/// A sentence that names the line and what is wrong with it.
pub fn prove(line: &str) -> Result<(), String> {
    next(line, PROOF).map(|_| ()).map_err(|why| format!("cron line {line:?}: {why}"))
}

/// The last instant at or before `now` at which the line was due; `None` for a line that cannot be read.
#[must_use]
pub fn last_due(line: &str, now: Instant) -> Option<Instant> {
    parse(line).ok()?.find_previous_occurrence(&local(now)?, true).ok().map(|at| Instant(at.timestamp()))
}

/// The first instant after `now` at which the line is due; `None` for a line that cannot be read.
#[must_use]
pub fn next_due(line: &str, now: Instant) -> Option<Instant> {
    next(line, now).ok()
}

/// The zone in which lines are read, as chrono names it.
pub(super) fn chrono_zone() -> Tz {
    zone().iana_name().and_then(|name| name.parse().ok()).unwrap_or(Tz::Asia__Shanghai)
}

fn next(line: &str, now: Instant) -> Result<Instant, String> {
    let from = local(now).ok_or("no such instant")?;
    let at = parse(line)?.find_next_occurrence(&from, false).map_err(|e| e.to_string())?;
    Ok(Instant(at.timestamp()))
}

fn parse(line: &str) -> Result<Cron, String> {
    // Exactly as tokio-cron-scheduler parses it, or knock and look-round would disagree.
    CronParser::builder().seconds(Seconds::Required).dom_and_dow(true).build().parse(line).map_err(|e| e.to_string())
}

fn local(at: Instant) -> Option<DateTime<Tz>> {
    DateTime::<Utc>::from_timestamp(at.0, 0).map(|at| at.with_timezone(&chrono_zone()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Instant {
        Instant::parse_local(text).unwrap()
    }

    #[test]
    fn due_instants_are_local_and_include_now() {
        let daily = "0 20 0 * * *";
        assert_eq!(last_due(daily, at("2026-10-14T00:20")), Some(at("2026-10-14T00:20")));
        assert_eq!(last_due(daily, at("2026-10-14T00:19")), Some(at("2026-10-13T00:20")));
        assert_eq!(next_due(daily, at("2026-10-14T00:20")), Some(at("2026-10-15T00:20")));
    }

    #[test]
    fn months_quarters_and_weekdays_are_found_across_gaps() {
        assert_eq!(last_due("0 0 2 10 1 *", at("2027-01-10T01:59")), Some(at("2026-01-10T02:00")));
        assert_eq!(last_due("0 0 0 1 1,4,7,10 *", at("2026-12-31T23:59")), Some(at("2026-10-01T00:00")));
        assert_eq!(next_due("0 30 8 * * 1", at("2026-10-14T09:00")), Some(at("2026-10-19T08:30")));
        assert_eq!(last_due("*/15 * * * * *", at("2026-10-14T09:00").plus(29)), Some(at("2026-10-14T09:00").plus(15)));
    }

    #[test]
    fn a_line_that_never_comes_or_has_five_fields_is_refused() {
        assert!(prove("0 0 2 * * *").is_ok());
        for line in ["0 0 0 30 2 *", "0 2 * * *", "nonsense", ""] {
            assert!(prove(line).unwrap_err().contains("cron line"), "{line}");
        }
    }
}
