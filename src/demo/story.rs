//! Who comes to each visit and how it goes: orders, and the events of the demo city's two months in the order of time. Pure.
//!
//! Every kind of end is given out by turn, not by luck alone, so that each of them occurs. Claims are told in `claims`.

use super::catalogue::{self, Evidence, Piece};
use super::luck::Luck;
use super::timeline::Timeline;
use super::wishes::{Order, order_of};
use crate::base::time::{DAY, HOUR, Instant, MINUTE, Span};
use crate::domain::calendar::Calendar;

/// Who does something where several may.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// The enterprise.
    Firm,
    /// The institution.
    Lab,
    /// The clock.
    Clock,
}

/// Something that happens to an order, by its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// 预约.
    Book,
    /// 同意.
    Approve,
    /// 谢绝.
    Decline,
    /// Nobody answered.
    Expire,
    /// 取消.
    Cancel(By),
    /// Nobody came.
    Miss,
    /// 撤销未到场.
    UndoMiss,
    /// 签到.
    CheckIn(By),
    /// 签退, also by the clock.
    CheckOut(By),
    /// The machine delivers what it did for the booking; the span is that of the run.
    Deliver(Span),
    /// 结算单; the percent is what it says of the quote where no use was recorded or it is issued again.
    State(Option<i64>),
    /// 异议.
    Dispute,
    /// 确认, also by the clock.
    Confirm(By),
}

/// A step of an order at an instant.
#[derive(Debug, Clone, Copy)]
pub struct Event {
    /// When.
    pub at: Instant,
    /// Which order.
    pub order: usize,
    /// What.
    pub step: Step,
}

/// Orders and what becomes of them.
#[derive(Debug, Default)]
pub struct Story {
    /// By number.
    pub orders: Vec<Order>,
    /// In no order.
    pub events: Vec<Event>,
    /// When an order was settled, by its number.
    pub settled_at: Vec<Option<Instant>>,
}

/// Tells the story of a timeline.
#[must_use]
pub fn tell(now: Instant, calendar: &Calendar, timeline: &Timeline) -> Story {
    let pieces: Vec<&Piece> = catalogue::all().map(|(_, piece)| piece).collect();
    let mut story = Story::default();
    let mut turn = Turn::default();
    for visit in &timeline.visits {
        let number = story.orders.len();
        let mut luck = Luck::of(pieces[visit.piece].number, visit.span.starts_at.0);
        let order = order_of(now, *visit, pieces[visit.piece], &mut luck);
        let mut teller = Teller { now, calendar, order, piece: pieces[visit.piece], number, luck, events: Vec::new(), settled_at: None };
        teller.tell(&mut turn);
        story.orders.push(order);
        story.events.append(&mut teller.events);
        story.settled_at.push(teller.settled_at);
    }
    story
}

/// Whose turn it is to meet with something special.
#[derive(Debug, Default)]
struct Turn {
    past: usize,
    today: usize,
    ahead: usize,
    recent: usize,
}

fn turn(counter: &mut usize) -> usize {
    *counter += 1;
    *counter - 1
}

struct Teller<'a> {
    now: Instant,
    calendar: &'a Calendar,
    order: Order,
    piece: &'a Piece,
    number: usize,
    luck: Luck,
    events: Vec<Event>,
    settled_at: Option<Instant>,
}

