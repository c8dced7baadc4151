//! Bookings over the API: quote, book, answer, attend; who may, and what is refused.

mod cost;
mod examples;
mod life;
mod races;
mod refusals;
mod rights;

use serde_json::{Value, json};

use crate::support::bookings::City;

#[tokio::test]
async fn a_quote_and_a_booking_agree_on_the_money() {
    let city = City::new(json!({})).await.granted(1_000).await;
    let over = json!({ "voucher": "up_to" });
    let quote = city.quote("2026-10-14T09:00", "2026-10-14T11:30", over.clone()).await;
    assert_eq!((quote["fee_fen"].as_i64(), quote["voucher_fen"].as_i64(), quote["payable_fen"].as_i64()), (Some(25_000), Some(7_500), Some(17_500)));
    assert_eq!((quote["violations"].as_array().unwrap().len(), quote["alternatives"].as_array().unwrap().len()), (0, 0));
    let booking = city.book("2026-10-14T09:00", "2026-10-14T11:30", over).await;
    assert_eq!((booking["state"].as_str(), booking["fee_fen"].as_i64(), booking["held_fen"].as_i64()), (Some("requested"), Some(25_000), Some(7_500)));
    assert_eq!((booking["version"].as_i64(), booking["actual_fen"].clone(), booking["cancel_fee_fen"].as_i64()), (Some(1), Value::Null, Some(0)));
    assert_eq!(booking["starts_at"], "2026-10-14T09:00:00+08:00");
    let code = booking["code"].as_str().unwrap();
    assert!(code.starts_with("YQ-") && code.len() == 9, "{code}");
    assert_eq!(city.app.voucher(&city.booker, 2026).await["held_fen"], 7_500);
    city.app.prove_vouchers().await;
}

#[tokio::test]
async fn a_booking_tells_its_history_to_both_sides() {
    let city = City::new(json!({})).await;
    let booking = city.book("2026-10-14T09:00", "2026-10-14T11:00", json!({ "note": "请预热" })).await;
    city.act(&booking, "approve", &city.manager, Value::Null).await.expect(200);
    for token in [&city.booker, &city.manager] {
        let seen = city.read(&booking, token).await.expect(200);
        let history = seen["history"].as_array().unwrap();
        let steps: Vec<_> = history.iter().map(|h| (h["verb"].as_str().unwrap(), h["to"].as_str().unwrap(), h["by"].as_str().unwrap())).collect();
        assert_eq!(steps, [("book", "requested", "booker1"), ("approve", "confirmed", "manager1")]);
        assert_eq!((seen["statement"].clone(), seen["note"].as_str(), seen["version"].as_i64()), (Value::Null, Some("请预热"), Some(2)));
        assert_eq!((seen["customer"]["uscc"].as_str(), seen["institution"]["uscc"].as_str()), (Some(city.firm.as_str()), Some(city.lab.as_str())));
    }
    city.app.run_job("notices").await;
    let mails = city.app.mails();
    assert_eq!(mails.len(), 4, "both parties hear of both steps");
    assert!(mails.iter().all(|mail| !mail.text.contains("请预热") && !mail.text.contains("断口")), "mails carry neither purpose nor note");
}

#[tokio::test]
async fn each_side_lists_its_own_bookings_and_filters_them() {
    let city = City::new(json!({ "approval": "automatic" })).await;
    let first = city.book("2026-10-14T09:00", "2026-10-14T11:00", json!({})).await;
    let second = city.book("2026-10-15T09:00", "2026-10-15T11:00", json!({})).await;
    city.act(&first, "cancel", &city.booker, json!({ "reason": "样品未到" })).await.expect(200);
    let ids = |answer: Value| answer["items"].as_array().unwrap().iter().map(|b| b["id"].clone()).collect::<Vec<_>>();
    let (one, two) = (first["id"].clone(), second["id"].clone());
    for (query, expected) in [
        (String::new(), vec![two.clone(), one.clone()]),
        ("?state=confirmed".to_owned(), vec![two.clone()]),
        ("?state=cancelled&state=confirmed".to_owned(), vec![two.clone(), one.clone()]),
        ("?from=2026-10-14T11:00:00+08:00".to_owned(), vec![two.clone()]),
        ("?to=2026-10-15T01:00:00Z".to_owned(), vec![one.clone()]),
        (format!("?instrument={}", city.instrument), vec![two.clone(), one]),
        ("?instrument=none".to_owned(), vec![]),
        ("?limit=1".to_owned(), vec![two]),
    ] {
        for token in [&city.booker, &city.manager] {
            assert_eq!(ids(city.app.get(&format!("/api/v1/bookings{query}"), token).await.expect(200)), expected, "{query}");
        }
    }
    let page = city.app.get("/api/v1/bookings?limit=1", &city.booker).await.expect(200);
    let next = page["next"].as_str().unwrap();
    assert_eq!(ids(city.app.get(&format!("/api/v1/bookings?limit=1&after={next}"), &city.booker).await.expect(200)), [first["id"].clone()]);
    let (_, stranger) = city.app.enterprise(2).await;
    assert_eq!(city.app.get("/api/v1/bookings", &stranger).await.expect(200)["total"], 0);
    let answer = city.app.get("/api/v1/bookings?state=asleep&from=yesterday&to=2026-10-14T09:00&limit=0&after=x", &city.booker).await;
    assert_eq!(answer.faults(), ["invalid after", "invalid from", "invalid limit", "invalid state", "invalid to"]);
}
