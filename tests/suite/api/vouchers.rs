//! Vouchers: applications and grants, what an enterprise has, its ledger, giving back.

use serde_json::{Value, json};
use yiqi::domain::roles::Role;

use crate::support::TestApp;
use crate::support::purses::terms;

const APPLICATIONS: &str = "/api/v1/voucher-applications";

/// A bureau with a programme of 1,000,000 yuan, and an enterprise with finance.
async fn city() -> (TestApp, String, String) {
    let app = TestApp::new().await;
    let (_, officer) = app.bureau().await;
    app.programme(&officer, 2026, 100_000_000).await;
    let (uscc, _) = app.enterprise(1).await;
    let finance = app.finance(&uscc).await;
    (app, officer, finance)
}

fn id(answer: &Value) -> &str {
    answer["id"].as_str().unwrap()
}

#[tokio::test]
async fn an_application_is_granted_once_and_the_ledger_tells_it() {
    let (app, officer, finance) = city().await;
    assert_eq!(app.voucher(&finance, 2026).await["granted_fen"], 0);
    let body = json!({ "year": 2026, "amount_fen": 5_000_000, "sme_number": " 202637020008001234 " });
    let filed = app.post(APPLICATIONS, &finance, body).await.expect(201);
    assert_eq!((filed["state"].as_str(), filed["sme_number"].as_str()), (Some("filed"), Some("202637020008001234")));
    let waiting = app.get(&format!("{APPLICATIONS}?state=filed"), &officer).await.expect(200);
    assert_eq!((waiting["total"].as_i64(), id(&waiting["items"][0])), (Some(1), id(&filed)));
    let path = format!("{APPLICATIONS}/{}/approve", id(&filed));
    assert_eq!(app.post(&path, &officer, json!({ "version": 7 })).await.expect(409)["code"], "state_conflict");
    let granted = app.post(&path, &officer, json!({ "amount_fen": 4_000_000 })).await.expect(200);
    assert_eq!((granted["state"].as_str(), granted["granted_fen"].as_i64()), (Some("approved"), Some(4_000_000)));
    app.post(&path, &officer, Value::Null).await.expect(409);
    app.post(&format!("{APPLICATIONS}/{}/reject", id(&filed)), &officer, json!({ "reason": "late" })).await.expect(409);
    let voucher = app.voucher(&finance, 2026).await;
    assert_eq!((voucher["granted_fen"].as_i64(), voucher["available_fen"].as_i64()), (Some(4_000_000), Some(4_000_000)));
    assert_eq!((voucher["use_by"].as_str(), voucher["redeem_by"].as_str()), (Some("2026-12-31"), Some("2027-03-31")));
    let ledger = app.get("/api/v1/vouchers/ledger?year=2026", &finance).await.expect(200);
    let line = &ledger["items"][0];
    assert_eq!((line["from"].as_str(), line["to"].as_str(), line["amount_fen"].as_i64()), (Some("budget"), Some("available"), Some(4_000_000)));
    assert_eq!((line["cause"]["kind"].as_str(), line["cause"]["id"].as_str()), (Some("application"), Some(id(&filed))));
    app.prove_vouchers().await;
}

#[tokio::test]
async fn grants_keep_the_cap_and_the_budget_however_many_officers_press_at_once() {
    let app = TestApp::new().await;
    let (_, officer) = app.bureau().await;
    let mut body = terms(2026, 50_000_000);
    body["commit_percent"] = json!(120);
    app.call("PUT", "/api/v1/programmes/2026", &officer, body).await.expect(200);
    let mut paths = Vec::new();
    for number in 1..=4 {
        let (uscc, _) = app.enterprise(number).await;
        let finance = app.finance(&uscc).await;
        for _ in 0..2 {
            let body = json!({ "year": 2026, "amount_fen": 15_000_000, "sme_number": "1" });
            let filed = app.post(APPLICATIONS, &finance, body).await.expect(201);
            paths.push(format!("{APPLICATIONS}/{}/approve", id(&filed)));
        }
    }
    // 60,000,000 may be granted: four firms, 15,000,000 each, and a second grant of any would pass the cap.
    let answers = futures_util::future::join_all(paths.iter().map(|path| app.post(path, &officer, json!({})))).await;
    let granted = answers.iter().filter(|answer| answer.status == 200).count();
    assert_eq!(granted, 4);
    for answer in answers.iter().filter(|answer| answer.status != 200) {
        answer.expect(422);
        assert!(answer.faults().iter().all(|fault| fault == "invalid amount_fen"));
    }
    let mut smaller = terms(2026, 50_000_000);
    smaller["commit_percent"] = json!(119);
    let answer = app.call("PUT", "/api/v1/programmes/2026", &officer, smaller).await;
    answer.expect(422);
    assert_eq!(answer.faults(), ["invalid budget_fen"]);
    app.prove_vouchers().await;
}

