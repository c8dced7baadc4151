//! Promises that matter, with real concurrency: one hour goes to one, the last yuan to one, and different hours to everybody.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::support::bookings::{City, wish};

async fn race(city: &Arc<City>, count: usize, body: impl Fn(usize) -> (String, String, Value)) -> Vec<u16> {
    let tasks: Vec<_> = (0..count)
        .map(|number| {
            let (city, (path, token, body)) = (Arc::clone(city), body(number));
            tokio::spawn(async move { city.app.post(&path, &token, body).await.status.as_u16() })
        })
        .collect();
    futures_util::future::join_all(tasks).await.into_iter().map(Result::unwrap).collect()
}

fn count(answers: &[u16], status: u16) -> usize {
    answers.iter().filter(|answer| **answer == status).count()
}

/// Asserts that no two live spans of an instrument overlap, in the database itself.
async fn prove_slots(city: &City) {
    let mut conn = city.app.db.read().await.unwrap();
    let overlaps: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM slot_spans a JOIN slot_spans b ON a.instrument_id = b.instrument_id AND a.position = b.position AND a.id < b.id \
         AND a.starts_at < b.ends_at AND b.starts_at < a.ends_at WHERE a.freed_at IS NULL AND b.freed_at IS NULL",
    )
    .fetch_one(&mut *conn)
    .await
    .unwrap();
    assert_eq!(overlaps, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_thirty_two_who_want_one_hour_exactly_one_gets_it() {
    let city = Arc::new(City::new(json!({ "approval": "automatic", "horizon_days": 365 })).await);
    let mut tokens = Vec::new();
    for number in 2..=9 {
        tokens.push(city.app.enterprise(number).await.1);
    }
    let mut day = yiqi::base::time::Day::parse("2026-10-14").unwrap();
    for round in 0..50 {
        while day.is_weekend() || yiqi::domain::calendar::Calendar::new(crate::support::bookings::shipped_days()).kind(day).is_some() {
            day = day.plus(1);
        }
        let hour = |minute: i64| day.at_minute(minute).to_string();
        // Not the same hour each: they overlap by at least half of it.
        let body = |number: usize| {
            let shift = i64::try_from(number % 3).unwrap() * 30;
            let times = json!({ "starts_at": hour(600 + shift), "ends_at": hour(720 + shift) });
            ("/api/v1/bookings".to_owned(), tokens[number % tokens.len()].clone(), wish(&city.instrument, "", "", times))
        };
        let answers = race(&city, 32, body).await;
        assert_eq!((count(&answers, 201), count(&answers, 409)), (1, 31), "round {round}: {answers:?}");
        day = day.plus(1);
    }
    prove_slots(&city).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn four_hundred_bookings_of_different_hours_all_succeed_at_once() {
    let city = Arc::new(City::new(json!({ "approval": "automatic", "horizon_days": 60, "min_minutes": 30 })).await);
    let mut instruments = vec![city.instrument.clone()];
    for _ in 1..4 {
        instruments.push(city.app.instrument(&city.manager, json!({})).await);
    }
    let days = ["2026-10-14", "2026-10-15", "2026-10-16", "2026-10-19", "2026-10-20", "2026-10-21"];
    let body = |number: usize| {
        let (instrument, place) = (&instruments[number % 4], number / 4);
        let day = yiqi::base::time::Day::parse(days[place / 17]).unwrap();
        // 17 half hours from 09:00 on; by the hour where the shortest booking is one.
        let from = 540 + i64::try_from(place % 17).unwrap() * 30;
        let _ = instrument;
        let times = json!({ "starts_at": day.at_minute(from).to_string(), "ends_at": day.at_minute(from + 30).to_string() });
        ("/api/v1/bookings".to_owned(), city.booker.clone(), wish(instrument, "", "", times))
    };
    for instrument in &instruments[1..] {
        city.app.set_policy(&city.manager, instrument, json!({ "min_minutes": 30, "notice_minutes": 60 })).await;
    }
    let answers = race(&city, 400, body).await;
    assert_eq!(count(&answers, 201), 400, "{answers:?}");
    prove_slots(&city).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_bookings_never_share_the_last_yuan() {
    let city = Arc::new(City::new(json!({ "approval": "automatic" })).await.granted(100).await);
    let other = city.app.instrument(&city.manager, json!({})).await;
    let body = |number: usize| {
        let instrument = if number.is_multiple_of(2) { &city.instrument } else { &other };
        let (from, to) = (format!("2026-10-{}T09:00", 14 + number / 2), format!("2026-10-{}T11:00", 14 + number / 2));
        ("/api/v1/bookings".to_owned(), city.booker.clone(), wish(instrument, &from, &to, json!({ "voucher": "required" })))
    };
    // Each would hold 60 yuan of 100.
    let answers = race(&city, 6, body).await;
    assert_eq!((count(&answers, 201), count(&answers, 422)), (1, 5), "{answers:?}");
    assert_eq!(city.app.voucher(&city.booker, 2026).await["available_fen"], 4_000);
    city.app.prove_vouchers().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_cancel_approve_and_decline_at_once_exactly_one_wins() {
    let city = Arc::new(City::new(json!({})).await.granted(1_000).await);
    for round in 0..10 {
        let booking = city.book("2026-10-14T09:00", "2026-10-14T11:00", json!({ "voucher": "up_to" })).await;
        let id = booking["id"].as_str().unwrap().to_owned();
        let body = |number: usize| {
            let (verb, token) = [("cancel", &city.booker), ("approve", &city.manager), ("decline", &city.manager)][number % 3];
            let body = if verb == "approve" { json!({ "version": 1 }) } else { json!({ "version": 1, "reason": "x" }) };
            (format!("/api/v1/bookings/{id}/{verb}"), token.clone(), body)
        };
        let answers = race(&city, 9, body).await;
        assert_eq!((count(&answers, 200), count(&answers, 409)), (1, 8), "round {round}: {answers:?}");
        let seen = city.read(&booking, &city.booker).await.expect(200);
        assert_eq!((seen["version"].as_i64(), seen["history"].as_array().unwrap().len()), (Some(2), 2));
        let stands = seen["state"] == "confirmed";
        assert_eq!((city.slots("").await.len(), seen["held_fen"].as_i64()), (usize::from(stands), Some(if stands { 6_000 } else { 0 })));
        if stands {
            city.act(&booking, "cancel", &city.manager, json!({ "reason": "x" })).await.expect(200);
        }
    }
    city.app.prove_vouchers().await;
}
