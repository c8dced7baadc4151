//! The worked examples of `tests/data/booking.toml`, and what must hold for every request.

use super::*;
use crate::base::time::Day;
use crate::domain::calendar::tests::shipped;
use crate::domain::calendar::{Calendar, CalendarDay, DayKind};
use crate::domain::instruments::{Audience, Holidays, Mode, OpeningHours, OpeningItem, Policy, Price, PriceUnit, State as Listed};
use crate::domain::refusals::Violation;
use crate::domain::slots::Timetable;

const PRICE: Price = Price { unit: PriceUnit::Hour, audience: Audience::External, amount_fen: 10_000, mode: None, valid_from: None, valid_to: None };

fn at(text: &str) -> Instant {
    Instant::parse_local(text).unwrap_or_else(|| Instant::parse(text).unwrap())
}

fn span_of(value: &toml::Value) -> Span {
    Span::new(at(value[0].as_str().unwrap()), at(value[1].as_str().unwrap()))
}

fn spans_of(value: Option<&toml::Value>) -> Vec<Span> {
    value.and_then(toml::Value::as_array).map(|all| all.iter().map(span_of).collect()).unwrap_or_default()
}

/// Everything a case may set, over the defaults of the file.
struct Case {
    now: Instant,
    policy: Policy,
    hours: OpeningHours,
    calendar: Calendar,
    taken: Vec<Span>,
}

impl Case {
    fn read(case: &toml::Table) -> Self {
        let mut policy = toml::Table::try_from(Policy::default()).unwrap();
        policy.extend(case.get("policy").and_then(toml::Value::as_table).cloned().unwrap_or_default());
        let items: Option<Vec<OpeningItem>> = case.get("opening").map(|items| items.clone().try_into().unwrap());
        let holidays = case.get("holidays").map_or(Holidays::Closed, |word| Holidays::parse(word.as_str().unwrap()).unwrap());
        let hours = items.map_or_else(|| OpeningHours { holidays, ..OpeningHours::default() }, |items| OpeningHours::read(&items, holidays).unwrap());
        Self {
            now: at(case.get("now").map_or("2026-10-12T10:00", |now| now.as_str().unwrap())),
            policy: policy.try_into().unwrap(),
            hours,
            calendar: Self::calendar(case),
            taken: spans_of(case.get("taken")),
        }
    }

    fn calendar(case: &toml::Table) -> Calendar {
        let Some(rows) = case.get("calendar").and_then(toml::Value::as_array) else { return shipped() };
        Calendar::new(rows.iter().map(|row| CalendarDay {
            day: Day::parse(row["day"].as_str().unwrap()).unwrap(),
            kind: DayKind::parse(row["kind"].as_str().unwrap()).unwrap(),
            open_as: row.get("open_as").and_then(toml::Value::as_integer),
        }))
    }

    fn bookable(&self) -> Bookable<'_> {
        let timetable = Timetable { policy: &self.policy, hours: &self.hours, calendar: &self.calendar, taken: &self.taken };
        Bookable { state: Listed::Published, modes: &[Mode::SelfService], prices: &[PRICE], audience: Audience::External, timetable }
    }
}

fn check_request(name: &str, case: &toml::Table, span: Span) {
    let facts = Case::read(case);
    let (bookable, request) = (facts.bookable(), Request { span, mode: Mode::SelfService });
    let mut codes: Vec<&str> = bookable.judge(request, facts.now).into_iter().map(|v| v.code).collect();
    codes.sort_unstable();
    let mut expected: Vec<&str> = case.get("refused").and_then(toml::Value::as_array).into_iter().flatten().map(|c| c.as_str().unwrap()).collect();
    expected.sort_unstable();
    assert_eq!(codes, expected, "{name}");
    let expect = case.get("expect").and_then(toml::Value::as_table);
    if let Some(fen) = expect.and_then(|e| e.get("fee_fen")) {
        assert_eq!(bookable.quote(request), fen.as_integer(), "{name}");
    }
    if let Some(starts) = expect.and_then(|e| e.get("starts_at")) {
        assert_eq!(span.starts_at.to_string(), starts.as_str().unwrap(), "{name}");
    }
    let alternatives = bookable.alternatives(request, facts.now);
    for wanted in spans_of(case.get("alternatives_include")) {
        assert!(alternatives.contains(&wanted), "{name}: {alternatives:?}");
    }
}

