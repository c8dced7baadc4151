//! Prices (收费标准): public, cost-recovering, valid from day to day, internal and external apart (rules.md section 2).
//!
//! A booking keeps the price it was quoted; nothing here changes a price that exists.

use serde::{Deserialize, Serialize};

use super::{Mode, out_of_range};
use crate::base::time::Day;
use crate::domain::refusals::Violation;
use crate::words;

words! {
    /// What one pays for (计价单位). 每样 and 每次 wait for an issue and are therefore no words yet.
    pub enum PriceUnit {
        /// 每小时.
        Hour = "hour",
    }
}

words! {
    /// Who pays it.
    pub enum Audience {
        /// 校内.
        Internal = "internal",
        /// 对外.
        External = "external",
    }
}

/// One price.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Price {
    /// For what.
    pub unit: PriceUnit,
    /// For whom.
    pub audience: Audience,
    /// How much.
    pub amount_fen: i64,
    /// In which mode; `None` for every mode that has no price of its own.
    #[serde(default)]
    pub mode: Option<Mode>,
    /// First day; `None` for always.
    #[serde(default)]
    pub valid_from: Option<Day>,
    /// Last day, included; `None` for ever.
    #[serde(default)]
    pub valid_to: Option<Day>,
}

/// The highest price, in fen: 100 million yuan an hour.
pub const MOST_PRICE_FEN: i64 = 10_000_000_000;
/// The most prices of one instrument.
pub const MOST_PRICES: usize = 200;

impl Price {
    /// Whether it holds on `day`; both its days are included.
    #[must_use]
    pub fn holds_on(&self, day: Day) -> bool {
        self.valid_from.is_none_or(|from| from <= day) && self.valid_to.is_none_or(|to| day <= to)
    }

    fn meets(&self, other: &Self) -> bool {
        let starts_in_time = |a: &Self, b: &Self| a.valid_from.is_none_or(|from| b.valid_to.is_none_or(|to| from <= to));
        let same = (self.unit, self.audience, self.mode) == (other.unit, other.audience, other.mode);
        same && starts_in_time(self, other) && starts_in_time(other, self)
    }
}

/// The price of an hour in `mode` for `audience` on `day`: one of the mode's own beats one for every mode.
#[must_use]
pub fn price_for(prices: &[Price], mode: Mode, audience: Audience, day: Day) -> Option<Price> {
    let fits = |price: &&Price| price.unit == PriceUnit::Hour && price.audience == audience && price.holds_on(day) && price.mode.is_none_or(|m| m == mode);
    prices.iter().filter(fits).max_by_key(|price| (price.mode.is_some(), price.valid_from)).copied()
}

/// Everything that is wrong with a list of prices, at `items[i].field`.
#[must_use]
pub fn violations(prices: &[Price]) -> Vec<Violation> {
    if prices.len() > MOST_PRICES {
        return vec![Violation::invalid("items", "too_many").with("most", MOST_PRICES)];
    }
    let mut found = Vec::new();
    for (index, price) in prices.iter().enumerate() {
        if !(0..=MOST_PRICE_FEN).contains(&price.amount_fen) {
            found.push(out_of_range(format!("items[{index}].amount_fen"), 0, MOST_PRICE_FEN));
        }
        if price.valid_from.zip(price.valid_to).is_some_and(|(from, to)| from > to) {
            found.push(Violation::invalid(format!("items[{index}].valid_to"), "before_start"));
        } else if prices[..index].iter().any(|earlier| earlier.meets(price)) {
            found.push(Violation::invalid(format!("items[{index}].valid_from"), "overlapping"));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        Day::parse(text).unwrap()
    }

    fn price(amount_fen: i64, mode: Option<Mode>, from: Option<&str>, to: Option<&str>) -> Price {
        Price { unit: PriceUnit::Hour, audience: Audience::External, amount_fen, mode, valid_from: from.map(day), valid_to: to.map(day) }
    }

    #[test]
    fn a_price_of_the_mode_beats_one_for_every_mode_while_it_holds() {
        let prices = [price(68_500, None, None, Some("2027-06-30")), price(86_500, Some(Mode::Operator), None, Some("2026-12-31"))];
        let fen = |mode, on| price_for(&prices, mode, Audience::External, day(on)).map(|p| p.amount_fen);
        assert_eq!(fen(Mode::Operator, "2026-12-31"), Some(86_500));
        assert_eq!(fen(Mode::Operator, "2027-01-01"), Some(68_500));
        assert_eq!(fen(Mode::SelfService, "2026-12-31"), Some(68_500));
        assert_eq!(fen(Mode::SelfService, "2027-07-01"), None);
        assert_eq!(price_for(&prices, Mode::SelfService, Audience::Internal, day("2026-12-31")), None);
    }

    #[test]
    fn wrong_prices_are_named_by_item() {
        let prices = [
            price(-1, None, None, None),
            price(1, None, Some("2026-01-01"), None),
            price(1, Some(Mode::Operator), Some("2026-02-01"), Some("2026-01-01")),
            price(1, Some(Mode::SelfService), None, Some("2026-01-01")),
            price(2, Some(Mode::SelfService), Some("2026-01-02"), None),
        ];
        let fields: Vec<_> = violations(&prices).into_iter().map(|v| v.field).collect();
        assert_eq!(fields, ["items[0].amount_fen", "items[1].valid_from", "items[2].valid_to"]);
    }
}
