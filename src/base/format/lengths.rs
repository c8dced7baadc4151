//! How lengths of time are written: hours, working hours, countdowns.

use super::{decimal, in_lang, number};
use crate::base::lang::Lang;
use crate::base::time::{DAY, HOUR, MINUTE};

/// A length: `2.5 小时`, `2.5 h`; under an hour `45 分`, `45 min`; under a minute seconds.
#[must_use]
pub fn length(lang: Lang, seconds: i64) -> String {
    let size = seconds.saturating_abs();
    if size >= HOUR {
        let hours = trimmed(seconds);
        in_lang(lang, format!("{hours} 小时"), format!("{hours} h"))
    } else if size >= MINUTE || size == 0 {
        let minutes = number((seconds + MINUTE / 2).div_euclid(MINUTE));
        in_lang(lang, format!("{minutes} 分"), format!("{minutes} min"))
    } else {
        in_lang(lang, format!("{} 秒", number(seconds)), format!("{} s", number(seconds)))
    }
}

fn trimmed(seconds: i64) -> String {
    let text = decimal(as_hours(seconds), 2);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[expect(clippy::cast_precision_loss, reason = "for display; 2^53 seconds are 285 million years")]
fn as_hours(seconds: i64) -> f64 {
    seconds as f64 / HOUR as f64
}

/// Hours in a column whose head names the unit: one decimal, `486.0`.
#[must_use]
pub fn hours(seconds: i64) -> String {
    decimal(as_hours(seconds), 1)
}

/// Whole hours, grouped, for large sums: `691,250`.
#[must_use]
pub fn whole_hours(seconds: i64) -> String {
    decimal(as_hours(seconds), 0)
}

/// Working time says so: `2.6 工作小时`, `2.6 working hours`.
#[must_use]
pub fn working(lang: Lang, seconds: i64) -> String {
    let hours = hours(seconds);
    in_lang(lang, format!("{hours} 工作小时"), format!("{hours} working hours"))
}

/// A countdown: `1 小时 35 分`, `35 分`; from two days on `3 天`.
#[must_use]
pub fn countdown(lang: Lang, seconds: i64) -> String {
    let seconds = seconds.max(0);
    if seconds >= 2 * DAY {
        return in_lang(lang, format!("{} 天", seconds / DAY), format!("{} days", seconds / DAY));
    }
    let (hours, minutes) = (seconds / HOUR, seconds % HOUR / MINUTE);
    match (hours, minutes) {
        (0, m) => in_lang(lang, format!("{m} 分"), format!("{m} min")),
        (h, 0) => in_lang(lang, format!("{h} 小时"), format!("{h} h")),
        (h, m) => in_lang(lang, format!("{h} 小时 {m} 分"), format!("{h} h {m} min")),
    }
}