fn check_booked(name: &str, case: &toml::Table, span: Span) {
    let facts = Case::read(case);
    let quote = facts.bookable().quote(Request { span, mode: Mode::SelfService }).unwrap();
    for cancel in case.get("cancels").and_then(toml::Value::as_array).into_iter().flatten() {
        let now = at(cancel["at"].as_str().unwrap());
        assert_eq!(Some(cancel_fee(true, State::Confirmed, quote, span.starts_at, &facts.policy, now)), cancel["fee_fen"].as_integer(), "{name} {now}");
    }
    if let Some(run) = case.get("job_runs_at") {
        let no_show_at = deadlines::no_show_at(span.starts_at, &facts.policy);
        let known = Facts { span, answer_due_at: None, no_show_at, undo_until: None, used: false, statement: None };
        let state = next(State::Confirmed, BookingVerb::MissStart, &known, at(run.as_str().unwrap())).unwrap();
        assert_eq!(Some(state.as_str()), case["expect"]["state"].as_str(), "{name}");
    }
}

#[test]
fn the_worked_examples_come_out_as_written() {
    let file: toml::Table = include_str!("../../../tests/data/booking.toml").parse().unwrap();
    let cases = file["case"].as_array().unwrap();
    assert_eq!(cases.len(), 14);
    for case in cases.iter().map(|case| case.as_table().unwrap()) {
        let name = case["name"].as_str().unwrap();
        if let Some(request) = case.get("request").or_else(|| case.get("request_rfc3339")) {
            check_request(name, case, span_of(request));
        } else if let Some(booked) = case.get("booked") {
            check_booked(name, case, span_of(booked));
        } else {
            let due = shipped().add_working_hours(at(case["asked_at"].as_str().unwrap()), case["working_hours"].as_integer().unwrap());
            assert_eq!(Some(due.to_string().as_str()), case["expect"]["due_at"].as_str(), "{name}");
        }
    }
}

fn facts_of(violation: &Violation) -> Vec<(&str, &str)> {
    violation.facts.iter().map(|(name, value)| (*name, value.as_str())).collect()
}

#[test]
fn a_refusal_carries_the_facts_to_mend_it() {
    let taken = vec![Span::new(at("2026-10-13T13:00"), at("2026-10-13T15:00")), Span::new(at("2026-10-13T15:00"), at("2026-10-13T17:00"))];
    let policy = Policy { buffer_minutes: 30, ..Policy::default() };
    let case = Case { now: at("2026-10-12T09:40"), policy, hours: OpeningHours::default(), calendar: shipped(), taken };
    let request = Request { span: Span::new(at("2026-10-13T09:10"), at("2026-10-13T14:10")), mode: Mode::SelfService };
    let found = case.bookable().judge(request, case.now);
    let codes: Vec<_> = found.iter().map(|v| v.code).collect();
    assert_eq!(codes, ["off_grid", "slot_taken", "short_notice"]);
    assert_eq!(facts_of(&found[0])[3..], [("near_starts_at", "2026-10-13T09:00:00+08:00"), ("near_ends_at", "2026-10-13T14:00:00+08:00")]);
    assert_eq!(
        facts_of(&found[1]),
        [("buffer", "some"), ("buffer_minutes", "30"), ("taken_starts_at", "2026-10-13T13:00:00+08:00"), ("taken_ends_at", "2026-10-13T17:00:00+08:00")]
    );
    assert_eq!(facts_of(&found[2])[2], ("earliest_at", "2026-10-13T10:00:00+08:00"));
    let near: Vec<String> = case.bookable().alternatives(request, case.now).iter().map(|span| span.starts_at.to_string()).collect();
    assert_eq!(near, ["2026-10-14T08:30:00+08:00", "2026-10-14T09:00:00+08:00", "2026-10-14T09:30:00+08:00"]);
}

#[test]
fn what_is_not_on_offer_is_named_beside_the_time() {
    let case = Case::read(&toml::Table::new());
    let request = Request { span: Span::new(at("2026-10-11T09:00"), at("2026-10-11T10:00")), mode: Mode::Operator };
    let codes = |bookable: Bookable| bookable.judge(request, case.now).into_iter().map(|v| v.code).collect::<Vec<_>>();
    let time = ["outside_opening_hours", "in_the_past"];
    assert_eq!(codes(case.bookable()), [time[0], time[1], "mode_not_offered"]);
    let bare = Bookable { state: Listed::Suspended, prices: &[], ..case.bookable() };
    assert_eq!(codes(bare), [time[0], time[1], "not_published", "mode_not_offered", "no_price"]);
    assert_eq!(bare.alternatives(request, case.now), []);
    let backwards = Request { span: Span::new(case.now, case.now), mode: Mode::SelfService };
    assert_eq!(case.bookable().judge(backwards, case.now).len(), 1);
}

