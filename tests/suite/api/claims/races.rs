//! What real concurrency cannot do: hold more than there is, use an invoice twice, put a booking into two claims, approve twice.

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::support::bookings::City;
use crate::support::claims::{next_hour, open_policy};

/// 64 bookings of a share of 30 yuan each, over 16 instruments, at once.
async fn sixty_four(city: &City, choice: &str) -> Vec<crate::support::http::Answer> {
    let mut wishes = Vec::new();
    for _ in 0..16 {
        let instrument = city.other_instrument(10_000, open_policy(), json!({})).await;
        for n in 0..4 {
            let start = next_hour(city.app.clock.now()).plus(n * 3600);
            wishes.push(json!({
                "instrument_id": instrument, "starts_at": start, "ends_at": start.plus(3600), "mode": "self", "voucher": choice,
                "purpose": "测试", "purpose_kind": "research",
            }));
        }
    }
    join_all(wishes.into_iter().map(|wish| city.app.post("/api/v1/bookings", &city.booker, wish))).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sixty_four_racing_for_the_last_yuan_never_hold_more_than_there_is() {
    let city = City::claiming(50_000).await;
    let answers = sixty_four(&city, "required").await;
    let held = answers.iter().filter(|answer| answer.status == 201).count();
    assert_eq!(held, 16);
    for answer in answers.iter().filter(|answer| answer.status != 201) {
        answer.expect(422);
        assert_eq!(answer.codes(), ["voucher_insufficient"]);
    }
    assert_eq!(city.amounts().await, [2_000, 48_000, 0, 0]);
    city.app.prove_vouchers().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sixty_four_that_take_what_there_is_take_all_of_it_and_no_more() {
    let city = City::claiming(50_000).await;
    let answers = sixty_four(&city, "up_to").await;
    let sum: i64 = answers.iter().map(|answer| answer.expect(201)["held_fen"].as_i64().unwrap()).sum();
    assert_eq!((sum, city.amounts().await), (50_000, [0, 50_000, 0, 0]));
    city.app.prove_vouchers().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_invoice_is_used_once_however_many_file_at_once() {
    let city = City::claiming(100_000).await;
    let (firm, booker) = city.app.enterprise(2).await;
    let finance = city.app.finance(&firm).await;
    city.app.grant(&city.officer, &finance, 2026, 100_000).await;
    let mine = city.settled(10_000).await;
    let other = City { firm, booker, ..city };
    let theirs = other.settled(10_000).await;
    let city = other;
    let first = city.app.booker_of(1).await;
    let over = json!({ "invoice_number": "24372000000012345678" });
    let one = city.app.claim_body(&first, &city.lab, &[&mine], 10_000, over.clone()).await;
    let two = city.app.claim_body(&city.booker, &city.lab, &[&theirs], 10_000, over).await;
    let (one, two) = tokio::join!(city.app.post("/api/v1/claims", &first, one), city.app.post("/api/v1/claims", &city.booker, two));
    let mut statuses = [one.status.as_u16(), two.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409]);
    let (lost, won) = if one.status == 409 { (one, two) } else { (two, one) };
    let problem = lost.expect(409);
    assert_eq!(problem["code"], "duplicate_invoice");
    assert!(!lost.text().contains("测试科技") && !lost.text().contains(won.json()["code"].as_str().unwrap()), "it names nobody");
    city.app.prove_vouchers().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn claims_that_share_an_invoice_and_race_stay_within_it() {
    let city = City::claiming(1_000_000).await;
    let mut bodies = Vec::new();
    for _ in 0..6 {
        let booking = city.settled(10_000).await;
        let over = json!({ "invoice_number": "SHARED-1", "paid_fen": 10_000 });
        bodies.push(city.app.claim_body(&city.booker, &city.lab, &[&booking], 39_999, over).await);
    }
    let answers = join_all(bodies.into_iter().map(|body| city.app.post("/api/v1/claims", &city.booker, body))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 3);
    assert!(answers.iter().all(|answer| answer.status == 201 || answer.json()["code"] == "duplicate_invoice"));
    city.app.prove_vouchers().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_booking_stands_in_one_claim_and_a_claim_is_decided_once() {
    let city = City::claiming(100_000).await;
    let booking = city.settled(10_000).await;
    let mut bodies = Vec::new();
    for n in 0..6 {
        bodies.push(city.app.claim_body(&city.booker, &city.lab, &[&booking], 10_000, json!({ "invoice_number": format!("N-{n}") })).await);
    }
    let answers = join_all(bodies.into_iter().map(|body| city.app.post("/api/v1/claims", &city.booker, body))).await;
    let won: Vec<Value> = answers.iter().filter(|answer| answer.status == 201).map(crate::support::http::Answer::json).collect();
    assert_eq!(won.len(), 1);
    assert!(answers.iter().all(|answer| answer.status == 201 || answer.json()["code"] == "state_conflict"));
    let claim = &won[0];
    let (approve, reject, withdraw) = tokio::join!(
        city.app.claim_act(claim, "approve", &city.officer, json!({})),
        city.app.claim_act(claim, "reject", &city.officer, json!({ "reason": "x" })),
        city.app.claim_act(claim, "withdraw", &city.booker, json!({})),
    );
    assert_eq!([approve.status, reject.status, withdraw.status].iter().filter(|status| **status == 200).count(), 1);
    city.app.prove_vouchers().await;
}

impl crate::support::TestApp {
    /// Another token of the booker of an enterprise.
    async fn booker_of(&self, number: u32) -> String {
        let mut conn = self.db.read().await.unwrap();
        let party =
            yiqi::store::organisations::find_by_uscc(&mut conn, &crate::support::people::uscc(&format!("91370212MA{number:07}"))).await.unwrap().unwrap();
        drop(conn);
        self.person(&party.uscc, &format!("other{number}@firm.test"), yiqi::domain::roles::Role::Booker, None).await
    }
}
