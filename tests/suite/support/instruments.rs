//! Instruments for tests, made through the API as a manager does it.

use serde_json::{Value, json};

use super::TestApp;

/// A listing that nothing is wrong with; `over` replaces fields (null takes one out).
pub fn listing(number: &str, over: Value) -> Value {
    let mut body = json!({
        "number": number,
        "name": "场发射扫描电子显微镜",
        "name_en": "Field emission scanning electron microscope",
        "model": "GeminiSEM 500",
        "maker": "蔡司",
        "category_code": "010100",
        "kind": "instrument",
        "original_value_fen": 486_000_000,
        "accepted_on": "2024-03-18",
        "commissioned_on": "2024-04-08",
        "funding": "public",
        "location": "崂山区科苑纬三路 17 号",
        "modes": ["self", "operator"],
        "approval": "automatic",
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

impl TestApp {
    /// A draft of the manager's institution; gives its id. The number is `number` out of `over`, or one of its own.
    pub async fn draft(&self, manager: &str, over: Value) -> String {
        let number = format!("T-{}", self.command().dice.code("N"));
        let answer = self.post("/api/v1/instruments", manager, listing(&number, over)).await;
        answer.expect(201)["id"].as_str().unwrap().to_owned()
    }

    /// A published instrument with an external price of 100 yuan an hour, open from 08:00 to 20:00 every day but holidays, 30 minutes
    /// of notice, a grid of 30 minutes and automatic approval; gives its id.
    pub async fn instrument(&self, manager: &str, over: Value) -> String {
        let id = self.draft(manager, over.clone()).await;
        self.set_price(manager, &id, 10_000).await;
        let week: Vec<Value> = (1..=7).map(|weekday| json!({"weekday": weekday, "opens": "08:00", "closes": "20:00"})).collect();
        self.set_hours(manager, &id, json!({"items": week})).await;
        self.set_policy(manager, &id, json!({"notice_minutes": 30})).await;
        self.post(&format!("/api/v1/instruments/{id}/publish"), manager, Value::Null).await.expect(200);
        id
    }

    /// Sets one external price of an hour for every mode.
    pub async fn set_price(&self, manager: &str, id: &str, hourly_fen: i64) {
        self.set_prices(manager, id, json!([{"unit": "hour", "audience": "external", "amount_fen": hourly_fen}])).await;
    }

    /// Sets the prices.
    pub async fn set_prices(&self, manager: &str, id: &str, items: Value) {
        self.call("PUT", &format!("/api/v1/instruments/{id}/prices"), manager, json!({ "items": items })).await.expect(200);
    }

    /// Sets opening hours: `{"items": […], "holidays": …}`.
    pub async fn set_hours(&self, manager: &str, id: &str, hours: Value) {
        self.call("PUT", &format!("/api/v1/instruments/{id}/opening-hours"), manager, hours).await.expect(200);
    }

    /// Changes the policy; what is left out keeps its value.
    pub async fn set_policy(&self, manager: &str, id: &str, policy: Value) {
        self.call("PUT", &format!("/api/v1/instruments/{id}/policy"), manager, policy).await.expect(200);
    }
}
