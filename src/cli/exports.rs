//! `yiqi export …`: what can be taken out. What is written stands in the file of its noun.

use std::path::PathBuf;
use std::sync::Arc;

use clap::{Subcommand, ValueEnum};

use super::{Done, openness};
use crate::app::App;

/// How a file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// A table.
    Csv,
    /// With the terms of the scheme, so that all of it can be computed again (`docs/recompute_openness.py`).
    Json,
}

/// Writing tables.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Openness of a period: figures, and the segments below them.
    Openness {
        /// 2026, 2026-10 or 2026-10-05.
        #[arg(long)]
        period: String,
        /// csv or json.
        #[arg(long, value_enum)]
        format: Format,
        /// Where to; without it to standard output.
        #[arg(long)]
        out: Option<PathBuf>,
        /// USCC of the bureau whose region is meant, where there are several; without it the first one.
        #[arg(long)]
        bureau: Option<String>,
    },
}

/// Runs an `export` command.
///
/// # Errors
/// A sentence for the operator.
pub async fn run(app: &Arc<App>, command: Command) -> Done {
    match command {
        Command::Openness { period, format, out, bureau } => openness::export(app, &period, format, out.as_deref(), bureau.as_deref()).await,
    }
}
