//! What the product says to the database while it answers one request: the statements with their values, out of PostgreSQL's own log. They
//! are the limit's work: the same statements without the product around them. SQLite is given the very same, for the SQL text is the same.

use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::PathBuf;

use sqlx::{AnyConnection, AssertSqlSafe, Connection as _, Executor as _};

/// A parameter as it is bound.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    Int(Option<i64>),
    Text(Option<String>),
}

/// One statement.
#[derive(Debug, Clone)]
pub struct Statement {
    pub sql: String,
    pub values: Vec<Value>,
}

impl Statement {
    /// Whether it only begins or ends a transaction, or is the pool asking whether a connection lives.
    pub fn is_control(&self) -> bool {
        ["BEGIN", "COMMIT", "ROLLBACK", "SET ", "/*", "SHOW"].iter().any(|word| self.sql.starts_with(word))
    }
}

/// The log of the server.
pub struct Log {
    conn: AnyConnection,
    path: PathBuf,
}

impl Log {
    /// Lets the server log every statement, until [`Log::close`].
    pub async fn open(url: &str) -> Result<Self, String> {
        let mut conn = AnyConnection::connect(url).await.map_err(|e| e.to_string())?;
        let folder: String =
            sqlx::query_scalar("SELECT setting FROM pg_settings WHERE name = 'data_directory'").fetch_one(&mut conn).await.map_err(|e| e.to_string())?;
        for sql in ["ALTER SYSTEM SET log_statement = 'all'", "ALTER SYSTEM SET log_line_prefix = '@@'", "SELECT pg_reload_conf()"] {
            conn.execute(sql).await.map_err(|e| e.to_string())?;
        }
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        Ok(Self { conn, path: PathBuf::from(folder).join("server.log") })
    }

    /// As it was.
    pub async fn close(mut self) -> Result<(), String> {
        for sql in ["ALTER SYSTEM RESET log_statement", "SELECT pg_reload_conf()"] {
            self.conn.execute(sql).await.map_err(|e| e.to_string())?;
        }
        Ok(())
    }

    /// What is said while `work` runs.
    pub async fn during<T>(&mut self, work: impl Future<Output = Result<T, String>>) -> Result<(T, Vec<Statement>), String> {
        let from = std::fs::metadata(&self.path).map_err(|e| format!("{}: {e}", self.path.display()))?.len();
        let done = work.await?;
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        let mut file = std::fs::File::open(&self.path).map_err(|e| e.to_string())?;
        let mut text = String::new();
        file.seek(SeekFrom::Start(from)).and_then(|_| file.read_to_string(&mut text)).map_err(|e| e.to_string())?;
        let mut statements = Vec::new();
        for (sql, texts) in read(&text) {
            // Where the server cannot tell without what the driver says, a number is told by its looks.
            let kinds = if texts.is_empty() { Vec::new() } else { self.kinds(&sql).await.unwrap_or_else(|_| texts.iter().map(guess).collect()) };
            let values = texts.into_iter().enumerate().map(|(index, text)| value(text, kinds.get(index).map_or("text", String::as_str))).collect();
            statements.push(Statement { sql, values });
        }
        Ok((done, statements))
    }

    /// The types of a statement's parameters, asked of the server.
    async fn kinds(&mut self, sql: &str) -> Result<Vec<String>, String> {
        let said = |e: sqlx::Error| format!("{sql}: {e}");
        sqlx::raw_sql(AssertSqlSafe(format!("PREPARE asked AS {sql}"))).execute(&mut self.conn).await.map_err(said)?;
        let kinds: String = sqlx::query_scalar("SELECT array_to_string(CAST(parameter_types AS text[]), ',') FROM pg_prepared_statements WHERE name = 'asked'")
            .fetch_one(&mut self.conn)
            .await
            .map_err(said)?;
        sqlx::raw_sql("DEALLOCATE asked").execute(&mut self.conn).await.map_err(said)?;
        Ok(kinds.split(',').map(str::to_owned).collect())
    }
}

fn guess(text: &Option<String>) -> String {
    let is_number = text.as_ref().is_some_and(|t| t.len() <= 16 && (t == "0" || !t.starts_with('0')) && t.bytes().all(|b| b.is_ascii_digit()));
    if is_number { "bigint" } else { "text" }.to_owned()
}

fn value(text: Option<String>, kind: &str) -> Value {
    match kind {
        "bigint" | "integer" => Value::Int(text.and_then(|t| t.parse().ok())),
        _ => Value::Text(text),
    }
}

/// Statements and the texts of their values out of a piece of the log.
fn read(text: &str) -> Vec<(String, Vec<Option<String>>)> {
    let mut found: Vec<(String, Vec<Option<String>>)> = Vec::new();
    for entry in text.split("\n@@").map(|entry| entry.trim_start_matches("@@")) {
        let entry = entry.replace("\n\t", "\n");
        let entry = entry.trim_end();
        if let Some(rest) = entry.strip_prefix("LOG:  execute ") {
            if let Some((_, sql)) = rest.split_once(": ") {
                found.push((sql.to_owned(), Vec::new()));
            }
        } else if let Some(sql) = entry.strip_prefix("LOG:  statement: ") {
            found.push((sql.to_owned(), Vec::new()));
        } else if let Some(rest) = entry.strip_prefix("DETAIL:  ")
            && let Some((word, values)) = rest.split_once(": ")
            && word.eq_ignore_ascii_case("parameters")
            && let Some(last) = found.last_mut()
        {
            last.1 = parameters(values);
        }
    }
    found
}

/// `$1 = 'it''s', $2 = NULL`.
fn parameters(text: &str) -> Vec<Option<String>> {
    let mut values = Vec::new();
    let mut rest = text;
    while let Some((_, after)) = rest.split_once(" = ") {
        if let Some(after) = after.strip_prefix("NULL") {
            values.push(None);
            rest = after;
            continue;
        }
        let mut value = String::new();
        let mut chars = after.char_indices().skip(1).peekable();
        let mut end = after.len();
        while let Some((at, c)) = chars.next() {
            if c != '\'' {
                value.push(c);
            } else if chars.peek().is_some_and(|(_, next)| *next == '\'') {
                value.push('\'');
                chars.next();
            } else {
                end = at + 1;
                break;
            }
        }
        values.push(Some(value));
        rest = &after[end.min(after.len())..];
    }
    values
}
