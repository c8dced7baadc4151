//! `yiqi import usage`: segments out of a CSV, judged row by row.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use super::{Done, tables};
use crate::actions::usage::{Delivery, Rejected, record};
use crate::app::App;
use crate::base::lang::{Lang, explain};
use crate::base::text::is_clean;
use crate::base::time::{Instant, Span};
use crate::base::uscc::Uscc;
use crate::domain::actors::Actor;
use crate::domain::refusals::Violation;
use crate::domain::usage::{MOST_SEGMENTS, Phase, Segment, Source};
use crate::domain::vouchers::PurposeKind;
use crate::store;

const COLUMNS: [&str; 10] = ["instrument", "key", "phase", "starts_at", "ends_at", "organisation", "purpose", "samples", "source", "booking"];
/// Only this one may be missing.
const OPTIONAL: &str = "booking";

/// A row that was refused: its number in the file, and why.
type Problem = (usize, Violation);

/// Reads a file and records its rows; prints a line for each problem and the counts.
///
/// # Errors
/// A sentence for the operator where nothing could be read at all.
pub async fn import(app: &Arc<App>, file: &Path, institution: &str) -> Done {
    let table = tables::read(file)?;
    let uscc = Uscc::parse(institution).map_err(|e| format!("--institution {institution}: {e}"))?;
    let mut conn = app.db.read().await.map_err(|e| e.to_string())?;
    let party = store::organisations::find_by_uscc(&mut conn, uscc.as_str()).await.map_err(|e| e.to_string())?;
    let party = party.ok_or_else(|| format!("--institution {institution}: there is no such organisation"))?;
    let owned: HashMap<String, String> = store::usage::list_owned(&mut conn, &party.id).await.map_err(|e| e.to_string())?.into_iter().collect();
    drop(conn);
    let (rows, mut problems) = read(&table, |text| owned.get(text).cloned())?;
    let (mut accepted, mut duplicates) = (0, 0);
    let act = app.act(Actor::Command, "command".to_owned());
    for (instrument_id, rows) in rows {
        for rows in rows.chunks(MOST_SEGMENTS) {
            // Each transaction draws from dice of its own: they start again with every one.
            let act = app.act(Actor::Command, "command".to_owned());
            let segments: Vec<Result<Segment, Rejected>> = rows.iter().map(|(_, segment)| Ok(segment.clone())).collect();
            let Delivery { accepted: taken, duplicates: known, rejected } =
                app.transact(&act, |tx| Box::pin(record(tx, &act, &instrument_id, &segments))).await.map_err(|e| super::sentence(&e, act.now))?;
            accepted += taken;
            duplicates += known;
            problems.extend(rejected.into_iter().flat_map(|(index, rejected)| {
                let row = rows.get(index).map_or(0, |(row, _)| *row);
                rejected.violations.into_iter().map(move |violation| (row, violation))
            }));
        }
    }
    problems.sort_by_key(|(row, _)| *row);
    for (row, violation) in &problems {
        println!("row {row}, column {}: {}", column(&violation.field), explain(Lang::En, act.now, &format!("violation-{}", violation.code), &violation.facts));
    }
    let mut refused: Vec<usize> = problems.iter().map(|(row, _)| *row).collect();
    refused.dedup();
    println!("accepted {accepted}, duplicates {duplicates}, rejected {}", refused.len());
    Ok(if refused.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// A field of a segment as the file calls it.
fn column(field: &str) -> &str {
    match field {
        "organisation_uscc" => "organisation",
        "purpose_kind" => "purpose",
        "booking_code" => "booking",
        other => other,
    }
}

type Rows = BTreeMap<String, Vec<(usize, Segment)>>;

/// The rows of a table by instrument, and what is wrong with the others. Rows are counted as a person sees them: the header is row 1.
fn read(table: &[Vec<String>], instrument: impl Fn(&str) -> Option<String>) -> Result<(Rows, Vec<Problem>), String> {
    let header = table.first().map(Vec::as_slice).unwrap_or_default();
    let places: HashMap<&str, usize> = header.iter().enumerate().map(|(place, name)| (name.trim(), place)).collect();
    if let Some(missing) = COLUMNS.iter().find(|name| **name != OPTIONAL && !places.contains_key(*name)) {
        return Err(format!("the header has no column {missing}; it reads {}", COLUMNS.join(",")));
    }
    let (mut rows, mut problems) = (Rows::new(), Vec::new());
    for (index, record) in table.iter().enumerate().skip(1).filter(|(_, record)| record.iter().any(|cell| !cell.trim().is_empty())) {
        let row = index + 1;
        let mut cells =
            Cells { get: |name: &str| places.get(name).and_then(|place| record.get(*place)).map(|cell| cell.trim()).unwrap_or_default(), wrong: Vec::new() };
        let instrument_id = cells.needed("instrument", |text| instrument(text).ok_or("not_found"));
        let segment = cells.segment();
        match (instrument_id, segment) {
            (Some(instrument_id), Some(segment)) if cells.wrong.is_empty() => rows.entry(instrument_id).or_default().push((row, segment)),
            _ => problems.extend(cells.wrong.into_iter().map(|violation| (row, violation))),
        }
    }
    Ok((rows, problems))
}

/// The cells of a row being read.
struct Cells<F> {
    get: F,
    wrong: Vec<Violation>,
}

impl<'a, F: Fn(&str) -> &'a str> Cells<F> {
    fn optional<T>(&mut self, column: &'static str, parse: impl Fn(&str) -> Result<T, &'static str>) -> Option<T> {
        let text = (self.get)(column);
        if text.is_empty() {
            return None;
        }
        let parsed = if is_clean(text) { parse(text) } else { Err("not_clean") };
        parsed.map_err(|why| self.wrong.push(Violation::invalid(column, why))).ok()
    }

    fn needed<T>(&mut self, column: &'static str, parse: impl Fn(&str) -> Result<T, &'static str>) -> Option<T> {
        if (self.get)(column).is_empty() {
            self.wrong.push(Violation::required(column));
        }
        self.optional(column, parse)
    }

    fn segment(&mut self) -> Option<Segment> {
        let word = "not_a_known_word";
        let key = self.needed("key", |text| Ok(text.to_owned()));
        let phase = self.needed("phase", |text| Phase::parse(text).ok_or(word));
        let starts_at = self.needed("starts_at", |text| Instant::parse(text).map_err(|_| "not_an_instant"));
        let ends_at = self.needed("ends_at", |text| Instant::parse(text).map_err(|_| "not_an_instant"));
        let organisation_uscc = self.optional("organisation", |text| Ok(text.to_owned()));
        let purpose_kind = self.optional("purpose", |text| PurposeKind::parse(text).ok_or(word));
        let samples = self.optional("samples", |text| text.parse::<i64>().map_err(|_| "not_a_number"));
        let source = self.needed("source", |text| Source::parse(text).ok_or(word));
        let booking_code = self.optional("booking", |text| Ok(text.to_owned()));
        Some(Segment {
            key: key?,
            phase: phase?,
            span: Span::new(starts_at?, ends_at?),
            organisation_uscc,
            booking_code,
            purpose_kind,
            samples,
            source: source?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(text: &str) -> Vec<Vec<String>> {
        text.lines().map(|line| line.split(',').map(ToOwned::to_owned).collect()).collect()
    }

    #[test]
    fn rows_are_read_and_problems_named_by_row_and_column() {
        let rows = table(
            "instrument,key,phase,starts_at,ends_at,organisation,purpose,samples,source\n\
             A-1,k1,run,2026-10-12T09:00:00+08:00,2026-10-12T10:00:00+08:00,,,3,import\n\
             ,k2,running,2026-10-12T09:00:00,2026-10-12T10:00:00+08:00,,x,many,\n\
             B-2,k3,run,2026-10-12T09:00:00+08:00,2026-10-12T10:00:00+08:00,,,,staff",
        );
        let (rows, problems) = read(&rows, |number| (number == "A-1").then(|| "id".to_owned())).unwrap();
        assert_eq!(rows["id"].len(), 1);
        let found: Vec<_> = problems.iter().map(|(row, v)| (*row, v.field.as_str())).collect();
        assert_eq!(found, [(3, "instrument"), (3, "phase"), (3, "starts_at"), (3, "purpose"), (3, "samples"), (3, "source"), (4, "instrument")]);
    }

    #[test]
    fn a_file_without_a_column_is_refused_as_a_whole() {
        assert!(read(&table("instrument,key"), |_| None).unwrap_err().contains("phase"));
        assert!(read(&[], |_| None).is_err());
    }
}
