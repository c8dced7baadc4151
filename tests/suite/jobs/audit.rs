//! Whatever is changed behind the product's back is found: by `yiqi check` and by the nightly job.

use serde_json::json;
use sqlx::Executor as _;
use yiqi::actions::{checks, records};

use crate::support::TestApp;
use crate::support::bookings::City;
use crate::support::usage::segment;

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
            conn.execute("ALTER TABLE slot_spans DROP CONSTRAINT IF EXISTS slot_spans_no_overlap").await.unwrap();
        }
        let done = conn.execute(sqlx::AssertSqlSafe(sql.to_owned())).await.unwrap();
        assert!(done.rows_affected() > 0, "nothing to tamper with: {sql}");
    }
}

async fn audited(app: &TestApp, count: usize) {
    for n in 0..count {
        let act = app.command();
        let facts = json!({ "n": n });
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

/// A city with a hold, a slot in use, a segment and its roll-up: everything that agrees, and can be made not to.
async fn living() -> City {
    let city = City::new(json!({ "approval": "automatic", "notice_minutes": 0 })).await.granted(10_000).await;
    let booking = city.book("2026-10-12T13:00", "2026-10-12T15:00", json!({ "voucher": "required" })).await;
    assert!(booking["held_fen"].as_i64().unwrap() > 0, "{booking}");
    city.book("2026-10-13T09:00", "2026-10-13T10:00", json!({ "voucher": "up_to" })).await;
    city.app.set_now("2026-10-12T15:30:00+08:00");
    let used = segment("one", "2026-10-12T13:00", "2026-10-12T14:30", json!({ "booking_code": booking["code"], "organisation_uscc": city.firm }));
    assert_eq!(city.app.deliver(&city.manager, &city.instrument, vec![used]).await.expect(200)["accepted"], 1);
    city.app.roll_up().await;
    city
}

#[tokio::test]
async fn whatever_is_changed_behind_the_products_back_is_found() {
    for (table, sql, told) in [
        ("movements", "UPDATE movements SET amount_fen = amount_fen + 100 WHERE to_account = 'held' AND number = 2", "purse"),
        ("movements", "DELETE FROM movements WHERE number = 2", "purse"),
        ("movements", "UPDATE movements SET to_account = 'returned' WHERE number = 2", "purse"),
        ("purses", "UPDATE purses SET available_fen = available_fen - 100, held_fen = held_fen + 100", "purse"),
        ("purses", "UPDATE purses SET available_fen = available_fen + 100, granted_fen = granted_fen + 100", "purse"),
        ("holds", "UPDATE holds SET amount_fen = amount_fen + 100", "hold"),
        (
            "holds",
            "UPDATE holds SET amount_fen = CASE WHEN booking_id = (SELECT min(booking_id) FROM holds) THEN amount_fen + 100 ELSE amount_fen - 100 END",
            "hold",
        ),
        ("slot_spans", "UPDATE slot_spans SET freed_at = 1", "slot"),
        ("slot_spans", "UPDATE slot_spans SET starts_at = starts_at - 3600", "slot"),
        ("slot_spans", "UPDATE slot_spans SET ends_at = ends_at + 172800", "overlap"),
        ("bookings", "UPDATE bookings SET state = 'cancelled' WHERE state = 'confirmed'", "booking"),
        ("usage_days", "UPDATE usage_days SET external_seconds = external_seconds + 60", "rolled up"),
        ("usage_days", "UPDATE usage_days SET meter_seconds = meter_seconds + 60", "rolled up"),
        ("usage_days", "UPDATE usage_days SET users = ''", "rolled up"),
        ("usage_days", "DELETE FROM usage_days", "rolled up"),
        ("usage_months", "UPDATE usage_months SET effective_seconds = effective_seconds + 60", "rolled up"),
        ("usage_months", "DELETE FROM usage_months", "rolled up"),
        ("usage_months", "UPDATE usage_months SET users = ''", "rolled up"),
        ("usage_months", "UPDATE usage_months SET month = '2020-01'", "rolled up"),
        ("usage_segments", "UPDATE usage_segments SET ends_at = ends_at + 600", "rolled up"),
        ("usage_segments", "UPDATE usage_segments SET voided_at = 1", "rolled up"),
    ] {
        let city = living().await;
        assert_eq!(city.app.differences().await, Vec::<String>::new());
        city.app.tamper(table, sql).await;
        let found = city.app.differences().await;
        assert!(found.iter().any(|line| line.contains(told)), "{sql}: {found:?}");
        assert!(city.app.try_job("audit").await.is_err(), "{sql}");
    }
}
