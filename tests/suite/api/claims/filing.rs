//! Filing, answering and withdrawing: everything that is wrong is named, and foreign things are not there.

use serde_json::{Value, json};
use yiqi::domain::roles::Side;

use crate::support::bookings::City;
use crate::support::people::uscc;

#[tokio::test]
async fn a_claim_is_read_by_its_enterprise_and_the_bureau_and_by_nobody_else() {
    let city = City::claiming(100_000).await;
    let booking = city.settled(10_000).await;
    let claim = city.claim(&[&booking], 10_000, json!({})).await.expect(201);
    assert_eq!(city.amounts().await, [97_000, 0, 3_000, 0]);
    assert_eq!((claim["flags"][0]["rule"].as_str(), claim["flags"][0]["severity"].as_str()), (Some("no_automatic_evidence"), Some("info")));
    assert!(claim["code"].as_str().unwrap().starts_with("DF-"));
    let path = format!("/api/v1/claims/{}", claim["id"].as_str().unwrap());
    let (_, other) = city.app.enterprise(2).await;
    let yantai = city.app.organisation("11370600MB2856001", "烟台市科学技术局", &[Side::Bureau], "370600", false).await;
    let stranger = city.app.person(&yantai, "officer@yantai.test", yiqi::domain::roles::Role::Officer, None).await;
    for (token, status) in [(&city.booker, 200), (&city.officer, 200), (&other, 404), (&stranger, 404), (&city.manager, 403), (&String::new(), 401)] {
        city.app.get(&path, token).await.expect(status);
    }
    for (token, total) in [(&city.booker, 1), (&city.officer, 1), (&other, 0), (&stranger, 0)] {
        assert_eq!(city.app.get("/api/v1/claims?state=filed", token).await.expect(200)["total"], total);
    }
    assert_eq!(city.app.get("/api/v1/claims?state=filed,paid&state=approved", &city.officer).await.expect(200)["items"][0]["id"], claim["id"]);
    assert_eq!(city.app.get("/api/v1/claims?state=paid", &city.officer).await.expect(200)["total"], 0);
    assert_eq!(city.app.get("/api/v1/claims?state=lost&limit=x", &city.officer).await.faults(), ["invalid limit", "invalid state"]);
    city.app.get("/api/v1/claims", &city.manager).await.expect(403);
    city.app.get("/api/v1/claims/nothing", &city.officer).await.expect(404);
    city.app.run_job("notices").await;
    assert!(!city.app.mails().is_empty());
}

