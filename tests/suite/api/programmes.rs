//! Programmes: who reads and writes the terms of a year, and that a version never changes.

use serde_json::{Value, json};
use yiqi::domain::roles::{Role, Side};

use crate::support::TestApp;
use crate::support::purses::terms;

#[tokio::test]
async fn an_officer_writes_terms_and_a_later_version_takes_their_place_from_its_day() {
    let app = TestApp::new().await;
    let (_, officer) = app.bureau().await;
    let (_, booker) = app.enterprise(1).await;
    let path = "/api/v1/programmes/2026";
    app.get(path, &booker).await.expect(404);
    let first = app.call("PUT", path, &officer, terms(2026, 100_000_000)).await.expect(200);
    assert_eq!((first["version"].as_i64(), first["rounding_fen"].as_i64(), first["use_by"].as_str()), (Some(1), Some(100), Some("2026-12-31")));
    assert_eq!(app.get(path, &booker).await.expect(200), first);
    let mut later = terms(2026, 200_000_000);
    later["rate_bp"] = json!(2000);
    later["valid_from"] = json!("2026-11-01");
    let second = app.call("PUT", path, &officer, later.clone()).await.expect(200);
    assert_eq!((second["version"].as_i64(), second["draw_percent"].as_i64()), (Some(2), Some(0)));
    assert_eq!(app.get(path, &officer).await.expect(200)["rate_bp"], 3000);
    app.set_now("2026-11-01T00:00:00+08:00");
    assert_eq!(app.get(path, &officer).await.expect(200)["rate_bp"], 2000);
    assert_eq!(app.call("PUT", path, &officer, later).await.expect(200)["version"], 3);
}

#[tokio::test]
async fn every_wrong_field_of_terms_is_named() {
    let app = TestApp::new().await;
    let (_, officer) = app.bureau().await;
    let put = |body: Value| app.call("PUT", "/api/v1/programmes/2026", &officer, body);
    let wrong = json!({
        "rate_bp": 10_001, "cap_fen": -1, "rounding_fen": 0, "budget_fen": i64::MAX, "commit_percent": 1001, "draw_percent": 101,
        "use_by": "2026-12-31", "redeem_by": "2026-12-30", "source": " ",
    });
    let answer = put(wrong).await;
    answer.expect(422);
    let fields = ["budget_fen", "cap_fen", "commit_percent", "draw_percent", "rate_bp", "redeem_by", "rounding_fen"];
    let mut expected: Vec<String> = fields.iter().map(|field| format!("invalid {field}")).collect();
    expected.push("required source".to_owned());
    assert_eq!(answer.faults(), expected);
    let answer = put(json!({ "use_by": "2026-2-1", "rate_bp": "x", "more": 1, "rounding_fen": 1.5 })).await;
    answer.expect(422);
    assert_eq!(
        answer.faults(),
        [
            "invalid rate_bp",
            "invalid rounding_fen",
            "invalid use_by",
            "required budget_fen",
            "required cap_fen",
            "required commit_percent",
            "required redeem_by",
            "required source",
            "unknown_field more"
        ]
    );
    let mut past = terms(2026, 1_000);
    past["valid_from"] = json!("2026-01-01");
    put(past.clone()).await.expect(200);
    let answer = put(past).await;
    answer.expect(422);
    assert_eq!(answer.faults(), ["invalid valid_from"]);
}

#[tokio::test]
async fn only_an_officer_writes_terms_and_only_for_the_own_bureau() {
    let app = TestApp::new().await;
    let (bureau, officer) = app.bureau().await;
    app.programme(&officer, 2026, 1_000_000).await;
    let (_, booker) = app.enterprise(1).await;
    let (_, manager) = app.institution(1).await;
    let path = "/api/v1/programmes/2026";
    app.call("PUT", path, "", Value::Null).await.expect(401);
    for role in [Role::Reviewer, Role::Auditor] {
        let token = app.person(&bureau, &format!("{role}@bureau.test"), role, None).await;
        app.call("PUT", path, &token, json!({})).await.expect(403);
        app.get(path, &token).await.expect(200);
    }
    app.call("PUT", path, &booker, json!({})).await.expect(403);
    app.call("PUT", path, &manager, json!({})).await.expect(403);
    for other in ["/api/v1/programmes/26", "/api/v1/programmes/twenty", "/api/v1/programmes/2025", "/api/v1/programmes/99999"] {
        app.get(other, &officer).await.expect(404);
    }
    let yantai = app.organisation("11370600MB2856001", "烟台市科学技术局", &[Side::Bureau], "370600", false).await;
    let other = app.person(&yantai, "officer@yantai.test", Role::Officer, None).await;
    app.get(path, &other).await.expect(404);
    app.programme(&other, 2026, 5).await;
    assert_eq!(app.get(path, &booker).await.expect(200)["budget_fen"], 1_000_000);
}
