//! Use over the API: what is taken, what is refused and why, replays, voiding, who may.

use serde_json::{Value, json};
use yiqi::domain::roles::Role;

use crate::support::TestApp;
use crate::support::bookings::City;
use crate::support::usage::{at, segment};

async fn lab() -> (TestApp, String, String) {
    let app = TestApp::at("2026-10-20T10:00:00+08:00").await;
    let (_, manager) = app.institution(1).await;
    let instrument = app.instrument(&manager, json!({})).await;
    (app, manager, instrument)
}

fn counts(answer: &Value) -> (i64, i64, usize) {
    (answer["accepted"].as_i64().unwrap(), answer["duplicates"].as_i64().unwrap(), answer["rejected"].as_array().unwrap().len())
}

#[tokio::test]
async fn a_replay_is_harmless_and_a_reused_key_is_refused() {
    let (app, manager, instrument) = lab().await;
    let one = segment("k-1", "2026-10-12T09:00", "2026-10-12T11:00", json!({"organisation_uscc": "91350100m000100y43", "samples": 3}));
    let two = segment("k-2", "2026-10-12T10:00", "2026-10-12T12:00", json!({}));
    assert_eq!(counts(&app.deliver(&manager, &instrument, vec![one.clone(), two.clone(), two.clone()]).await.expect(200)), (2, 1, 0));
    // The same instants under another offset, the same USCC in another spelling.
    let mut again = one.clone();
    again["starts_at"] = json!("2026-10-12T01:00:00Z");
    again["organisation_uscc"] = json!("91350100M000100Y43");
    assert_eq!(counts(&app.deliver(&manager, &instrument, vec![again, two]).await.expect(200)), (0, 2, 0));
    let mut other = one;
    other["samples"] = json!(4);
    let three = segment("k-3", "2026-10-12T13:00", "2026-10-12T14:00", json!({}));
    let answer = app.deliver(&manager, &instrument, vec![other, three]).await.expect(200);
    assert_eq!((counts(&answer), answer["rejected"][0]["code"].as_str(), answer["rejected"][0]["key"].as_str()), ((1, 0, 1), Some("key_reused"), Some("k-1")));
    let listed = app.get(&format!("/api/v1/instruments/{instrument}/usage"), &manager).await.expect(200);
    assert_eq!((listed["total"].as_i64(), listed["items"][0]["organisation_uscc"].as_str()), (Some(3), Some("91350100M000100Y43")));
    // The same key on another instrument is another segment.
    let second = app.instrument(&manager, json!({})).await;
    let elsewhere = segment("k-1", "2026-10-12T09:00", "2026-10-12T10:00", json!({}));
    assert_eq!(counts(&app.deliver(&manager, &second, vec![elsewhere]).await.expect(200)), (1, 0, 0));
}

