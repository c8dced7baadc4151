//! Schemes of evaluation (考核方案): rated hours, indicators with scoring lines, grade cuts (rules.md section 6). All of it is data; a
//! version that was used never changes.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::rounded;

/// One indicator: 0 at `floor`, full at `full`, linear between.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Indicator {
    /// Which figure, such as `mean_effective_hours` or `sharing_pooled`.
    pub key: String,
    /// How many of the hundred points.
    pub weight: f64,
    /// Where points begin.
    pub floor: f64,
    /// Where all are had.
    pub full: f64,
}

impl Indicator {
    /// The part of the weight that a value earns, 0 to 1.
    #[must_use]
    pub fn earned(&self, value: f64) -> f64 {
        if self.full > self.floor { ((value - self.floor) / (self.full - self.floor)).clamp(0.0, 1.0) } else { f64::from(u8::from(value >= self.full)) }
    }
}

/// A grade, and the score from which it is given.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Cut {
    /// 优秀, 良好, 合格.
    pub grade: String,
    /// The lowest score.
    pub from: f64,
}

/// The terms of a scheme, one version.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Scheme {
    /// Its name, as reports cite it.
    pub name: String,
    /// Original value at or above which publicly funded instruments must be listed.
    pub threshold_fen: i64,
    /// Rated hours a year of every class that has none of its own.
    pub rated_hours: i64,
    /// Rated hours a year by major class (`01` to `15`).
    #[serde(default)]
    pub rated_hours_by_class: BTreeMap<String, i64>,
    /// What is scored.
    pub indicators: Vec<Indicator>,
    /// From the best grade down.
    pub cuts: Vec<Cut>,
    /// The grade below the last cut.
    pub lowest: String,
}

impl Default for Scheme {
    /// The shipped default: 1600 rated hours, threshold 300,000 yuan, the weights and lines of the `[score]` case (*default* data).
    fn default() -> Self {
        let indicator = |key: &str, weight, floor, full| Indicator { key: key.to_owned(), weight, floor, full };
        let cut = |grade: &str, from| Cut { grade: grade.to_owned(), from };
        Self {
            name: "default-2026".to_owned(),
            threshold_fen: 30_000_000,
            rated_hours: 1600,
            rated_hours_by_class: BTreeMap::new(),
            indicators: vec![
                indicator("mean_effective_hours", 40.0, 0.0, 1600.0),
                indicator("sharing_pooled", 40.0, 0.0, 0.25),
                indicator("on_time_listing_rate", 20.0, 0.5, 1.0),
            ],
            cuts: vec![cut("优秀", 90.0), cut("良好", 75.0), cut("合格", 60.0)],
            lowest: "较差".to_owned(),
        }
    }
}

/// The score of a whole year.
#[derive(Debug, Clone, PartialEq)]
pub struct Score {
    /// Of a hundred, with at most six decimals.
    pub score: f64,
    /// The grade.
    pub grade: String,
    /// The points of each indicator of the scheme, in its order; `None` where it has no value. Not scaled to a hundred.
    pub points: Vec<Option<f64>>,
}

impl Scheme {
    /// Rated hours a year of an instrument with this category code.
    #[must_use]
    pub fn rated_hours_of(&self, category_code: &str) -> i64 {
        category_code.get(..2).and_then(|class| self.rated_hours_by_class.get(class)).copied().unwrap_or(self.rated_hours)
    }

    /// The score of values by key. An indicator without a value leaves with its weight, and the rest is scaled to 100; `None` when
    /// nothing has a value.
    #[must_use]
    pub fn score(&self, value: impl Fn(&str) -> Option<f64>) -> Option<Score> {
        let points: Vec<Option<f64>> = self.indicators.iter().map(|i| value(&i.key).filter(|v| v.is_finite()).map(|v| i.weight * i.earned(v))).collect();
        let weight: f64 = self.indicators.iter().zip(&points).filter(|(_, points)| points.is_some()).map(|(indicator, _)| indicator.weight).sum();
        if weight <= 0.0 {
            return None;
        }
        let score = rounded(points.iter().flatten().sum::<f64>() * 100.0 / weight);
        Some(Score { score, grade: self.grade(score).to_owned(), points: points.into_iter().map(|points| points.map(rounded)).collect() })
    }

    /// The grade of a score.
    #[must_use]
    pub fn grade(&self, score: f64) -> &str {
        let reached = self.cuts.iter().filter(|cut| score >= cut.from);
        reached.max_by(|a, b| a.from.total_cmp(&b.from)).map_or(&self.lowest, |cut| &cut.grade)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_indicator_without_a_value_leaves_with_its_weight() {
        let scheme = Scheme::default();
        let score = scheme.score(|key| if key == "sharing_pooled" { Some(0.2) } else { None }).unwrap();
        assert_eq!((score.score, score.grade.as_str(), score.points), (80.0, "良好", vec![None, Some(32.0), None]));
        assert_eq!(scheme.score(|_| None), None);
    }

    #[test]
    fn grades_begin_at_their_cuts() {
        let scheme = Scheme::default();
        for (score, grade) in [(100.0, "优秀"), (90.0, "优秀"), (89.999_999, "良好"), (75.0, "良好"), (60.0, "合格"), (59.9, "较差"), (0.0, "较差")]
        {
            assert_eq!(scheme.grade(score), grade);
        }
    }

    #[test]
    fn classes_may_have_rated_hours_of_their_own() {
        let scheme = Scheme { rated_hours_by_class: [("01".to_owned(), 1400)].into(), ..Scheme::default() };
        assert_eq!((scheme.rated_hours_of("010200"), scheme.rated_hours_of("080000"), scheme.rated_hours_of("")), (1400, 1600, 1600));
    }

    #[test]
    fn a_line_without_slope_is_a_step() {
        let step = Indicator { key: String::new(), weight: 1.0, floor: 1.0, full: 1.0 };
        assert_eq!((step.earned(0.9), step.earned(1.0)), (0.0, 1.0));
    }
}
