//! Instruments over the API: entering, changing, the life of a listing, prices, hours, policy, who sees what.

use serde_json::{Value, json};

use crate::support::TestApp;
use crate::support::instruments::listing;

#[tokio::test]
async fn an_instrument_is_entered_priced_and_published() {
    let app = TestApp::new().await;
    let (uscc, manager) = app.institution(1).await;
    let created = app.post("/api/v1/instruments", &manager, listing("EM-1", json!({}))).await.expect(201);
    let id = created["id"].as_str().unwrap();
    assert_eq!(created["state"], "draft");
    assert_eq!(created["institution"], json!({"uscc": uscc, "name": "青岛测试研究院1", "region_code": "370212"}));
    assert_eq!((&created["policy"]["approval"], &created["policy"]["grid_minutes"]), (&json!("automatic"), &json!(30)));
    assert_eq!(created["opening_hours"]["items"][0], json!({"weekday": 1, "opens": "08:30", "closes": "17:30"}));
    assert_eq!((&created["next_free_at"], &created["external_hourly_fen"], &created["listed_on"]), (&Value::Null, &Value::Null, &Value::Null));
    app.set_prices(
        &manager,
        id,
        json!([
            {"unit": "hour", "audience": "internal", "amount_fen": 26_000},
            {"unit": "hour", "audience": "external", "amount_fen": 86_500},
            {"unit": "hour", "audience": "external", "amount_fen": 68_500, "mode": "self", "valid_from": "2026-01-01", "valid_to": "2027-06-30"},
        ]),
    )
    .await;
    let published = app.post(&format!("/api/v1/instruments/{id}/publish"), &manager, Value::Null).await.expect(200);
    assert_eq!((&published["state"], &published["listed_on"]), (&json!("published"), &json!("2026-10-12")));
    let seen = app.get(&format!("/api/v1/instruments/{id}"), "").await.expect(200);
    assert_eq!((&seen["external_hourly_fen"], &seen["next_free_at"]), (&json!(68_500), &json!("2026-10-13T10:00:00+08:00")));
    assert_eq!((seen["prices"].as_array().unwrap().len(), &seen["modes"]), (3, &json!(["self", "operator"])));
    assert_eq!(
        (&seen["accepted_on"], &seen["commissioned_on"], &seen["original_value_fen"]),
        (&json!("2024-03-18"), &json!("2024-04-08"), &json!(486_000_000))
    );
    let listed = app.get("/api/v1/instruments", "").await.expect(200);
    assert_eq!((&listed["total"], &listed["items"][0]["id"], &listed["next"]), (&json!(1), &json!(id), &Value::Null));
}

#[tokio::test]
async fn every_wrong_field_of_a_new_instrument_is_named() {
    let app = TestApp::new().await;
    let (_, manager) = app.institution(1).await;
    let answer = app.post("/api/v1/instruments", &manager, json!({})).await;
    answer.expect(422);
    let fields = ["accepted_on", "category_code", "commissioned_on", "funding", "kind", "location", "modes", "name", "number", "original_value_fen"];
    assert_eq!(answer.faults(), fields.map(|field| format!("required {field}")));
    for (field, value) in [
        ("number", json!(7)),
        ("number", json!("")),
        ("number", json!("x".repeat(101))),
        ("number", json!("a\u{0}b")),
        ("name", json!("n".repeat(201))),
        ("name", json!(["a"])),
        ("name_en", json!("n".repeat(201))),
        ("model", json!(1)),
        ("maker", json!({})),
        ("description", json!("d".repeat(10_001))),
        ("category_code", json!("0101")),
        ("category_code", json!("990000")),
        ("kind", json!("boat")),
        ("original_value_fen", json!(-1)),
        ("original_value_fen", json!(1.5)),
        ("original_value_fen", json!(i64::MAX)),
        ("original_value_fen", json!("1")),
        ("accepted_on", json!("2024-02-30")),
        ("commissioned_on", json!(20_240_408)),
        ("funding", json!("gift")),
        ("location", json!("l".repeat(301))),
        ("modes", json!([])),
        ("modes", json!(["self", "self"])),
        ("positions", json!(2)),
        ("approval", json!("never")),
    ] {
        let answer = app.post("/api/v1/instruments", &manager, listing("EM-1", json!({ field: value }))).await;
        assert_eq!(answer.status, 422, "{field} {value}: {}", answer.text());
        let faults = answer.faults();
        assert!(faults.len() == 1 && faults[0].ends_with(&format!(" {field}")), "{field} {value}: {faults:?}");
    }
    let answer = app.post("/api/v1/instruments", &manager, listing("EM-1", json!({"modes": ["self", "sample"], "colour": "red"}))).await;
    answer.expect(422);
    assert_eq!(answer.faults(), ["invalid modes[1]", "unknown_field colour"]);
}

