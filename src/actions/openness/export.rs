//! What anyone can compute again: the segments below the figures of a period, organisations under a salt, the terms of the scheme and the
//! digest over both. The salt itself is never told.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, PoisonError};

use serde::Serialize;
use serde_json::{Value, json};

use super::super::{Error, Outcome};
use super::kin::Kin;
use super::report::{Line, Report, institutions, line, of_region};
use super::sheet::{Entry, Sheet};
use crate::base::chance::fingerprint;
use crate::base::ids::Id;
use crate::base::time::{Instant, Span};
use crate::domain::openness::{InputDigest, Period, Scheme, pseudonym};
use crate::store::openness::{Scope, SegmentRow};
use crate::store::organisations::Party;
use crate::store::{self, AnyConnection};

/// A segment as it stands in the export and, canonically, in the digest.
fn segment_line(row: &SegmentRow, kin: &Kin, salt: &str) -> Value {
    json!({
        "institution": row.owner_uscc,
        "instrument": row.number,
        "key": row.key,
        "phase": row.phase,
        "starts_at": row.starts_at,
        "ends_at": row.ends_at,
        "organisation": row.organisation_uscc.as_deref().map(|uscc| pseudonym(salt, uscc)),
        "external": kin.external(row),
        "purpose_kind": row.purpose_kind,
        "samples": row.samples,
        "source": row.source,
    })
}

/// How many instruments are read at once: no more of them is in memory.
const TOGETHER: usize = 20;

/// The instruments of an institution in portions, in the order of the digest; those that had the same number one after another stay together.
async fn portions(conn: &mut AnyConnection, institution_id: &str, window: Span) -> Outcome<Vec<Vec<(String, Id)>>> {
    let mut portions: Vec<Vec<(String, Id)>> = Vec::new();
    for (number, id) in store::openness::list_numbers(conn, institution_id, window).await? {
        match portions.last_mut() {
            Some(portion) if portion.len() < TOGETHER || portion.last().is_some_and(|(last, _)| *last == number) => portion.push((number, id)),
            _ => portions.push(vec![(number, id)]),
        }
    }
    Ok(portions)
}

/// The live segments of a portion in a window, in the order of the digest: instrument number, key.
async fn lines_of(conn: &mut AnyConnection, kin: &Kin, institution_id: &str, portion: &[(String, Id)], window: Span, salt: &str) -> Outcome<Vec<Value>> {
    let rows = store::openness::list_numbered(conn, institution_id, portion, window).await?;
    Ok(rows.iter().map(|row| segment_line(row, kin, salt)).collect())
}

/// Digests that were computed, by all that they depend on. A year of a city is some hundred thousand lines: nobody should wait for
/// them twice.
static KNOWN: Mutex<BTreeMap<String, String>> = Mutex::new(BTreeMap::new());
/// How many are kept; then they are computed anew.
const MOST_KNOWN: usize = 2_000;
/// Whoever computes one: a second that asks for the same waits for the first instead of doing the same work beside it.
static COMPUTING: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

/// The input digest of a scope in a period. Computed once for the same segments, scheme and salt: the database's stamp tells whether they
/// are the same.
pub async fn digest(conn: &mut AnyConnection, scope: &Scope, period: Period, salt: &str, scheme: &Scheme) -> Outcome<String> {
    let stamp = store::openness::find_stamp(conn, scope, period.span()).await?;
    let terms = serde_json::to_string(scheme).map_err(|e| Error::Failed(e.to_string()))?;
    let key = fingerprint(&format!("{salt}\n{scope:?}\n{period}\n{stamp}\n{terms}"));
    let known = |key: &str| KNOWN.lock().unwrap_or_else(PoisonError::into_inner).get(key).cloned();
    if let Some(digest) = known(&key) {
        return Ok(digest);
    }
    let _turn = COMPUTING.lock().await;
    if let Some(digest) = known(&key) {
        return Ok(digest);
    }
    let digest = compute(conn, scope, period, salt, scheme).await?;
    let mut all = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    if all.len() >= MOST_KNOWN {
        all.clear();
    }
    all.insert(key, digest.clone());
    Ok(digest)
}

/// Portion after portion, so that no more than one is in memory.
async fn compute(conn: &mut AnyConnection, scope: &Scope, period: Period, salt: &str, scheme: &Scheme) -> Outcome<String> {
    let kin = Kin::load(conn).await?;
    let mut digest = InputDigest::default();
    for (_, institution_id) in store::openness::list_recording(conn, scope, period.span()).await? {
        for portion in portions(conn, &institution_id, period.span()).await? {
            for line in lines_of(conn, &kin, &institution_id, &portion, period.span(), salt).await? {
                digest.add(&line);
            }
        }
    }
    Ok(digest.finish(scheme))
}

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
    pub segments: Vec<Value>,
}

/// Everything of a scope in a period. `region_code` names the scheme; empty is the whole country's.
pub async fn export(conn: &mut AnyConnection, now: Instant, scope: &Scope, region_code: &str, period: Period, salt: &str) -> Outcome<Export> {
    let sheet = Sheet::load(conn, scope, period, now).await?;
    let scheme = sheet.schemes.of(region_code, period.last());
    let kin = Kin::load(conn).await?;
    let (mut digest, mut segments) = (InputDigest::default(), Vec::new());
    for (_, institution_id) in store::openness::list_recording(conn, scope, period.span()).await? {
        for portion in portions(conn, &institution_id, period.span()).await? {
            let lines = lines_of(conn, &kin, &institution_id, &portion, period.span(), salt).await?;
            for line in &lines {
                digest.add(line);
            }
            segments.extend(lines);
        }
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
        input_digest: digest.finish(&scheme),
        scheme,
        institutions,
        instruments,
        segments,
    })
}
