//! Money: an integer number of fen (分, a hundredth of a yuan), never a float. Sums are checked.

/// `numerator / denominator`, rounded half up. For fees: `price x seconds / 3600`.
///
/// Both must be non-negative and `denominator` positive; the result saturates at `i64::MAX`, which no amount of money reaches.
#[must_use]
pub fn div_half_up(numerator: i128, denominator: i128) -> i64 {
    i64::try_from((2 * numerator + denominator) / (2 * denominator)).unwrap_or(i64::MAX)
}

/// `amount_fen` rounded down to a multiple of `step_fen` (100 fen = whole yuan).
#[must_use]
pub fn floor_to(amount_fen: i64, step_fen: i64) -> i64 {
    if step_fen <= 1 { amount_fen } else { amount_fen - amount_fen.rem_euclid(step_fen) }
}

/// The share of `amount_fen` at `rate_bp` basis points, rounded down to `step_fen`: `floor_to_yuan(rate x amount)`.
#[must_use]
pub fn share(amount_fen: i64, rate_bp: i64, step_fen: i64) -> i64 {
    let exact = i128::from(amount_fen) * i128::from(rate_bp) / 10_000;
    floor_to(i64::try_from(exact).unwrap_or(i64::MAX), step_fen)
}

/// Reads an amount that a person typed in yuan (`1,514.5`, `1514.50`, full-width digits) into fen; `None` when it is no amount.
#[must_use]
pub fn parse_yuan(text: &str) -> Option<i64> {
    let folded = super::text::narrow(text.trim());
    let plain: String = folded.chars().filter(|c| !matches!(c, ',' | ' ' | '_')).collect();
    let (yuan, fen) = plain.split_once('.').unwrap_or((plain.as_str(), ""));
    if yuan.is_empty() || fen.len() > 2 || !yuan.bytes().chain(fen.bytes()).all(|b| b.is_ascii_digit()) {
        return None;
    }
    let cents: i64 = format!("{fen:0<2}").parse().ok()?;
    yuan.parse::<i64>().ok()?.checked_mul(100)?.checked_add(cents)
}

/// `151450` as `1,514.50`; with `whole`, an amount without fen as `1,514`. Negative amounts carry U+2212.
#[must_use]
pub fn format_fen(amount_fen: i64, whole: bool) -> String {
    let (yuan, fen) = (amount_fen.unsigned_abs() / 100, amount_fen.unsigned_abs() % 100);
    let sign = if amount_fen < 0 { "\u{2212}" } else { "" };
    let yuan = super::text::group(yuan);
    if whole && fen == 0 { format!("{sign}{yuan}") } else { format!("{sign}{yuan}.{fen:02}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_rounded_down_to_whole_yuan() {
        assert_eq!(share(123_456, 3000, 100), 37_000);
        assert_eq!(share(80_050, 3000, 100), 24_000);
    }

    #[test]
    fn half_a_fen_is_rounded_up() {
        assert_eq!(div_half_up(5, 2), 3);
        assert_eq!(div_half_up(10_000 * 1800, 3600), 5_000);
        assert_eq!(div_half_up(1, 3), 0);
    }

    #[test]
    fn typed_amounts_are_read_exactly_or_not_at_all() {
        assert_eq!(parse_yuan("1,514.5"), Some(151_450));
        assert_eq!(parse_yuan("１２.05"), Some(1205));
        for wrong in ["", "-1", "1.005", "十", "1e3", "."] {
            assert_eq!(parse_yuan(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn amounts_are_grouped() {
        assert_eq!(format_fen(151_450, false), "1,514.50");
        assert_eq!(format_fen(-64_800, true), "\u{2212}648");
        assert_eq!(format_fen(123_456_700, true), "1,234,567");
    }
}
