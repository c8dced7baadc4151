//! `yiqi check`: proves that what is stored agrees with itself, in one snapshot.

use std::process::ExitCode;
use std::sync::Arc;

use super::Done;
use crate::actions::checks;
use crate::app::App;

/// Prints a line per difference; exit code 0 without any, 1 with some.
///
/// # Errors
/// A sentence for the operator.
pub async fn run(app: &Arc<App>) -> Done {
    let mut snapshot = app.db.snapshot().await.map_err(|e| e.to_string())?;
    let differences = checks::all(&mut snapshot).await.map_err(|e| e.to_string())?;
    drop(snapshot);
    if differences.is_empty() {
        println!("Everything agrees.");
        return Ok(ExitCode::SUCCESS);
    }
    for difference in &differences {
        println!("{difference}");
    }
    Ok(ExitCode::FAILURE)
}
