//! How numbers, money and time are written for people, in both languages: the table of the product's look, nothing else.
//!
//! Pure: what depends on "now" (the year, today and tomorrow) takes it as an argument. Machines get RFC 3339 and fen instead.

mod lengths;

pub use lengths::{countdown, hours, length, whole_hours, working};

use super::lang::Lang;
use super::money::format_fen;
use super::text::group;
use super::time::{Day, Instant, Span};

const MONTHS: [&str; 12] = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];

/// What stands where there is no value or no denominator.
pub const NONE: &str = "—";

fn in_lang(lang: Lang, zh: String, en: String) -> String {
    match lang {
        Lang::Zh => zh,
        Lang::En => en,
    }
}

/// Money with its unit: `1,514.50 元`, `648 元`; `¥1,514.50`, `−¥648`.
#[must_use]
pub fn fen(lang: Lang, amount_fen: i64) -> String {
    let sign = if amount_fen < 0 { "\u{2212}" } else { "" };
    let en = format!("{sign}¥{}", format_fen(amount_fen.saturating_abs(), true));
    in_lang(lang, format!("{} 元", format_fen(amount_fen, true)), en)
}

/// Money in a column whose head names the unit: always two decimals, `1,514.50`, `−648.00`.
#[must_use]
pub fn amount(amount_fen: i64) -> String {
    format_fen(amount_fen, false)
}

/// A whole number, grouped: `691,250`, `−3`.
#[must_use]
pub fn number(value: i64) -> String {
    let sign = if value < 0 { "\u{2212}" } else { "" };
    format!("{sign}{}", group(value.unsigned_abs()))
}

/// `value` with `decimals` digits, grouped: `1,412.5`.
#[must_use]
pub fn decimal(value: f64, decimals: usize) -> String {
    let text = format!("{:.decimals$}", value.abs());
    let (whole, rest) = text.split_once('.').unwrap_or((&text, ""));
    let whole = whole.parse::<u64>().map_or_else(|_| whole.to_owned(), group);
    let sign = if value < 0.0 && text.bytes().any(|b| b.is_ascii_digit() && b != b'0') { "\u{2212}" } else { "" };
    if rest.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{rest}") }
}

/// The time of day without a leading zero: `9:05`, `14:00`.
#[must_use]
pub fn clock(at: Instant) -> String {
    minute_of_day(at.minute_of_day())
}

/// Minutes since midnight as a time of day; 1440 is `24:00`.
#[must_use]
pub fn minute_of_day(minute: i64) -> String {
    format!("{}:{:02}", minute / 60, minute % 60)
}

/// `周四`, `Thu`; 1 is Monday.
#[must_use]
pub fn weekday(lang: Lang, weekday: i64) -> &'static str {
    const NAMES: [(&str, &str); 7] = [("周一", "Mon"), ("周二", "Tue"), ("周三", "Wed"), ("周四", "Thu"), ("周五", "Fri"), ("周六", "Sat"), ("周日", "Sun")];
    let (zh, en) = NAMES[usize::try_from((weekday - 1).rem_euclid(7)).unwrap_or(0)];
    match lang {
        Lang::Zh => zh,
        Lang::En => en,
    }
}

fn month_name(day: Day) -> &'static str {
    MONTHS[usize::try_from(day.0.month() - 1).unwrap_or(0)]
}

/// A day, with its year only when that is not the year of `now`: `10月15日`, `2027年3月31日`; `15 October`, `31 March 2027`.
#[must_use]
pub fn day(lang: Lang, now: Instant, day: Day) -> String {
    let (m, d) = (day.0.month(), day.0.day());
    if day.year() == now.day().year() {
        in_lang(lang, format!("{m}月{d}日"), format!("{d} {}", month_name(day)))
    } else {
        in_lang(lang, format!("{}年{m}月{d}日", day.year()), format!("{d} {} {}", month_name(day), day.year()))
    }
}

/// A day with its weekday: `10月15日 周四`, `Thu 15 October`.
#[must_use]
pub fn day_of_week(lang: Lang, now: Instant, on: Day) -> String {
    let (name, date) = (weekday(lang, on.weekday()), day(lang, now, on));
    in_lang(lang, format!("{date} {name}"), format!("{name} {date}"))
}

