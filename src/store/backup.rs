//! A consistent copy of the database, and a database out of a copy. SQLite copies itself (`VACUUM INTO`); PostgreSQL is copied by its
//! own programs, which must be installed where the command runs.

use std::path::Path;
use std::process::Stdio;

use percent_encoding::percent_decode_str;
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
            let (address, secret) = parted(db.url());
            run("pg_dump", &["--format=custom", "--no-owner", "--no-privileges", "--file", &target, "--dbname", &address], secret).await
        }
    }
}

/// Whether the place is empty: nothing was ever migrated there.
///
/// # Errors
/// A sentence for the operator when the database cannot be reached.
pub async fn is_empty(db: &Db) -> Result<bool, String> {
    if db.engine() == Engine::Sqlite {
        // The log of a database that is no longer there would be laid over the one that is restored.
        let beside = |file: &Path, ending: &str| std::path::PathBuf::from(format!("{}{ending}", file.display()));
        return Ok(!db.sqlite_file().is_some_and(|file| file.exists() || ["-wal", "-shm", "-journal"].iter().any(|ending| beside(&file, ending).exists())));
    }
    let mut conn = db.read().await.map_err(|e| e.to_string())?;
    let tables: i64 = sqlx::query_scalar("SELECT count(*) FROM information_schema.tables WHERE table_schema = current_schema()")
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
            // There at once or not at all: half a database would look like one.
            let half = target.with_extension("restoring");
            let copied = std::fs::copy(file, &half).and_then(|_| std::fs::File::open(&half)?.sync_all()).and_then(|()| std::fs::rename(&half, &target));
            let copied = copied.and_then(|()| target.parent().map_or(Ok(()), |folder| std::fs::File::open(folder)?.sync_all()));
            copied.map_err(|e| {
                let _ = std::fs::remove_file(&half);
                format!("{}: {e}", target.display())
            })
        }
        Engine::Postgres => {
            let source = file.display().to_string();
            let (address, secret) = parted(db.url());
            run("pg_restore", &["--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction", "--dbname", &address, &source], secret).await
        }
    }
}

/// The address without its password, and the password: whoever lists processes sees what a program was called with.
fn parted(url: &str) -> (String, Option<String>) {
    let Ok(mut address) = url::Url::parse(url) else { return (url.to_owned(), None) };
    let mut secret = address.password().map(|secret| percent_decode_str(secret).decode_utf8_lossy().into_owned());
    if secret.is_some() && address.set_password(None).is_err() {
        return (url.to_owned(), None);
    }
    let query = address.query().unwrap_or_default().to_owned();
    if let Some(said) = query.split('&').rev().find_map(|pair| pair.strip_prefix("password=")) {
        secret = Some(percent_decode_str(said).decode_utf8_lossy().into_owned());
        let other: Vec<&str> = query.split('&').filter(|pair| !pair.starts_with("password=")).collect();
        address.set_query((!other.is_empty()).then(|| other.join("&")).as_deref());
    }
    (address.to_string(), secret)
}

async fn run(program: &str, arguments: &[&str], secret: Option<String>) -> Result<(), String> {
    let done =
        Command::new(program).args(arguments).envs(secret.map(|secret| ("PGPASSWORD", secret))).stdin(Stdio::null()).stdout(Stdio::null()).output().await;
    match done {
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => Err(format!("{program}: {}", String::from_utf8_lossy(&output.stderr).trim())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            Err(format!("{program} is not installed here; a copy of a PostgreSQL database is made by its own programs (Debian: postgresql-client)"))
        }
        Err(error) => Err(format!("{program}: {error}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_does_not_stand_in_the_list_of_processes() {
        assert_eq!(parted("postgres://yiqi:a%40b@db/yiqi"), ("postgres://yiqi@db/yiqi".to_owned(), Some("a@b".to_owned())));
        let in_query = "postgres://yiqi@db/yiqi?sslmode=require&password=c%26d";
        assert_eq!(parted(in_query), ("postgres://yiqi@db/yiqi?sslmode=require".to_owned(), Some("c&d".to_owned())));
        assert_eq!(parted("postgres://yiqi@db/yiqi?sslmode=require"), ("postgres://yiqi@db/yiqi?sslmode=require".to_owned(), None));
    }
}
