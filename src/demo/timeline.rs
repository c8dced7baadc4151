//! What happens on which instrument when: visits of enterprises, the institutions' own use, maintenance and faults, from two months ago to
//! three weeks ahead. Pure: the same instant and calendar give the same timeline. Whoever comes and whether all goes well is `story`'s.

use super::catalogue::{self, Evidence, Hours, Listed, Load, Piece};
use super::luck::Luck;
use crate::base::time::{Day, HOUR, Instant, MINUTE, Span};
use crate::domain::calendar::Calendar;
use crate::domain::instruments::{Holidays, OpeningHours, OpeningSpan};
use crate::domain::slots::SlotKind;
use crate::domain::usage::Phase;

/// How many days of use lie behind.
pub const DAYS_BEHIND: i64 = 62;
/// How many days ahead somebody has booked.
pub const DAYS_AHEAD: i64 = 21;
/// The set that is broken now, by its place in the catalogue.
pub const BROKEN: usize = 1;

/// Time that an enterprise books.
#[derive(Debug, Clone, Copy)]
pub struct Visit {
    /// Which instrument, by its place in the catalogue.
    pub piece: usize,
    /// When.
    pub span: Span,
}

/// Time that the machine ran for somebody without a booking, or stood still.
#[derive(Debug, Clone, Copy)]
pub struct Spell {
    /// Which instrument.
    pub piece: usize,
    /// When.
    pub span: Span,
    /// What the machine did.
    pub phase: Phase,
    /// For an outsider by number; `None` for the institution itself.
    pub outsider: Option<usize>,
    /// How many samples.
    pub samples: Option<i64>,
}

/// Time that staff took.
#[derive(Debug, Clone, Copy)]
pub struct Block {
    /// Which instrument.
    pub piece: usize,
    /// When.
    pub span: Span,
    /// What for.
    pub kind: SlotKind,
    /// For the staff.
    pub note: &'static str,
    /// When it was entered.
    pub made_at: Instant,
}

/// All that takes time.
#[derive(Debug, Default)]
pub struct Timeline {
    /// By start.
    pub visits: Vec<Visit>,
    /// By instrument, then start.
    pub spells: Vec<Spell>,
    /// In no order.
    pub blocks: Vec<Block>,
}

/// The opening hours of a piece.
#[must_use]
pub fn opening(hours: Hours) -> OpeningHours {
    let week = |days: std::ops::RangeInclusive<i64>, opens_minute, closes_minute| days.map(move |weekday| OpeningSpan { weekday, opens_minute, closes_minute });
    match hours {
        Hours::Office => OpeningHours { spans: week(1..=5, 510, 1050).collect(), holidays: Holidays::Closed },
        Hours::Long => OpeningHours { spans: week(1..=5, 480, 1260).chain(week(6..=6, 540, 780)).collect(), holidays: Holidays::Closed },
        Hours::Always => OpeningHours { spans: week(1..=7, 0, 1440).collect(), holidays: Holidays::Open },
    }
}

/// Lays out the timeline around `now`.
#[must_use]
pub fn lay_out(now: Instant, calendar: &Calendar) -> Timeline {
    let mut out = Timeline::default();
    for (index, (_, piece)) in catalogue::all().enumerate().filter(|(_, (_, piece))| piece.listed == Listed::Yes) {
        let mut desk = Desk { now, index, piece, hours: opening(piece.hours), luck: Luck::of(piece.number, 1), taken_until: Instant(0) };
        for offset in -DAYS_BEHIND..=DAYS_AHEAD {
            desk.day(now.day().plus(offset), offset, calendar, &mut out);
        }
    }
    if let Some((_, piece)) = catalogue::all().nth(BROKEN) {
        breakdown(now, piece, &mut out);
    }
    out.visits.sort_by_key(|visit| (visit.span, visit.piece));
    out
}

/// What is filled in for one instrument.
struct Desk {
    now: Instant,
    index: usize,
    piece: &'static Piece,
    hours: OpeningHours,
    luck: Luck,
    taken_until: Instant,
}

