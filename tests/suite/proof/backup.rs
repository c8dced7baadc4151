//! A backup taken under load and restored elsewhere: `yiqi check` is clean there, and every figure of openness is the same to the digit.

use std::sync::atomic::Ordering;
use std::time::Duration;

use serde_json::{Value, json};
use yiqi::base::time::HOUR;

use super::load::{Sent, Town};
use super::{check_in, rounds, say};
use crate::support::database::Database;
use crate::support::people::uscc;
use crate::support::server::{Server, free_port, request};

/// Use of the year before, which the load does not touch: overlapping, of several sources, for several organisations.
async fn remember(town: &Town, year: i64) {
    let first = yiqi::base::time::Day::new(i16::try_from(year).unwrap(), 3, 2).unwrap().start();
    for (number, instrument) in town.instruments().iter().enumerate() {
        let segment = |n: usize| -> Value {
            let starts_at = first.plus(i64::try_from(n * 7 + number).unwrap() * HOUR);
            let ends_at = starts_at.plus(1234 * i64::try_from(1 + n % 9).unwrap());
            let phase = ["startup", "run", "run", "postprocess", "maintenance", "fault"][n % 6];
            let source = ["meter", "staff"][n % 2];
            let firm = (!n.is_multiple_of(3)).then(|| uscc(&format!("91370212MA{:07}", 1 + n % 4)));
            json!({ "key": format!("old-{n}"), "phase": phase, "starts_at": starts_at, "ends_at": ends_at, "source": source, "organisation_uscc": firm })
        };
        let body = json!({ "segments": (0..40).map(segment).collect::<Vec<_>>() });
        let answer = town.app.post(&format!("/api/v1/instruments/{instrument}/usage"), &town.manager, body).await.expect(200);
        assert_eq!(answer["accepted"], 40, "{answer}");
    }
}

/// Every figure of a year as a server tells it: the city's, the institution's, each instrument's.
async fn figures(port: u16, town: &Town, year: i64) -> Vec<String> {
    let mut paths = vec!["city".to_owned(), format!("institutions/{}", town.lab())];
    paths.extend(town.instruments().iter().map(|id| format!("instruments/{id}")));
    let mut found = Vec::new();
    for path in paths {
        for period in [format!("{year}"), format!("{year}-03")] {
            let token = if path.starts_with("city") { &town.officer } else { &town.manager };
            let (status, text) = request(port, "GET", &format!("/api/v1/openness/{path}?period={period}"), token, &[], "").await.unwrap();
            assert_eq!(status, 200, "{path} {text}");
            found.push(text);
        }
    }
    found
}

fn yiqi(town: &Town, database_url: &str, folder: &std::path::Path, arguments: &[&str]) {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_yiqi"));
    command.current_dir(&town.app.config.data_dir).args(arguments).env("YIQI_DATA_DIR", folder).env("YIQI_DATABASE_URL", database_url);
    let done = command.output().unwrap();
    assert!(done.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&done.stderr));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_taken_under_load_is_whole_elsewhere() {
    let town = Town::build().await;
    let this_year = town.app.clock.now().day().year();
    remember(&town, this_year - 1).await;
    let server = Server::start(&town.app, free_port(), &[]).await;
    let clients = town.start_clients(&[server.port()]);
    let (config, times) = (&town.app.config, rounds(1, 3));
    let mut restored = Vec::new();
    for number in 0..times {
        tokio::time::sleep(Duration::from_millis(800)).await;
        let (place, file) = (tempfile::tempdir().unwrap(), config.data_dir.join(format!("backup-{number}.tar")).display().to_string());
        yiqi(&town, &config.database_url, &config.data_dir, &["backup", &file]);
        let empty = Database::empty(place.path()).await;
        yiqi(&town, &empty.url, place.path(), &["restore", &file]);
        check_in(place.path(), &empty.url);
        restored.push((place, empty));
    }
    town.over.store(true, Ordering::Relaxed);
    let mut sent: Vec<Sent> = Vec::new();
    for client in clients {
        sent.extend(client.await.unwrap());
    }
    // One more when all is quiet: then this year's figures are the same too.
    let (place, file) = (tempfile::tempdir().unwrap(), config.data_dir.join("backup-last.tar").display().to_string());
    yiqi(&town, &config.database_url, &config.data_dir, &["backup", &file]);
    let empty = Database::empty(place.path()).await;
    yiqi(&town, &empty.url, place.path(), &["restore", &file]);
    check_in(place.path(), &empty.url);
    let (before, now) = (figures(server.port(), &town, this_year - 1).await, figures(server.port(), &town, this_year).await);
    drop(server);
    let effective: Value = serde_json::from_str(&before[0]).unwrap();
    assert!(effective["effective_seconds"].as_i64().is_some_and(|seconds| seconds > 0), "{effective}");
    for (folder, database) in &restored {
        let server = Server::start_with(&database.url, folder.path(), free_port(), &["--no-jobs"]).await;
        assert_eq!(figures(server.port(), &town, this_year - 1).await, before);
    }
    let server = Server::start_with(&empty.url, place.path(), free_port(), &["--no-jobs"]).await;
    assert_eq!((figures(server.port(), &town, this_year - 1).await, figures(server.port(), &town, this_year).await), (before.clone(), now));
    let writes = sent.iter().filter(|s| s.is_done()).count();
    say(&format!(
        "backup: {times} taken under {writes} writes and one after; restored elsewhere, check clean, {} answers of openness the same to the digit",
        before.len() * 2
    ));
}
