//! The life of a booking: every line of the table that people and the clock walk, with what becomes of slot and hold.

use serde_json::{Value, json};
use yiqi::domain::roles::Role;

use crate::support::bookings::{City, local};

const NINE: &str = "2026-10-14T09:00";
const ELEVEN: &str = "2026-10-14T11:00";

async fn confirmed(policy: Value) -> (City, Value) {
    let mut with = json!({ "approval": "automatic" });
    with.as_object_mut().unwrap().extend(policy.as_object().unwrap().clone());
    let city = City::new(with).await.granted(1_000).await;
    let booking = city.book(NINE, ELEVEN, json!({ "voucher": "up_to" })).await;
    assert_eq!((booking["state"].as_str(), booking["held_fen"].as_i64(), booking["answer_due_at"].clone()), (Some("confirmed"), Some(6_000), Value::Null));
    (city, booking)
}

async fn held(city: &City) -> i64 {
    city.app.voucher(&city.booker, 2026).await["held_fen"].as_i64().unwrap()
}

#[tokio::test]
async fn an_approved_request_keeps_slot_and_hold_and_a_declined_one_gives_both_back() {
    let city = City::new(json!({})).await.granted(1_000).await;
    let over = json!({ "voucher": "up_to" });
    let yes = city.book(NINE, ELEVEN, over.clone()).await;
    let no = city.book("2026-10-15T09:00", "2026-10-15T11:00", over).await;
    let approved = city.act(&yes, "approve", &city.manager, json!({ "version": 1 })).await.expect(200);
    assert_eq!((approved["state"].as_str(), approved["held_fen"].as_i64(), approved["version"].as_i64()), (Some("confirmed"), Some(6_000), Some(2)));
    let declined = city.act(&no, "decline", &city.manager, json!({ "reason": "设备检修" })).await.expect(200);
    assert_eq!((declined["state"].as_str(), declined["held_fen"].as_i64()), (Some("declined"), Some(0)));
    assert_eq!((held(&city).await, city.slots("").await.len()), (6_000, 1));
    for (booking, verb) in [(&yes, "approve"), (&yes, "decline"), (&no, "approve"), (&no, "cancel"), (&no, "check-in"), (&no, "undo-no-show")] {
        let answer = city.act(booking, verb, &city.manager, if matches!(verb, "approve" | "check-in") { Value::Null } else { json!({ "reason": "x" }) }).await;
        assert_eq!(answer.expect(409)["code"], "state_conflict", "{verb}");
    }
    let history = city.read(&no, &city.booker).await.expect(200)["history"].clone();
    assert_eq!((history[1]["verb"].as_str(), history[1]["reason"].as_str()), (Some("decline"), Some("设备检修")));
    city.book("2026-10-15T09:00", "2026-10-15T11:00", json!({})).await;
    city.app.prove_vouchers().await;
}

#[tokio::test]
async fn a_stale_version_is_refused() {
    let (city, booking) = confirmed(json!({})).await;
    let answer = city.act(&booking, "cancel", &city.booker, json!({ "reason": "x", "version": 7 })).await;
    assert_eq!(answer.expect(409)["code"], "state_conflict");
    city.act(&booking, "cancel", &city.booker, json!({ "reason": "x", "version": 1 })).await.expect(200);
}

#[tokio::test]
async fn only_the_enterprises_own_late_cancelling_costs_and_never_from_the_voucher() {
    let late = json!({ "free_cancel_minutes": 1440, "late_cancel_percent": 50 });
    let (city, booking) = confirmed(late.clone()).await;
    city.app.set_now(&local("2026-10-14T08:00"));
    let cancelled = city.act(&booking, "cancel", &city.booker, json!({ "reason": "样品破损" })).await.expect(200);
    assert_eq!((cancelled["cancel_fee_fen"].as_i64(), cancelled["held_fen"].as_i64(), held(&city).await), (Some(10_000), Some(0), 0));
    assert_eq!(city.slots("").await.len(), 0);
    city.app.prove_vouchers().await;
    let (city, booking) = confirmed(late).await;
    city.app.set_now(&local("2026-10-14T08:00"));
    let cancelled = city.act(&booking, "cancel", &city.manager, json!({ "reason": "设备故障" })).await.expect(200);
    assert_eq!(cancelled["cancel_fee_fen"], 0);
    let (city, booking) = confirmed(json!({})).await;
    city.app.set_now(&local(NINE));
    assert_eq!(city.act(&booking, "cancel", &city.booker, json!({ "reason": "x" })).await.expect(409)["code"], "state_conflict");
}

