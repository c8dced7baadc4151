//! `yiqi import …`: which tables can be read. What is done with each stands in the file of its noun.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Subcommand;

use super::{Done, calendar, instruments, usage};
use crate::app::App;

/// Reading tables.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Replace holidays and make-up working days, day by day, by those of a CSV: day,kind,open_as.
    Calendar {
        /// The file.
        file: PathBuf,
    },
    /// Enter instruments as drafts out of a CSV or XLSX. Exit code 1 when rows were refused; the good ones are in. The same file again
    /// changes nothing.
    Instruments {
        /// The file.
        file: PathBuf,
        /// USCC of the institution that owns them.
        #[arg(long)]
        institution: String,
        /// Which column is which field, and what every row says: `[columns]` and `[constants]`.
        #[arg(long)]
        map: Option<PathBuf>,
        /// Say what would be done, and write nothing.
        #[arg(long)]
        dry_run: bool,
    },
    /// Record use from a CSV: instrument,key,phase,starts_at,ends_at,organisation,purpose,samples,source,booking. Exit code 1 when rows were
    /// refused; the good ones are in. The same file again changes nothing.
    Usage {
        /// The file.
        file: PathBuf,
        /// USCC of the institution that owns the instruments.
        #[arg(long)]
        institution: String,
    },
}

/// Runs an `import` command.
///
/// # Errors
/// A sentence for the operator.
pub async fn run(app: &Arc<App>, command: Command) -> Done {
    match command {
        Command::Calendar { file } => calendar::import(app, &file).await,
        Command::Instruments { file, institution, map, dry_run } => instruments::import(app, &file, &institution, map.as_deref(), dry_run).await,
        Command::Usage { file, institution } => usage::import(app, &file, &institution).await,
    }
}