#[tokio::test]
async fn every_wrong_field_of_a_claim_is_named_at_once() {
    let city = City::claiming(100_000).await;
    let booking = city.settled(10_000).await;
    let faults = async |over: Value| {
        let answer = city.claim(&[&booking], 10_000, over).await;
        answer.expect(422);
        answer.faults()
    };
    let post = city.app.post("/api/v1/claims", &city.booker, json!({})).await;
    post.expect(422);
    let required = ["booking_ids", "contract_file_id", "file_ids", "invoice_fen", "invoice_number", "invoice_on", "paid_fen", "paid_on", "seller_uscc"];
    assert_eq!(post.faults(), required.map(|field| format!("required {field}")));
    let id = booking["id"].clone();
    for (over, expected) in [
        (json!({ "booking_ids": [] }), vec!["required booking_ids"]),
        (json!({ "booking_ids": [id, id] }), vec!["invalid booking_ids"]),
        (json!({ "booking_ids": "x" }), vec!["invalid booking_ids"]),
        (json!({ "booking_ids": ["0199f1c2-7d1e-7000-8000-000000000001"] }), vec!["invalid booking_ids[0]"]),
        (json!({ "booking_ids": vec![id.clone(); 51] }), vec!["invalid booking_ids", "invalid booking_ids"]),
        (json!({ "contract_file_id": "x" }), vec!["invalid contract_file_id"]),
        (json!({ "file_ids": [] }), vec!["required file_ids"]),
        (json!({ "file_ids": ["nothing"] }), vec!["invalid file_ids[0]"]),
        (json!({ "invoice_number": " \u{200B}" }), vec!["required invoice_number"]),
        (json!({ "invoice_number": "9".repeat(51), "invoice_code": "9".repeat(51) }), vec!["invalid invoice_code", "invalid invoice_number"]),
        (json!({ "seller_uscc": "91350100M000100Y4Z" }), vec!["invalid seller_uscc"]),
        (json!({ "seller_uscc": "91350100M000100Y43" }), vec!["seller_mismatch seller_uscc"]),
        (json!({ "invoice_fen": 0, "paid_fen": 0 }), vec!["invalid invoice_fen", "nothing_held booking_ids"]),
        (json!({ "invoice_fen": i64::MAX }), vec!["invalid invoice_fen"]),
        (json!({ "paid_fen": 10_001 }), vec!["paid_above_invoice paid_fen"]),
        (json!({ "paid_fen": 0 }), vec!["nothing_held booking_ids"]),
        (json!({ "paid_fen": -1 }), vec!["invalid paid_fen", "nothing_held booking_ids"]),
        (json!({ "paid_fen": 9_999.5 }), vec!["invalid paid_fen"]),
        (json!({ "invoice_on": "2026-10-32", "paid_on": "yesterday" }), vec!["invalid invoice_on", "invalid paid_on"]),
        (json!({ "invoice_on": "2026-10-13", "paid_on": "2099-01-01" }), vec!["invalid invoice_on", "invalid paid_on"]),
        (json!({ "more": true }), vec!["unknown_field more"]),
        (json!({ "seller_uscc": "91350100M000100Y43", "paid_fen": 10_001 }), vec!["paid_above_invoice paid_fen", "seller_mismatch seller_uscc"]),
    ] {
        assert_eq!(faults(over.clone()).await, expected, "{over}");
    }
    assert_eq!(city.amounts().await, [97_000, 3_000, 0, 0]);
    let spelled = city.claim(&[&booking], 10_000, json!({ "seller_uscc": format!(" {} ", city.lab.to_lowercase()), "invoice_code": "" })).await;
    assert_eq!(spelled.expect(201)["invoice_code"], Value::Null);
}

#[tokio::test]
async fn what_belongs_to_others_is_not_there_and_what_is_not_settled_is_not_claimed() {
    let city = City::claiming(100_000).await;
    let booking = city.settled(10_000).await;
    let (other, stranger) = city.app.enterprise(2).await;
    let body = city.app.claim_body(&stranger, &city.lab, &[&booking], 10_000, json!({})).await;
    let answer = city.app.post("/api/v1/claims", &stranger, body).await;
    answer.expect(422);
    assert_eq!(answer.faults(), ["invalid booking_ids[0]"]);
    let theirs = city.app.file(&stranger).await;
    let answer = city.claim(&[&booking], 10_000, json!({ "contract_file_id": theirs, "file_ids": [theirs] })).await;
    answer.expect(422);
    assert_eq!(answer.faults(), ["invalid contract_file_id", "invalid file_ids[0]"]);
    let open = city.book("2026-10-20T09:00", "2026-10-20T10:00", json!({ "voucher": "up_to" })).await;
    assert_eq!(city.claim(&[&open], 10_000, json!({})).await.codes(), ["not_settled"]);
    assert_eq!(city.claim(&[&open, &booking], 10_000, json!({})).await.codes(), ["not_settled"]);
    for token in [&city.manager, &city.officer] {
        city.app.post("/api/v1/claims", token, json!({ "nonsense": 1 })).await.expect(403);
    }
    city.app.post("/api/v1/claims", "", Value::Null).await.expect(401);
    assert_eq!(other, uscc("91370212MA0000002"));
}

#[tokio::test]
async fn bookings_of_two_institutions_or_years_are_no_one_claim() {
    let city = City::claiming(100_000).await;
    let first = city.settled(10_000).await;
    let (lab, manager) = city.app.institution(2).await;
    let elsewhere = City { lab, manager, ..city };
    let second = elsewhere.settled(10_000).await;
    let answer = elsewhere.claim(&[&first, &second], 20_000, json!({})).await;
    answer.expect(422);
    assert_eq!(answer.faults(), ["invalid booking_ids", "seller_mismatch seller_uscc"]);
}