#[tokio::test]
async fn an_early_check_out_ends_the_slot_and_keeps_the_hold() {
    let (city, booking) = confirmed(json!({})).await;
    for at in ["2026-10-14T08:29", ELEVEN] {
        city.app.set_now(&local(at));
        assert_eq!(city.act(&booking, "check-in", &city.booker, Value::Null).await.expect(409)["code"], "state_conflict", "{at}");
    }
    city.app.set_now(&local("2026-10-14T08:30"));
    assert_eq!(city.act(&booking, "check-in", &city.booker, Value::Null).await.expect(200)["state"], "in_use");
    city.app.set_now(&local("2026-10-14T10:10"));
    let operator = city.staff(Role::Operator).await;
    let done = city.act(&booking, "check-out", &operator, Value::Null).await.expect(200);
    assert_eq!((done["state"].as_str(), done["held_fen"].as_i64()), (Some("completed"), Some(6_000)));
    let slot = &city.slots(&city.manager).await[0];
    assert_eq!((slot["ends_at"].as_str(), slot["booking_id"].clone()), (Some("2026-10-14T10:10:00+08:00"), booking["id"].clone()));
    city.act(&booking, "check-out", &city.booker, Value::Null).await.expect(409);
    city.take("maintenance", "2026-10-14T10:10", ELEVEN).await.expect(201);
}

#[tokio::test]
async fn a_use_that_ends_before_its_start_frees_the_whole_slot() {
    let (city, booking) = confirmed(json!({})).await;
    city.app.set_now(&local("2026-10-14T08:40"));
    city.act(&booking, "check-in", &city.booker, Value::Null).await.expect(200);
    city.act(&booking, "check-out", &city.booker, Value::Null).await.expect(200);
    assert!(city.slots(&city.manager).await.is_empty());
}

#[tokio::test]
async fn the_clock_expires_requests_ends_uses_and_finds_no_shows_however_long_it_slept() {
    let city = City::new(json!({})).await.granted(1_000).await;
    let over = json!({ "voucher": "up_to" });
    let unanswered = city.book("2026-10-20T09:00", "2026-10-20T11:00", over.clone()).await;
    assert_eq!(unanswered["answer_due_at"], "2026-10-14T10:00:00+08:00");
    let missed = city.book(NINE, ELEVEN, over.clone()).await;
    let used = city.book("2026-10-14T14:00", "2026-10-14T16:00", over).await;
    for booking in [&missed, &used] {
        city.act(booking, "approve", &city.manager, Value::Null).await.expect(200);
    }
    for (at, report) in [
        ("2026-10-14T09:59", "expired=0 no_shows=0 ended=0 confirmed=0 failed=0"),
        ("2026-10-14T10:00", "expired=1 no_shows=1 ended=0 confirmed=0 failed=0"),
        ("2026-10-14T10:01", "expired=0 no_shows=0 ended=0 confirmed=0 failed=0"),
    ] {
        city.app.set_now(&local(at));
        assert_eq!(city.app.run_job("due").await, report, "{at}");
    }
    let state = async |booking: &Value| city.read(booking, &city.booker).await.expect(200)["state"].as_str().unwrap().to_owned();
    assert_eq!((state(&unanswered).await, state(&missed).await), ("expired".to_owned(), "no_show".to_owned()));
    assert_eq!((held(&city).await, city.slots(&city.manager).await.len()), (6_000, 1));
    let event = city.read(&missed, &city.booker).await.expect(200)["history"][2].clone();
    assert_eq!((event["job"].as_str(), event["by"].clone(), event["verb"].as_str()), (Some("due"), Value::Null, Some("no_show")));
    city.app.set_now(&local("2026-10-14T14:20"));
    city.act(&used, "check-in", &city.booker, Value::Null).await.expect(200);
    city.app.set_now(&local("2026-10-19T08:00"));
    assert_eq!(city.app.run_job("due").await, "expired=0 no_shows=0 ended=1 confirmed=0 failed=0");
    assert_eq!((state(&used).await.as_str(), held(&city).await), ("completed", 6_000));
    city.app.prove_vouchers().await;
}