#[test]
fn the_next_free_start_is_found_behind_a_full_week() {
    let taken = vec![Span::new(at("2026-10-12T00:00"), at("2026-11-05T16:00"))];
    let case = Case { taken, ..Case::read(&toml::Table::new()) };
    assert_eq!(case.bookable().timetable.next_free(case.now), Some(at("2026-11-05T16:00")));
    let full = Case { taken: vec![Span::new(at("2026-10-12T00:00"), at("2027-11-05T16:00"))], ..case };
    assert_eq!(full.bookable().timetable.next_free(full.now), None);
}

fn policies() -> impl proptest::strategy::Strategy<Value = Policy> {
    use proptest::prelude::*;
    let grids = prop::sample::select(vec![1_i64, 15, 30, 60, 90, 120, 480]);
    (grids, 1_i64..4, 1_i64..8, 0_i64..3000, 1_i64..20, prop::sample::select(vec![0_i64, 10, 30, 45])).prop_map(
        |(grid, least, more, notice, horizon, buffer)| Policy {
            grid_minutes: grid,
            min_minutes: (grid * least).min(600),
            max_minutes: (grid * (least + more)).max(600),
            notice_minutes: notice,
            horizon_days: horizon,
            buffer_minutes: buffer,
            ..Policy::default()
        },
    )
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]

    #[test]
    fn alternatives_obey_every_rule_and_none_nearer_is_left_out(
        policy in policies(),
        always in proptest::prelude::any::<bool>(),
        taken in proptest::collection::vec((0_i64..30_000, 1_i64..3000), 0..8),
        start in -1000_i64..25_000,
        minutes in 1_i64..700,
    ) {
        let now = at("2026-10-09T16:07");
        let taken = taken.into_iter().map(|(from, n)| Span::new(now.plus(from * 60), now.plus((from + n) * 60))).collect();
        let hours = if always { OpeningHours::always() } else { OpeningHours::default() };
        let case = Case { now, policy, hours, calendar: shipped(), taken };
        let bookable = case.bookable();
        let request = Request { span: Span::new(now.plus(start * 60), now.plus((start + minutes) * 60)), mode: Mode::SelfService };
        let found = bookable.alternatives(request, now);
        let fine = |at: Instant| bookable.judge(Request { span: Span::new(at, at.plus(minutes * 60)), ..request }, now).is_empty();
        let mut all: Vec<Instant> = Vec::new();
        // Every start of the grid, the slow way; a grid of one minute would take too long.
        if policy.grid_minutes >= 15 && minutes % policy.grid_minutes == 0 {
            let base = request.span.starts_at;
            let mut start = bookable.timetable.grid_ceil(base.plus(-7 * 86_400));
            while start <= base.plus(7 * 86_400) {
                if fine(start) { all.push(start); }
                start = start.plus(policy.grid_seconds());
            }
            all.sort_by_key(|at| ((at.0 - base.0).abs(), at.0));
            all.truncate(3);
            proptest::prop_assert_eq!(found.iter().map(|s| s.starts_at).collect::<Vec<_>>(), all);
        } else {
            proptest::prop_assert!(found.iter().all(|s| fine(s.starts_at)));
        }
    }

    #[test]
    fn every_booking_inside_a_free_span_breaks_no_rule(
        policy in policies(),
        taken in proptest::collection::vec((0_i64..30_000, 1_i64..3000), 0..8),
        from in -1000_i64..25_000,
        length in 0_i64..20_000,
        minutes in 0_i64..500,
    ) {
        let now = at("2026-10-09T16:07");
        let taken = taken.into_iter().map(|(from, n)| Span::new(now.plus(from * 60), now.plus((from + n) * 60))).collect();
        let case = Case { now, policy, hours: OpeningHours::always(), calendar: shipped(), taken };
        let bookable = case.bookable();
        let window = Span::new(now.plus(from * 60), now.plus((from + length) * 60));
        let free = bookable.timetable.free_spans(window, minutes, now);
        if let Some(needed) = bookable.timetable.needed_seconds(minutes) {
            for span in &free {
                proptest::prop_assert!(span.clipped(window) == Some(*span));
                for starts_at in [span.starts_at, span.ends_at.plus(-needed)] {
                    let request = Request { span: Span::new(starts_at, starts_at.plus(needed)), mode: Mode::SelfService };
                    proptest::prop_assert_eq!(bookable.judge(request, now), []);
                }
            }
        } else {
            proptest::prop_assert!(free.is_empty());
        }
    }
}
