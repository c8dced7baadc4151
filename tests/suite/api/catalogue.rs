//! The catalogue over the API: words, pinyin, filters, free time, pages.

use serde_json::{Value, json};

use crate::support::TestApp;

async fn numbers(app: &TestApp, query: &str) -> Vec<String> {
    let answer = app.get(&format!("/api/v1/instruments?{query}"), "").await.expect(200);
    let mut numbers: Vec<String> = answer["items"].as_array().unwrap().iter().map(|item| item["number"].as_str().unwrap().to_owned()).collect();
    // Ids of one second come in any order.
    numbers.sort();
    numbers
}

fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// Three instruments of two institutions, one of them in Yantai and in no pool.
async fn city() -> (TestApp, String, String) {
    let app = TestApp::new().await;
    app.bureau().await;
    let (_, manager) = app.institution(1).await;
    let uscc = app.organisation("12370600MB0000002", "烟台化工研究院", &[yiqi::domain::roles::Side::Institution], "370602", false).await;
    let yantai = app.person(&uscc, "m@yantai.test", yiqi::domain::roles::Role::Manager, None).await;
    app.instrument(&manager, json!({"number": "SEM"})).await;
    let icp = json!({"number": "ICP", "name": "电感耦合等离子体质谱仪", "name_en": "ICP mass spectrometer", "model": "8900", "maker": "安捷伦 Agilent", "category_code": "010200", "modes": ["operator"]});
    let id = app.instrument(&manager, icp).await;
    app.set_price(&manager, &id, 48_000).await;
    let gc = json!({"number": "GC", "name": "气相色谱—质谱联用仪", "name_en": null, "model": "8890-5977C", "maker": "Agilent", "category_code": "010500", "modes": ["self"]});
    let id = app.instrument(&yantai, gc).await;
    app.set_prices(&yantai, &id, json!([])).await;
    (app, manager, uscc)
}

#[tokio::test]
async fn instruments_are_found_by_word_pinyin_initials_model_and_maker() {
    let (app, ..) = city().await;
    for (typed, expected) in [
        ("质谱", vec!["GC", "ICP"]),
        ("质谱仪", vec!["GC", "ICP"]),
        ("zhipu", vec!["GC", "ICP"]),
        ("dgoh", vec!["ICP"]),
        ("电镜", vec!["SEM"]),
        ("smdj", vec!["SEM"]),
        ("geminiSEM", vec!["SEM"]),
        ("8890", vec!["GC"]),
        ("agil 质谱", vec!["GC", "ICP"]),
        ("安捷伦", vec!["ICP"]),
        ("蔡司 质谱", vec![]),
        ("烟台 色谱", vec!["GC"]),
        ("，。", vec![]),
    ] {
        let found = numbers(&app, &format!("q={}", encoded(typed))).await;
        assert_eq!(found, expected, "{typed}");
    }
}

#[tokio::test]
async fn filters_narrow_the_catalogue_together() {
    let (app, _, yantai) = city().await;
    for (query, expected) in [
        ("", vec!["GC", "ICP", "SEM"]),
        ("category=01", vec!["GC", "ICP", "SEM"]),
        ("category=0102", vec!["ICP"]),
        ("category=010500", vec!["GC"]),
        ("region=370200", vec!["ICP", "SEM"]),
        ("region=370212", vec!["ICP", "SEM"]),
        ("region=370600", vec!["GC"]),
        ("region=370000", vec!["GC", "ICP", "SEM"]),
        ("mode=self", vec!["GC", "SEM"]),
        ("mode=operator&max_hourly_fen=10000", vec!["SEM"]),
        ("max_hourly_fen=48000", vec!["ICP", "SEM"]),
        ("voucher=true", vec!["ICP", "SEM"]),
        ("voucher=0&mode=self&category=0105", vec!["GC"]),
    ] {
        assert_eq!(numbers(&app, query).await, expected, "{query}");
    }
    assert_eq!(numbers(&app, &format!("institution={yantai}")).await, ["GC"]);
    for (query, fault) in [
        ("category=1", "invalid category"),
        ("region=99", "invalid region"),
        ("institution=1", "invalid institution"),
        ("mode=sample", "invalid mode"),
        ("max_hourly_fen=-1", "invalid max_hourly_fen"),
        ("voucher=maybe", "invalid voucher"),
        ("free_from=2026-10-12", "invalid free_from"),
        ("free_to=x", "invalid free_to"),
        ("minutes=0", "invalid minutes"),
        ("limit=201", "invalid limit"),
        ("after=x", "invalid after"),
        ("q=a%00b", "invalid q"),
    ] {
        let answer = app.get(&format!("/api/v1/instruments?{query}"), "").await;
        answer.expect(422);
        assert_eq!(answer.faults(), [fault]);
    }
    let long = app.get(&format!("/api/v1/instruments?q={}", "x".repeat(201)), "").await;
    long.expect(422);
    assert_eq!(long.faults(), ["invalid q"]);
}

