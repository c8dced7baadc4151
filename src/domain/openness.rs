//! Openness (开放共享): effective, external and down hours out of segments, and the ratios made of them (rules.md section 6).
//!
//! Everything is counted in seconds of unions, clipped to the period, so that a second counts once. Beside: [`period`], [`institution`]
//! (figures of many instruments), [`score`] (schemes and grades), [`digest`] (what anyone can compute again).

#[cfg(test)]
mod cases;
pub mod digest;
pub mod institution;
pub mod period;
pub mod score;
pub mod week;

pub use digest::{InputDigest, canonical, pseudonym};
pub use institution::{InstitutionFigures, median, ninetieth, totals};
pub use period::Period;
pub use score::{Indicator, Scheme, Score};

use std::collections::BTreeMap;

use crate::base::money::div_half_up;
use crate::base::time::{Day, HOUR, Span};
use crate::domain::spans::{covered_seconds, seconds_within, union};
use crate::domain::usage::{Phase, Source};

/// A live segment as far as hours need it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// What the machine was doing.
    pub phase: Phase,
    /// When.
    pub span: Span,
    /// How it is known.
    pub source: Source,
    /// The organisation, where the use counts as external (`usage::is_external`).
    pub external_uscc: Option<String>,
}

/// Hours of one instrument within a window, in seconds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Figures {
    /// E 有效机时: union of startup, run and postprocess.
    pub effective_seconds: i64,
    /// X 对外服务机时: union of those that count as external; never above E.
    pub external_seconds: i64,
    /// D: union of maintenance and fault.
    pub down_seconds: i64,
    /// E by source, a union for each; together they may exceed E.
    pub by_source: BTreeMap<Source, i64>,
    /// X by organisation, a union for each.
    pub by_user: BTreeMap<String, i64>,
}

impl Figures {
    /// The figures of a window out of the segments that touch it; voided ones must be left out.
    #[must_use]
    pub fn of(window: Span, pieces: &[Piece]) -> Self {
        let clip = |keep: &dyn Fn(&Piece) -> bool| covered_seconds(pieces.iter().filter(|piece| keep(piece)).filter_map(|piece| piece.span.clipped(window)));
        let effective: Vec<&Piece> = pieces.iter().filter(|piece| piece.phase.is_effective() && piece.span.overlaps(window)).collect();
        let mut by_source: BTreeMap<Source, Vec<Span>> = BTreeMap::new();
        let mut by_user: BTreeMap<String, Vec<Span>> = BTreeMap::new();
        for piece in effective {
            by_source.entry(piece.source).or_default().push(piece.span);
            if let Some(uscc) = &piece.external_uscc {
                by_user.entry(uscc.clone()).or_default().push(piece.span);
            }
        }
        Self {
            effective_seconds: clip(&|piece| piece.phase.is_effective()),
            external_seconds: clip(&|piece| piece.phase.is_effective() && piece.external_uscc.is_some()),
            down_seconds: clip(&|piece| piece.phase.is_down()),
            by_source: by_source.into_iter().map(|(source, spans)| (source, seconds_within(&union(spans), window))).collect(),
            by_user: by_user.into_iter().map(|(uscc, spans)| (uscc, seconds_within(&union(spans), window))).collect(),
        }
    }

    /// Adds the figures of another day of the same instrument.
    pub fn add(&mut self, other: &Self) {
        self.effective_seconds += other.effective_seconds;
        self.external_seconds += other.external_seconds;
        self.down_seconds += other.down_seconds;
        for (source, seconds) in &other.by_source {
            *self.by_source.entry(*source).or_default() += seconds;
        }
        for (uscc, seconds) in &other.by_user {
            *self.by_user.entry(uscc.clone()).or_default() += seconds;
        }
    }

    /// 共享率 X / E, 0 when E is 0.
    #[must_use]
    pub fn sharing(&self) -> f64 {
        ratio(self.external_seconds, self.effective_seconds).unwrap_or(0.0)
    }

    /// 利用率 E / R, raw; `None` when R is 0.
    #[must_use]
    pub fn utilisation(&self, rated_seconds: i64) -> Option<f64> {
        ratio(self.effective_seconds, rated_seconds)
    }
}

/// R 额定机时: over the days of the period with `commissioned_on <= day < retired_on`, of rated hours x 3600 / days of that year, rounded
/// half up to the second at the end. Days of suspension and those to come count.
#[must_use]
pub fn rated_seconds(period: Period, commissioned_on: Day, retired_on: Option<Day>, rated_hours: i64) -> i64 {
    rated_seconds_of_days(period, period.days_between(commissioned_on, retired_on), rated_hours)
}

/// R of so many days in service within a period, for an instrument that was in service, or whose, in several stretches.
#[must_use]
pub fn rated_seconds_of_days(period: Period, days: i64, rated_hours: i64) -> i64 {
    // A period never leaves its year, so that one division is exact.
    div_half_up(i128::from(days) * i128::from(rated_hours.max(0)) * i128::from(HOUR), i128::from(period.days_of_year()))
}

/// A ratio with six decimals, rounded half up; `None` when the denominator is 0.
#[must_use]
pub fn ratio(numerator: i64, denominator: i64) -> Option<f64> {
    #[expect(clippy::cast_precision_loss, reason = "millionths of ratios are far below 2^52")]
    (denominator > 0).then(|| div_half_up(i128::from(numerator.max(0)) * 1_000_000, i128::from(denominator)) as f64 / 1e6)
}

/// A number rounded to six decimals.
#[must_use]
pub fn rounded(value: f64) -> f64 {
    (value * 1e6).round() / 1e6
}

/// Below this many organisations the public sees no external figure.
pub const FEWEST_USERS: usize = 3;

/// Whether external figures are withheld from the public (`suppressed`): fewer than three organisations stand behind them.
#[must_use]
pub const fn is_suppressed(users: usize) -> bool {
    users < FEWEST_USERS
}
