//! What an enterprise does with a claim that it has filed: answer what was sent back, or take it back.

use super::filing::{is_own_file, note_violation};
use super::{give_back, open, record};
use crate::actions::{Act, Outcome};
use crate::base::ids::Id;
use crate::domain::claims::filing::MOST_FILES;
use crate::domain::claims::{Step, next};
use crate::domain::refusals::{Refusal, Violation};
use crate::domain::roles::Verb;
use crate::store::claims::Claim;
use crate::store::{self, Tx};

/// An answer to what was sent back.
#[derive(Debug, Clone, Default)]
pub struct AnswerForm {
    /// More documents.
    pub file_ids: Vec<Id>,
    /// What the enterprise says to it; `None` leaves what was said.
    pub note: Option<String>,
    /// The version that was seen.
    pub version: Option<i64>,
}

/// Answers a claim that was sent back (补正): it is filed again.
///
/// # Errors
/// `StateConflict` unless it was sent back; `invalid` at a file that is not the enterprise's own, or too many of them.
pub async fn answer(tx: &mut Tx<'_>, act: &Act, id: &str, form: &AnswerForm) -> Outcome<Claim> {
    let (mut claim, _) = open(tx, act, id, Verb::Claim, form.version).await?;
    let to = next(claim.state, Step::Answer, false, false)?;
    let member = act.actor.member()?;
    let note = form.note.as_deref().map(str::trim);
    let mut found: Vec<Violation> = note.and_then(|note| note_violation("note", note)).into_iter().collect();
    let before = store::files::list_of_claim(tx, id).await?.len();
    if before + form.file_ids.len() > MOST_FILES {
        found.push(Violation::invalid("file_ids", "too_many").with("most", MOST_FILES));
    } else {
        for (n, file_id) in form.file_ids.iter().enumerate() {
            if !is_own_file(tx, member, file_id).await? {
                found.push(Violation::invalid(format!("file_ids[{n}]"), "not_found"));
            }
        }
    }
    Refusal::unless_empty(found)?;
    for file_id in &form.file_ids {
        store::claims::insert_file(tx, id, file_id, act.now).await?;
    }
    if let Some(note) = note {
        note.clone_into(&mut claim.note);
    }
    record(tx, act, &mut claim, Step::Answer, to, note.unwrap_or_default()).await?;
    Ok(claim)
}

/// Takes a claim back (撤回): its amount goes back to the holds, and it may be filed again until 兑付截止.
///
/// # Errors
/// `StateConflict` unless it is filed or sent back.
pub async fn withdraw(tx: &mut Tx<'_>, act: &Act, id: &str, version: Option<i64>) -> Outcome<Claim> {
    let (mut claim, purse) = open(tx, act, id, Verb::Claim, version).await?;
    let to = next(claim.state, Step::Withdraw, false, false)?;
    give_back(tx, act, &claim, &purse).await?;
    record(tx, act, &mut claim, Step::Withdraw, to, "").await?;
    Ok(claim)
}