/// Days from one to another, both in: `10月12日—18日`, `10月26日—11月1日`; `12–18 October`, `26 October–1 November`.
#[must_use]
pub fn days(lang: Lang, now: Instant, first: Day, last: Day) -> String {
    if first == last {
        return day(lang, now, first);
    }
    let (same_year, same_month) = (first.year() == last.year(), first.year() == last.year() && first.0.month() == last.0.month());
    let (m, d) = (last.0.month(), last.0.day());
    match lang {
        Lang::Zh if same_month => format!("{}—{d}日", day(lang, now, first)),
        Lang::Zh if same_year => format!("{}—{m}月{d}日", day(lang, now, first)),
        Lang::En if same_month => format!("{}–{}", first.0.day(), day(lang, now, last)),
        Lang::En if same_year => format!("{} {}–{}", first.0.day(), month_name(first), day(lang, now, last)),
        Lang::Zh => format!("{}年{}月{}日—{}年{m}月{d}日", first.year(), first.0.month(), first.0.day(), last.year()),
        Lang::En => format!("{} {} {}–{d} {} {}", first.0.day(), month_name(first), first.year(), month_name(last), last.year()),
    }
}

/// A month: `2026年10月`, `October 2026`; the year alone where `month` is 0.
#[must_use]
pub fn month(lang: Lang, year: i64, month: i64) -> String {
    match usize::try_from(month - 1).ok().and_then(|index| MONTHS.get(index)) {
        Some(name) => in_lang(lang, format!("{year}年{month}月"), format!("{name} {year}")),
        None => in_lang(lang, format!("{year} 年"), year.to_string()),
    }
}

/// An instant: `10月15日 周四 14:00`, `Thu 15 October, 14:00`.
#[must_use]
pub fn at(lang: Lang, now: Instant, instant: Instant) -> String {
    let (date, time) = (day_of_week(lang, now, instant.day()), clock(instant));
    in_lang(lang, format!("{date} {time}"), format!("{date}, {time}"))
}

/// An instant without its weekday, for logs and tables: `10月9日 15:30`, `9 October, 15:30`.
#[must_use]
pub fn stamp(lang: Lang, now: Instant, instant: Instant) -> String {
    let (date, time) = (day(lang, now, instant.day()), clock(instant));
    in_lang(lang, format!("{date} {time}"), format!("{date}, {time}"))
}

/// An instant by the reader's day: `今天 14:00`, `明天 10:00`, else as [`at`].
#[must_use]
pub fn when(lang: Lang, now: Instant, instant: Instant) -> String {
    match relative_day(lang, now, instant.day()) {
        Some(word) => format!("{word} {}", clock(instant)),
        None => at(lang, now, instant),
    }
}

/// `今天`, `明天` or `昨天`, if the day is one of them.
#[must_use]
pub fn relative_day(lang: Lang, now: Instant, day: Day) -> Option<&'static str> {
    let today = now.day();
    let (zh, en) = if day == today {
        ("今天", "today")
    } else if day == today.plus(1) {
        ("明天", "tomorrow")
    } else if day == today.plus(-1) {
        ("昨天", "yesterday")
    } else {
        return None;
    };
    Some(if lang == Lang::Zh { zh } else { en })
}

/// The times of a span within a day: `14:00–16:30`; up to midnight `20:00–24:00`.
#[must_use]
pub fn clock_span(span: Span) -> String {
    let end = if span.ends_at == span.starts_at.day().end() { "24:00".to_owned() } else { clock(span.ends_at) };
    format!("{}–{end}", clock(span.starts_at))
}

/// A span: `10月15日 周四 14:00–16:30`, `Thu 15 October, 14:00–16:30`; over midnight both ends carry their day.
#[must_use]
pub fn span(lang: Lang, now: Instant, span: Span) -> String {
    if span.ends_at > span.starts_at.day().end() {
        return format!("{}–{}", at(lang, now, span.starts_at), at(lang, now, span.ends_at));
    }
    let (date, times) = (day_of_week(lang, now, span.starts_at.day()), clock_span(span));
    in_lang(lang, format!("{date} {times}"), format!("{date}, {times}"))
}

