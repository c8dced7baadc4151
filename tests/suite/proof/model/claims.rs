//! The other half of the model: claims and what the clock and the bureau do to purses.

use super::mirror::{Answer, FIRMS, INSTRUMENTS, Mirror, REDEEM_BY, USE_BY, conflict, day};
use yiqi::base::time::Day;

#[derive(Debug, Clone)]
pub struct Claim {
    pub id: String,
    pub firm: usize,
    pub state: &'static str,
    pub version: i64,
    pub items: Vec<(usize, i64)>,
    pub amount: i64,
    pub warned: bool,
    pub invoice: (usize, String),
    pub invoice_fen: i64,
    pub paid: i64,
    /// Who approved first, second, and paid.
    pub steps: Vec<(&'static str, usize)>,
}

impl Claim {
    pub fn is_live(&self) -> bool {
        !matches!(self.state, "rejected" | "withdrawn")
    }
}

/// What a firm files.
#[derive(Debug, Clone)]
pub struct Filing {
    pub firm: usize,
    pub bookings: Vec<usize>,
    pub invoice: String,
    pub invoice_fen: i64,
    pub paid: i64,
}

impl Mirror {
    pub fn in_live_claim(&self, booking: usize) -> bool {
        self.claims.iter().any(|claim| claim.is_live() && claim.items.iter().any(|(item, _)| *item == booking))
    }

    /// What the settled bookings cost together.
    pub fn actual(&self, bookings: &[usize]) -> i64 {
        bookings.iter().filter_map(|b| self.bookings[*b].statement).map(|(_, _, fen)| fen).sum()
    }

    pub fn file(&mut self, filing: &Filing) -> Answer {
        if filing.bookings.iter().any(|booking| self.in_live_claim(*booking)) {
            return conflict();
        }
        let of = |booking: &usize| &self.bookings[*booking];
        let lab = INSTRUMENTS[of(&filing.bookings[0]).instrument].lab;
        let held: i64 = filing.bookings.iter().filter_map(|b| of(b).held).sum();
        let drawing = filing.bookings.iter().filter(|b| of(b).held.is_some()).count();
        let amount = (filing.paid.min(self.actual(&filing.bookings)) * 3000 / 10_000 / 100 * 100).min(held);
        let mixed = (drawing != 0 && drawing != filing.bookings.len()) || filing.bookings.iter().any(|b| INSTRUMENTS[of(b).instrument].lab != lab);
        let settled = filing.bookings.iter().all(|b| of(b).state == "settled");
        if mixed || !settled || amount <= 0 || drawing == 0 || day(self.now) > Day::parse(REDEEM_BY).unwrap() {
            return Err((422, Vec::new()));
        }
        let invoice = (lab, filing.invoice.clone());
        let same: Vec<&Claim> = self.claims.iter().filter(|claim| claim.is_live() && claim.invoice == invoice).collect();
        let paid: i64 = same.iter().map(|claim| claim.paid).sum::<i64>() + filing.paid;
        let least = same.iter().map(|claim| claim.invoice_fen).min().unwrap_or(i64::MAX).min(filing.invoice_fen);
        if same.iter().any(|claim| claim.firm != filing.firm) || paid > least {
            return conflict();
        }
        let warned = filing.bookings.iter().any(|b| {
            let automatic = self.segments.iter().any(|s| s.booking == Some(*b) && s.live && s.automatic);
            let actual = of(b).statement.map_or(0, |(_, _, fen)| fen);
            (INSTRUMENTS[of(b).instrument].precious && !automatic) || actual * 2 > of(b).fee * 3
        });
        let mut order = filing.bookings.clone();
        order.sort_by(|a, b| (of(a).starts, &of(a).id).cmp(&(of(b).starts, &of(b).id)));
        let (mut left, mut items) = (amount, Vec::new());
        for booking in order {
            let part = left.min(self.bookings[booking].held.unwrap_or(0));
            left -= part;
            items.push((booking, part));
            self.bookings[booking].held = Some(0);
        }
        let purse = self.purses[filing.firm].as_mut().unwrap();
        (purse.held, purse.claimed, purse.available) = (purse.held - held, purse.claimed + amount, purse.available + held - amount);
        self.claims.push(Claim {
            id: String::new(),
            firm: filing.firm,
            state: "filed",
            version: 1,
            items,
            amount,
            warned,
            invoice,
            invoice_fen: filing.invoice_fen,
            paid: filing.paid,
            steps: Vec::new(),
        });
        Ok(())
    }

