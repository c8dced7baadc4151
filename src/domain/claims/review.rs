//! What a reviewer is shown and by whom a claim must be seen: flags, and the draw for a second review (rules.md section 4, point 6).

use sha2::{Digest, Sha256};

use crate::words;

words! {
    /// How much a flag weighs.
    pub enum Severity {
        /// 提示.
        Info = "info",
        /// 需看: needs a second reviewer.
        Warn = "warn",
        /// 阻断: stops approval until it is resolved.
        Block = "block",
    }
}

words! {
    /// What a flag says.
    pub enum FlagRule {
        /// No instrument's own token delivered use of the booking.
        NoAutomaticEvidence = "no_automatic_evidence",
        /// The actual fee is above 150 % of the quote.
        OverQuote = "over_quote",
    }
}

/// Sets of this original value and more should record their use by themselves: 500,000 yuan [Hunan University's rule].
pub const AUTOMATIC_FROM_FEN: i64 = 50_000_000;

/// A flag on one booking of a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flag {
    /// What it says.
    pub rule: FlagRule,
    /// How much it weighs.
    pub severity: Severity,
    /// Named facts for the message; money in fen.
    pub facts: Vec<(&'static str, i64)>,
}

/// The flags of one booking of a claim. `automatic`: an instrument's own token delivered a live segment of it.
#[must_use]
pub fn flags(original_value_fen: i64, automatic: bool, actual_fen: i64, quote_fen: i64) -> Vec<Flag> {
    let mut found = Vec::new();
    if !automatic {
        let severity = if original_value_fen < AUTOMATIC_FROM_FEN { Severity::Info } else { Severity::Warn };
        found.push(Flag { rule: FlagRule::NoAutomaticEvidence, severity, facts: vec![("original_value_fen", original_value_fen)] });
    }
    if i128::from(actual_fen) * 2 > i128::from(quote_fen) * 3 {
        found.push(Flag { rule: FlagRule::OverQuote, severity: Severity::Warn, facts: vec![("actual_fen", actual_fen), ("quote_fen", quote_fen)] });
    }
    found
}

/// Whether an approval waits for a second person: a warning, or drawn.
#[must_use]
pub fn needs_second(severities: impl IntoIterator<Item = Severity>, drawn: bool) -> bool {
    drawn || severities.into_iter().any(|severity| severity == Severity::Warn)
}

/// Whether a claim is drawn: the first 8 bytes of SHA-256 over seed, seller and invoice, joined by line feeds, as a big-endian number,
/// mod 100, below `percent`. `invoice` is [`super::filing::invoice_key`], so that withdrawing and filing again changes nothing.
#[must_use]
pub fn drawn(seed: &str, seller_uscc: &str, invoice: &str, percent: i64) -> bool {
    let digest = Sha256::digest(format!("{seed}\n{seller_uscc}\n{invoice}").as_bytes());
    let lot = digest.iter().take(8).fold(0_u64, |number, byte| number << 8 | u64::from(*byte)) % 100;
    i64::try_from(lot).is_ok_and(|lot| lot < percent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_weigh_by_the_rules() {
        let seen = |value, automatic, actual| flags(value, automatic, actual, 100_000).into_iter().map(|f| (f.rule, f.severity)).collect::<Vec<_>>();
        assert_eq!(seen(49_999_999, false, 150_000), [(FlagRule::NoAutomaticEvidence, Severity::Info)]);
        assert_eq!(seen(50_000_000, false, 100_000), [(FlagRule::NoAutomaticEvidence, Severity::Warn)]);
        assert_eq!(seen(50_000_000, true, 150_001), [(FlagRule::OverQuote, Severity::Warn)]);
        assert_eq!(seen(50_000_000, true, 150_000), []);
        assert!(needs_second([Severity::Info, Severity::Warn], false) && needs_second([], true) && !needs_second([Severity::Info], false));
    }

    #[test]
    fn the_draw_is_the_hash_and_nothing_else() {
        // printf 'seed\n91350100M000100Y43\n24372000000012345678' | sha256sum
        let lot = (0..=100).find(|percent| drawn("seed", "91350100M000100Y43", "24372000000012345678", *percent));
        assert_eq!(lot, Some(LOT + 1));
        let many = (0..2000).filter(|n| drawn("another", "91350100M000100Y43", &n.to_string(), 10)).count();
        assert!((140..260).contains(&many), "{many}");
    }

    const LOT: i64 = 45;
}
