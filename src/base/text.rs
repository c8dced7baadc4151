//! Text that comes from people: folding, narrowing, hexadecimal, grouping of digits.

use std::fmt::Write as _;

/// Lower-case hexadecimal of `bytes`.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

/// `1234567` as `1,234,567`.
#[must_use]
pub fn group(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// Full-width ASCII (`Ａ１（`) and the ideographic space turned into their half-width forms.
#[must_use]
pub fn narrow(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
            '\u{3000}' => ' ',
            other => other,
        })
        .collect()
}

/// What is stored for looking up: narrowed, lower case, trimmed, inner white space made one blank.
#[must_use]
pub fn fold(text: &str) -> String {
    narrow(text).to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The identity of an invoice number or code: white space and zero-width characters out, narrowed, upper case
/// (rules.md section 4, claim).
#[must_use]
pub fn spelling_removed(text: &str) -> String {
    narrow(text)
        .chars()
        .filter(|c| !c.is_whitespace() && !c.is_control() && !matches!(c, '\u{200B}'..='\u{200F}' | '\u{2060}'..='\u{2064}' | '\u{FEFF}' | '\u{00AD}'))
        .flat_map(char::to_uppercase)
        .collect()
}

/// Whether a text may be stored: PostgreSQL refuses U+0000, and no person types other control characters but tab and line feed.
#[must_use]
pub fn is_clean(text: &str) -> bool {
    !text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
}

/// A cell of a table that no spreadsheet takes for a formula: what begins like one, also in full width, gets an apostrophe in front.
#[must_use]
pub fn no_formula(cell: &str) -> String {
    let begins = cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']);
    if begins { format!("'{cell}") } else { cell.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spelling_of_an_invoice_number_does_not_matter() {
        assert_eq!(spelling_removed(" 2437 2000\u{200B} 00ａb "), "2437200000AB");
    }

    #[test]
    fn digits_are_grouped_by_three() {
        assert_eq!((group(0), group(999), group(1000), group(1_234_567)), ("0".into(), "999".into(), "1,000".into(), "1,234,567".into()));
    }

    #[test]
    fn nul_is_not_clean() {
        assert!(!is_clean("a\0b") && is_clean("两行\n文字"));
    }

    #[test]
    fn a_formula_stays_text() {
        assert_eq!(no_formula("=HYPERLINK(\"http://x\")"), "'=HYPERLINK(\"http://x\")");
        assert_eq!(
            (no_formula("k-1").as_str(), no_formula("+1").as_str(), no_formula("").as_str(), no_formula("＝1+1").as_str()),
            ("k-1", "'+1", "", "'＝1+1")
        );
    }
}
