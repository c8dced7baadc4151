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
