//! Claims (兑付申请): their life, and who may decide on them (rules.md section 4, points 5 to 7).
//!
//! Beside: [`filing`], what a claim must prove when it is filed; [`review`], flags and the draw. The money is moved by `vouchers::purse`.

pub mod filing;
pub mod review;

pub use filing::{Candidate, Filing, Split};
pub use review::{Flag, FlagRule, Severity, drawn, flags, needs_second};

use jiff::ToSpan as _;

use crate::base::ids::Id;
use crate::base::time::Instant;
use crate::domain::refusals::Refusal;
use crate::words;

words! {
    /// How far a claim is (兑付状态).
    pub enum State as "ClaimState" {
        /// 审核中.
        Filed = "filed",
        /// 退回补正.
        SentBack = "sent_back",
        /// 待复审: approved once, waits for another person.
        SecondReview = "second_review",
        /// 已通过: redeemed, to be paid.
        Approved = "approved",
        /// 已驳回.
        Rejected = "rejected",
        /// 已撤回.
        Withdrawn = "withdrawn",
        /// 已兑付.
        Paid = "paid",
        /// 已追回.
        ClawedBack = "clawed_back",
    }
}

impl State {
    /// Whether the claim keeps its bookings and its part of the invoice: neither rejected nor withdrawn.
    #[must_use]
    pub const fn is_live(self) -> bool {
        !matches!(self, Self::Rejected | Self::Withdrawn)
    }
}

words! {
    /// A step in a claim's life, as its history keeps it.
    pub enum Step {
        /// 提交: how it begins; never a line of the table.
        File = "file",
        /// 补正, by the enterprise.
        Answer = "answer",
        /// 撤回, by the enterprise.
        Withdraw = "withdraw",
        /// 初审通过.
        Approve = "approve",
        /// 复审通过.
        ApproveSecond = "approve_second",
        /// 驳回.
        Reject = "reject",
        /// 退回补正.
        SendBack = "send_back",
        /// 兑付: adds the bank reference.
        Pay = "pay",
        /// 追回.
        ClawBack = "claw_back",
    }
}

/// The step that approving means in a state: the second approval where one is waited for.
#[must_use]
pub const fn approval_in(state: State) -> Step {
    if matches!(state, State::SecondReview) { Step::ApproveSecond } else { Step::Approve }
}

/// The state after a step. `blocked`: an unresolved flag stops approval; `second`: a warning, or drawn ([`needs_second`]).
///
/// # Errors
/// `StateConflict`: `state` where the table has no such line, `blocked` for an approval that a flag stops.
pub fn next(state: State, step: Step, blocked: bool, second: bool) -> Result<State, Refusal> {
    use State as S;
    match (state, step) {
        (S::Filed, Step::Approve) | (S::SecondReview, Step::ApproveSecond) if blocked => Err(Refusal::StateConflict("blocked")),
        (S::Filed, Step::Approve) if second => Ok(S::SecondReview),
        (S::Filed, Step::Approve) | (S::SecondReview, Step::ApproveSecond) => Ok(S::Approved),
        (S::Filed | S::SecondReview, Step::Reject) => Ok(S::Rejected),
        (S::Filed | S::SecondReview, Step::SendBack) => Ok(S::SentBack),
        (S::SentBack, Step::Answer) => Ok(S::Filed),
        (S::Filed | S::SentBack, Step::Withdraw) => Ok(S::Withdrawn),
        (S::Approved, Step::Pay) => Ok(S::Paid),
        (S::Paid, Step::ClawBack) => Ok(S::ClawedBack),
        _ => Err(Refusal::StateConflict("state")),
    }
}

/// Why a person may not take a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FourEyes {
    /// They belong, or belonged within twelve months, to an organisation of the claim.
    OwnOrganisation,
    /// They have taken another step of the same claim.
    SamePerson,
}

impl From<FourEyes> for Refusal {
    fn from(reason: FourEyes) -> Self {
        match reason {
            FourEyes::OwnOrganisation => Self::StateConflict("own_organisation"),
            FourEyes::SamePerson => Self::StateConflict("four_eyes"),
        }
    }
}

