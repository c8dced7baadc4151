//! What a booking costs (机时费): the quote, the late-cancel fee, the actual fee and the statement. Rounded half up to the fen.

use super::State;
use super::deadlines::free_cancel_until;
use crate::base::money::div_half_up;
use crate::base::time::{Instant, Span};
use crate::domain::instruments::limited;
use crate::domain::instruments::policy::Policy;
use crate::domain::refusals::Violation;
use crate::domain::spans::covered_seconds;

/// The most that a statement may say, in fen: 10 billion yuan.
pub const MOST_STATEMENT_FEN: i64 = 1_000_000_000_000;

/// What machine time costs: `hourly price x seconds / 3600`.
#[must_use]
pub fn fee(hourly_fen: i64, seconds: i64) -> i64 {
    div_half_up(i128::from(hourly_fen.max(0)) * i128::from(seconds.max(0)), 3600)
}

/// The actual fee A: the quoted price over the union of the booking's startup, run and postprocess segments.
#[must_use]
pub fn actual_fee(hourly_fen: i64, segments: impl IntoIterator<Item = Span>) -> i64 {
    fee(hourly_fen, covered_seconds(segments))
}

/// What cancelling costs: percent of the quote, only where the enterprise itself cancels a confirmed booking later than the policy
/// allows for free. Exactly at the limit is still free. Never subsidised.
#[must_use]
pub fn cancel_fee(by_enterprise: bool, state: State, quote_fen: i64, starts_at: Instant, policy: &Policy, now: Instant) -> i64 {
    let late = now > free_cancel_until(starts_at, policy);
    if by_enterprise && state == State::Confirmed && late {
        div_half_up(i128::from(quote_fen.max(0)) * i128::from(policy.late_cancel_percent.max(0)), 100)
    } else {
        0
    }
}

/// The amount of a statement: what was asked for, else what use and price give (`recorded_fen`, `None` without recorded use).
///
/// # Errors
/// At `actual_fen`: needed without recorded use, or out of range. At `reason`: needed where the amount differs from the record, or
/// where there is none.
pub fn statement(actual_fen: Option<i64>, reason: &str, recorded_fen: Option<i64>) -> Result<i64, Vec<Violation>> {
    let mut found = Vec::new();
    let amount_fen = actual_fen.or(recorded_fen);
    match amount_fen {
        None => found.push(Violation::required("actual_fen")),
        Some(fen) if !(0..=MOST_STATEMENT_FEN).contains(&fen) => found.push(crate::domain::instruments::out_of_range("actual_fen", 0, MOST_STATEMENT_FEN)),
        Some(_) => {}
    }
    if amount_fen != recorded_fen || recorded_fen.is_none() {
        crate::domain::instruments::needed(&mut found, "reason", reason, 1000);
    } else {
        limited(&mut found, "reason", reason, 1000);
    }
    match amount_fen {
        Some(fen) if found.is_empty() => Ok(fen),
        _ => Err(found),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_a_fen_is_rounded_up_and_a_second_is_charged_once() {
        assert_eq!((fee(10_000, 1800), fee(1, 1800), fee(1, 1799)), (5_000, 1, 0));
        let span = |from, to| Span::new(Instant(from), Instant(to));
        assert_eq!(actual_fee(3600, [span(0, 100), span(50, 150)]), 150);
    }

    #[test]
    fn only_the_enterprises_own_late_cancelling_of_a_confirmed_booking_costs() {
        let policy = Policy { late_cancel_percent: 50, ..Policy::default() };
        let start = Instant(10 * 86_400);
        let cost = |mine, state, now| cancel_fee(mine, state, 20_001, start, &policy, Instant(now));
        assert_eq!(cost(true, State::Confirmed, 9 * 86_400), 0);
        assert_eq!(cost(true, State::Confirmed, 9 * 86_400 + 1), 10_001);
        assert_eq!(cost(false, State::Confirmed, 9 * 86_400 + 1), 0);
        assert_eq!(cost(true, State::Requested, 9 * 86_400 + 1), 0);
    }

    #[test]
    fn a_statement_that_differs_from_the_record_says_why() {
        let fields = |result: Result<i64, Vec<Violation>>| result.map_err(|found| found.into_iter().map(|v| v.field).collect::<Vec<_>>());
        assert_eq!(fields(statement(None, "", Some(500))), Ok(500));
        assert_eq!(fields(statement(Some(500), "", Some(500))), Ok(500));
        assert_eq!(fields(statement(Some(400), " ", Some(500))), Err(vec!["reason".into()]));
        assert_eq!(fields(statement(Some(400), "折扣", Some(500))), Ok(400));
        assert_eq!(fields(statement(None, "", None)), Err(vec!["actual_fen".into(), "reason".into()]));
        assert_eq!(fields(statement(Some(700), "按约定", None)), Ok(700));
        assert_eq!(fields(statement(Some(-1), "x", Some(500))), Err(vec!["actual_fen".into()]));
    }
}
