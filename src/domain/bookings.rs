//! Bookings (预约): the life of one, as a table (rules.md section 3).
//!
//! Beside: [`judge`] (may this request stand, and what else would do), [`deadlines`] (when the clock acts), [`fees`] (what it costs).
//! Start with [`next`]; no other place may decide on a state.

#[cfg(test)]
mod cases;
pub mod deadlines;
pub mod fees;
pub mod judge;
pub mod sight;

pub use fees::{actual_fee, cancel_fee, fee, statement};
pub use judge::{Bookable, Request};
pub use sight::Parties;

use crate::base::time::{Instant, Span};
use crate::domain::refusals::Refusal;
use crate::words;

words! {
    /// How far a booking is (预约状态).
    pub enum State as "BookingState" {
        /// 待确认: waits for a manager.
        Requested = "requested",
        /// 已确认.
        Confirmed = "confirmed",
        /// 已谢绝.
        Declined = "declined",
        /// 已过期: nobody answered in time.
        Expired = "expired",
        /// 已取消.
        Cancelled = "cancelled",
        /// 使用中.
        InUse = "in_use",
        /// 未到场.
        NoShow = "no_show",
        /// 已完成: used; a statement may wait for confirmation.
        Completed = "completed",
        /// 已结算.
        Settled = "settled",
    }
}

impl State {
    /// Whether the booking stands, so that its instrument cannot retire: requested, confirmed or in use.
    #[must_use]
    pub const fn is_live(self) -> bool {
        matches!(self, Self::Requested | Self::Confirmed | Self::InUse)
    }

    /// Whether the booking is over and keeps no time and no voucher: declined, expired, cancelled, no-show.
    #[must_use]
    pub const fn is_void(self) -> bool {
        matches!(self, Self::Declined | Self::Expired | Self::Cancelled | Self::NoShow)
    }
}

words! {
    /// What can happen to a booking, as its history keeps it.
    pub enum BookingVerb {
        /// 预约: how it begins; never a line of the table.
        Book = "book",
        /// 同意, by a manager.
        Approve = "approve",
        /// 谢绝, by a manager.
        Decline = "decline",
        /// The clock: nobody answered.
        Expire = "expire",
        /// 取消, by either side.
        Cancel = "cancel",
        /// 签到上机.
        CheckIn = "check_in",
        /// The clock: nobody came.
        MissStart = "no_show",
        /// 撤销未到场, by a manager.
        UndoNoShow = "undo_no_show",
        /// A live usage segment with the booking's code has arrived.
        RecordUse = "record_use",
        /// 签退.
        CheckOut = "check_out",
        /// The clock: an hour after the end nobody has checked out.
        EndUse = "end_use",
        /// 出具结算单, also again.
        IssueStatement = "statement",
        /// 提出异议.
        Dispute = "dispute",
        /// 确认结算单.
        Confirm = "confirm",
        /// The clock: the statement stood undisputed for ten days.
        ConfirmByTime = "confirm_by_time",
    }
}

/// The statement that stands, as far as the table needs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Issued {
    /// When it was issued.
    pub issued_at: Instant,
    /// Whether it is disputed.
    pub disputed: bool,
}

/// What the table must know of a booking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Facts {
    /// The time that was booked.
    pub span: Span,
    /// When a request expires ([`deadlines::answer_due_at`]); only requests have it.
    pub answer_due_at: Option<Instant>,
    /// When it becomes a no-show ([`deadlines::no_show_at`]).
    pub no_show_at: Instant,
    /// Until when a no-show can be undone ([`deadlines::undo_until`]); only no-shows have it.
    pub undo_until: Option<Instant>,
    /// Checked in, or a live usage segment carries its code.
    pub used: bool,
    /// The newest statement.
    pub statement: Option<Issued>,
}

/// The state after `verb` at `now`: the table of rules.md section 3, line by line.
///
/// # Errors
/// `StateConflict` with a key that says what is in the way; `state` where the table has no such line.
#[expect(clippy::match_same_arms, reason = "each arm is a line of the table")]
pub fn next(state: State, verb: BookingVerb, facts: &Facts, now: Instant) -> Result<State, Refusal> {
    use BookingVerb as V;
    use State as S;
    let begun = now >= facts.span.starts_at;
    let over = now >= facts.span.ends_at;
    let overdue = facts.answer_due_at.is_some_and(|due_at| now >= due_at) || begun;
    let when = |fine: bool, to: State, why: &'static str| if fine { Ok(to) } else { Err(Refusal::StateConflict(why)) };
    match (state, verb) {
        (S::Requested, V::Approve) => when(!overdue, S::Confirmed, "too_late"),
        (S::Requested, V::Decline) => when(!overdue, S::Declined, "too_late"),
        (S::Requested, V::Expire) => when(overdue, S::Expired, "too_early"),
        (S::Requested | S::Confirmed, V::Cancel) => when(!begun, S::Cancelled, "already_started"),
        (S::Confirmed, V::CheckIn) if over => Err(Refusal::StateConflict("too_late")),
        (S::Confirmed, V::CheckIn) => when(now >= deadlines::check_in_from(facts.span), S::InUse, "too_early"),
        (S::Confirmed, V::MissStart) => when(now >= facts.no_show_at && !facts.used, S::NoShow, "too_early"),
        (S::NoShow, V::UndoNoShow) => when(facts.undo_until.is_none_or(|until| now < until), S::Completed, "too_late"),
        (S::NoShow, V::RecordUse) => Ok(S::Completed),
        (S::Requested | S::Confirmed | S::InUse | S::Completed, V::RecordUse) => Ok(state),
        (S::InUse, V::CheckOut) => Ok(S::Completed),
        (S::InUse, V::EndUse) => when(now >= deadlines::ends_by_itself_at(facts.span), S::Completed, "too_early"),
        (S::Completed, V::IssueStatement) => Ok(S::Completed),
        (S::Confirmed, V::IssueStatement) if !facts.used => Err(Refusal::StateConflict("not_used")),
        (S::Confirmed, V::IssueStatement) => when(over, S::Completed, "too_early"),
        (S::Completed, V::Dispute | V::Confirm | V::ConfirmByTime) => answered(verb, facts.statement, now),
        _ => Err(Refusal::StateConflict("state")),
    }
}

