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

use std::path::PathBuf;
use std::sync::Arc;

use serde_json::Value;

use crate::actions::openness::roll_up::roll_up;
use crate::actions::{Error, Outcome, notices, passwords};
use crate::app::App;
use crate::base::time::{HOUR, Instant};
use crate::domain::calendar::Calendar;
use crate::store;
use catalogue::Evidence;
use scene::Company;

/// The mark that tells how far the demo is.
const MARK: &str = "demo";
/// Its value while the demo is being filled, and afterwards.
const FILLING: &str = "filling";
const FILLED: &str = "filled";

/// Where the accounts are written.
#[must_use]
pub fn accounts_path(app: &App) -> PathBuf {
    app.config.data_dir.join("demo.json")
}

/// Fills an empty database with the demo city and writes `<data-dir>/demo.json`. On one that the demo filled before nothing changes but
/// the address in `demo.json`, where the service has another one now; on one with data of its own nothing changes at all.
///
/// # Errors
/// A sentence for the operator.
pub async fn fill(app: &Arc<App>) -> Result<(), String> {
    let sentence = |error: Error| format!("the demo: {error}");
    match mark(app).await.map_err(sentence)?.as_deref() {
        Some(FILLED) => {}
        Some(_) => return Err("the demo was interrupted while it filled this database; start over with an empty one".to_owned()),
        None if has_parties(app).await.map_err(sentence)? => {
            return Err("the database has data of its own; the demo city needs an empty one".to_owned());
        }
        None => {
            let refused = build(app).await.map_err(sentence)?;
            for sentence in &refused {
                tracing::warn!("the demo left out: {sentence}");
            }
        }
    }
    write_accounts(app)
}

async fn mark(app: &App) -> Outcome<Option<String>> {
    Ok(store::marks::find(&mut *app.db.read().await.map_err(Error::from)?, MARK).await?)
}

async fn has_parties(app: &App) -> Outcome<bool> {
    Ok(!store::organisations::list(&mut *app.db.read().await.map_err(Error::from)?, None).await?.is_empty())
}

async fn set_mark(app: &App, value: &'static str) -> Outcome<()> {
    app.db.transact(|tx| Box::pin(async move { Ok(store::marks::replace(tx, MARK, value).await?) })).await
}

/// Fills the database; gives what the rules refused, which is left out.
///
/// # Errors
/// When the database or the place of the documents fails.
pub async fn build(app: &App) -> Outcome<Vec<String>> {
    let now = app.clock.now();
    set_mark(app, FILLING).await?;
    let password_hash = passwords::hash(cast::PASSWORD.to_owned()).await?;
    let mut company: Company = app.db.transact(|tx| Box::pin(parties::come_in(tx, now, &password_hash))).await?;
    app.db.transact(|tx| Box::pin(parties::grant(tx, now, &company))).await?;
    company.sets = app.db.transact(|tx| Box::pin(instruments::list(tx, now, &company))).await?;
    let refused = live(app, now, &company).await?;
    app.db.transact(|tx| Box::pin(notices::consider_told(tx, now.plus(-HOUR)))).await?;
    roll_up(&app.db, now).await?;
    set_mark(app, FILLED).await?;
    Ok(refused)
}

async fn live(app: &App, now: Instant, company: &Company) -> Outcome<Vec<String>> {
    let calendar: Calendar = store::calendar::load(&mut *app.db.read().await.map_err(Error::from)?, now.day().plus(-120), now.day().plus(120)).await?;
    let timeline = timeline::lay_out(now, &calendar);
    let story = story::tell(now, &calendar, &timeline);
    let labs: Vec<usize> = catalogue::all().map(|(lab, _)| lab).collect();
    let pieces: Vec<_> = catalogue::all().map(|(_, piece)| piece).collect();
    let warned = |order: usize| {
        let piece = story.orders.get(order).and_then(|order| pieces.get(order.visit.piece));
        piece.is_some_and(|piece| piece.value_yuan >= 500_000 && !matches!(piece.evidence, Evidence::Agent | Evidence::Meter))
    };
    let mut claims = claims::tell(now, &calendar, &story, &labs, &warned);
    claims::prepare(app, company, &mut claims).await?;
    let script = history::Script { company, timeline: &timeline, story: &story, claims: &claims };
    Ok(history::unfold(app, now, &script).await?.refused)
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
