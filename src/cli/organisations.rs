//! `yiqi org add`.

use std::process::ExitCode;
use std::sync::Arc;

use clap::Subcommand;

use super::Done;
use crate::actions::organisations::{OrganisationForm, add};
use crate::app::App;
use crate::base::region;
use crate::base::uscc::Uscc;
use crate::domain::actors::Actor;
use crate::domain::roles::Side;

/// Organisations.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Add an organisation, or a side, enrolment or relation to one that is there.
    Add {
        /// 统一社会信用代码.
        uscc: String,
        /// Name.
        name: String,
        /// institution, enterprise, bureau or platform; may be repeated.
        #[arg(long = "as", required = true)]
        sides: Vec<String>,
        /// GB/T 2260 code of its address.
        #[arg(long)]
        region: String,
        /// Address.
        #[arg(long, default_value = "")]
        address: String,
        /// Into the voucher pool.
        #[arg(long)]
        enrolled: bool,
        /// USCC of a related organisation; may be repeated.
        #[arg(long)]
        related: Vec<String>,
    },
}

/// Runs an `org` command.
///
/// # Errors
/// A sentence for the operator.
pub async fn run(app: &Arc<App>, command: Command) -> Done {
    let Command::Add { uscc, name, sides, region, address, enrolled, related } = command;
    let uscc = Uscc::parse(&uscc).map_err(|e| format!("{uscc}: {e}"))?;
    let sides =
        sides.iter().map(|s| Side::parse(s).ok_or_else(|| format!("--as {s}: institution, enterprise, bureau or platform"))).collect::<Result<Vec<_>, _>>()?;
    if !region::is_known(&region) {
        return Err(format!("--region {region}: no known region"));
    }
    let related = related.iter().map(|r| Uscc::parse(r).map(|u| u.to_string()).map_err(|e| format!("--related {r}: {e}"))).collect::<Result<Vec<_>, _>>()?;
    if name.trim().is_empty() {
        return Err("a name is needed".to_owned());
    }
    let form = OrganisationForm { uscc: uscc.to_string(), name: name.trim().to_owned(), sides, region_code: region, address, enrolled, related };
    let act = app.act(Actor::Command, "command".to_owned());
    let party = app.transact(&act, |tx| Box::pin(add(tx, &act, &form))).await.map_err(|e| super::sentence(&e, act.now))?;
    println!("{} {} {}", party.id, party.uscc, party.name);
    Ok(ExitCode::SUCCESS)
}
