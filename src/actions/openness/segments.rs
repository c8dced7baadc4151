//! The segments below the figures of a period as exports print them and the digest hashes them, organisations under a salt. The salt itself
//! is never told.

use std::collections::HashMap;

use serde::Serialize;

use super::super::Outcome;
use super::kin::Kin;
use crate::base::time::{Instant, Span};
use crate::domain::openness::{Period, pseudonym};
use crate::domain::usage::{Phase, Source};
use crate::domain::vouchers::PurposeKind;
use crate::store::AnyConnection;
use crate::store::openness::Scope;
use crate::store::openness::segments::{Held, SegmentRow, list_held, list_numbered};

/// A segment as it stands in the export. Its fields are in the order of their names: printed without blanks it is the canonical line of the
/// digest.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SegmentLine {
    /// Its end.
    pub ends_at: Instant,
    /// Whether it counts as external.
    pub external: bool,
    /// USCC of the owner at the start.
    pub institution: String,
    /// Number of the instrument there.
    pub instrument: String,
    /// Chosen by the client.
    pub key: String,
    /// For whom: SHA-256 of the period's salt and the USCC.
    pub organisation: Option<String>,
    /// What the machine was doing.
    pub phase: Phase,
    /// What for.
    pub purpose_kind: PurposeKind,
    /// How many samples; never those of a confidential booking.
    pub samples: Option<i64>,
    /// How it is known.
    pub source: Source,
    /// Its start.
    pub starts_at: Instant,
}

/// Reads the segments of a scope in a period, portion after portion, in the order of the digest: institution (USCC), instrument number, key.
#[derive(Debug)]
pub struct Reading<'a> {
    window: Span,
    salt: &'a str,
    kin: Kin,
    /// Names of organisations that were met.
    names: HashMap<String, String>,
    left: std::vec::IntoIter<Vec<Held>>,
}

/// How many instruments are read at once: no more of them is in memory.
const TOGETHER: usize = 20;

impl<'a> Reading<'a> {
    /// Begins to read.
    pub async fn begin(conn: &mut AnyConnection, scope: &Scope, period: Period, salt: &'a str) -> Outcome<Self> {
        let left = portions(list_held(conn, scope).await?).into_iter();
        Ok(Self { window: period.span(), salt, kin: Kin::load(conn).await?, names: HashMap::new(), left })
    }

    /// The next portion, in order; `None` after the last one.
    pub async fn next(&mut self, conn: &mut AnyConnection) -> Outcome<Option<Vec<SegmentLine>>> {
        let Some(portion) = self.left.next() else { return Ok(None) };
        let rows = list_numbered(conn, &portion, self.window).await?;
        Ok(Some(rows.into_iter().map(|row| self.line(row)).collect()))
    }

    fn line(&mut self, row: SegmentRow) -> SegmentLine {
        let (external, salt) = (self.kin.external(&row), self.salt);
        let organisation = row.organisation_uscc.map(|uscc| self.names.entry(uscc).or_insert_with_key(|uscc| pseudonym(salt, uscc)).clone());
        SegmentLine {
            ends_at: row.ends_at,
            external,
            institution: row.owner_uscc,
            instrument: row.number,
            key: row.key,
            organisation,
            phase: row.phase,
            purpose_kind: row.purpose_kind,
            samples: row.samples,
            source: row.source,
            starts_at: row.starts_at,
        }
    }
}

/// Some instruments of one institution each; those that had the same number one after another stay together.
fn portions(held: Vec<Held>) -> Vec<Vec<Held>> {
    let mut portions: Vec<Vec<Held>> = Vec::new();
    for next in held {
        let fits = |portion: &&mut Vec<Held>| {
            let same_owner = portion.last().is_some_and(|last| last.institution_id == next.institution_id);
            same_owner && (portion.len() < TOGETHER || portion.last().is_some_and(|last| last.number == next.number))
        };
        match portions.last_mut().filter(fits) {
            Some(portion) => portion.push(next),
            None => portions.push(vec![next]),
        }
    }
    portions
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::ids::Id;
    use crate::domain::openness::canonical;

    #[test]
    fn a_printed_line_is_canonical() {
        let line = SegmentLine {
            ends_at: Instant(1_791_000_000),
            external: true,
            institution: "123702004274017654".to_owned(),
            instrument: "QD-\"1\"".to_owned(),
            key: "表\t1".to_owned(),
            organisation: None,
            phase: Phase::Run,
            purpose_kind: PurposeKind::Research,
            samples: Some(3),
            source: Source::Meter,
            starts_at: Instant(1_790_990_000),
        };
        assert_eq!(serde_json::to_string(&line).unwrap(), canonical(&serde_json::to_value(&line).unwrap()));
    }

    #[test]
    fn portions_part_owners_and_keep_one_number_together() {
        let held = |owner: &str, number: usize, id: usize| Held {
            owner_uscc: owner.to_owned(),
            number: format!("{number:03}"),
            instrument_id: Id::from(id.to_string()),
            institution_id: Id::from(owner.to_owned()),
        };
        let mut all: Vec<Held> = (0..TOGETHER).map(|n| held("A", n, n)).collect();
        all.push(held("A", TOGETHER - 1, 90));
        all.push(held("A", TOGETHER, 91));
        all.push(held("B", 0, 92));
        let sizes: Vec<usize> = portions(all).iter().map(Vec::len).collect();
        assert_eq!(sizes, [TOGETHER + 1, 1, 1]);
    }
}
