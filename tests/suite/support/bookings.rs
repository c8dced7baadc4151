//! A small city with an instrument to book, and bookings made over the API as people make them.

use serde_json::{Value, json};
use yiqi::base::time::Day;
use yiqi::domain::calendar::{CalendarDay, DayKind};
use yiqi::domain::roles::{Role, Side};

use super::TestApp;
use super::http::Answer;

/// An institution with an instrument, an enterprise, the bureau; each with a token.
pub struct City {
    pub app: TestApp,
    pub officer: String,
    pub lab: String,
    pub manager: String,
    pub firm: String,
    pub booker: String,
    pub instrument: String,
}

/// `2026-10-14T09:00` as it is sent.
pub fn local(at: &str) -> String {
    format!("{at}:00+08:00")
}

/// What a booker sends; `over` replaces fields (null takes one out).
pub fn wish(instrument: &str, from: &str, to: &str, over: Value) -> Value {
    let mut body = json!({
        "instrument_id": instrument, "starts_at": local(from), "ends_at": local(to), "mode": "self", "voucher": "none",
        "purpose": "断口形貌观察", "purpose_kind": "research",
    });
    for (name, value) in over.as_object().cloned().unwrap_or_default() {
        if value.is_null() {
            body.as_object_mut().unwrap().remove(&name);
        } else {
            body[&name] = value;
        }
    }
    body
}

/// The days that the product ships, from the test data.
pub fn shipped_days() -> Vec<CalendarDay> {
    let lines = include_str!("../../data/calendar-days.csv").lines().skip(1);
    let cells = lines.map(|line| line.split(',').collect::<Vec<_>>());
    cells.map(|c| CalendarDay { day: Day::parse(c[0]).unwrap(), kind: DayKind::parse(c[1]).unwrap(), open_as: c[2].parse().ok() }).collect()
}

impl City {
    /// On the Monday of the worked examples: default opening hours and policy but for `policy`, 100 yuan an hour.
    pub async fn new(policy: Value) -> Self {
        Self::at(super::MONDAY, policy).await
    }

    /// The same at another moment.
    pub async fn at(now: &str, policy: Value) -> Self {
        let app = TestApp::at(now).await;
        app.import_days(&shipped_days()).await;
        let (_, officer) = app.bureau().await;
        let (lab, manager) = app.institution(1).await;
        let (firm, booker) = app.enterprise(1).await;
        let instrument = app.draft(&manager, json!({ "approval": null })).await;
        app.set_price(&manager, &instrument, 10_000).await;
        app.set_policy(&manager, &instrument, policy).await;
        app.post(&format!("/api/v1/instruments/{instrument}/publish"), &manager, Value::Null).await.expect(200);
        Self { app, officer, lab, manager, firm, booker, instrument }
    }

    /// The enterprise has a grant of this year, in yuan.
    pub async fn granted(self, yuan: i64) -> Self {
        self.app.programme(&self.officer, 2026, 1_000_000_000).await;
        let finance = self.app.finance(&self.firm).await;
        self.app.grant(&self.officer, &finance, 2026, yuan * 100).await;
        self
    }

    /// Sends a booking of the city's instrument.
    pub async fn try_book(&self, from: &str, to: &str, over: Value) -> Answer {
        self.app.post("/api/v1/bookings", &self.booker, wish(&self.instrument, from, to, over)).await
    }

    /// Books, and gives the booking.
    pub async fn book(&self, from: &str, to: &str, over: Value) -> Value {
        self.try_book(from, to, over).await.expect(201)
    }

    /// Asks for a quote.
    pub async fn quote(&self, from: &str, to: &str, over: Value) -> Value {
        let mut body = wish(&self.instrument, from, to, over);
        body.as_object_mut().unwrap().remove("purpose");
        self.app.post("/api/v1/quotes", &self.booker, body).await.expect(200)
    }

    /// Does something with a booking.
    pub async fn act(&self, booking: &Value, verb: &str, token: &str, body: Value) -> Answer {
        let id = booking["id"].as_str().unwrap_or_else(|| booking.as_str().unwrap());
        self.app.post(&format!("/api/v1/bookings/{id}/{verb}"), token, body).await
    }

    /// A booking as somebody sees it.
    pub async fn read(&self, booking: &Value, token: &str) -> Answer {
        self.app.get(&format!("/api/v1/bookings/{}", booking["id"].as_str().unwrap()), token).await
    }

    /// Somebody else of the institution.
    pub async fn staff(&self, role: Role) -> String {
        self.app.person(&self.lab, &format!("{role}@lab.test"), role, Some(Side::Institution)).await
    }

    /// The slots of the city's instrument as somebody sees them.
    pub async fn slots(&self, token: &str) -> Vec<Value> {
        self.app.get(&format!("/api/v1/instruments/{}/slots", self.instrument), token).await.expect(200)["items"].as_array().unwrap().clone()
    }

    /// Takes time by hand.
    pub async fn take(&self, kind: &str, from: &str, to: &str) -> Answer {
        let body = json!({ "kind": kind, "starts_at": local(from), "ends_at": local(to), "note": "换灯丝" });
        self.app.post(&format!("/api/v1/instruments/{}/slots", self.instrument), &self.manager, body).await
    }
}

impl TestApp {
    /// Writes days into the calendar.
    pub async fn import_days(&self, days: &[CalendarDay]) {
        let act = self.command();
        let days = days.to_vec();
        self.transact(&act, |tx| {
            let days = days.clone();
            Box::pin(async move { Ok(yiqi::store::calendar::replace(tx, &days).await?) })
        })
        .await
        .unwrap();
    }
}
