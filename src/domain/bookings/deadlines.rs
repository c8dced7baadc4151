//! When the clock acts on a booking (rules.md section 3). Jobs ask "due before now", never "due at now".

use crate::base::time::{DAY, HOUR, Instant, MINUTE, Span};
use crate::domain::calendar::Calendar;
use crate::domain::instruments::policy::Policy;

/// How long before its start one may check in.
pub const CHECK_IN_EARLY_SECONDS: i64 = 30 * MINUTE;
/// How long after its end a use ends by itself.
pub const ENDS_BY_ITSELF_SECONDS: i64 = HOUR;
/// After how many days an undisputed statement counts as confirmed (*default*).
pub const CONFIRMS_BY_ITSELF_DAYS: i64 = 10;
/// Within how many working days a no-show can be undone.
pub const UNDO_WORKING_DAYS: i64 = 10;

/// When a request expires: its working hours are over, or its start is reached.
#[must_use]
pub fn answer_due_at(requested_at: Instant, starts_at: Instant, policy: &Policy, calendar: &Calendar) -> Instant {
    calendar.add_working_hours(requested_at, policy.approval_hours).min(starts_at)
}

/// From when one may check in; until the end.
#[must_use]
pub fn check_in_from(span: Span) -> Instant {
    span.starts_at.plus(-CHECK_IN_EARLY_SECONDS)
}

/// When a booking that nobody used becomes a no-show.
#[must_use]
pub fn no_show_at(starts_at: Instant, policy: &Policy) -> Instant {
    starts_at.plus(policy.no_show_minutes * MINUTE)
}

/// The instant before which a no-show can be undone: the end of the tenth working day after it.
#[must_use]
pub fn undo_until(missed_at: Instant, calendar: &Calendar) -> Instant {
    calendar.add_working_days(missed_at.day(), UNDO_WORKING_DAYS).end()
}

/// When a use that nobody checked out ends by itself.
#[must_use]
pub fn ends_by_itself_at(span: Span) -> Instant {
    span.ends_at.plus(ENDS_BY_ITSELF_SECONDS)
}

/// When an undisputed statement counts as confirmed.
#[must_use]
pub fn confirms_by_itself_at(issued_at: Instant) -> Instant {
    issued_at.plus(CONFIRMS_BY_ITSELF_DAYS * DAY)
}

/// Until when cancelling is free, that instant included.
#[must_use]
pub fn free_cancel_until(starts_at: Instant, policy: &Policy) -> Instant {
    starts_at.plus(-policy.free_cancel_minutes * MINUTE)
}

/// What remains of a booking's slot when its use, or the wait for it, ends at `now`: it ends then where that is earlier. `None`
/// when nothing of it has begun, so that the whole slot is freed.
#[must_use]
pub fn slot_after(span: Span, now: Instant) -> Option<Span> {
    span.clipped(Span::new(span.starts_at, now))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::calendar::tests::shipped;

    fn at(text: &str) -> Instant {
        Instant::parse_local(text).unwrap()
    }

    #[test]
    fn a_request_expires_after_its_working_hours_or_at_its_start() {
        let (calendar, policy) = (shipped(), Policy::default());
        let due = |starts| answer_due_at(at("2026-10-09T16:00"), at(starts), &policy, &calendar);
        assert_eq!(due("2026-10-20T09:00"), at("2026-10-12T16:00"));
        assert_eq!(due("2026-10-11T09:00"), at("2026-10-11T09:00"));
    }

    #[test]
    fn a_no_show_can_be_undone_to_the_end_of_the_tenth_working_day() {
        assert_eq!(undo_until(at("2026-09-30T10:00"), &shipped()), at("2026-10-21T00:00"));
    }

    #[test]
    fn a_slot_ends_with_the_use() {
        let span = Span::new(at("2026-10-12T09:00"), at("2026-10-12T11:00"));
        assert_eq!(slot_after(span, at("2026-10-12T10:10")).map(Span::seconds), Some(70 * MINUTE));
        assert_eq!(slot_after(span, at("2026-10-12T12:00")), Some(span));
        assert_eq!(slot_after(span, at("2026-10-12T08:45")), None);
    }
}