#[tokio::test]
async fn a_number_is_unique_in_its_institution_only() {
    let app = TestApp::new().await;
    let (_, manager) = app.institution(1).await;
    let (_, other) = app.institution(2).await;
    app.draft(&manager, json!({"number": "EM-1"})).await;
    let second = app.draft(&manager, json!({"number": "EM-2"})).await;
    app.draft(&other, json!({"number": "EM-1"})).await;
    let answer = app.post("/api/v1/instruments", &manager, listing("EM-1", json!({}))).await;
    answer.expect(422);
    assert_eq!(answer.faults(), ["invalid number"]);
    let answer = app.call("PATCH", &format!("/api/v1/instruments/{second}"), &manager, json!({"number": "EM-1"})).await;
    answer.expect(422);
    assert_eq!(answer.faults(), ["invalid number"]);
}

#[tokio::test]
async fn a_change_keeps_what_it_does_not_name() {
    let app = TestApp::new().await;
    let (_, manager) = app.institution(1).await;
    let id = app.draft(&manager, json!({})).await;
    let path = format!("/api/v1/instruments/{id}");
    let changed =
        app.call("PATCH", &path, &manager, json!({"maker": "Zeiss", "model": "", "approval": "manager", "commissioned_on": "2024-05-01"})).await.expect(200);
    assert_eq!((&changed["maker"], &changed["model"], &changed["name"]), (&json!("Zeiss"), &Value::Null, &json!("场发射扫描电子显微镜")));
    assert_eq!((&changed["policy"]["approval"], &changed["commissioned_on"], &changed["version"]), (&json!("manager"), &json!("2024-05-01"), &json!(3)));
    let stale = app.call("PATCH", &path, &manager, json!({"maker": "Carl Zeiss", "version": 1})).await;
    assert_eq!(stale.expect(409)["code"], "state_conflict");
    let answer = app.call("PATCH", &path, &manager, json!({"name": " ", "positions": 0})).await;
    answer.expect(422);
    assert_eq!(answer.faults(), ["invalid positions", "required name"]);
}

#[tokio::test]
async fn drafts_and_the_acts_of_others_do_not_exist() {
    let app = TestApp::new().await;
    let (own_uscc, manager) = app.institution(1).await;
    let operator = app.person(&own_uscc, "operator@lab.test", yiqi::domain::roles::Role::Operator, None).await;
    let (_, other) = app.institution(2).await;
    let (_, booker) = app.enterprise(1).await;
    let id = app.draft(&manager, json!({})).await;
    let path = format!("/api/v1/instruments/{id}");
    for token in ["", &other, &booker] {
        app.get(&path, token).await.expect(404);
        app.get(&format!("{path}/availability"), token).await.expect(404);
    }
    app.get(&path, &operator).await.expect(200);
    assert_eq!(app.get("/api/v1/instruments", &manager).await.expect(200)["total"], 0);
    let puts = [("PATCH", path.clone()), ("PUT", format!("{path}/prices")), ("PUT", format!("{path}/opening-hours")), ("PUT", format!("{path}/policy"))];
    let posts = ["publish", "suspend", "retire"].map(|verb| ("POST", format!("{path}/{verb}")));
    for (method, path) in puts.into_iter().chain(posts) {
        app.call(method, &path, "", json!({"x": 1})).await.expect(401);
        app.call(method, &path, &booker, json!({"x": 1})).await.expect(403);
        app.call(method, &path, &operator, json!({"x": 1})).await.expect(403);
        app.call(method, &path, &other, json!({"x": 1})).await.expect(404);
        app.call(method, &path, &manager, json!({"x": 1})).await.expect(422);
    }
    app.get("/api/v1/instruments/none", "").await.expect(404);
    app.post("/api/v1/instruments/none/publish", &manager, Value::Null).await.expect(404);
}