#[tokio::test]
async fn each_wrong_segment_is_told_with_its_reason_and_the_others_are_taken() {
    let (app, manager, instrument) = lab().await;
    let (from, to) = ("2026-10-12T09:00", "2026-10-12T11:00");
    let wrong = [
        ("key", "required", segment("", from, to, json!({}))),
        ("key", "required", segment("x", from, to, json!({"key": null}))),
        ("key", "invalid", segment("x", from, to, json!({"key": 7}))),
        ("key", "invalid", segment(&"k".repeat(201), from, to, json!({}))),
        ("key", "invalid", segment("a\u{0}b", from, to, json!({}))),
        ("phase", "invalid", segment("p", from, to, json!({"phase": "running"}))),
        ("phase", "required", segment("p", from, to, json!({"phase": null}))),
        ("starts_at", "invalid", segment("s", from, to, json!({"starts_at": "2026-10-12T09:00:00"}))),
        ("ends_at", "invalid", segment("e", to, from, json!({}))),
        ("ends_at", "invalid", segment("e", from, from, json!({}))),
        ("ends_at", "invalid", segment("f", from, "2026-10-20T10:06", json!({}))),
        ("ends_at", "invalid", segment("l", "2026-09-01T00:00", "2026-10-02T00:01", json!({}))),
        ("organisation_uscc", "invalid", segment("o", from, to, json!({"organisation_uscc": "91350100M000100Y4Z"}))),
        ("booking_code", "invalid", segment("b", from, to, json!({"booking_code": "YQ-NNNNNN"}))),
        ("purpose_kind", "invalid", segment("u", from, to, json!({"purpose_kind": "fun"}))),
        ("samples", "invalid", segment("n", from, to, json!({"samples": -1}))),
        ("samples", "invalid", segment("n", from, to, json!({"samples": 9_223_372_036_854_775_807_i64}))),
        ("source", "invalid", segment("q", from, to, json!({"source": "rumour"}))),
        ("colour", "unknown_field", segment("c", from, to, json!({"colour": "red"}))),
    ];
    let mut segments: Vec<Value> = wrong.iter().map(|(_, _, segment)| segment.clone()).collect();
    segments.push(json!("no segment"));
    segments.push(segment("good", from, to, json!({"ends_at": "2026-10-12T11:00:00+08:00"})));
    segments.push(segment("just-now", "2026-10-20T09:00", "2026-10-20T10:05", json!({})));
    segments.push(segment("longest", "2026-09-01T00:00", "2026-10-02T00:00", json!({})));
    let answer = app.deliver(&manager, &instrument, segments).await.expect(200);
    assert_eq!(counts(&answer), (3, 0, wrong.len() + 1), "{answer}");
    for ((field, code, _), told) in wrong.iter().zip(answer["rejected"].as_array().unwrap()) {
        assert_eq!(told["code"], *code, "{field}: {told}");
        assert!(told["message"].as_str().unwrap().starts_with(&format!("{field}: ")), "{field}: {told}");
    }
    let body = json!({"segments": [segment("z", to, from, json!({}))]});
    let path = format!("/api/v1/instruments/{instrument}/usage");
    let chinese = app.call_with("POST", &path, &manager, body, &[("accept-language", "zh-CN")]).await.expect(200);
    assert!(!chinese["rejected"][0]["message"].as_str().unwrap().is_ascii());
}

#[tokio::test]
async fn a_delivery_is_refused_as_a_whole_only_by_its_shape() {
    let (app, manager, instrument) = lab().await;
    let path = format!("/api/v1/instruments/{instrument}/usage");
    for (body, faults) in [
        (json!({}), vec!["required segments"]),
        (json!({"segments": {}}), vec!["invalid segments"]),
        (json!({"segments": [], "more": 1}), vec!["unknown_field more"]),
        (json!({"segments": vec![json!({}); 10_001]}), vec!["invalid segments"]),
        (json!([]), vec!["invalid "]),
    ] {
        let answer = app.post(&path, &manager, body).await;
        answer.expect(422);
        assert_eq!(answer.faults(), faults);
    }
    assert_eq!(counts(&app.post(&path, &manager, json!({"segments": []})).await.expect(200)), (0, 0, 0));
}

#[tokio::test]
async fn ten_thousand_segments_are_taken_at_once_and_once() {
    let (app, manager, instrument) = lab().await;
    let segments: Vec<Value> = (0..10_000)
        .map(|n| {
            let from = 1_760_000_000 + n * 60;
            let instant = |seconds| yiqi::base::time::Instant(seconds).to_string();
            json!({"key": format!("bulk-{n}"), "phase": "run", "starts_at": instant(from), "ends_at": instant(from + 60), "source": "agent", "organisation_uscc": "91350100M000100Y43"})
        })
        .collect();
    let token = app.instrument_token(&instrument).await;
    assert_eq!(counts(&app.deliver(&token, &instrument, segments.clone()).await.expect(200)), (10_000, 0, 0));
    assert_eq!(counts(&app.deliver(&token, &instrument, segments).await.expect(200)), (0, 10_000, 0));
    let year = app.openness(&manager, &format!("instruments/{instrument}"), "2025").await;
    assert_eq!((year["effective_seconds"].as_i64(), year["external_seconds"].as_i64()), (Some(600_000), Some(600_000)));
}

