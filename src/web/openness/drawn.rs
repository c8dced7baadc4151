//! What the pages of openness share: the choice of a period, months as bars and as a table, the week as a heat map.

use std::collections::BTreeMap;

use crate::actions::openness::sheet::Sheet;
use crate::base::format::weekday;
use crate::base::time::{HOUR, Span};
use crate::domain::openness::week::{DAYTIME, weekly};
use crate::domain::openness::{Figures, Period};
use crate::http::Error;
use crate::store::openness::Scope;
use crate::store::{self, AnyConnection};
use crate::web::shell::{Bar, Bars, Heat, Page};

/// Another period to look at.
pub struct Link {
    /// Its name.
    pub name: String,
    /// `2026-10`.
    pub period: String,
    /// Whether it is the one shown.
    pub current: bool,
}

/// The period of a page: its name, its days so far, and where else to look.
pub struct Choice {
    /// `2026`, `2026-10` or `2026-10-05`.
    pub period: String,
    /// Its name.
    pub name: String,
    /// From which day to which, not beyond today.
    pub days: String,
    /// Years and months.
    pub links: Vec<Link>,
    /// Whether it is a whole year, and so has a score.
    pub is_year: bool,
}

impl Choice {
    /// The choice around a period.
    pub fn new(page: &Page, period: Period) -> Self {
        let today = page.now.day();
        let year = i16::try_from(period.first().year()).unwrap_or_default();
        let last = period.last().min(today.max(period.first()));
        let years = (year - 1..=year + 1).filter(|y| i64::from(*y) <= today.year()).map(Period::Year);
        let months = (1..=12).map(|month| Period::Month(year, month)).filter(|month| month.first() <= today);
        let link = |other: Period| Link { name: name(page, other), period: other.to_string(), current: other == period };
        Self {
            period: period.to_string(),
            name: name(page, period),
            days: page.days(period.first(), last),
            links: years.chain(months).map(link).collect(),
            is_year: period.is_year(),
        }
    }
}

/// A period in words.
pub fn name(page: &Page, period: Period) -> String {
    match period {
        Period::Year(year) => page.t1("openness-year", "year", year),
        Period::Month(year, month) => page.month(i64::from(year), i64::from(month)),
        Period::Day(day) => page.days(day, day),
    }
}

/// A row of the table beside the bars.
pub struct Row {
    /// A month or a day.
    pub name: String,
    /// Where it opens.
    pub period: String,
    /// E.
    pub effective_seconds: i64,
    /// X.
    pub external_seconds: i64,
}

/// Months of a year, or days of a month: bars and the same numbers as rows. A single day has neither.
pub struct Course {
    /// The bars; `None` for a single day.
    pub bars: Option<Bars>,
    /// Those months or days that have begun.
    pub rows: Vec<Row>,
}

impl Course {
    /// What a scope did in the course of a period.
    pub fn new(page: &Page, sheet: &Sheet) -> Self {
        let period = sheet.period;
        let today = page.now.day();
        let parts: Vec<Period> = match period {
            Period::Year(year) => (1..=12).map(|month| Period::Month(year, month)).collect(),
            Period::Month(..) => period.days().map(Period::Day).collect(),
            Period::Day(_) => Vec::new(),
        };
        let sum = |part: &Period| {
            let mut sum = Figures::default();
            sheet.course.range(part.first()..=part.last()).for_each(|(_, figures)| sum.add(figures));
            sum
        };
        let (mut bars, mut rows) = (Vec::new(), Vec::new());
        for part in &parts {
            let (figures, begun) = (sum(part), part.first() <= today);
            let label = match part {
                Period::Month(_, month) => month.to_string(),
                other => other.first().0.day().to_string(),
            };
            bars.push(Bar { label, whole: begun.then(|| hours(figures.effective_seconds)), part: hours(figures.external_seconds) });
            if begun {
                rows.push(Row {
                    name: name(page, *part),
                    period: part.to_string(),
                    effective_seconds: figures.effective_seconds,
                    external_seconds: figures.external_seconds,
                });
            }
        }
        // Above ten thousand hours the axis is read in thousands.
        let thousands = bars.iter().filter_map(|bar| bar.whole).fold(0.0, f64::max) >= 10_000.0;
        if thousands {
            for bar in &mut bars {
                bar.whole = bar.whole.map(|whole| whole / 1000.0);
                bar.part /= 1000.0;
            }
        }
        let unit = page.t(if thousands { "openness-thousand-hours" } else { "form-hours" });
        // Thirty days have no room for a word each.
        let suffix = if period.is_year() { page.t("openness-month-suffix") } else { String::new() };
        Self { bars: (!parts.is_empty()).then(|| Bars::new(&page.t("openness-course-label"), &unit, &suffix, bars)), rows }
    }
}

#[expect(clippy::cast_precision_loss, reason = "seconds are far below 2^52")]
fn hours(seconds: i64) -> f64 {
    seconds as f64 / HOUR as f64
}

/// When in the week instruments of a scope are in use: the last `weeks` whole weeks of the period so far.
pub async fn heat(conn: &mut AnyConnection, page: &Page, scope: &Scope, period: Period, weeks: i64, instruments: i64) -> Result<Option<(Heat, String)>, Error> {
    let end = period.last().plus(1).min(page.now.day());
    let first = end.plus(-7 * weeks).max(period.first());
    if first >= end || instruments == 0 {
        return Ok(None);
    }
    let window = Span::new(first.start(), end.start());
    let mut uses: BTreeMap<String, Vec<Span>> = BTreeMap::new();
    for row in store::openness::segments::list(conn, scope, window, false).await? {
        if row.phase.is_effective() {
            uses.entry(row.instrument_id.clone()).or_default().push(row.span());
        }
    }
    let uses: Vec<Vec<Span>> = uses.into_values().collect();
    let columns = DAYTIME.map(|hour| hour.to_string()).chain([page.t("openness-night")]).collect();
    let rows = (1..).zip(weekly(&uses, window, instruments)).map(|(number, cells)| (weekday(page.lang, number).to_owned(), cells)).collect();
    Ok(Some((Heat::new(page, &page.t("openness-heat-caption"), columns, rows), page.days(first, end.plus(-1)))))
}
