//! Instruments (科研仪器): their vocabularies, what a listing must say, and how a listing lives (rules.md section 2).
//!
//! Beside: [`hours`] (开放时间), [`policy`] (预约规则), [`prices`] (收费标准). Nothing here knows who asks; that is `roles`.

pub mod cells;
pub mod change;
pub mod columns;
pub mod hours;
pub mod policy;
pub mod prices;
pub mod words;

pub use change::{ListingChange, PolicyChange, tidy};
pub use hours::{Holidays, OpeningHours, OpeningItem, OpeningSpan};
pub use policy::{Approval, Policy};
pub use prices::{Audience, Price, PriceUnit, price_for};

pub use super::slots::SlotKind;

use crate::base::text::is_clean;
use crate::base::time::Day;
use crate::domain::calendar::Calendar;
use crate::domain::categories;
use crate::domain::refusals::{Refusal, Violation};
use crate::words;

words! {
    /// What is shared: an instrument, or what is listed with the same machinery.
    pub enum Kind as "InstrumentKind" {
        /// 仪器.
        Instrument = "instrument",
        /// 中试装置.
        PilotLine = "pilot_line",
        /// 临床试验服务.
        ClinicalTrial = "clinical_trial",
    }
}

words! {
    /// How far a listing is in its life (仪器状态).
    pub enum State as "InstrumentState" {
        /// 草稿: seen by its own institution only.
        Draft = "draft",
        /// 在网开放.
        Published = "published",
        /// 暂停: keeps the bookings that stand, takes no new ones.
        Suspended = "suspended",
        /// 退网: the end.
        Retired = "retired",
    }
}

words! {
    /// How it serves (服务方式). 送样检测 (`sample`) waits for an issue and is therefore no word yet.
    pub enum Mode {
        /// 自主上机: machine time by the user.
        SelfService = "self",
        /// 委托操作: machine time with an operator.
        Operator = "operator",
    }
}

words! {
    /// Whose money bought it (资金来源).
    pub enum Funding {
        /// 财政资金.
        Public = "public",
        /// 部分财政资金.
        PartlyPublic = "partly_public",
        /// 自有资金.
        Private = "private",
    }
}

/// The largest original value that is taken for real, in fen: 100 billion yuan.
pub const MOST_VALUE_FEN: i64 = 10_000_000_000_000;

/// What a listing says of an instrument, as a whole: on a change, the old values with the new ones laid over them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    /// The institution's own number (所在单位内仪器编号), unique there.
    pub number: String,
    /// 中文名称.
    pub name: String,
    /// 英文名称.
    pub name_en: Option<String>,
    /// 型号规格.
    pub model: Option<String>,
    /// 生产厂商.
    pub maker: Option<String>,
    /// 主要用途, as free text.
    pub description: Option<String>,
    /// 仪器分类编码, six digits.
    pub category_code: String,
    /// What it is.
    pub kind: Kind,
    /// 原值.
    pub original_value_fen: i64,
    /// 验收日期.
    pub accepted_on: Day,
    /// 启用日期; from here on it has rated hours.
    pub commissioned_on: Day,
    /// Whose money.
    pub funding: Funding,
    /// 安放地址.
    pub location: String,
    /// How it serves; at least one.
    pub modes: Vec<Mode>,
    /// How many can work on it at once: 1 until an issue brings more.
    pub positions: i64,
}

impl Listing {
    /// Everything that is wrong with it, each at its field.
    #[must_use]
    pub fn violations(&self) -> Vec<Violation> {
        let mut found = Vec::new();
        needed(&mut found, "number", &self.number, 100);
        needed(&mut found, "name", &self.name, 200);
        needed(&mut found, "location", &self.location, 300);
        for (field, text, most) in
            [("name_en", &self.name_en, 200), ("model", &self.model, 200), ("maker", &self.maker, 200), ("description", &self.description, 10_000)]
        {
            limited(&mut found, field, text.as_deref().unwrap_or(""), most);
        }
        if !categories::is_valid(&self.category_code) {
            found.push(Violation::invalid("category_code", "no_such_category"));
        }
        if !(0..=MOST_VALUE_FEN).contains(&self.original_value_fen) {
            found.push(out_of_range("original_value_fen", 0, MOST_VALUE_FEN));
        }
        if self.modes.is_empty() {
            found.push(Violation::required("modes"));
        } else if self.modes.iter().enumerate().any(|(index, mode)| self.modes[..index].contains(mode)) {
            found.push(Violation::invalid("modes", "twice"));
        }
        if self.positions != 1 {
            found.push(out_of_range("positions", 1, 1));
        }
        found
    }
}

/// `required` for a blank text, else as [`limited`].
pub fn needed(found: &mut Vec<Violation>, field: &str, text: &str, most: usize) {
    if text.trim().is_empty() {
        found.push(Violation::required(field));
    } else {
        limited(found, field, text, most);
    }
}