#[tokio::test]
async fn a_listing_lives_by_its_table() {
    let app = TestApp::new().await;
    let (_, manager) = app.institution(1).await;
    let id = app.instrument(&manager, json!({})).await;
    let act = async |verb: &str| app.post(&format!("/api/v1/instruments/{id}/{verb}"), &manager, json!({})).await;
    assert_eq!(act("publish").await.expect(409)["code"], "state_conflict");
    assert_eq!(act("suspend").await.expect(200)["next_free_at"], Value::Null);
    assert_eq!(app.get("/api/v1/instruments", "").await.expect(200)["total"], 0);
    assert_eq!(app.get(&format!("/api/v1/instruments/{id}"), "").await.expect(200)["state"], "suspended");
    act("publish").await.expect(200);
    assert_eq!(act("retire").await.expect(200)["state"], "retired");
    for verb in ["publish", "suspend", "retire"] {
        act(verb).await.expect(409);
    }
    let put = app.call("PUT", &format!("/api/v1/instruments/{id}/prices"), &manager, json!({"items": []})).await;
    assert_eq!(put.expect(409)["code"], "state_conflict");
}

#[tokio::test]
async fn prices_hours_and_policy_are_checked_field_by_field() {
    let app = TestApp::new().await;
    let (_, manager) = app.institution(1).await;
    let id = app.draft(&manager, json!({})).await;
    let put = async |what: &str, body: Value| app.call("PUT", &format!("/api/v1/instruments/{id}/{what}"), &manager, body).await;
    let price = json!({"unit": "hour", "audience": "external", "amount_fen": 1});
    let with = |field: &str, value: Value| {
        let mut price = price.clone();
        price[field] = value;
        price
    };
    for (items, fault) in [
        (json!([with("amount_fen", json!(-1))]), "invalid items[0].amount_fen"),
        (json!([with("amount_fen", json!(10_000_000_001_i64))]), "invalid items[0].amount_fen"),
        (json!([with("amount_fen", json!("1"))]), "invalid items[0].amount_fen"),
        (json!([with("unit", json!("sample"))]), "invalid items[0].unit"),
        (json!([with("audience", json!("all"))]), "invalid items[0].audience"),
        (json!([with("mode", json!("sample"))]), "invalid items[0].mode"),
        (json!([with("valid_from", json!("soon"))]), "invalid items[0].valid_from"),
        (json!([with("colour", json!("red"))]), "unknown_field items[0].colour"),
        (json!([{"unit": "hour", "audience": "external"}]), "required items[0].amount_fen"),
        (json!([price, price]), "invalid items[1]"),
        (json!("none"), "invalid items"),
    ] {
        let answer = put("prices", json!({ "items": items })).await;
        answer.expect(422);
        assert!(answer.faults().len() == 1 && answer.faults()[0].starts_with(fault), "{items}: {:?}", answer.faults());
    }
    put("prices", json!({})).await.expect(422);
    for (items, faults) in [
        (json!([{"weekday": 8, "opens": "8:30", "closes": "25:00"}]), vec!["invalid items[0].closes", "invalid items[0].opens", "invalid items[0].weekday"]),
        (json!([{"weekday": 1, "opens": "09:00", "closes": "12:00"}, {"weekday": 1, "opens": "11:00", "closes": "13:00"}]), vec!["invalid items[1].opens"]),
        (json!([{"weekday": 1, "opens": "24:00", "closes": "24:00"}]), vec!["invalid items[0].opens"]),
        (json!([{"weekday": 1.5, "opens": "09:00", "closes": "12:00"}]), vec!["invalid items[0].weekday"]),
    ] {
        let answer = put("opening-hours", json!({ "items": items })).await;
        answer.expect(422);
        assert_eq!(answer.faults(), faults, "{items}");
    }
    let set = put("opening-hours", json!({"items": [{"weekday": 7, "opens": "20:00", "closes": "24:00"}], "holidays": "open"})).await.expect(200);
    assert_eq!(set, json!({"items": [{"weekday": 7, "opens": "20:00", "closes": "24:00"}], "holidays": "open"}));
    let answer = put("policy", json!({"grid_minutes": 7, "min_minutes": 90, "max_minutes": 60, "late_cancel_percent": 101, "notice_minutes": -1})).await;
    answer.expect(422);
    assert_eq!(answer.faults(), ["invalid grid_minutes", "invalid late_cancel_percent", "invalid max_minutes", "invalid notice_minutes"]);
    let answer = put("policy", json!({"quota_week_minutes": 60, "qualification": "x", "buffer_minutes": 10})).await;
    answer.expect(422);
    assert_eq!(answer.faults(), ["invalid qualification", "invalid quota_week_minutes"]);
    let set = put("policy", json!({"buffer_minutes": 10, "quota_week_minutes": null, "qualification": null})).await.expect(200);
    assert_eq!((&set["buffer_minutes"], &set["grid_minutes"], &set["approval"]), (&json!(10), &json!(30), &json!("automatic")));
    let seen = app.get(&format!("/api/v1/instruments/{id}"), &manager).await.expect(200);
    assert_eq!((&seen["policy"], &seen["opening_hours"]["holidays"]), (&set, &json!("open")));
}

