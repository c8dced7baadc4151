//! The calendar that the product ships: public holidays and make-up working days as the State Council announced them.
//!
//! It fills an empty `calendar_days`; from then on the rows are the bureau's. A year that is not here goes by the weekday.

use super::{CalendarDay, DayKind};
use crate::base::time::Day;

/// 法定节假日, with the days in lieu.
const HOLIDAYS: &[&str] = &[
    "2024-01-01",
    "2024-02-10",
    "2024-02-11",
    "2024-02-12",
    "2024-02-13",
    "2024-02-14",
    "2024-02-15",
    "2024-02-16",
    "2024-02-17",
    "2024-04-04",
    "2024-04-05",
    "2024-04-06",
    "2024-05-01",
    "2024-05-02",
    "2024-05-03",
    "2024-05-04",
    "2024-05-05",
    "2024-06-10",
    "2024-09-15",
    "2024-09-16",
    "2024-09-17",
    "2024-10-01",
    "2024-10-02",
    "2024-10-03",
    "2024-10-04",
    "2024-10-05",
    "2024-10-06",
    "2024-10-07",
    "2025-01-01",
    "2025-01-28",
    "2025-01-29",
    "2025-01-30",
    "2025-01-31",
    "2025-02-01",
    "2025-02-02",
    "2025-02-03",
    "2025-02-04",
    "2025-04-04",
    "2025-04-05",
    "2025-04-06",
    "2025-05-01",
    "2025-05-02",
    "2025-05-03",
    "2025-05-04",
    "2025-05-05",
    "2025-05-31",
    "2025-06-01",
    "2025-06-02",
    "2025-10-01",
    "2025-10-02",
    "2025-10-03",
    "2025-10-04",
    "2025-10-05",
    "2025-10-06",
    "2025-10-07",
    "2025-10-08",
    "2026-01-01",
    "2026-01-02",
    "2026-01-03",
    "2026-02-15",
    "2026-02-16",
    "2026-02-17",
    "2026-02-18",
    "2026-02-19",
    "2026-02-20",
    "2026-02-21",
    "2026-02-22",
    "2026-02-23",
    "2026-04-04",
    "2026-04-05",
    "2026-04-06",
    "2026-05-01",
    "2026-05-02",
    "2026-05-03",
    "2026-05-04",
    "2026-05-05",
    "2026-06-19",
    "2026-06-20",
    "2026-06-21",
    "2026-09-25",
    "2026-09-26",
    "2026-09-27",
    "2026-10-01",
    "2026-10-02",
    "2026-10-03",
    "2026-10-04",
    "2026-10-05",
    "2026-10-06",
    "2026-10-07",
];

/// 调休上班日.
const WORKDAYS: &[&str] = &[
    "2024-02-04",
    "2024-02-18",
    "2024-04-07",
    "2024-04-28",
    "2024-05-11",
    "2024-09-14",
    "2024-09-29",
    "2024-10-12",
    "2025-01-26",
    "2025-02-08",
    "2025-04-27",
    "2025-09-28",
    "2025-10-11",
    "2026-01-04",
    "2026-02-14",
    "2026-02-28",
    "2026-05-09",
    "2026-09-20",
    "2026-10-10",
];

/// Every day of the shipped calendar.
pub fn days() -> impl Iterator<Item = CalendarDay> {
    let of = |kind: DayKind, days: &'static [&'static str]| days.iter().filter_map(move |day| Some(CalendarDay { day: Day::parse(day)?, kind, open_as: None }));
    of(DayKind::Holiday, HOLIDAYS).chain(of(DayKind::Workday, WORKDAYS))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::calendar::{Calendar, tests::shipped};

    #[test]
    fn the_shipped_calendar_is_that_of_the_test_data() {
        assert_eq!(Calendar::new(days()), shipped());
    }

    #[test]
    fn the_shipped_calendar_agrees_with_an_independent_one() {
        let calendar = Calendar::new(days());
        let (first, last) = (Day::new(2024, 1, 1).unwrap(), Day::new(2026, 12, 25).unwrap());
        for day in std::iter::successors(Some(first), |day| Some(day.plus(1))).take_while(|day| *day <= last) {
            let ymd = chinese_holiday::Ymd::new(u16::try_from(day.year()).unwrap(), u8::try_from(day.0.month()).unwrap(), u8::try_from(day.0.day()).unwrap());
            assert_eq!(calendar.is_working_day(day), chinese_holiday::chinese_holiday(ymd).is_workday(), "{day}");
        }
    }
}
