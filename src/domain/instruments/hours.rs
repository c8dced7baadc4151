//! Opening hours (开放时间): per weekday, several spans a day, which may end at 24:00 and so join the next day's 00:00.
//!
//! Which hours hold on a given day is asked of [`crate::domain::calendar::Calendar`].

use serde::{Deserialize, Serialize};

use crate::domain::refusals::Violation;
use crate::words;

words! {
    /// Whether an instrument opens on public holidays.
    pub enum Holidays {
        /// 节假日不开放.
        Closed = "closed",
        /// 节假日照常.
        Open = "open",
    }
}

/// Open from minute to minute of a weekday, local time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct OpeningSpan {
    /// 1 = Monday … 7 = Sunday.
    pub weekday: i64,
    /// Minutes after midnight, 0 to 1439.
    pub opens_minute: i64,
    /// Minutes after midnight, up to 1440.
    pub closes_minute: i64,
}

/// When an instrument is open.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct OpeningHours {
    /// Sorted by weekday and minute; none overlap.
    pub spans: Vec<OpeningSpan>,
    /// What holds on public holidays.
    pub holidays: Holidays,
}

/// A span as it is sent: `{"weekday":1,"opens":"08:30","closes":"17:30"}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OpeningItem {
    /// 1 = Monday … 7 = Sunday.
    #[schema(minimum = 1, maximum = 7)]
    pub weekday: i64,
    /// `HH:MM`.
    pub opens: String,
    /// `HH:MM`, at most `24:00`.
    pub closes: String,
}

/// The most spans that a week may have.
pub const MOST_SPANS: usize = 70;

impl Default for OpeningHours {
    /// 08:30-17:30 from Monday to Friday, closed on holidays (rules.md section 3).
    fn default() -> Self {
        let spans = (1..=5).map(|weekday| OpeningSpan { weekday, opens_minute: 510, closes_minute: 1050 }).collect();
        Self { spans, holidays: Holidays::Closed }
    }
}

impl OpeningHours {
    /// Open round the clock, also on holidays.
    #[must_use]
    pub fn always() -> Self {
        let spans = (1..=7).map(|weekday| OpeningSpan { weekday, opens_minute: 0, closes_minute: 1440 }).collect();
        Self { spans, holidays: Holidays::Open }
    }

    /// Reads what a client or a form sent.
    ///
    /// # Errors
    /// Everything wrong, at `items[i].weekday`, `items[i].opens` or `items[i].closes`.
    pub fn read(items: &[OpeningItem], holidays: Holidays) -> Result<Self, Vec<Violation>> {
        let mut found = Vec::new();
        if items.len() > MOST_SPANS {
            return Err(vec![Violation::invalid("items", "too_many").with("most", MOST_SPANS)]);
        }
        let mut spans: Vec<OpeningSpan> = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            match read_item(index, item, &mut found) {
                Some(span) if spans.iter().any(|other| overlap(*other, span)) => {
                    found.push(Violation::invalid(format!("items[{index}].opens"), "overlapping"));
                }
                Some(span) => spans.push(span),
                None => {}
            }
        }
        spans.sort_unstable();
        if found.is_empty() { Ok(Self { spans, holidays }) } else { Err(found) }
    }

    /// The spans as they are sent.
    #[must_use]
    pub fn items(&self) -> Vec<OpeningItem> {
        let item =
            |span: &OpeningSpan| OpeningItem { weekday: span.weekday, opens: format_minute(span.opens_minute), closes: format_minute(span.closes_minute) };
        self.spans.iter().map(item).collect()
    }

    /// The spans of one weekday.
    pub fn of_weekday(&self, weekday: i64) -> impl Iterator<Item = &OpeningSpan> {
        self.spans.iter().filter(move |span| span.weekday == weekday)
    }
}

fn overlap(a: OpeningSpan, b: OpeningSpan) -> bool {
    a.weekday == b.weekday && a.opens_minute < b.closes_minute && b.opens_minute < a.closes_minute
}

fn read_item(index: usize, item: &OpeningItem, found: &mut Vec<Violation>) -> Option<OpeningSpan> {
    let field = |name: &str| format!("items[{index}].{name}");
    let before = found.len();
    if !(1..=7).contains(&item.weekday) {
        found.push(super::out_of_range(field("weekday"), 1, 7));
    }
    let (opens, closes) = (parse_minute(&item.opens).filter(|minute| *minute < 1440), parse_minute(&item.closes));
    if opens.is_none() {
        found.push(Violation::invalid(field("opens"), "no_time_of_day"));
    }
    match (opens, closes) {
        (_, None) => found.push(Violation::invalid(field("closes"), "no_time_of_day")),
        (Some(opens), Some(closes)) if closes <= opens => found.push(Violation::invalid(field("closes"), "not_after_opening")),
        _ => {}
    }
    let span = OpeningSpan { weekday: item.weekday, opens_minute: opens?, closes_minute: closes? };
    (found.len() == before).then_some(span)
}

/// Minutes after midnight of `HH:MM`; `24:00` is 1440.
#[must_use]
pub fn parse_minute(text: &str) -> Option<i64> {
    let (hours, minutes) = text.trim().split_once(':')?;
    let two_digits = |part: &str| part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit());
    if !two_digits(hours) || !two_digits(minutes) {
        return None;
    }
    let (hours, minutes) = (hours.parse::<i64>().ok()?, minutes.parse::<i64>().ok()?);
    (minutes < 60 && hours * 60 + minutes <= 1440).then_some(hours * 60 + minutes)
}

/// `510` as `08:30`, `1440` as `24:00`.
#[must_use]
pub fn format_minute(minute: i64) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(weekday: i64, opens: &str, closes: &str) -> OpeningItem {
        OpeningItem { weekday, opens: opens.into(), closes: closes.into() }
    }

    #[test]
    fn opening_hours_read_back_as_they_were_sent() {
        let items = vec![item(1, "08:30", "12:00"), item(1, "12:00", "24:00"), item(2, "00:00", "06:00")];
        assert_eq!(OpeningHours::read(&items, Holidays::Open).unwrap().items(), items);
    }

    #[test]
    fn every_wrong_item_is_named() {
        let items = [
            item(0, "08:30", "17:30"),
            item(1, "8:30", "25:00"),
            item(1, "17:30", "08:30"),
            item(1, "09:00", "10:00"),
            item(1, "09:30", "11:00"),
            item(3, "24:00", "24:00"),
        ];
        let fields: Vec<_> = OpeningHours::read(&items, Holidays::Closed).unwrap_err().into_iter().map(|v| v.field).collect();
        assert_eq!(fields, ["items[0].weekday", "items[1].opens", "items[1].closes", "items[2].closes", "items[4].opens", "items[5].opens"]);
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_a_minute_of_the_day_or_none(text in "\\PC{0,8}") {
            if let Some(minute) = parse_minute(&text) {
                proptest::prop_assert!((0..=1440).contains(&minute));
                proptest::prop_assert_eq!(format_minute(minute), text.trim());
            }
        }
    }
}
