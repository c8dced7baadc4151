//! `voucher-lapse`: what is left after 使用截止 and 兑付截止 lapses, and enterprises are told of deadlines to come.

use std::sync::Arc;

use crate::actions::vouchers::{lapse, list_to_lapse};
use crate::actions::{Act, Outcome};
use crate::app::App;
use crate::base::time::MINUTE;
use crate::domain::actors::Actor;
use crate::scheduler::{Job, Report, Turn};

/// Every night at five past twelve. Acts at every run after a deadline, also on what a later release brought back.
pub const JOB: Job<App> = Job { name: "voucher-lapse", cron: "0 5 0 * * *", lease_seconds: 30 * MINUTE, run: |app, turn| Box::pin(run(app, turn)) };

async fn run(app: Arc<App>, turn: Turn) -> Result<Report, String> {
    let done = all(&app, turn).await.map_err(|e| e.to_string())?;
    Ok(Report::default().with("purses", done[0]).with("available_fen", done[1]).with("held_fen", done[2]).with("notices", done[3]))
}

/// Each purse in a transaction of its own, so that a long run keeps nobody waiting.
async fn all(app: &App, turn: Turn) -> Outcome<[i64; 4]> {
    let purses = list_to_lapse(&mut *app.db.read().await?).await?;
    let mut done = [0; 4];
    for purse_id in &purses {
        let act = Act { now: turn.now, actor: Actor::Job(JOB.name), dice: app.chance.dice(), request_id: JOB.name.to_owned() };
        let lapsed = app.transact(&act, |tx| Box::pin(lapse(tx, &act, purse_id))).await?;
        done[0] += 1;
        done[1] += lapsed.available_fen;
        done[2] += lapsed.held_fen;
        done[3] += lapsed.notices;
    }
    Ok(done)
}
