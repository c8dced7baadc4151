//! The database away and the disk full, under load: 503 while it lasts, recovery without a restart, and nothing lost.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use std::time::Duration;

use serde_json::{Value, json};

use super::load::{Sent, Town, tally, told};
use super::{rounds, say};
use crate::support::TestApp;
use crate::support::cluster::{Cluster, SmallDisk, is_postgres};
use crate::support::server::{Server, call, free_port, request};

/// Ends the clients; gives everything that they sent.
async fn end(town: &Town, clients: Vec<tokio::task::JoinHandle<Vec<Sent>>>) -> Vec<Sent> {
    town.over.store(true, Ordering::Relaxed);
    let mut sent = Vec::new();
    for client in clients {
        sent.extend(client.await.unwrap());
    }
    assert!(sent.iter().all(|s| s.answer.is_some()), "the server itself went away");
    sent
}

/// A small write of the manager, which changes nothing for the clients.
async fn write(town: &Town, port: u16) -> (u16, Value) {
    let body = json!({ "segments": [{ "key": "", "phase": "run", "starts_at": "2020-01-01T00:00:00+08:00", "ends_at": "2020-01-01T01:00:00+08:00", "source": "meter" }] });
    call(port, "POST", &town.usage_path(), &town.manager, "", &body).await.unwrap()
}

/// Waits until writes are answered as they should be again.
async fn recovery(town: &Town, port: u16) {
    for _ in 0..300 {
        if write(town, port).await.0 == 200 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("it did not come back by itself");
}

fn count(sent: &[Sent], status: u16) -> usize {
    sent.iter().filter(|s| s.answer.as_ref().is_some_and(|(other, _)| *other == status)).count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgresql_goes_and_comes_under_load() {
    if !is_postgres() {
        return;
    }
    let cluster = Cluster::make();
    let (folder, url) = (tempfile::tempdir().unwrap(), cluster.url("postgres"));
    let town = Town::build_in(TestApp::living_in(folder.path(), async move |_| url).await).await;
    town.patient.store(true, Ordering::Relaxed);
    let server = Server::start(&town.app, free_port(), &[]).await;
    let (port, times) = (server.port(), rounds(1, 5));
    let clients = town.start_clients(&[port]);
    for round in 0..times {
        tokio::time::sleep(Duration::from_secs(1)).await;
        cluster.stop(if round % 2 == 0 { "immediate" } else { "fast" });
        let (status, problem) = write(&town, port).await;
        assert_eq!((status, problem["code"].as_str()), (503, Some("unavailable")), "{problem}");
        assert_eq!(request(port, "GET", "/readyz", "", &[], "").await.unwrap().0, 503);
        assert_eq!(request(port, "GET", "/healthz", "", &[], "").await.unwrap().0, 200);
        cluster.start();
        recovery(&town, port).await;
    }
    tokio::time::sleep(Duration::from_millis(500)).await;
    let sent = end(&town, clients).await;
    drop(server);
    let (mut done, away) = (BTreeMap::new(), count(&sent, 503));
    tally(&sent, &mut done);
    assert!(away > 0);
    town.prove(&sent).await;
    say(&format!(
        "away: PostgreSQL stopped and started {times} times under load; 503 for {away} writes meanwhile; done: {}; nothing lost, check clean",
        told(&done)
    ));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_is_503_and_loses_nothing() {
    let Some(disk) = SmallDisk::mount(if is_postgres() { 64 } else { 32 }) else {
        say("full disk: skipped, for a small disk cannot be mounted here (only root may)");
        return;
    };
    let cluster = is_postgres().then(Cluster::make);
    let town = match &cluster {
        // The tables are on the small disk, the log is not: a server whose log is full ends itself.
        Some(cluster) => {
            let (folder, url) = (disk.path().join("tables"), disk.path().join("files"));
            std::fs::create_dir(&folder).unwrap();
            std::fs::create_dir(&url).unwrap();
            let address = cluster.database_in(&folder).await;
            Town::build_in(TestApp::living_in(&url, async move |_| address).await).await
        }
        None => Town::build_in(TestApp::living_in(disk.path(), async |url| url).await).await,
    };
    town.patient.store(true, Ordering::Relaxed);
    let server = Server::start(&town.app, free_port(), &[]).await;
    let (port, times) = (server.port(), rounds(1, 3));
    let clients = town.start_clients(&[port]);
    for _ in 0..times {
        tokio::time::sleep(Duration::from_millis(600)).await;
        disk.fill(64);
        full(&town, port).await;
        // The clients feel it too.
        tokio::time::sleep(Duration::from_millis(800)).await;
        assert_eq!(request(port, "GET", "/api/v1/instruments", "", &[], "").await.unwrap().0, 200, "reading needs no room");
        disk.clear();
        recovery(&town, port).await;
    }
    tokio::time::sleep(Duration::from_millis(500)).await;
    let sent = end(&town, clients).await;
    drop(server);
    let (mut done, away) = (BTreeMap::new(), count(&sent, 503));
    tally(&sent, &mut done);
    town.prove(&sent).await;
    say(&format!("full disk: full {times} times under load; 503 for {away} writes meanwhile; done: {}; nothing lost, check clean", told(&done)));
}

/// Writes what takes room until there is none.
async fn full(town: &Town, port: u16) {
    let path = town.usage_path();
    for number in 0..400 {
        let segment = |n: usize| json!({ "key": format!("full-{number}-{n}-{}", "x".repeat(100)), "phase": "run", "starts_at": "2020-01-01T00:00:00+08:00", "ends_at": "2020-01-01T01:00:00+08:00", "source": "meter" });
        let body = json!({ "segments": (0..100).map(segment).collect::<Vec<_>>() });
        let (status, answer) = call(port, "POST", &path, &town.manager, "", &body).await.unwrap();
        if status == 503 {
            assert_eq!(answer["code"], "unavailable");
            return;
        }
        assert_eq!(status, 200, "{answer}");
    }
    panic!("the disk did not become full");
}
