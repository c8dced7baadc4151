//! Everything of a period in one file: figures of the region, its institutions, their instruments, the segments below them, the terms of the
//! scheme and the digest over both: what anyone can compute again.

use std::collections::HashMap;

use serde::Serialize;

use super::super::{Error, Outcome};
use super::report::{Line, Report, institutions, line, of_region};
use super::segments::{Reading, SegmentLine};
use super::sheet::{Entry, Sheet};
use crate::base::ids::Id;
use crate::base::time::Instant;
use crate::domain::openness::{InputDigest, Period, Scheme};
use crate::store::openness::Scope;
use crate::store::organisations::Party;
use crate::store::{self, AnyConnection};

/// An instrument with the institution it counts for.
#[derive(Debug, Serialize)]
pub struct ExportedInstrument {
    /// USCC.
    pub institution: String,
    /// The figures.
    #[serde(flatten)]
    pub line: Line,
}

/// All of a period.
#[derive(Debug, Serialize)]
pub struct Export {
    /// `2026`, `2026-10` or `2026-10-05`, and its first and last second.
    pub period: String,
    /// First second.
    pub starts_at: Instant,
    /// First second after it.
    pub ends_at: Instant,
    /// Which region; empty for the whole installation.
    pub region_code: String,
    /// The terms of the scheme.
    pub scheme: Scheme,
    /// SHA-256 over `segments` and `scheme`.
    pub input_digest: String,
    /// The region as one.
    pub figures: Report,
    /// By institution.
    pub institutions: Vec<Report>,
    /// By instrument.
    pub instruments: Vec<ExportedInstrument>,
    /// The live segments, in the order of the digest.
    pub segments: Vec<SegmentLine>,
}

/// Everything of a scope in a period. `region_code` names the scheme; empty is the whole country's.
pub async fn export(conn: &mut AnyConnection, now: Instant, scope: &Scope, region_code: &str, period: Period, salt: &str) -> Outcome<Export> {
    let sheet = Sheet::load(conn, scope, period, now).await?;
    let scheme = sheet.schemes.of(region_code, period.last());
    let (mut digest, mut segments) = (InputDigest::default(), Vec::new());
    let mut reading = Reading::begin(conn, scope, period, salt).await?;
    while let Some(lines) = reading.next(conn).await? {
        lines.iter().try_for_each(|line| digest.add(line)).map_err(|e| Error::Failed(e.to_string()))?;
        segments.extend(lines);
    }
    let institutions = institutions(conn, &sheet).await?;
    let parties: HashMap<Id, Party> = store::organisations::list(conn, None).await?.into_iter().map(|party| (party.id.clone(), party)).collect();
    let exported = |entry: &Entry| {
        let party = parties.get(&entry.institution_id)?;
        let terms = sheet.schemes.of(&party.region_code, period.last());
        Some(ExportedInstrument { institution: party.uscc.clone(), line: line(entry, period, &terms) })
    };
    let mut instruments: Vec<ExportedInstrument> = sheet.entries.iter().filter_map(exported).collect();
    instruments.sort_by(|a, b| (&a.institution, &a.line.number).cmp(&(&b.institution, &b.line.number)));
    let span = period.span();
    Ok(Export {
        period: period.to_string(),
        starts_at: span.starts_at,
        ends_at: span.ends_at,
        region_code: region_code.to_owned(),
        figures: of_region(&sheet, region_code, &scheme),
        input_digest: digest.finish(&scheme).map_err(|e| Error::Failed(e.to_string()))?,
        scheme,
        institutions,
        instruments,
        segments,
    })
}
