//! Floor 4, the command line: arguments -> action -> lines and an exit code. One file per noun.

pub mod backup;
pub mod calendar;
pub mod check;
pub mod exports;
pub mod imports;
pub mod instruments;
pub mod jobs;
pub mod openness;
pub mod organisations;
pub mod serve;
pub mod tables;
pub mod tokens;
pub mod usage;
pub mod users;

use std::process::ExitCode;
use std::sync::Arc;

use clap::{Parser, Subcommand};

use crate::app::App;
use crate::base::chance::Chance;
use crate::base::lang::{Lang, explain, tr};
use crate::base::time::{Clock, Instant};
use crate::config::Config;
use crate::domain::refusals::Refusal;
use crate::store::backup::is_empty;

/// Publicly funded instruments, shared.
#[derive(Debug, Parser)]
#[command(name = "yiqi", version, about)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Migrate, and serve pages, API and jobs.
    Serve(serve::Arguments),
    /// Organisations.
    #[command(subcommand)]
    Org(organisations::Command),
    /// Persons.
    #[command(subcommand)]
    User(users::Command),
    /// Copy database and documents into one tar file, while serving.
    Backup {
        /// The file to make.
        file: std::path::PathBuf,
    },
    /// Fill an empty place from a backup, with the server stopped.
    Restore {
        /// The file to read.
        file: std::path::PathBuf,
    },
    /// Write tables.
    #[command(subcommand)]
    Export(exports::Command),
    /// Bearer tokens.
    #[command(subcommand)]
    Token(tokens::Command),
    /// Read tables.
    #[command(subcommand)]
    Import(imports::Command),
    /// Scheduled jobs.
    #[command(subcommand)]
    Jobs(jobs::Command),
    /// Prove balances, holds, claims, slots, roll-ups and seals, all in one snapshot. Exit code 1 with a line per difference.
    Check {
        /// A seal of the audit records as somebody outside has kept it, NUMBER=DIGEST; may be repeated.
        #[arg(long = "seal", value_name = "NUMBER=DIGEST")]
        seals: Vec<String>,
    },
}

/// What a command answers: an exit code, or a sentence for the operator (exit code 2).
pub type Done = Result<ExitCode, String>;

/// Runs the command line of this process.
#[must_use]
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    let done = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime.block_on(dispatch(cli.command)),
        Err(error) => Err(error.to_string()),
    };
    done.unwrap_or_else(|sentence| {
        eprintln!("yiqi: {sentence}");
        ExitCode::from(2)
    })
}

async fn dispatch(command: Command) -> Done {
    let config = Config::load()?;
    match command {
        Command::Serve(arguments) => serve::run(config, arguments).await,
        Command::Org(command) => organisations::run(&open(config).await?, command).await,
        Command::User(command) => users::run(&open(config).await?, command).await,
        Command::Backup { file } => backup::backup(&open_there(config).await?, &file).await,
        Command::Restore { file } => {
            serve::start_log(&config, false);
            backup::restore(&App::build(config, Clock::system(), Chance::from_entropy())?, &file).await
        }
        Command::Import(command) => imports::run(&open(config).await?, command).await,
        Command::Export(command) => exports::run(&open_there(config).await?, command).await,
        Command::Token(command) => tokens::run(&open(config).await?, command).await,
        Command::Jobs(command) => jobs::run(&open(config).await?, command).await,
        Command::Check { seals } => check::run(&open_there(config).await?, &seals).await,
    }
}

/// The application for a command: migrated, on the system's clock, or on the rehearsal's where the server of this folder runs on one.
///
/// # Errors
/// A sentence for the operator.
pub async fn open(config: Config) -> Result<Arc<App>, String> {
    ready(build(config)?).await
}

/// The same for a command that only reads: it makes no installation where there is none.
///
/// # Errors
/// A sentence for the operator.
async fn open_there(config: Config) -> Result<Arc<App>, String> {
    let app = build(config)?;
    if is_empty(&app.db).await? {
        return Err("there is no installation here; YIQI_DATA_DIR and YIQI_DATABASE_URL say where it is".to_owned());
    }
    ready(app).await
}

fn build(config: Config) -> Result<Arc<App>, String> {
    serve::start_log(&config, false);
    let clock = serve::rehearsal(&config.data_dir);
    App::build(config, clock, Chance::from_entropy())
}

async fn ready(app: Arc<App>) -> Result<Arc<App>, String> {
    app.db.migrate().await.map_err(|e| format!("database: {e}"))?;
    app.prepare().await.map_err(|e| format!("database: {e}"))?;
    Ok(app)
}

/// A refusal as lines for the operator, in English.
#[must_use]
pub fn sentence(error: &crate::actions::Error, now: Instant) -> String {
    match error {
        crate::actions::Error::Refused(Refusal::Rules { violations, .. }) => violations
            .iter()
            .map(|v| format!("{}: {}", v.field, explain(Lang::En, now, &format!("violation-{}", v.code), &v.facts)))
            .collect::<Vec<_>>()
            .join("; "),
        crate::actions::Error::Refused(Refusal::StateConflict(why)) => tr(Lang::En, &format!("conflict-{why}"), &[]),
        crate::actions::Error::Refused(Refusal::NotFound) => "there is no such thing".to_owned(),
        other => other.to_string(),
    }
}
