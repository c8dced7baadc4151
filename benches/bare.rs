//! The limit of a page: a server that runs the page's statements with its values and prints the rows, unstyled.

use std::fmt::Write as _;
use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::routing::get;
use sqlx::any::{AnyArguments, AnyPoolOptions};
use sqlx::{AnyPool, Arguments as _, AssertSqlSafe, Executor as _, Row as _};

use crate::capture::{Statement, Value};

/// Serves one page at `/` until it is dropped; gives its port.
pub async fn serve(url: &str, statements: Vec<Statement>) -> Result<(u16, tokio::task::JoinHandle<()>), String> {
    let is_sqlite = url.starts_with("sqlite:");
    let pool = AnyPoolOptions::new()
        .max_connections(if is_sqlite { 6 } else { 16 })
        .after_connect(move |conn, _| {
            let settings = if is_sqlite { "PRAGMA cache_size = -2000" } else { "SET lock_timeout = '5s'" };
            Box::pin(async move { conn.execute(settings).await.map(|_| ()) })
        })
        .connect(url)
        .await
        .map_err(|e| e.to_string())?;
    let statements: Vec<Statement> = statements.into_iter().filter(|s| !s.is_control()).collect();
    let router = Router::new().route("/", get(page)).with_state(Arc::new((pool, statements)));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.map_err(|e| e.to_string())?;
    let port = listener.local_addr().map_err(|e| e.to_string())?.port();
    Ok((port, tokio::spawn(async move { drop(axum::serve(listener, router).await) })))
}

async fn page(State(state): State<Arc<(AnyPool, Vec<Statement>)>>) -> Result<String, String> {
    let mut text = String::new();
    let mut conn = state.0.acquire().await.map_err(|e| e.to_string())?;
    for statement in &state.1 {
        let mut arguments = AnyArguments::default();
        for value in &statement.values {
            match value {
                Value::Int(number) => arguments.add(*number),
                Value::Text(text) => arguments.add(text.clone()),
            }
            .map_err(|e| e.to_string())?;
        }
        let rows =
            sqlx::query_with(AssertSqlSafe(statement.sql.as_str()), arguments).fetch_all(&mut *conn).await.map_err(|e| format!("{}: {e}", statement.sql))?;
        for row in rows {
            for column in 0..row.len() {
                if let Ok(Some(value)) = row.try_get::<Option<&str>, _>(column) {
                    text.push_str(value);
                } else if let Ok(Some(value)) = row.try_get::<Option<i64>, _>(column) {
                    let _ = write!(text, "{value}");
                } else if let Ok(Some(value)) = row.try_get::<Option<f64>, _>(column) {
                    let _ = write!(text, "{value}");
                }
                text.push('\t');
            }
            text.push('\n');
        }
    }
    Ok(text)
}