#[tokio::test]
async fn the_free_filter_knows_hours_and_what_is_taken() {
    let (app, manager, _) = city().await;
    let id = app.get("/api/v1/instruments?q=SEM", "").await.expect(200)["items"][0]["id"].as_str().unwrap().to_owned();
    app.set_hours(&manager, &id, json!({"items": [{"weekday": 3, "opens": "13:00", "closes": "17:00"}]})).await;
    let within = |from: &str, to: &str, minutes: i64| format!("free_from={from}:00%2B08:00&free_to={to}:00%2B08:00&minutes={minutes}");
    assert_eq!(numbers(&app, &within("2026-10-14T09:00", "2026-10-14T12:00", 60)).await, ["GC", "ICP"]);
    assert_eq!(numbers(&app, &within("2026-10-14T09:00", "2026-10-14T15:00", 120)).await, ["GC", "ICP", "SEM"]);
    assert_eq!(numbers(&app, &within("2026-10-14T14:00", "2026-10-14T19:00", 240)).await, ["GC", "ICP"]);
    assert!(numbers(&app, &within("2026-10-14T09:00", "2026-10-14T20:00", 481)).await.is_empty());
    assert!(numbers(&app, &within("2026-10-12T08:00", "2026-10-12T10:00", 60)).await.is_empty(), "the past is not free");
    assert_eq!(numbers(&app, "minutes=300").await, ["GC", "ICP"]);
}

#[tokio::test]
async fn the_catalogue_is_read_page_by_page() {
    let (app, ..) = city().await;
    let first = app.get("/api/v1/instruments?limit=2", "").await.expect(200);
    assert_eq!((&first["total"], first["items"].as_array().unwrap().len()), (&json!(3), 2));
    let second = app.get(&format!("/api/v1/instruments?limit=2&after={}", first["next"].as_str().unwrap()), "").await.expect(200);
    assert_eq!((second["items"].as_array().unwrap().len(), &second["next"]), (1, &Value::Null));
    let all: Vec<&Value> = [&first, &second].iter().flat_map(|page| page["items"].as_array().unwrap()).collect();
    let gc = all.iter().find(|item| item["number"] == "GC").unwrap();
    assert_eq!((&gc["external_hourly_fen"], &gc["next_free_at"]), (&Value::Null, &json!("2026-10-12T10:30:00+08:00")));
    assert_eq!(all.iter().map(|item| item["id"].as_str().unwrap()).collect::<std::collections::BTreeSet<_>>().len(), 3);
}

#[tokio::test]
async fn what_is_taken_is_not_free() {
    let (app, manager, _) = city().await;
    let id = app.get("/api/v1/instruments?q=SEM", "").await.expect(200)["items"][0]["id"].as_str().unwrap().to_owned();
    app.set_policy(&manager, &id, json!({"buffer_minutes": 30})).await;
    for (starts_at, ends_at) in [("2026-10-12T10:00:00+08:00", "2026-10-12T20:00:00+08:00"), ("2026-10-14T10:00:00+08:00", "2026-10-14T12:10:00+08:00")] {
        let slot = json!({"kind": "maintenance", "starts_at": starts_at, "ends_at": ends_at, "note": ""});
        app.post(&format!("/api/v1/instruments/{id}/slots"), &manager, slot).await.expect(201);
    }
    assert_eq!(app.get(&format!("/api/v1/instruments/{id}"), "").await.expect(200)["next_free_at"], "2026-10-13T08:00:00+08:00");
    let within = |from: &str, to: &str, minutes: i64| format!("free_from=2026-10-14T{from}:00%2B08:00&free_to=2026-10-14T{to}:00%2B08:00&minutes={minutes}");
    assert_eq!(numbers(&app, &within("08:00", "12:00", 90)).await, ["GC", "ICP", "SEM"]);
    assert_eq!(numbers(&app, &within("08:00", "12:00", 120)).await, ["GC", "ICP"]);
    assert_eq!(numbers(&app, &within("12:00", "15:00", 120)).await, ["GC", "ICP", "SEM"]);
    assert_eq!(numbers(&app, &within("12:00", "15:00", 150)).await, ["GC", "ICP"]);
}
