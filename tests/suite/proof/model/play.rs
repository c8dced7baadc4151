//! Playing a step on the product and on the model, and comparing both.

mod claims;
mod usage;

use std::collections::BTreeMap;

use serde_json::{Value, json};
use yiqi::base::time::Instant;
use yiqi::domain::roles::Role;

use super::claims::Filing;
use super::mirror::{Answer, Booking, FIRMS, HALF, INSTRUMENTS, Mirror, Purse, REDEEM_BY, Segment, USE_BY, Wish};
use super::steps::{JOBS, PHASES, REVIEWS, Step, VERBS, VOUCHERS};
use crate::support::TestApp;
use crate::support::bookings::shipped_days;
use crate::support::claims::round_the_clock;
use crate::support::purses::terms;
use yiqi::domain::calendar::DayKind;
use yiqi::domain::roles::Side;

const PDF_FILES: usize = 2;

/// A write that was done: what, as whom, with which key, and its answer.
struct Done {
    at: i64,
    method: &'static str,
    path: String,
    token: String,
    body: Value,
    key: String,
    answer: (u16, Value),
}

/// The product and the model beside it.
pub struct Stage {
    pub app: TestApp,
    pub mirror: Mirror,
    bookers: Vec<String>,
    finances: Vec<String>,
    managers: Vec<String>,
    officers: Vec<String>,
    labs: Vec<String>,
    firms: Vec<String>,
    instruments: Vec<String>,
    tokens: Vec<String>,
    files: Vec<Vec<String>>,
    segment_ids: usize,
    last: Option<Done>,
    writes: usize,
    /// How often each verb was done.
    pub done: BTreeMap<String, usize>,
}

impl Stage {
    /// The smallest city in which everything can happen.
    pub async fn set() -> Self {
        let app = TestApp::new().await;
        app.import_days(&shipped_days()).await;
        let (bureau, officer) = app.bureau().await;
        let mut officers = vec![officer];
        for number in 2..=3 {
            officers.push(app.person(&bureau, &format!("officer{number}@bureau.test"), Role::Officer, None).await);
        }
        let mut year = terms(2026, 1_000_000_000);
        (year["use_by"], year["redeem_by"]) = (USE_BY.into(), REDEEM_BY.into());
        app.call("PUT", "/api/v1/programmes/2026", &officers[0], year).await.expect(200);
        let (lab, manager) = app.institution(1).await;
        let other = app.organisation("12370200MB0000002", "青岛测试研究院2", &[Side::Institution], "370212", false).await;
        let stranger = app.person(&other, "manager2@lab.test", Role::Manager, None).await;
        let (labs, managers) = (vec![lab, other], vec![manager, stranger]);
        let (mut instruments, mut tokens) = (Vec::new(), Vec::new());
        for kind in &INSTRUMENTS {
            let (manager, value) = (&managers[kind.lab], if kind.precious { 60_000_000 } else { 40_000_000 });
            let id = app.draft(manager, json!({ "original_value_fen": value })).await;
            app.set_price(manager, &id, kind.hourly_fen).await;
            app.set_hours(manager, &id, round_the_clock()).await;
            let approval = if kind.by_manager { "manager" } else { "automatic" };
            let policy = json!({ "notice_minutes": 0, "late_cancel_percent": 50, "approval": approval, "buffer_minutes": kind.buffer_seconds / 60 });
            app.set_policy(manager, &id, policy).await;
            app.post(&format!("/api/v1/instruments/{id}/publish"), manager, Value::Null).await.expect(200);
            tokens.push(app.instrument_token(&id).await);
            instruments.push(id);
        }
        let (mut bookers, mut finances, mut firms, mut files) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for number in 1..=u32::try_from(FIRMS).unwrap() {
            let (firm, booker) = app.enterprise(number).await;
            finances.push(app.finance(&firm).await);
            let mut own = Vec::new();
            for _ in 0..PDF_FILES {
                own.push(app.file(&booker).await);
            }
            files.push(own);
            bookers.push(booker);
            firms.push(firm);
        }
        let mirror = Mirror {
            now: app.clock.now().0,
            published: [true; 3],
            barred: [false; FIRMS],
            purses: [None; FIRMS],
            bookings: Vec::new(),
            slots: Vec::new(),
            segments: Vec::new(),
            claims: Vec::new(),
            special: shipped_days().into_iter().map(|row| (row.day, row.kind == DayKind::Workday)).collect(),
        };
        let mut stage = Self {
            app,
            mirror,
            bookers,
            finances,
            managers,
            officers,
            labs,
            firms,
            instruments,
            tokens,
            files,
            segment_ids: 0,
            last: None,
            writes: 0,
            done: BTreeMap::new(),
        };
        for (firm, yuan) in [(0, 2_000), (1, 200)] {
            stage.grant(firm, yuan).await;
        }
        stage
    }

