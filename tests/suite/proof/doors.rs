//! Doors in pairs: whatever two of the verbs that touch an instrument's time are pushed at by many at once, it never holds two live slots
//! in one place, each verb happens at most once, and nobody is answered 500.

use std::sync::Arc;

use serde_json::{Value, json};
use yiqi::base::time::{Day, Instant};

use super::{check, rounds, say};
use crate::support::TestApp;
use crate::support::bookings::shipped_days;
use crate::support::claims::round_the_clock;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Door {
    Create,
    Approve,
    Cancel,
    CheckOut,
    UndoNoShow,
    Maintenance,
    Retire,
    Publish,
}

const DOORS: [Door; 8] = [Door::Create, Door::Approve, Door::Cancel, Door::CheckOut, Door::UndoNoShow, Door::Maintenance, Door::Retire, Door::Publish];

/// One instrument, with what the two doors need.
struct Scene {
    doors: [Door; 2],
    instrument: String,
    /// The booking that each door is about, where it is about one.
    bookings: [String; 2],
}

struct House {
    app: TestApp,
    manager: String,
    bookers: Vec<String>,
    scenes: Vec<Scene>,
}

/// An instant of the day of the race.
fn at(minute: i64) -> Instant {
    Day::parse("2026-10-14").unwrap().at_minute(minute)
}

const NINE: i64 = 540;
const TEN: i64 = 600;
/// The contested time, from 10:30 to 12:30.
const FROM: i64 = 630;
const TO: i64 = 750;

impl House {
    async fn new() -> Self {
        let app = TestApp::at("2026-10-14T08:00:00+08:00").await;
        app.import_days(&shipped_days()).await;
        let (_, officer) = app.bureau().await;
        app.programme(&officer, 2026, 1_000_000_000).await;
        let (_, manager) = app.institution(1).await;
        let mut bookers = Vec::new();
        for number in 1..=4 {
            let (firm, booker) = app.enterprise(number).await;
            let finance = app.finance(&firm).await;
            app.grant(&officer, &finance, 2026, 20_000_000).await;
            bookers.push(booker);
        }
        let mut house = Self { app, manager, bookers, scenes: Vec::new() };
        house.begin().await;
        house.go_on().await;
        house
    }

    /// At eight: the instruments, and bookings that nobody will come to.
    async fn begin(&mut self) {
        for (number, first) in DOORS.iter().enumerate() {
            for second in &DOORS[number..] {
                let doors = [*first, *second];
                let instrument = self.app.draft(&self.manager, json!({})).await;
                self.app.set_price(&self.manager, &instrument, 10_000).await;
                self.app.set_hours(&self.manager, &instrument, round_the_clock()).await;
                let approval = if doors.contains(&Door::Approve) { "manager" } else { "automatic" };
                let policy = json!({ "notice_minutes": 0, "min_minutes": 30, "approval": approval });
                self.app.set_policy(&self.manager, &instrument, policy).await;
                self.app.post(&format!("/api/v1/instruments/{instrument}/publish"), &self.manager, Value::Null).await.expect(200);
                let mut scene = Scene { doors, instrument, bookings: [String::new(), String::new()] };
                if doors.contains(&Door::UndoNoShow) {
                    let until = if doors.contains(&Door::CheckOut) { TEN } else { TO };
                    let missed = self.booking(&scene.instrument, NINE, until, approval == "manager").await;
                    keep(&mut scene, Door::UndoNoShow, &missed);
                }
                if doors.contains(&Door::CheckOut) {
                    // Beside the contested time where that is another's already.
                    let beside = doors.contains(&Door::Approve) || doors.contains(&Door::Cancel);
                    let (from, to) = if beside { (TEN, FROM) } else { (FROM, TO) };
                    let used = self.booking(&scene.instrument, from, to, approval == "manager").await;
                    keep(&mut scene, Door::CheckOut, &used);
                }
                self.scenes.push(scene);
            }
        }
    }

    /// At ten: who did not come is a no-show, others are there or have asked.
    async fn go_on(&mut self) {
        self.app.clock.set(at(TEN));
        self.app.run_job("due").await;
        let mut scenes = std::mem::take(&mut self.scenes);
        for scene in &mut scenes {
            let (asked, stood) = (scene.doors.contains(&Door::Approve), scene.doors.contains(&Door::Cancel));
            for (door, used) in scene.doors.iter().zip(&scene.bookings).filter(|(door, _)| **door == Door::CheckOut).take(1) {
                let answer = self.app.post(&format!("/api/v1/bookings/{used}/check-in"), &self.manager, json!({})).await;
                assert_eq!(answer.status, 200, "{door:?}: {}", answer.text());
            }
            if asked || stood {
                let booking = self.booking(&scene.instrument, FROM, TO, false).await;
                keep(scene, Door::Approve, &booking);
                keep(scene, Door::Cancel, &booking);
            }
            if scene.doors.contains(&Door::Publish) {
                self.app.post(&format!("/api/v1/instruments/{}/suspend", scene.instrument), &self.manager, Value::Null).await.expect(200);
            }
        }
        self.scenes = scenes;
        self.app.clock.set(at(TEN + 5));
    }

