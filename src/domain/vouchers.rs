//! Innovation vouchers (创新券): terms of a programme, who may draw on it, and how much a booking holds (rules.md section 4).
//!
//! The enterprise pays the institution in full and is reimbursed: nothing here lowers what is invoiced. Beside: [`purse`], the seven
//! amounts and their double entry. Claims are in `claims`.

#[cfg(test)]
mod cases;
pub mod purse;

pub use purse::{Account, Movement, Purse, Short};

use crate::base::money::share;
use crate::base::time::{Day, Instant};
use crate::domain::instruments::out_of_range;
use crate::domain::refusals::Violation;
use crate::words;

words! {
    /// What the enterprise chose for a booking.
    pub enum VoucherChoice {
        /// 不用: holds nothing, for ever.
        None = "none",
        /// 有多少用多少.
        UpTo = "up_to",
        /// 不足全额就不约.
        Required = "required",
    }
}

words! {
    /// What the use is for (用途类别).
    pub enum PurposeKind {
        /// 研发.
        Research = "research",
        /// 检测.
        Inspection = "inspection",
        /// 法定认证.
        Statutory = "statutory",
        /// 商业验货.
        CommercialInspection = "commercial_inspection",
        /// 大批量验货.
        BulkInspection = "bulk_inspection",
        /// 医疗服务.
        Medical = "medical",
        /// Filming, telecom, enforcement.
        Other = "other",
    }
}

words! {
    /// How far an application for vouchers is (申领).
    pub enum ApplicationState {
        /// 待审批.
        Filed = "filed",
        /// 已发放.
        Approved = "approved",
        /// 已驳回.
        Rejected = "rejected",
    }
}

/// Whether a purpose is subsidised and counts as external use: research and inspection [沪科〔2015〕376号].
#[must_use]
pub const fn eligible_purpose(kind: PurposeKind) -> bool {
    matches!(kind, PurposeKind::Research | PurposeKind::Inspection)
}

words! {
    /// Why a booking can never draw on a voucher.
    pub enum Ineligible {
        /// There is no programme of that year for the enterprise's region.
        NoProgramme = "no_programme",
        /// The purpose is not subsidised.
        Purpose = "purpose",
        /// Enterprise and institution are related.
        Related = "related",
        /// A claw-back bars the enterprise in that year.
        Barred = "barred",
        /// The SME registration has expired on the day of use.
        SmeExpired = "sme_expired",
        /// The institution is not in the pool on the day of use.
        NotEnrolled = "not_enrolled",
        /// It starts after the last day of use.
        AfterUseBy = "after_use_by",
        /// The instrument is not published.
        NotPublished = "not_published",
    }
}

/// What decides on eligibility, all of it as on the day of use. A grant that was not made yet is no ineligibility.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is one condition of the rule")]
pub struct Eligibility {
    /// The last day of use of the year's programme; `None` when there is no programme.
    pub use_by: Option<Day>,
    /// The local day on which the booking starts.
    pub starts_on: Day,
    /// What for.
    pub purpose: PurposeKind,
    /// Same USCC, declared affiliation or common owner.
    pub related: bool,
    /// Whether a claw-back bars the enterprise in that year.
    pub barred: bool,
    /// Whether the enterprise's registration for that year is known to have ended before the day; not merely unknown.
    pub sme_expired: bool,
    /// Whether the institution is enrolled.
    pub enrolled: bool,
    /// Whether the instrument is published.
    pub published: bool,
}

/// Why a booking can never draw on a voucher; `None` when it may.
#[must_use]
pub fn eligibility(facts: &Eligibility) -> Option<Ineligible> {
    let Some(use_by) = facts.use_by else { return Some(Ineligible::NoProgramme) };
    let reasons = [
        (!eligible_purpose(facts.purpose), Ineligible::Purpose),
        (facts.related, Ineligible::Related),
        (facts.barred, Ineligible::Barred),
        (facts.sme_expired, Ineligible::SmeExpired),
        (!facts.enrolled, Ineligible::NotEnrolled),
        (facts.starts_on > use_by, Ineligible::AfterUseBy),
        (!facts.published, Ineligible::NotPublished),
    ];
    reasons.into_iter().find(|(holds, _)| *holds).map(|(_, reason)| reason)
}

/// The terms of a programme, one version (年度方案). What was booked under one version stays under it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terms {
    /// Share that is reimbursed, in basis points.
    pub rate_bp: i64,
    /// Most that one enterprise is granted in the year.
    pub cap_fen: i64,
    /// Shares are rounded down to this.
    pub rounding_fen: i64,
    /// Money there is; redemptions never exceed it.
    pub budget_fen: i64,
    /// How much of the budget may be granted, in percent.
    pub commit_percent: i64,
    /// 使用截止: last day of use.
    pub use_by: Day,
    /// 兑付截止: last day on which a claim may be filed.
    pub redeem_by: Day,
    /// How many claims in a hundred are drawn for a second review.
    pub draw_percent: i64,
}

