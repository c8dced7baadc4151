//! A small town under load, over sockets: clients that book, cancel, use, state, settle, claim and decide until the server is gone, and
//! the proof that everything answered is there.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use serde_json::{Value, json};
use yiqi::base::time::{HOUR, Instant};
use yiqi::domain::roles::Role;

use crate::support::TestApp;
use crate::support::claims::round_the_clock;
use crate::support::server::{Server, call, free_port};

/// How many clients there are; each has an instrument of its own for what must be used now.
pub const CLIENTS: usize = 6;

/// A write that was sent: what, under which key, and what was answered (nothing when the server was gone first).
#[derive(Clone)]
pub struct Sent {
    pub verb: &'static str,
    pub method: &'static str,
    pub path: String,
    pub token: String,
    pub key: String,
    pub body: Value,
    pub answer: Option<(u16, Value)>,
}

impl Sent {
    pub fn is_done(&self) -> bool {
        matches!(self.answer, Some((200..=299, _)))
    }
}

/// Who and what the load is made of.
pub struct Town {
    pub app: TestApp,
    pub booker: String,
    pub manager: String,
    pub officer: String,
    cashier: String,
    bureau: String,
    lab: String,
    firm: String,
    file: String,
    instruments: Vec<String>,
    first: Instant,
    next: AtomicUsize,
    keys: AtomicUsize,
    /// Whether clients end.
    pub over: AtomicBool,
    /// Whether a server that is away ends a client; else it tries again.
    pub patient: AtomicBool,
}

impl Town {
    pub async fn build() -> Arc<Self> {
        Self::build_in(TestApp::living().await).await
    }