#[tokio::test]
async fn availability_obeys_hours_notice_holidays_and_the_grid() {
    let app = TestApp::new().await;
    let (_, manager) = app.institution(1).await;
    let id = app.instrument(&manager, json!({})).await;
    let spans = async |query: &str| {
        let answer = app.get(&format!("/api/v1/instruments/{id}/availability?{query}"), "").await.expect(200);
        answer["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|s| format!("{} {}", s["starts_at"].as_str().unwrap(), s["ends_at"].as_str().unwrap()))
            .collect::<Vec<_>>()
    };
    let day = "from=2026-10-12T00:00:00%2B08:00&to=2026-10-14T00:00:00%2B08:00";
    assert_eq!(spans(day).await, ["2026-10-12T10:30:00+08:00 2026-10-12T20:00:00+08:00", "2026-10-13T08:00:00+08:00 2026-10-13T20:00:00+08:00"]);
    assert_eq!(spans(&format!("{day}&minutes=480")).await.len(), 2);
    assert!(spans(&format!("{day}&minutes=481")).await.is_empty());
    app.set_now("2026-09-30T19:00:00+08:00");
    assert!(spans("from=2026-10-01T00:00:00%2B08:00&to=2026-10-03T00:00:00%2B08:00").await.is_empty(), "closed on holidays");
    for (query, fault) in [("from=2026-10-12T00:00:00", "invalid from"), ("minutes=0", "invalid minutes"), ("limit=0", "invalid limit")] {
        let answer = app.get(&format!("/api/v1/instruments/{id}/availability?{query}"), "").await;
        answer.expect(422);
        assert_eq!(answer.faults(), [fault]);
    }
    let answer = app.get(&format!("/api/v1/instruments/{id}/availability?from=2026-10-13T00:00:00Z&to=2026-10-12T00:00:00Z"), "").await;
    answer.expect(422);
    assert_eq!(answer.faults(), ["invalid to"]);
}

#[tokio::test]
async fn an_idempotency_key_enters_an_instrument_once() {
    let app = TestApp::new().await;
    let (_, manager) = app.institution(1).await;
    let body = listing("EM-1", json!({}));
    let first = app.call_with("POST", "/api/v1/instruments", &manager, body.clone(), &[("idempotency-key", "k")]).await.expect(201);
    let again = app.call_with("POST", "/api/v1/instruments", &manager, body, &[("idempotency-key", "k")]).await.expect(201);
    assert_eq!(first, again);
}

#[tokio::test]
async fn an_instrument_with_live_bookings_is_not_retired() {
    let app = TestApp::new().await;
    app.bureau().await;
    let (_, manager) = app.institution(1).await;
    let (_, booker) = app.enterprise(1).await;
    let id = app.instrument(&manager, json!({})).await;
    let booking = json!({
        "instrument_id": id, "starts_at": "2026-10-13T09:00:00+08:00", "ends_at": "2026-10-13T11:00:00+08:00", "mode": "self",
        "voucher": "none", "purpose": "截面", "purpose_kind": "research",
    });
    let booked = app.post("/api/v1/bookings", &booker, booking).await.expect(201);
    let retire = async || app.post(&format!("/api/v1/instruments/{id}/retire"), &manager, Value::Null).await;
    assert_eq!(retire().await.expect(409)["code"], "state_conflict");
    app.post(&format!("/api/v1/bookings/{}/cancel", booked["id"].as_str().unwrap()), &booker, json!({"reason": "样品未到"})).await.expect(200);
    assert_eq!(retire().await.expect(200)["state"], "retired");
}