fn answered(verb: BookingVerb, statement: Option<Issued>, now: Instant) -> Result<State, Refusal> {
    match (statement, verb) {
        (None, _) => Err(Refusal::StateConflict("no_statement")),
        (Some(Issued { disputed: true, .. }), _) => Err(Refusal::StateConflict("statement_disputed")),
        (Some(_), BookingVerb::Dispute) => Ok(State::Completed),
        (Some(issued), BookingVerb::ConfirmByTime) if now < deadlines::confirms_by_itself_at(issued.issued_at) => Err(Refusal::StateConflict("too_early")),
        (Some(_), _) => Ok(State::Settled),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::time::{DAY, HOUR, MINUTE};

    const START: Instant = Instant(1_000_000_000);

    fn facts() -> Facts {
        let span = Span::new(START, START.plus(2 * HOUR));
        Facts {
            span,
            answer_due_at: Some(START.plus(-HOUR)),
            no_show_at: START.plus(HOUR),
            undo_until: Some(START.plus(10 * DAY)),
            used: false,
            statement: None,
        }
    }

    #[test]
    fn the_table_holds_at_its_edges() {
        use BookingVerb as V;
        use State as S;
        let used = Facts { used: true, ..facts() };
        let issued = |disputed| Facts { statement: Some(Issued { issued_at: START, disputed }), ..used };
        let end = 2 * HOUR;
        for (from, verb, facts, seconds, to) in [
            (S::Requested, V::Approve, facts(), -HOUR - 1, Ok(S::Confirmed)),
            (S::Requested, V::Approve, facts(), -HOUR, Err("too_late")),
            (S::Requested, V::Expire, facts(), -HOUR - 1, Err("too_early")),
            (S::Requested, V::Expire, facts(), -HOUR, Ok(S::Expired)),
            (S::Requested, V::Expire, Facts { answer_due_at: None, ..facts() }, 0, Ok(S::Expired)),
            (S::Confirmed, V::Approve, facts(), -DAY, Err("state")),
            (S::Confirmed, V::Cancel, facts(), -1, Ok(S::Cancelled)),
            (S::Confirmed, V::Cancel, facts(), 0, Err("already_started")),
            (S::InUse, V::Cancel, facts(), -1, Err("state")),
            (S::Confirmed, V::CheckIn, facts(), -30 * MINUTE - 1, Err("too_early")),
            (S::Confirmed, V::CheckIn, facts(), -30 * MINUTE, Ok(S::InUse)),
            (S::Confirmed, V::CheckIn, facts(), end - 1, Ok(S::InUse)),
            (S::Confirmed, V::CheckIn, facts(), end, Err("too_late")),
            (S::Requested, V::CheckIn, facts(), 0, Err("state")),
            (S::Confirmed, V::MissStart, facts(), HOUR - 1, Err("too_early")),
            (S::Confirmed, V::MissStart, facts(), HOUR, Ok(S::NoShow)),
            (S::Confirmed, V::MissStart, facts(), 300 * DAY, Ok(S::NoShow)),
            (S::Confirmed, V::MissStart, used, 300 * DAY, Err("too_early")),
            (S::NoShow, V::UndoNoShow, facts(), 10 * DAY - 1, Ok(S::Completed)),
            (S::NoShow, V::UndoNoShow, facts(), 10 * DAY, Err("too_late")),
            (S::NoShow, V::RecordUse, facts(), 300 * DAY, Ok(S::Completed)),
            (S::InUse, V::CheckOut, used, -MINUTE, Ok(S::Completed)),
            (S::InUse, V::EndUse, used, end + HOUR - 1, Err("too_early")),
            (S::InUse, V::EndUse, used, end + HOUR, Ok(S::Completed)),
            (S::Confirmed, V::IssueStatement, facts(), end, Err("not_used")),
            (S::Confirmed, V::IssueStatement, used, end - 1, Err("too_early")),
            (S::Confirmed, V::IssueStatement, used, end, Ok(S::Completed)),
            (S::InUse, V::IssueStatement, used, end, Err("state")),
            (S::Settled, V::IssueStatement, used, end, Err("state")),
            (S::Completed, V::Confirm, used, end, Err("no_statement")),
            (S::Completed, V::Confirm, issued(true), end, Err("statement_disputed")),
            (S::Completed, V::Confirm, issued(false), end, Ok(S::Settled)),
            (S::Completed, V::Dispute, issued(false), end, Ok(S::Completed)),
            (S::Completed, V::ConfirmByTime, issued(false), 10 * DAY - 1, Err("too_early")),
            (S::Completed, V::ConfirmByTime, issued(false), 10 * DAY, Ok(S::Settled)),
            (S::Completed, V::ConfirmByTime, issued(true), 30 * DAY, Err("statement_disputed")),
            (S::Settled, V::Dispute, issued(false), end, Err("state")),
        ] {
            assert_eq!(next(from, verb, &facts, START.plus(seconds)), to.map_err(Refusal::StateConflict), "{from} {verb:?} {seconds}");
        }
    }
}
