//! Review, payment and claw-back: four eyes are persons, warnings wait for a second, budgets are kept.

use serde_json::{Value, json};
use yiqi::domain::roles::{Role, Side};

use super::second_officer;
use crate::support::bookings::City;
use crate::support::purses::terms;

#[tokio::test]
async fn a_claim_without_a_warning_is_approved_once_and_paid_by_another_person() {
    let city = City::claiming(100_000).await;
    let booking = city.settled(10_000).await;
    let claim = city.claim(&[&booking], 10_000, json!({})).await.expect(201);
    city.app.claim_act(&claim, "pay", &city.officer, json!({ "bank_reference": "1" })).await.expect(409);
    city.app.claim_act(&claim, "approve", &city.officer, json!({ "version": 2 })).await.expect(409);
    let approved = city.app.claim_act(&claim, "approve", &city.officer, json!({ "note": "齐全", "version": 1 })).await.expect(200);
    assert_eq!(approved["state"], "approved");
    assert_eq!(city.amounts().await, [97_000, 0, 0, 3_000]);
    for verb in ["approve", "reject", "send-back"] {
        city.app.claim_act(&claim, verb, &city.officer, json!({ "reason": "x" })).await;
    }
    let same = city.app.claim_act(&claim, "pay", &city.officer, json!({ "bank_reference": "CMB-1" })).await.expect(409);
    assert_eq!(same["detail"], "One person cannot take two steps of the same claim");
    let payer = second_officer(&city, "payer").await;
    assert_eq!(city.app.claim_act(&claim, "pay", &payer, json!({ "bank_reference": " " })).await.faults(), ["required bank_reference"]);
    let paid = city.app.claim_act(&claim, "pay", &payer, json!({ "bank_reference": "CMB-20261020-1" })).await.expect(200);
    assert_eq!((paid["state"].as_str(), paid["bank_reference"].as_str()), (Some("paid"), Some("CMB-20261020-1")));
    assert_eq!(city.amounts().await, [97_000, 0, 0, 3_000]);
    city.app.claim_act(&claim, "pay", &payer, json!({ "bank_reference": "2" })).await.expect(409);
    let history = paid["history"].as_array().unwrap();
    assert_eq!(history.iter().map(|step| step["step"].as_str().unwrap()).collect::<Vec<_>>(), ["file", "approve", "pay"]);
    // an enterprise does not read who decided
    let seen = city.app.get(&format!("/api/v1/claims/{}", claim["id"].as_str().unwrap()), &city.booker).await.expect(200);
    assert_eq!((seen["history"][0]["person"].as_str(), seen["history"][1]["person"].clone()), (Some("booker1"), Value::Null));
    city.app.prove_vouchers().await;
}

#[tokio::test]
async fn a_warning_waits_for_another_person_who_may_decide_anything() {
    let city = City::claiming(1_000_000).await;
    let second = second_officer(&city, "second").await;
    for (decision, body, state) in
        [("approve", json!({}), "approved"), ("reject", json!({ "reason": "不符" }), "rejected"), ("send-back", json!({ "reason": "补材料" }), "sent_back")]
    {
        let booking = city.settled_on(10_000, json!({ "original_value_fen": 50_000_000 })).await;
        let claim = city.claim(&[&booking], 10_000, json!({})).await.expect(201);
        assert_eq!(claim["flags"][0]["severity"], "warn");
        assert_eq!(city.app.claim_act(&claim, "approve", &city.officer, json!({})).await.expect(200)["state"], "second_review");
        for verb in ["approve", "reject", "send-back"] {
            let reason = if verb == "approve" { json!({}) } else { json!({ "reason": "x" }) };
            city.app.claim_act(&claim, verb, &city.officer, reason).await.expect(409);
        }
        city.app.claim_act(&claim, "withdraw", &city.booker, json!({})).await.expect(409);
        assert_eq!(city.app.claim_act(&claim, decision, &second, body).await.expect(200)["state"], state);
        if state == "approved" {
            for token in [&city.officer, &second] {
                city.app.claim_act(&claim, "pay", token, json!({ "bank_reference": "1" })).await.expect(409);
            }
            let third = second_officer(&city, "third").await;
            city.app.claim_act(&claim, "pay", &third, json!({ "bank_reference": "1" })).await.expect(200);
        }
    }
    city.app.prove_vouchers().await;
}