    /// Sends a write and holds its answer against what the model expects; gives the answer of one that was done.
    async fn write(&mut self, method: &'static str, path: String, token: &str, body: Value, expected: &Answer) -> Option<Value> {
        self.writes += 1;
        let key = format!("step-{}", self.writes);
        let answer = self.app.call_with(method, &path, token, body.clone(), &[("idempotency-key", &key)]).await;
        let status = answer.status.as_u16();
        match expected {
            Ok(()) => assert!(answer.status.is_success(), "{method} {path} {body}: the model says it may be, the product {status} {}", answer.text()),
            Err((expected, codes)) => {
                assert_eq!(status, *expected, "{method} {path} {body}: {}", answer.text());
                if !codes.is_empty() {
                    let mut codes: Vec<String> = codes.iter().map(|code| (*code).to_owned()).collect();
                    codes.sort();
                    assert_eq!(answer.codes(), codes, "{method} {path} {body}");
                }
                return None;
            }
        }
        // By the last word of the path, or by what is made there.
        *self.done.entry(path.rsplit('/').find(|word| !word.contains(|c: char| c.is_ascii_digit())).unwrap_or_default().to_owned()).or_default() += 1;
        let json = if answer.bytes.is_empty() { Value::Null } else { answer.json() };
        self.last = Some(Done { at: self.mirror.now, method, path, token: token.to_owned(), body, key, answer: (status, json.clone()) });
        Some(json)
    }

    /// Plays one step.
    pub async fn play(&mut self, step: &Step) {
        match *step {
            Step::Book { firm, instrument, start, halves, voucher, subsidised } => {
                let starts = self.next_half() + start * HALF;
                let wish = Wish { firm, instrument, starts, ends: starts + halves * HALF, voucher: VOUCHERS[voucher], subsidised };
                self.book(wish).await;
            }
            Step::Act { verb, booking, by, aim, stale } => self.act(VERBS[verb], booking, by, aim, stale).await,
            Step::Serve { booking, minutes } => self.serve(booking, minutes).await,
            Step::State { booking, percent, aim } => self.state(booking, percent, aim).await,
            Step::Take { instrument, start, halves } => {
                let starts = self.next_half() + start * HALF;
                self.take(instrument, starts, starts + halves * HALF).await;
            }
            Step::Free { slot } => self.free(slot).await,
            Step::Record { booking, ago, minutes, phase, own_token, twice } => self.record(booking, (ago, minutes), phase, own_token, twice).await,
            Step::Void { segment } => self.void(segment).await,
            Step::File { firm, from, count, percent, invoice, aim } => self.file(firm, (from, count), percent, invoice, aim).await,
            Step::Review { verb, claim, who, aim } => self.review(REVIEWS[verb], claim, who, aim).await,
            Step::Grant { firm, yuan } => self.grant(firm, yuan).await,
            Step::Return { firm, yuan } => {
                let expected = self.mirror.give_back(firm, yuan * 100);
                let (body, token) = (json!({ "year": 2026, "amount_fen": yuan * 100 }), self.finances[firm].clone());
                self.write("POST", "/api/v1/vouchers/return".to_owned(), &token, body, &expected).await;
            }
            Step::Job { job } => self.job(JOBS[job]).await,
            Step::List { instrument, publish } => self.list(instrument, publish).await,
            Step::Wait { kind, minutes } => self.wait(kind, minutes),
            Step::Again => self.again().await,
        }
    }

    fn next_half(&self) -> i64 {
        (self.mirror.now + HALF - 1).div_euclid(HALF) * HALF
    }

    async fn book(&mut self, wish: Wish) {
        let expected = self.mirror.book(wish);
        let body = json!({
            "instrument_id": self.instruments[wish.instrument], "starts_at": Instant(wish.starts), "ends_at": Instant(wish.ends), "mode": "self",
            "voucher": wish.voucher, "purpose": "断口观察", "purpose_kind": if wish.subsidised { "research" } else { "medical" },
        });
        let token = self.bookers[wish.firm].clone();
        if let Some(answer) = self.write("POST", "/api/v1/bookings".to_owned(), &token, body, &expected).await {
            let booking = self.mirror.bookings.last_mut().unwrap();
            (booking.id, booking.code) = (text(&answer["id"]), text(&answer["code"]));
            same(booking, &answer);
        }
    }

    /// The newest of `len` things first: the older ones are mostly over.
    fn pick(len: usize, number: usize) -> Option<usize> {
        (len > 0).then(|| len - 1 - number % len.min(16))
    }