#[tokio::test]
async fn a_request_that_reaches_its_start_expires_and_cannot_be_answered() {
    let city = City::new(json!({ "notice_minutes": 0, "approval_hours": 100 })).await;
    let booking = city.book("2026-10-12T10:30", "2026-10-12T12:00", json!({})).await;
    assert_eq!(booking["answer_due_at"], "2026-10-12T10:30:00+08:00");
    city.app.set_now(&local("2026-10-12T10:30"));
    assert_eq!(city.act(&booking, "approve", &city.manager, Value::Null).await.expect(409)["code"], "state_conflict");
    city.app.run_job("due").await;
    assert_eq!(city.read(&booking, &city.booker).await.expect(200)["state"], "expired");
}

#[tokio::test]
async fn a_no_show_is_undone_within_ten_working_days_and_takes_what_hold_there_is() {
    let (city, booking) = confirmed(json!({})).await;
    city.app.set_now(&local("2026-10-14T10:00"));
    city.app.run_job("due").await;
    assert_eq!(held(&city).await, 0);
    let reason = json!({ "reason": "机组忘记签到" });
    city.act(&booking, "undo-no-show", &city.booker, reason.clone()).await.expect(403);
    assert_eq!(city.act(&booking, "undo-no-show", &city.manager, json!({})).await.faults(), ["required reason"]);
    city.app.set_now(&local("2026-10-28T23:59"));
    let undone = city.act(&booking, "undo-no-show", &city.manager, reason.clone()).await.expect(200);
    assert_eq!((undone["state"].as_str(), undone["held_fen"].as_i64(), held(&city).await), (Some("completed"), Some(6_000), 6_000));
    assert!(city.slots(&city.manager).await.is_empty(), "completed without slot");
    city.app.prove_vouchers().await;

    let (city, booking) = confirmed(json!({})).await;
    city.app.set_now(&local("2026-10-14T10:00"));
    city.app.run_job("due").await;
    city.app.set_now(&local("2026-10-29T00:00"));
    assert_eq!(city.act(&booking, "undo-no-show", &city.manager, reason).await.expect(409)["code"], "state_conflict");
}

#[tokio::test]
async fn a_booking_keeps_the_price_and_the_policy_that_it_was_quoted() {
    let (city, booking) = confirmed(json!({ "late_cancel_percent": 50 })).await;
    city.app.set_price(&city.manager, &city.instrument, 99_900).await;
    city.app.set_policy(&city.manager, &city.instrument, json!({ "late_cancel_percent": 100 })).await;
    city.app.post(&format!("/api/v1/instruments/{}/suspend", city.instrument), &city.manager, Value::Null).await.expect(200);
    city.app.set_now(&local("2026-10-14T08:00"));
    let cancelled = city.act(&booking, "cancel", &city.booker, json!({ "reason": "x" })).await.expect(200);
    assert_eq!((cancelled["fee_fen"].as_i64(), cancelled["cancel_fee_fen"].as_i64()), (Some(20_000), Some(10_000)));
    assert_eq!(city.try_book("2026-10-16T09:00", "2026-10-16T11:00", json!({})).await.codes(), ["not_published"]);
}
