//! The schema comes up on an empty database, twice without harm, and its guards speak by name.

use crate::support::TestApp;
use yiqi::store::Error;

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