    /// A step of the bureau (`who` of three officers) or of the firm.
    pub fn review(&mut self, verb: &str, number: usize, who: usize) -> Answer {
        let claim = self.claims[number].clone();
        let second = claim.state == "second_review";
        let step = if verb == "approve" && second { "approve_second" } else { verb };
        let counts = matches!(step, "approve" | "approve_second" | "pay");
        let in_the_way = claim.steps.iter().any(|(before, person)| *person == who && ((counts && *before != step) || (second && *before == "approve")));
        let to = match (claim.state, step) {
            ("filed", "approve") if claim.warned => "second_review",
            ("filed", "approve") | ("second_review", "approve_second") => "approved",
            ("filed" | "second_review", "reject") => "rejected",
            ("filed" | "second_review", "send-back") => "sent_back",
            ("sent_back", "answer") => "filed",
            ("filed" | "sent_back", "withdraw") => "withdrawn",
            ("approved", "pay") => "paid",
            ("paid", "claw-back") => "clawed_back",
            _ => return conflict(),
        };
        if in_the_way && !matches!(step, "answer" | "withdraw") {
            return conflict();
        }
        let purse = self.purses[claim.firm].as_mut().unwrap();
        match to {
            "approved" => (purse.claimed, purse.redeemed) = (purse.claimed - claim.amount, purse.redeemed + claim.amount),
            "rejected" | "withdrawn" => {
                (purse.claimed, purse.held) = (purse.claimed - claim.amount, purse.held + claim.amount);
                for (booking, part) in &claim.items {
                    let held = &mut self.bookings[*booking].held;
                    *held = held.map(|held| held + part);
                }
            }
            "clawed_back" => self.barred[claim.firm] = true,
            _ => {}
        }
        let changed = &mut self.claims[number];
        (changed.state, changed.version) = (to, claim.version + 1);
        for known in ["approve", "approve_second", "pay"] {
            if step == known {
                changed.steps.push((known, who));
            }
        }
        Ok(())
    }

    pub fn grant(&mut self, firm: usize, fen: i64) -> Answer {
        if day(self.now) > Day::parse(USE_BY).unwrap() || self.purses[firm].map_or(0, |purse| purse.granted) + fen > 20_000_000 {
            return Err((422, Vec::new()));
        }
        let purse = self.purses[firm].get_or_insert_default();
        (purse.granted, purse.available) = (purse.granted + fen, purse.available + fen);
        Ok(())
    }

    pub fn give_back(&mut self, firm: usize, fen: i64) -> Answer {
        match self.purses[firm].as_mut() {
            Some(purse) if fen > 0 && fen <= purse.available => {
                (purse.available, purse.returned) = (purse.available - fen, purse.returned + fen);
                Ok(())
            }
            _ => Err((422, Vec::new())),
        }
    }

    /// The job `voucher-lapse`.
    pub fn lapse(&mut self) {
        let today = day(self.now);
        for firm in 0..FIRMS {
            let Some(purse) = self.purses[firm].as_mut() else { continue };
            if today > Day::parse(REDEEM_BY).unwrap() {
                for booking in self.bookings.iter_mut().filter(|b| b.firm == firm && b.held.is_some()) {
                    booking.held = Some(0);
                }
                (purse.lapsed, purse.held) = (purse.lapsed + purse.held, 0);
            }
            if today > Day::parse(USE_BY).unwrap() {
                (purse.lapsed, purse.available) = (purse.lapsed + purse.available, 0);
            }
        }
    }
}
