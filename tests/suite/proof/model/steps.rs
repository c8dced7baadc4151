//! What can happen in a walk: numbers that are resolved against the state at hand, so that a shorter walk is still a walk.

use proptest::prelude::*;

#[derive(Debug, Clone)]
pub enum Step {
    /// `start`: half hours from the next full one.
    Book {
        firm: usize,
        instrument: usize,
        start: i64,
        halves: i64,
        voucher: usize,
        subsidised: bool,
    },
    /// `aim`: a booking for which the verb is right, else any.
    Act {
        verb: usize,
        booking: usize,
        by: usize,
        aim: bool,
        stale: bool,
    },
    /// A confirmed booking is used, stated and settled as most are.
    Serve {
        booking: usize,
        minutes: i64,
    },
    State {
        booking: usize,
        percent: Option<i64>,
        aim: bool,
    },
    Take {
        instrument: usize,
        start: i64,
        halves: i64,
    },
    Free {
        slot: usize,
    },
    Record {
        booking: Option<usize>,
        ago: i64,
        minutes: i64,
        phase: usize,
        own_token: bool,
        twice: bool,
    },
    Void {
        segment: usize,
    },
    File {
        firm: usize,
        from: usize,
        count: usize,
        percent: i64,
        invoice: usize,
        aim: bool,
    },
    Review {
        verb: usize,
        claim: usize,
        who: usize,
        aim: bool,
    },
    Grant {
        firm: usize,
        yuan: i64,
    },
    Return {
        firm: usize,
        yuan: i64,
    },
    Job {
        job: usize,
    },
    List {
        instrument: usize,
        publish: bool,
    },
    /// The clock goes on: by minutes, or to the next thing that is due.
    Wait {
        kind: usize,
        minutes: i64,
    },
    /// The last write that was done, sent again with its key.
    Again,
}

pub const VERBS: [&str; 8] = ["approve", "decline", "cancel", "check-in", "check-out", "undo-no-show", "dispute", "confirm"];
pub const REVIEWS: [&str; 11] = ["approve", "approve", "approve", "approve", "pay", "pay", "claw-back", "reject", "send-back", "answer", "withdraw"];
pub const JOBS: [&str; 4] = ["due", "voucher-lapse", "openness-rollup", "audit"];
pub const PHASES: [&str; 6] = ["startup", "run", "postprocess", "maintenance", "training", "fault"];
pub const VOUCHERS: [&str; 3] = ["none", "up_to", "required"];

fn often() -> impl Strategy<Value = bool> {
    prop::bool::weighted(0.8)
}

/// One step; common ones come more often.
pub fn step() -> impl Strategy<Value = Step> {
    let book = (0..3_usize, 0..3_usize, -1..40_i64, 1..18_i64, 0..4_usize, often()).prop_map(|(firm, instrument, start, halves, voucher, subsidised)| {
        // Mostly short ones, so that a day has room for several.
        let halves = if halves > 6 && start % 4 != 0 { 2 + halves % 4 } else { halves };
        Step::Book { firm, instrument, start, halves, voucher: voucher.min(3) % 3 + usize::from(voucher == 3), subsidised }
    });
    let act = (0..VERBS.len(), 0..64_usize, 0..5_usize, often(), prop::bool::weighted(0.05)).prop_map(|(verb, booking, by, aim, stale)| Step::Act {
        verb,
        booking,
        by,
        aim,
        stale,
    });
    let state = (0..64_usize, prop::option::weighted(0.3, 0..200_i64), often()).prop_map(|(booking, percent, aim)| Step::State { booking, percent, aim });
    let take = (0..3_usize, -20..40_i64, 1..12_i64).prop_map(|(instrument, start, halves)| Step::Take { instrument, start, halves });
    let record = (prop::option::weighted(0.9, 0..64_usize), 0..600_i64, 1..300_i64, 0..PHASES.len(), any::<bool>(), prop::bool::weighted(0.1))
        .prop_map(|(booking, ago, minutes, phase, own_token, twice)| Step::Record { booking, ago, minutes, phase, own_token, twice });
    let file = (0..3_usize, 0..32_usize, 1..4_usize, 0..130_i64, 0..8_usize, often()).prop_map(|(firm, from, count, percent, invoice, aim)| Step::File {
        firm,
        from,
        count,
        percent,
        invoice,
        aim,
    });
    let review = (0..REVIEWS.len(), 0..16_usize, 0..3_usize, often()).prop_map(|(verb, claim, who, aim)| Step::Review { verb, claim, who, aim });
    prop_oneof![
        26 => book,
        24 => act,
        8 => state,
        7 => (0..64_usize, 1..300_i64).prop_map(|(booking, minutes)| Step::Serve { booking, minutes }),
        3 => take,
        2 => (0..32_usize).prop_map(|slot| Step::Free { slot }),
        6 => record,
        2 => (0..32_usize).prop_map(|segment| Step::Void { segment }),
        16 => file,
        18 => review,
        2 => (0..3_usize, 0..900_i64).prop_map(|(firm, yuan)| Step::Grant { firm, yuan }),
        1 => (0..3_usize, 0..300_i64).prop_map(|(firm, yuan)| Step::Return { firm, yuan }),
        6 => (0..10_usize).prop_map(|job| Step::Job { job: job.saturating_sub(6) }),
        3 => (0..3_usize, prop::bool::weighted(0.85)).prop_map(|(instrument, publish)| Step::List { instrument, publish }),
        16 => (0..40_usize, 1..600_i64).prop_map(|(kind, minutes)| Step::Wait { kind, minutes }),
        3 => Just(Step::Again),
    ]
}
