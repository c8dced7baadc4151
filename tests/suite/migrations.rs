//! The schema comes up on an empty database, twice without harm, and its guards speak by name.

use std::path::Path;

use sqlx::migrate::Migrator;
use sqlx::{AnyConnection, AnyPool, AssertSqlSafe, Executor as _};
use yiqi::store::{Db, Error};

use crate::support::TestApp;
use crate::support::cluster::is_postgres;
use crate::support::database::Database;

#[tokio::test]
async fn migrating_twice_changes_nothing() {
    let app = TestApp::new().await;
    app.db.migrate().await.unwrap();
    app.db.ping().await.unwrap();
}

#[tokio::test]
async fn the_ledger_refuses_update_and_delete() {
    let app = TestApp::new().await;
    let mut conn = app.db.read().await.unwrap();
    for sql in ["UPDATE seals SET records = 2", "DELETE FROM seals"] {
        sqlx::query("INSERT INTO seals (number, at, records, previous, digest) VALUES (1, 1, 1, '', '') ON CONFLICT DO NOTHING")
            .execute(&mut *conn)
            .await
            .unwrap();
        let error = Error::from(sqlx::query(sqlx::AssertSqlSafe(sql.to_owned())).execute(&mut *conn).await.unwrap_err());
        assert!(error.broke("seals_append_only"), "{sql}: {error}");
    }
}

#[tokio::test]
async fn a_transaction_that_the_engine_ended_by_itself_spoils_no_connection() {
    let app = TestApp::new().await;
    for round in 0..30 {
        // What a full disk does: the engine has rolled back, and nobody told the driver.
        let lost = app
            .db
            .transact(|tx| {
                Box::pin(async move {
                    sqlx::query("ROLLBACK").execute(&mut **tx).await?;
                    Ok::<_, Error>(())
                })
            })
            .await;
        drop(lost);
        let name = format!("round-{round}");
        let kept = app
            .db
            .transact(|tx| {
                let name = &name;
                Box::pin(async move {
                    sqlx::query("INSERT INTO marks (name, value) VALUES ($1, '')").bind(name).execute(&mut **tx).await?;
                    Ok::<_, Error>(())
                })
            })
            .await;
        kept.unwrap();
    }
    let mut conn = app.db.read().await.unwrap();
    let kept: i64 = sqlx::query_scalar("SELECT count(*) FROM marks WHERE name LIKE 'round-%'").fetch_one(&mut *conn).await.unwrap();
    assert_eq!(kept, 30);
}

/// Brings an empty database to an older schema: everything before `version`, and the engine's guards.
async fn migrate_before(url: &str, version: i64) -> AnyPool {
    sqlx::any::install_default_drivers();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
    let own = Migrator::new(folder.join(if is_postgres() { "postgres" } else { "sqlite" })).await.unwrap();
    let shared = Migrator::new(folder).await.unwrap();
    let all = shared.iter().filter(|m| m.version < version).chain(own.iter()).cloned().collect();
    let pool = AnyPool::connect(&if is_postgres() { url.to_owned() } else { format!("{url}?mode=rwc") }).await.unwrap();
    Migrator::with_migrations(all).run(&pool).await.unwrap();
    pool
}

#[tokio::test]
async fn days_of_use_keep_their_figures_and_users_and_get_months() {
    let folder = tempfile::tempdir().unwrap();
    let database = Database::empty(folder.path()).await;
    let pool = migrate_before(&database.url, 8).await;
    let day = |day: &str, seconds: i64| format!("('i', '{day}', 'o', {seconds}, {seconds}, 0, {seconds}, 0, 0, 0, 0, 0, 1, 'd', 5)");
    let days = [day("2026-09-30", 60), day("2026-10-01", 100), day("2026-10-31", 200)].join(", ");
    for sql in [
        "INSERT INTO organisations (id, uscc, created_at) VALUES ('o', '123702000MB0000001', 0)".to_owned(),
        "INSERT INTO instruments (id, name, name_en, model, maker, description, category_code, kind, original_value_fen, funding, positions, state, revision, version, created_at, updated_at) \
         VALUES ('i', 'x', '', '', '', '', '010101', 'instrument', 1, 'public', 1, 'published', 0, 1, 0, 0)"
            .to_owned(),
        format!(
            "INSERT INTO usage_days (instrument_id, day, institution_id, effective_seconds, external_seconds, down_seconds, meter_seconds, card_seconds, qr_seconds, agent_seconds, \
             staff_seconds, import_seconds, segments, digest, computed_at) VALUES {days}"
        ),
        "INSERT INTO usage_day_users (instrument_id, day, institution_id, uscc, seconds) VALUES ('i', '2026-10-01', 'o', 'B', 40), ('i', '2026-10-01', 'o', 'A', 60), ('i', '2026-10-31', 'o', 'B', 200)"
            .to_owned(),
        "INSERT INTO touched_days (instrument_id, day, touched_at) VALUES ('i', '2026-10-31', 7)".to_owned(),
    ] {
        pool.execute(AssertSqlSafe(sql)).await.unwrap();
    }
    pool.close().await;

    let db = Db::open(&database.url).unwrap();
    db.migrate().await.unwrap();
    let mut conn = db.read().await.unwrap();
    let days: Vec<(String, i64, String, String)> = list(&mut conn, "SELECT day, effective_seconds, users, digest FROM usage_days ORDER BY day").await;
    let whole = |day: &str, seconds: i64, users: &str| (day.to_owned(), seconds, users.to_owned(), "d".to_owned());
    assert_eq!(days, [whole("2026-09-30", 60, ""), whole("2026-10-01", 100, "A=60,B=40"), whole("2026-10-31", 200, "B=200")]);
    let months: Vec<(String, i64, String, String)> =
        list(&mut conn, "SELECT month, meter_seconds, users, institution_id FROM usage_months ORDER BY month").await;
    let sum = |month: &str, seconds: i64, users: &str| (month.to_owned(), seconds, users.to_owned(), "o".to_owned());
    assert_eq!(months, [sum("2026-09", 60, ""), sum("2026-10", 300, "A,B")]);
    let touched: Vec<(String, i64, String, String)> = list(&mut conn, "SELECT day, touches, instrument_id, '' FROM touched_days").await;
    assert_eq!(touched, [("2026-10-31".to_owned(), 1, "i".to_owned(), String::new())]);
    drop(conn);
    db.close().await;
}

async fn list(conn: &mut AnyConnection, sql: &'static str) -> Vec<(String, i64, String, String)> {
    sqlx::query_as(sql).fetch_all(conn).await.unwrap()
}
