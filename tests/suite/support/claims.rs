//! Documents, settled bookings and claims, made over the API as people make them.

use axum::body::Body;
use axum::http::{Request, header};
use serde_json::{Value, json};
use yiqi::base::time::Instant;

use super::TestApp;
use super::bookings::City;
use super::http::Answer;

/// The smallest thing that is a PDF.
pub const PDF: &[u8] = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n";

impl TestApp {
    /// Sends a multipart body whose parts are (field, file name, content).
    pub async fn upload_parts(&self, token: &str, parts: &[(&str, &str, &[u8])], headers: &[(&str, &str)]) -> Answer {
        let mut body = Vec::new();
        for (field, name, content) in parts {
            body.extend_from_slice(format!("--bound\r\ncontent-disposition: form-data; name=\"{field}\"; filename=\"{name}\"\r\n\r\n").as_bytes());
            body.extend_from_slice(content);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(b"--bound--\r\n");
        let mut request = Request::post("/api/v1/files").header(header::CONTENT_TYPE, "multipart/form-data; boundary=bound");
        if !token.is_empty() {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(Body::from(body)).unwrap()).await
    }

    /// Uploads a document; gives its id.
    pub async fn file(&self, token: &str) -> String {
        self.upload_parts(token, &[("file", "合同.pdf", PDF)], &[]).await.expect(201)["id"].as_str().unwrap().to_owned()
    }

    /// Sets the clock unless it is later already.
    pub fn wait_until(&self, at: Instant) {
        if self.clock.now() < at {
            self.clock.set(at);
        }
    }

    /// Attends a booking, states its actual fee and confirms it; gives the statement's answer.
    pub async fn settle(&self, booking: &Value, manager: &str, booker: &str, actual_fen: i64) -> Value {
        let id = booking["id"].as_str().unwrap();
        let post = |verb: &'static str, token: &str, body: Value| {
            let (path, token) = (format!("/api/v1/bookings/{id}/{verb}"), token.to_owned());
            async move { self.post(&path, &token, body).await.expect(200) }
        };
        self.wait_until(Instant::parse(booking["starts_at"].as_str().unwrap()).unwrap());
        post("check-in", booker, Value::Null).await;
        self.wait_until(Instant::parse(booking["ends_at"].as_str().unwrap()).unwrap());
        post("check-out", booker, Value::Null).await;
        let stated = post("statement", manager, json!({ "actual_fen": actual_fen, "reason": "按实际用量" })).await;
        post("confirm", booker, Value::Null).await;
        stated
    }

    /// The body of a claim over bookings, with documents of the enterprise; `over` replaces fields (null takes one out).
    pub async fn claim_body(&self, token: &str, seller: &str, bookings: &[&Value], fen: i64, over: Value) -> Value {
        let (contract, proof) = (self.file(token).await, self.file(token).await);
        let today = self.clock.now().day().to_string();
        let mut body = json!({
            "booking_ids": bookings.iter().map(|booking| booking["id"].clone()).collect::<Vec<_>>(),
            "contract_file_id": contract, "invoice_number": format!("2437{}", self.command().dice.secret().get(..16).unwrap()), "seller_uscc": seller,
            "invoice_fen": fen, "invoice_on": today, "paid_fen": fen, "paid_on": today, "file_ids": [proof, contract],
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

    /// Does something with a claim.
    pub async fn claim_act(&self, claim: &Value, verb: &str, token: &str, body: Value) -> Answer {
        self.post(&format!("/api/v1/claims/{}/{verb}", claim["id"].as_str().unwrap()), token, body).await
    }
}

impl City {
    /// A city with instruments as the worked examples of vouchers want them, a programme of 2026 and 2027, and a grant in fen.
    pub async fn claiming(granted_fen: i64) -> Self {
        let city = Self::new(open_policy()).await;
        city.app.set_hours(&city.manager, &city.instrument, round_the_clock()).await;
        for year in [2026, 2027] {
            city.app.programme(&city.officer, year, 1_000_000_000).await;
        }
        if granted_fen > 0 {
            let finance = city.app.finance(&city.firm).await;
            city.app.grant(&city.officer, &finance, 2026, granted_fen).await;
        }
        city
    }

    /// One more instrument of the lab, of which an hour costs `hourly_fen`; worth less than 500,000 yuan unless `over` says otherwise.
    pub async fn other_instrument(&self, hourly_fen: i64, policy: Value, over: Value) -> String {
        let mut listing = json!({ "original_value_fen": 40_000_000 });
        for (name, value) in over.as_object().cloned().unwrap_or_default() {
            listing[&name] = value;
        }
        let id = self.app.draft(&self.manager, listing).await;
        self.app.set_price(&self.manager, &id, hourly_fen).await;
        self.app.set_hours(&self.manager, &id, round_the_clock()).await;
        self.app.set_policy(&self.manager, &id, policy).await;
        self.app.post(&format!("/api/v1/instruments/{id}/publish"), &self.manager, Value::Null).await.expect(200);
        id
    }

    /// A booking of an hour on an instrument of its own that is settled at its quote of `fee_fen`.
    pub async fn settled(&self, fee_fen: i64) -> Value {
        self.settled_on(fee_fen, json!({})).await
    }

    /// The same on an instrument with other facts.
    pub async fn settled_on(&self, fee_fen: i64, over: Value) -> Value {
        let instrument = self.other_instrument(fee_fen, open_policy(), over).await;
        let start = next_hour(self.app.clock.now());
        let body = json!({
            "instrument_id": instrument, "starts_at": start, "ends_at": start.plus(3600), "mode": "self", "voucher": "required",
            "purpose": "断口形貌观察", "purpose_kind": "research",
        });
        let booking = self.app.post("/api/v1/bookings", &self.booker, body).await.expect(201);
        self.app.settle(&booking, &self.manager, &self.booker, fee_fen).await;
        booking
    }

    /// Files a claim over bookings whose actual fees are `fen` together.
    pub async fn claim(&self, bookings: &[&Value], fen: i64, over: Value) -> Answer {
        let body = self.app.claim_body(&self.booker, &self.lab, bookings, fen, over).await;
        self.app.post("/api/v1/claims", &self.booker, body).await
    }

    /// The amounts of the enterprise's voucher of 2026: available, held, claimed, redeemed.
    pub async fn amounts(&self) -> [i64; 4] {
        let voucher = self.app.voucher(&self.booker, 2026).await;
        ["available_fen", "held_fen", "claimed_fen", "redeemed_fen"].map(|name| voucher[name].as_i64().unwrap())
    }
}

/// Booked at once, a year ahead, late cancels cost half.
pub fn open_policy() -> Value {
    json!({ "approval": "automatic", "notice_minutes": 0, "horizon_days": 365, "late_cancel_percent": 50 })
}

/// Open always.
pub fn round_the_clock() -> Value {
    let week: Vec<Value> = (1..=7).map(|weekday| json!({ "weekday": weekday, "opens": "00:00", "closes": "24:00" })).collect();
    json!({ "items": week, "holidays": "open" })
}

/// The full hour that is at least an hour away.
pub fn next_hour(now: Instant) -> Instant {
    Instant((now.0 / 3600 + 2) * 3600)
}
