//! `yiqi import instruments`: rows of a table as drafts of an institution, judged row by row.

use std::collections::HashSet;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use super::{Done, tables};
use crate::actions::instruments::import::{Row, take_row};
use crate::app::App;
use crate::base::lang::{Lang, explain};
use crate::base::uscc::Uscc;
use crate::domain::actors::Actor;
use crate::domain::instruments::ListingChange;
use crate::domain::instruments::columns::{ColumnMap, Plan};
use crate::domain::refusals::Violation;
use crate::store;

/// Rows that share a transaction.
const AT_ONCE: usize = 100;
/// Captions may stand above the header.
const CAPTION_ROWS: usize = 5;

/// A row that can be read: its number in the file, and what it says.
type Readable = (usize, ListingChange);
/// What is wrong with a row: its number in the file.
type Problem = (usize, Violation);

/// Reads a file and takes its rows in; prints a line for each problem and the counts.
///
/// # Errors
/// A sentence for the operator where nothing could be read at all.
pub async fn import(app: &Arc<App>, file: &Path, institution: &str, map: Option<&Path>, dry_run: bool) -> Done {
    let uscc = Uscc::parse(institution).map_err(|e| format!("--institution {institution}: {e}"))?;
    let mut conn = app.db.read().await.map_err(|e| e.to_string())?;
    let party = store::organisations::find_by_uscc(&mut conn, uscc.as_str()).await.map_err(|e| e.to_string())?;
    let party = party.ok_or_else(|| format!("--institution {institution}: there is no such organisation"))?;
    let sides = store::organisations::list_sides(&mut conn, &party.id).await.map_err(|e| e.to_string())?;
    drop(conn);
    if !sides.contains(&crate::domain::roles::Side::Institution) {
        return Err(format!("--institution {institution}: is no institution"));
    }
    let map = map.map_or_else(|| Ok(ColumnMap::default()), read_map)?;
    let rows = tables::read(file)?;
    let (plan, readable, mut problems) = read_rows(&rows, &map)?;
    let now = app.clock.now();
    let progress = indicatif::ProgressBar::new(u64::try_from(readable.len()).unwrap_or(0));
    let (mut created, mut changed, mut unchanged) = (0, 0, 0);
    for rows in readable.chunks(AT_ONCE) {
        // An act's dice start again with each transaction, so every transaction has an act of its own.
        let act = app.act(Actor::Command, "command".to_owned());
        let taken = app
            .transact(&act, |tx| {
                let (act, party) = (&act, &party);
                Box::pin(async move {
                    let mut taken = Vec::with_capacity(rows.len());
                    for (_, change) in rows {
                        taken.push(take_row(tx, act, party, change, !dry_run).await?);
                    }
                    Ok(taken)
                })
            })
            .await
            .map_err(|e| super::sentence(&e, act.now))?;
        for ((row, _), taken) in rows.iter().zip(taken) {
            match taken {
                Row::Created => created += 1,
                Row::Changed => changed += 1,
                Row::Unchanged => unchanged += 1,
                Row::Refused(violations) => problems.extend(violations.into_iter().map(|violation| (*row, violation))),
            }
        }
        progress.inc(u64::try_from(rows.len()).unwrap_or(0));
    }
    progress.finish_and_clear();
    problems.sort_by_key(|(row, _)| *row);
    for (row, violation) in &problems {
        let reason = explain(Lang::En, now, &format!("violation-{}", violation.code), &violation.facts);
        println!("row {row}, column {}: {reason}", plan.column_of(&violation.field));
    }
    let refused: HashSet<usize> = problems.iter().map(|(row, _)| *row).collect();
    let dry = if dry_run { " (dry run: nothing was written)" } else { "" };
    println!("created {created}, changed {changed}, unchanged {unchanged}, refused {}{dry}", refused.len());
    Ok(if refused.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Finds the header, and reads every row below it.
fn read_rows(rows: &[Vec<String>], map: &ColumnMap) -> Result<(Plan, Vec<Readable>, Vec<Problem>), String> {
    // On a tie the upper row is the header.
    let likeness = |(place, row): &(usize, &Vec<String>)| (Plan::likeness(row, map), std::cmp::Reverse(*place));
    let (header_at, header) = rows.iter().enumerate().take(CAPTION_ROWS).max_by_key(likeness).ok_or("the table is empty")?;
    let plan = Plan::new(header, map)?;
    let (mut readable, mut problems, mut seen) = (Vec::new(), Vec::new(), HashSet::new());
    for (index, cells) in rows.iter().enumerate().skip(header_at + 1) {
        let row = index + 1;
        if cells.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        match plan.read(cells) {
            Ok(change) if change.number.as_ref().is_some_and(|number| !seen.insert(number.clone())) => {
                problems.push((row, Violation::invalid("number", "twice")));
            }
            Ok(change) => readable.push((row, change)),
            Err(violations) => problems.extend(violations.into_iter().map(|violation| (row, violation))),
        }
    }
    Ok((plan, readable, problems))
}

/// Reads `[columns]` and `[constants]`.
fn read_map(file: &Path) -> Result<ColumnMap, String> {
    let text = std::fs::read_to_string(file).map_err(|e| format!("{}: {e}", file.display()))?;
    parse_map(&text).map_err(|e| format!("{}: {e}", file.display()))
}

fn parse_map(text: &str) -> Result<ColumnMap, String> {
    let table: toml::Table = text.parse().map_err(|e: toml::de::Error| e.to_string())?;
    let mut map = ColumnMap::default();
    for (section, value) in &table {
        let fields = value.as_table().ok_or_else(|| format!("{section} is no section"))?;
        for (field, value) in fields {
            let values = match value {
                toml::Value::Array(items) => items.iter().map(plain).collect::<Result<Vec<_>, _>>()?,
                one => vec![plain(one)?],
            };
            match section.as_str() {
                "columns" => drop(map.columns.insert(field.clone(), values)),
                "constants" => drop(map.constants.insert(field.clone(), values.join(","))),
                _ => return Err(format!("there is no section [{section}]; sections are [columns] and [constants]")),
            }
        }
    }
    Ok(map)
}

fn plain(value: &toml::Value) -> Result<String, String> {
    match value {
        toml::Value::String(text) => Ok(text.clone()),
        toml::Value::Integer(number) => Ok(number.to_string()),
        toml::Value::Float(number) => Ok(number.to_string()),
        toml::Value::Datetime(at) => Ok(at.to_string()),
        other => Err(format!("{other} is no text and no number")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_map_is_read_in_whatever_form_it_is_written() {
        let map = parse_map("[columns]\nnumber = \"Instrument ID\"\ndescription = [\"Class\", \"Usage\"]\n[constants]\noriginal_value_fen = 5\naccepted_on = 2020-01-02\nmodes = [\"self\", \"operator\"]\n").unwrap();
        assert_eq!(map.columns["description"], ["Class", "Usage"]);
        assert_eq!(
            (map.constants["original_value_fen"].as_str(), map.constants["accepted_on"].as_str(), map.constants["modes"].as_str()),
            ("5", "2020-01-02", "self,operator")
        );
        assert!(parse_map("[colums]\nnumber = \"x\"\n").unwrap_err().contains("colums"));
        assert!(parse_map("number = 1").is_err());
    }

    #[test]
    fn a_header_below_a_caption_is_found_and_a_number_twice_is_refused() {
        let row = |cells: &[&str]| cells.iter().map(ToString::to_string).collect::<Vec<_>>();
        let rows = [row(&["大型仪器一览表"]), row(&["所在单位内仪器编号", "中文名称"]), row(&["1", "质谱仪"]), row(&["", " "]), row(&["1", "色谱仪"])];
        let (_, readable, problems) = read_rows(&rows, &ColumnMap::default()).unwrap();
        assert_eq!((readable.len(), readable[0].0), (1, 3));
        assert_eq!(problems, [(5, Violation::invalid("number", "twice"))]);
    }
}