    fn pick_booking(&self, number: usize, aim: bool, fits: impl Fn(&mut Mirror, usize) -> bool) -> Option<usize> {
        let all: Vec<usize> = (0..self.mirror.bookings.len()).filter(|index| !aim || fits(&mut self.mirror.clone(), *index)).collect();
        Self::pick(all.len(), number).map(|index| all[index])
    }

    async fn act(&mut self, verb: &'static str, number: usize, by: usize, aim: bool, stale: bool) {
        let Some(index) = self.pick_booking(number, aim, |mirror, index| mirror.act(verb, index, true).is_ok()) else { return };
        let Booking { firm, instrument, version, ref id, .. } = self.mirror.bookings[index];
        let (path, lab) = (format!("/api/v1/bookings/{id}/{verb}"), INSTRUMENTS[instrument].lab);
        let managed = matches!(verb, "approve" | "decline" | "undo-no-show");
        let answered = matches!(verb, "dispute" | "confirm");
        // Who tries: the booker, a manager, finance of the firm, a booker and a manager of others.
        let (token, status) = match by {
            0 => (&self.bookers[firm], if managed { 403 } else { 200 }),
            1 => (&self.managers[lab], if answered { 403 } else { 200 }),
            2 => (&self.finances[firm], if answered { 200 } else { 403 }),
            3 => (&self.bookers[(firm + 1) % FIRMS], if managed { 403 } else { 404 }),
            _ => (&self.managers[1 - lab], if answered { 403 } else { 404 }),
        };
        // The right person more often than not.
        let (token, status) = match (status, aim && !number.is_multiple_of(4)) {
            (403 | 404, true) if managed => (&self.managers[lab], 200),
            (403 | 404, true) => (&self.bookers[firm], 200),
            _ => (token, status),
        };
        let (token, by_firm) = (token.clone(), *token != self.managers[lab]);
        let expected = match status {
            200 if stale => Err((409, Vec::new())),
            200 => self.mirror.act(verb, index, by_firm),
            status => Err((status, Vec::new())),
        };
        let mut body = json!({});
        if !matches!(verb, "approve" | "check-in" | "check-out" | "confirm") {
            body["reason"] = "改期".into();
        }
        if stale {
            body["version"] = (version + 7).into();
        }
        if let Some(answer) = self.write("POST", path, &token, body, &expected).await {
            same(&self.mirror.bookings[index], &answer);
        }
    }

    async fn state(&mut self, number: usize, percent: Option<i64>, aim: bool) {
        let amount = |mirror: &Mirror, index: usize| percent.map(|percent| mirror.bookings[index].fee * percent / 100);
        let fits = |mirror: &mut Mirror, index: usize| {
            let fen = amount(mirror, index);
            mirror.bookings[index].statement.is_none_or(|(_, disputed, _)| disputed) && mirror.state(index, fen).is_ok()
        };
        let Some(index) = self.pick_booking(number, aim, fits) else { return };
        let fen = amount(&self.mirror, index);
        let expected = self.mirror.state(index, fen);
        let body = fen.map_or(json!({}), |fen| json!({ "actual_fen": fen, "reason": "按约定" }));
        let booking = &self.mirror.bookings[index];
        let (path, token) = (format!("/api/v1/bookings/{}/statement", booking.id), self.managers[INSTRUMENTS[booking.instrument].lab].clone());
        if let Some(answer) = self.write("POST", path, &token, body, &expected).await {
            same(&self.mirror.bookings[index], &answer);
            assert_eq!(answer["actual_fen"].as_i64(), self.mirror.bookings[index].statement.map(|(_, _, fen)| fen));
        }
    }

    async fn serve(&mut self, number: usize, minutes: i64) {
        let Some(index) = self.pick_booking(number, true, |mirror, index| mirror.bookings[index].state == "confirmed") else { return };
        let Booking { starts, ref id, firm, instrument, .. } = self.mirror.bookings[index];
        let (id, booker, manager) = (id.clone(), self.bookers[firm].clone(), self.managers[INSTRUMENTS[instrument].lab].clone());
        for (verb, wait) in [("check-in", starts - self.mirror.now), ("check-out", minutes * 60), ("statement", 60), ("confirm", 60)] {
            self.go_on_to(self.mirror.now + wait);
            let expected = if verb == "statement" { self.mirror.state(index, None) } else { self.mirror.act(verb, index, true) };
            let token = if verb == "statement" { &manager } else { &booker };
            let answer = self.write("POST", format!("/api/v1/bookings/{id}/{verb}"), token, json!({}), &expected).await;
            let Some(answer) = answer else { return };
            same(&self.mirror.bookings[index], &answer);
        }
    }

