//! The week of an instrument as a calendar in quarter hours: who draws it says what takes which span, the week does the geometry.

use askama::Template;

use super::page::Page;
use crate::base::format;
use crate::base::time::{Day, Instant, Span};
use crate::words;

words! {
    /// What a block of time is, as the reader may know it; the word is its class in the stylesheet.
    pub enum BlockKind {
        /// 空闲: can be chosen.
        Free = "free",
        /// 您选.
        Pick = "pick",
        /// 我的预约.
        Mine = "mine",
        /// 待答复, one's own.
        Wait = "wait",
        /// 已占用.
        Taken = "taken",
        /// 间隔.
        Gap = "gap",
        /// 提前期不足.
        Soon = "soon",
        /// 不开放.
        Closed = "closed",
        /// 维护.
        Care = "care",
        /// 故障, or somebody who did not come.
        Broken = "broken",
        /// 使用中 (lanes).
        Run = "run",
        /// 已确认 (lanes).
        Booked = "booked",
    }
}

/// A span of time and what it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// What it is.
    pub kind: BlockKind,
    /// When; it may reach over midnight and is cut into days.
    pub span: Span,
    /// What is written in it; `None` takes the kind's own name (`slot-KIND`).
    pub label: Option<String>,
    /// Where it leads.
    pub href: Option<String>,
}

impl Block {
    /// A block with its kind's own name and no link.
    #[must_use]
    pub const fn new(kind: BlockKind, span: Span) -> Self {
        Self { kind, span, label: None, href: None }
    }
}

#[derive(Debug, Clone)]
struct Cell {
    class: &'static str,
    from: i64,
    len: i64,
    label: String,
    times: String,
    length: String,
    day: String,
    href: Option<String>,
    tall: bool,
}

/// One day of a [`Week`].
#[derive(Debug, Clone)]
pub struct WeekDay {
    day: Day,
    number: i64,
    weekday: &'static str,
    name: String,
    today: bool,
    cells: Vec<Cell>,
}

/// The calendar of seven days from a Monday on. Build it, [`put`](Week::put) blocks in, show it as `{{ week }}`.
#[derive(Debug, Clone, Template)]
#[template(path = "parts/week.html")]
pub struct Week {
    /// The id of its heading.
    pub id: String,
    /// The week before; `None` shows no link.
    pub previous: Option<String>,
    /// The week after.
    pub next: Option<String>,
    /// The form that a drag fills (a CSS selector such as `#booking`); empty where nothing can be chosen.
    pub into: String,
    /// The grid of the instrument's policy, for the drag.
    pub grid_minutes: i64,
    /// What the legend explains, in order.
    pub legend: Vec<BlockKind>,
    page: Page,
    title: String,
    number: String,
    opens_minute: i64,
    hours: i64,
    days: Vec<WeekDay>,
    now_at: Option<String>,
}

impl askama::filters::HtmlSafe for Week {}

impl Week {
    /// The empty week of `monday`, from one full hour to another (0 to 24).
    #[must_use]
    pub fn new(page: &Page, monday: Day, from_hour: i64, to_hour: i64) -> Self {
        let (from_hour, to_hour) = (from_hour.clamp(0, 23), to_hour.clamp(1, 24));
        let hours = (to_hour - from_hour).max(1);
        let today = page.now.day();
        let minute = page.now.minute_of_day() - from_hour * 60;
        let now_at = ((0..7).any(|n| monday.plus(n) == today) && (0..hours * 60).contains(&minute)).then(|| format::decimal(to_quarters(minute), 2));
        let day = |day: Day| WeekDay {
            day,
            number: i64::from(day.0.day()),
            weekday: format::weekday(page.lang, day.weekday()),
            name: format::day_of_week(page.lang, page.now, day),
            today: day == today,
            cells: Vec::new(),
        };
        Self {
            id: "week".to_owned(),
            previous: None,
            next: None,
            into: String::new(),
            grid_minutes: 30,
            legend: vec![BlockKind::Free, BlockKind::Pick, BlockKind::Mine, BlockKind::Taken, BlockKind::Gap, BlockKind::Soon, BlockKind::Closed],
            page: page.clone(),
            title: page.days(monday, monday.plus(6)),
            number: page.t1("week-number", "week", i64::from(monday.0.iso_week_date().week())),
            opens_minute: from_hour * 60,
            hours,
            days: (0..7).map(|n| day(monday.plus(n))).collect(),
            now_at,
        }
    }

