//! Use and bookings for tests, over the API.

use serde_json::{Value, json};
use yiqi::actions::sessions::issue_instrument_token;

use super::TestApp;
use super::http::Answer;

/// A segment of internal use by hand; `over` replaces fields (null takes one out).
pub fn segment(key: &str, from: &str, to: &str, over: Value) -> Value {
    let mut body = json!({ "key": key, "phase": "run", "starts_at": at(from), "ends_at": at(to), "source": "staff" });
    for (name, value) in over.as_object().cloned().unwrap_or_default() {
        if value.is_null() {
            body.as_object_mut().unwrap().remove(&name);
        } else {
            body[&name] = value;
        }
    }
    body
}

/// `2026-10-12T09:00` as an instant of Shanghai.
pub fn at(local: &str) -> String {
    format!("{local}:00+08:00")
}

impl TestApp {
    /// Delivers segments.
    pub async fn deliver(&self, token: &str, instrument: &str, segments: Vec<Value>) -> Answer {
        self.post(&format!("/api/v1/instruments/{instrument}/usage"), token, json!({ "segments": segments })).await
    }

    /// Openness of a kind of thing in a period.
    pub async fn openness(&self, token: &str, what: &str, period: &str) -> Value {
        self.get(&format!("/api/v1/openness/{what}?period={period}"), token).await.expect(200)
    }

    /// The instrument's own token.
    pub async fn instrument_token(&self, instrument: &str) -> String {
        let act = self.command();
        self.transact(&act, |tx| Box::pin(issue_instrument_token(tx, &act, instrument))).await.unwrap()
    }

    /// Books an instrument without a voucher; gives (id, code).
    pub async fn booking(&self, booker: &str, instrument: &str, from: &str, to: &str, over: Value) -> (String, String) {
        let mut body = json!({
            "instrument_id": instrument, "starts_at": at(from), "ends_at": at(to), "mode": "self", "voucher": "none", "purpose": "镀膜截面观察", "purpose_kind": "research",
        });
        for (name, value) in over.as_object().cloned().unwrap_or_default() {
            body[&name] = value;
        }
        let booked = self.post("/api/v1/bookings", booker, body).await.expect(201);
        (booked["id"].as_str().unwrap().to_owned(), booked["code"].as_str().unwrap().to_owned())
    }

    /// Rolls up as of now.
    pub async fn roll_up(&self) -> yiqi::actions::openness::Counts {
        yiqi::actions::openness::roll_up(&self.db, self.clock.now()).await.unwrap()
    }
}