/// `invalid` for a text of more than `most` characters (`too_many_characters`) or with control characters (`control_characters`).
pub fn limited(found: &mut Vec<Violation>, field: &str, text: &str, most: usize) {
    if text.chars().count() > most {
        found.push(Violation::invalid(field, "too_many_characters").with("most", most));
    } else if !is_clean(text) {
        found.push(Violation::invalid(field, "control_characters"));
    }
}

/// `invalid` with the bounds that a number must keep, both included.
#[must_use]
pub fn out_of_range(field: impl Into<String>, least: i64, most: i64) -> Violation {
    Violation::invalid(field, "out_of_range").with("least", least).with("most", most)
}

/// What a manager does to a listing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListingVerb {
    /// 发布, for the first time or again.
    Publish,
    /// 暂停.
    Suspend,
    /// 退网.
    Retire,
}

impl State {
    /// The state after `verb`; `live_bookings` are those requested, confirmed or in use.
    ///
    /// # Errors
    /// `StateConflict`: `state` when the table does not allow it, `live_bookings` when retiring would strand some.
    pub fn after(self, verb: ListingVerb, live_bookings: bool) -> Result<Self, Refusal> {
        match (self, verb) {
            (Self::Draft | Self::Suspended, ListingVerb::Publish) => Ok(Self::Published),
            (Self::Published, ListingVerb::Suspend) => Ok(Self::Suspended),
            (Self::Draft | Self::Published | Self::Suspended, ListingVerb::Retire) if live_bookings => Err(Refusal::StateConflict("live_bookings")),
            (Self::Draft | Self::Published | Self::Suspended, ListingVerb::Retire) => Ok(Self::Retired),
            _ => Err(Refusal::StateConflict("state")),
        }
    }
}

/// Whether the scheme demands that it be listed (应入网): public money in it, and worth at least the scheme's threshold.
#[must_use]
pub fn must_be_listed(funding: Funding, original_value_fen: i64, threshold_fen: i64) -> bool {
    funding != Funding::Private && original_value_fen >= threshold_fen
}

/// The last day on which the application to list is on time: 30 working days after acceptance
/// [山东省科研基础设施和科研仪器开放共享管理办法, 2018].
#[must_use]
pub fn listing_due_on(accepted_on: Day, calendar: &Calendar) -> Day {
    calendar.add_working_days(accepted_on, 30)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listing() -> Listing {
        let day = Day::parse("2024-03-18").unwrap();
        Listing {
            number: "LHCL-EM-007".into(),
            name: "场发射扫描电子显微镜".into(),
            name_en: None,
            model: Some("GeminiSEM 500".into()),
            maker: Some("蔡司".into()),
            description: None,
            category_code: "010100".into(),
            kind: Kind::Instrument,
            original_value_fen: 486_000_000,
            accepted_on: day,
            commissioned_on: day,
            funding: Funding::Public,
            location: "崂山区".into(),
            modes: vec![Mode::SelfService, Mode::Operator],
            positions: 1,
        }
    }

    #[test]
    fn a_sound_listing_has_nothing_wrong() {
        assert_eq!(listing().violations(), []);
    }

    #[test]
    fn everything_wrong_with_a_listing_is_named_at_its_field() {
        let wrong = Listing {
            number: "  ".into(),
            name: "x".repeat(201),
            model: Some("a\0".into()),
            category_code: "990000".into(),
            original_value_fen: -1,
            modes: vec![],
            positions: 2,
            ..listing()
        };
        let fields: Vec<_> = wrong.violations().into_iter().map(|v| (v.code, v.field)).collect();
        let expected = [
            ("required", "number"),
            ("invalid", "name"),
            ("invalid", "model"),
            ("invalid", "category_code"),
            ("invalid", "original_value_fen"),
            ("required", "modes"),
            ("invalid", "positions"),
        ];
        assert_eq!(fields, expected.map(|(code, field)| (code, field.to_owned())));
    }

    #[test]
    fn a_listing_lives_by_its_table() {
        use ListingVerb::{Publish, Retire, Suspend};
        use State::{Draft, Published, Retired, Suspended};
        let table = [(Draft, Publish, Published), (Published, Suspend, Suspended), (Suspended, Publish, Published)];
        for from in State::ALL {
            for verb in [Publish, Suspend, Retire] {
                let allowed = table.iter().find(|row| row.0 == *from && row.1 == verb).map(|row| row.2);
                let allowed = allowed.or((verb == Retire && *from != Retired).then_some(Retired));
                assert_eq!(from.after(verb, false).ok(), allowed, "{from} {verb:?}");
            }
        }
        assert_eq!(Published.after(Retire, true), Err(Refusal::StateConflict("live_bookings")));
    }
}