/// From when on a membership still counts for four eyes at `now`: twelve months back.
#[must_use]
pub fn involved_since(now: Instant) -> Instant {
    now.local().checked_sub(1.year()).map_or(Instant(0), |then| Instant(then.timestamp().as_second()))
}

/// Whether a person may take a step of a claim, whatever membership they use. `involved`: they belong, or belonged within twelve
/// months, to the claim's enterprise or institution; `earlier`: who took which step before.
///
/// # Errors
/// Which rule of four eyes is in the way: nobody decides on a claim of their own organisation, nor takes two of first approval, second
/// approval and payment; and in `second_review` somebody else than the first approver decides, whatever the decision.
pub fn may_decide(state: State, step: Step, person_id: &str, involved: bool, earlier: &[(Step, Id)]) -> Result<(), FourEyes> {
    let counts = |step: Step| matches!(step, Step::Approve | Step::ApproveSecond | Step::Pay);
    if matches!(step, Step::File | Step::Answer | Step::Withdraw) {
        return Ok(());
    }
    if involved {
        return Err(FourEyes::OwnOrganisation);
    }
    let decides_second = state == State::SecondReview;
    let same = earlier.iter().any(|(before, person)| {
        let clashes = (counts(step) && *before != step) || (decides_second && *before == Step::Approve);
        person == person_id && counts(*before) && clashes
    });
    if same { Err(FourEyes::SamePerson) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_a_claim_has_these_lines_and_no_others() {
        use State::*;
        let lines = [
            (Filed, Step::Approve, Approved),
            (SecondReview, Step::ApproveSecond, Approved),
            (Filed, Step::Reject, Rejected),
            (SecondReview, Step::Reject, Rejected),
            (Filed, Step::SendBack, SentBack),
            (SecondReview, Step::SendBack, SentBack),
            (SentBack, Step::Answer, Filed),
            (Filed, Step::Withdraw, Withdrawn),
            (SentBack, Step::Withdraw, Withdrawn),
            (Approved, Step::Pay, Paid),
            (Paid, Step::ClawBack, ClawedBack),
        ];
        for state in State::ALL {
            for step in Step::ALL {
                let expected = lines.iter().find(|line| line.0 == *state && line.1 == *step).map(|line| line.2);
                assert_eq!(next(*state, *step, false, false).ok(), expected, "{state} {step}");
            }
        }
        assert_eq!(next(Filed, Step::Approve, false, true), Ok(SecondReview));
        assert_eq!(next(SecondReview, Step::ApproveSecond, false, true), Ok(Approved));
        assert_eq!(next(Filed, Step::Approve, true, true), Err(Refusal::StateConflict("blocked")));
        assert_eq!(next(Filed, Step::Reject, true, true), Ok(Rejected));
    }

    #[test]
    fn a_membership_counts_for_twelve_months() {
        let at = |text: &str| Instant::parse(text).unwrap();
        assert_eq!(involved_since(at("2028-02-29T10:00:00+08:00")), at("2027-02-28T10:00:00+08:00"));
    }

    #[test]
    fn four_eyes_are_persons() {
        let first = vec![(Step::File, "firm".to_owned()), (Step::Approve, "li".to_owned())];
        let may = |state, step, person| may_decide(state, step, person, false, &first);
        assert_eq!(may(State::SecondReview, Step::ApproveSecond, "li"), Err(FourEyes::SamePerson));
        assert_eq!(may(State::SecondReview, Step::Reject, "li"), Err(FourEyes::SamePerson));
        assert_eq!(may(State::SecondReview, Step::SendBack, "wang"), Ok(()));
        assert_eq!(may(State::Approved, Step::Pay, "li"), Err(FourEyes::SamePerson));
        assert_eq!(may(State::Approved, Step::Pay, "wang"), Ok(()));
        // Sent back and answered, the claim is approved for the first time again: that is the same step, not a second one.
        assert_eq!(may(State::Filed, Step::Approve, "li"), Ok(()));
        assert_eq!(may_decide(State::Filed, Step::Reject, "li", true, &[]), Err(FourEyes::OwnOrganisation));
    }
}
