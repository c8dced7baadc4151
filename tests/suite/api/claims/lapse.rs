//! What the clock takes: both deadlines, also what a later release brought back, and the notices before.

use serde_json::{Value, json};

use crate::support::bookings::City;

#[tokio::test]
async fn what_is_released_after_the_last_day_of_use_lapses_at_the_next_run() {
    let city = City::claiming(100_000).await;
    let booking = city.settled(10_000).await;
    city.app.set_now("2027-01-01T00:05:00+08:00");
    city.app.run_job("voucher-lapse").await;
    assert_eq!(city.amounts().await, [0, 3_000, 0, 0]);
    let claim = city.claim(&[&booking], 10_000, json!({ "paid_fen": 5_000 })).await.expect(201);
    assert_eq!(city.amounts().await, [1_500, 0, 1_500, 0]);
    city.app.run_job("voucher-lapse").await;
    assert_eq!(city.amounts().await, [0, 0, 1_500, 0]);
    city.app.set_now("2027-04-01T00:05:00+08:00");
    city.app.run_job("voucher-lapse").await;
    assert_eq!(city.amounts().await, [0, 0, 1_500, 0], "what is claimed does not lapse");
    city.app.claim_act(&claim, "reject", &city.officer, json!({ "reason": "不符" })).await.expect(200);
    assert_eq!(city.amounts().await, [0, 1_500, 0, 0]);
    city.app.run_job("voucher-lapse").await;
    city.app.run_job("voucher-lapse").await;
    let voucher = city.app.voucher(&city.booker, 2026).await;
    assert_eq!((voucher["lapsed_fen"].as_i64(), voucher["held_fen"].as_i64()), (Some(100_000), Some(0)));
    city.app.prove_vouchers().await;
}

#[tokio::test]
async fn an_enterprise_is_told_once_of_each_deadline_to_come() {
    let city = City::claiming(100_000).await;
    city.settled(10_000).await;
    city.app.run_job("notices").await;
    city.app.mails();
    let mut told = Vec::new();
    for day in ["2026-11-30", "2026-12-01", "2026-12-02", "2026-12-24", "2026-12-25", "2026-12-30", "2026-12-31", "2027-03-01", "2027-03-24", "2027-03-30"] {
        city.app.set_now(&format!("{day}T00:05:00+08:00"));
        city.app.run_job("voucher-lapse").await;
        city.app.run_job("voucher-lapse").await;
        city.app.run_job("notices").await;
        told.extend(city.app.mails().iter().map(|_| day));
    }
    assert_eq!(told, ["2026-12-01", "2026-12-24", "2026-12-30", "2027-03-01", "2027-03-01", "2027-03-24", "2027-03-30"]);
    assert_eq!(city.app.voucher(&city.booker, 2026).await["lapsed_fen"], 97_000);
    assert_eq!(Value::Null, city.app.voucher(&city.booker, 2030).await["use_by"]);
}
