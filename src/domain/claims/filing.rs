//! Filing a claim: what it must prove, how much it is, and how the amount is spread over its bookings (rules.md section 4, point 5).

use crate::base::ids::Id;
use crate::base::money::floor_to;
use crate::base::text::spelling_removed;
use crate::base::time::{Day, Instant};
use crate::base::uscc::Uscc;
use crate::domain::instruments::out_of_range;
use crate::domain::refusals::Violation;
use crate::domain::vouchers::Terms;

/// The most bookings of one claim.
pub const MOST_BOOKINGS: usize = 50;
/// The most files of one claim.
pub const MOST_FILES: usize = 50;
/// The largest invoice that is taken for real, in fen: 10 billion yuan.
pub const MOST_INVOICE_FEN: i64 = 1_000_000_000_000;

/// What the enterprise states.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filing {
    /// Which bookings.
    pub booking_ids: Vec<Id>,
    /// 发票号码.
    pub invoice_number: String,
    /// 发票代码, paper invoices only.
    pub invoice_code: Option<String>,
    /// 销售方.
    pub seller_uscc: String,
    /// 发票金额.
    pub invoice_fen: i64,
    /// 开票日期.
    pub invoice_on: Day,
    /// 实付金额 P: less refunds and other public subsidy.
    pub paid_fen: i64,
    /// 付款日期.
    pub paid_on: Day,
    /// Payment proof, result report and what else; at least one.
    pub file_ids: Vec<Id>,
}

impl Filing {
    /// Everything that is wrong with the statement by itself, each at its field.
    #[must_use]
    pub fn violations(&self, today: Day) -> Vec<Violation> {
        let mut found = Vec::new();
        counted(&mut found, "booking_ids", &self.booking_ids, MOST_BOOKINGS);
        counted(&mut found, "file_ids", &self.file_ids, MOST_FILES);
        if repeats(&self.booking_ids) {
            found.push(Violation::invalid("booking_ids", "repeated"));
        }
        let number = spelling_removed(&self.invoice_number);
        if number.is_empty() {
            found.push(Violation::required("invoice_number"));
        }
        for (field, text) in [("invoice_number", number), ("invoice_code", spelling_removed(self.invoice_code.as_deref().unwrap_or("")))] {
            if text.chars().count() > 50 {
                found.push(Violation::invalid(field, "too_many_characters").with("most", 50));
            }
        }
        if let Err(error) = Uscc::parse(&self.seller_uscc) {
            found.push(Violation::uscc("seller_uscc", error));
        }
        for (field, fen, least) in [("invoice_fen", self.invoice_fen, 1), ("paid_fen", self.paid_fen, 0)] {
            if !(least..=MOST_INVOICE_FEN).contains(&fen) {
                found.push(out_of_range(field, least, MOST_INVOICE_FEN));
            }
        }
        let days = [("invoice_on", self.invoice_on), ("paid_on", self.paid_on)];
        found.extend(days.iter().filter(|(_, day)| *day > today).map(|(field, _)| Violation::invalid(*field, "in_the_future")));
        if self.paid_fen > self.invoice_fen {
            found.push(Violation::new("paid_above_invoice", "paid_fen").with("paid_fen", self.paid_fen).with("invoice_fen", self.invoice_fen));
        }
        found
    }

    /// The invoice's identity beside its seller, whatever the spelling.
    #[must_use]
    pub fn invoice_key(&self) -> String {
        invoice_key(self.invoice_code.as_deref(), &self.invoice_number)
    }
}

fn counted(found: &mut Vec<Violation>, field: &str, ids: &[Id], most: usize) {
    if ids.is_empty() {
        found.push(Violation::required(field));
    } else if ids.len() > most {
        found.push(Violation::invalid(field, "too_many").with("most", most));
    }
}

fn repeats(ids: &[Id]) -> bool {
    let mut sorted: Vec<&Id> = ids.iter().collect();
    sorted.sort_unstable();
    sorted.windows(2).any(|pair| pair[0] == pair[1])
}

/// An invoice's identity beside its seller: its number, for paper ones code and number joined by a line feed; spelling removed.
#[must_use]
pub fn invoice_key(code: Option<&str>, number: &str) -> String {
    let (code, number) = (spelling_removed(code.unwrap_or("")), spelling_removed(number));
    if code.is_empty() { number } else { format!("{code}\n{number}") }
}

/// Whether live claims of one enterprise may share an invoice: all that they say was paid, together, stays within the smallest amount
/// that any of them gives for it. Each pair is `(invoice_fen, paid_fen)`, the new claim's included.
#[must_use]
pub fn invoice_suffices(claims: &[(i64, i64)]) -> bool {
    let paid: i128 = claims.iter().map(|(_, paid)| i128::from(*paid)).sum();
    claims.iter().map(|(amount, _)| i128::from(*amount)).min().is_none_or(|amount| paid <= amount)
}

