//! The export as one table, for people with spreadsheets: no cell of it is taken for a formula.

use serde_json::{Value, json};

use super::export::Export;
use crate::base::text::no_formula;

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
///
/// # Errors
/// When a row cannot be printed.
pub fn csv(all: &Export) -> Result<String, String> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(COLUMNS).map_err(|e| e.to_string())?;
    let mut row = |record: &str, value: &Value, more: Value| -> Result<(), String> {
        let cell = |column: &str| match column {
            "record" => record.to_owned(),
            "period" => all.period.clone(),
            _ => more.get(column).or_else(|| value.get(column)).map(plain).unwrap_or_default(),
        };
        writer.write_record(COLUMNS.map(|column| no_formula(&cell(column)))).map_err(|e| e.to_string())
    };
    row("region", &printed(&all.figures)?, json!({ "scheme": all.scheme.name, "input_digest": all.input_digest }))?;
    for institution in &all.institutions {
        row("institution", &printed(institution)?, json!({ "institution": institution.uscc, "institution_name": institution.name }))?;
    }
    for instrument in &all.instruments {
        row("instrument", &printed(instrument)?, json!({ "instrument": instrument.line.number, "instrument_name": instrument.line.name }))?;
    }
    for segment in &all.segments {
        row("segment", &printed(segment)?, json!({}))?;
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
