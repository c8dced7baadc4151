//! Charts that the server draws: bars with a shared part, a heat map, the bar of a purse, the scale of a ratio.
//!
//! Geometry goes into custom properties with numbers only; every chart has its numbers in digits, or a table beside it.

use askama::Template;

use super::html::Html;
use super::page::Page;
use crate::base::format;
use crate::words;

/// One bar: a whole and the part of it that counts.
#[derive(Debug, Clone)]
pub struct Bar {
    /// What stands below it, such as `1`.
    pub label: String,
    /// The whole, in the chart's unit; `None` is an empty place: a month to come, not a zero.
    pub whole: Option<f64>,
    /// The part, at most the whole.
    pub part: f64,
}

/// Bars over an axis with four steps. Show it as `{{ bars }}`.
#[derive(Debug, Clone, Template)]
#[template(path = "parts/bars.html")]
pub struct Bars {
    /// What the chart shows; the table beside it has the numbers.
    pub label: String,
    /// The unit, written above the axis.
    pub unit: String,
    /// What follows a label where there is room, such as `月`.
    pub suffix: String,
    bars: Vec<Bar>,
    top: f64,
}

impl askama::filters::HtmlSafe for Bars {}

impl Bars {
    /// Bars in a unit.
    #[must_use]
    pub fn new(label: &str, unit: &str, suffix: &str, bars: Vec<Bar>) -> Self {
        let most = bars.iter().filter_map(|bar| bar.whole).fold(0.0, f64::max);
        Self { label: label.to_owned(), unit: unit.to_owned(), suffix: suffix.to_owned(), bars, top: top(most) }
    }

    fn ticks(&self) -> Vec<String> {
        let decimals = usize::from(self.top < 4.0) + usize::from(self.top < 0.4);
        [0.0, 0.25, 0.5, 0.75, 1.0].iter().map(|share| format::decimal(self.top * share, decimals)).collect()
    }

    /// A value above its bar: a month of bars has room for whole numbers only, and the table beside has the tenths.
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "templates hand references over")]
    fn text(&self, value: &f64) -> String {
        format::decimal(*value, usize::from(self.bars.len() <= 12 || self.top < 10.0))
    }

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "templates hand references over")]
    fn raw(value: &f64) -> String {
        format!("{value:.4}")
    }
}

/// The end of an axis of four equal, round steps that holds `most`.
fn top(most: f64) -> f64 {
    if most <= 0.0 || !most.is_finite() {
        return 4.0;
    }
    let magnitude = 10_f64.powf((most / 4.0).log10().floor());
    let step = [1.0, 1.5, 2.0, 2.5, 3.0, 5.0, 10.0].iter().map(|nice| nice * magnitude).find(|step| step * 4.0 >= most).unwrap_or(10.0 * magnitude);
    step * 4.0
}

/// A heat map: percentages in cells, one row a day. Show it as `{{ heat }}`.
#[derive(Debug, Clone, Template)]
#[template(path = "parts/heat.html")]
pub struct Heat {
    /// What the numbers are.
    pub caption: String,
    /// Heads of the columns.
    pub columns: Vec<String>,
    /// Name and percentages of each row; `None` is no value.
    pub rows: Vec<(String, Vec<Option<i64>>)>,
    page: Page,
}

impl askama::filters::HtmlSafe for Heat {}

impl Heat {
    /// A heat map of rows over columns.
    #[must_use]
    pub fn new(page: &Page, caption: &str, columns: Vec<String>, rows: Vec<(String, Vec<Option<i64>>)>) -> Self {
        Self { caption: caption.to_owned(), columns, rows, page: page.clone() }
    }

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "templates hand references over")]
    fn step(percent: &i64) -> i64 {
        match *percent {
            i64::MIN..=9 => 0,
            10..=29 => 1,
            30..=49 => 2,
            50..=69 => 3,
            _ => 4,
        }
    }
}