/// A booking that a claim wants to cover, as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Which booking.
    pub booking_id: Id,
    /// When it starts: the order in which the claim is spread.
    pub starts_at: Instant,
    /// The USCC of the institution that owned the instrument at the start.
    pub institution_uscc: String,
    /// On which programme it draws; `None` when it draws on none.
    pub programme_id: Option<Id>,
    /// Whether it is settled.
    pub settled: bool,
    /// A of its statement.
    pub actual_fen: i64,
    /// Its hold.
    pub held_fen: i64,
    /// The terms under which it was booked.
    pub terms: Option<Terms>,
}

/// How much a claim is, and how it is spread.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Split {
    /// The amount of the claim.
    pub amount_fen: i64,
    /// All holds together; what the claim leaves of them goes back to available.
    pub held_fen: i64,
    /// Each booking's part, by start, then id.
    pub items: Vec<(Id, i64)>,
}

/// `min(floor_to_yuan(rate x min(P, A)), hold)` over the sums of A and hold, spread by start (then id), each up to its own hold.
///
/// Bookings of one programme may stand under versions with different rates: then each A counts at its own rate, and P below the sum of A
/// lowers all alike; with one rate that is the same number.
#[must_use]
pub fn split(paid_fen: i64, candidates: &[Candidate]) -> Split {
    let actual_fen: i128 = candidates.iter().map(|c| i128::from(c.actual_fen.max(0))).sum();
    let held_fen: i64 = candidates.iter().map(|c| c.held_fen.max(0)).fold(0, i64::saturating_add);
    let rated = |c: &Candidate| i128::from(c.actual_fen.max(0)) * i128::from(c.terms.map_or(0, |terms| terms.rate_bp));
    let weighted: i128 = candidates.iter().map(rated).sum();
    let base = i128::from(paid_fen.max(0)).min(actual_fen);
    let exact = if actual_fen == 0 { 0 } else { weighted * base / (actual_fen * 10_000) };
    let step_fen = candidates.iter().filter_map(|c| c.terms).map(|terms| terms.rounding_fen).max().unwrap_or(1);
    let amount_fen = floor_to(i64::try_from(exact).unwrap_or(i64::MAX), step_fen).min(held_fen);
    let mut sorted: Vec<&Candidate> = candidates.iter().collect();
    sorted.sort_by(|a, b| (a.starts_at, &a.booking_id).cmp(&(b.starts_at, &b.booking_id)));
    let mut left = amount_fen;
    let items = sorted.into_iter().map(|candidate| {
        let part = left.min(candidate.held_fen.max(0));
        left -= part;
        (candidate.booking_id.clone(), part)
    });
    Split { items: items.collect(), amount_fen, held_fen }
}

