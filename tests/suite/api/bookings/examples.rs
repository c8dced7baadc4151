//! The worked examples of `tests/data/booking.toml`, through the API.

use serde_json::{Value, json};
use yiqi::base::time::Day;
use yiqi::domain::calendar::{CalendarDay, DayKind};

use crate::support::bookings::{City, local, wish};

fn json_of(value: &toml::Value) -> Value {
    serde_json::to_value(value).unwrap()
}

fn span_of(value: &toml::Value) -> (String, String) {
    (value[0].as_str().unwrap().to_owned(), value[1].as_str().unwrap().to_owned())
}

/// The city as a case wants it.
async fn city_of(case: &toml::Table) -> City {
    let now = case.get("now").or_else(|| case.get("asked_at")).map_or("2026-10-12T10:00", |now| now.as_str().unwrap());
    let mut policy = case.get("policy").map_or(json!({}), json_of);
    if let Some(hours) = case.get("working_hours") {
        policy["approval_hours"] = json_of(hours);
    }
    let city = City::at(&local(now), policy).await;
    if let Some(rows) = case.get("calendar").and_then(toml::Value::as_array) {
        let row = |row: &toml::Value| CalendarDay {
            day: Day::parse(row["day"].as_str().unwrap()).unwrap(),
            kind: DayKind::parse(row["kind"].as_str().unwrap()).unwrap(),
            open_as: row.get("open_as").and_then(toml::Value::as_integer),
        };
        city.app.import_days(&rows.iter().map(row).collect::<Vec<_>>()).await;
    }
    if case.contains_key("opening") || case.contains_key("holidays") {
        let week: Vec<Value> = (1..=5).map(|weekday| json!({"weekday": weekday, "opens": "08:30", "closes": "17:30"})).collect();
        let items = case.get("opening").map_or(json!(week), json_of);
        let holidays = case.get("holidays").map_or(json!("closed"), json_of);
        city.app.set_hours(&city.manager, &city.instrument, json!({ "items": items, "holidays": holidays })).await;
    }
    for taken in case.get("taken").and_then(toml::Value::as_array).into_iter().flatten() {
        let (from, to) = span_of(taken);
        city.take("maintenance", &from, &to).await.expect(201);
    }
    city
}

async fn check_request(name: &str, case: &toml::Table, body: Value) {
    let city = city_of(case).await;
    let mut refused: Vec<String> = case.get("refused").and_then(toml::Value::as_array).into_iter().flatten().map(|c| c.as_str().unwrap().to_owned()).collect();
    refused.sort();
    let mut asked = body.clone();
    asked["instrument_id"] = json!(city.instrument);
    let booked = city.app.post("/api/v1/bookings", &city.booker, asked.clone()).await;
    asked.as_object_mut().unwrap().remove("purpose");
    let expect = case.get("expect").and_then(toml::Value::as_table);
    if refused.is_empty() {
        let booking = booked.expect(201);
        for (field, value) in expect.unwrap() {
            assert_eq!(booking[field], json_of(value), "{name} {field}");
        }
        return;
    }
    let status = if refused == ["slot_taken"] { 409 } else { 422 };
    let problem = booked.expect(status);
    assert_eq!(booked.codes(), refused, "{name}");
    let quote = city.app.post("/api/v1/quotes", &city.booker, asked).await;
    quote.expect(200);
    assert_eq!(quote.codes(), refused, "{name}");
    for wanted in case.get("alternatives_include").and_then(toml::Value::as_array).into_iter().flatten() {
        let (from, to) = span_of(wanted);
        let span = json!({ "starts_at": local(&from), "ends_at": local(&to) });
        for alternatives in [&problem["alternatives"], &quote.json()["alternatives"]] {
            assert!(alternatives.as_array().unwrap().contains(&span), "{name}: {alternatives}");
            assert!(alternatives.as_array().unwrap().len() <= 3, "{name}");
        }
    }
}

async fn check_booked(name: &str, case: &toml::Table, (from, to): (String, String)) {
    for cancel in case.get("cancels").and_then(toml::Value::as_array).into_iter().flatten() {
        let city = city_of(case).await;
        let booking = city.book(&from, &to, json!({})).await;
        city.app.set_now(&local(cancel["at"].as_str().unwrap()));
        let cancelled = city.act(&booking, "cancel", &city.booker, json!({ "reason": "改期" })).await.expect(200);
        assert_eq!((cancelled["state"].as_str(), &cancelled["cancel_fee_fen"]), (Some("cancelled"), &json_of(&cancel["fee_fen"])), "{name}");
    }
    if let Some(run) = case.get("job_runs_at") {
        let city = city_of(case).await;
        let booking = city.book(&from, &to, json!({})).await;
        city.app.set_now(&local(run.as_str().unwrap()));
        city.app.run_job("due").await;
        assert_eq!(city.read(&booking, &city.booker).await.expect(200)["state"], json_of(&case["expect"]["state"]), "{name}");
    }
}

#[tokio::test]
async fn the_worked_examples_come_out_as_written() {
    let file: toml::Table = include_str!("../../../data/booking.toml").parse().unwrap();
    for case in file["case"].as_array().unwrap().iter().map(|case| case.as_table().unwrap()) {
        let name = case["name"].as_str().unwrap();
        if let Some(request) = case.get("request") {
            let (from, to) = span_of(request);
            check_request(name, case, wish("", &from, &to, json!({}))).await;
        } else if let Some(request) = case.get("request_rfc3339") {
            let (from, to) = span_of(request);
            check_request(name, case, wish("", "", "", json!({ "starts_at": from, "ends_at": to }))).await;
        } else if let Some(booked) = case.get("booked") {
            check_booked(name, case, span_of(booked)).await;
        } else {
            let city = city_of(case).await;
            let booking = city.book("2026-10-20T09:00", "2026-10-20T10:00", json!({})).await;
            assert_eq!(booking["answer_due_at"], json_of(&case["expect"]["due_at"]), "{name}");
        }
    }
}
