//! The worked examples of `tests/data/vouchers.toml`, played through a small simulator of one enterprise: purse, bookings, claims.

use std::collections::BTreeMap;

use super::*;
use crate::base::ids::Id;
use crate::domain::bookings::State as Booked;
use crate::domain::bookings::cancel_fee;
use crate::domain::claims::filing::{Candidate, invoice_key, invoice_suffices, split};
use crate::domain::instruments::Policy;

struct Booking {
    starts_at: Instant,
    year: i64,
    fee_fen: i64,
    held_fen: i64,
    actual_fen: i64,
    may_draw: bool,
}

struct Claim {
    year: i64,
    items: Vec<(Id, i64)>,
    invoice: (String, i64, i64),
    live: bool,
}

#[derive(Default)]
struct World {
    purses: BTreeMap<i64, Purse>,
    bookings: BTreeMap<Id, Booking>,
    claims: Vec<Claim>,
}

fn number(step: &toml::Value, key: &str) -> Option<i64> {
    step.get(key).and_then(toml::Value::as_integer)
}

fn text<'a>(step: &'a toml::Value, key: &str) -> Option<&'a str> {
    step.get(key).and_then(toml::Value::as_str)
}

fn terms(year: i64) -> Terms {
    Terms::founding(i16::try_from(year).unwrap(), 1_000_000_000)
}

impl World {
    fn book(&mut self, id: &str, step: &toml::Value) {
        let nth = i64::try_from(self.bookings.len()).unwrap();
        let starts_at = text(step, "starts_at").map_or(Instant::parse("2026-10-14T09:00:00+08:00").unwrap().plus(nth), |at| Instant::parse(at).unwrap());
        let year = starts_at.day().year();
        let terms = terms(year);
        let facts = Eligibility {
            use_by: Some(terms.use_by),
            starts_on: starts_at.day(),
            purpose: text(step, "purpose_kind").map_or(PurposeKind::Research, |word| PurposeKind::parse(word).unwrap()),
            related: false,
            barred: false,
            sme_expired: false,
            enrolled: true,
            published: true,
        };
        let (ineligible, choice) = (eligibility(&facts), VoucherChoice::parse(text(step, "voucher").unwrap()).unwrap());
        let fee_fen = number(step, "fee").unwrap();
        let purse = self.purses.entry(year).or_default();
        match hold(choice, ineligible, Some(&terms), fee_fen, purse.available_fen) {
            Ok(held_fen) => {
                assert_eq!((Some(held_fen), text(step, "refused")), (number(step, "held"), None), "{id}");
                purse.hold(held_fen).unwrap();
                let may_draw = may_draw(choice, ineligible);
                self.bookings.insert(id.into(), Booking { starts_at, year, fee_fen, held_fen, actual_fen: 0, may_draw });
            }
            Err(violation) => assert_eq!(Some(violation.code), text(step, "refused"), "{id}"),
        }
        if let Some(expected) = number(step, "year") {
            assert_eq!(year, expected);
        }
    }

    fn release(&mut self, id: &str) {
        let booking = self.bookings.get_mut(id).unwrap();
        self.purses.get_mut(&booking.year).unwrap().release(booking.held_fen).unwrap();
        booking.held_fen = 0;
    }

    fn settle(&mut self, id: &str, step: &toml::Value) {
        let booking = self.bookings.get_mut(id).unwrap();
        let purse = self.purses.get_mut(&booking.year).unwrap();
        booking.actual_fen = number(step, "actual").unwrap();
        let held_fen = settled_hold(booking.may_draw, &terms(booking.year), booking.actual_fen, booking.held_fen, purse.available_fen);
        purse.adjust(booking.held_fen, held_fen).unwrap();
        booking.held_fen = held_fen;
        assert_eq!(Some(held_fen), number(step, "held"), "{id}");
    }

    fn claim(&mut self, ids: &[&str], step: &toml::Value) {
        let (invoice_fen, paid_fen) = (number(step, "invoice").unwrap(), number(step, "paid").unwrap());
        let invoice = invoice_key(None, text(step, "invoice_number").unwrap_or(&format!("no-{}", self.claims.len())));
        let sharing = self.claims.iter().filter(|claim| claim.live && claim.invoice.0 == invoice).map(|claim| (claim.invoice.1, claim.invoice.2));
        let together: Vec<_> = sharing.chain([(invoice_fen, paid_fen)]).collect();
        if !invoice_suffices(&together) {
            assert_eq!(text(step, "refused"), Some("duplicate_invoice"));
            return;
        }
        let candidate = |id: &&str| {
            let booking = &self.bookings[*id];
            Candidate {
                booking_id: (*id).into(),
                starts_at: booking.starts_at,
                institution_uscc: String::new(),
                programme_id: Some(booking.year.to_string()),
                settled: true,
                actual_fen: booking.actual_fen,
                held_fen: booking.held_fen,
                terms: Some(terms(booking.year)),
            }
        };
        let split = split(paid_fen, &ids.iter().map(candidate).collect::<Vec<_>>());
        let year = self.bookings[ids[0]].year;
        self.purses.get_mut(&year).unwrap().claim(split.held_fen, split.amount_fen).unwrap();
        for id in ids {
            self.bookings.get_mut(*id).unwrap().held_fen = 0;
        }
        assert_eq!((Some(split.amount_fen), None), (number(step, "amount"), text(step, "refused")), "{ids:?}");
        if let Some(items) = step.get("items") {
            let expected: Vec<i64> = items.clone().try_into().unwrap();
            assert_eq!(split.items.iter().map(|item| item.1).collect::<Vec<_>>(), expected);
        }
        self.claims.push(Claim { year, items: split.items, invoice: (invoice, invoice_fen, paid_fen), live: true });
    }

