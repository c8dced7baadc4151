//! Who is related to whom, for deciding over many segments at once which use counts as external.

use std::collections::HashMap;

use super::super::Outcome;
use crate::base::ids::Id;
use crate::base::time::Day;
use crate::domain::openness::Piece;
use crate::domain::usage::is_external;
use crate::domain::vouchers::PurposeKind;
use crate::store::openness::segments::SegmentRow;
use crate::store::{self, AnyConnection};

/// Every declared relation, by organisation.
#[derive(Debug, Default)]
pub struct Kin(HashMap<Id, Vec<(String, Day, Option<Day>)>>);

impl Kin {
    /// Reads them all: relations are few.
    pub async fn load(conn: &mut AnyConnection) -> Outcome<Self> {
        let mut kin: HashMap<Id, Vec<_>> = HashMap::new();
        for (organisation_id, uscc, from_on, until_on) in store::openness::list_kin(conn).await? {
            kin.entry(organisation_id).or_default().push((uscc, from_on, until_on));
        }
        Ok(Self(kin))
    }

    /// Whether an organisation was related to the owner on a day.
    #[must_use]
    pub fn related(&self, owner_id: &str, uscc: &str, on: Day) -> bool {
        let Some(kin) = self.0.get(owner_id) else { return false };
        kin.iter().any(|(other, from_on, until_on)| other == uscc && *from_on <= on && until_on.is_none_or(|until| on < until))
    }

    /// Whether use for an organisation counts as external, by the day of its start.
    #[must_use]
    pub fn counts(&self, owner_id: &str, owner_uscc: &str, uscc: Option<&str>, on: Day, purpose: PurposeKind) -> bool {
        is_external(uscc, owner_uscc, uscc.is_some_and(|uscc| self.related(owner_id, uscc, on)), purpose)
    }

    /// Whether a segment counts as external.
    #[must_use]
    pub fn external(&self, row: &SegmentRow) -> bool {
        self.counts(&row.institution_id, &row.owner_uscc, row.organisation_uscc.as_deref(), row.starts_at.day(), row.purpose_kind)
    }

    /// A segment as far as hours need it.
    #[must_use]
    pub fn piece(&self, row: &SegmentRow) -> Piece {
        Piece { phase: row.phase, span: row.span(), source: row.source, external_uscc: row.organisation_uscc.clone().filter(|_| self.external(row)) }
    }
}
