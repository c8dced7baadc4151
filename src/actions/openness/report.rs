//! Reports of openness: of an instrument, of an institution, of a region, in the words of rules.md section 6. Figures only; who may see them
//! is the entrance's to know.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use utoipa::ToSchema;

use super::super::Outcome;
use super::digest::Digests;
use super::sheet::{Entry, Sheet};
use crate::base::ids::Id;
use crate::base::time::{Day, HOUR, Instant};
use crate::domain::instruments::{State, must_be_listed};
use crate::domain::openness::institution::InstrumentFigures;
use crate::domain::openness::{Figures, Period, Scheme, median, ninetieth, rated_seconds_of_days, ratio, totals};
use crate::domain::roles::Side;
use crate::domain::usage::Source;
use crate::store::openness::Scope;
use crate::store::organisations::Party;
use crate::store::{self, AnyConnection};

/// The openness of one instrument in a period.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct InstrumentReport {
    /// The instrument.
    pub instrument_id: Id,
    /// `2026`, `2026-10` or `2026-10-05`.
    pub period: String,
    /// E 有效机时.
    pub effective_seconds: i64,
    /// X 对外服务机时.
    pub external_seconds: i64,
    /// D: maintenance and fault.
    pub down_seconds: i64,
    /// R 额定机时, pro rata by days in service.
    pub rated_seconds: i64,
    /// 利用率 E / R, raw.
    pub utilisation: Option<f64>,
    /// 共享率 X / E, 0 without E.
    pub sharing: f64,
    /// E by source; together they may exceed E.
    pub by_source: BTreeMap<Source, i64>,
    /// Distinct external organisations.
    pub users_served: i64,
    /// Settled statements of bookings that ended in the period.
    pub income_fen: i64,
}

/// One instrument in an institution's report.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Line {
    /// The instrument.
    pub instrument_id: Id,
    /// Its number there.
    pub number: String,
    /// Its name.
    pub name: String,
    /// Its class.
    pub category_code: String,
    /// Its state at the end of the period.
    pub state: State,
    /// Whether the scheme demands that it be listed.
    pub must_be_listed: bool,
    /// Its first publication.
    pub listed_on: Option<Day>,
    /// E.
    pub effective_seconds: i64,
    /// X.
    pub external_seconds: i64,
    /// D.
    pub down_seconds: i64,
    /// R.
    pub rated_seconds: i64,
    /// E / R, raw.
    pub utilisation: Option<f64>,
    /// X / E, 0 without E.
    pub sharing: f64,
    /// E by source.
    pub by_source: BTreeMap<Source, i64>,
    /// Distinct external organisations.
    pub users_served: i64,
    /// Settled statements of bookings that ended in the period.
    pub income_fen: i64,
}

/// Figures of an institution or a region.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Report {
    /// Of an institution.
    pub uscc: Option<String>,
    /// Its name.
    pub name: Option<String>,
    /// Where.
    pub region_code: String,
    /// `2026`, `2026-10` or `2026-10-05`.
    pub period: String,
    /// Instruments in service in the period.
    pub instruments: i64,
    /// Sum of E.
    pub effective_seconds: i64,
    /// Sum of X.
    pub external_seconds: i64,
    /// Sum of D.
    pub down_seconds: i64,
    /// Sum of R.
    pub rated_seconds: i64,
    /// Sum E / n.
    pub mean_effective_seconds: Option<i64>,
    /// Sum X / n.
    pub mean_external_seconds: Option<i64>,
    /// Sum X / sum E, 0 without E: not the same as `sharing_mean`.
    pub sharing_pooled: f64,
    /// Mean of X / E over the instruments.
    pub sharing_mean: Option<f64>,
    /// Sum E / sum R, raw.
    pub utilisation: Option<f64>,
    /// 开放率: of those that must be listed, published at the end of the period.
    pub open_rate: Option<f64>,
    /// 入网率: of those that must be listed, listed at least once.
    pub listing_rate: Option<f64>,
    /// 及时入网率: of those accepted in the period, listed within 30 working days.
    pub on_time_listing_rate: Option<f64>,
    /// E by source.
    pub by_source: BTreeMap<Source, i64>,
    /// Distinct external organisations.
    pub users_served: i64,
    /// Settled statements of bookings that ended in the period.
    pub income_fen: i64,
    /// Working seconds from request to answer, of the requests of the period that were answered: median.
    pub median_answer_seconds: Option<i64>,
    /// The same, 90th percentile.
    pub ninetieth_answer_seconds: Option<i64>,
    /// Of a hundred; whole years only.
    pub score: Option<f64>,
    /// 优秀 / 良好 / 合格 / 较差; whole years only.
    pub grade: Option<String>,
}

