//! The calendar of days (工作日历): which days are working days, when an instrument is open, and how working hours run
//! (rules.md section 3, Days).
//!
//! The rows are data: shipped with the product, replaced by the bureau. A year without rows goes by the weekday.

pub mod table;

use std::collections::{BTreeMap, BTreeSet};

use super::instruments::hours::{Holidays, OpeningHours};
use super::spans::union;
use crate::base::time::{Day, HOUR, Instant, Span};
use crate::words;

words! {
    /// What makes a day special.
    pub enum DayKind {
        /// 法定节假日.
        Holiday = "holiday",
        /// 调休上班日.
        Workday = "workday",
    }
}

/// A row of the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CalendarDay {
    /// Which day.
    pub day: Day,
    /// Holiday or make-up working day.
    pub kind: DayKind,
    /// As which weekday (1 to 7) instruments open on a make-up day; `None`: by its own weekday.
    pub open_as: Option<i64>,
}

/// Working hours (工作时间) of a working day, in minutes after midnight: 09:00-17:00, the default of rules.md section 3.
pub const WORKING_MINUTES: (i64, i64) = (540, 1020);

/// How far a look into the future goes before it gives up: a calendar of nothing but holidays must not hang anybody.
const FAR_DAYS: i64 = 4000;

/// The special days; everything else goes by the weekday.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Calendar {
    days: BTreeMap<Day, (DayKind, Option<i64>)>,
    years: BTreeSet<i64>,
}

impl Calendar {
    /// A calendar of rows; of two rows for one day the later one holds.
    #[must_use]
    pub fn new(rows: impl IntoIterator<Item = CalendarDay>) -> Self {
        let days: BTreeMap<_, _> = rows.into_iter().map(|row| (row.day, (row.kind, row.open_as))).collect();
        let years = days.keys().map(|day| day.year()).collect();
        Self { days, years }
    }

    /// Whether there are rows for a year; where there are none, ops is told.
    #[must_use]
    pub fn knows_year(&self, year: i64) -> bool {
        self.years.contains(&year)
    }

    /// What makes a day special, if anything does.
    #[must_use]
    pub fn kind(&self, day: Day) -> Option<DayKind> {
        self.days.get(&day).map(|(kind, _)| *kind)
    }

    /// Whether people work: a weekday that is no holiday, or a make-up day.
    #[must_use]
    pub fn is_working_day(&self, day: Day) -> bool {
        match self.kind(day) {
            Some(kind) => kind == DayKind::Workday,
            None => !day.is_weekend(),
        }
    }

    /// As which weekday an instrument with these hours opens on a day, `None` when it stays closed: the day's own, on a make-up day the
    /// one of the bureau's row where it names one, on a holiday none unless it opens on holidays.
    #[must_use]
    pub fn opens_as(&self, day: Day, holidays: Holidays) -> Option<i64> {
        match self.days.get(&day) {
            Some((DayKind::Holiday, _)) => (holidays == Holidays::Open).then(|| day.weekday()),
            Some((DayKind::Workday, Some(weekday))) => Some(*weekday),
            _ => Some(day.weekday()),
        }
    }

    /// When an instrument is open on a day, as instants; a span until 24:00 ends at the next midnight.
    #[must_use]
    pub fn opening(&self, day: Day, hours: &OpeningHours) -> Vec<Span> {
        let Some(weekday) = self.opens_as(day, hours.holidays) else { return Vec::new() };
        hours.of_weekday(weekday).map(|span| Span::new(day.at_minute(span.opens_minute), day.at_minute(span.closes_minute))).collect()
    }

    /// When an instrument is open within `window`: touching spans are joined, also over midnight, and clipped to the window.
    #[must_use]
    pub fn open_within(&self, window: Span, hours: &OpeningHours) -> Vec<Span> {
        if window.seconds() == 0 {
            return Vec::new();
        }
        union(window.days().take(usize::try_from(FAR_DAYS).unwrap_or(4000)).flat_map(|day| self.opening(day, hours)).filter_map(|span| span.clipped(window)))
    }

    /// The working hours of a day; `None` on a day on which nobody works.
    #[must_use]
    pub fn working_span(&self, day: Day) -> Option<Span> {
        let (from, to) = WORKING_MINUTES;
        self.is_working_day(day).then(|| Span::new(day.at_minute(from), day.at_minute(to)))
    }

    /// The instant at which `hours` working hours have passed since `from`; 0 of them have passed at once.
    #[must_use]
    pub fn add_working_hours(&self, from: Instant, hours: i64) -> Instant {
        let mut left = hours.saturating_mul(HOUR);
        if left <= 0 {
            return from;
        }
        let mut day = from.day();
        for _ in 0..FAR_DAYS {
            if let Some(span) = self.working_span(day) {
                let begin = span.starts_at.max(from);
                let there = Span::new(begin, span.ends_at).seconds();
                if left <= there {
                    return begin.plus(left);
                }
                left -= there;
            }
            day = day.plus(1);
        }
        day.start()
    }