#[tokio::test]
async fn a_booking_stands_in_one_live_claim_and_is_free_again_after_it() {
    let city = City::claiming(100_000).await;
    let booking = city.settled(10_000).await;
    let claim = city.claim(&[&booking], 10_000, json!({ "invoice_number": "INV-1" })).await.expect(201);
    let again = city.claim(&[&booking], 10_000, json!({ "invoice_number": "INV-2" })).await.expect(409);
    assert_eq!(again["code"], "state_conflict");
    assert_eq!(city.claim(&[&booking], 10_000, json!({ "paid_fen": 10_001 })).await.codes(), ["paid_above_invoice"]);
    city.app.claim_act(&claim, "withdraw", &city.booker, json!({ "version": 9 })).await.expect(409);
    let withdrawn = city.app.claim_act(&claim, "withdraw", &city.booker, Value::Null).await.expect(200);
    assert_eq!((withdrawn["state"].as_str(), withdrawn["version"].as_i64()), (Some("withdrawn"), Some(2)));
    assert_eq!(city.amounts().await, [97_000, 3_000, 0, 0]);
    city.app.claim_act(&claim, "withdraw", &city.booker, Value::Null).await.expect(409);
    let claim = city.claim(&[&booking], 10_000, json!({ "invoice_number": "inv-1" })).await.expect(201);
    let path = format!("/api/v1/claims/{}", claim["id"].as_str().unwrap());
    city.app.call("PATCH", &path, &city.booker, json!({ "note": "x" })).await.expect(409);
    city.app.claim_act(&claim, "send-back", &city.officer, json!({ "reason": "缺付款凭证" })).await.expect(200);
    let theirs = city.app.file(&city.app.enterprise(3).await.1).await;
    let answer = city.app.call("PATCH", &path, &city.booker, json!({ "file_ids": [theirs], "note": "x".repeat(2001) })).await;
    answer.expect(422);
    assert_eq!(answer.faults(), ["invalid file_ids[0]", "invalid note"]);
    let (proof, before) = (city.app.file(&city.booker).await, claim["files"].as_array().unwrap().len());
    let answered = city.app.call("PATCH", &path, &city.booker, json!({ "file_ids": [proof], "note": "已补" })).await.expect(200);
    assert_eq!((answered["state"].as_str(), answered["note"].as_str()), (Some("filed"), Some("已补")));
    assert_eq!(answered["files"].as_array().unwrap().len(), before + 1);
    city.app.prove_vouchers().await;
}

#[tokio::test]
async fn after_the_last_day_nothing_is_filed() {
    let city = City::claiming(100_000).await;
    let booking = city.settled(10_000).await;
    city.app.set_now("2027-03-31T23:59:59+08:00");
    let claim = city.claim(&[&booking], 10_000, json!({})).await.expect(201);
    city.app.claim_act(&claim, "withdraw", &city.booker, Value::Null).await.expect(200);
    city.app.set_now("2027-04-01T00:00:00+08:00");
    assert_eq!(city.claim(&[&booking], 10_000, json!({})).await.codes(), ["after_deadline"]);
}

#[tokio::test]
async fn a_claim_below_its_holds_leaves_every_hold_provable() {
    let city = City::claiming(100_000).await;
    let (one, two) = (city.settled(10_000).await, city.settled(20_000).await);
    // 60 of the 90 yuan that are held: what is left goes back, booking by booking.
    let claim = city.claim(&[&one, &two], 20_000, json!({})).await.expect(201);
    assert_eq!((claim["amount_fen"].as_i64(), city.amounts().await), (Some(6_000), [94_000, 0, 6_000, 0]));
    city.app.prove_vouchers().await;
    city.app.claim_act(&claim, "withdraw", &city.booker, json!({})).await.expect(200);
    city.app.prove_vouchers().await;
}
