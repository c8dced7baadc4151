//! A database of its own for each test. On PostgreSQL it is a copy of a template that the first test migrates.

use std::path::Path;

use sqlx::{Connection as _, Executor as _, PgConnection};
use yiqi::store::Db;

/// The name of the migrated template.
const TEMPLATE: &str = "yiqi_template";

/// A database that goes away with the test.
pub struct Database {
    /// Its address.
    pub url: String,
    /// Whether it is still empty.
    pub needs_migration: bool,
    dropped: Option<(String, String)>,
}

#[expect(clippy::disallowed_methods, reason = "the harness is told its engine by the environment")]
pub fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|v| !v.is_empty())
}

impl Database {
    /// A database without any table, for what is restored.
    pub async fn empty(folder: &Path) -> Self {
        if environment("YIQI_TEST_DATABASE").as_deref() != Some("postgres") {
            return Self { url: format!("sqlite://{}", folder.join("restored.db").display()), needs_migration: true, dropped: None };
        }
        let server = environment("YIQI_TEST_POSTGRES").expect("YIQI_TEST_POSTGRES: the address of a PostgreSQL for tests");
        let name = format!("e_{}", folder.file_name().unwrap().to_string_lossy().trim_start_matches('.').to_lowercase());
        let mut admin = PgConnection::connect(&server).await.unwrap();
        admin.execute(sqlx::AssertSqlSafe(format!("CREATE DATABASE \"{name}\" TEMPLATE template0"))).await.unwrap();
        admin.close().await.unwrap();
        Self { url: at(&server, &name), needs_migration: true, dropped: Some((server, name)) }
    }

    /// A fresh one on the engine of this run.
    pub async fn fresh(folder: &Path) -> Self {
        if environment("YIQI_TEST_DATABASE").as_deref() != Some("postgres") {
            return Self { url: format!("sqlite://{}", folder.join("yiqi.db").display()), needs_migration: true, dropped: None };
        }
        let server = environment("YIQI_TEST_POSTGRES").expect("YIQI_TEST_POSTGRES: the address of a PostgreSQL for tests");
        let name = format!("t_{}", folder.file_name().unwrap().to_string_lossy().trim_start_matches('.').to_lowercase());
        let mut admin = PgConnection::connect(&server).await.unwrap();
        // One process at a time makes the template; the lock goes with the connection.
        admin.execute("SELECT pg_advisory_lock(20260724)").await.unwrap();
        let there: Option<(String,)> =
            sqlx::query_as("SELECT datname FROM pg_database WHERE datname = $1").bind(TEMPLATE).fetch_optional(&mut admin).await.unwrap();
        if there.is_none() {
            admin.execute(sqlx::AssertSqlSafe(format!("CREATE DATABASE {TEMPLATE}_new"))).await.unwrap();
            let db = Db::open(&at(&server, &format!("{TEMPLATE}_new"))).unwrap();
            db.migrate().await.unwrap();
            db.close().await;
            admin.execute(sqlx::AssertSqlSafe(format!("ALTER DATABASE {TEMPLATE}_new RENAME TO {TEMPLATE}"))).await.unwrap();
        }
        admin.execute(sqlx::AssertSqlSafe(format!("CREATE DATABASE \"{name}\" TEMPLATE {TEMPLATE}"))).await.unwrap();
        admin.close().await.unwrap();
        Self { url: at(&server, &name), needs_migration: false, dropped: Some((server, name)) }
    }
}

/// The address of another database of the same server.
fn at(server: &str, name: &str) -> String {
    let (head, query) = server.split_once('?').map_or((server, String::new()), |(head, query)| (head, format!("?{query}")));
    let base = head.rsplit_once('/').map_or(head, |(base, _)| base);
    format!("{base}/{name}{query}")
}

impl Drop for Database {
    fn drop(&mut self) {
        let Some((server, name)) = self.dropped.take() else { return };
        let dropping = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                if let Ok(mut admin) = PgConnection::connect(&server).await {
                    let _ = admin.execute(sqlx::AssertSqlSafe(format!("DROP DATABASE IF EXISTS \"{name}\" WITH (FORCE)"))).await;
                }
            });
        });
        let _ = dropping.join();
    }
}
