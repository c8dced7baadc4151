//! Statements over the API: amounts out of use and price, versions, confirming, disputing, the clock, the hold.

use serde_json::{Value, json};
use yiqi::domain::roles::{Role, Side};

use crate::support::TestApp;
use crate::support::usage::segment;

struct Town {
    app: TestApp,
    manager: String,
    booker: String,
    customer: String,
    instrument: String,
    booking: String,
    code: String,
}

/// A booking of two hours at 100 yuan an hour, Monday 13:00 to 15:00; the clock stands after it.
async fn town() -> Town {
    let app = TestApp::new().await;
    let (_, manager) = app.institution(1).await;
    let (customer, booker) = app.enterprise(1).await;
    let instrument = app.instrument(&manager, json!({})).await;
    let (booking, code) = app.booking(&booker, &instrument, "2026-10-12T13:00", "2026-10-12T15:00", json!({})).await;
    app.set_now("2026-10-12T15:30:00+08:00");
    Town { app, manager, booker, customer, instrument, booking, code }
}

impl Town {
    async fn use_it(&self, key: &str, phase: &str, from: &str, to: &str) {
        let over = json!({"booking_code": self.code, "organisation_uscc": self.customer, "phase": phase});
        let one = segment(key, &format!("2026-10-12T{from}"), &format!("2026-10-12T{to}"), over);
        assert_eq!(self.app.deliver(&self.manager, &self.instrument, vec![one]).await.expect(200)["accepted"], 1);
    }

    async fn act(&self, token: &str, verb: &str, body: Value) -> crate::support::http::Answer {
        self.app.post(&format!("/api/v1/bookings/{}/{verb}", self.booking), token, body).await
    }

    async fn detail(&self) -> Value {
        self.app.get(&format!("/api/v1/bookings/{}", self.booking), &self.booker).await.expect(200)
    }
}

#[tokio::test]
async fn the_fee_is_the_union_of_startup_run_and_postprocess_at_the_quoted_price() {
    let town = town().await;
    town.use_it("a", "startup", "13:00", "13:10").await;
    town.use_it("b", "run", "13:10", "14:00").await;
    town.use_it("c", "run", "13:50", "14:20").await;
    town.use_it("d", "maintenance", "14:20", "15:00").await;
    town.app.set_price(&town.manager, &town.instrument, 99_999).await;
    let booking = town.act(&town.manager, "statement", json!({})).await.expect(200);
    // 80 minutes at 100 yuan an hour, whatever it costs today.
    assert_eq!((booking["state"].as_str(), booking["actual_fen"].as_i64()), (Some("completed"), Some(13_333)));
    assert_eq!(booking["confirm_due_at"], "2026-10-22T15:30:00+08:00");
    let detail = town.detail().await;
    let statement = &detail["statement"];
    assert_eq!((statement["used_seconds"].as_i64(), statement["computed_fen"].as_i64(), statement["version"].as_i64()), (Some(4800), Some(13_333), Some(1)));
    let settled = town.act(&town.booker, "confirm", json!({"version": booking["version"]})).await.expect(200);
    assert_eq!((settled["state"].as_str(), settled["actual_fen"].as_i64()), (Some("settled"), Some(13_333)));
    assert_eq!(town.act(&town.booker, "confirm", json!({})).await.expect(409)["code"], "state_conflict");
    assert_eq!(town.act(&town.manager, "statement", json!({})).await.expect(409)["code"], "state_conflict");
    assert_eq!(town.act(&town.booker, "dispute", json!({"reason": "late"})).await.expect(409)["code"], "state_conflict");
    assert_eq!(town.app.differences().await, Vec::<String>::new());
}

#[tokio::test]
async fn without_recorded_use_a_statement_needs_an_amount_and_a_reason() {
    let town = town().await;
    // Not used at all: neither a statement nor its absence of reasons matters.
    assert_eq!(town.act(&town.manager, "statement", json!({})).await.expect(409)["code"], "state_conflict");
    town.app.set_now("2026-10-12T13:05:00+08:00");
    town.act(&town.booker, "check-in", json!({})).await.expect(200);
    town.app.set_now("2026-10-12T16:30:00+08:00");
    // The clock ends the use and writes no segment.
    town.app.run_job("due").await;
    assert_eq!(town.act(&town.manager, "statement", json!({})).await.faults(), ["required actual_fen", "required reason"]);
    assert_eq!(town.act(&town.manager, "statement", json!({"actual_fen": 18_000})).await.faults(), ["required reason"]);
    for (body, fault) in [
        (json!({"actual_fen": -1, "reason": "x"}), "invalid actual_fen"),
        (json!({"actual_fen": "1", "reason": "x"}), "invalid actual_fen"),
        (json!({"actual_fen": 9_000_000_000_000_000_i64, "reason": "x"}), "invalid actual_fen"),
        (json!({"actual_fen": 1, "reason": "x".repeat(1001)}), "invalid reason"),
        (json!({"actual_fen": 1, "reason": "x", "more": 1}), "unknown_field more"),
    ] {
        assert_eq!(town.act(&town.manager, "statement", body).await.faults(), [fault]);
    }
    let booking = town.act(&town.manager, "statement", json!({"actual_fen": 18_000, "reason": "按约定"})).await.expect(200);
    assert_eq!((booking["actual_fen"].as_i64(), booking["state"].as_str()), (Some(18_000), Some("completed")));
    assert!(town.detail().await["statement"]["computed_fen"].is_null());
    assert_eq!(town.app.differences().await, Vec::<String>::new());
}