    async fn take(&mut self, instrument: usize, starts: i64, ends: i64) {
        let expected = self.mirror.take(instrument, starts, ends);
        let body = json!({ "kind": "maintenance", "starts_at": Instant(starts), "ends_at": Instant(ends), "note": "" });
        let (path, token) = (format!("/api/v1/instruments/{}/slots", self.instruments[instrument]), self.managers[INSTRUMENTS[instrument].lab].clone());
        if let Some(answer) = self.write("POST", path, &token, body, &expected).await {
            self.mirror.slots.last_mut().unwrap().id = text(&answer["id"]);
        }
    }

    async fn free(&mut self, number: usize) {
        let live: Vec<usize> = (0..self.mirror.slots.len()).filter(|index| self.mirror.slots[*index].span.is_some()).collect();
        let Some(index) = Self::pick(live.len(), number).map(|index| live[index]) else { return };
        let slot = &mut self.mirror.slots[index];
        slot.span = None;
        let (path, lab) = (format!("/api/v1/instruments/{}/slots/{}", self.instruments[slot.instrument], slot.id), INSTRUMENTS[slot.instrument].lab);
        let token = self.managers[lab].clone();
        self.write("DELETE", path, &token, Value::Null, &Ok(())).await;
    }

    async fn list(&mut self, instrument: usize, publish: bool) {
        let there = self.mirror.published[instrument];
        let expected = if there == publish { Err((409, Vec::new())) } else { Ok(()) };
        self.mirror.published[instrument] = publish;
        let verb = if publish { "publish" } else { "suspend" };
        let (path, token) = (format!("/api/v1/instruments/{}/{verb}", self.instruments[instrument]), self.managers[INSTRUMENTS[instrument].lab].clone());
        self.write("POST", path, &token, Value::Null, &expected).await;
    }

    async fn job(&mut self, name: &str) {
        let report = self.app.run_job(name).await;
        assert!(!report.contains("failed=") || report.contains("failed=0"), "{name}: {report}");
        match name {
            "due" => self.mirror.due(),
            "voucher-lapse" => self.mirror.lapse(),
            _ => {}
        }
    }

    fn wait(&mut self, kind: usize, minutes: i64) {
        let now = self.mirror.now;
        let next = |ahead: i64, of: fn(&Booking) -> i64| {
            let live = self.mirror.bookings.iter().filter(|b| matches!(b.state, "requested" | "confirmed" | "in_use"));
            live.map(|b| of(b) + ahead).filter(|at| *at > now).min().unwrap_or(now)
        };
        let to = match kind {
            0..=14 => next(-600, |b| b.starts),
            15..=22 => next(0, |b| b.ends),
            23..=26 => next(3600, |b| b.starts),
            27..=29 => next(3600, |b| b.ends),
            30 => now + 5 * 86_400,
            31 => now + 11 * 86_400,
            _ => now + minutes * 60,
        };
        self.go_on_to(to);
    }

    /// Never twice the same second: the order of what happened stays plain.
    fn go_on_to(&mut self, at: i64) {
        self.mirror.now = at.max(self.mirror.now + 1);
        self.app.clock.set(Instant(self.mirror.now));
    }

    async fn again(&mut self) {
        let Some(done) = self.last.as_ref().filter(|done| self.mirror.now - done.at < 86_000) else { return };
        let answer = self.app.call_with(done.method, &done.path, &done.token, done.body.clone(), &[("idempotency-key", &done.key)]).await;
        let json = if answer.bytes.is_empty() { Value::Null } else { answer.json() };
        assert_eq!((answer.status.as_u16(), json), done.answer, "{} {} again", done.method, done.path);
    }

    /// What a firm's purse is in the product.
    pub async fn purse(&self, firm: usize) -> Purse {
        let row = self.app.voucher(&self.bookers[firm], 2026).await;
        let fen = |name: &str| row[name].as_i64().unwrap();
        Purse {
            granted: fen("granted_fen"),
            available: fen("available_fen"),
            held: fen("held_fen"),
            claimed: fen("claimed_fen"),
            redeemed: fen("redeemed_fen"),
            lapsed: fen("lapsed_fen"),
            returned: fen("returned_fen"),
        }
    }

    /// Ids of the instruments, in the order of the model.
    pub fn instrument_ids(&self) -> &[String] {
        &self.instruments
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

/// A booking as it was answered is the booking of the model.
fn same(booking: &Booking, answer: &Value) {
    let told = json!([answer["id"], answer["state"], answer["version"], answer["fee_fen"], answer["held_fen"], answer["cancel_fee_fen"]]);
    let wanted = json!([booking.id, booking.state, booking.version, booking.fee, booking.held.unwrap_or(0), booking.cancel_fee]);
    assert_eq!(told, wanted, "{answer}");
}
