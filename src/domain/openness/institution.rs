//! Figures of many instruments together: pooled, and as means, which are two different numbers and so both are shown
//! (rules.md section 6).

use super::{ratio, rounded};
use crate::base::money::div_half_up;

/// What one instrument in service brings into the sum.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct InstrumentFigures {
    /// E.
    pub effective_seconds: i64,
    /// X.
    pub external_seconds: i64,
    /// D.
    pub down_seconds: i64,
    /// R.
    pub rated_seconds: i64,
}

/// The sums, and what follows from them. Ratios have six decimals.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct InstitutionFigures {
    /// n, instruments in service.
    pub instruments: i64,
    /// Sum of E.
    pub effective_seconds: i64,
    /// Sum of X.
    pub external_seconds: i64,
    /// Sum of D.
    pub down_seconds: i64,
    /// Sum of R.
    pub rated_seconds: i64,
    /// Sum X / sum E, 0 when sum E is 0.
    pub sharing_pooled: f64,
    /// Mean of X / E, where an instrument without hours counts 0; `None` without instruments.
    pub sharing_mean: Option<f64>,
    /// Sum E / sum R; `None` when sum R is 0.
    pub utilisation: Option<f64>,
    /// Sum E / n, rounded half up; `None` without instruments.
    pub mean_effective_seconds: Option<i64>,
    /// Sum X / n, rounded half up; `None` without instruments.
    pub mean_external_seconds: Option<i64>,
}

/// The figures of all instruments in service together.
#[must_use]
pub fn totals(instruments: &[InstrumentFigures]) -> InstitutionFigures {
    let count = i64::try_from(instruments.len()).unwrap_or(i64::MAX);
    let sum = |of: fn(&InstrumentFigures) -> i64| instruments.iter().map(of).sum::<i64>();
    let (effective_seconds, external_seconds) = (sum(|i| i.effective_seconds), sum(|i| i.external_seconds));
    let rated_seconds = sum(|i| i.rated_seconds);
    let mean = |total: i64| (count > 0).then(|| div_half_up(i128::from(total), i128::from(count)));
    #[expect(clippy::cast_precision_loss, reason = "seconds are far below 2^52")]
    let shares = instruments.iter().map(|i| if i.effective_seconds > 0 { i.external_seconds as f64 / i.effective_seconds as f64 } else { 0.0 });
    #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
    let sharing_mean = (count > 0).then(|| rounded(shares.sum::<f64>() / count as f64));
    InstitutionFigures {
        instruments: count,
        effective_seconds,
        external_seconds,
        down_seconds: sum(|i| i.down_seconds),
        rated_seconds,
        sharing_pooled: ratio(external_seconds, effective_seconds).unwrap_or(0.0),
        sharing_mean,
        utilisation: ratio(effective_seconds, rated_seconds),
        mean_effective_seconds: mean(effective_seconds),
        mean_external_seconds: mean(external_seconds),
    }
}

/// The median, of an even number of values the mean of the middle two, rounded half up; `None` without values.
#[must_use]
pub fn median(values: &[i64]) -> Option<i64> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    let middle = sorted.len() / 2;
    let upper = *sorted.get(middle)?;
    if sorted.len() % 2 == 1 {
        return Some(upper);
    }
    Some((sorted[middle - 1] + upper + 1).div_euclid(2))
}

/// The 90th percentile by nearest rank: the smallest value that at least nine in ten do not exceed; `None` without values.
#[must_use]
pub fn ninetieth(values: &[i64]) -> Option<i64> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    let rank = (sorted.len() * 9).div_ceil(10);
    sorted.get(rank.checked_sub(1)?).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_service_has_no_means() {
        let none = totals(&[]);
        assert_eq!((none.sharing_pooled, none.sharing_mean, none.utilisation, none.mean_effective_seconds), (0.0, None, None, None));
    }

    #[test]
    fn median_and_ninetieth_percentile() {
        assert_eq!((median(&[]), ninetieth(&[])), (None, None));
        assert_eq!((median(&[3, 1, 2]), median(&[4, 1, 2, 3])), (Some(2), Some(3)));
        let ten: Vec<i64> = (1..=10).rev().collect();
        assert_eq!((ninetieth(&ten), ninetieth(&[7]), ninetieth(&[1, 2, 3])), (Some(9), Some(7), Some(3)));
    }
}
