//! The seconds that days and months of use hold, as columns.

use std::collections::BTreeMap;

use sqlx::FromRow;

use crate::domain::openness::Figures;
use crate::domain::usage::Source;

/// E, X, D, and E by source.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, FromRow)]
pub struct Seconds {
    /// E.
    pub effective_seconds: i64,
    /// X.
    pub external_seconds: i64,
    /// D.
    pub down_seconds: i64,
    meter_seconds: i64,
    card_seconds: i64,
    qr_seconds: i64,
    agent_seconds: i64,
    staff_seconds: i64,
    import_seconds: i64,
}

/// The columns, in the order of [`Seconds::all`].
pub const COLUMNS: [&str; 9] = [
    "effective_seconds",
    "external_seconds",
    "down_seconds",
    "meter_seconds",
    "card_seconds",
    "qr_seconds",
    "agent_seconds",
    "staff_seconds",
    "import_seconds",
];

/// Each column of rows `u`, or 0 where there are none, added up.
pub fn sums() -> String {
    COLUMNS.map(|column| format!("CAST(coalesce(sum(u.{column}), 0) AS BIGINT) AS {column}")).join(", ")
}

/// Each column of a row `u`.
pub fn names() -> String {
    COLUMNS.map(|column| format!("u.{column}")).join(", ")
}

impl Seconds {
    /// All of them, in the order of [`COLUMNS`].
    #[must_use]
    pub const fn all(&self) -> [i64; 9] {
        [
            self.effective_seconds,
            self.external_seconds,
            self.down_seconds,
            self.meter_seconds,
            self.card_seconds,
            self.qr_seconds,
            self.agent_seconds,
            self.staff_seconds,
            self.import_seconds,
        ]
    }

    /// E by source.
    #[must_use]
    pub const fn by_source(&self) -> [(Source, i64); 6] {
        [
            (Source::Meter, self.meter_seconds),
            (Source::Card, self.card_seconds),
            (Source::Qr, self.qr_seconds),
            (Source::Agent, self.agent_seconds),
            (Source::Staff, self.staff_seconds),
            (Source::Import, self.import_seconds),
        ]
    }

    /// As hours of openness, without users.
    #[must_use]
    pub fn figures(&self) -> Figures {
        Figures {
            effective_seconds: self.effective_seconds,
            external_seconds: self.external_seconds,
            down_seconds: self.down_seconds,
            by_source: self.by_source().into_iter().filter(|(_, seconds)| *seconds > 0).collect(),
            by_user: BTreeMap::new(),
        }
    }
}

impl From<&Figures> for Seconds {
    fn from(figures: &Figures) -> Self {
        let by_source = |source| figures.by_source.get(&source).copied().unwrap_or(0);
        Self {
            effective_seconds: figures.effective_seconds,
            external_seconds: figures.external_seconds,
            down_seconds: figures.down_seconds,
            meter_seconds: by_source(Source::Meter),
            card_seconds: by_source(Source::Card),
            qr_seconds: by_source(Source::Qr),
            agent_seconds: by_source(Source::Agent),
            staff_seconds: by_source(Source::Staff),
            import_seconds: by_source(Source::Import),
        }
    }
}
