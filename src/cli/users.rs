//! `yiqi user add`.

use std::io::{BufRead as _, IsTerminal as _, Write as _};
use std::process::ExitCode;
use std::sync::Arc;

use clap::Subcommand;

use super::Done;
use crate::actions::organisations::{PersonForm, add_person};
use crate::actions::{passwords, second_factors};
use crate::app::App;
use crate::base::text;
use crate::base::uscc::Uscc;
use crate::domain::actors::Actor;
use crate::domain::roles::{Role, Side};
use crate::store;

/// Persons.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Add a person with a membership, or a membership to a person who is there. The password is asked for, or read from standard input.
    Add {
        /// Mail address, with which the person signs in.
        email: String,
        /// Name.
        #[arg(long)]
        name: String,
        /// USCC of the organisation.
        #[arg(long)]
        org: String,
        /// admin, manager, operator, finance, booker, officer, reviewer, auditor or ops.
        #[arg(long)]
        role: String,
        /// The side, where the organisation has several and the role does not tell.
        #[arg(long = "as")]
        side: Option<String>,
    },
    /// Forget the second factor of somebody who lost both phone and recovery codes. Make sure who asks.
    ForgetSecondFactor {
        /// Mail address.
        email: String,
    },
}

/// Runs a `user` command.
///
/// # Errors
/// A sentence for the operator.
pub async fn run(app: &Arc<App>, command: Command) -> Done {
    let (email, name, org, role, side) = match command {
        Command::Add { email, name, org, role, side } => (email, name, org, role, side),
        Command::ForgetSecondFactor { email } => return forget_second_factor(app, &email).await,
    };
    let role = Role::parse(&role).ok_or_else(|| format!("--role {role}: no such role"))?;
    let side = side.map(|s| Side::parse(&s).ok_or_else(|| format!("--as {s}: no such side"))).transpose()?;
    let uscc = Uscc::parse(&org).map_err(|e| format!("--org {org}: {e}"))?.to_string();
    let mut conn = app.db.read().await.map_err(|e| e.to_string())?;
    let known = store::persons::find_by_email(&mut conn, &text::fold(&email)).await.map_err(|e| e.to_string())?.is_some();
    drop(conn);
    let password_hash = if known { None } else { Some(passwords::hash(ask_password()?).await.map_err(|e| e.to_string())?) };
    let form = PersonForm { email, name: name.trim().to_owned(), uscc, role, side, password_hash };
    let act = app.act(Actor::Command, "command".to_owned());
    let member = app.transact(&act, |tx| Box::pin(add_person(tx, &act, &form))).await.map_err(|e| super::sentence(&e, act.now))?;
    println!("{} {} {} {} {}", member.membership_id, member.person_name, member.organisation_name, member.side, member.role);
    Ok(ExitCode::SUCCESS)
}

async fn forget_second_factor(app: &Arc<App>, email: &str) -> Done {
    let mut conn = app.db.read().await.map_err(|e| e.to_string())?;
    let known = store::persons::find_by_email(&mut conn, &text::fold(email)).await.map_err(|e| e.to_string())?;
    drop(conn);
    let person_id = known.ok_or_else(|| format!("{email}: nobody has this address"))?.person_id;
    let act = app.act(Actor::Command, "command".to_owned());
    let had = app.transact(&act, |tx| Box::pin(second_factors::forget(tx, &act, &person_id))).await.map_err(|e| super::sentence(&e, act.now))?;
    println!("{email} {}", if had { "has no second factor any more" } else { "had no second factor" });
    Ok(ExitCode::SUCCESS)
}

fn ask_password() -> Result<String, String> {
    let input = std::io::stdin();
    if input.is_terminal() {
        eprint!("Password (at least {} characters): ", passwords::SHORTEST);
        let _ = std::io::stderr().flush();
    }
    let mut line = String::new();
    input.lock().read_line(&mut line).map_err(|e| e.to_string())?;
    let password = line.trim_end_matches(['\r', '\n']).to_owned();
    if password.chars().count() < passwords::SHORTEST || password.len() > passwords::LONGEST_BYTES {
        return Err(format!("a password has {} characters or more", passwords::SHORTEST));
    }
    Ok(password)
}
