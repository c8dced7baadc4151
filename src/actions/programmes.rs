//! Voucher programmes: a bureau writes the terms of a year, and later new versions of them.

use sqlx::AnyConnection;

use super::{Act, Error, Outcome, holds, records};
use crate::base::ids::Id;
use crate::base::time::Day;
use crate::domain::actors::Member;
use crate::domain::refusals::{Refusal, Violation};
use crate::domain::roles::{Side, Verb};
use crate::domain::vouchers::Terms;
use crate::store::programmes::{Programme, Version};
use crate::store::{self, Tx};

/// The first and last year that a programme may have.
pub const YEARS: (i64, i64) = (2000, 9000);
/// The longest name of the document that set the terms, in characters.
pub const LONGEST_SOURCE: usize = 500;

/// New terms as a bureau writes them. What is `None` keeps the value of the version before, or takes the default of the founding policy.
#[derive(Debug, Clone)]
pub struct TermsForm {
    /// Which year.
    pub year: i64,
    /// See [`Terms`], here and below.
    pub rate_bp: i64,
    /// Cap of an enterprise.
    pub cap_fen: i64,
    /// Rounding.
    pub rounding_fen: Option<i64>,
    /// Budget.
    pub budget_fen: i64,
    /// Over-commitment.
    pub commit_percent: i64,
    /// 使用截止.
    pub use_by: Day,
    /// 兑付截止.
    pub redeem_by: Day,
    /// Drawn for a second review.
    pub draw_percent: Option<i64>,
    /// The document that set the terms.
    pub source: String,
    /// The day from which they hold; today when `None`.
    pub valid_from: Option<Day>,
}

/// Writes a new version of the terms of the bureau's programme of a year; the programme is made with its first version.
///
/// # Errors
/// Everything that is wrong with the terms: out of range, dates reversed, less budget than is granted or redeemed already, a later version
/// that would hold in the past.
pub async fn write(tx: &mut Tx<'_>, act: &Act, form: &TermsForm) -> Outcome<(Programme, Version)> {
    let bureau_id = act.actor.require(Verb::RunProgrammes)?.organisation_id.clone();
    if !(YEARS.0..=YEARS.1).contains(&form.year) {
        return Err(Violation::invalid("year", "not_a_number_in_range").into());
    }
    let new = Programme { id: act.id(), bureau_id, year: form.year, seed: act.dice.secret() };
    store::programmes::insert(tx, &new, act.now).await?;
    let programme = store::programmes::find_of(tx, &new.bureau_id, form.year).await?.ok_or_else(|| Error::Failed("no programme".to_owned()))?;
    store::programmes::lock(tx, &programme.id).await?;
    let before = store::programmes::list_versions(tx, &programme.id).await?.into_iter().next();
    let terms = terms_of(form, before.as_ref());
    let totals = store::programmes::find_totals(tx, &programme.id).await?;
    Refusal::unless_empty(violations(act, form, &terms, before.as_ref(), totals))?;
    let version = Version {
        id: act.id(),
        programme_id: programme.id.clone(),
        version: before.map_or(1, |version| version.version + 1),
        valid_from_on: form.valid_from.unwrap_or(act.now.day()),
        rate_bp: terms.rate_bp,
        cap_fen: terms.cap_fen,
        rounding_fen: terms.rounding_fen,
        budget_fen: terms.budget_fen,
        commit_percent: terms.commit_percent,
        use_by_on: terms.use_by,
        redeem_by_on: terms.redeem_by,
        draw_percent: terms.draw_percent,
        source: form.source.trim().to_owned(),
        created_at: act.now,
    };
    store::programmes::insert_version(tx, &version, act.actor.membership_id()).await?;
    records::audit(tx, act, "programme.write", "programme", &programme.id, &serde_json::json!({ "year": form.year, "version": version.version })).await?;
    Ok((programme, version))
}

fn terms_of(form: &TermsForm, before: Option<&Version>) -> Terms {
    let defaults = Terms::founding(2026, 0);
    Terms {
        rate_bp: form.rate_bp,
        cap_fen: form.cap_fen,
        rounding_fen: form.rounding_fen.or(before.map(|v| v.rounding_fen)).unwrap_or(defaults.rounding_fen),
        budget_fen: form.budget_fen,
        commit_percent: form.commit_percent,
        use_by: form.use_by,
        redeem_by: form.redeem_by,
        draw_percent: form.draw_percent.or(before.map(|v| v.draw_percent)).unwrap_or(defaults.draw_percent),
    }
}

fn violations(act: &Act, form: &TermsForm, terms: &Terms, before: Option<&Version>, (granted_fen, redeemed_fen): (i64, i64)) -> Vec<Violation> {
    let mut found = terms.violations();
    if form.source.trim().is_empty() {
        found.push(Violation::required("source"));
    } else if form.source.chars().count() > LONGEST_SOURCE {
        found.push(Violation::invalid("source", "too_many_characters").with("most", LONGEST_SOURCE));
    }
    if form.use_by.year() < form.year {
        found.push(Violation::invalid("use_by", "before_start"));
    }
    // What was booked under a version stays under it, so a new one cannot begin before it is written.
    if before.is_some() && form.valid_from.is_some_and(|day| day < act.now.day()) {
        found.push(Violation::invalid("valid_from", "in_the_past"));
    }
    if found.is_empty() && terms.most_granted_fen() < granted_fen {
        found.push(Violation::invalid("budget_fen", "below_granted").with("granted_fen", granted_fen));
    }
    if found.is_empty() && terms.budget_fen < redeemed_fen {
        found.push(Violation::invalid("budget_fen", "below_redeemed").with("redeemed_fen", redeemed_fen));
    }
    found
}

/// The bureau whose programmes concern a member: the own one for a bureau, else the one responsible for the region.
pub async fn bureau_for(conn: &mut AnyConnection, member: &Member) -> Outcome<Option<Id>> {
    match member.side {
        Side::Bureau => Ok(Some(member.organisation_id.clone())),
        _ => holds::bureau_of(conn, &member.organisation_id).await,
    }
}

/// The programme of a year that concerns a member, with the version in force today, or else the first that will be.
pub async fn find(conn: &mut AnyConnection, act_on: Day, member: &Member, year: i64) -> Outcome<Option<(Programme, Version)>> {
    let Some(bureau_id) = bureau_for(conn, member).await? else { return Ok(None) };
    let Some(programme) = store::programmes::find_of(conn, &bureau_id, year).await? else { return Ok(None) };
    let version = match store::programmes::find_version_in_force(conn, &programme.id, act_on).await? {
        Some(version) => Some(version),
        None => store::programmes::list_versions(conn, &programme.id).await?.pop(),
    };
    Ok(version.map(|version| (programme, version)))
}

/// The terms that a grant or a redemption of today must respect: those in force, and those that are written and still to come.
///
/// # Errors
/// `StateConflict` when none is in force yet.
pub async fn terms_to_respect(conn: &mut AnyConnection, programme_id: &str, today: Day) -> Outcome<(Terms, Vec<Terms>)> {
    let in_force = store::programmes::find_version_in_force(conn, programme_id, today).await?.ok_or(Refusal::StateConflict("not_in_force"))?;
    let all = store::programmes::list_versions(conn, programme_id).await?;
    let coming = all.iter().filter(|version| version.valid_from_on > today).map(Version::terms).collect();
    Ok((in_force.terms(), coming))
}