/// A share of a whole: `25.5%`, `25.5 %`; [`NONE`] where the whole is 0. Above 100 % it is written as it is.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "for display with one decimal")]
pub fn share(lang: Lang, part: i64, whole: i64) -> String {
    ratio(lang, (whole != 0).then(|| part as f64 / whole as f64))
}

/// A ratio as a share: `0.255` as `25.5%`, nothing as [`NONE`].
#[must_use]
pub fn ratio(lang: Lang, ratio: Option<f64>) -> String {
    match ratio {
        None => NONE.to_owned(),
        Some(_) => in_lang(lang, format!("{}%", ratio_figure(ratio)), format!("{} %", ratio_figure(ratio))),
    }
}

/// A ratio in a column whose head names the unit: `25.5`.
#[must_use]
pub fn ratio_figure(ratio: Option<f64>) -> String {
    ratio.map_or_else(|| NONE.to_owned(), |ratio| decimal(ratio * 100.0, 1))
}

/// Basis points as a percentage without idle zeros: 3000 as `30%`, 1250 as `12.5%`; `30 %` in English.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "basis points are small")]
pub fn basis_points(lang: Lang, points: i64) -> String {
    let text = decimal(points as f64 / 100.0, 2);
    let text = text.trim_end_matches('0').trim_end_matches('.');
    in_lang(lang, format!("{text}%"), format!("{text} %"))
}

/// The size of a file: `312 KB`, `1.4 MB`.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "for display with one decimal")]
pub fn bytes(bytes: i64) -> String {
    const KIB: i64 = 1024;
    if bytes < KIB {
        return format!("{bytes} B");
    }
    let (size, unit) = if bytes < KIB * KIB { (bytes as f64 / 1024.0, "KB") } else { (bytes as f64 / 1_048_576.0, "MB") };
    format!("{} {unit}", decimal(size, 1).trim_end_matches(".0"))
}