#[tokio::test]
async fn drawn_claims_and_bills_above_the_quote_wait_for_a_second_person() {
    let city = City::claiming(1_000_000).await;
    let mut drawn = terms(2026, 1_000_000_000);
    drawn["draw_percent"] = json!(100);
    let plain = city.settled(10_000).await;
    city.app.call("PUT", "/api/v1/programmes/2026", &city.officer, drawn).await.expect(200);
    let booking = city.settled(10_000).await;
    // what was booked under the terms before is not drawn
    let claim = city.claim(&[&plain], 10_000, json!({})).await.expect(201);
    assert_eq!(city.app.claim_act(&claim, "approve", &city.officer, json!({})).await.expect(200)["state"], "approved");
    let claim = city.claim(&[&booking], 10_000, json!({})).await.expect(201);
    assert_eq!(city.app.claim_act(&claim, "approve", &city.officer, json!({})).await.expect(200)["state"], "second_review");
}

#[tokio::test]
async fn nobody_decides_on_a_claim_of_an_organisation_they_belong_to_or_belonged_to_within_a_year() {
    let city = City::claiming(1_000_000).await;
    let booking = city.settled(10_000).await;
    let claim = city.claim(&[&booking], 10_000, json!({})).await.expect(201);
    let both = second_officer(&city, "both").await;
    city.app.person(&city.lab, "both@bureau.test", Role::Operator, Some(Side::Institution)).await;
    for (verb, body) in [("approve", json!({})), ("reject", json!({ "reason": "x" })), ("send-back", json!({ "reason": "x" }))] {
        let problem = city.app.claim_act(&claim, verb, &both, body).await.expect(409);
        assert_eq!(problem["detail"], "You cannot decide on your own organisation");
    }
    for (ended, status) in [("2025-10-14T00:00:00+08:00", 409), ("2025-10-11T00:00:00+08:00", 200)] {
        let at = yiqi::base::time::Instant::parse(ended).unwrap();
        let mut conn = city.app.db.read().await.unwrap();
        sqlx::query("UPDATE memberships SET from_at = 0, until_at = $1 WHERE role = 'operator'").bind(at).execute(&mut *conn).await.unwrap();
        drop(conn);
        city.app.claim_act(&claim, "approve", &both, json!({})).await.expect(status);
    }
}

#[tokio::test]
async fn only_the_roles_of_the_bureau_decide_and_only_officers_pay() {
    let city = City::claiming(1_000_000).await;
    let booking = city.settled(10_000).await;
    let claim = city.claim(&[&booking], 10_000, json!({})).await.expect(201);
    let mut conn = city.app.db.read().await.unwrap();
    let bureau = yiqi::store::organisations::list_bureaus(&mut conn).await.unwrap()[0].uscc.clone();
    drop(conn);
    let auditor = city.app.person(&bureau, "auditor@bureau.test", Role::Auditor, None).await;
    let reviewer = city.app.person(&bureau, "reviewer@bureau.test", Role::Reviewer, None).await;
    for verb in ["approve", "reject", "send-back", "pay", "claw-back"] {
        for token in [&auditor, &city.booker, &city.manager] {
            city.app.claim_act(&claim, verb, token, json!({ "nonsense": 1 })).await.expect(403);
        }
        city.app.claim_act(&claim, verb, "", Value::Null).await.expect(401);
        city.app.claim_act(&json!({ "id": "nothing" }), verb, &city.officer, json!({})).await.expect(404);
    }
    for verb in ["pay", "claw-back"] {
        city.app.claim_act(&claim, verb, &reviewer, json!({})).await.expect(403);
    }
    for verb in ["reject", "send-back"] {
        assert_eq!(city.app.claim_act(&claim, verb, &reviewer, json!({ "reason": "\n" })).await.faults(), ["required reason"]);
        assert_eq!(city.app.claim_act(&claim, verb, &reviewer, json!({ "note": 1 })).await.faults(), ["required reason", "unknown_field note"]);
        assert_eq!(city.app.claim_act(&claim, verb, &reviewer, json!({ "reason": "x".repeat(2001) })).await.faults(), ["invalid reason"]);
    }
    assert_eq!(city.app.claim_act(&claim, "approve", &reviewer, json!({ "note": "x".repeat(2001) })).await.faults(), ["invalid note"]);
    city.app.claim_act(&claim, "approve", &reviewer, Value::Null).await.expect(200);
}

