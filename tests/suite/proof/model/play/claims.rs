//! Steps around money: claims and their review, grants.

use super::*;

impl Stage {
    pub(super) async fn file(&mut self, firm: usize, (from, count): (usize, usize), percent: i64, invoice: usize, aim: bool) {
        let fits = |index: &usize| {
            let booking = &self.mirror.bookings[*index];
            booking.firm == firm && (!aim || (booking.state == "settled" && booking.held.is_some_and(|h| h > 0) && !self.mirror.in_live_claim(*index)))
        };
        let own: Vec<usize> = (0..self.mirror.bookings.len()).filter(fits).collect();
        let Some(first) = Self::pick(own.len(), from) else { return };
        let bookings: Vec<usize> = own[first..].iter().take(count).copied().collect();
        let actual = self.mirror.actual(&bookings);
        let paid = (actual * percent.min(100) / 100).max(1);
        // Mostly an invoice of its own; else one shared by the claims of a firm, or by all firms.
        let (invoice, invoice_fen) = match invoice {
            0 => ("SHARED".to_owned(), paid.max(90_000)),
            1 | 2 => (format!("SHARED-{firm}"), paid.max(60_000)),
            _ => (format!("N-{}", self.writes), paid),
        };
        let lab = INSTRUMENTS[self.mirror.bookings[bookings[0]].instrument].lab;
        let today = Instant(self.mirror.now).day().to_string();
        let ids: Vec<_> = bookings.iter().map(|index| self.mirror.bookings[*index].id.clone()).collect();
        let filing = Filing { firm, bookings, invoice, invoice_fen, paid };
        let body = json!({
            "booking_ids": ids, "contract_file_id": self.files[firm][0], "invoice_number": filing.invoice, "seller_uscc": self.labs[lab],
            "invoice_fen": invoice_fen, "invoice_on": today, "paid_fen": paid, "paid_on": today, "file_ids": self.files[firm],
        });
        let expected = self.mirror.file(&filing);
        let token = self.bookers[firm].clone();
        if let Some(answer) = self.write("POST", "/api/v1/claims".to_owned(), &token, body, &expected).await {
            let claim = self.mirror.claims.last_mut().unwrap();
            claim.id = text(&answer["id"]);
            let items: Vec<(String, i64)> =
                answer["bookings"].as_array().unwrap().iter().map(|item| (text(&item["id"]), item["amount_fen"].as_i64().unwrap())).collect();
            let expected: Vec<(String, i64)> = claim.items.iter().map(|(index, fen)| (self.mirror.bookings[*index].id.clone(), *fen)).collect();
            assert_eq!((answer["amount_fen"].as_i64(), items), (Some(claim.amount), expected));
        }
    }

    pub(super) async fn review(&mut self, verb: &'static str, number: usize, who: usize, aim: bool) {
        let mut all: Vec<usize> = (0..self.mirror.claims.len()).collect();
        if aim {
            all.retain(|index| self.mirror.clone().review(verb, *index, who).is_ok());
        }
        let Some(index) = Self::pick(all.len(), number).map(|index| all[index]) else { return };
        // Seldom: a firm whose claim was clawed back is barred from then on.
        if verb == "claw-back" && number > 3 {
            return;
        }
        let (firm, amount) = (self.mirror.claims[index].firm, self.mirror.claims[index].amount);
        let expected = self.mirror.review(verb, index, who);
        let id = &self.mirror.claims[index].id;
        let (method, path, token, body) = match verb {
            "answer" => ("PATCH", format!("/api/v1/claims/{id}"), &self.bookers[firm], json!({ "note": "已补" })),
            "withdraw" => ("POST", format!("/api/v1/claims/{id}/withdraw"), &self.bookers[firm], json!({})),
            "approve" => ("POST", format!("/api/v1/claims/{id}/approve"), &self.officers[who], json!({})),
            "pay" => ("POST", format!("/api/v1/claims/{id}/pay"), &self.officers[who], json!({ "bank_reference": "B-1" })),
            "claw-back" => ("POST", format!("/api/v1/claims/{id}/claw-back"), &self.officers[who], json!({ "reason": "虚假材料", "amount_fen": amount })),
            _ => ("POST", format!("/api/v1/claims/{id}/{verb}"), &self.officers[who], json!({ "reason": "材料不全" })),
        };
        let token = token.clone();
        if let Some(answer) = self.write(method, path, &token, body, &expected).await {
            assert_eq!(answer["state"], self.mirror.claims[index].state, "{verb}");
        }
    }

    pub(super) async fn grant(&mut self, firm: usize, yuan: i64) {
        let expected = if yuan > 0 { self.mirror.grant(firm, yuan * 100) } else { Err((422, Vec::new())) };
        let body = json!({ "year": 2026, "amount_fen": yuan * 100, "sme_number": "202637020008001234" });
        let token = self.finances[firm].clone();
        if let Some(answer) = self.write("POST", "/api/v1/voucher-applications".to_owned(), &token, body, &expected).await {
            let (path, token) = (format!("/api/v1/voucher-applications/{}/approve", text(&answer["id"])), self.officers[0].clone());
            self.write("POST", path, &token, json!({}), &Ok(())).await;
        }
    }
}
