//! The simple model: bookings, slots, use and purses as plain numbers in memory, by the letter of the rules and without a line of the
//! product's own domain. Each verb answers what the product must answer, and changes the model when it may.

use std::collections::BTreeMap;

use yiqi::base::time::{Day, Instant};

use super::claims::Claim;

pub const HOUR: i64 = 3600;
pub const HALF: i64 = 1800;
/// The last days of use and of redemption in this city.
pub const USE_BY: &str = "2026-11-20";
pub const REDEEM_BY: &str = "2026-12-20";
pub const FIRMS: usize = 3;
pub const LATE_CANCEL_PERCENT: i64 = 50;

/// What differs between the instruments.
pub struct Kind {
    pub hourly_fen: i64,
    pub buffer_seconds: i64,
    pub by_manager: bool,
    pub lab: usize,
    /// Worth 500,000 yuan or more.
    pub precious: bool,
}

/// The second laboratory is not in the voucher pool.
pub const INSTRUMENTS: [Kind; 3] = [
    Kind { hourly_fen: 10_000, buffer_seconds: 0, by_manager: false, lab: 0, precious: false },
    Kind { hourly_fen: 33_337, buffer_seconds: HALF, by_manager: true, lab: 0, precious: true },
    Kind { hourly_fen: 20_001, buffer_seconds: 0, by_manager: false, lab: 1, precious: false },
];