#[tokio::test]
async fn a_claw_back_is_kept_beside_the_purse_and_bars_the_enterprise_for_four_years() {
    let city = City::claiming(1_000_000).await;
    let payer = second_officer(&city, "payer").await;
    let booking = city.settled(10_000).await;
    let claim = city.claim(&[&booking], 10_000, json!({})).await.expect(201);
    let claw = json!({ "reason": "虚开发票", "amount_fen": 3_000 });
    city.app.claim_act(&claim, "approve", &city.officer, json!({})).await.expect(200);
    city.app.claim_act(&claim, "claw-back", &city.officer, claw.clone()).await.expect(409);
    city.app.claim_act(&claim, "pay", &payer, json!({ "bank_reference": "1" })).await.expect(200);
    for amount in [0, -1, 3_001, i64::MAX] {
        let answer = city.app.claim_act(&claim, "claw-back", &city.officer, json!({ "reason": " ", "amount_fen": amount })).await;
        assert_eq!(answer.faults(), ["invalid amount_fen", "required reason"]);
    }
    let clawed = city.app.claim_act(&claim, "claw-back", &city.officer, claw).await.expect(200);
    assert_eq!((clawed["state"].as_str(), clawed["recovered_fen"].as_i64()), (Some("clawed_back"), Some(3_000)));
    assert_eq!(city.amounts().await, [997_000, 0, 0, 3_000]);
    let quote = city.quote("2026-10-20T09:00", "2026-10-20T10:00", json!({ "voucher": "required" })).await;
    assert_eq!(quote["violations"][0]["code"], "voucher_ineligible");
    // the invoice stays used
    let other = city.app.get(&format!("/api/v1/claims/{}", claim["id"].as_str().unwrap()), &city.officer).await.expect(200);
    assert_eq!(other["invoice_number"], claim["invoice_number"]);
    city.app.prove_vouchers().await;
}

#[tokio::test]
async fn redemptions_never_exceed_the_budget() {
    let city = City::claiming(0).await;
    let mut small = terms(2026, 5_000);
    small["commit_percent"] = json!(200);
    city.app.call("PUT", "/api/v1/programmes/2026", &city.officer, small).await.expect(200);
    let finance = city.app.finance(&city.firm).await;
    city.app.grant(&city.officer, &finance, 2026, 10_000).await;
    let mut claims = Vec::new();
    for _ in 0..2 {
        let booking = city.settled(10_000).await;
        claims.push(city.claim(&[&booking], 10_000, json!({})).await.expect(201));
    }
    city.app.claim_act(&claims[0], "approve", &city.officer, json!({})).await.expect(200);
    let problem = city.app.claim_act(&claims[1], "approve", &city.officer, json!({})).await.expect(409);
    assert_eq!(problem["code"], "state_conflict");
    assert_eq!(city.amounts().await, [4_000, 0, 3_000, 3_000]);
    city.app.prove_vouchers().await;
}
