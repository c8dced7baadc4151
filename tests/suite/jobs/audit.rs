//! Whatever is changed behind the product's back is found: by `yiqi check` and by the nightly job.

use sqlx::Executor as _;
use yiqi::actions::{checks, records};

use crate::support::TestApp;

impl TestApp {
    /// What `yiqi check` would print.
    pub async fn differences(&self) -> Vec<String> {
        let mut snapshot = self.db.snapshot().await.unwrap();
        checks::all(&mut snapshot).await.unwrap()
    }

    /// Runs a statement with the guards of its table taken down: somebody with the database's password.
    pub async fn tamper(&self, table: &str, sql: &str) {
        let mut conn = self.db.read().await.unwrap();
        if conn.backend_name() == "SQLite" {
            let names: Vec<String> =
                sqlx::query_scalar("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = $1").bind(table).fetch_all(&mut *conn).await.unwrap();
            for name in names {
                conn.execute(sqlx::AssertSqlSafe(format!("DROP TRIGGER {name}"))).await.unwrap();
            }
            conn.execute("PRAGMA ignore_check_constraints = ON").await.unwrap();
        } else {
            conn.execute(sqlx::AssertSqlSafe(format!("ALTER TABLE {table} DISABLE TRIGGER USER"))).await.unwrap();
        }
        let done = conn.execute(sqlx::AssertSqlSafe(sql.to_owned())).await.unwrap();
        assert!(done.rows_affected() > 0, "nothing to tamper with: {sql}");
    }
}

async fn audited(app: &TestApp, count: usize) {
    for n in 0..count {
        let act = app.command();
        let facts = serde_json::json!({ "n": n });
        app.transact(&act, |tx| {
            let (act, facts) = (&act, &facts);
            Box::pin(async move { records::audit(tx, act, "test.done", "test", "1", facts).await })
        })
        .await
        .unwrap();
    }
}

#[tokio::test]
async fn a_changed_removed_or_added_record_is_found() {
    for sql in [
        "UPDATE audit_records SET facts = '{}' WHERE facts = '{\"n\":1}'",
        "UPDATE audit_records SET person_id = 'somebody' WHERE facts = '{\"n\":1}'",
        "DELETE FROM audit_records WHERE facts = '{\"n\":2}'",
        "INSERT INTO audit_records (id, at, action, object_kind, object_id, facts, request_id, seal_number) VALUES ('x', 1, 'a', 'b', 'c', '{}', 'd', 1)",
        "UPDATE audit_records SET seal_number = 7 WHERE facts = '{\"n\":4}'",
    ] {
        let app = TestApp::new().await;
        audited(&app, 3).await;
        assert_eq!(app.run_job("audit").await, "differences=0 sealed=3 old_keys=0 old_runs=0");
        audited(&app, 5).await;
        app.run_job("audit").await;
        assert_eq!(app.differences().await, Vec::<String>::new());
        app.tamper("audit_records", sql).await;
        let found = app.differences().await;
        assert!(!found.is_empty() && found.iter().all(|line| line.starts_with("audit: ")), "{sql}: {found:?}");
        let alert = app.try_job("audit").await.unwrap_err();
        assert!(alert.contains("difference"), "{alert}");
    }
}

#[tokio::test]
async fn a_forged_or_missing_seal_is_found() {
    for sql in [
        "DELETE FROM seals WHERE number = 1",
        "UPDATE seals SET digest = 'x' WHERE number = 1",
        "UPDATE seals SET records = 2 WHERE number = 2",
        "DELETE FROM seals WHERE number = 2",
    ] {
        let app = TestApp::new().await;
        for _ in 0..2 {
            audited(&app, 3).await;
            app.run_job("audit").await;
        }
        app.tamper("seals", sql).await;
        assert!(!app.differences().await.is_empty(), "{sql}");
    }
}