impl Teller<'_> {
    /// Adds a step when its time has come; gives whether it has.
    fn add(&mut self, at: Instant, step: Step) -> bool {
        if at <= self.now {
            self.events.push(Event { at, order: self.number, step });
        }
        at <= self.now
    }

    /// Some working hours later, at an odd minute.
    fn office(&mut self, from: Instant, least: i64, most: i64) -> Instant {
        let hours = self.luck.between(least, most);
        let at = self.calendar.add_working_hours(from, hours);
        self.luck.later(at, 3, 40)
    }

    fn tell(&mut self, turns: &mut Turn) {
        let span = self.order.visit.span;
        let day = (self.now.day().start(), self.now.day().end());
        let waits = !self.piece.automatic;
        let notice = self.piece.rules.3 * MINUTE;
        let latest = span.starts_at.plus(-notice).min(self.now.plus(-HOUR));
        let mut booked_at = self.luck.earlier(latest, 2, 96);
        if span.starts_at > self.now && waits && span.starts_at >= self.now.plus(notice) {
            let number = turn(&mut turns.ahead);
            if number.is_multiple_of(5) {
                return self.ask(number);
            }
        }
        booked_at = booked_at.min(latest);
        self.add(booked_at, Step::Book);
        let stands_at = if waits { self.answer(booked_at, turns) } else { Some(booked_at) };
        let Some(stands_at) = stands_at else { return };
        if span.ends_at <= day.0 {
            self.past(stands_at, turns);
        } else if span.starts_at <= self.now {
            self.today(turns);
        }
    }

    /// A request that waits: the first of them are urgent.
    fn ask(&mut self, number: usize) {
        let mut at = self.luck.later(self.now, -540, -20);
        if number < 11 {
            let waited = (14 - i64::try_from(number).unwrap_or(0) / 5 * 3) * HOUR;
            while self.calendar.working_seconds_between(at, self.now) < waited && at > self.now.plus(-20 * DAY) {
                at = at.plus(-HOUR);
            }
        }
        self.add(at, Step::Book);
    }

    /// A manager answers, or does not; gives since when the booking stands, if it does.
    fn answer(&mut self, booked_at: Instant, turns: &mut Turn) -> Option<Instant> {
        let starts_at = self.order.visit.span.starts_at;
        let special = if starts_at < self.now { turn(&mut turns.recent) % 17 } else { 0 };
        if special == 5 {
            let expired_at = self.calendar.add_working_hours(booked_at, 16).min(starts_at).plus(30);
            self.add(expired_at, Step::Expire);
            return None;
        }
        let mut answered_at = self.office(booked_at, 0, 7);
        // Somebody who asks late in the evening for tomorrow is answered from home.
        if answered_at >= starts_at.min(self.now) {
            answered_at = self.luck.later(booked_at, 12, 55);
        }
        self.add(answered_at, if special == 11 { Step::Decline } else { Step::Approve });
        (special != 11).then_some(answered_at)
    }

    /// A visit before today.
    fn past(&mut self, stands_at: Instant, turns: &mut Turn) {
        let span = self.order.visit.span;
        let number = turn(&mut turns.past);
        let room = span.starts_at.0 - stands_at.0;
        match number % 19 {
            4 => {
                let by = if number.is_multiple_of(2) { By::Firm } else { By::Lab };
                self.add(span.starts_at.plus(-room / 3), Step::Cancel(by));
            }
            7 if self.piece.late_percent > 0 && room > 3 * HOUR => {
                self.add(span.starts_at.plus(-2 * HOUR), Step::Cancel(By::Firm));
            }
            10 => {
                self.add(span.starts_at.plus(HOUR + 20), Step::Miss);
            }
            13 => {
                self.add(span.starts_at.plus(HOUR + 20), Step::Miss);
                let undone_at = self.office(span.ends_at, 3, 12);
                if self.add(undone_at, Step::UndoMiss) {
                    self.settle(undone_at, Some(90), number);
                }
            }
            15 => {
                let came_at = self.luck.later(span.starts_at, -4, 9);
                self.add(came_at, Step::CheckIn(By::Lab));
                self.add(span.ends_at.plus(HOUR + 30), Step::CheckOut(By::Clock));
                self.settle(span.ends_at.plus(HOUR + 30), Some(100), number);
            }
            16 if self.reports() => {
                self.add(span.starts_at.plus(HOUR + 20), Step::Miss);
                let told_at = self.office(span.ends_at, 6, 20);
                let run = self.run();
                if self.add(told_at, Step::Deliver(run)) {
                    self.settle(told_at, None, number);
                }
            }
            _ => {
                self.attend();
                self.settle(span.ends_at, None, number);
            }
        }
    }

    /// A visit of today that has begun.
    fn today(&mut self, turns: &mut Turn) {
        let span = self.order.visit.span;
        let number = turn(&mut turns.today);
        if number % 8 == 5 && self.now > span.starts_at.plus(HOUR) {
            self.add(span.starts_at.plus(HOUR + 20), Step::Miss);
        } else if number % 8 != 5 {
            self.attend();
        }
    }

    fn reports(&self) -> bool {
        matches!(self.piece.evidence, Evidence::Agent | Evidence::Meter)
    }

    /// What the machine really ran of the time.
    fn run(&mut self) -> Span {
        let span = self.order.visit.span;
        let from = self.luck.later(span.starts_at, 2, 14);
        let to = self.luck.later(span.ends_at, -span.seconds() / MINUTE / 6, 6);
        Span::new(from, to)
    }

    /// Check-in, check-out, and what the machine tells.
    fn attend(&mut self) {
        let span = self.order.visit.span;
        let by = if self.piece.evidence == Evidence::Qr || self.luck.hits(35) { By::Firm } else { By::Lab };
        let run = self.run();
        let came_at = self.luck.later(run.starts_at, -9, -1).max(span.starts_at.plus(-20 * MINUTE));
        self.add(came_at, Step::CheckIn(by));
        let left_at = self.luck.later(run.ends_at, 0, 6);
        if self.add(left_at, Step::CheckOut(by)) && self.reports() {
            self.add(left_at.plus(11 * MINUTE), Step::Deliver(run));
        }
    }

    /// Statement, perhaps a dispute, and confirmation.
    fn settle(&mut self, from: Instant, percent: Option<i64>, number: usize) {
        let stated_at = self.office(from, 2, 13);
        if !self.add(stated_at, Step::State(percent)) {
            return;
        }
        let fresh = stated_at > self.now.plus(-6 * DAY);
        let mut standing_at = stated_at;
        if number % 23 == 3 || fresh && number % 5 == 2 {
            let disputed_at = self.office(stated_at, 2, 6);
            let again_at = self.office(disputed_at, 6, 15);
            // Some of those of the last days still wait for an answer.
            if !self.add(disputed_at, Step::Dispute) || fresh || !self.add(again_at, Step::State(Some(85))) {
                return;
            }
            standing_at = again_at;
        }
        let (confirmed_at, by) = if number % 9 == 6 { (standing_at.plus(10 * DAY + 45), By::Clock) } else { (self.office(standing_at, 3, 22), By::Firm) };
        if self.add(confirmed_at, Step::Confirm(by)) {
            self.settled_at = Some(confirmed_at);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::timeline::lay_out;

    #[test]
    fn every_kind_of_step_occurs_and_each_order_begins_with_its_booking() {
        for now in ["2026-10-12T10:00:00+08:00", "2026-11-25T20:30:00+08:00"] {
            let now = Instant::parse(now).unwrap();
            let calendar = Calendar::default();
            let story = tell(now, &calendar, &lay_out(now, &calendar));
            let count = |wanted: &dyn Fn(&Step) -> bool| story.events.iter().filter(|event| wanted(&event.step)).count();
            for (name, least, found) in [
                ("expire", 3, count(&|s| *s == Step::Expire)),
                ("decline", 3, count(&|s| *s == Step::Decline)),
                ("cancel", 3, count(&|s| matches!(s, Step::Cancel(_)))),
                ("miss", 5, count(&|s| *s == Step::Miss)),
                ("undo", 1, count(&|s| *s == Step::UndoMiss)),
                ("dispute", 3, count(&|s| *s == Step::Dispute)),
                ("by the clock", 3, count(&|s| *s == Step::Confirm(By::Clock))),
                ("settled", 60, count(&|s| matches!(s, Step::Confirm(_)))),
            ] {
                assert!(found >= least, "{name}: {found}");
            }
            println!("{} orders, {} events", story.orders.len(), story.events.len());
            for (number, _) in story.orders.iter().enumerate() {
                let first = story.events.iter().filter(|event| event.order == number).min_by_key(|event| event.at);
                assert!(first.is_some_and(|event| event.step == Step::Book), "{number}: {first:?}");
            }
        }
    }
}