/// The largest budget that is taken for real, in fen: 100 billion yuan.
pub const MOST_BUDGET_FEN: i64 = 10_000_000_000_000;

impl Terms {
    /// The terms of the founding policy for a year (measure 13), with the defaults of rules.md section 4 and the budget given.
    #[must_use]
    pub fn founding(year: i16, budget_fen: i64) -> Self {
        let last = Day::new(year, 12, 31).unwrap_or(Day(jiff::civil::Date::MAX));
        let redeem_by = Day::new(year.saturating_add(1), 3, 31).unwrap_or(last);
        Self { rate_bp: 3000, cap_fen: 20_000_000, rounding_fen: 100, budget_fen, commit_percent: 100, use_by: last, redeem_by, draw_percent: 10 }
    }

    /// Everything that is wrong with them, each at its field.
    #[must_use]
    pub fn violations(&self) -> Vec<Violation> {
        let ranges = [
            ("rate_bp", self.rate_bp, 0, 10_000),
            ("cap_fen", self.cap_fen, 0, MOST_BUDGET_FEN),
            ("rounding_fen", self.rounding_fen, 1, 10_000_000),
            ("budget_fen", self.budget_fen, 0, MOST_BUDGET_FEN),
            ("commit_percent", self.commit_percent, 0, 1000),
            ("draw_percent", self.draw_percent, 0, 100),
        ];
        let wrong = ranges.iter().filter(|(_, value, least, most)| !(least..=most).contains(&value));
        let mut found: Vec<Violation> = wrong.map(|(field, _, least, most)| out_of_range(*field, *least, *most)).collect();
        if self.redeem_by < self.use_by {
            found.push(Violation::invalid("redeem_by", "before_start"));
        }
        found
    }

    /// The share of a fee: `floor_to_yuan(rate x fee)`.
    #[must_use]
    pub fn share(&self, fee_fen: i64) -> i64 {
        share(fee_fen.max(0), self.rate_bp, self.rounding_fen)
    }

    /// How much may be granted in all: budget x over-commitment.
    #[must_use]
    pub fn most_granted_fen(&self) -> i64 {
        i64::try_from(i128::from(self.budget_fen) * i128::from(self.commit_percent) / 100).unwrap_or(i64::MAX)
    }

    /// What stands against granting `amount_fen` to an enterprise that has `granted_fen`, where all have `granted_in_all_fen`, at
    /// `amount_fen`: `above_cap` or `above_budget`, with the most that would do.
    #[must_use]
    pub fn grant_violations(&self, amount_fen: i64, granted_fen: i64, granted_in_all_fen: i64) -> Vec<Violation> {
        if amount_fen <= 0 {
            return vec![Violation::invalid("amount_fen", "not_positive")];
        }
        let limits = [("above_cap", self.cap_fen - granted_fen), ("above_budget", self.most_granted_fen() - granted_in_all_fen)];
        let broken = limits.iter().filter(|(_, most)| amount_fen > *most);
        broken.map(|(why, most)| Violation::invalid("amount_fen", why).with("most_fen", (*most).max(0))).collect()
    }

    /// Whether approving `amount_fen` keeps all redemptions within the budget.
    #[must_use]
    pub const fn redemption_fits(&self, amount_fen: i64, redeemed_in_all_fen: i64) -> bool {
        amount_fen <= self.budget_fen.saturating_sub(redeemed_in_all_fen)
    }

    /// Whether 使用截止 has passed: what is available lapses.
    #[must_use]
    pub fn use_is_over(&self, now: Instant) -> bool {
        now >= self.use_by.end()
    }

    /// Whether 兑付截止 has passed: what is held and unclaimed lapses, and nothing can be filed.
    #[must_use]
    pub fn redemption_is_over(&self, now: Instant) -> bool {
        now >= self.redeem_by.end()
    }
}

