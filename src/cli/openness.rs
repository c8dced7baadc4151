//! `yiqi export openness`: the figures of a period and the segments below them, as a table or as JSON that can be computed again.

use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use serde_json::{Value, json};

use super::Done;
use super::exports::Format;
use crate::actions::openness::export::{Export, export as export_all};
use crate::actions::openness::salt;
use crate::app::App;
use crate::base::uscc::Uscc;
use crate::domain::actors::Actor;
use crate::domain::openness::Period;
use crate::store;

/// Writes the export of a period.
///
/// # Errors
/// A sentence for the operator.
pub async fn export(app: &Arc<App>, period: &str, format: Format, out: Option<&Path>, bureau: Option<&str>) -> Done {
    let period = Period::parse(period).ok_or_else(|| format!("--period {period}: 2026, 2026-10 or 2026-10-05"))?;
    let region_code = region(app, bureau).await?;
    let act = app.act(Actor::Command, "command".to_owned());
    let salt = salt(&app.db, &act, period).await.map_err(|e| e.to_string())?;
    let mut tx = app.db.snapshot().await.map_err(|e| e.to_string())?;
    let all = export_all(&mut tx, act.now, &region_code, period, &salt).await.map_err(|e| e.to_string())?;
    drop(tx);
    let text = match format {
        Format::Json => serde_json::to_string_pretty(&all).map_err(|e| e.to_string())? + "\n",
        Format::Csv => table(&all)?,
    };
    match out {
        Some(path) => std::fs::write(path, text).map_err(|e| format!("{}: {e}", path.display()))?,
        None => std::io::stdout().write_all(text.as_bytes()).map_err(|e| e.to_string())?,
    }
    Ok(ExitCode::SUCCESS)
}

/// The region of the bureau that was named, else of the first one; everything where there is none.
async fn region(app: &App, bureau: Option<&str>) -> Result<String, String> {
    let mut conn = app.db.read().await.map_err(|e| e.to_string())?;
    let bureaus = store::organisations::list_bureaus(&mut conn).await.map_err(|e| e.to_string())?;
    match bureau {
        None => Ok(bureaus.first().map(|party| party.region_code.clone()).unwrap_or_default()),
        Some(text) => {
            let uscc = Uscc::parse(text).map_err(|e| format!("--bureau {text}: {e}"))?;
            let found = bureaus.into_iter().find(|party| party.uscc == uscc.as_str());
            found.map(|party| party.region_code).ok_or_else(|| format!("--bureau {text}: there is no such bureau"))
        }
    }
}

const COLUMNS: [&str; 40] = [
    "record",
    "period",
    "region_code",
    "institution",
    "institution_name",
    "instrument",
    "instrument_name",
    "category_code",
    "state",
    "must_be_listed",
    "listed_on",
    "instruments",
    "effective_seconds",
    "external_seconds",
    "down_seconds",
    "rated_seconds",
    "utilisation",
    "sharing",
    "sharing_pooled",
    "sharing_mean",
    "open_rate",
    "listing_rate",
    "on_time_listing_rate",
    "users_served",
    "income_fen",
    "median_answer_seconds",
    "ninetieth_answer_seconds",
    "score",
    "grade",
    "scheme",
    "input_digest",
    "key",
    "phase",
    "starts_at",
    "ends_at",
    "organisation",
    "external",
    "purpose_kind",
    "samples",
    "source",
];

/// One table: a row for the region, one for each institution, each instrument, each segment; `record` says which.
fn table(all: &Export) -> Result<String, String> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(COLUMNS).map_err(|e| e.to_string())?;
    let mut row = |record: &str, value: &Value, more: Value| -> Result<(), String> {
        let cell = |column: &str| match column {
            "record" => record.to_owned(),
            "period" => all.period.clone(),
            _ => more.get(column).or_else(|| value.get(column)).map(plain).unwrap_or_default(),
        };
        writer.write_record(COLUMNS.map(|column| safe(&cell(column)))).map_err(|e| e.to_string())
    };
    row("region", &printed(&all.figures)?, json!({ "scheme": all.scheme.name, "input_digest": all.input_digest }))?;
    for institution in &all.institutions {
        row("institution", &printed(institution)?, json!({ "institution": institution.uscc, "institution_name": institution.name }))?;
    }
    for instrument in &all.instruments {
        row("instrument", &printed(instrument)?, json!({ "instrument": instrument.line.number, "instrument_name": instrument.line.name }))?;
    }
    for segment in &all.segments {
        row("segment", segment, json!({}))?;
    }
    let bytes = writer.into_inner().map_err(|e| e.to_string())?;
    String::from_utf8(bytes).map_err(|e| e.to_string())
}

fn printed(value: &impl serde::Serialize) -> Result<Value, String> {
    serde_json::to_value(value).map_err(|e| e.to_string())
}

fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// A cell that no spreadsheet takes for a formula: what begins like one gets an apostrophe in front.
fn safe(cell: &str) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) { format!("'{cell}") } else { cell.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_formula_stays_text() {
        assert_eq!(safe("=HYPERLINK(\"http://x\")"), "'=HYPERLINK(\"http://x\")");
        assert_eq!((safe("k-1").as_str(), safe("+1").as_str(), safe("").as_str()), ("k-1", "'+1", ""));
    }
}