    async fn booking(&self, instrument: &str, from: i64, to: i64, approve: bool) -> String {
        let booked = self.app.post("/api/v1/bookings", &self.bookers[0], wish(instrument, from, to)).await.expect(201);
        let id = booked["id"].as_str().unwrap().to_owned();
        if approve {
            self.app.post(&format!("/api/v1/bookings/{id}/approve"), &self.manager, json!({})).await.expect(200);
        }
        id
    }

    /// What the `number`th client sends.
    fn push(&self, scene: &Scene, number: usize) -> (Door, String, String, Value) {
        let which = number % 2;
        let (door, booking, instrument) = (scene.doors[which], &scene.bookings[which], &scene.instrument);
        let (booker, manager) = (self.bookers[number / 2 % self.bookers.len()].clone(), self.manager.clone());
        let act = |verb: &str, token: String, body: Value| (door, format!("/api/v1/bookings/{booking}/{verb}"), token, body);
        match door {
            // Not the same time each, but all of them at 11:00.
            Door::Create => {
                let shift = i64::try_from(number / 2 % 3).unwrap() / 2 * 30;
                (door, "/api/v1/bookings".to_owned(), booker, wish(instrument, FROM + shift, TO - shift))
            }
            Door::Approve => act("approve", manager, json!({})),
            Door::Cancel => act("cancel", manager, json!({ "reason": "改期" })),
            Door::CheckOut => act("check-out", manager, json!({})),
            Door::UndoNoShow => act("undo-no-show", manager, json!({ "reason": "已到场" })),
            Door::Maintenance => {
                let body = json!({ "kind": "maintenance", "starts_at": at(FROM), "ends_at": at(TO), "note": "" });
                (door, format!("/api/v1/instruments/{instrument}/slots"), manager, body)
            }
            Door::Retire => (door, format!("/api/v1/instruments/{instrument}/retire"), manager, Value::Null),
            Door::Publish => (door, format!("/api/v1/instruments/{instrument}/publish"), manager, Value::Null),
        }
    }
}

fn keep(scene: &mut Scene, door: Door, booking: &str) {
    for (place, kept) in scene.doors.iter().zip(&mut scene.bookings) {
        if *place == door {
            booking.clone_into(kept);
        }
    }
}

fn wish(instrument: &str, from: i64, to: i64) -> Value {
    json!({
        "instrument_id": instrument, "starts_at": at(from), "ends_at": at(to), "mode": "self", "voucher": "up_to",
        "purpose": "断口观察", "purpose_kind": "research",
    })
}

/// Pushes at both doors of a scene at once; gives what each client was answered.
async fn race(house: &Arc<House>, number: usize, clients: usize) -> Vec<(Door, u16)> {
    let tasks = (0..clients).map(|client| {
        let house = Arc::clone(house);
        tokio::spawn(async move {
            let (door, path, token, body) = house.push(&house.scenes[number], client);
            let answer = house.app.post(&path, &token, body).await;
            assert!(answer.status.as_u16() < 500, "{door:?}: {} {}", answer.status, answer.text());
            (door, answer.status.as_u16())
        })
    });
    futures_util::future::join_all(tasks).await.into_iter().map(Result::unwrap).collect()
}

/// Whatever won: nothing overlaps, and a retired instrument keeps no live booking.
async fn prove(house: &House, scene: &Scene, answers: &[(Door, u16)]) {
    let done = |door: Door| answers.iter().filter(|(other, status)| *other == door && *status < 300).count();
    for door in scene.doors {
        assert!(done(door) <= 1, "{:?}: {door:?} was done {} times", scene.doors, done(door));
    }
    assert!(done(Door::Create) + done(Door::Maintenance) <= 1, "{:?}: {answers:?}", scene.doors);
    let mut conn = house.app.db.read().await.unwrap();
    assert_eq!(yiqi::store::use_proofs::list_overlaps(&mut conn).await.unwrap(), Vec::new(), "{:?}", scene.doors);
    let wrong: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM bookings b JOIN instruments i ON i.id = b.instrument_id WHERE i.state = 'retired' AND b.state IN ('requested', 'confirmed', 'in_use')",
    )
    .fetch_one(&mut *conn)
    .await
    .unwrap();
    assert_eq!(wrong, 0, "{:?}: live bookings of a retired instrument", scene.doors);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_two_doors_lead_to_two_live_slots() {
    let (times, clients) = (rounds(1, 3), rounds(8, 32));
    let mut pairs = 0;
    for _ in 0..times {
        let house = Arc::new(House::new().await);
        pairs = house.scenes.len();
        for number in 0..pairs {
            let answers = race(&house, number, clients).await;
            prove(&house, &house.scenes[number], &answers).await;
        }
        check(&house.app);
    }
    say(&format!("doors: {} doors in {pairs} pairs, {clients} clients at each, {times} times; never two live slots, never a 500", DOORS.len()));
}
