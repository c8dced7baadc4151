//! `yiqi token new`: for a person, or for an instrument.

use std::process::ExitCode;
use std::sync::Arc;

use clap::Subcommand;

use super::Done;
use crate::actions::sessions::{issue_instrument_token, issue_token};
use crate::app::App;
use crate::base::text;
use crate::base::uscc::Uscc;
use crate::domain::actors::{Actor, Member};
use crate::domain::roles::Side;
use crate::store;

/// Bearer tokens.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make a token and print it; it is shown once.
    New {
        /// Mail address of the person.
        #[arg(required_unless_present = "instrument", conflicts_with = "instrument")]
        email: Option<String>,
        /// USCC of the organisation to act for, where the person has several memberships.
        #[arg(long)]
        org: Option<String>,
        /// The side to act on, where the person has several.
        #[arg(long = "as")]
        side: Option<String>,
        /// Id of an instrument: its own token may post use of that instrument and nothing else.
        #[arg(long)]
        instrument: Option<String>,
    },
}

/// Runs a `token` command.
///
/// # Errors
/// A sentence for the operator.
pub async fn run(app: &Arc<App>, command: Command) -> Done {
    let Command::New { email, org, side, instrument } = command;
    let act = app.act(Actor::Command, "command".to_owned());
    let secret = if let Some(instrument) = instrument {
        let mut conn = app.db.read().await.map_err(|e| e.to_string())?;
        if store::instruments::find_owner(&mut conn, &instrument).await.map_err(|e| e.to_string())?.is_none() {
            return Err(format!("--instrument {instrument}: there is no such instrument"));
        }
        drop(conn);
        app.transact(&act, |tx| Box::pin(issue_instrument_token(tx, &act, &instrument))).await
    } else {
        let member = choose(app, &email.unwrap_or_default(), org.as_deref(), side.as_deref()).await?;
        app.transact(&act, |tx| {
            let (act, member) = (&act, &member);
            Box::pin(issue_token(tx, act, member))
        })
        .await
    }
    .map_err(|e| super::sentence(&e, act.now))?;
    println!("{secret}");
    Ok(ExitCode::SUCCESS)
}

async fn choose(app: &App, email: &str, org: Option<&str>, side: Option<&str>) -> Result<Member, String> {
    let side = side.map(|s| Side::parse(s).ok_or_else(|| format!("--as {s}: no such side"))).transpose()?;
    let org = org.map(|o| Uscc::parse(o).map(|u| u.to_string()).map_err(|e| format!("--org {o}: {e}"))).transpose()?;
    let mut conn = app.db.read().await.map_err(|e| e.to_string())?;
    let person =
        store::persons::find_by_email(&mut conn, &text::fold(email)).await.map_err(|e| e.to_string())?.ok_or_else(|| format!("{email}: no such person"))?;
    let all = store::persons::list_memberships(&mut conn, &person.person_id).await.map_err(|e| e.to_string())?;
    let mut fitting = all.into_iter().filter(|m| org.as_ref().is_none_or(|o| *o == m.uscc) && side.is_none_or(|s| s == m.side));
    match (fitting.next(), fitting.next()) {
        (Some(one), None) => Ok(one),
        (None, _) => Err(format!("{email}: no such membership")),
        (Some(_), Some(_)) => Err(format!("{email} has several memberships: say --org and --as")),
    }
}