    /// The span that the week shows, for asking the store.
    #[must_use]
    pub fn span(&self) -> Span {
        let first = self.days.first().map_or(Instant(0), |day| day.day.start());
        Span::new(first, self.days.last().map_or(first, |day| day.day.end()))
    }

    /// Draws a block: cut into days, clipped to the hours shown, widened to quarters. Later blocks lie over earlier ones.
    pub fn put(&mut self, block: &Block) {
        let (opens, hours) = (self.opens_minute, self.hours);
        for day in &mut self.days {
            let shown = Span::new(day.day.at_minute(opens), day.day.at_minute(opens + hours * 60));
            let Some(part) = block.span.clipped(shown) else { continue };
            let from = (part.starts_at.0 - shown.starts_at.0) / 900;
            let to = (part.ends_at.0 - shown.starts_at.0 + 899) / 900;
            let label = block.label.clone().unwrap_or_else(|| self.page.t(&format!("slot-{}", block.kind)));
            day.cells.push(Cell {
                class: block.kind.as_str(),
                from: from + 1,
                len: to - from,
                label,
                times: format::clock_span(part),
                length: self.page.t1("week-free", "length", self.page.length(part.seconds())),
                day: day.name.clone(),
                href: block.href.clone(),
                tall: to - from >= 6,
            });
        }
    }

    /// The full hours: where, what is read there, and whether it is among the few that a narrow week has room for.
    fn marks(&self) -> Vec<(i64, String, bool)> {
        let step = (self.hours + 4) / 5;
        let is_main = |n: i64| n % step.max(2) == 0 && n + 2 <= self.hours;
        (0..self.hours).map(|n| (n * 4 + 1, format::minute_of_day(self.opens_minute + n * 60), is_main(n))).collect()
    }

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "templates hand references over")]
    fn legend_text(&self, kind: &BlockKind) -> String {
        match kind {
            BlockKind::Free | BlockKind::Pick => self.page.t(&format!("legend-{kind}")),
            other => self.page.t(&format!("slot-{other}")),
        }
    }

    fn now_text(&self) -> String {
        self.page.t1("week-now", "time", self.page.clock(self.page.now))
    }
}

#[expect(clippy::cast_precision_loss, reason = "minutes of a day")]
fn to_quarters(minutes: i64) -> f64 {
    minutes as f64 / 15.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::lang::Lang;

    #[test]
    fn a_block_is_cut_into_days_and_clipped_to_the_hours() {
        let now = Instant::parse("2026-10-12T09:40:00+08:00").unwrap();
        let page = Page::new(Lang::Zh, now, "/instruments/1");
        let mut week = Week::new(&page, now.day(), 8, 19);
        let span = Span::new(now.day().at_minute(18 * 60), now.day().plus(1).at_minute(8 * 60 + 20));
        week.put(&Block::new(BlockKind::Taken, span));
        let cells: Vec<_> = week.days.iter().map(|day| day.cells.iter().map(|c| (c.from, c.len)).collect::<Vec<_>>()).collect();
        assert_eq!(cells[..3], [vec![(41, 4)], vec![(1, 2)], vec![]]);
        assert_eq!((week.title.as_str(), week.now_at.as_deref()), ("10月12日—18日", Some("6.67")));
        let html = week.to_string();
        assert!(html.contains("--from: 41; --len: 4") && html.contains("第 42 周"), "{html}");
    }
}
