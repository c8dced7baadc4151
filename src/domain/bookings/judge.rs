//! Whether a request may stand: every rule that it breaks, each with its own code, and what else would do (rules.md section 3).
//!
//! The same judgement runs for every door. Vouchers are judged beside it (`vouchers`), overlap once more by the database.

use super::fees::fee;
use crate::base::time::{DAY, Instant, MINUTE, Span};
use crate::domain::calendar::DayKind;
use crate::domain::instruments::hours::format_minute;
use crate::domain::instruments::{Audience, Mode, Price, State, price_for};
use crate::domain::refusals::Violation;
use crate::domain::slots::{Timetable, occupied};
use crate::domain::spans::contains;

/// How far from the wanted start an alternative may begin.
pub const ALTERNATIVES_WITHIN_DAYS: i64 = 7;
/// How many alternatives are proposed at most.
pub const MOST_ALTERNATIVES: usize = 3;

/// What somebody wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Request {
    /// When.
    pub span: Span,
    /// How.
    pub mode: Mode,
}

/// All that is known about an instrument when a request for it is judged.
#[derive(Debug, Clone, Copy)]
pub struct Bookable<'a> {
    /// How far its listing is.
    pub state: State,
    /// How it serves.
    pub modes: &'a [Mode],
    /// Its prices.
    pub prices: &'a [Price],
    /// Who asks: enterprises pay the external price.
    pub audience: Audience,
    /// When it can be had. Its `taken` must cover [`Bookable::window`].
    pub timetable: Timetable<'a>,
}

