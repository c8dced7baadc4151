//! `yiqi export openness`: the figures of a period and the segments below them, as a table or as JSON that can be computed again.

use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use super::Done;
use super::exports::Format;
use crate::actions::openness::export::export as export_all;
use crate::actions::openness::{salt, table};
use crate::app::App;
use crate::base::uscc::Uscc;
use crate::domain::actors::Actor;
use crate::domain::openness::Period;
use crate::store;
use crate::store::openness::Scope;

/// Writes the export of a period.
///
/// # Errors
/// A sentence for the operator.
pub async fn export(app: &Arc<App>, period: &str, format: Format, out: Option<&Path>, bureau: Option<&str>) -> Done {
    let period = Period::parse(period).ok_or_else(|| format!("--period {period}: 2026, 2026-10 or 2026-10-05"))?;
    let region_code = region(app, bureau).await?;
    let act = app.act(Actor::Command, "command".to_owned());
    let salt = salt(&app.db, period).await.map_err(|e| e.to_string())?;
    let mut tx = app.db.snapshot().await.map_err(|e| e.to_string())?;
    let scope = if region_code.is_empty() { Scope::Everywhere } else { Scope::Region(region_code.clone()) };
    let all = export_all(&mut tx, act.now, &scope, &region_code, period, &salt).await.map_err(|e| e.to_string())?;
    drop(tx);
    let text = match format {
        Format::Json => serde_json::to_string_pretty(&all).map_err(|e| e.to_string())? + "\n",
        Format::Csv => table::csv(&all)?,
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
