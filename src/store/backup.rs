//! A consistent copy of the database, and a database out of a copy. SQLite copies itself (`VACUUM INTO`); PostgreSQL is copied by its
//! own programs, which must be installed where the command runs.

use std::path::Path;
use std::process::Stdio;

use tokio::process::Command;

use super::db::{Db, Engine};

/// Writes a consistent copy of the database to `file`, while others write.
///
/// # Errors
/// A sentence for the operator.
pub async fn copy_to(db: &Db, file: &Path) -> Result<(), String> {
    match db.engine() {
        Engine::Sqlite => {
            let mut conn = db.read().await.map_err(|e| e.to_string())?;
            sqlx::query("VACUUM INTO $1").bind(file.display().to_string()).execute(&mut *conn).await.map_err(|e| e.to_string())?;
            Ok(())
        }
        Engine::Postgres => {
            let target = file.display().to_string();
            run("pg_dump", &["--format=custom", "--no-owner", "--no-privileges", "--file", &target, "--dbname", db.url()]).await
        }
    }
}

/// Whether the place is empty: nothing was ever migrated there.
///
/// # Errors
/// A sentence for the operator when the database cannot be reached.
pub async fn is_empty(db: &Db) -> Result<bool, String> {
    if db.engine() == Engine::Sqlite {
        return Ok(!db.sqlite_file().is_some_and(|file| file.exists()));
    }
    let mut conn = db.read().await.map_err(|e| e.to_string())?;
    let tables: i64 = sqlx::query_scalar("SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'")
        .fetch_one(&mut *conn)
        .await
        .map_err(|e| e.to_string())?;
    Ok(tables == 0)
}

/// Fills an empty place from a copy that [`copy_to`] made on the same engine.
///
/// # Errors
/// A sentence for the operator.
pub async fn fill_from(db: &Db, file: &Path) -> Result<(), String> {
    match db.engine() {
        Engine::Sqlite => {
            let target = db.sqlite_file().ok_or("the database has no file")?;
            if let Some(folder) = target.parent() {
                std::fs::create_dir_all(folder).map_err(|e| e.to_string())?;
            }
            std::fs::copy(file, &target).map(|_| ()).map_err(|e| format!("{}: {e}", target.display()))
        }
        Engine::Postgres => {
            let source = file.display().to_string();
            run("pg_restore", &["--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction", "--dbname", db.url(), &source]).await
        }
    }
}

async fn run(program: &str, arguments: &[&str]) -> Result<(), String> {
    let done = Command::new(program).args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).output().await;
    match done {
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => Err(format!("{program}: {}", String::from_utf8_lossy(&output.stderr).trim())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            Err(format!("{program} is not installed here; a copy of a PostgreSQL database is made by its own programs (Debian: postgresql-client)"))
        }
        Err(error) => Err(format!("{program}: {error}")),
    }
}