#[tokio::test]
async fn what_is_wrong_with_an_application_is_named() {
    let (app, officer, finance) = city().await;
    let faults = async |body: Value| {
        let answer = app.post(APPLICATIONS, &finance, body).await;
        answer.expect(422);
        answer.faults()
    };
    assert_eq!(faults(json!({})).await, ["required amount_fen", "required sme_number", "required year"]);
    assert_eq!(faults(json!({ "year": 2031, "amount_fen": 0, "sme_number": "" })).await, ["invalid amount_fen", "invalid year", "required sme_number"]);
    assert_eq!(faults(json!({ "year": 2026, "amount_fen": 20_000_001, "sme_number": "x".repeat(101) })).await, ["invalid amount_fen", "invalid sme_number"]);
    assert_eq!(faults(json!({ "year": "2026", "amount_fen": 1e30, "sme_number": 5, "more": null })).await.len(), 4);
    app.set_now("2027-01-01T00:00:00+08:00");
    assert_eq!(faults(json!({ "year": 2026, "amount_fen": 1, "sme_number": "1" })).await, ["invalid year"]);
    app.set_now(crate::support::MONDAY);
    let filed = app.post(APPLICATIONS, &finance, json!({ "year": 2026, "amount_fen": 1, "sme_number": "1" })).await.expect(201);
    let path = |verb: &str| format!("{APPLICATIONS}/{}/{verb}", id(&filed));
    for amount in [0, -5, 20_000_001, i64::MIN, i64::MAX] {
        let answer = app.post(&path("approve"), &officer, json!({ "amount_fen": amount })).await;
        answer.expect(422);
        assert_eq!(answer.faults().last().map(String::as_str), Some("invalid amount_fen"), "{amount}");
    }
    let answer = app.post(&path("reject"), &officer, json!({ "reason": " " })).await;
    answer.expect(422);
    assert_eq!(answer.faults(), ["required reason"]);
    assert_eq!(app.post(&path("reject"), &officer, json!({ "reason": "登记编号不符" })).await.expect(200)["reason"], "登记编号不符");
    app.post(&path("approve"), &officer, json!({})).await.expect(409);
}

