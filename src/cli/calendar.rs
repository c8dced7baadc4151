//! `yiqi import calendar`: holidays and make-up working days out of a CSV, which replace those that are there day by day.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use super::{Done, tables};
use crate::actions::calendar;
use crate::app::App;
use crate::base::lang::{Lang, explain};
use crate::base::time::Day;
use crate::domain::actors::Actor;
use crate::domain::calendar::{CalendarDay, DayKind};
use crate::domain::refusals::Violation;

/// What is wrong with a row: its number in the file.
type Problem = (usize, Violation);

const COLUMNS: [&str; 3] = ["day", "kind", "open_as"];

/// Reads a file and writes its good rows; prints a line for each problem and the counts.
///
/// # Errors
/// A sentence for the operator where nothing could be read at all.
pub async fn import(app: &Arc<App>, file: &Path) -> Done {
    let (days, problems) = read(&tables::read(file)?)?;
    let act = app.act(Actor::Command, "command".to_owned());
    let changed = app.transact(&act, |tx| Box::pin(calendar::import(tx, &act, &days))).await.map_err(|e| super::sentence(&e, act.now))?;
    for (row, violation) in &problems {
        let reason = explain(Lang::En, act.now, &format!("violation-{}", violation.code), &violation.facts);
        println!("row {row}, column {}: {reason}", violation.field);
    }
    let mut refused: Vec<usize> = problems.iter().map(|(row, _)| *row).collect();
    refused.dedup();
    println!("days {}, changed {changed}, refused {}", days.len(), refused.len());
    Ok(if refused.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The days of a table, the last row of a day holding, and what is wrong with the others.
fn read(rows: &[Vec<String>]) -> Result<(Vec<CalendarDay>, Vec<Problem>), String> {
    let header = rows.first().ok_or("the table is empty")?;
    let place = |name: &str| header.iter().position(|cell| cell.trim().eq_ignore_ascii_case(name));
    let missing = |name: &str| format!("the header has no column {name}; it reads {}", COLUMNS.join(","));
    let day_at = place("day").ok_or_else(|| missing("day"))?;
    let kind_at = place("kind").ok_or_else(|| missing("kind"))?;
    let open_at = place("open_as");
    let (mut days, mut problems) = (BTreeMap::new(), Vec::new());
    for (index, cells) in rows.iter().enumerate().skip(1) {
        let cell = |at: usize| cells.get(at).map_or("", |text| text.trim());
        if cells.iter().all(|text| text.trim().is_empty()) {
            continue;
        }
        let mut wrong = Vec::new();
        let day = Day::parse(cell(day_at));
        if day.is_none() {
            wrong.push(Violation::invalid("day", "not_a_day"));
        }
        let kind = DayKind::parse(cell(kind_at));
        if kind.is_none() {
            wrong.push(Violation::invalid("kind", "not_a_known_word"));
        }
        let text = open_at.map_or("", cell);
        let open_as = text.parse::<i64>().ok().filter(|weekday| (1..=7).contains(weekday) && kind != Some(DayKind::Holiday));
        if !text.is_empty() && open_as.is_none() {
            wrong.push(Violation::invalid("open_as", "not_a_weekday"));
        }
        match (day, kind) {
            (Some(day), Some(kind)) if wrong.is_empty() => drop(days.insert(day, CalendarDay { day, kind, open_as })),
            _ => problems.extend(wrong.into_iter().map(|violation| (index + 1, violation))),
        }
    }
    Ok((days.into_values().collect(), problems))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_read_and_problems_named_by_row_and_column() {
        let rows: Vec<Vec<String>> =
            ["day,kind,open_as,name", "2027-01-01,holiday,,New Year", "2027-02-06,workday,5,", "2027-02-30,feast,9,", "2027-01-02,holiday,3,"]
                .iter()
                .map(|line| line.split(',').map(ToOwned::to_owned).collect())
                .collect();
        let (days, problems) = read(&rows).unwrap();
        assert_eq!(
            days.iter().map(|day| (day.day.to_string(), day.open_as)).collect::<Vec<_>>(),
            [("2027-01-01".to_owned(), None), ("2027-02-06".to_owned(), Some(5))]
        );
        let found: Vec<_> = problems.iter().map(|(row, violation)| (*row, violation.field.as_str())).collect();
        assert_eq!(found, [(4, "day"), (4, "kind"), (4, "open_as"), (5, "open_as")]);
        assert!(read(&rows[1..]).unwrap_err().contains("no column day"));
    }
}
