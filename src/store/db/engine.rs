//! What is of one engine only: how its connections are set, and how much one statement should carry.

use sqlx::AnyConnection;

/// Which engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// Embedded, one file.
    Sqlite,
    /// A server, several nodes.
    Postgres,
}

/// How many rows of so many columns one statement should take. SQLite looks for each parameter's name among all of them, so that the time of a
/// statement grows with the square of their number; PostgreSQL pays a round trip for each statement.
#[must_use]
pub fn rows_a_statement(conn: &AnyConnection, columns: usize) -> usize {
    let parameters = if conn.backend_name() == "SQLite" { 180 } else { 8_000 };
    (parameters / columns.max(1)).clamp(1, 500)
}

/// `cache` is in kilobytes, each connection's own: readers have little, for the operating system keeps the file for all of them.
pub(super) fn session_settings(engine: Engine, cache: u32) -> String {
    match engine {
        Engine::Sqlite => {
            format!("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA busy_timeout = 5000; PRAGMA cache_size = -{cache}")
        }
        Engine::Postgres => "SET lock_timeout = '5s'".to_owned(),
    }
}
