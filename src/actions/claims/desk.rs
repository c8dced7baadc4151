//! What a reviewer's desk shows beside a claim: how its amount came about, what was checked, how use and booking agree, what was before.

use sqlx::AnyConnection;

use super::Whole;
use crate::actions::Outcome;
use crate::base::time::Span;
use crate::domain::claims::filing::{Candidate, split};
use crate::domain::claims::{FlagRule, Severity};
use crate::domain::vouchers::{Terms, eligible_purpose};
use crate::store;
use crate::store::claims::desk::{DeskLine, Past};
use crate::words;

words! {
    /// How a check came out, the gravest first; the word is the state of its badge.
    pub enum Finding {
        /// 未通过.
        Failed = "block",
        /// 需看.
        Look = "warn",
        /// 通过.
        Passed = "passed",
    }
}

/// One thing that was checked, by its key.
#[derive(Debug, Clone)]
pub struct Check {
    /// The key of its text, `check-KEY`.
    pub key: &'static str,
    /// How it came out.
    pub finding: Finding,
    /// About which booking, by code; empty for the claim as a whole.
    pub code: String,
    /// Amounts that explain it, in fen.
    pub facts: Vec<(String, i64)>,
}

/// A booking of the claim beside what was recorded.
#[derive(Debug, Clone)]
pub struct UseLine {
    /// The booking.
    pub line: DeskLine,
    /// Spans of recorded use.
    pub used: Vec<Span>,
    /// Whether an instrument's own token delivered some of it.
    pub automatic: bool,
}

/// Everything beside a claim.
#[derive(Debug, Clone)]
pub struct Desk {
    /// The terms under which it was filed.
    pub terms: Terms,
    /// `rate x min(P, A)` before rounding and before the hold.
    pub share_fen: i64,
    /// Its bookings.
    pub uses: Vec<UseLine>,
    /// What was checked, the gravest first.
    pub checks: Vec<Check>,
    /// What the enterprise, the institution and both together claimed within the programme.
    pub past: [Past; 3],
}

/// Everything beside a claim.
pub async fn desk(conn: &mut AnyConnection, whole: &Whole) -> Outcome<Desk> {
    let claim = &whole.claim;
    let version = store::programmes::find_version(conn, &claim.programme_version_id).await?;
    let terms = version.map_or_else(|| Terms::founding(i16::try_from(whole.programme.year).unwrap_or(2026), 0), |version| version.terms());
    let mut uses = Vec::new();
    for line in store::claims::desk::list_lines(conn, &claim.id).await? {
        let used = store::usage::list_used_spans(conn, &line.booking_id).await?;
        let automatic = store::usage::has_automatic_evidence(conn, &line.booking_id).await?;
        uses.push(UseLine { line, used, automatic });
    }
    let mut checks = flagged(whole, &uses);
    checks.extend(standing(conn, whole, &uses, &terms).await?);
    checks.sort_by_key(|check| check.finding);
    let (enterprise, institution) = (Some(claim.enterprise_id.as_str()), Some(claim.institution_id.as_str()));
    let past = [
        store::claims::desk::find_past(conn, &claim.programme_id, enterprise, None).await?,
        store::claims::desk::find_past(conn, &claim.programme_id, None, institution).await?,
        store::claims::desk::find_past(conn, &claim.programme_id, enterprise, institution).await?,
    ];
    Ok(Desk { share_fen: unrounded(whole, &uses, terms), terms, uses, checks, past })
}

/// The share as the rules of filing count it, without rounding and hold.
fn unrounded(whole: &Whole, uses: &[UseLine], terms: Terms) -> i64 {
    let exact = Terms { rounding_fen: 1, ..terms };
    let candidates = uses.iter().map(|used| Candidate {
        booking_id: used.line.booking_id.clone(),
        starts_at: used.line.starts_at,
        institution_uscc: whole.institution.uscc.clone(),
        programme_id: Some(whole.programme.id.clone()),
        settled: true,
        actual_fen: used.line.actual_fen,
        held_fen: i64::MAX / 100,
        terms: Some(exact),
    });
    split(whole.claim.paid_fen, &candidates.collect::<Vec<_>>()).amount_fen
}

/// The flags that were raised when it was filed, and their opposites.
fn flagged(whole: &Whole, uses: &[UseLine]) -> Vec<Check> {
    let code = |id: &str| uses.iter().find(|used| used.line.booking_id == id).map(|used| used.line.code.clone()).unwrap_or_default();
    let mut checks: Vec<Check> = whole
        .flags
        .iter()
        .map(|flag| {
            let facts: std::collections::BTreeMap<String, i64> = serde_json::from_str(&flag.facts).unwrap_or_default();
            let finding = if flag.severity == Severity::Block { Finding::Failed } else { Finding::Look };
            let key = if flag.rule == FlagRule::OverQuote { "over_quote" } else { "no_automatic_evidence" };
            Check { key, finding, code: code(&flag.booking_id), facts: facts.into_iter().collect() }
        })
        .collect();
    for (rule, key) in [(FlagRule::NoAutomaticEvidence, "automatic"), (FlagRule::OverQuote, "within_quote")] {
        if !whole.flags.iter().any(|flag| flag.rule == rule) {
            checks.push(passed(key, true));
        }
    }
    checks
}

/// What the rules asked when it was booked and filed, asked once more.
async fn standing(conn: &mut AnyConnection, whole: &Whole, uses: &[UseLine], terms: &Terms) -> Outcome<Vec<Check>> {
    let claim = &whole.claim;
    let (mut unrelated, mut enrolled, mut registered) = (true, true, true);
    for used in uses {
        let (day, same) = (used.line.starts_at.day(), claim.enterprise_id == claim.institution_id);
        let ground = store::holds::find_ground(conn, &claim.enterprise_id, &claim.institution_id, day, claim.filed_at.day()).await?;
        let facts = ground.map(|ground| ground.eligibility(used.line.purpose_kind, day, same, true));
        unrelated &= facts.is_some_and(|facts| !facts.related);
        enrolled &= facts.is_some_and(|facts| facts.enrolled);
        registered &= facts.is_some_and(|facts| !facts.sme_expired);
    }
    let live = store::invoices::list_live_claims(conn, &claim.invoice_id).await?;
    let alone = live.iter().all(|(enterprise_id, _, _)| *enterprise_id == claim.enterprise_id);
    let used_in_time = uses.iter().all(|used| used.line.starts_at.day() <= terms.use_by);
    Ok(vec![
        passed("unrelated", unrelated),
        passed("registered", registered),
        passed("enrolled", enrolled),
        passed("purpose", uses.iter().all(|used| eligible_purpose(used.line.purpose_kind))),
        passed("invoice_once", alone),
        passed("within_invoice", claim.paid_fen <= claim.invoice_fen),
        passed("in_time", used_in_time && claim.filed_at.day() <= terms.redeem_by),
        passed("statement_agrees", uses.iter().all(|used| used.line.statement_reason.is_empty())),
    ])
}

fn passed(key: &'static str, fine: bool) -> Check {
    Check { key, finding: if fine { Finding::Passed } else { Finding::Look }, code: String::new(), facts: Vec::new() }
}
