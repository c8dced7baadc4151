//! `yiqi check`: proves that what is stored agrees with itself, in one snapshot.

use std::process::ExitCode;
use std::sync::Arc;

use super::Done;
use crate::actions::{checks, seals};
use crate::app::App;

/// `12=ab34…`: the number of a seal and its digest, as the daily mail tells them.
fn read_seal(text: &str) -> Result<(i64, String), String> {
    let read = text.split_once('=').and_then(|(number, digest)| Some((number.trim().parse().ok()?, digest.trim().to_owned())));
    read.filter(|(number, _)| (1..=i64::MAX).contains(number)).ok_or_else(|| format!("--seal: {text:?} is not NUMBER=DIGEST"))
}

/// Prints a line per difference; exit code 0 without any, 1 with some. `kept` are seals that somebody outside has kept.
///
/// # Errors
/// A sentence for the operator.
pub async fn run(app: &Arc<App>, kept: &[String]) -> Done {
    let kept: Vec<(i64, String)> = kept.iter().map(|text| read_seal(text)).collect::<Result<_, _>>()?;
    let mut snapshot = app.db.snapshot().await.map_err(|e| e.to_string())?;
    let mut differences = checks::all(&mut snapshot).await.map_err(|e| e.to_string())?;
    differences.extend(seals::compare(&mut snapshot, &kept).await.map_err(|e| e.to_string())?);
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