impl InstrumentReport {
    /// 共享率, which always has a value, as ratios are shown.
    #[must_use]
    pub const fn ratio(&self) -> Option<f64> {
        Some(self.sharing)
    }
}

impl Line {
    /// 共享率, which always has a value, as ratios are shown.
    #[must_use]
    pub const fn ratio(&self) -> Option<f64> {
        Some(self.sharing)
    }
}

impl Report {
    /// 合计共享率, which always has a value, as ratios are shown.
    #[must_use]
    pub const fn pooled(&self) -> Option<f64> {
        Some(self.sharing_pooled)
    }
}

/// A report with what makes it provable, and the lines below it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Whole<L> {
    /// The figures.
    #[serde(flatten)]
    pub report: Report,
    /// The terms of the scheme.
    pub scheme: Scheme,
    /// SHA-256 over the live segments of the period and the terms, as the export has them.
    pub input_digest: String,
    /// Instruments of an institution; institutions of a region.
    pub lines: Vec<L>,
}

/// The openness of one instrument. `region_code` is where its owner is, which names the scheme.
pub async fn instrument(conn: &mut AnyConnection, now: Instant, instrument_id: &str, region_code: &str, period: Period) -> Outcome<InstrumentReport> {
    let sheet = Sheet::load(conn, &Scope::Instrument(instrument_id.to_owned()), period, now).await?;
    Ok(of_instrument(&sheet, instrument_id, region_code))
}

/// The figures of the one instrument of a sheet. `region_code` is where its owner is, which names the scheme.
#[must_use]
pub fn of_instrument(sheet: &Sheet, instrument_id: &str, region_code: &str) -> InstrumentReport {
    let period = sheet.period;
    let scheme = sheet.schemes.of(region_code, period.last());
    let mut figures = Figures::default();
    sheet.hours.values().for_each(|other| figures.add(other));
    let days = sheet.entries.iter().map(|entry| entry.service_days).sum();
    let category_code = sheet.entries.first().map_or("", |entry| entry.category_code.as_str());
    let rated_seconds = rated_seconds_of_days(period, days, scheme.rated_hours_of(category_code));
    InstrumentReport {
        instrument_id: instrument_id.to_owned(),
        period: period.to_string(),
        effective_seconds: figures.effective_seconds,
        external_seconds: figures.external_seconds,
        down_seconds: figures.down_seconds,
        rated_seconds,
        utilisation: figures.utilisation(rated_seconds),
        sharing: figures.sharing(),
        users_served: count(figures.by_user.len()),
        income_fen: sheet.income.values().sum(),
        by_source: nonzero(figures.by_source),
    }
}

/// The openness of an institution, by instrument.
pub async fn institution(conn: &mut AnyConnection, known: &Digests, now: Instant, party: &Party, period: Period, salt: &str) -> Outcome<Whole<Line>> {
    let scope = Scope::Institution(party.id.clone());
    let sheet = Sheet::load(conn, &scope, period, now).await?;
    let scheme = sheet.schemes.of(&party.region_code, period.last());
    let input_digest = known.of(conn, &scope, period, salt, &scheme).await?;
    let lines = sheet.entries.iter().map(|entry| line(entry, period, &scheme)).collect();
    Ok(Whole { report: of_institution(&sheet, party, &scheme), scheme, input_digest, lines })
}