#[tokio::test]
async fn only_who_runs_the_instrument_and_its_own_token_may_deliver() {
    let (app, manager, instrument) = lab().await;
    let uscc = crate::support::people::uscc("12370200MB0000001");
    let operator = app.person(&uscc, "operator@lab.test", Role::Operator, None).await;
    let finance = app.person(&uscc, "finance@lab.test", Role::Finance, Some(yiqi::domain::roles::Side::Institution)).await;
    let (_, stranger_manager) = app.institution(2).await;
    let (_, booker) = app.enterprise(1).await;
    let (_, officer) = app.bureau().await;
    let second = app.instrument(&manager, json!({})).await;
    let (own, others) = (app.instrument_token(&instrument).await, app.instrument_token(&second).await);
    let one = |key: &str| vec![segment(key, "2026-10-12T09:00", "2026-10-12T11:00", json!({}))];
    for (token, status) in
        [("", 401), (&finance, 403), (&booker, 403), (&officer, 403), (&stranger_manager, 404), (&others, 404), (&operator, 200), (&own, 200)]
    {
        let answer = app.deliver(token, &instrument, one(&format!("k-{status}"))).await;
        assert_eq!(answer.status.as_u16(), status, "{}", answer.text());
    }
    assert_eq!(app.deliver(&manager, "nothing", one("k")).await.status.as_u16(), 404);
    // A broken body is judged only after who sends it.
    assert_eq!(app.post(&format!("/api/v1/instruments/{instrument}/usage"), &booker, json!(1)).await.status.as_u16(), 403);
    // The instrument's token can do nothing else.
    for (method, path) in [
        ("GET", format!("/api/v1/instruments/{instrument}/usage")),
        ("GET", format!("/api/v1/openness/instruments/{instrument}?period=2026")),
        ("POST", format!("/api/v1/instruments/{instrument}/suspend")),
        ("GET", "/api/v1/bookings".to_owned()),
    ] {
        let status = app.call(method, &path, &own, Value::Null).await.status.as_u16();
        assert_eq!(status, 403, "{method} {path}");
    }
    // Reading: staff of the owner and the bureau.
    let path = format!("/api/v1/instruments/{instrument}/usage");
    for (token, status) in [("", 401), (booker.as_str(), 403), (&stranger_manager, 404), (&officer, 200), (&finance, 200), (&operator, 200)] {
        assert_eq!(app.get(&path, token).await.status.as_u16(), status);
    }
    let items = app.get(&path, &manager).await.expect(200);
    let by: Vec<&str> = items["items"].as_array().unwrap().iter().map(|s| s["delivered_by"].as_str().unwrap()).collect();
    assert_eq!((items["total"].as_i64(), by), (Some(1), vec!["person"]));
}

#[tokio::test]
async fn segments_are_listed_by_window_and_page() {
    let (app, manager, instrument) = lab().await;
    let segments = (0..5).map(|n| segment(&format!("k{n}"), &format!("2026-10-12T0{n}:00"), &format!("2026-10-12T0{}:30", n + 1), json!({}))).collect();
    app.deliver(&manager, &instrument, segments).await.expect(200);
    let path = format!("/api/v1/instruments/{instrument}/usage");
    let keys = |answer: &Value| answer["items"].as_array().unwrap().iter().map(|s| s["key"].as_str().unwrap().to_owned()).collect::<Vec<_>>();
    let (from, to) = (at("2026-10-12T01:30").replace('+', "%2B"), at("2026-10-12T03:00").replace('+', "%2B"));
    assert_eq!(keys(&app.get(&format!("{path}?from={from}&to={to}"), &manager).await.expect(200)), ["k1", "k2"]);
    let first = app.get(&format!("{path}?limit=2"), &manager).await.expect(200);
    let second = app.get(&format!("{path}?limit=2&after={}", first["next"].as_str().unwrap()), &manager).await.expect(200);
    assert_eq!((keys(&first), keys(&second), first["total"].as_i64()), (vec!["k0".into(), "k1".into()], vec!["k2".into(), "k3".into()], Some(5)));
    for (query, fault) in [("from=yesterday", "invalid from"), ("limit=0", "invalid limit"), ("after=x!", "invalid after")] {
        let answer = app.get(&format!("{path}?{query}"), &manager).await;
        answer.expect(422);
        assert_eq!(answer.faults(), [fault]);
    }
    assert_eq!(app.get(&format!("{path}?from={to}&to={from}"), &manager).await.faults(), ["invalid to"]);
}