    fn decide(&mut self, id: &str, approve: bool) {
        let claim = self.claims.iter_mut().find(|claim| claim.live && claim.items.iter().any(|item| item.0 == id)).unwrap();
        let purse = self.purses.get_mut(&claim.year).unwrap();
        let amount: i64 = claim.items.iter().map(|item| item.1).sum();
        if approve {
            purse.redeem(amount).unwrap();
        } else {
            purse.give_back(amount).unwrap();
            claim.live = false;
            for (id, part) in &claim.items {
                self.bookings.get_mut(id).unwrap().held_fen = *part;
            }
        }
    }

    fn lapse(&mut self, deadline: &str) {
        for (year, purse) in &mut self.purses {
            purse.lapse_available();
            for booking in self.bookings.values_mut().filter(|booking| booking.year == *year && deadline == "redeem_by") {
                purse.lapse_held(std::mem::take(&mut booking.held_fen)).unwrap();
            }
        }
    }

    fn play(&mut self, step: &toml::Value) {
        let (verb, object) = step.as_table().unwrap().iter().find(|(key, _)| VERBS.contains(&key.as_str())).unwrap();
        let ids: Vec<&str> =
            object.as_array().map_or_else(|| object.as_str().into_iter().collect(), |all| all.iter().filter_map(toml::Value::as_str).collect());
        match verb.as_str() {
            "book" => self.book(ids[0], step),
            "cancel" => {
                let (booking, policy) = (&self.bookings[ids[0]], Policy { late_cancel_percent: 50, ..Policy::default() });
                let late = cancel_fee(true, Booked::Confirmed, booking.fee_fen, booking.starts_at, &policy, booking.starts_at.plus(-1));
                assert_eq!(Some(late), number(step, "late_fee"));
                self.release(ids[0]);
            }
            "decline" | "no_show" => self.release(ids[0]),
            "settle" => self.settle(ids[0], step),
            "claim" => self.claim(&ids, step),
            "approve" => self.decide(ids[0], true),
            "reject" => self.decide(ids[0], false),
            "lapse" => self.lapse(ids[0]),
            "grant" => drop(self.purses.get_mut(&2026).unwrap().grant(object.as_integer().unwrap()).unwrap()),
            _ => {}
        }
    }
}

const VERBS: [&str; 10] = ["book", "cancel", "decline", "no_show", "settle", "claim", "approve", "reject", "lapse", "grant"];

#[test]
fn the_worked_examples_come_out_as_written() {
    let file: toml::Table = include_str!("../../../tests/data/vouchers.toml").parse().unwrap();
    let cases = file["case"].as_array().unwrap();
    assert_eq!(cases.len(), 12);
    for case in cases {
        let name = text(case, "name").unwrap();
        let mut world = World::default();
        match &case["granted"] {
            toml::Value::Table(years) => {
                for (year, fen) in years {
                    world.purses.entry(year.parse().unwrap()).or_default().grant(fen.as_integer().unwrap()).unwrap();
                }
            }
            fen => drop(world.purses.entry(2026).or_default().grant(fen.as_integer().unwrap()).unwrap()),
        }
        for step in case["steps"].as_array().unwrap() {
            if step.get("pay").is_none() {
                world.play(step);
            }
            assert!(world.purses.values().all(Purse::is_sound), "{name}");
        }
        let Some(end) = case.get("end") else { continue };
        let purse = world.purses[&2026];
        let amounts = [
            ("available", purse.available_fen),
            ("held", purse.held_fen),
            ("claimed", purse.claimed_fen),
            ("redeemed", purse.redeemed_fen),
            ("lapsed", purse.lapsed_fen),
        ];
        for (key, fen) in amounts.into_iter().filter(|(key, _)| end.get(key).is_some()) {
            assert_eq!(Some(fen), number(end, key), "{name}: {key}");
        }
    }
}