/// The openness of a region, by institution.
pub async fn city(conn: &mut AnyConnection, known: &Digests, now: Instant, region_code: &str, period: Period, salt: &str) -> Outcome<Whole<Report>> {
    let scope = Scope::Region(region_code.to_owned());
    let sheet = Sheet::load(conn, &scope, period, now).await?;
    let scheme = sheet.schemes.of(region_code, period.last());
    let input_digest = known.of(conn, &scope, period, salt, &scheme).await?;
    let lines = institutions(conn, &sheet).await?;
    Ok(Whole { report: of_region(&sheet, region_code, &scheme), scheme, input_digest, lines })
}

/// The figures of a region as one.
#[must_use]
pub fn of_region(sheet: &Sheet, region_code: &str, scheme: &Scheme) -> Report {
    let mut report = summary(sheet, None, scheme);
    region_code.clone_into(&mut report.region_code);
    report
}

/// The figures of an institution of a sheet.
#[must_use]
pub fn of_institution(sheet: &Sheet, party: &Party, scheme: &Scheme) -> Report {
    Report { uscc: Some(party.uscc.clone()), name: Some(party.name.clone()), region_code: party.region_code.clone(), ..summary(sheet, Some(&party.id), scheme) }
}

/// The institutions of a sheet that have instruments in service, by USCC, each under the scheme of its own place.
pub async fn institutions(conn: &mut AnyConnection, sheet: &Sheet) -> Outcome<Vec<Report>> {
    let present: BTreeSet<&Id> = sheet.entries.iter().map(|entry| &entry.institution_id).collect();
    let mut parties = store::organisations::list(conn, Some(Side::Institution)).await?;
    parties.retain(|party| present.contains(&party.id));
    parties.sort_by(|a, b| a.uscc.cmp(&b.uscc));
    Ok(parties.iter().map(|party| of_institution(sheet, party, &sheet.schemes.of(&party.region_code, sheet.period.last()))).collect())
}

/// One instrument of an institution.
#[must_use]
pub fn line(entry: &Entry, period: Period, scheme: &Scheme) -> Line {
    let rated_seconds = rated(entry, period, scheme);
    Line {
        instrument_id: entry.instrument_id.clone(),
        number: entry.number.clone(),
        name: entry.name.clone(),
        category_code: entry.category_code.clone(),
        state: entry.state,
        must_be_listed: counts(entry, scheme),
        listed_on: entry.listed_on,
        effective_seconds: entry.figures.effective_seconds,
        external_seconds: entry.figures.external_seconds,
        down_seconds: entry.figures.down_seconds,
        rated_seconds,
        utilisation: entry.figures.utilisation(rated_seconds),
        sharing: entry.figures.sharing(),
        by_source: nonzero(entry.figures.by_source.clone()),
        users_served: count(entry.figures.by_user.len()),
        income_fen: entry.income_fen,
    }
}

fn rated(entry: &Entry, period: Period, scheme: &Scheme) -> i64 {
    rated_seconds_of_days(period, entry.service_days, scheme.rated_hours_of(&entry.category_code))
}

/// Whether an instrument is one of those that must be listed at the end of the period.
fn counts(entry: &Entry, scheme: &Scheme) -> bool {
    entry.at_end && must_be_listed(entry.funding, entry.original_value_fen, scheme.threshold_fen)
}

