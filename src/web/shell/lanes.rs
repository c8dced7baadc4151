//! Lanes: one line an instrument (or a source of records), the hours of a day across.

use askama::Template;

use super::page::Page;
use super::week::{BlockKind, Week};
use crate::base::format;
use crate::base::time::{Day, Span};

/// A span in a lane and what it is.
#[derive(Debug, Clone)]
pub struct LaneBlock {
    /// What it is.
    pub kind: BlockKind,
    /// When.
    pub span: Span,
    /// Who or what.
    pub label: String,
    /// A second line, perhaps empty.
    pub note: String,
    /// Where it leads.
    pub href: Option<String>,
}

/// One line.
#[derive(Debug, Clone)]
pub struct Lane {
    /// What the line is about.
    pub name: String,
    /// A small second name, perhaps empty.
    pub note: String,
    /// Where the name leads.
    pub href: Option<String>,
    /// What lies on it.
    pub blocks: Vec<LaneBlock>,
}

/// The lanes of one day, in minutes. Show it as `{{ lanes }}`.
#[derive(Debug, Clone, Template)]
#[template(path = "parts/lanes.html")]
pub struct Lanes {
    /// The name of the whole for those who do not see it.
    pub label: String,
    /// The width of the names' column, such as `15rem`.
    pub name_width: &'static str,
    /// The lines.
    pub lanes: Vec<Lane>,
    shown: Span,
    hours: i64,
    marks: Vec<(i64, String)>,
    now_at: Option<String>,
    now: String,
}

impl askama::filters::HtmlSafe for Lanes {}

impl Lanes {
    /// Empty lanes of a day, from one full hour to another.
    #[must_use]
    pub fn new(page: &Page, day: Day, from_hour: i64, to_hour: i64, label: &str) -> Self {
        let from_hour = from_hour.clamp(0, 23);
        let hours = (to_hour.clamp(1, 24) - from_hour).max(1);
        let shown = Span::new(day.at_minute(from_hour * 60), day.at_minute((from_hour + hours) * 60));
        let quarter = (page.now.0 - shown.starts_at.0) / 60;
        let inside = (0..hours * 60).contains(&quarter);
        Self {
            label: label.to_owned(),
            name_width: "15rem",
            lanes: Vec::new(),
            shown,
            hours,
            marks: (0..hours).map(|n| (n * 4 + 1, format::minute_of_day((from_hour + n) * 60))).collect(),
            now_at: inside.then(|| format!("{}.{:02}", quarter / 15, quarter % 15 * 100 / 15)),
            now: format::clock(page.now),
        }
    }

    /// Minutes from the left edge and length of a span, as far as it is shown.
    fn place(&self, span: &Span) -> Option<(i64, i64)> {
        let part = span.clipped(self.shown)?;
        Some(((part.starts_at.0 - self.shown.starts_at.0) / 60, (part.seconds() / 60).max(1)))
    }

    /// Whether a block of so many minutes has room for a word; else its words are told when one points at it, and to those who cannot see it.
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "templates hand references over")]
    fn has_room(&self, minutes: &i64) -> bool {
        minutes * 16 >= self.hours * 60
    }
}

impl Week {
    /// The hours between which the given spans lie, widened to `from`..`to`: what a week or lanes should show.
    #[must_use]
    pub fn hours_around(spans: impl IntoIterator<Item = (i64, i64)>, from_hour: i64, to_hour: i64) -> (i64, i64) {
        spans.into_iter().fold((from_hour, to_hour), |(low, high), (opens, closes)| (low.min(opens / 60), high.max((closes + 59) / 60)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::lang::Lang;
    use crate::base::time::Instant;

    #[test]
    fn a_lane_places_its_blocks_by_the_minute() {
        let now = Instant::parse("2026-10-12T09:40:00+08:00").unwrap();
        let page = Page::new(Lang::Zh, now, "/lab");
        let mut lanes = Lanes::new(&page, now.day(), 8, 20, "今天的仪器");
        let span = Span::new(now.day().at_minute(545), now.day().at_minute(700));
        let block = LaneBlock { kind: BlockKind::Run, span, label: "海珀膜材料".into(), note: "9:02 签到".into(), href: None };
        lanes.lanes.push(Lane { name: "扫描电镜".into(), note: "LHCL-EM-007".into(), href: None, blocks: vec![block] });
        assert_eq!((lanes.place(&span), lanes.now_at.as_deref()), (Some((65, 155)), Some("6.66")));
        assert!(lanes.to_string().contains("--from: 65; --len: 155"));
        assert_eq!(Week::hours_around([(510, 1080), (540, 780)], 8, 18), (8, 18));
        assert_eq!(Week::hours_around([(0, 1440)], 8, 18), (0, 24));
    }
}
