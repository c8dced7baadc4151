//! `kill -9` under a load of bookings, cancels and use: what was answered is there, nothing is half done, the same key gives the first
//! answer again, and `check` finds no difference.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use yiqi::base::time::{HOUR, Instant};

use super::rounds;
use crate::support::TestApp;
use crate::support::server::{Server, call, free_port};

/// A write that was sent: what, under which key, and what was answered (nothing when the plug was pulled first).
#[derive(Clone)]
struct Sent {
    path: String,
    token: String,
    key: String,
    body: Value,
    answer: Option<(u16, Value)>,
}

/// Who and what the load is made of.
struct Load {
    booker: String,
    manager: String,
    instruments: Vec<String>,
    first: Instant,
    next: AtomicUsize,
}

impl Load {
    /// The next booking: hours of the coming weeks, now and then one that is taken.
    fn booking(&self) -> Value {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let hour = i64::try_from(number / self.instruments.len()).unwrap();
        let starts_at = self.first.plus(hour * HOUR);
        json!({
            "instrument_id": self.instruments[number % self.instruments.len()],
            "starts_at": starts_at, "ends_at": starts_at.plus(HOUR), "mode": "self", "voucher": "up_to",
            "purpose": "耐久试验", "purpose_kind": "research",
        })
    }
}

async fn send(port: u16, path: &str, token: &str, key: String, body: Value) -> Sent {
    let answer = call(port, "POST", path, token, &key, &body).await.ok();
    Sent { path: path.to_owned(), token: token.to_owned(), key, body, answer }
}

/// One client: books, cancels every third booking, records use of every fourth round; until the server is gone.
async fn client(port: u16, load: Arc<Load>, name: String) -> Vec<Sent> {
    let mut sent = Vec::new();
    for number in 0.. {
        let booked = send(port, "/api/v1/bookings", &load.booker, format!("{name}-{number}"), load.booking()).await;
        let gone = booked.answer.is_none();
        let id = booked.answer.as_ref().filter(|(status, _)| *status == 201).and_then(|(_, v)| v["id"].as_str().map(str::to_owned));
        sent.push(booked);
        if gone {
            break;
        }
        if let (Some(id), 0) = (id, number % 3) {
            sent.push(send(port, &format!("/api/v1/bookings/{id}/cancel"), &load.booker, format!("{name}-c{number}"), json!({"reason": "改期"})).await);
        }
        if number % 4 == 0 {
            let ends_at = load.first.plus(-40 * 86_400 + i64::try_from(number).unwrap() * 60);
            let segment = json!({"key": format!("{name}-{number}"), "phase": "run", "starts_at": ends_at.plus(-HOUR), "ends_at": ends_at, "source": "meter"});
            let path = format!("/api/v1/instruments/{}/usage", load.instruments[number % load.instruments.len()]);
            sent.push(send(port, &path, &load.manager, format!("{name}-u{number}"), json!({"segments": [segment]})).await);
        }
    }
    sent
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_answered_survives_the_plug() {
    let app = TestApp::living().await;
    app.bureau().await;
    let (_, manager) = app.institution(1).await;
    let (_, booker) = app.enterprise(1).await;
    let mut instruments = Vec::new();
    for _ in 0..6 {
        let id = app.instrument(&manager, json!({})).await;
        let week: Vec<Value> = (1..=7).map(|weekday| json!({"weekday": weekday, "opens": "00:00", "closes": "24:00"})).collect();
        app.set_hours(&manager, &id, json!({"items": week, "holidays": "open"})).await;
        app.set_policy(&manager, &id, json!({"horizon_days": 365, "notice_minutes": 0})).await;
        instruments.push(id);
    }
    let first = app.clock.now().day().plus(2).start();
    let load = Arc::new(Load { booker, manager, instruments, first, next: AtomicUsize::new(0) });

    for round in 0..rounds(2, 20) {
        let server = Server::start(&app, free_port(), &[]).await;
        let port = server.port();
        let clients: Vec<_> = (0..6).map(|n| tokio::spawn(client(port, Arc::clone(&load), format!("r{round}-{n}")))).collect();
        tokio::time::sleep(Duration::from_millis(700)).await;
        server.kill();
        let mut sent = Vec::new();
        for client in clients {
            sent.extend(client.await.unwrap());
        }
        let answered = sent.iter().filter(|s| matches!(s.answer, Some((200 | 201, _)))).count();
        assert!(answered > 3, "only {answered} writes were answered before the plug was pulled");
        assert!(sent.iter().all(|s| !matches!(s.answer, Some((500, _)))), "an answer was 500");
        prove(&app, &sent).await;
    }
}

/// Everything answered is there, and a repeat gives the first answer; what was not answered is either wholly there or not at all.
async fn prove(app: &TestApp, sent: &[Sent]) {
    let server = Server::start(app, free_port(), &["--no-jobs"]).await;
    for write in sent {
        let (status, again) = call(server.port(), "POST", &write.path, &write.token, &write.key, &write.body).await.unwrap();
        match &write.answer {
            Some((first, answer)) if (200..300).contains(first) => assert_eq!((status, &again), (*first, answer), "{} {}", write.path, write.key),
            Some(_) => {}
            None => assert!([200, 201, 409, 422].contains(&status), "{} {status} {again}", write.path),
        }
    }
    drop(server);
    let mut checking = std::process::Command::new(env!("CARGO_BIN_EXE_yiqi"));
    checking.current_dir(&app.config.data_dir).arg("check").env("YIQI_DATA_DIR", &app.config.data_dir).env("YIQI_DATABASE_URL", &app.config.database_url);
    let checked = checking.output().unwrap();
    assert!(checked.status.success(), "{}{}", String::from_utf8_lossy(&checked.stdout), String::from_utf8_lossy(&checked.stderr));
}
