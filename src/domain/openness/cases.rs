//! The worked examples of `tests/data/openness.toml`, and what must hold for any segments.

use proptest::prelude::*;

use super::institution::InstrumentFigures;
use super::score::Cut;
use super::*;
use crate::base::time::Instant;
use crate::domain::usage::is_external;
use crate::domain::vouchers::PurposeKind;

fn file() -> toml::Table {
    include_str!("../../../tests/data/openness.toml").parse().unwrap()
}

fn text<'a>(table: &'a toml::Value, key: &str) -> Option<&'a str> {
    table.get(key).and_then(toml::Value::as_str)
}

fn piece(segment: &toml::Value) -> Piece {
    let at = |key| Instant::parse_local(text(segment, key).unwrap()).unwrap();
    let uscc = text(segment, "organisation").filter(|word| *word != "internal");
    let purpose = text(segment, "purpose_kind").map_or(PurposeKind::Research, |word| PurposeKind::parse(word).unwrap());
    let external = is_external(uscc, "owner", uscc == Some("related"), purpose);
    Piece {
        phase: Phase::parse(text(segment, "phase").unwrap()).unwrap(),
        span: Span::new(at("from"), at("to")),
        source: Source::Agent,
        external_uscc: uscc.filter(|_| external).map(str::to_owned),
    }
}

#[test]
fn the_worked_examples_come_out_as_written() {
    for case in file()["case"].as_array().unwrap() {
        let name = text(case, "name").unwrap();
        let period = Period::parse(text(case, "period").unwrap()).unwrap();
        let live = case["segments"].as_array().unwrap().iter().filter(|segment| segment.get("voided").is_none());
        let pieces: Vec<Piece> = live.map(piece).collect();
        let figures = Figures::of(period.span(), &pieces);
        let commissioned_on = text(case, "commissioned_on").map_or(Day::new(2020, 1, 1), Day::parse).unwrap();
        let rated_hours = case.get("rated_hours").and_then(toml::Value::as_integer).unwrap_or(1600);
        let rated = rated_seconds(period, commissioned_on, None, rated_hours);
        let expect = case["expect"].as_table().unwrap();
        let seconds = [("E", figures.effective_seconds), ("X", figures.external_seconds), ("D", figures.down_seconds), ("R", rated)];
        for (key, got) in seconds.into_iter().filter(|(key, _)| expect.contains_key(*key)) {
            assert_eq!(Some(got), expect[key].as_integer(), "{name}: {key}");
        }
        for (key, got) in [("sharing", Some(figures.sharing())), ("utilisation", figures.utilisation(rated))] {
            if let Some(expected) = expect.get(key) {
                assert_eq!(got, expected.as_float(), "{name}: {key}");
            }
        }
        let mut by_day = Figures::default();
        for day in period.days() {
            by_day.add(&Figures::of(day.span(), &pieces));
        }
        by_day.by_user.retain(|_, seconds| *seconds > 0);
        assert_eq!(by_day, figures, "{name}: the days sum to the period");
    }
}

#[test]
fn pooled_and_mean_of_ratios_come_out_as_written() {
    let case = &file()["institution"][0];
    let of = |i: &toml::Value, key: &str| i[key].as_integer().unwrap();
    let instruments: Vec<InstrumentFigures> = case["instruments"]
        .as_array()
        .unwrap()
        .iter()
        .map(|i| InstrumentFigures { effective_seconds: of(i, "E"), external_seconds: of(i, "X"), ..InstrumentFigures::default() })
        .collect();
    let (got, expect) = (totals(&instruments), &case["expect"]);
    assert_eq!(Some(got.sharing_pooled), expect["sharing_pooled"].as_float());
    assert_eq!(got.sharing_mean, expect["sharing_mean"].as_float());
    assert_eq!(got.mean_effective_seconds, expect["mean_effective_seconds"].as_integer());
    assert_eq!(got.mean_external_seconds, expect["mean_external_seconds"].as_integer());
}

#[test]
fn the_score_comes_out_as_written_and_the_shipped_scheme_is_that_of_the_case() {
    let case = &file()["score"][0];
    let number = |i: &toml::Value, key: &str| i[key].as_float().unwrap_or_else(|| f64::from(i32::try_from(i[key].as_integer().unwrap()).unwrap()));
    let indicators = case["indicators"].as_array().unwrap();
    let read =
        |i: &toml::Value| Indicator { key: text(i, "key").unwrap().into(), weight: number(i, "weight"), floor: number(i, "floor"), full: number(i, "full") };
    let cuts = case["cuts"].as_table().unwrap();
    let scheme = Scheme {
        indicators: indicators.iter().map(read).collect(),
        cuts: ["优秀", "良好", "合格"].iter().map(|grade| Cut { grade: (*grade).into(), from: number(&case["cuts"], grade) }).collect(),
        ..Scheme::default()
    };
    assert_eq!((cuts.len(), &scheme), (3, &Scheme::default()));
    let score = scheme.score(|key| indicators.iter().find(|i| text(i, "key") == Some(key)).map(|i| number(i, "value"))).unwrap();
    assert_eq!((Some(score.score), Some(score.grade.as_str())), (case["expect"]["score"].as_float(), text(&case["expect"], "grade")));
    assert_eq!(score.points, [Some(30.0), Some(40.0), Some(0.0)]);
}

proptest! {
    #[test]
    fn external_never_exceeds_effective_and_days_sum_to_the_month(
        rows in proptest::collection::vec((0_usize..6, -100_000_i64..2_800_000, 1_i64..200_000, 0_usize..4), 0..20),
    ) {
        let month = Period::parse("2026-10").unwrap();
        let start = month.span().starts_at;
        let pieces: Vec<Piece> = rows
            .iter()
            .map(|(phase, from, length, user)| Piece {
                phase: Phase::ALL[*phase],
                span: Span::new(start.plus(*from), start.plus(from + length)),
                source: Source::ALL[*user],
                external_uscc: (*user > 0).then(|| user.to_string()),
            })
            .collect();
        let whole = Figures::of(month.span(), &pieces);
        let mut days = Figures::default();
        for day in month.days() {
            let figures = Figures::of(day.span(), &pieces);
            prop_assert!(figures.external_seconds <= figures.effective_seconds && figures.effective_seconds <= 86_400);
            days.add(&figures);
        }
        prop_assert_eq!(&days, &whole);
        prop_assert!((0.0..=1.0).contains(&whole.sharing()));
        prop_assert!(whole.by_source.values().sum::<i64>() >= whole.effective_seconds);
    }
}
