//! The demo city: filled through actions, the same each time, complete, and in order.

use std::collections::BTreeMap;

use crate::support::TestApp;
use yiqi::demo;

#[tokio::test]
async fn scratch() {
    let app = TestApp::new().await;
    let begun = std::time::Instant::now();
    let refused = demo::build(&app).await.unwrap();
    println!("{:?}", begun.elapsed());
    for line in &refused {
        println!("{line}");
    }
    let mut conn = app.db.read().await.unwrap();
    for table in ["bookings", "usage_segments", "claims", "outbox", "audit_records", "movements", "instrument_words", "usage_days", "slots", "booking_events"] {
        let n: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(format!("SELECT count(*) FROM {table}"))).fetch_one(&mut *conn).await.unwrap();
        println!("{table} {n}");
    }
    let states: Vec<(String, i64)> = sqlx::query_as("SELECT state, count(*) FROM bookings GROUP BY state").fetch_all(&mut *conn).await.unwrap();
    println!("{states:?}");
    let _: BTreeMap<String, i64> = BTreeMap::new();
    assert!(refused.is_empty());
}
