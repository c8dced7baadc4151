//! What the institutions of the demo city share: forty instruments of many classes, as a table.
//!
//! Makers and models are real kinds of sets; numbers, places and prices are invented. Each institution has a file of its own.

pub mod fushan;
pub mod ocean;
pub mod zhifu;

use crate::domain::instruments::{Funding, Kind};

/// When an instrument is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hours {
    /// 08:30-17:30, Monday to Friday.
    Office,
    /// 08:00-21:00, Monday to Friday, and Saturday until noon.
    Long,
    /// Round the clock, holidays included.
    Always,
}

/// How much of its time is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Load {
    /// More than half of the day, by enterprises too.
    Busy,
    /// About half.
    Fair,
    /// Now and then.
    Quiet,
    /// Nobody comes: such sets are what openness is measured for.
    Idle,
    /// Through the night as well.
    Nights,
}

/// How its use becomes known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Evidence {
    /// By its own program over the API.
    Agent,
    /// By a meter on its power line, over the API.
    Meter,
    /// By the code on the machine, at check-in and check-out.
    Qr,
    /// By hand.
    Staff,
}

/// How far its listing is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listed {
    /// Published.
    Yes,
    /// Still a draft.
    NotYet,
    /// Published once, suspended since.
    Suspended,
    /// Published once, retired since.
    Retired,
}

/// One instrument of the demo city.
#[derive(Debug, Clone, Copy)]
pub struct Piece {
    /// The institution's own number.
    pub number: &'static str,
    /// 中文名称.
    pub name: &'static str,
    /// 英文名称.
    pub name_en: &'static str,
    /// 型号规格.
    pub model: &'static str,
    /// 生产厂商.
    pub maker: &'static str,
    /// Six digits.
    pub category: &'static str,
    /// What it is.
    pub kind: Kind,
    /// 原值, in yuan.
    pub value_yuan: i64,
    /// Whose money.
    pub funding: Funding,
    /// Accepted this many days ago.
    pub accepted_days: i64,
    /// Published this many days after acceptance.
    pub listed_after_days: i64,
    /// 安放地址.
    pub place: &'static str,
    /// 主要用途.
    pub about: &'static str,
    /// Price of an hour in yuan: internal; external by oneself (0: not offered); external with an operator (0: not offered).
    pub prices: (i64, i64, i64),
    /// When it is open.
    pub hours: Hours,
    /// Whether requests are confirmed by themselves.
    pub automatic: bool,
    /// Buffer, shortest and longest booking, notice; in minutes.
    pub rules: (i64, i64, i64, i64),
    /// What a late cancelling costs, in percent.
    pub late_percent: i64,
    /// How much of its time is taken.
    pub load: Load,
    /// How its use becomes known.
    pub evidence: Evidence,
    /// How far its listing is.
    pub listed: Listed,
}

/// A set with the usual terms, to be changed by the methods below: public money, accepted two years ago, listed in time, office hours,
/// default policy, fair load, known by its code.
const fn set(number: &'static str, name: &'static str, name_en: &'static str, model: &'static str, maker: &'static str) -> Piece {
    Piece {
        number,
        name,
        name_en,
        model,
        maker,
        category: "120000",
        kind: Kind::Instrument,
        value_yuan: 1_000_000,
        funding: Funding::Public,
        accepted_days: 760,
        listed_after_days: 24,
        place: "",
        about: "",
        prices: (0, 0, 0),
        hours: Hours::Office,
        automatic: false,
        rules: (0, 60, 480, 1440),
        late_percent: 0,
        load: Load::Fair,
        evidence: Evidence::Qr,
        listed: Listed::Yes,
    }
}

impl Piece {
    const fn of(self, category: &'static str, value_yuan: i64, accepted_days: i64, listed_after_days: i64) -> Self {
        Self { category, value_yuan, accepted_days, listed_after_days, ..self }
    }

    const fn at(self, place: &'static str, about: &'static str) -> Self {
        Self { place, about, ..self }
    }

    const fn costs(self, internal: i64, by_oneself: i64, with_operator: i64) -> Self {
        Self { prices: (internal, by_oneself, with_operator), ..self }
    }

    const fn lives(self, hours: Hours, load: Load, evidence: Evidence) -> Self {
        Self { hours, load, evidence, ..self }
    }

    const fn rules(self, buffer: i64, shortest: i64, longest: i64, notice: i64) -> Self {
        Self { rules: (buffer, shortest, longest, notice), ..self }
    }

    const fn automatic(self) -> Self {
        Self { automatic: true, ..self }
    }

    const fn late(self, percent: i64) -> Self {
        Self { late_percent: percent, ..self }
    }

    const fn kind(self, kind: Kind) -> Self {
        Self { kind, ..self }
    }

    const fn paid_by(self, funding: Funding) -> Self {
        Self { funding, ..self }
    }

    const fn is(self, listed: Listed) -> Self {
        Self { listed, ..self }
    }

    /// Whether it was ever published.
    #[must_use]
    pub fn was_published(&self) -> bool {
        self.listed != Listed::NotYet
    }
}

/// All instruments: which institution (0, 1, 2) and what.
pub fn all() -> impl Iterator<Item = (usize, &'static Piece)> {
    [ocean::PIECES, fushan::PIECES, zhifu::PIECES].into_iter().enumerate().flat_map(|(lab, pieces)| pieces.iter().map(move |piece| (lab, piece)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn forty_instruments_of_many_classes_are_told_apart() {
        let pieces: Vec<_> = all().collect();
        assert_eq!(pieces.len(), 40);
        assert_eq!(pieces.iter().map(|(_, piece)| piece.number).collect::<BTreeSet<_>>().len(), 40);
        let classes: BTreeSet<_> = pieces.iter().map(|(_, piece)| &piece.category[..2]).collect();
        assert_eq!(classes.len(), 15, "{classes:?}");
        assert!(pieces.iter().all(|(_, piece)| crate::domain::categories::is_valid(piece.category)));
    }
}
