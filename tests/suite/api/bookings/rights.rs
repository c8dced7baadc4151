//! Who may do what with a booking, and who sees how much of it.

use serde_json::{Value, json};
use yiqi::domain::roles::{Role, Side};

use crate::support::bookings::{City, wish};

const NINE: &str = "2026-10-14T09:00";
const TEN: &str = "2026-10-14T10:00";
const ACTS: [&str; 6] = ["approve", "decline", "cancel", "check-in", "check-out", "undo-no-show"];

#[tokio::test]
async fn a_stranger_is_told_to_sign_in_before_the_body_is_read() {
    let city = City::new(json!({})).await;
    let booking = city.book(NINE, TEN, json!({})).await;
    for path in ["/api/v1/quotes", "/api/v1/bookings"] {
        city.app.post(path, "", json!([1])).await.expect(401);
    }
    city.app.get("/api/v1/bookings", "").await.expect(401);
    city.read(&booking, "").await.expect(401);
    for verb in ACTS {
        city.act(&booking, verb, "", json!([1])).await.expect(401);
    }
    city.app.post(&format!("/api/v1/instruments/{}/slots", city.instrument), "", json!([1])).await.expect(401);
}

#[tokio::test]
async fn a_booking_of_others_is_not_there() {
    let city = City::new(json!({})).await;
    let booking = city.book(NINE, TEN, json!({})).await;
    let (_, firm) = city.app.enterprise(2).await;
    let (_, lab) = city.app.institution(2).await;
    for token in [&firm, &lab, &city.officer] {
        city.read(&booking, token).await.expect(404);
    }
    for verb in ACTS {
        let by_firm = city.act(&booking, verb, &firm, json!([1])).await.status.as_u16();
        let by_lab = city.act(&booking, verb, &lab, json!([1])).await.status.as_u16();
        let theirs = matches!(verb, "cancel" | "check-in" | "check-out");
        assert_eq!((by_firm, by_lab), (if theirs { 404 } else { 403 }, 404), "{verb}");
        assert_eq!(city.act(&booking, verb, &city.officer, json!([1])).await.status.as_u16(), 403, "{verb}");
    }
    city.app.get("/api/v1/bookings/nothing", &city.booker).await.expect(404);
    city.app.post("/api/v1/bookings/nothing/cancel", &city.booker, json!({ "reason": "x" })).await.expect(404);
}

#[tokio::test]
async fn roles_may_what_the_contract_says() {
    let city = City::new(json!({})).await;
    let booking = city.book(NINE, TEN, json!({})).await;
    let finance = city.app.finance(&city.firm).await;
    let body = wish(&city.instrument, "2026-10-15T09:00", "2026-10-15T10:00", json!({}));
    let mut quote = body.clone();
    quote.as_object_mut().unwrap().remove("purpose");
    for (token, may_quote, may_book) in [(&city.booker, 200, 201), (&finance, 200, 403), (&city.manager, 403, 403), (&city.officer, 403, 403)] {
        assert_eq!(city.app.post("/api/v1/quotes", token, quote.clone()).await.status.as_u16(), may_quote);
        assert_eq!(city.app.post("/api/v1/bookings", token, body.clone()).await.status.as_u16(), may_book);
    }
    let (operator, money) = (city.staff(Role::Operator).await, city.staff(Role::Finance).await);
    for (verb, token) in [
        ("cancel", &finance),
        ("check-in", &finance),
        ("approve", &city.booker),
        ("decline", &city.booker),
        ("undo-no-show", &city.booker),
        ("approve", &operator),
        ("cancel", &operator),
        ("check-in", &money),
        ("approve", &money),
    ] {
        city.act(&booking, verb, token, json!([1])).await.expect(403);
    }
    for token in [&finance, &operator, &money] {
        city.read(&booking, token).await.expect(200);
    }
    let admin = city.app.person(&city.firm, "admin@firm.test", Role::Admin, Some(Side::Enterprise)).await;
    city.act(&booking, "cancel", &admin, json!({ "reason": "x" })).await.expect(200);
}

#[tokio::test]
async fn a_confidential_booking_shows_its_purpose_to_managers_only_and_keeps_who_looked() {
    let city = City::new(json!({})).await;
    let booking = city.book(NINE, TEN, json!({ "confidential": true, "note": "新配方" })).await;
    let (operator, money) = (city.staff(Role::Operator).await, city.staff(Role::Finance).await);
    let admin = city.staff(Role::Admin).await;
    for (token, shown) in [(&city.booker, true), (&city.manager, true), (&admin, true), (&operator, false), (&money, false)] {
        let seen = city.read(&booking, token).await.expect(200);
        let secret = (seen["purpose"].as_str(), seen["purpose_kind"].as_str(), seen["note"].as_str());
        assert_eq!(secret, if shown { (Some("断口形貌观察"), Some("research"), Some("新配方")) } else { (None, None, None) });
        assert_eq!(seen["confidential"], true);
    }
    for token in [&operator, &city.manager] {
        let list = city.app.get("/api/v1/bookings", token).await.expect(200).to_string();
        let slots = Value::from(city.slots(token).await).to_string();
        assert!(!format!("{list}{slots}").contains("新配方") && !format!("{list}{slots}").contains("断口"));
    }
    let mut conn = city.app.db.read().await.unwrap();
    let looks: i64 = sqlx::query_scalar("SELECT count(*) FROM audit_records WHERE action = 'booking.read'").fetch_one(&mut *conn).await.unwrap();
    assert_eq!(looks, 4);
}
