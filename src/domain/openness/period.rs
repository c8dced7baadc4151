//! The periods of reports: a year, a month or a day, written `2026`, `2026-10`, `2026-10-05`. A period never leaves its year.

use std::fmt;

use crate::base::time::{Day, Span};

/// A year, a month or a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Period {
    /// `2026`
    Year(i16),
    /// `2026-10`
    Month(i16, i8),
    /// `2026-10-05`
    Day(Day),
}

impl Period {
    /// Reads `YYYY`, `YYYY-MM` or `YYYY-MM-DD`, between the years 1900 and 9998.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text.len() {
            4 => Some(Self::Year(Day::parse(&format!("{text}-01-01"))?.0.year())),
            7 => Day::parse(&format!("{text}-01")).map(|day| Self::Month(day.0.year(), day.0.month())),
            10 => Day::parse(text).map(Self::Day),
            _ => None,
        }
    }

    /// The month in which a day lies.
    #[must_use]
    pub fn month_of(day: Day) -> Self {
        Self::Month(day.0.year(), day.0.month())
    }

    /// The year in which a day lies.
    #[must_use]
    pub fn year_of(day: Day) -> Self {
        Self::Year(day.0.year())
    }

    /// The first day.
    #[must_use]
    pub fn first(self) -> Day {
        let from = |year, month| Day::new(year, month, 1).unwrap_or(Day(jiff::civil::Date::MIN));
        match self {
            Self::Year(year) => from(year, 1),
            Self::Month(year, month) => from(year, month),
            Self::Day(day) => day,
        }
    }

    /// The last day, included.
    #[must_use]
    pub fn last(self) -> Day {
        match self {
            Self::Year(_) => Day(self.first().0.last_of_year()),
            Self::Month(..) => Day(self.first().0.last_of_month()),
            Self::Day(day) => day,
        }
    }

    /// As a span of instants.
    #[must_use]
    pub fn span(self) -> Span {
        Span::new(self.first().start(), self.last().end())
    }

    /// Its days, in order.
    pub fn days(self) -> impl Iterator<Item = Day> {
        let last = self.last();
        std::iter::successors(Some(self.first()), |day| Some(day.plus(1))).take_while(move |day| *day <= last)
    }

    /// Whether a day lies in it.
    #[must_use]
    pub fn contains(self, day: Day) -> bool {
        (self.first()..=self.last()).contains(&day)
    }

    /// Whether it is a whole year: only then is there a score and a grade.
    #[must_use]
    pub const fn is_year(self) -> bool {
        matches!(self, Self::Year(_))
    }

    /// Whether it is a month or longer: what the public may see.
    #[must_use]
    pub const fn is_public(self) -> bool {
        !matches!(self, Self::Day(_))
    }

    /// Days of the period with `from <= day < until`.
    #[must_use]
    pub fn days_between(self, from: Day, until: Option<Day>) -> i64 {
        let first = self.first().max(from);
        let end = self.last().plus(1).min(until.unwrap_or(Day(jiff::civil::Date::MAX)));
        if first < end { i64::from(first.0.until(end.0).map_or(0, |span| span.get_days())) } else { 0 }
    }

    /// 365 or 366.
    #[must_use]
    pub fn days_of_year(self) -> i64 {
        i64::from(self.first().0.days_in_year())
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Year(year) => write!(f, "{year:04}"),
            Self::Month(year, month) => write!(f, "{year:04}-{month:02}"),
            Self::Day(day) => day.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_read_back_as_they_were_written() {
        for text in ["2026", "2026-10", "2026-10-05", "2024-02-29"] {
            assert_eq!(Period::parse(text).map(|period| period.to_string()).as_deref(), Some(text));
        }
        for text in ["", "26", "2026-13", "2026-1", "2026-02-30", "+026", "2026-10-", "1899", "9999", "二〇"] {
            assert_eq!(Period::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_period_has_all_its_days() {
        let of = |text| Period::parse(text).unwrap();
        assert_eq!((of("2024").days().count(), of("2024-02").days().count(), of("2024-02-29").days().count()), (366, 29, 1));
        assert_eq!((of("2024").days_of_year(), of("2026-10").days_of_year()), (366, 365));
        assert_eq!(of("2026-12").span().ends_at.to_string(), "2027-01-01T00:00:00+08:00");
        let july = Day::parse("2026-07-01").unwrap();
        assert_eq!(of("2026").days_between(july, None), 184);
        assert_eq!(of("2026").days_between(july, Some(july)), 0);
        assert_eq!(of("2026").days_between(july, Some(july.plus(3))), 3);
        assert_eq!(of("2026-07-01").days_between(july.plus(1), None), 0);
    }
}