/// What a booking holds when it is placed: `min(floor_to_yuan(rate x fee), available)`, 0 for `none` and for what is not eligible.
/// `terms` are those of the programme, `None` when there is none.
///
/// # Errors
/// For `required`: `voucher_ineligible` with the reason, or `voucher_insufficient` with what is needed and what there is.
pub fn hold(choice: VoucherChoice, ineligible: Option<Ineligible>, terms: Option<&Terms>, fee_fen: i64, available_fen: i64) -> Result<i64, Violation> {
    let reason = ineligible.or(terms.is_none().then_some(Ineligible::NoProgramme));
    let required = choice == VoucherChoice::Required;
    match (reason, terms) {
        _ if choice == VoucherChoice::None => Ok(0),
        (Some(reason), _) if required => Err(Violation::new("voucher_ineligible", "voucher").with("why", reason)),
        (Some(_), _) | (None, None) => Ok(0),
        (None, Some(terms)) => {
            let needed_fen = terms.share(fee_fen);
            if required && available_fen < needed_fen {
                let violation = Violation::new("voucher_insufficient", "voucher").with("needed_fen", needed_fen);
                return Err(violation.with("available_fen", available_fen));
            }
            Ok(needed_fen.min(available_fen).max(0))
        }
    }
}

/// Whether a booking's hold may change at its statement: not for `none`, and not for what was never eligible.
#[must_use]
pub const fn may_draw(choice: VoucherChoice, ineligible: Option<Ineligible>) -> bool {
    !matches!(choice, VoucherChoice::None) && ineligible.is_none()
}

/// The hold after a statement over the actual fee: `min(floor_to_yuan(rate x A), held + available)`; 0 for what may not draw.
#[must_use]
pub fn settled_hold(may_draw: bool, terms: &Terms, actual_fen: i64, held_fen: i64, available_fen: i64) -> i64 {
    if may_draw { terms.share(actual_fen).min(held_fen.saturating_add(available_fen)).max(0) } else { 0 }
}

/// The years in which an enterprise is not eligible after a claw-back in `year`, both included: this one and three more
/// [Gansu's rule for instruments; *default*].
#[must_use]
pub const fn barred_years(year: i64) -> (i64, i64) {
    (year, year + 3)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        Day::parse(text).unwrap()
    }

    #[test]
    fn each_reason_alone_makes_a_booking_ineligible() {
        let fine = Eligibility {
            use_by: Some(day("2026-12-31")),
            starts_on: day("2026-12-31"),
            purpose: PurposeKind::Inspection,
            related: false,
            barred: false,
            sme_expired: false,
            enrolled: true,
            published: true,
        };
        assert_eq!(eligibility(&fine), None);
        for (facts, reason) in [
            (Eligibility { use_by: None, ..fine }, Ineligible::NoProgramme),
            (Eligibility { purpose: PurposeKind::Other, ..fine }, Ineligible::Purpose),
            (Eligibility { related: true, ..fine }, Ineligible::Related),
            (Eligibility { barred: true, ..fine }, Ineligible::Barred),
            (Eligibility { sme_expired: true, ..fine }, Ineligible::SmeExpired),
            (Eligibility { enrolled: false, ..fine }, Ineligible::NotEnrolled),
            (Eligibility { starts_on: day("2027-01-01"), ..fine }, Ineligible::AfterUseBy),
            (Eligibility { published: false, ..fine }, Ineligible::NotPublished),
        ] {
            assert_eq!(eligibility(&facts), Some(reason));
        }
    }

    #[test]
    fn grants_stay_within_cap_and_budget() {
        let terms = Terms { budget_fen: 30_000_000, commit_percent: 120, ..Terms::founding(2026, 0) };
        let whys = |amount, mine, all| terms.grant_violations(amount, mine, all).iter().map(|v| v.facts[0].1.clone()).collect::<Vec<_>>();
        assert_eq!(whys(20_000_000, 0, 16_000_000), Vec::<String>::new());
        assert_eq!(whys(20_000_001, 0, 16_000_000), ["above_cap", "above_budget"]);
        assert_eq!(whys(1, 20_000_000, 0), ["above_cap"]);
        assert_eq!(whys(0, 0, 0), ["not_positive"]);
        assert!(terms.redemption_fits(1, 29_999_999) && !terms.redemption_fits(2, 29_999_999));
    }

    #[test]
    fn terms_of_the_founding_policy_are_sound() {
        let terms = Terms::founding(2026, 100);
        assert_eq!((terms.violations(), terms.use_by, terms.redeem_by), (vec![], day("2026-12-31"), day("2027-03-31")));
        let wrong = Terms { rate_bp: 10_001, redeem_by: day("2026-01-01"), ..terms };
        assert_eq!(wrong.violations().into_iter().map(|v| v.field).collect::<Vec<_>>(), ["rate_bp", "redeem_by"]);
        assert!(!terms.use_is_over(Instant::parse("2026-12-31T23:59:59+08:00").unwrap()));
        assert!(terms.use_is_over(Instant::parse("2027-01-01T00:00:00+08:00").unwrap()));
    }
}