/// What the product must answer: a status, and for a refused booking its codes.
pub type Answer = Result<(), (u16, Vec<&'static str>)>;

pub fn conflict() -> Answer {
    Err((409, Vec::new()))
}

fn refused() -> Answer {
    Err((422, Vec::new()))
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Purse {
    pub granted: i64,
    pub available: i64,
    pub held: i64,
    pub claimed: i64,
    pub redeemed: i64,
    pub lapsed: i64,
    pub returned: i64,
}

#[derive(Debug, Clone)]
pub struct Booking {
    pub id: String,
    pub code: String,
    pub firm: usize,
    pub instrument: usize,
    pub state: &'static str,
    pub version: i64,
    pub starts: i64,
    pub ends: i64,
    pub fee: i64,
    /// `None` where it may never draw on a voucher.
    pub held: Option<i64>,
    pub last_release: i64,
    /// What it takes of the instrument now.
    pub span: Option<(i64, i64)>,
    pub answer_due: i64,
    pub checked_in: Option<i64>,
    pub missed: i64,
    /// When it was issued, whether it is disputed, its amount.
    pub statement: Option<(i64, bool, i64)>,
    pub cancel_fee: i64,
}

/// A slot of the staff; its id once it is known.
#[derive(Debug, Clone)]
pub struct Taken {
    pub id: String,
    pub instrument: usize,
    pub span: Option<(i64, i64)>,
}

#[derive(Debug, Clone)]
pub struct Segment {
    pub key: String,
    pub instrument: usize,
    pub booking: Option<usize>,
    pub span: (i64, i64),
    pub effective: bool,
    pub automatic: bool,
    pub live: bool,
}

/// What a firm wants to book.
#[derive(Debug, Clone, Copy)]
pub struct Wish {
    pub firm: usize,
    pub instrument: usize,
    pub starts: i64,
    pub ends: i64,
    pub voucher: &'static str,
    pub subsidised: bool,
}

#[derive(Debug, Clone)]
pub struct Mirror {
    pub now: i64,
    pub published: [bool; 3],
    pub barred: [bool; FIRMS],
    /// `None` until there is a purse.
    pub purses: [Option<Purse>; FIRMS],
    pub bookings: Vec<Booking>,
    pub slots: Vec<Taken>,
    pub segments: Vec<Segment>,
    pub claims: Vec<Claim>,
    /// Days that are not as their weekday says: whether people work.
    pub special: BTreeMap<Day, bool>,
}

pub fn day(at: i64) -> Day {
    Instant(at).day()
}

fn last_day(text: &str) -> Day {
    Day::parse(text).unwrap()
}

/// 30 %, down to the yuan.
fn share(fen: i64) -> i64 {
    fen * 3000 / 10_000 / 100 * 100
}

fn half_up(dividend: i64, divisor: i64) -> i64 {
    (dividend * 2 + divisor).div_euclid(divisor * 2)
}

impl Mirror {
    fn works(&self, day: Day) -> bool {
        self.special.get(&day).copied().unwrap_or(!day.is_weekend())
    }

    /// Sixteen working hours from now, from 09:00 to 17:00.
    fn answer_due(&self) -> i64 {
        let (mut at, mut left) = (self.now, 16 * HOUR);
        loop {
            let opens = day(at).at_minute(540).0;
            if self.works(day(at)) && at < opens + 8 * HOUR {
                let from = at.max(opens);
                let there = opens + 8 * HOUR - from;
                if left <= there {
                    return from + left;
                }
                left -= there;
            }
            at = day(at).plus(1).start().0;
        }
    }

    /// The end of the tenth working day after a day.
    fn undo_until(&self, missed: i64) -> i64 {
        let (mut day, mut left) = (day(missed), 10);
        while left > 0 {
            day = day.plus(1);
            left -= i64::from(self.works(day));
        }
        day.plus(1).start().0
    }

    pub fn live_spans(&self, instrument: usize) -> Vec<(i64, i64)> {
        let bookings = self.bookings.iter().filter(|b| b.instrument == instrument).filter_map(|b| b.span);
        bookings.chain(self.slots.iter().filter(|s| s.instrument == instrument).filter_map(|s| s.span)).collect()
    }

    fn is_taken(&self, instrument: usize, starts: i64, ends: i64, buffer: i64) -> bool {
        self.live_spans(instrument).iter().any(|(from, to)| *from < ends + buffer && starts - buffer < *to)
    }

    fn purse(&mut self, firm: usize) -> &mut Purse {
        self.purses[firm].get_or_insert_default()
    }

    fn available(&self, firm: usize) -> i64 {
        self.purses[firm].map_or(0, |purse| purse.available)
    }

    pub fn book(&mut self, wish: Wish) -> Answer {
        let kind = &INSTRUMENTS[wish.instrument];
        let fee = half_up(kind.hourly_fen * (wish.ends - wish.starts), HOUR);
        let eligible = wish.subsidised && !self.barred[wish.firm] && kind.lab == 0 && day(wish.starts) <= last_day(USE_BY) && self.published[wish.instrument];
        let mut codes = Vec::new();
        let length = wish.ends - wish.starts;
        let required = wish.voucher == "required";
        for (wrong, code) in [
            (wish.starts < self.now, "in_the_past"),
            (!self.published[wish.instrument], "not_published"),
            (self.is_taken(wish.instrument, wish.starts, wish.ends, kind.buffer_seconds), "slot_taken"),
            (length > 8 * HOUR, "too_long"),
            (length < HOUR, "too_short"),
            (required && !eligible, "voucher_ineligible"),
            (required && eligible && self.available(wish.firm) < share(fee), "voucher_insufficient"),
        ] {
            if wrong {
                codes.push(code);
            }
        }
        if !codes.is_empty() {
            return Err((if codes == ["slot_taken"] { 409 } else { 422 }, codes));
        }
        let held = (wish.voucher != "none" && eligible).then(|| share(fee).min(self.available(wish.firm)));
        if let Some(held) = held {
            self.purse(wish.firm).available -= held;
            self.purse(wish.firm).held += held;
        }
        self.bookings.push(Booking {
            id: String::new(),
            code: String::new(),
            firm: wish.firm,
            instrument: wish.instrument,
            state: if kind.by_manager { "requested" } else { "confirmed" },
            version: 1,
            starts: wish.starts,
            ends: wish.ends,
            fee,
            held,
            last_release: 0,
            span: Some((wish.starts, wish.ends)),
            answer_due: self.answer_due().min(wish.starts),
            checked_in: None,
            missed: 0,
            statement: None,
            cancel_fee: 0,
        });
        Ok(())
    }

    fn used_spans(&self, booking: usize) -> Vec<(i64, i64)> {
        self.segments.iter().filter(|s| s.booking == Some(booking) && s.effective && s.live).map(|s| s.span).collect()
    }

    fn is_used(&self, booking: usize) -> bool {
        self.bookings[booking].checked_in.is_some() || !self.used_spans(booking).is_empty()
    }

    /// What use and price give; `None` without recorded use.
    pub fn computed(&self, booking: usize) -> Option<i64> {
        let mut spans = self.used_spans(booking);
        spans.sort_unstable();
        let (mut seconds, mut until) = (0, i64::MIN);
        for (from, to) in &spans {
            seconds += (to - (*from).max(until)).max(0);
            until = until.max(*to);
        }
        (!spans.is_empty()).then(|| half_up(INSTRUMENTS[self.bookings[booking].instrument].hourly_fen * seconds, HOUR))
    }

    fn release(&mut self, booking: usize) {
        let Booking { firm, held, .. } = self.bookings[booking];
        let Some(fen) = held.filter(|fen| *fen > 0) else { return };
        self.bookings[booking].held = Some(0);
        self.bookings[booking].last_release = fen;
        self.purse(firm).held -= fen;
        self.purse(firm).available += fen;
    }

    fn retake(&mut self, booking: usize) {
        let Booking { firm, held, last_release, .. } = self.bookings[booking];
        if held == Some(0) {
            self.rehold(booking, last_release.min(self.available(firm)));
        }
    }

    /// The hold becomes an amount, from and to available.
    fn rehold(&mut self, booking: usize, fen: i64) {
        let Booking { firm, held: Some(before), .. } = self.bookings[booking] else { return };
        self.bookings[booking].held = Some(fen);
        self.purse(firm).held += fen - before;
        self.purse(firm).available -= fen - before;
    }

    fn step(&mut self, booking: usize, state: &'static str) {
        self.bookings[booking].state = state;
        self.bookings[booking].version += 1;
    }

    /// Ends a booking that keeps neither time nor voucher.
    fn end(&mut self, booking: usize, state: &'static str) {
        self.bookings[booking].span = None;
        self.release(booking);
        self.step(booking, state);
    }

    /// A verb of persons on a booking, by somebody who may.
    pub fn act(&mut self, verb: &str, booking: usize, by_firm: bool) -> Answer {
        let now = self.now;
        let Booking { state, starts, ends, answer_due, statement, .. } = self.bookings[booking];
        match (state, verb) {
            ("requested", "approve") if now < answer_due && now < starts => self.step(booking, "confirmed"),
            ("requested", "decline") if now < answer_due && now < starts => self.end(booking, "declined"),
            ("requested" | "confirmed", "cancel") if now < starts => {
                if by_firm && state == "confirmed" && now > starts - 24 * HOUR {
                    self.bookings[booking].cancel_fee = half_up(self.bookings[booking].fee * LATE_CANCEL_PERCENT, 100);
                }
                self.end(booking, "cancelled");
            }
            ("confirmed", "check-in") if now >= starts - HALF && now < ends => {
                self.bookings[booking].checked_in = Some(now);
                self.step(booking, "in_use");
            }
            ("in_use", "check-out") => self.check_out(booking),
            ("no_show", "undo-no-show") if now < self.undo_until(self.bookings[booking].missed) => {
                self.step(booking, "completed");
                self.retake(booking);
            }
            ("completed", "dispute") if matches!(statement, Some((_, false, _))) => {
                self.bookings[booking].statement = statement.map(|(at, _, fen)| (at, true, fen));
                self.step(booking, "completed");
            }
            ("completed", "confirm") if matches!(statement, Some((_, false, _))) => self.step(booking, "settled"),
            _ => return conflict(),
        }
        Ok(())
    }

    fn check_out(&mut self, booking: usize) {
        let (now, b) = (self.now, &mut self.bookings[booking]);
        b.span = (now > b.starts).then_some((b.starts, b.ends.min(now)));
        let (from, key, instrument) = (b.checked_in.unwrap_or(now), format!("checkin:{}", b.code), b.instrument);
        self.step(booking, "completed");
        if now > from {
            self.segments.push(Segment { key, instrument, booking: Some(booking), span: (from, now), effective: true, automatic: false, live: true });
        }
    }

    pub fn state(&mut self, booking: usize, actual: Option<i64>) -> Answer {
        let Booking { state, ends, firm, held, .. } = self.bookings[booking];
        if !(state == "completed" || (state == "confirmed" && self.is_used(booking) && self.now >= ends)) {
            return conflict();
        }
        let Some(fen) = actual.or(self.computed(booking)) else { return refused() };
        self.bookings[booking].statement = Some((self.now, false, fen));
        self.step(booking, "completed");
        if let Some(held) = held {
            self.rehold(booking, share(fen).min(held + self.available(firm)));
        }
        Ok(())
    }

    pub fn take(&mut self, instrument: usize, starts: i64, ends: i64) -> Answer {
        if self.is_taken(instrument, starts, ends, 0) {
            return Err((409, vec!["slot_taken"]));
        }
        self.slots.push(Taken { id: String::new(), instrument, span: Some((starts, ends)) });
        Ok(())
    }

    /// A segment was accepted.
    pub fn record(&mut self, segment: Segment) {
        let missed = segment.booking.filter(|booking| self.bookings[*booking].state == "no_show");
        self.segments.push(segment);
        if let Some(booking) = missed {
            self.step(booking, "completed");
            self.retake(booking);
        }
    }

    /// The job `due`.
    pub fn due(&mut self) {
        let now = self.now;
        for booking in 0..self.bookings.len() {
            let Booking { state, starts, ends, answer_due, statement, .. } = self.bookings[booking];
            match state {
                "requested" if now >= answer_due || now >= starts => self.end(booking, "expired"),
                "confirmed" if now >= starts + HOUR && !self.is_used(booking) => {
                    self.bookings[booking].missed = now;
                    self.end(booking, "no_show");
                }
                "in_use" if now >= ends + HOUR => self.step(booking, "completed"),
                "completed" if statement.is_some_and(|(at, disputed, _)| !disputed && now >= at + 240 * HOUR) => self.step(booking, "settled"),
                _ => {}
            }
        }
    }
}
