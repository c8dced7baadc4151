//! Two nodes over one database, under load: each scheduled instant runs once, nobody gets a mail twice, and a run whose node is killed in the
//! middle is finished by another, without anything happening twice.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use std::time::Duration;

use serde_json::{Value, json};
use sqlx::{AnyConnection, Connection as _, Executor as _};

use super::load::{CLIENTS, Sent, Town, tally, told};
use super::{check, rounds, say};
use crate::support::TestApp;
use crate::support::cluster::is_postgres;
use crate::support::purses::terms;
use crate::support::server::{Server, free_port};
use crate::support::sink::Sink;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_nodes_run_each_instant_once() {
    let (town, sink) = (Town::build().await, Sink::open().await);
    let (config, smtp) = (&town.app.config, sink.url());
    let settings = [("YIQI_SMTP_URL", smtp.as_str())];
    let one = Server::start_set(&config.database_url, &config.data_dir, free_port(), &[], &settings).await;
    let two = Server::start_set(&config.database_url, &config.data_dir, free_port(), &[], &settings).await;
    let clients = town.start_clients(&[one.port(), two.port()]);
    // Longer than the period of the most frequent job.
    let seconds = rounds(17, 40);
    tokio::time::sleep(Duration::from_secs(u64::try_from(seconds).unwrap())).await;
    town.over.store(true, Ordering::Relaxed);
    let (mut sent, mut done): (Vec<Sent>, _) = (Vec::new(), BTreeMap::new());
    for client in clients {
        sent.extend(client.await.unwrap());
    }
    tally(&sent, &mut done);
    // Asked to stop, not killed: what runs comes to its end.
    one.stop().await;
    two.stop().await;
    let mut conn = town.app.db.read().await.unwrap();
    let runs: Vec<(String, i64, i64)> =
        sqlx::query_as("SELECT job, instant, count(*) FROM job_runs WHERE by_hand IS NULL GROUP BY job, instant").fetch_all(&mut *conn).await.unwrap();
    let failed: Vec<(String, i64, String)> =
        sqlx::query_as("SELECT job, instant, report FROM job_runs WHERE outcome IS NULL OR outcome <> 'passed'").fetch_all(&mut *conn).await.unwrap();
    drop(conn);
    assert!(runs.iter().filter(|(job, _, _)| job == "notices").count() >= 2, "{runs:?}");
    assert!(runs.iter().all(|(_, _, count)| *count == 1), "{runs:?}");
    assert!(failed.is_empty(), "{failed:?}");
    let seen = sink.seen();
    let twice: Vec<_> = seen.iter().filter(|(_, count)| **count > 1).collect();
    assert!(!seen.is_empty() && twice.is_empty(), "{twice:?}");
    town.prove(&sent).await;
    let load = format!("{CLIENTS} clients for {seconds} s; done: {}", told(&done));
    say(&format!("nodes: two nodes, {load}; {} instants of jobs ran once each, {} mails came once each, check clean", runs.len(), seen.len()));
}

/// The morning after the last day of use, a little after the job's instant; and when the lease of a run then begun is over.
const BEGUN: &str = "2026-11-21T00:06:00+08:00";
const LATER: &str = "2026-11-21T00:37:00+08:00";
const FIRMS: u32 = 8;

/// A city in which the vouchers of several enterprises lapse this night.
async fn lapsing() -> TestApp {
    let app = TestApp::new().await;
    let (_, officer) = app.bureau().await;
    let mut year = terms(2026, 1_000_000_000);
    year["use_by"] = "2026-11-20".into();
    app.call("PUT", "/api/v1/programmes/2026", &officer, year).await.expect(200);
    for number in 1..=FIRMS {
        let (firm, _) = app.enterprise(number).await;
        let finance = app.finance(&firm).await;
        app.grant(&officer, &finance, 2026, 100_000).await;
    }
    app
}

/// Runs of the lapse: instant, node, outcome.
async fn lapses(app: &TestApp) -> Vec<(i64, String, Option<String>)> {
    let mut conn = app.db.read().await.unwrap();
    sqlx::query_as("SELECT instant, node, outcome FROM job_runs WHERE job = 'voucher-lapse' ORDER BY instant, number").fetch_all(&mut *conn).await.unwrap()
}

async fn purses(app: &TestApp) -> Vec<(i64, i64, i64)> {
    let mut conn = app.db.read().await.unwrap();
    sqlx::query_as("SELECT p.available_fen, p.lapsed_fen, (SELECT count(*) FROM movements m WHERE m.purse_id = p.id) FROM purses p ORDER BY p.id")
        .fetch_all(&mut *conn)
        .await
        .unwrap()
}

async fn wait(what: &str, mut until: impl AsyncFnMut() -> bool) {
    for _ in 0..600 {
        if until().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("waited in vain for {what}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_whose_node_is_killed_is_finished_by_another_and_nothing_doubles() {
    // Only there can the harness hold one purse and let the others go on.
    if !is_postgres() {
        return;
    }
    for _ in 0..rounds(1, 3) {
        let app = lapsing().await;
        let mut held = AnyConnection::connect(&app.config.database_url).await.unwrap();
        let middle: String = sqlx::query_scalar("SELECT id FROM purses ORDER BY id LIMIT 1 OFFSET 4").fetch_one(&mut held).await.unwrap();
        held.execute("BEGIN").await.unwrap();
        sqlx::query("UPDATE purses SET movements = movements WHERE id = $1").bind(&middle).execute(&mut held).await.unwrap();
        let first = Server::start(&app, free_port(), &["--demo", "--clock", BEGUN]).await;
        wait("the middle of the run", async || purses(&app).await.iter().filter(|(available, _, _)| *available == 0).count() == 4).await;
        first.kill();
        held.execute("ROLLBACK").await.unwrap();
        let begun = lapses(&app).await;
        assert!(matches!(begun.as_slice(), [(_, _, None)]), "{begun:?}");
        // Two that come later: one of them takes over.
        let two = Server::start(&app, free_port(), &["--demo", "--clock", LATER]).await;
        let three = Server::start(&app, free_port(), &["--demo", "--clock", LATER]).await;
        wait("the other to finish", async || lapses(&app).await.iter().all(|(_, _, outcome)| outcome.is_some())).await;
        let ended = lapses(&app).await;
        assert!(
            matches!(ended.as_slice(), [(instant, node, Some(outcome))] if *instant == begun[0].0 && *node != begun[0].1 && outcome == "passed"),
            "{ended:?}"
        );
        two.stop().await;
        three.stop().await;
        // A grant and a lapse each, and no second lapse.
        assert_eq!(purses(&app).await, vec![(0, 100_000, 2); FIRMS as usize]);
        let mut conn = app.db.read().await.unwrap();
        let told: Value = json!(
            sqlx::query_as::<_, (i64, i64)>("SELECT count(*), count(DISTINCT object_id) FROM outbox WHERE event = 'voucher.lapsed'")
                .fetch_one(&mut *conn)
                .await
                .unwrap()
        );
        assert_eq!(told, json!([FIRMS, FIRMS]), "one notice each");
        drop(conn);
        check(&app);
    }
    say(&format!("nodes: a run was killed in the middle {} times; another node finished it after its lease, each purse lapsed once", rounds(1, 3)));
}
