//! Slots (占用时段): everything that takes an instrument's time, and what they leave free (rules.md section 3).
//!
//! Beside: [`free`], the spans that can still be booked. That two live slots never overlap is the database's guard; nothing here
//! may be relied upon for it.

pub mod free;

pub use free::Timetable;

use super::instruments::limited;
use super::refusals::Violation;
use super::spans::union;
use crate::base::time::{DAY, Instant, Span};
use crate::words;

words! {
    /// What takes the time.
    pub enum SlotKind {
        /// 预约.
        Booking = "booking",
        /// 维护.
        Maintenance = "maintenance",
        /// 故障.
        Fault = "fault",
        /// 停机.
        Closure = "closure",
        /// 校内使用.
        Internal = "internal",
        /// 外部日历.
        Imported = "imported",
    }
}

impl SlotKind {
    /// Whether staff make and remove it by hand.
    #[must_use]
    pub const fn is_made_by_staff(self) -> bool {
        matches!(self, Self::Maintenance | Self::Fault | Self::Closure | Self::Internal)
    }
}

/// The longest slot that staff make at once.
const MOST_DAYS: i64 = 366;

/// Everything wrong with a slot that staff want to make: `kind`, `ends_at`, `note`.
#[must_use]
pub fn violations(kind: SlotKind, span: Span, note: &str) -> Vec<Violation> {
    let mut found = Vec::new();
    if !kind.is_made_by_staff() {
        found.push(Violation::invalid("kind", "not_a_word"));
    }
    if span.ends_at <= span.starts_at {
        found.push(Violation::invalid("ends_at", "reversed"));
    } else if span.seconds() > MOST_DAYS * DAY {
        found.push(Violation::invalid("ends_at", "too_long").with("most_days", MOST_DAYS));
    }
    limited(&mut found, "note", note, 1000);
    found
}

/// What outsiders see of an instrument's slots: touching ones merged into one, from today to the horizon, without ids and kinds.
#[must_use]
pub fn occupied(taken: &[Span], now: Instant, horizon_days: i64) -> Vec<Span> {
    let visible = Span::new(now.day().start(), now.plus(horizon_days * DAY).day().end());
    union(taken.iter().copied()).into_iter().filter_map(|span| span.clipped(visible)).collect()
}

/// A live slot with whether it is the onlooker's own booking.
#[derive(Debug, Clone)]
pub struct Taken<T> {
    /// When.
    pub span: Span,
    /// The onlooker's own.
    pub mine: bool,
    /// Whatever else is known of it.
    pub slot: T,
}

/// What an onlooker sees of the slots.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seen<T> {
    /// Somebody has the time; nothing else is said.
    Occupied(Span),
    /// The onlooker's own booking.
    Own(T),
    /// The owner's staff see what it is.
    Known(T),
}

/// What an onlooker sees within a window, by start: the owner's staff (`staff`) everything; others their own bookings, and the rest as
/// [`occupied`].
#[must_use]
pub fn seen_by<T>(staff: bool, taken: Vec<Taken<T>>, window: Span, now: Instant, horizon_days: i64) -> Vec<Seen<T>> {
    let others: Vec<Span> = taken.iter().filter(|t| !staff && !t.mine).map(|t| t.span).collect();
    let mut seen: Vec<(Span, Seen<T>)> =
        occupied(&others, now, horizon_days).into_iter().filter_map(|span| span.clipped(window)).map(|span| (span, Seen::Occupied(span))).collect();
    seen.extend(taken.into_iter().filter(|t| staff || t.mine).map(|t| (t.span, if t.mine { Seen::Own(t.slot) } else { Seen::Known(t.slot) })));
    seen.sort_by_key(|(span, _)| *span);
    seen.into_iter().map(|(_, what)| what).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(from: &str, to: &str) -> Span {
        Span::new(Instant::parse_local(from).unwrap(), Instant::parse_local(to).unwrap())
    }

    #[test]
    fn outsiders_see_touching_slots_as_one_and_nothing_of_yesterday() {
        let taken = [
            span("2026-10-11T20:00", "2026-10-12T09:00"),
            span("2026-10-12T09:00", "2026-10-12T11:00"),
            span("2026-10-13T09:00", "2026-10-13T10:00"),
            span("2026-12-31T09:00", "2026-12-31T10:00"),
        ];
        let now = Instant::parse_local("2026-10-12T10:00").unwrap();
        assert_eq!(occupied(&taken, now, 60), [span("2026-10-12T00:00", "2026-10-12T11:00"), span("2026-10-13T09:00", "2026-10-13T10:00")]);
    }

    #[test]
    fn everybody_sees_their_own_bookings_and_staff_see_all() {
        let (first, own) = (span("2026-10-13T09:00", "2026-10-13T10:00"), span("2026-10-13T10:00", "2026-10-13T11:00"));
        let last = span("2026-10-13T11:00", "2026-10-13T12:00");
        let now = Instant::parse_local("2026-10-12T10:00").unwrap();
        let window = span("2026-10-13T00:00", "2026-10-13T11:30");
        let look = |staff, mine| {
            seen_by(
                staff,
                vec![Taken { span: first, mine: false, slot: 1 }, Taken { span: own, mine, slot: 2 }, Taken { span: last, mine: false, slot: 3 }],
                window,
                now,
                60,
            )
        };
        assert_eq!(look(false, false), [Seen::Occupied(span("2026-10-13T09:00", "2026-10-13T11:30"))]);
        assert_eq!(look(false, true), [Seen::Occupied(first), Seen::Own(2), Seen::Occupied(span("2026-10-13T11:00", "2026-10-13T11:30"))]);
        assert_eq!(look(true, false), [Seen::Known(1), Seen::Known(2), Seen::Known(3)]);
    }

    #[test]
    fn staff_make_no_bookings_and_no_slots_backwards() {
        let fields = |found: Vec<Violation>| found.into_iter().map(|v| v.field).collect::<Vec<_>>();
        let backwards = span("2026-10-12T11:00", "2026-10-12T11:00");
        assert_eq!(fields(violations(SlotKind::Booking, backwards, "\u{0}")), ["kind", "ends_at", "note"]);
        assert_eq!(violations(SlotKind::Fault, span("2026-10-12T11:00", "2026-10-12T12:10"), "漏水"), []);
    }
}