/// The parts of a grant in one bar, from spent to free (rules.md section 4). All in fen.
#[derive(Debug, Clone, Copy, Default)]
pub struct Purse {
    /// 发放.
    pub granted_fen: i64,
    /// 已兑付.
    pub redeemed_fen: i64,
    /// 申请中.
    pub claimed_fen: i64,
    /// 冻结.
    pub held_fen: i64,
    /// 可用.
    pub available_fen: i64,
    /// 失效.
    pub lapsed_fen: i64,
    /// 退回.
    pub returned_fen: i64,
}

words! {
    /// The parts of a grant, in the order of the bar; the word is its class and, as `part-WORD`, its name.
    pub enum Part {
        /// 已兑付.
        Redeemed = "redeemed",
        /// 申请中.
        Claimed = "claimed",
        /// 冻结.
        Held = "held",
        /// 可用.
        Available = "available",
        /// 失效.
        Lapsed = "lapsed",
        /// 退回.
        Returned = "returned",
    }
}

impl Purse {
    /// The amount of a part, in fen.
    #[must_use]
    pub const fn part(&self, part: Part) -> i64 {
        match part {
            Part::Redeemed => self.redeemed_fen,
            Part::Claimed => self.claimed_fen,
            Part::Held => self.held_fen,
            Part::Available => self.available_fen,
            Part::Lapsed => self.lapsed_fen,
            Part::Returned => self.returned_fen,
        }
    }

    /// The bar; the table below it has the numbers, so it is silent for those who hear the page. Nothing without a grant.
    #[must_use]
    pub fn bar(&self, page: &Page) -> Html {
        if self.granted_fen <= 0 {
            return Html::default();
        }
        let part = |part: &Part| {
            let fen = self.part(*part);
            let name = page.t(&format!("part-{part}"));
            // words only where they fit
            let words =
                if fen * 100 >= self.granted_fen * 7 { format!("<span>{name} {}</span>", crate::base::money::format_fen(fen, true)) } else { String::new() };
            (fen > 0).then(|| format!("<i class=\"{part}\" style=\"--v: {fen}\">{words}</i>"))
        };
        let parts: String = Part::ALL.iter().filter_map(part).collect();
        Html(format!("<div class=\"purse\" style=\"--total: {}\" aria-hidden=\"true\">{parts}</div>", self.granted_fen))
    }
}

/// A graduated rule for a ratio, and a second one as a tick.
#[derive(Debug, Clone, Copy)]
pub struct Scale;

impl Scale {
    /// The rule of `ratio` (1 is the whole) with `mean` as a tick. Above the whole it is drawn to the end and marked.
    #[must_use]
    pub fn of(ratio: Option<f64>, mean: Option<f64>) -> Html {
        let percent = |ratio: f64| format!("{:.1}", (ratio * 100.0).clamp(0.0, 100.0));
        let over = if ratio.is_some_and(|ratio| ratio > 1.0) { " over" } else { "" };
        let mean = mean.map(|mean| format!("<i class=\"mean\" style=\"--v: {}\"></i>", percent(mean))).unwrap_or_default();
        Html(format!("<span class=\"scale{over}\" aria-hidden=\"true\"><i style=\"--v: {}\"></i>{mean}</span>", percent(ratio.unwrap_or(0.0))))
    }

    /// A thin meter of how much of a time has passed, `percent` of it.
    #[must_use]
    pub fn meter(percent: i64) -> Html {
        Html(format!("<span class=\"meter\" aria-hidden=\"true\"><i style=\"--v: {}\"></i></span>", percent.clamp(0, 100)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::float_cmp, reason = "round numbers")]
    fn an_axis_ends_at_a_round_number_above_its_bars() {
        for (most, end) in [(103.7, 120.0), (0.0, 4.0), (7.9, 8.0), (40.0, 40.0), (41.0, 60.0), (9.5, 10.0)] {
            assert_eq!(top(most), end, "{most}");
        }
    }

    #[test]
    fn a_ratio_above_one_is_drawn_to_the_end() {
        assert!(Scale::of(Some(1.18), None).0.contains("scale over") && Scale::of(Some(1.18), None).0.contains("--v: 100.0"));
        assert!(Scale::of(None, Some(0.303)).0.contains("--v: 30.3"));
    }
}
