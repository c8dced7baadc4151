//! When in a week instruments are in use, as a share of those there are: what a heat map shows.

use crate::base::time::{HOUR, Span};
use crate::domain::spans::union;

/// The hours that have a column of their own; the rest of the day is the night, the last column.
pub const DAYTIME: std::ops::RangeInclusive<i64> = 7..=21;

/// Percent of instruments in use by weekday (Monday first) and hour: a column for each hour of [`DAYTIME`], then the night. `uses` are the
/// spans of each instrument; a second counts once for each. `None` where the window has no such weekday or there are no instruments.
#[must_use]
pub fn weekly(uses: &[Vec<Span>], window: Span, instruments: i64) -> Vec<Vec<Option<i64>>> {
    let mut seconds = [[0_i64; 24]; 7];
    for spans in uses {
        for span in union(spans.iter().filter_map(|span| span.clipped(window))) {
            add(&mut seconds, span);
        }
    }
    let mut days = [0_i64; 7];
    for day in window.days() {
        days[index(day.weekday() - 1)] += 1;
    }
    let percent = |sum: i64, hours: i64, days: i64| {
        let whole = instruments * days * hours * HOUR;
        (whole > 0).then(|| (sum * 200 + whole) / (2 * whole))
    };
    let row = |weekday: usize| {
        let hour = |hour: i64| seconds[weekday][index(hour)];
        let night: i64 = (0..24).filter(|at| !DAYTIME.contains(at)).map(hour).sum();
        let hours = DAYTIME.map(|at| percent(hour(at), 1, days[weekday]));
        hours.chain([percent(night, 24 - 15, days[weekday])]).collect()
    };
    (0..7).map(row).collect()
}

fn index(number: i64) -> usize {
    usize::try_from(number).unwrap_or(0)
}

/// Adds a span to the hours of the week that it touches.
fn add(seconds: &mut [[i64; 24]; 7], span: Span) {
    let mut at = span.starts_at;
    while at < span.ends_at {
        let minute = at.minute_of_day();
        let into_hour = minute % 60 * 60 + at.0.rem_euclid(60);
        let until = at.plus(HOUR - into_hour).min(span.ends_at);
        seconds[index(at.day().weekday() - 1)][index(minute / 60).min(23)] += until.0 - at.0;
        at = until;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::time::Instant;

    #[test]
    fn use_is_a_share_of_the_instruments_and_the_night_is_one_column() {
        let at = |text: &str| Instant::parse_local(text).unwrap();
        // Two weeks from a Monday on; two instruments.
        let window = Span::new(at("2026-10-05T00:00"), at("2026-10-19T00:00"));
        let one = vec![Span::new(at("2026-10-05T08:30"), at("2026-10-05T10:00")), Span::new(at("2026-10-05T09:00"), at("2026-10-05T09:30"))];
        let night = vec![Span::new(at("2026-10-06T21:00"), at("2026-10-07T07:00")), Span::new(at("2026-10-18T23:00"), at("2026-10-19T04:00"))];
        let rows = weekly(&[one, night], window, 2);
        assert_eq!((rows.len(), rows[0].len()), (7, 16));
        // Monday 8 to 9: half an hour of 2 instruments x 2 Mondays.
        assert_eq!((rows[0][1], rows[0][2], rows[0][3]), (Some(13), Some(25), Some(0)));
        // Tuesday 21 to 22, then the night until midnight: 2 of 36 hours; Wednesday 7 of 36; Sunday 1 of 36.
        assert_eq!((rows[1][14], rows[1][15], rows[2][15], rows[6][15]), (Some(25), Some(6), Some(19), Some(3)));
    }

    #[test]
    fn without_instruments_or_days_there_is_no_share() {
        let nothing = Span::new(Instant(0), Instant(0));
        assert!(weekly(&[], nothing, 3).iter().skip(1).flatten().all(|cell| cell.is_none() || *cell == Some(0)));
        assert!(weekly(&[], Span::new(Instant(0), Instant(900_000)), 0).iter().flatten().all(Option::is_none));
    }
}