impl Desk {
    fn day(&mut self, day: Day, offset: i64, calendar: &Calendar, out: &mut Timeline) {
        if self.index == BROKEN && (-3..=4).contains(&offset) {
            return;
        }
        let spans: Vec<Span> = match self.hours.holidays {
            Holidays::Open => vec![Span::new(day.at_minute(480), day.at_minute(1200))],
            Holidays::Closed => calendar.opening(day, &self.hours),
        };
        let rests = !calendar.is_working_day(day);
        for span in spans {
            let mut at = span.starts_at.max(grid_up(self.taken_until));
            if offset < 0 && !rests && self.luck.hits(4) {
                at = self.care(at, out);
            }
            while at.plus(30 * MINUTE) <= span.ends_at {
                at = self.next(at, span.ends_at, offset, rests, out);
            }
        }
        if self.piece.load == Load::Nights {
            self.night(day, offset, out);
        }
    }

    /// Chances of a visit and of own use, in percent of what could be.
    fn chances(&self, offset: i64, rests: bool) -> (i64, i64) {
        let (past, today) = match self.piece.load {
            Load::Busy => ((6, 56), (36, 34)),
            Load::Fair => ((3, 32), (26, 28)),
            Load::Quiet => ((1, 8), (9, 12)),
            Load::Idle => ((0, 1), (0, 3)),
            Load::Nights => ((2, 24), (22, 24)),
        };
        let scaled = |(visit, own): (i64, i64), up: i64, down: i64| (visit * up / down, own * up / down);
        match offset {
            ..0 if rests => (past.0 / 2, past.1 / 4),
            ..0 => past,
            0 if rests => scaled(today, 1, 2),
            0 => today,
            ahead if rests => scaled(today, (DAYS_AHEAD - ahead).max(0), DAYS_AHEAD * 8),
            ahead => scaled(today, (DAYS_AHEAD - ahead).max(0), DAYS_AHEAD * 3),
        }
    }

    /// What comes next at an instant; gives when the instrument is free again.
    fn next(&mut self, at: Instant, closes_at: Instant, offset: i64, rests: bool, out: &mut Timeline) -> Instant {
        let (visit, own) = self.chances(offset, rests);
        let roll = self.luck.between(0, 99);
        if roll < visit {
            let (_, shortest, longest, _) = self.piece.rules;
            let minutes = self.luck.between(shortest / 30, longest.min(shortest.max(240)) / 30) * 30;
            let span = Span::new(at, at.plus(minutes * MINUTE));
            if span.ends_at <= closes_at {
                out.visits.push(Visit { piece: self.index, span });
                return self.after(span);
            }
        } else if roll < visit + own {
            let minutes = self.luck.between(2, 7) * 30;
            let span = Span::new(at, at.plus(minutes * MINUTE).min(closes_at));
            self.own(span, offset, out);
            return self.after(span);
        }
        at.plus(self.luck.between(1, 4) * 30 * MINUTE)
    }

    /// The institution's own use, or that of somebody who came without a booking.
    fn own(&mut self, span: Span, offset: i64, out: &mut Timeline) {
        if offset >= 0 {
            let note = self.luck.pick(&["海洋涂层组", "研究生培养实验", "薄膜组", "校准复测", "横向课题", "本科教学", "方法开发", "质量控制样"]);
            let made_at = self.luck.earlier(self.now.min(span.starts_at), 6, 90);
            out.blocks.push(Block { piece: self.index, span, kind: SlotKind::Internal, note, made_at });
        }
        let used = Span::new(self.luck.later(span.starts_at, 0, 12), self.luck.later(span.ends_at, -14, 4));
        let outsider = self.luck.hits(if offset < 0 { 14 } else { 0 }).then(|| usize::try_from(self.luck.between(0, 99)).unwrap_or(0));
        let warm = used.starts_at.plus(self.luck.between(5, 15) * MINUTE);
        let samples = Some(self.luck.between(1, 18));
        for (span, phase, samples) in [(Span::new(used.starts_at, warm), Phase::Startup, None), (Span::new(warm, used.ends_at), Phase::Run, samples)] {
            if span.ends_at <= self.now && span.seconds() > 0 {
                out.spells.push(Spell { piece: self.index, span, phase, outsider, samples });
            }
        }
    }