#[tokio::test]
async fn checking_out_records_the_use_that_the_statement_charges() {
    let town = town().await;
    town.app.set_now("2026-10-12T13:00:00+08:00");
    town.act(&town.booker, "check-in", json!({})).await.expect(200);
    town.app.set_now("2026-10-12T14:30:00+08:00");
    town.act(&town.booker, "check-out", json!({})).await.expect(200);
    let listed = town.app.get(&format!("/api/v1/instruments/{}/usage", town.instrument), &town.manager).await.expect(200);
    let item = &listed["items"][0];
    assert_eq!(
        (item["key"].as_str(), item["phase"].as_str(), item["source"].as_str()),
        (Some(format!("checkin:{}", town.code).as_str()), Some("run"), Some("qr"))
    );
    assert_eq!((item["organisation_uscc"].as_str(), item["ends_at"].as_str()), (Some(town.customer.as_str()), Some("2026-10-12T14:30:00+08:00")));
    // The machine's own record of the same use makes no double hours.
    town.use_it("meter", "run", "13:00", "14:00").await;
    let booking = town.act(&town.manager, "statement", json!({})).await.expect(200);
    assert_eq!(booking["actual_fen"], 15_000);
    assert_eq!(town.app.differences().await, Vec::<String>::new());
}

#[tokio::test]
async fn a_dispute_stops_the_clock_until_a_new_statement() {
    let town = town().await;
    town.use_it("a", "run", "13:00", "15:00").await;
    assert_eq!(town.act(&town.booker, "dispute", json!({"reason": "x"})).await.expect(409)["code"], "state_conflict");
    town.act(&town.manager, "statement", json!({"actual_fen": 25_000, "reason": "耗材另计"})).await.expect(200);
    for (body, fault) in [(json!({}), "required reason"), (json!({"reason": " "}), "required reason"), (json!({"reason": []}), "invalid reason")] {
        assert_eq!(town.act(&town.booker, "dispute", body).await.faults(), [fault]);
    }
    let disputed = town.act(&town.booker, "dispute", json!({"reason": "没有用耗材"})).await.expect(200);
    assert_eq!((disputed["state"].as_str(), disputed["confirm_due_at"].is_null(), disputed["disputed_at"].is_null()), (Some("completed"), true, false));
    assert_eq!(town.act(&town.booker, "confirm", json!({})).await.expect(409)["code"], "state_conflict");
    town.app.advance(20 * 86_400);
    town.app.run_job("due").await;
    assert_eq!(town.detail().await["state"], "completed");
    let finance = town.app.person(&crate::support::people::uscc("12370200MB0000001"), "finance@lab.test", Role::Finance, Some(Side::Institution)).await;
    let anew = town.act(&finance, "statement", json!({})).await.expect(200);
    assert_eq!((anew["actual_fen"].as_i64(), anew["disputed_at"].is_null()), (Some(20_000), true));
    assert_eq!(town.detail().await["statement"]["version"], 2);
    town.app.advance(10 * 86_400 - 1);
    town.app.run_job("due").await;
    assert_eq!(town.detail().await["state"], "completed");
    town.app.advance(1);
    town.app.run_job("due").await;
    let detail = town.detail().await;
    assert_eq!((detail["state"].as_str(), detail["actual_fen"].as_i64()), (Some("settled"), Some(20_000)));
    let last = detail["history"].as_array().unwrap().last().unwrap();
    assert_eq!((last["verb"].as_str(), last["job"].as_str()), (Some("confirm_by_time"), Some("due")));
    let mut conn = town.app.db.read().await.unwrap();
    let statements = yiqi::store::statements::list(&mut conn, &town.booking).await.unwrap();
    assert_eq!(statements.iter().map(|s| (s.version, s.actual_fen, s.disputed_at.is_some())).collect::<Vec<_>>(), [(2, 20_000, false), (1, 25_000, true)]);
    let charges = yiqi::store::statements::list_charges(&mut conn, &statements[1].id).await.unwrap();
    assert_eq!(charges.iter().map(|c| (c.kind.as_str(), c.amount_fen)).collect::<Vec<_>>(), [("use", 20_000), ("adjustment", 5_000)]);
    drop(conn);
    assert_eq!(town.app.differences().await, Vec::<String>::new());
}

#[tokio::test]
async fn each_side_does_its_own_part_and_strangers_none() {
    let town = town().await;
    town.use_it("a", "run", "13:00", "15:00").await;
    let lab = crate::support::people::uscc("12370200MB0000001");
    let operator = town.app.person(&lab, "operator@lab.test", Role::Operator, None).await;
    let (_, other_manager) = town.app.institution(2).await;
    let (_, other_booker) = town.app.enterprise(2).await;
    let (_, officer) = town.app.bureau().await;
    for (token, status) in [("", 401), (&operator, 403), (&town.booker, 403), (&officer, 403), (&other_manager, 404)] {
        assert_eq!(town.act(token, "statement", json!({})).await.status.as_u16(), status);
    }
    let issued = town.act(&town.manager, "statement", json!({})).await.expect(200);
    for verb in ["confirm", "dispute"] {
        for (token, status) in [("", 401), (&town.manager, 403), (&officer, 403), (&other_booker, 404)] {
            assert_eq!(town.act(token, verb, json!({})).await.status.as_u16(), status, "{verb}");
        }
    }
    let stale = issued["version"].as_i64().unwrap() - 1;
    assert_eq!(town.act(&town.booker, "confirm", json!({"version": stale})).await.expect(409)["code"], "state_conflict");
    assert_eq!(town.act(&town.manager, "statement", json!({"version": stale})).await.expect(409)["code"], "state_conflict");
    assert_eq!(town.act(&town.booker, "confirm", json!({"version": "x"})).await.faults(), ["invalid version"]);
    let finance = town.app.person(&town.customer, "finance@firm.test", Role::Finance, Some(Side::Enterprise)).await;
    assert_eq!(town.act(&finance, "confirm", Value::Null).await.expect(200)["state"], "settled");
}