#[tokio::test]
async fn a_segment_is_voided_once_with_a_reason() {
    let (app, manager, instrument) = lab().await;
    let one = segment("k-1", "2026-10-12T09:00", "2026-10-12T11:00", json!({}));
    app.deliver(&manager, &instrument, vec![one.clone()]).await.expect(200);
    let listed = app.get(&format!("/api/v1/instruments/{instrument}/usage"), &manager).await.expect(200);
    let path = format!("/api/v1/usage/{}/void", listed["items"][0]["id"].as_str().unwrap());
    let operator = app.person(&crate::support::people::uscc("12370200MB0000001"), "operator@lab.test", Role::Operator, None).await;
    let (_, other) = app.institution(2).await;
    for (token, status) in [("", 401), (operator.as_str(), 403), (&other, 404)] {
        assert_eq!(app.post(&path, token, json!({"reason": "x"})).await.status.as_u16(), status);
    }
    assert_eq!(app.post("/api/v1/usage/none/void", &manager, json!({"reason": "x"})).await.status.as_u16(), 404);
    for (body, fault) in [
        (json!({}), "required reason"),
        (json!({"reason": "  "}), "required reason"),
        (json!({"reason": 1}), "invalid reason"),
        (json!({"reason": "x".repeat(1001)}), "invalid reason"),
    ] {
        assert_eq!(app.post(&path, &manager, body).await.faults(), [fault]);
    }
    let voided = app.post(&path, &manager, json!({"reason": "记错了机时"})).await.expect(200);
    assert_eq!((voided["void_reason"].as_str(), voided["voided_at"].as_str()), (Some("记错了机时"), Some("2026-10-20T10:00:00+08:00")));
    assert_eq!(app.post(&path, &manager, json!({"reason": "again"})).await.expect(409)["code"], "state_conflict");
    // The key stays used for ever; the right segment comes under another one.
    assert_eq!(counts(&app.deliver(&manager, &instrument, vec![one]).await.expect(200)), (0, 1, 0));
    let day = app.openness(&manager, &format!("instruments/{instrument}"), "2026-10-12").await;
    assert_eq!(day["effective_seconds"], 0);
}

#[tokio::test]
async fn the_code_of_a_booking_must_be_of_this_instrument_and_gives_its_purpose() {
    let app = TestApp::new().await;
    let (_, manager) = app.institution(1).await;
    let (customer, booker) = app.enterprise(1).await;
    let instrument = app.instrument(&manager, json!({})).await;
    let second = app.instrument(&manager, json!({})).await;
    let (id, code) = app.booking(&booker, &instrument, "2026-10-12T13:00", "2026-10-12T15:00", json!({"purpose_kind": "medical"})).await;
    app.set_now("2026-10-12T16:00:00+08:00");
    let one = |key: &str| segment(key, "2026-10-12T13:00", "2026-10-12T14:30", json!({"booking_code": code, "organisation_uscc": customer, "source": "agent"}));
    assert_eq!(counts(&app.deliver(&manager, &second, vec![one("k-1")]).await.expect(200)), (0, 0, 1));
    let token = app.instrument_token(&instrument).await;
    let lower = {
        let mut s = one("k-1");
        s["booking_code"] = json!(code.to_lowercase());
        s
    };
    assert_eq!(counts(&app.deliver(&token, &instrument, vec![lower]).await.expect(200)), (1, 0, 0));
    let listed = app.get(&format!("/api/v1/instruments/{instrument}/usage"), &manager).await.expect(200);
    let item = &listed["items"][0];
    assert_eq!(
        (item["purpose_kind"].as_str(), item["booking_code"].as_str(), item["delivered_by"].as_str()),
        (Some("medical"), Some(code.as_str()), Some("instrument"))
    );
    let (_, officer) = app.bureau().await;
    let seen = app.get(&format!("/api/v1/instruments/{instrument}/usage"), &officer).await.expect(200);
    assert!(seen["items"][0]["booking_code"].is_null(), "the bureau sees a booking only through its claim");
    let mut conn = app.db.read().await.unwrap();
    assert!(yiqi::store::usage::has_automatic_evidence(&mut conn, &id).await.unwrap());
    assert_eq!(yiqi::store::usage::list_of_booking(&mut conn, &id).await.unwrap().len(), 1);
}