#[tokio::test]
async fn only_those_whose_business_it_is_apply_grant_and_look() {
    let (app, officer, finance) = city().await;
    let (uscc, booker) = app.enterprise(2).await;
    let (_, manager) = app.institution(1).await;
    let body = json!({ "year": 2026, "amount_fen": 100, "sme_number": "1" });
    let filed = app.post(APPLICATIONS, &finance, body.clone()).await.expect(201);
    app.post(APPLICATIONS, "", body.clone()).await.expect(401);
    for token in [&booker, &manager, &officer] {
        app.post(APPLICATIONS, token, json!({ "nonsense": true })).await.expect(403);
        app.post("/api/v1/vouchers/return", token, json!({})).await.expect(403);
    }
    let path = format!("{APPLICATIONS}/{}/approve", id(&filed));
    app.post(&path, &finance, json!({})).await.expect(403);
    let other = app.organisation("11370600MB2856001", "烟台市科学技术局", &[yiqi::domain::roles::Side::Bureau], "370600", false).await;
    let stranger = app.person(&other, "officer@yantai.test", Role::Officer, None).await;
    app.post(&path, &stranger, json!({ "nonsense": true })).await.expect(404);
    app.post(&format!("{APPLICATIONS}/nothing/approve"), &officer, json!({})).await.expect(404);
    // a firm sees its own, a bureau what concerns it
    assert_eq!(app.get(APPLICATIONS, &booker).await.expect(200)["total"], 0);
    assert_eq!(app.get(APPLICATIONS, &stranger).await.expect(200)["total"], 0);
    assert_eq!(app.get(APPLICATIONS, &finance).await.expect(200)["total"], 1);
    app.get(APPLICATIONS, &manager).await.expect(403);
    app.get("/api/v1/vouchers?year=2026", &manager).await.expect(403);
    app.get(&format!("/api/v1/vouchers?year=2026&uscc={uscc}"), &finance).await.expect(404);
    assert_eq!(app.get("/api/v1/vouchers?year=2026", &officer).await.faults(), ["required uscc"]);
    assert_eq!(app.get("/api/v1/vouchers?year=26x&uscc=1", &officer).await.faults(), ["invalid year"]);
    assert_eq!(app.get("/api/v1/vouchers?uscc=1", &officer).await.faults(), ["invalid uscc"]);
    assert_eq!(app.get(&format!("/api/v1/vouchers?uscc={uscc}"), &officer).await.expect(200)["available_fen"], 0);
    assert_eq!(app.get(&format!("/api/v1/vouchers/ledger?uscc={uscc}"), &officer).await.expect(200)["total"], 0);
    app.get("/api/v1/vouchers/ledger?limit=0&after=x", &finance).await.expect(422);
}

#[tokio::test]
async fn available_money_is_given_back_and_never_more() {
    let (app, officer, finance) = city().await;
    let give = |body: Value| app.post("/api/v1/vouchers/return", &finance, body);
    assert_eq!(give(json!({ "year": 2026, "amount_fen": 1 })).await.faults(), ["invalid amount_fen"]);
    app.grant(&officer, &finance, 2026, 1_000_000).await;
    let voucher = give(json!({ "year": 2026, "amount_fen": 400_000 })).await.expect(200);
    assert_eq!((voucher["available_fen"].as_i64(), voucher["returned_fen"].as_i64()), (Some(600_000), Some(400_000)));
    for amount in [600_001, 0, -1, i64::MAX, i64::MIN] {
        assert_eq!(give(json!({ "year": 2026, "amount_fen": amount })).await.faults(), ["invalid amount_fen"]);
    }
    assert_eq!(give(json!({ "year": 2030, "amount_fen": 1 })).await.faults(), ["invalid amount_fen"]);
    assert_eq!(give(json!({ "year": i64::MAX, "amount_fen": 1 })).await.faults(), ["invalid amount_fen"]);
    let (first, second) = tokio::join!(give(json!({ "year": 2026, "amount_fen": 400_000 })), give(json!({ "year": 2026, "amount_fen": 300_000 })));
    assert_eq!([first.status.as_u16(), second.status.as_u16()].iter().filter(|status| **status == 200).count(), 1);
    app.prove_vouchers().await;
}

#[tokio::test]
async fn the_same_key_grants_once() {
    let (app, officer, finance) = city().await;
    let body = json!({ "year": 2026, "amount_fen": 1_000, "sme_number": "1" });
    let twice = [("idempotency-key", "one")];
    let first = app.call_with("POST", APPLICATIONS, &finance, body.clone(), &twice).await.expect(201);
    assert_eq!(app.call_with("POST", APPLICATIONS, &finance, body, &twice).await.expect(201), first);
    let path = format!("{APPLICATIONS}/{}/approve", id(&first));
    let granted = app.call_with("POST", &path, &officer, json!({}), &twice).await.expect(200);
    assert_eq!(app.call_with("POST", &path, &officer, json!({}), &twice).await.expect(200), granted);
    assert_eq!(app.voucher(&finance, 2026).await["granted_fen"], 1_000);
    assert_eq!(app.get(APPLICATIONS, &finance).await.expect(200)["total"], 1);
}