    pub async fn build_in(app: TestApp) -> Arc<Self> {
        let (bureau, officer) = app.bureau().await;
        let cashier = app.person(&bureau, "cashier@bureau.test", Role::Officer, None).await;
        let (lab, manager) = app.institution(1).await;
        let (firm, booker) = app.enterprise(1).await;
        let (year, finance) = (app.clock.now().day().year(), app.finance(&firm).await);
        for year in [year, year + 1] {
            app.programme(&officer, year, 1_000_000_000).await;
            app.grant(&officer, &finance, year, 20_000_000).await;
        }
        let mut instruments = Vec::new();
        for _ in 0..CLIENTS * 2 {
            let id = app.draft(&manager, json!({ "original_value_fen": 40_000_000 })).await;
            app.set_price(&manager, &id, 1_000).await;
            app.set_hours(&manager, &id, round_the_clock()).await;
            app.set_policy(&manager, &id, json!({ "horizon_days": 365, "notice_minutes": 0, "approval": "automatic" })).await;
            app.post(&format!("/api/v1/instruments/{id}/publish"), &manager, Value::Null).await.expect(200);
            instruments.push(id);
        }
        let file = app.file(&booker).await;
        let first = app.clock.now().day().plus(2).start();
        let (next, keys, over, patient) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicBool::new(false), AtomicBool::new(false));
        Arc::new(Self { app, booker, manager, officer, cashier, bureau, lab, firm, file, instruments, first, next, keys, over, patient })
    }

    fn wish(instrument: &str, starts_at: Instant) -> Value {
        json!({
            "instrument_id": instrument, "starts_at": starts_at, "ends_at": starts_at.plus(HOUR), "mode": "self", "voucher": "up_to",
            "purpose": "耐久试验", "purpose_kind": "research",
        })
    }

    /// The next booking of the coming weeks.
    fn later(&self) -> Value {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let instrument = &self.instruments[CLIENTS + number % CLIENTS];
        Self::wish(instrument, self.first.plus(i64::try_from(number / CLIENTS).unwrap() * HOUR))
    }

    async fn send(&self, port: u16, verb: &'static str, path: String, token: &str, body: Value) -> Sent {
        let key = format!("k{}", self.keys.fetch_add(1, Ordering::Relaxed));
        let answer = call(port, "POST", &path, token, &key, &body).await.ok();
        Sent { verb, method: "POST", path, token: token.to_owned(), key, body, answer }
    }

    /// One client: half of what it books lies ahead and is partly cancelled, half is used at once, stated, settled, claimed and decided on.
    pub async fn client(self: Arc<Self>, port: u16, own: usize) -> Vec<Sent> {
        let mut sent = Vec::new();
        for round in 0.. {
            if self.over.load(Ordering::Relaxed) {
                break;
            }
            let before = sent.len();
            let booked = self.send(port, "book", "/api/v1/bookings".to_owned(), &self.booker, self.later()).await;
            let id = booked.is_done().then(|| booked.answer.clone().unwrap().1["id"].as_str().unwrap().to_owned());
            sent.push(booked);
            if let (Some(id), 0) = (id, round % 2) {
                sent.push(self.send(port, "cancel", format!("/api/v1/bookings/{id}/cancel"), &self.booker, json!({ "reason": "改期" })).await);
            }
            if round % 3 == 0 {
                let ends_at = self.first.plus(-40 * 86_400 + i64::try_from(round).unwrap() * 60);
                let segment =
                    json!({"key": format!("{port}-{own}-{round}"), "phase": "run", "starts_at": ends_at.plus(-HOUR), "ends_at": ends_at, "source": "meter"});
                let path = format!("/api/v1/instruments/{}/usage", self.instruments[own]);
                sent.push(self.send(port, "record use", path, &self.manager, json!({ "segments": [segment] })).await);
            }
            self.serve(port, own, round, &mut sent).await;
            if sent[before..].iter().any(|s| s.answer.is_none()) {
                if !self.patient.load(Ordering::Relaxed) {
                    break;
                }
                tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            }
        }
        sent
    }

    /// A booking that begins within half an hour is checked in and out, stated, confirmed, claimed, and approved and paid or withdrawn; as
    /// far as it comes.
    async fn serve(&self, port: u16, own: usize, round: usize, sent: &mut Vec<Sent>) {
        let starts_at = Instant((self.app.clock.now().0 / 1800 + 1) * 1800);
        let booked = self.send(port, "book", "/api/v1/bookings".to_owned(), &self.booker, Self::wish(&self.instruments[own], starts_at)).await;
        let id = booked.is_done().then(|| booked.answer.clone().unwrap().1["id"].as_str().unwrap().to_owned());
        sent.push(booked);
        let Some(id) = id else { return };
        for (verb, token, body) in [
            ("check-in", &self.booker, json!({})),
            ("check-out", &self.booker, json!({})),
            ("statement", &self.manager, json!({ "actual_fen": 1_000, "reason": "按约定" })),
            ("confirm", &self.booker, json!({})),
        ] {
            let step = self.send(port, verb, format!("/api/v1/bookings/{id}/{verb}"), token, body).await;
            let done = step.is_done();
            sent.push(step);
            if !done {
                return;
            }
        }
        let today = self.app.clock.now().day().to_string();
        let body = json!({
            "booking_ids": [id], "contract_file_id": self.file, "invoice_number": format!("{port}-{own}-{round}"), "seller_uscc": self.lab,
            "invoice_fen": 1_000, "invoice_on": today, "paid_fen": 1_000, "paid_on": today, "file_ids": [self.file],
        });
        let filed = self.send(port, "claim", "/api/v1/claims".to_owned(), &self.booker, body).await;
        let claim = filed.is_done().then(|| filed.answer.clone().unwrap().1["id"].as_str().unwrap().to_owned());
        sent.push(filed);
        let Some(claim) = claim else { return };
        if round % 3 == 2 {
            sent.push(self.send(port, "withdraw", format!("/api/v1/claims/{claim}/withdraw"), &self.booker, json!({})).await);
            return;
        }
        sent.push(self.send(port, "approve", format!("/api/v1/claims/{claim}/approve"), &self.officer, json!({})).await);
        sent.push(self.send(port, "pay", format!("/api/v1/claims/{claim}/pay"), &self.cashier, json!({ "bank_reference": "B-1" })).await);
    }

    /// Where use of the first instrument is recorded.
    pub fn usage_path(&self) -> String {
        format!("/api/v1/instruments/{}/usage", self.instruments[0])
    }

    pub fn instruments(&self) -> &[String] {
        &self.instruments
    }

    /// The institution's USCC.
    pub fn lab(&self) -> &str {
        &self.lab
    }

    /// The enterprise's USCC.
    pub fn firm(&self) -> &str {
        &self.firm
    }

    /// The bureau's USCC.
    pub fn bureau(&self) -> &str {
        &self.bureau
    }

    /// Something of everything, made over a server: bookings that lie ahead, settled ones, claims.
    pub async fn furnish(&self) {
        let server = Server::start(&self.app, free_port(), &["--no-jobs"]).await;
        let mut sent = Vec::new();
        for round in 0..3 {
            sent.push(self.send(server.port(), "book", "/api/v1/bookings".to_owned(), &self.booker, self.later()).await);
            self.serve(server.port(), 0, round, &mut sent).await;
        }
        assert!(sent.iter().all(Sent::is_done), "{:?}", sent.iter().find(|s| !s.is_done()).map(|s| (&s.path, &s.answer)));
    }

    /// Lets clients run at ports, one after another; their handles.
    pub fn start_clients(self: &Arc<Self>, ports: &[u16]) -> Vec<tokio::task::JoinHandle<Vec<Sent>>> {
        (0..CLIENTS).map(|own| tokio::spawn(Arc::clone(self).client(ports[own % ports.len()], own))).collect()
    }

    /// Sends everything again under its key to a fresh server: what was answered is answered the same, what was not is either wholly there
    /// or not at all; then `yiqi check` finds no difference.
    pub async fn prove(&self, sent: &[Sent]) {
        let server = Server::start(&self.app, free_port(), &["--no-jobs"]).await;
        for write in sent {
            let (status, again) = call(server.port(), write.method, &write.path, &write.token, &write.key, &write.body).await.unwrap();
            match &write.answer {
                Some((first, answer)) if (200..300).contains(first) => assert_eq!((status, &again), (*first, answer), "{} {}", write.path, write.key),
                Some((first, answer)) => assert!([409, 422, 503].contains(first), "{} {first} {answer}", write.path),
                None => assert!([200, 201, 409, 422].contains(&status), "{} {status} {again}", write.path),
            }
        }
        drop(server);
        super::check(&self.app);
    }
}

/// How many of each verb were done.
pub fn tally<'a>(sent: impl IntoIterator<Item = &'a Sent>, into: &mut BTreeMap<&'static str, usize>) {
    for write in sent.into_iter().filter(|write| write.is_done()) {
        *into.entry(write.verb).or_default() += 1;
    }
}

/// `book 12, cancel 3`.
pub fn told(tally: &BTreeMap<&'static str, usize>) -> String {
    tally.iter().map(|(verb, count)| format!("{verb} {count}")).collect::<Vec<_>>().join(", ")
}