#[tokio::test]
async fn late_use_completes_a_no_show() {
    let app = TestApp::new().await;
    let (_, manager) = app.institution(1).await;
    let (customer, booker) = app.enterprise(1).await;
    let instrument = app.instrument(&manager, json!({})).await;
    let (id, code) = app.booking(&booker, &instrument, "2026-10-12T13:00", "2026-10-12T15:00", json!({})).await;
    app.set_now("2026-10-12T14:30:00+08:00");
    app.run_job("due").await;
    assert_eq!(app.get(&format!("/api/v1/bookings/{id}"), &booker).await.expect(200)["state"], "no_show");
    app.set_now("2026-10-31T09:00:00+08:00");
    let one = segment("month-end", "2026-10-12T13:00", "2026-10-12T14:00", json!({"booking_code": code, "organisation_uscc": customer}));
    assert_eq!(counts(&app.deliver(&manager, &instrument, vec![one]).await.expect(200)), (1, 0, 0));
    assert_eq!(app.get(&format!("/api/v1/bookings/{id}"), &booker).await.expect(200)["state"], "completed");
    assert_eq!(app.differences().await, Vec::<String>::new());
    app.mails();
}

#[tokio::test]
async fn an_idempotency_key_gives_the_first_answer_again() {
    let (app, manager, instrument) = lab().await;
    let path = format!("/api/v1/instruments/{instrument}/usage");
    let token = app.instrument_token(&instrument).await;
    let body = json!({"segments": [segment("k", "2026-10-12T09:00", "2026-10-12T11:00", json!({}))]});
    for token in [&manager, &token] {
        let first = app.call_with("POST", &path, token, body.clone(), &[("idempotency-key", "one")]).await.expect(200);
        assert_eq!(app.call_with("POST", &path, token, body.clone(), &[("idempotency-key", "one")]).await.expect(200), first);
    }
    assert_eq!(
        app.call_with("POST", &path, &manager, json!({"segments": []}), &[("idempotency-key", "one")]).await.expect(409)["code"],
        "idempotency_mismatch"
    );
}

#[tokio::test]
async fn samples_of_a_confidential_booking_are_for_managers_only() {
    let city = City::new(json!({ "approval": "automatic", "notice_minutes": 0 })).await;
    let booking = city.book("2026-10-12T13:00", "2026-10-12T15:00", json!({ "confidential": true })).await;
    city.app.set_now("2026-10-12T15:30:00+08:00");
    let used = |key: &str, over: Value| segment(key, "2026-10-12T13:00", "2026-10-12T14:30", over);
    let confidential = used("one", json!({ "booking_code": booking["code"], "organisation_uscc": city.firm, "samples": 42 }));
    let open = segment("two", "2026-10-12T09:00", "2026-10-12T10:00", json!({ "samples": 7 }));
    assert_eq!(city.app.deliver(&city.manager, &city.instrument, vec![confidential, open]).await.expect(200)["accepted"], 2);
    let admin = city.staff(Role::Admin).await;
    for (token, shown) in [
        (&city.manager, Some(42)),
        (&admin, Some(42)),
        (&city.staff(Role::Operator).await, None),
        (&city.staff(Role::Finance).await, None),
        (&city.officer, None),
    ] {
        let listed = city.app.get(&format!("/api/v1/instruments/{}/usage", city.instrument), token).await.expect(200);
        let samples: Vec<_> = listed["items"].as_array().unwrap().iter().map(|item| item["samples"].as_i64()).collect();
        assert_eq!(samples, [Some(7), shown]);
    }
}