fn summary(sheet: &Sheet, institution_id: Option<&Id>, scheme: &Scheme) -> Report {
    let here = |id: &Id| institution_id.is_none_or(|wanted| wanted == id);
    let entries: Vec<&Entry> = sheet.entries.iter().filter(|entry| here(&entry.institution_id)).collect();
    let instruments: Vec<InstrumentFigures> = entries
        .iter()
        .map(|entry| InstrumentFigures {
            effective_seconds: entry.figures.effective_seconds,
            external_seconds: entry.figures.external_seconds,
            down_seconds: entry.figures.down_seconds,
            rated_seconds: rated(entry, sheet.period, scheme),
        })
        .collect();
    let total = totals(&instruments);
    let mut by_source: BTreeMap<Source, i64> = BTreeMap::new();
    entries.iter().flat_map(|entry| &entry.figures.by_source).for_each(|(source, seconds)| *by_source.entry(*source).or_default() += seconds);
    let users: BTreeSet<&String> = entries.iter().flat_map(|entry| entry.figures.by_user.keys()).collect();
    let answers: Vec<i64> = sheet.answers.iter().filter(|(_, id, _)| here(id)).map(|(_, _, seconds)| *seconds).collect();
    let listable: Vec<&&Entry> = entries.iter().filter(|entry| counts(entry, scheme)).collect();
    let rate = |of: &dyn Fn(&Entry) -> bool| ratio(count(listable.iter().filter(|entry| of(entry)).count()), count(listable.len()));
    let due = listable.iter().filter(|entry| entry.on_time.is_some()).count();
    let mut report = Report {
        uscc: None,
        name: None,
        region_code: String::new(),
        period: sheet.period.to_string(),
        instruments: total.instruments,
        effective_seconds: total.effective_seconds,
        external_seconds: total.external_seconds,
        down_seconds: total.down_seconds,
        rated_seconds: total.rated_seconds,
        mean_effective_seconds: total.mean_effective_seconds,
        mean_external_seconds: total.mean_external_seconds,
        sharing_pooled: total.sharing_pooled,
        sharing_mean: total.sharing_mean,
        utilisation: total.utilisation,
        open_rate: rate(&|entry| entry.state == State::Published),
        listing_rate: rate(&|entry| entry.listed_on.is_some()),
        on_time_listing_rate: ratio(count(listable.iter().filter(|entry| entry.on_time == Some(true)).count()), count(due)),
        by_source: nonzero(by_source),
        users_served: count(users.len()),
        income_fen: sheet.income.iter().filter(|((_, id), _)| here(id)).map(|(_, fen)| fen).sum(),
        median_answer_seconds: median(&answers),
        ninetieth_answer_seconds: ninetieth(&answers),
        score: None,
        grade: None,
    };
    if let Some(score) = sheet.period.is_year().then(|| scheme.score(|key| value(&report, key))).flatten() {
        report.score = Some(score.score);
        report.grade = Some(score.grade);
    }
    report
}

/// The points of a year by indicator: its key, what it earned (`None` where it has no value), and its weight.
#[must_use]
pub fn points(report: &Report, scheme: &Scheme) -> Vec<(String, Option<f64>, f64)> {
    let earned = scheme.score(|key| value(report, key)).map(|score| score.points).unwrap_or_default();
    scheme.indicators.iter().zip(earned).map(|(indicator, points)| (indicator.key.clone(), points, indicator.weight)).collect()
}

/// The value of an indicator of a scheme.
#[expect(clippy::cast_precision_loss, reason = "seconds and counts are far below 2^52")]
fn value(report: &Report, key: &str) -> Option<f64> {
    let mean_hours = |seconds: i64| (report.instruments > 0).then(|| seconds as f64 / report.instruments as f64 / HOUR as f64);
    match key {
        "mean_effective_hours" => mean_hours(report.effective_seconds),
        "mean_external_hours" => mean_hours(report.external_seconds),
        "sharing_pooled" => (report.instruments > 0).then_some(report.sharing_pooled),
        "sharing_mean" => report.sharing_mean,
        "utilisation" => report.utilisation,
        "open_rate" => report.open_rate,
        "listing_rate" => report.listing_rate,
        "on_time_listing_rate" => report.on_time_listing_rate,
        "users_served" => Some(report.users_served as f64),
        _ => None,
    }
}

fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn nonzero(mut by_source: BTreeMap<Source, i64>) -> BTreeMap<Source, i64> {
    by_source.retain(|_, seconds| *seconds > 0);
    by_source
}
