//! What is refused, each at its field, and idempotency.

use serde_json::{Value, json};

use crate::support::bookings::{City, local, wish};

const NINE: &str = "2026-10-14T09:00";
const TEN: &str = "2026-10-14T10:00";

#[tokio::test]
async fn every_wrong_field_of_a_booking_is_named_at_once() {
    let city = City::new(json!({})).await;
    let wrong = |over: Value| wish(&city.instrument, NINE, TEN, over);
    for (body, faults) in [
        (
            json!({}),
            vec![
                "required ends_at",
                "required instrument_id",
                "required mode",
                "required purpose",
                "required purpose_kind",
                "required starts_at",
                "required voucher",
            ],
        ),
        (json!([]), vec!["invalid "]),
        (wrong(json!({ "mode": "sample" })), vec!["invalid mode"]),
        (
            wrong(json!({ "mode": 1, "voucher": "all", "purpose_kind": "fun", "confidential": "yes", "note": 7, "extra": 1 })),
            vec!["invalid confidential", "invalid mode", "invalid note", "invalid purpose_kind", "invalid voucher", "unknown_field extra"],
        ),
        (wrong(json!({ "starts_at": "2026-10-14T09:00:00", "ends_at": "soon" })), vec!["invalid ends_at", "invalid starts_at"]),
        (wrong(json!({ "purpose": "  " })), vec!["required purpose"]),
        (wrong(json!({ "purpose": "a\u{0}b" })), vec!["invalid purpose"]),
        (wrong(json!({ "purpose": "x".repeat(2001), "note": "x".repeat(2001) })), vec!["invalid note", "invalid purpose"]),
        (wrong(json!({ "instrument_id": "nothing", "purpose": "" })), vec!["invalid instrument_id", "required purpose"]),
        (wrong(json!({ "starts_at": local(TEN), "ends_at": local(NINE) })), vec!["invalid ends_at"]),
        (wrong(json!({ "starts_at": local(TEN), "ends_at": local(TEN) })), vec!["invalid ends_at"]),
        (wrong(json!({ "starts_at": "2026-10-12T09:00:00+08:00", "ends_at": "2026-10-12T10:00:00+08:00" })), vec!["in_the_past starts_at"]),
        (
            wrong(json!({ "starts_at": "1970-01-01T00:00:00Z", "ends_at": "9998-12-31T00:00:00+08:00" })),
            vec!["in_the_past starts_at", "outside_opening_hours starts_at", "too_long ends_at"],
        ),
        (wrong(json!({ "starts_at": "9998-12-30T09:00:00+08:00", "ends_at": "9998-12-30T10:00:00+08:00" })), vec!["beyond_horizon starts_at"]),
        (
            wrong(json!({ "starts_at": "2026-10-14T09:10:00+08:00", "ends_at": "2026-10-14T10:00:01+08:00", "purpose": "" })),
            vec!["off_grid starts_at", "required purpose", "too_short ends_at"],
        ),
    ] {
        let answer = city.app.post("/api/v1/bookings", &city.booker, body.clone()).await;
        assert_eq!((answer.status.as_u16(), answer.faults()), (422, faults.iter().map(ToString::to_string).collect::<Vec<_>>()), "{body}");
    }
    assert!(city.slots("").await.is_empty());
}

#[tokio::test]
async fn a_quote_needs_what_it_needs_and_says_what_it_would_refuse() {
    let city = City::new(json!({})).await;
    let answer = city.app.post("/api/v1/quotes", &city.booker, json!({ "purpose": "x" })).await;
    assert_eq!(
        answer.faults(),
        ["required ends_at", "required instrument_id", "required mode", "required starts_at", "required voucher", "unknown_field purpose"]
    );
    let quote = city.quote("2026-10-14T16:30", "2026-10-14T18:30", json!({ "voucher": "required" })).await;
    let codes: Vec<_> = quote["violations"].as_array().unwrap().iter().map(|v| v["code"].as_str().unwrap()).collect();
    assert_eq!((codes, quote["fee_fen"].as_i64(), quote["voucher_fen"].as_i64()), (vec!["outside_opening_hours", "voucher_ineligible"], Some(20_000), Some(0)));
    assert_eq!(quote["alternatives"].as_array().unwrap().len(), 3);
    city.app.set_prices(&city.manager, &city.instrument, json!([{ "unit": "hour", "audience": "internal", "amount_fen": 100 }])).await;
    let quote = city.quote(NINE, TEN, json!({})).await;
    assert_eq!((quote["violations"][0]["code"].as_str(), quote["fee_fen"].as_i64()), (Some("no_price"), Some(0)));
    let draft = city.app.draft(&city.manager, json!({})).await;
    let answer = city.app.post("/api/v1/bookings", &city.booker, wish(&draft, NINE, TEN, json!({}))).await;
    assert_eq!(answer.faults(), ["invalid instrument_id"], "a draft is there for its own institution only");
}

