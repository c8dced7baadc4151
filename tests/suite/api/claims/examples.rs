//! The worked examples of `tests/data/vouchers.toml`, played over the API.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use toml::Value as Toml;
use yiqi::base::time::Instant;

use super::second_officer;
use crate::support::bookings::City;
use crate::support::claims::{next_hour, open_policy};

/// A city, what was booked and claimed in it by name, and who pays.
struct Play {
    city: City,
    payer: String,
    bookings: BTreeMap<String, Value>,
    claims: Vec<(Vec<String>, Value)>,
    last_start: Instant,
}

fn number(step: &Toml, key: &str) -> Option<i64> {
    step.get(key).and_then(Toml::as_integer)
}

fn text<'a>(step: &'a Toml, key: &str) -> Option<&'a str> {
    step.get(key).and_then(Toml::as_str)
}

fn names(object: &Toml) -> Vec<String> {
    let one = |value: &Toml| value.as_str().map(str::to_owned);
    object.as_array().map_or_else(|| one(object).into_iter().collect(), |all| all.iter().filter_map(one).collect())
}

impl Play {
    async fn book(&mut self, name: &str, step: &Toml) {
        let (city, fee_fen) = (&self.city, number(step, "fee").unwrap());
        let (start, end) = if let (Some(start), Some(end)) = (text(step, "starts_at"), text(step, "ends_at")) {
            (Instant::parse(start).unwrap(), Instant::parse(end).unwrap())
        } else {
            let start = next_hour(city.app.clock.now()).max(self.last_start.plus(1800));
            self.last_start = start;
            (start, start.plus(3600))
        };
        let mut policy = open_policy();
        if let Some(approval) = text(step, "approval") {
            policy["approval"] = json!(approval);
        }
        let instrument = city.other_instrument(fee_fen * 3600 / (end.0 - start.0), policy, json!({})).await;
        let body = json!({
            "instrument_id": instrument, "starts_at": start, "ends_at": end, "mode": "self", "voucher": text(step, "voucher").unwrap(),
            "purpose": "测试", "purpose_kind": text(step, "purpose_kind").unwrap_or("research"),
        });
        let answer = city.app.post("/api/v1/bookings", &city.booker, body).await;
        if let Some(code) = text(step, "refused") {
            answer.expect(422);
            assert_eq!(answer.codes(), [code], "{name}");
            return;
        }
        let booking = answer.expect(201);
        assert_eq!((booking["fee_fen"].as_i64(), booking["held_fen"].as_i64()), (Some(fee_fen), number(step, "held")), "{name}");
        if let Some(year) = number(step, "year") {
            let voucher = city.app.voucher(&city.booker, year).await;
            assert_eq!(voucher["held_fen"].as_i64(), number(step, "held"), "{name}");
        }
        self.bookings.insert(name.to_owned(), booking);
    }

    async fn claim(&mut self, ids: &[String], step: &Toml) {
        let bookings: Vec<&Value> = ids.iter().map(|id| &self.bookings[id]).collect();
        let mut over = json!({ "paid_fen": number(step, "paid").unwrap() });
        if let Some(invoice) = text(step, "invoice_number") {
            over["invoice_number"] = json!(invoice);
        }
        let answer = self.city.claim(&bookings, number(step, "invoice").unwrap(), over).await;
        if let Some(code) = text(step, "refused") {
            assert_eq!(answer.expect(409)["code"], code);
            return;
        }
        let claim = answer.expect(201);
        assert_eq!((claim["amount_fen"].as_i64(), claim["state"].as_str()), (number(step, "amount"), Some("filed")));
        if let Some(items) = step.get("items") {
            let expected: Vec<i64> = items.clone().try_into().unwrap();
            let parts: Vec<_> = claim["bookings"].as_array().unwrap().iter().map(|item| item["amount_fen"].as_i64().unwrap()).collect();
            assert_eq!(parts, expected);
        }
        self.claims.push((ids.to_vec(), claim));
    }

    /// The latest claim that holds a booking.
    fn claim_of(&self, name: &str) -> &Value {
        &self.claims.iter().rev().find(|(ids, _)| ids.iter().any(|id| id == name)).unwrap().1
    }