/// Everything that stands against a filing besides its own shape: `seller_mismatch`, `not_settled`, `nothing_held`, `after_deadline`, and
/// `mixed` where the bookings are not of one institution and programme; with the split it would have.
#[must_use]
pub fn judge(filing: &Filing, candidates: &[Candidate], today: Day) -> (Vec<Violation>, Split) {
    let mut found = Vec::new();
    let split = split(filing.paid_fen, candidates);
    let Some(first) = candidates.first() else { return (found, split) };
    if candidates.iter().any(|c| c.programme_id != first.programme_id || c.institution_uscc != first.institution_uscc) {
        found.push(Violation::invalid("booking_ids", "mixed"));
    }
    let seller = Uscc::parse(&filing.seller_uscc).map(|uscc| uscc.to_string()).unwrap_or_default();
    if candidates.iter().any(|c| c.institution_uscc != seller) {
        found.push(Violation::new("seller_mismatch", "seller_uscc"));
    }
    if candidates.iter().any(|c| !c.settled) {
        found.push(Violation::new("not_settled", "booking_ids"));
    } else if split.amount_fen == 0 {
        found.push(Violation::new("nothing_held", "booking_ids"));
    }
    if let Some(redeem_by) = candidates.iter().filter_map(|c| c.terms).map(|terms| terms.redeem_by).max().filter(|day| today > *day) {
        found.push(Violation::new("after_deadline", "booking_ids").with("redeem_by", redeem_by));
    }
    (found, split)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn day(text: &str) -> Day {
        Day::parse(text).unwrap()
    }

    fn candidate(id: &str, starts: i64, actual_fen: i64, held_fen: i64, rate_bp: i64) -> Candidate {
        Candidate {
            booking_id: id.into(),
            starts_at: Instant(starts),
            institution_uscc: "91350100M000100Y43".into(),
            programme_id: Some("p".into()),
            settled: true,
            actual_fen,
            held_fen,
            terms: Some(Terms { rate_bp, ..Terms::founding(2026, 0) }),
        }
    }

    fn filing() -> Filing {
        Filing {
            booking_ids: vec!["a".into()],
            invoice_number: "24372000000012345678".into(),
            invoice_code: None,
            seller_uscc: "91350100m000100y43".into(),
            invoice_fen: 10_000,
            invoice_on: day("2026-10-14"),
            paid_fen: 10_000,
            paid_on: day("2026-10-14"),
            file_ids: vec!["f".into()],
        }
    }

    fn codes(found: &[Violation]) -> Vec<(&str, &str)> {
        found.iter().map(|v| (v.code, v.field.as_str())).collect()
    }

    #[test]
    fn everything_wrong_with_a_filing_is_named() {
        assert_eq!(filing().violations(day("2026-10-14")), []);
        let wrong = Filing {
            booking_ids: vec!["a".into(), "a".into()],
            invoice_number: " \u{200B}".into(),
            seller_uscc: "x".into(),
            paid_fen: 10_001,
            paid_on: day("2026-10-15"),
            file_ids: vec![],
            ..filing()
        };
        assert_eq!(
            codes(&wrong.violations(day("2026-10-14"))),
            [
                ("required", "file_ids"),
                ("invalid", "booking_ids"),
                ("required", "invoice_number"),
                ("invalid", "seller_uscc"),
                ("invalid", "paid_on"),
                ("paid_above_invoice", "paid_fen"),
            ]
        );
    }

    #[test]
    fn what_the_bookings_say_against_a_filing_is_named() {
        let today = day("2027-03-31");
        let fine = candidate("a", 1, 10_000, 3_000, 3000);
        assert_eq!(codes(&judge(&filing(), std::slice::from_ref(&fine), today).0), []);
        let unsettled = Candidate { settled: false, institution_uscc: "91110000600037341L".into(), ..fine.clone() };
        assert_eq!(
            codes(&judge(&filing(), &[fine.clone(), unsettled], day("2027-04-01")).0),
            [("invalid", "booking_ids"), ("seller_mismatch", "seller_uscc"), ("not_settled", "booking_ids"), ("after_deadline", "booking_ids")]
        );
        assert_eq!(codes(&judge(&filing(), &[Candidate { held_fen: 0, ..fine }], today).0), [("nothing_held", "booking_ids")]);
    }

    #[test]
    fn bookings_under_different_versions_count_at_their_own_rates() {
        let candidates = [candidate("b", 2, 100_000, 20_000, 2000), candidate("a", 1, 100_000, 30_000, 3000)];
        let whole = split(200_000, &candidates);
        assert_eq!((whole.amount_fen, whole.items), (50_000, vec![("a".to_owned(), 30_000), ("b".to_owned(), 20_000)]));
        assert_eq!(split(100_000, &candidates).amount_fen, 25_000);
    }

    #[test]
    fn an_invoice_is_shared_within_the_smallest_amount_stated() {
        assert!(invoice_suffices(&[(20_000, 10_000), (20_000, 10_000)]) && !invoice_suffices(&[(20_000, 10_000), (20_000, 10_001)]));
        assert!(!invoice_suffices(&[(20_000, 10_000), (90_000, 15_000)]));
        assert_eq!(invoice_key(Some(" "), " 2437 2000\u{3000}0000\u{200B} 1234 5678"), "24372000000012345678");
        assert_eq!(invoice_key(Some("０３７０ab"), "12"), "0370AB\n12");
    }

    proptest! {
        #[test]
        fn the_parts_sum_to_the_claim_and_none_exceeds_its_hold(
            rows in proptest::collection::vec((0_i64..5, 0_i64..2_000_000, 0_i64..600_000), 1..8),
            paid in 0_i64..4_000_000,
        ) {
            let candidates: Vec<_> = rows.iter().enumerate().map(|(n, (start, a, h))| candidate(&n.to_string(), *start, *a, *h, 3000)).collect();
            let split = split(paid, &candidates);
            let actual: i64 = rows.iter().map(|row| row.1).sum();
            let held: i64 = rows.iter().map(|row| row.2).sum();
            prop_assert_eq!(split.amount_fen, Terms::founding(2026, 0).share(paid.min(actual)).min(held));
            prop_assert_eq!(split.items.iter().map(|item| item.1).sum::<i64>(), split.amount_fen);
            for (id, part) in &split.items {
                let of = candidates.iter().find(|c| c.booking_id == *id).unwrap();
                prop_assert!((0..=of.held_fen).contains(part));
            }
        }
    }
}