#[tokio::test]
async fn a_required_voucher_is_the_full_share_or_no_booking() {
    let city = City::new(json!({})).await.granted(50).await;
    let answer = city.try_book(NINE, "2026-10-14T11:00", json!({ "voucher": "required" })).await;
    assert_eq!((answer.status.as_u16(), answer.codes()), (422, vec!["voucher_insufficient".to_owned()]));
    assert!(city.slots("").await.is_empty(), "neither slot nor hold");
    assert_eq!(city.book(NINE, "2026-10-14T11:00", json!({ "voucher": "up_to" })).await["held_fen"], 5_000);
    let other = json!({ "voucher": "required", "purpose_kind": "medical" });
    assert_eq!(city.try_book("2026-10-15T09:00", "2026-10-15T11:00", other).await.codes(), ["voucher_ineligible"]);
    city.app.prove_vouchers().await;
}

#[tokio::test]
async fn wrong_bodies_of_acts_are_refused_at_their_fields() {
    let city = City::new(json!({})).await;
    let booking = city.book(NINE, TEN, json!({})).await;
    for verb in ["decline", "cancel", "undo-no-show"] {
        for (body, fault) in [
            (json!({}), "required reason"),
            (json!({ "reason": " " }), "required reason"),
            (json!({ "reason": 7 }), "invalid reason"),
            (json!({ "reason": "x".repeat(1001) }), "invalid reason"),
            (json!({ "reason": "x", "version": "one" }), "invalid version"),
            (json!({ "reason": "x", "why": 1 }), "unknown_field why"),
        ] {
            let answer = city.act(&booking, verb, &city.manager, body.clone()).await;
            assert_eq!((answer.status.as_u16(), answer.faults()), (422, vec![fault.to_owned()]), "{verb} {body}");
        }
    }
    for verb in ["approve", "check-in", "check-out"] {
        assert_eq!(city.act(&booking, verb, &city.manager, json!({ "reason": "x" })).await.faults(), ["unknown_field reason"], "{verb}");
        assert_eq!(city.act(&booking, verb, &city.manager, json!({ "version": 1.5 })).await.faults(), ["invalid version"], "{verb}");
    }
    city.act(&booking, "approve", &city.manager, json!({})).await.expect(200);
}

#[tokio::test]
async fn the_same_key_gives_the_first_answer_again_and_nothing_twice() {
    let city = City::new(json!({ "approval": "automatic" })).await;
    let send = async |token: &str, key: &str, body: Value| city.app.call_with("POST", "/api/v1/bookings", token, body, &[("idempotency-key", key)]).await;
    let body = wish(&city.instrument, NINE, TEN, json!({}));
    let first = send(&city.booker, "a", body.clone()).await.expect(201);
    assert_eq!(send(&city.booker, "a", body.clone()).await.expect(201), first);
    let other = wish(&city.instrument, "2026-10-15T09:00", "2026-10-15T10:00", json!({}));
    assert_eq!(send(&city.booker, "a", other.clone()).await.expect(409)["code"], "idempotency_mismatch");
    send(&city.booker, "b", body.clone()).await.expect(409);
    let (_, stranger) = city.app.enterprise(2).await;
    assert_ne!(send(&stranger, "a", other).await.expect(201)["id"], first["id"], "another membership replays nothing");
    // A refusal is not kept: the same key works once the reason is gone.
    city.act(&first, "cancel", &city.booker, json!({ "reason": "x" })).await.expect(200);
    send(&city.booker, "b", body.clone()).await.expect(201);
    city.app.advance(86_401);
    let answer = send(&city.booker, "a", body).await;
    assert_eq!(answer.codes(), ["short_notice", "slot_taken"], "after a day the key is forgotten");
    let answer = send(&city.booker, "", json!({})).await;
    assert_eq!(answer.status.as_u16(), 422);
}

#[tokio::test]
async fn twins_with_one_key_book_once() {
    let city = City::new(json!({ "approval": "automatic" })).await;
    let body = wish(&city.instrument, NINE, TEN, json!({}));
    let twins = (0..8).map(|_| city.app.call_with("POST", "/api/v1/bookings", &city.booker, body.clone(), &[("idempotency-key", "twin")]));
    let answers: Vec<Value> = futures_util::future::join_all(twins).await.iter().map(|answer| answer.expect(201)).collect();
    assert!(answers.iter().all(|answer| *answer == answers[0]));
    assert_eq!(city.app.get("/api/v1/bookings", &city.booker).await.expect(200)["total"], 1);
}