    async fn play(&mut self, step: &Toml) {
        let (verb, object) = step.as_table().unwrap().iter().find(|(key, _)| VERBS.contains(&key.as_str())).unwrap();
        let ids = names(object);
        let first = ids.first().cloned().unwrap_or_default();
        let city = &self.city;
        match verb.as_str() {
            "book" => self.book(&first, step).await,
            "claim" => self.claim(&ids, step).await,
            "cancel" => {
                let cancelled = city.act(&self.bookings[&first], "cancel", &city.booker, json!({ "reason": "样品未到" })).await.expect(200);
                assert_eq!(cancelled["cancel_fee_fen"].as_i64(), number(step, "late_fee"));
            }
            "decline" => drop(city.act(&self.bookings[&first], "decline", &city.manager, json!({ "reason": "检修" })).await.expect(200)),
            "no_show" => {
                city.app.wait_until(Instant::parse(self.bookings[&first]["starts_at"].as_str().unwrap()).unwrap().plus(3601));
                city.app.run_job("due").await;
            }
            "settle" => {
                let stated = city.app.settle(&self.bookings[&first], &city.manager, &city.booker, number(step, "actual").unwrap()).await;
                assert_eq!(stated["held_fen"].as_i64(), number(step, "held"), "{first}");
            }
            "approve" => drop(city.app.claim_act(self.claim_of(&first), "approve", &city.officer, json!({})).await.expect(200)),
            "pay" => drop(city.app.claim_act(self.claim_of(&first), "pay", &self.payer, json!({ "bank_reference": "CMB-1" })).await.expect(200)),
            "reject" => {
                drop(city.app.claim_act(self.claim_of(&first), "reject", &city.officer, json!({ "reason": text(step, "reason").unwrap() })).await.expect(200));
            }
            "lapse" => {
                city.app.set_now(if first == "use_by" { "2027-01-01T00:05:00+08:00" } else { "2027-04-01T00:05:00+08:00" });
                city.app.run_job("voucher-lapse").await;
            }
            _ => {
                let finance = city.app.finance(&city.firm).await;
                city.app.grant(&city.officer, &finance, 2026, object.as_integer().unwrap()).await;
            }
        }
    }

    async fn end(&self, end: &Toml) {
        let voucher = self.city.app.voucher(&self.city.booker, 2026).await;
        for (name, fen) in end.as_table().unwrap() {
            assert_eq!(voucher[format!("{name}_fen")].as_i64(), fen.as_integer(), "{name}: {voucher}");
        }
    }
}

const VERBS: [&str; 10] = ["book", "cancel", "decline", "no_show", "settle", "claim", "approve", "pay", "reject", "lapse"];

async fn run(name: &str) {
    let file: toml::Table = include_str!("../../../data/vouchers.toml").parse().unwrap();
    let case = file["case"].as_array().unwrap().iter().find(|case| text(case, "name").unwrap().starts_with(name)).unwrap().clone();
    let city = City::claiming(case["granted"].as_integer().unwrap_or(0)).await;
    if let Some(years) = case["granted"].as_table() {
        let finance = city.app.finance(&city.firm).await;
        for (year, fen) in years {
            city.app.grant(&city.officer, &finance, year.parse().unwrap(), fen.as_integer().unwrap()).await;
        }
    }
    let payer = second_officer(&city, "payer").await;
    let mut play = Play { city, payer, bookings: BTreeMap::new(), claims: Vec::new(), last_start: Instant(0) };
    for step in case["steps"].as_array().unwrap() {
        if step.get("grant").is_some() {
            let finance = play.city.app.finance(&play.city.firm).await;
            play.city.app.grant(&play.city.officer, &finance, 2026, number(step, "grant").unwrap()).await;
        } else {
            play.play(step).await;
        }
        play.city.app.prove_vouchers().await;
    }
    if let Some(end) = case.get("end") {
        play.end(end).await;
    }
}

macro_rules! cases {
    ($($test:ident: $name:literal,)+) => { $(#[tokio::test] async fn $test() { run($name).await; })+ };
}

cases! {
    a_share_of_the_quote_is_rounded_down: "share of the quote",
    the_last_yuan_goes_to_one: "the last yuan",
    cancel_decline_and_no_show_give_back_whole: "cancel, decline and no-show",
    settlement_above_the_quote_grows_the_hold: "settlement above the quote",
    a_claim_counts_what_was_paid: "a claim counts what was really paid",
    the_same_invoice_is_claimed_once: "the same invoice",
    one_invoice_covers_several_bookings: "one invoice for several bookings",
    claims_share_an_invoice_within_it: "claims of one enterprise may share",
    a_hold_of_nothing_may_grow_and_none_never_does: "a hold that found nothing",
    a_purpose_that_is_not_eligible_holds_nothing: "a purpose that is not eligible",
    vouchers_lapse_in_two_steps: "lapse in two steps",
    two_years_are_two_purses: "two years are two purses",
}