    /// From eight in the evening to eight in the morning.
    fn night(&mut self, day: Day, offset: i64, out: &mut Timeline) {
        let span = Span::new(day.at_minute(1200).max(self.taken_until), day.plus(1).at_minute(480));
        let (wanted, (_, shortest, longest, _)) = (self.luck.between(0, 99), self.piece.rules);
        if span.seconds() < (10 * HOUR).max(shortest * MINUTE) {
            return;
        }
        if wanted < 5 && longest >= 720 && offset < 10 {
            out.visits.push(Visit { piece: self.index, span });
            self.after(span);
        } else if wanted < 68 && offset <= 0 {
            self.own(span, offset, out);
            self.after(span);
        }
    }

    /// Maintenance first thing in the morning.
    fn care(&mut self, at: Instant, out: &mut Timeline) -> Instant {
        let span = Span::new(at, at.plus(self.luck.between(3, 8) * 30 * MINUTE));
        let phase = if self.luck.hits(35) { Phase::Fault } else { Phase::Maintenance };
        out.spells.push(Spell { piece: self.index, span, phase, outsider: None, samples: None });
        self.after(span)
    }

    fn after(&mut self, span: Span) -> Instant {
        self.taken_until = span.ends_at.plus(self.piece.rules.0 * MINUTE);
        grid_up(self.taken_until)
    }
}

/// The next half hour.
fn grid_up(at: Instant) -> Instant {
    let past = at.0.rem_euclid(30 * MINUTE);
    if past == 0 { at } else { at.plus(30 * MINUTE - past) }
}

/// One set is broken since the day before yesterday, and one is calibrated tomorrow.
fn breakdown(now: Instant, piece: &Piece, out: &mut Timeline) {
    let since = now.day().plus(-2).at_minute(972);
    let until = now.day().plus(3).at_minute(1050);
    out.blocks.push(Block {
        piece: BROKEN,
        span: Span::new(since, until),
        kind: SlotKind::Fault,
        note: "离子源束流不稳，厂家工程师已约",
        made_at: since.plus(7 * MINUTE),
    });
    let seen = Span::new(since, now.plus(-20 * MINUTE));
    debug_assert!(piece.evidence == Evidence::Agent, "the broken set reports by itself");
    out.spells.push(Spell { piece: BROKEN, span: seen, phase: Phase::Fault, outsider: None, samples: None });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::calendar::CalendarDay;

    #[test]
    fn nothing_overlaps_and_today_is_about_half_full() {
        let now = Instant::parse("2026-10-12T10:00:00+08:00").unwrap();
        let timeline = lay_out(now, &Calendar::new(std::iter::empty::<CalendarDay>()));
        for (index, _) in catalogue::all().enumerate() {
            let mut spans: Vec<Span> = timeline.visits.iter().filter(|visit| visit.piece == index).map(|visit| visit.span).collect();
            spans.extend(timeline.blocks.iter().filter(|block| block.piece == index).map(|block| block.span));
            spans.sort();
            assert!(spans.windows(2).all(|pair| pair[0].ends_at <= pair[1].starts_at), "{index}: {spans:?}");
        }
        let (mut open, mut taken) = (0, 0);
        for (index, (_, piece)) in catalogue::all().enumerate().filter(|(_, (_, piece))| piece.listed == Listed::Yes) {
            let today: Vec<Span> = Calendar::default().opening(now.day(), &opening(piece.hours));
            open += today.iter().map(|span| span.seconds()).sum::<i64>();
            let spans = timeline.visits.iter().filter(|v| v.piece == index).map(|v| v.span);
            let blocks = timeline.blocks.iter().filter(|b| b.piece == index).map(|b| b.span);
            taken += spans.chain(blocks).flat_map(|span| today.iter().filter_map(move |open| span.clipped(*open))).map(Span::seconds).sum::<i64>();
        }
        let share = taken * 100 / open;
        assert!((38..=62).contains(&share), "{share}");
        println!("{} visits, {} spells, {} blocks, {share} %", timeline.visits.len(), timeline.spells.len(), timeline.blocks.len());
    }
}