impl Bookable<'_> {
    /// The window whose slots must be known to judge a request and to find alternatives.
    #[must_use]
    pub fn window(&self, request: Request) -> Span {
        let length = request.span.seconds().min(self.timetable.policy.max_minutes * MINUTE);
        request.span.widened(ALTERNATIVES_WITHIN_DAYS * DAY + length + self.timetable.policy.buffer_seconds())
    }

    /// The price that a request would be quoted: the one that holds on the day on which it starts.
    #[must_use]
    pub fn price(&self, request: Request) -> Option<Price> {
        price_for(self.prices, request.mode, self.audience, request.span.starts_at.day())
    }

    /// What a request would cost; `None` without a price.
    #[must_use]
    pub fn quote(&self, request: Request) -> Option<i64> {
        self.price(request).map(|price| fee(price.amount_fen, request.span.seconds()))
    }

    /// Every rule that a request breaks at `now`; empty when it may stand.
    #[must_use]
    pub fn judge(&self, request: Request, now: Instant) -> Vec<Violation> {
        let mut found = Vec::new();
        if request.span.ends_at <= request.span.starts_at {
            found.push(Violation::invalid("ends_at", "reversed"));
        } else {
            let span = request.span;
            found.extend([self.off_grid(span), self.wrong_length(span), self.closed(span), self.taken(span, now)].into_iter().flatten());
            found.extend(self.too_soon_or_late(span, now));
        }
        found.extend(self.not_on_offer(request));
        found
    }

    fn off_grid(&self, span: Span) -> Option<Violation> {
        let table = &self.timetable;
        let (start_fits, end_fits) = (table.is_on_grid(span.starts_at), table.is_on_grid(span.ends_at));
        if start_fits && end_fits {
            return None;
        }
        let near_starts_at = table.grid_round(span.starts_at);
        let near_ends_at = table.grid_round(near_starts_at.plus(span.seconds())).max(table.grid_ceil(near_starts_at.plus(1)));
        let violation = Violation::new("off_grid", if start_fits { "ends_at" } else { "starts_at" })
            .with("grid_minutes", table.policy.grid_minutes)
            .with("starts_at", span.starts_at)
            .with("ends_at", span.ends_at);
        Some(violation.with("near_starts_at", near_starts_at).with("near_ends_at", near_ends_at))
    }

    fn wrong_length(&self, span: Span) -> Option<Violation> {
        let policy = self.timetable.policy;
        let (code, name, limit) = if span.seconds() < policy.min_minutes * MINUTE {
            ("too_short", "min_minutes", policy.min_minutes)
        } else if span.seconds() > policy.max_minutes * MINUTE {
            ("too_long", "max_minutes", policy.max_minutes)
        } else {
            return None;
        };
        Some(Violation::new(code, "ends_at").with(name, limit).with("minutes", span.seconds() / MINUTE))
    }

    fn too_soon_or_late(&self, span: Span, now: Instant) -> Option<Violation> {
        let (table, policy) = (&self.timetable, self.timetable.policy);
        if span.starts_at < now {
            Some(Violation::new("in_the_past", "starts_at").with("now", now).with("starts_at", span.starts_at))
        } else if span.starts_at < now.plus(policy.notice_minutes * MINUTE) {
            let violation = Violation::new("short_notice", "starts_at").with("notice_minutes", policy.notice_minutes).with("now", now);
            Some(violation.with("earliest_at", table.earliest_start(now)))
        } else if span.starts_at > now.plus(policy.horizon_days * DAY) {
            let violation = Violation::new("beyond_horizon", "starts_at").with("horizon_days", policy.horizon_days);
            Some(violation.with("latest_at", table.latest_start(now)))
        } else {
            None
        }
    }

    fn closed(&self, span: Span) -> Option<Violation> {
        let table = &self.timetable;
        // A request of years is refused for its length anyway; a month is as far as opening hours need to be looked at.
        let looked_at = Span::new(span.starts_at, span.ends_at.min(span.starts_at.plus(40 * DAY)));
        if contains(&table.calendar.open_within(looked_at, table.hours), looked_at) {
            return None;
        }
        let day = span.starts_at.day();
        let weekday = table.calendar.opens_as(day, table.hours.holidays);
        let pieces = weekday.into_iter().flat_map(|weekday| table.hours.of_weekday(weekday));
        let hours: Vec<String> = pieces.map(|piece| format!("{}\u{2013}{}", format_minute(piece.opens_minute), format_minute(piece.closes_minute))).collect();
        let holiday = table.calendar.kind(day) == Some(DayKind::Holiday);
        let violation = Violation::new("outside_opening_hours", "starts_at").with("day", day).with("hours", hours.join(" "));
        Some(violation.with(
            "closed",
            if !hours.is_empty() {
                "no"
            } else if holiday {
                "holiday"
            } else {
                "yes"
            },
        ))
    }

    fn taken(&self, span: Span, now: Instant) -> Option<Violation> {
        let (table, policy) = (&self.timetable, self.timetable.policy);
        let around = span.widened(policy.buffer_seconds());
        if !table.taken.iter().any(|taken| taken.overlaps(around)) {
            return None;
        }
        // Strangers' bookings are shown only as far as the public calendar shows them: merged, from today to the horizon. What lies outside
        // is said only where nothing else refuses the request, or asking would tell what took the time of days gone by.
        let seen = occupied(table.taken, now, policy.horizon_days).into_iter().find(|taken| taken.overlaps(around));
        let beyond = span.starts_at < now || span.starts_at > now.plus(policy.horizon_days * DAY) || span.seconds() > policy.max_minutes * MINUTE;
        if seen.is_none() && beyond {
            return None;
        }
        let seen = seen.unwrap_or(span);
        let buffer = if policy.buffer_minutes > 0 { "some" } else { "none" };
        let violation = Violation::new("slot_taken", "starts_at").with("buffer", buffer).with("buffer_minutes", policy.buffer_minutes);
        Some(violation.with("taken_starts_at", seen.starts_at).with("taken_ends_at", seen.ends_at))
    }

    fn not_on_offer(&self, request: Request) -> Vec<Violation> {
        let mut found = Vec::new();
        let offered = self.modes.contains(&request.mode);
        if self.state != State::Published {
            found.push(Violation::new("not_published", "instrument_id").with("state", self.state));
        }
        if !offered {
            found.push(Violation::new("mode_not_offered", "mode").with("mode", request.mode));
        }
        let priced = |mode: Mode| self.price(Request { mode, ..request }).is_some();
        // A mode that is not offered needs no price of its own; an instrument without any price is named all the same.
        let has_price = if offered { priced(request.mode) } else { self.modes.iter().any(|mode| priced(*mode)) };
        if !has_price {
            found.push(Violation::new("no_price", "mode").with("mode", request.mode));
        }
        found
    }

    /// At most three free spans of the same length that obey every rule: nearest start first, the earlier on a tie, within 7 days.
    #[must_use]
    pub fn alternatives(&self, request: Request, now: Instant) -> Vec<Span> {
        let table = &self.timetable;
        let (wanted, length) = (request.span.starts_at, request.span.seconds());
        let fits = table.needed_seconds(length / MINUTE) == Some(length);
        if !fits || self.state != State::Published || !self.modes.contains(&request.mode) {
            return Vec::new();
        }
        let starts = Span::new(wanted.plus(-ALTERNATIVES_WITHIN_DAYS * DAY), wanted.plus(ALTERNATIVES_WITHIN_DAYS * DAY));
        let free = table.free_spans(Span::new(starts.starts_at, starts.ends_at.plus(length)), length / MINUTE, now);
        let mut candidates: Vec<Instant> = free.iter().flat_map(|span| self.near_starts(*span, starts, wanted, length)).collect();
        candidates.sort_unstable_by_key(|at| ((at.0 - wanted.0).abs(), at.0));
        candidates.dedup();
        let spans = candidates.into_iter().map(|at| Span::new(at, at.plus(length)));
        spans.filter(|span| self.judge(Request { span: *span, ..request }, now).is_empty()).take(MOST_ALTERNATIVES).collect()
    }

    /// The few starts of each day within a free span that can be among the nearest: prices change by the day, the rest by the span.
    fn near_starts(&self, free: Span, starts: Span, wanted: Instant, length: i64) -> Vec<Instant> {
        let (table, grid) = (&self.timetable, self.timetable.policy.grid_seconds());
        let most = i64::try_from(MOST_ALTERNATIVES).unwrap_or(3);
        let last = free.ends_at.plus(-length).min(starts.ends_at);
        let mut found = Vec::new();
        for day in Span::new(free.starts_at, last.plus(1)).days() {
            let (low, high) = (free.starts_at.max(day.start()).max(starts.starts_at), last.min(day.end().plus(-1)));
            let (low, high) = (table.grid_ceil(low), table.grid_floor(high));
            let centre = table.grid_round(wanted.max(low).min(high));
            found.extend((-most..=most).map(|step| centre.plus(step * grid)).filter(|at| (low..=high).contains(at)));
        }
        found
    }
}