    /// Working seconds from `from` to `to`; 0 when `to` is not later.
    #[must_use]
    pub fn working_seconds_between(&self, from: Instant, to: Instant) -> i64 {
        let window = Span::new(from, to);
        if window.seconds() == 0 {
            return 0;
        }
        let within = |day| self.working_span(day).and_then(|span| span.clipped(window)).map_or(0, Span::seconds);
        window.days().take(usize::try_from(FAR_DAYS).unwrap_or(4000)).map(within).sum()
    }

    /// The `count`-th working day after `day`; `day` itself for 0.
    #[must_use]
    pub fn add_working_days(&self, day: Day, count: i64) -> Day {
        let mut left = count;
        let mut at = day;
        for _ in 0..FAR_DAYS {
            if left <= 0 {
                break;
            }
            at = at.plus(1);
            left -= i64::from(self.is_working_day(at));
        }
        at
    }

    /// How many working days lie after `from`, up to and including `to`; negative when `to` is earlier.
    #[must_use]
    pub fn working_days_between(&self, from: Day, to: Day) -> i64 {
        let count = |low: Day, high: Day| {
            let days = std::iter::successors(Some(low.plus(1)), |day| Some(day.plus(1))).take_while(|day| *day <= high);
            days.take(usize::try_from(FAR_DAYS).unwrap_or(4000)).map(|day| i64::from(self.is_working_day(day))).sum::<i64>()
        };
        if from <= to { count(from, to) } else { -count(to, from) }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// The calendar that the product ships, read from the test data.
    pub(crate) fn shipped() -> Calendar {
        let rows = include_str!("../../tests/data/calendar-days.csv").lines().skip(1).map(|line| {
            let cells: Vec<&str> = line.split(',').collect();
            CalendarDay { day: Day::parse(cells[0]).unwrap(), kind: DayKind::parse(cells[1]).unwrap(), open_as: cells[2].parse().ok() }
        });
        Calendar::new(rows)
    }

    fn day(text: &str) -> Day {
        Day::parse(text).unwrap()
    }

    fn at(text: &str) -> Instant {
        Instant::parse_local(text).unwrap()
    }

    #[test]
    fn make_up_days_are_worked_and_holidays_are_not() {
        let calendar = shipped();
        for (text, works) in [("2026-10-01", false), ("2026-10-09", true), ("2026-10-10", true), ("2026-10-11", false), ("2031-10-01", true)] {
            assert_eq!(calendar.is_working_day(day(text)), works, "{text}");
        }
        assert!(calendar.knows_year(2026) && !calendar.knows_year(2031));
    }

    #[test]
    fn working_hours_run_over_the_weekend_and_count_the_make_up_saturday() {
        let calendar = shipped();
        assert_eq!(calendar.add_working_hours(at("2026-10-09T16:00"), 16), at("2026-10-12T16:00"));
        assert_eq!(calendar.add_working_hours(at("2026-10-12T09:00"), 8), at("2026-10-12T17:00"));
        assert_eq!(calendar.add_working_hours(at("2026-10-12T18:30"), 1), at("2026-10-13T10:00"));
        assert_eq!(calendar.add_working_hours(at("2026-10-12T18:30"), 0), at("2026-10-12T18:30"));
        assert_eq!(calendar.working_seconds_between(at("2026-10-09T16:00"), at("2026-10-12T16:00")), 16 * HOUR);
        assert_eq!(calendar.working_seconds_between(at("2026-10-12T16:00"), at("2026-10-09T16:00")), 0);
    }

    #[test]
    fn working_days_are_counted_from_the_day_after() {
        let calendar = shipped();
        assert_eq!(calendar.add_working_days(day("2026-09-30"), 1), day("2026-10-08"));
        assert_eq!(calendar.add_working_days(day("2026-09-30"), 0), day("2026-09-30"));
        assert_eq!(calendar.working_days_between(day("2026-09-30"), day("2026-10-12")), 4);
        assert_eq!(calendar.working_days_between(day("2026-10-12"), day("2026-09-30")), -4);
    }

    #[test]
    fn a_calendar_of_holidays_only_ends_all_the_same() {
        let days = std::iter::successors(Some(day("2026-01-01")), |d| Some(d.plus(1))).take(5000);
        let calendar = Calendar::new(days.map(|day| CalendarDay { day, kind: DayKind::Holiday, open_as: None }));
        assert!(calendar.add_working_hours(at("2026-01-01T09:00"), 16) > at("2026-01-01T09:00"));
        assert!(calendar.add_working_days(day("2026-01-01"), 5) > day("2026-01-01"));
    }

    #[test]
    fn an_evening_until_24_joins_the_next_morning() {
        let hours = OpeningHours::always();
        let window = Span::new(at("2026-10-14T20:00"), at("2026-10-16T03:00"));
        assert_eq!(shipped().open_within(window, &hours), [window]);
    }

    proptest::proptest! {
        #[test]
        fn as_many_working_seconds_pass_as_were_added(start in 1_767_200_000_i64..1_798_700_000, hours in 1_i64..100) {
            let calendar = shipped();
            let from = Instant(start);
            proptest::prop_assert_eq!(calendar.working_seconds_between(from, calendar.add_working_hours(from, hours)), hours * HOUR);
        }
    }
}
