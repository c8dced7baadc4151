//! Two nodes over one database: each scheduled instant runs once, and a run whose node died is finished by another.

use std::time::Duration;

use crate::support::TestApp;
use crate::support::server::{Server, free_port};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_nodes_run_each_instant_once() {
    let app = TestApp::living().await;
    let (one, two) = (Server::start(&app, free_port(), &[]).await, Server::start(&app, free_port(), &[]).await);
    // Longer than the period of the most frequent job.
    tokio::time::sleep(Duration::from_secs(17)).await;
    drop(one);
    drop(two);
    let mut conn = app.db.read().await.unwrap();
    let runs: Vec<(String, i64, i64)> =
        sqlx::query_as("SELECT job, instant, count(*) FROM job_runs WHERE by_hand IS NULL GROUP BY job, instant").fetch_all(&mut *conn).await.unwrap();
    assert!(runs.iter().filter(|(job, _, _)| job == "notices").count() >= 2, "{runs:?}");
    assert!(runs.iter().all(|(_, _, count)| *count == 1), "{runs:?}");
}
