//! The demo city: an empty database filled with a believable one, through the same actions that people use, never past them.
//!
//! Start with [`fill`]. `cast` and `catalogue` say who and what there is, `timeline`, `story` and `claims` what happens, the rest makes it.
//! Everything is drawn from one seed and told relative to the clock, so that two fills at the same instant are the same. The tokens are the
//! same in every demo city: a demo is for looking at, never for data of one's own.

pub mod cast;
pub mod catalogue;
pub mod claims;
pub mod history;
pub mod instruments;
pub mod luck;
pub mod orders;
pub mod papers;
pub mod parties;
pub mod scene;
pub mod story;
pub mod timeline;
pub mod wishes;

use std::path::PathBuf;

use serde_json::Value;

use crate::actions::openness::roll_up::roll_up;
use crate::actions::{Error, Outcome, notices, passwords};
use crate::app::App;
use crate::base::time::{HOUR, Instant};
use crate::domain::calendar::Calendar;
use crate::store::{self, Tx};

/// The mark of a database that the demo filled.
const MARK: &str = "demo";

/// Where the accounts are written.
#[must_use]
pub fn accounts_path(app: &App) -> PathBuf {
    app.config.data_dir.join("demo.json")
}

/// Fills an empty database with the demo city and writes `<data-dir>/demo.json`. On one that the demo filled before nothing changes but
/// the address in `demo.json`, where the service has another one now; on one with data of its own nothing changes at all. Gives whether this
/// is the demo city.
///
/// # Errors
/// A sentence for the operator.
pub async fn fill(app: &App) -> Result<bool, String> {
    let sentence = |error: Error| format!("the demo: {error}");
    let (marked, empty) = look(app).await.map_err(sentence)?;
    if !marked && !empty {
        tracing::warn!("the database has data of its own; the demo city fills an empty one only");
        return Ok(false);
    }
    if !marked {
        for refused in build(app).await.map_err(sentence)? {
            tracing::warn!("the demo left out: {refused}");
        }
    }
    write_accounts(app)?;
    Ok(true)
}

/// Whether the demo filled the database, and whether there is nobody in it.
async fn look(app: &App) -> Outcome<(bool, bool)> {
    let mut conn = app.db.read().await?;
    let marked = store::marks::find(&mut conn, MARK).await?.is_some();
    Ok((marked, store::organisations::list(&mut conn, None).await?.is_empty()))
}

/// Fills the database; gives what the rules refused, which is left out. In one transaction: a filling that is interrupted leaves nothing.
///
/// # Errors
/// When the database or the place of the documents fails.
pub async fn build(app: &App) -> Outcome<Vec<String>> {
    let now = app.clock.now();
    let password_hash = passwords::hash(cast::PASSWORD.to_owned()).await?;
    let calendar = store::calendar::load(&mut *app.db.read().await?, now.day().plus(-120), now.day().plus(120)).await?;
    let refused = app.db.transact(|tx| Box::pin(live(tx, app, now, &password_hash, &calendar))).await?;
    roll_up(&app.db, now).await?;
    Ok(refused)
}

async fn live(tx: &mut Tx<'_>, app: &App, now: Instant, password_hash: &str, calendar: &Calendar) -> Outcome<Vec<String>> {
    let mut company = parties::come_in(tx, now, password_hash).await?;
    parties::grant(tx, now, &company).await?;
    company.sets = instruments::list(tx, now, &company).await?;
    let timeline = timeline::lay_out(now, calendar);
    let story = story::tell(now, calendar, &timeline);
    let mut claims = claims::tell(now, calendar, &story);
    claims::prepare(app, &company, &mut claims).await?;
    let script = history::Script { company: &company, timeline: &timeline, story: &story, claims: &claims };
    let progress = history::unfold(tx, now, &script).await?;
    notices::consider_told(tx, now.plus(-HOUR)).await?;
    store::marks::replace(tx, MARK, "filled").await?;
    Ok(progress.refused)
}

/// Writes the accounts, where what is written differs.
fn write_accounts(app: &App) -> Result<(), String> {
    let accounts = parties::accounts(&app.config.base_url).map_err(|e| e.to_string())?;
    let path = accounts_path(app);
    let text = serde_json::to_string_pretty(&accounts).map_err(|e| e.to_string())? + "\n";
    if std::fs::read_to_string(&path).is_ok_and(|there| there == text) {
        return Ok(());
    }
    // Whole or not at all: somebody may be waiting for the file.
    let draft = path.with_extension("json.new");
    std::fs::write(&draft, text).and_then(|()| std::fs::rename(&draft, &path)).map_err(|e| format!("{}: {e}", path.display()))
}

/// The accounts as lines for the terminal: organisation, role, address; then the password and one token.
///
/// # Errors
/// When the cast is wrong.
pub fn lines(app: &App) -> Result<Vec<String>, String> {
    let accounts = parties::accounts(&app.config.base_url).map_err(|e| e.to_string())?;
    let text = |value: &Value, key: &str| value[key].as_str().unwrap_or_default().to_owned();
    let all: Vec<&Value> = accounts["accounts"].as_array().map(|all| all.iter().collect()).unwrap_or_default();
    let mut lines = vec![format!("Demo accounts (password {}; tokens in {}):", cast::PASSWORD, accounts_path(app).display())];
    lines.extend(all.iter().map(|account| format!("  {:<40} {:<9} {}", text(account, "email"), text(account, "role"), text(account, "organisation"))));
    if let Some(booker) = all.iter().find(|account| account["role"] == "booker") {
        lines.push(format!("  Authorization: Bearer {}   ({})", text(booker, "token"), text(booker, "email")));
    }
    Ok(lines)
}