/// A digest cut into groups of eight characters, so that it can be compared by eye.
#[must_use]
pub fn digest_groups(digest: &str) -> Vec<String> {
    digest.as_bytes().chunks(8).map(|chunk| String::from_utf8_lossy(chunk).into_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn t(text: &str) -> Instant {
        Instant::parse_local(text).unwrap()
    }

    fn d(text: &str) -> Day {
        Day::parse(text).unwrap()
    }

    #[test]
    fn money_is_written_as_the_table_says() {
        for (amount_fen, zh, en, column) in [
            (151_450, "1,514.50 元", "¥1,514.50", "1,514.50"),
            (64_800, "648 元", "¥648", "648.00"),
            (-64_800, "−648 元", "−¥648", "−648.00"),
            (0, "0 元", "¥0", "0.00"),
            (123_456_789, "1,234,567.89 元", "¥1,234,567.89", "1,234,567.89"),
        ] {
            assert_eq!((fen(Lang::Zh, amount_fen), fen(Lang::En, amount_fen), amount(amount_fen)), (zh.into(), en.into(), column.into()));
        }
    }

    #[test]
    fn instants_carry_a_year_only_when_it_is_another() {
        let now = t("2026-10-12T09:40");
        for (instant, zh, en) in [
            ("2026-10-15T14:00", "10月15日 周四 14:00", "Thu 15 October, 14:00"),
            ("2026-10-12T09:05", "10月12日 周一 9:05", "Mon 12 October, 9:05"),
            ("2027-03-31T00:00", "2027年3月31日 周三 0:00", "Wed 31 March 2027, 0:00"),
        ] {
            assert_eq!((at(Lang::Zh, now, t(instant)), at(Lang::En, now, t(instant))), (zh.into(), en.into()));
        }
        assert_eq!(stamp(Lang::Zh, now, t("2026-10-09T15:30")), "10月9日 15:30");
    }

    #[test]
    fn today_and_tomorrow_are_said_so() {
        let now = t("2026-10-12T23:40");
        for (instant, zh, en) in [
            ("2026-10-12T23:50", "今天 23:50", "today 23:50"),
            ("2026-10-13T10:00", "明天 10:00", "tomorrow 10:00"),
            ("2026-10-11T10:00", "昨天 10:00", "yesterday 10:00"),
            ("2026-10-14T08:30", "10月14日 周三 8:30", "Wed 14 October, 8:30"),
        ] {
            assert_eq!((when(Lang::Zh, now, t(instant)), when(Lang::En, now, t(instant))), (zh.into(), en.into()));
        }
    }

    #[test]
    fn spans_are_joined_by_an_en_dash() {
        let now = t("2026-10-12T09:40");
        for (from, to, zh, en) in [
            ("2026-10-15T14:00", "2026-10-15T16:30", "10月15日 周四 14:00–16:30", "Thu 15 October, 14:00–16:30"),
            ("2026-10-15T20:00", "2026-10-16T00:00", "10月15日 周四 20:00–24:00", "Thu 15 October, 20:00–24:00"),
            ("2026-10-15T22:00", "2026-10-16T02:00", "10月15日 周四 22:00–10月16日 周五 2:00", "Thu 15 October, 22:00–Fri 16 October, 2:00"),
        ] {
            let it = Span::new(t(from), t(to));
            assert_eq!((span(Lang::Zh, now, it), span(Lang::En, now, it)), (zh.into(), en.into()));
        }
    }

    #[test]
    fn days_name_a_month_once() {
        let now = t("2026-10-12T09:40");
        for (from, to, zh, en) in [
            ("2026-10-12", "2026-10-18", "10月12日—18日", "12–18 October"),
            ("2026-10-26", "2026-11-01", "10月26日—11月1日", "26 October–1 November"),
            ("2027-01-04", "2027-01-10", "2027年1月4日—10日", "4–10 January 2027"),
            ("2026-12-28", "2027-01-03", "2026年12月28日—2027年1月3日", "28 December 2026–3 January 2027"),
            ("2026-10-12", "2026-10-12", "10月12日", "12 October"),
        ] {
            assert_eq!((days(Lang::Zh, now, d(from), d(to)), days(Lang::En, now, d(from), d(to))), (zh.into(), en.into()));
        }
        assert_eq!((month(Lang::Zh, 2026, 10), month(Lang::En, 2026, 10)), ("2026年10月".into(), "October 2026".into()));
        assert_eq!((month(Lang::Zh, 2026, 0), month(Lang::En, 2026, 0)), ("2026 年".into(), "2026".into()));
    }

    #[test]
    fn lengths_and_countdowns_have_their_units() {
        for (seconds, zh, en) in [
            (9000, "2.5 小时", "2.5 h"),
            (2700, "45 分", "45 min"),
            (3600, "1 小时", "1 h"),
            (8940, "2.48 小时", "2.48 h"),
            (36_000, "10 小时", "10 h"),
            (30, "30 秒", "30 s"),
        ] {
            assert_eq!((length(Lang::Zh, seconds), length(Lang::En, seconds)), (zh.into(), en.into()));
        }
        for (seconds, zh, en) in [
            (5700, "1 小时 35 分", "1 h 35 min"),
            (2100, "35 分", "35 min"),
            (84_000, "23 小时 20 分", "23 h 20 min"),
            (-5, "0 分", "0 min"),
            (6_912_000, "80 天", "80 days"),
        ] {
            assert_eq!((countdown(Lang::Zh, seconds), countdown(Lang::En, seconds)), (zh.into(), en.into()));
        }
        assert_eq!((hours(1_749_600), whole_hours(2_488_498_200)), ("486.0".into(), "691,250".into()));
        assert_eq!((working(Lang::Zh, 9360), working(Lang::En, 9360)), ("2.6 工作小时".into(), "2.6 working hours".into()));
    }

    #[test]
    fn shares_have_one_decimal_or_a_dash() {
        for (part, whole, zh, en) in [(255, 1000, "25.5%", "25.5 %"), (0, 0, "—", "—"), (118, 100, "118.0%", "118.0 %"), (0, 7, "0.0%", "0.0 %")] {
            assert_eq!((share(Lang::Zh, part, whole), share(Lang::En, part, whole)), (zh.into(), en.into()));
        }
        assert_eq!((basis_points(Lang::Zh, 3000), basis_points(Lang::En, 1250)), ("30%".into(), "12.5 %".into()));
        assert_eq!((number(-1234), decimal(-0.04, 1), decimal(1412.5, 1)), ("−1,234".into(), "0.0".into(), "1,412.5".into()));
        assert_eq!((bytes(20_971_520), bytes(1_468_006)), ("20 MB".into(), "1.4 MB".into()));
    }
}
