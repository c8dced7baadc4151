//! Filing a claim: what it says is proved against bookings, invoice and files, and the money moves from held to claimed.

use super::{LONGEST_NOTE, told};
use crate::actions::{Act, Error, Outcome, purses};
use crate::base::ids::{Id, is_id};
use crate::base::text::spelling_removed;
use crate::base::uscc::Uscc;
use crate::domain::actors::Member;
use crate::domain::bookings::State as BookingState;
use crate::domain::claims::filing::{Candidate, Filing, MOST_BOOKINGS, MOST_FILES, Split, invoice_suffices, judge};
use crate::domain::claims::{State, Step, drawn, flags};
use crate::domain::refusals::{Refusal, Violation};
use crate::domain::roles::Verb;
use crate::store::bookings::Booking;
use crate::store::claims::{Claim, FlagRow};
use crate::store::invoices::Invoice;
use crate::store::programmes::Version;
use crate::store::purses::PurseRow;
use crate::store::{self, Tx};

/// A claim as it is filed.
#[derive(Debug, Clone)]
pub struct ClaimForm {
    /// What it states.
    pub filing: Filing,
    /// The contract.
    pub contract_file_id: Id,
}

/// The bookings of a filing with what they hold, all touched.
struct Ground {
    bookings: Vec<Booking>,
    candidates: Vec<Candidate>,
    versions: Vec<Version>,
    purse: Option<PurseRow>,
}

/// Files a claim.
///
/// # Errors
/// Everything that is wrong with it at once; `StateConflict` for a booking in another live claim; `DuplicateInvoice`, which names nobody.
pub async fn file(tx: &mut Tx<'_>, act: &Act, form: &ClaimForm) -> Outcome<Claim> {
    let member = act.actor.require(Verb::Claim)?;
    let (filing, today) = (&form.filing, act.now.day());
    let mut found = filing.violations(today);
    files(tx, member, form, &mut found).await?;
    let bookings = own_bookings(tx, member, filing, &mut found).await?;
    for booking in &bookings {
        if store::claims::find_live_item(tx, &booking.id).await?.is_some() {
            Refusal::unless_empty(found)?;
            return Err(Refusal::StateConflict("in_live_claim").into());
        }
    }
    let ground = ground(tx, bookings).await?;
    let (against, split) = judge(filing, &ground.candidates, today);
    let known = |field: &str| found.iter().any(|violation| violation.field == field);
    let fresh: Vec<_> = against.into_iter().filter(|v| !(v.code == "seller_mismatch" && known("seller_uscc"))).collect();
    found.extend(fresh);
    Refusal::unless_empty(found)?;
    let purse = ground.purse.as_ref().ok_or_else(|| Refusal::one(Violation::new("nothing_held", "booking_ids")))?;
    let claim = write(tx, act, form, &ground, purse, &split).await?;
    take(tx, act, &claim, &ground, purse, &split).await?;
    flag(tx, act, &claim, &ground).await?;
    told(tx, act, &claim, Step::File, "").await?;
    Ok(claim)
}

/// Contract and proofs must be documents of the enterprise.
async fn files(tx: &mut Tx<'_>, member: &Member, form: &ClaimForm, found: &mut Vec<Violation>) -> Outcome<()> {
    let proofs = form.filing.file_ids.iter().take(MOST_FILES).enumerate().map(|(n, id)| (format!("file_ids[{n}]"), id));
    for (field, id) in std::iter::once(("contract_file_id".to_owned(), &form.contract_file_id)).chain(proofs) {
        if !is_own_file(tx, member, id).await? {
            found.push(Violation::invalid(field, "not_found"));
        }
    }
    Ok(())
}

/// Whether a file is a document of the member's own organisation.
pub(super) async fn is_own_file(tx: &mut Tx<'_>, member: &Member, id: &str) -> Outcome<bool> {
    let file = if is_id(id) { store::files::find(tx, id).await? } else { None };
    Ok(file.is_some_and(|file| file.organisation_id == member.organisation_id))
}

/// The bookings of a filing, touched in the order of their ids. Those of others are no more there than those that do not exist.
async fn own_bookings(tx: &mut Tx<'_>, member: &Member, filing: &Filing, found: &mut Vec<Violation>) -> Outcome<Vec<Booking>> {
    let mut own = Vec::new();
    for (n, id) in filing.booking_ids.iter().take(MOST_BOOKINGS).enumerate() {
        let booking = if is_id(id) { store::bookings::find(tx, id).await? } else { None };
        match booking.filter(|booking| booking.customer_id == member.organisation_id) {
            Some(booking) => own.push(booking.id),
            None => found.push(Violation::invalid(format!("booking_ids[{n}]"), "not_found")),
        }
    }
    own.sort_unstable();
    own.dedup();
    let mut bookings = Vec::with_capacity(own.len());
    for id in &own {
        bookings.extend(store::bookings::lock(tx, id).await?);
    }
    Ok(bookings)
}

/// What the bookings hold, under which terms; their purse is touched before the holds are read.
async fn ground(tx: &mut Tx<'_>, bookings: Vec<Booking>) -> Outcome<Ground> {
    let mut purse_ids = Vec::new();
    for booking in &bookings {
        purse_ids.extend(store::holds::find(tx, &booking.id).await?.map(|hold| hold.purse_id));
    }
    purse_ids.sort_unstable();
    purse_ids.dedup();
    let mut purse = None;
    for id in &purse_ids {
        purse = Some(purses::lock(tx, id).await?);
    }
    let (mut candidates, mut versions) = (Vec::new(), Vec::new());
    for booking in &bookings {
        let hold = store::holds::find(tx, &booking.id).await?;
        let version = match &hold {
            Some(hold) => store::programmes::find_version(tx, &hold.programme_version_id).await?,
            None => None,
        };
        let institution = store::organisations::find(tx, &booking.institution_id).await?;
        candidates.push(Candidate {
            booking_id: booking.id.clone(),
            starts_at: booking.starts_at,
            institution_uscc: institution.map(|party| party.uscc).unwrap_or_default(),
            programme_id: version.as_ref().map(|version| version.programme_id.clone()),
            settled: booking.state == BookingState::Settled,
            actual_fen: booking.actual_fen.unwrap_or(0),
            held_fen: hold.map_or(0, |hold| hold.amount_fen),
            terms: version.as_ref().map(Version::terms),
        });
        versions.extend(version);
    }
    Ok(Ground { bookings, candidates, versions, purse })
}

/// The invoice of a filing, touched, when it still has room for what was paid.
///
/// # Errors
/// `DuplicateInvoice` when another enterprise's live claim names it, or the live claims together exceed it.
async fn invoice(tx: &mut Tx<'_>, act: &Act, member: &Member, filing: &Filing, seller: &str) -> Outcome<Id> {
    let invoice = Invoice {
        id: act.id(),
        seller_uscc: seller.to_owned(),
        code: spelling_removed(filing.invoice_code.as_deref().unwrap_or_default()),
        number: spelling_removed(&filing.invoice_number),
        gross_fen: filing.invoice_fen,
        issued_on: filing.invoice_on,
        buyer_id: member.organisation_id.clone(),
    };
    let id = store::invoices::lock_or_insert(tx, &invoice, act.now).await?;
    let live = store::invoices::list_live_claims(tx, &id).await?;
    let mut together: Vec<_> = live.iter().map(|(_, invoice_fen, paid_fen)| (*invoice_fen, *paid_fen)).collect();
    together.push((filing.invoice_fen, filing.paid_fen));
    if live.iter().any(|(enterprise_id, _, _)| *enterprise_id != member.organisation_id) || !invoice_suffices(&together) {
        return Err(Refusal::DuplicateInvoice.into());
    }
    Ok(id)
}

/// Writes the rows of a claim that nothing stands against, and empties the holds it is over.
async fn write(tx: &mut Tx<'_>, act: &Act, form: &ClaimForm, ground: &Ground, purse: &PurseRow, split: &Split) -> Outcome<Claim> {
    let (member, filing) = (act.actor.member()?, &form.filing);
    let lost = || Error::Failed("a hold without a programme".to_owned());
    let version = ground.versions.first().ok_or_else(lost)?;
    let programme = store::programmes::find(tx, &version.programme_id).await?.ok_or_else(lost)?;
    let seller = Uscc::parse(&filing.seller_uscc).map(|uscc| uscc.to_string()).unwrap_or_default();
    let invoice_id = invoice(tx, act, member, filing, &seller).await?;
    let is_drawn = drawn(&programme.seed, &seller, &filing.invoice_key(), version.draw_percent);
    let claim = Claim {
        id: act.id(),
        code: act.dice.code("DF"),
        enterprise_id: member.organisation_id.clone(),
        institution_id: ground.bookings.first().map(|booking| booking.institution_id.clone()).ok_or_else(lost)?,
        programme_id: programme.id,
        programme_version_id: version.id.clone(),
        purse_id: purse.id.clone(),
        state: State::Filed,
        version: 1,
        invoice_id,
        invoice_number: filing.invoice_number.trim().to_owned(),
        invoice_code: filing.invoice_code.as_deref().unwrap_or_default().trim().to_owned(),
        invoice_fen: filing.invoice_fen,
        invoice_on: filing.invoice_on,
        paid_fen: filing.paid_fen,
        paid_on: filing.paid_on,
        actual_fen: ground.candidates.iter().map(|candidate| candidate.actual_fen).fold(0, i64::saturating_add),
        held_fen: split.held_fen,
        amount_fen: split.amount_fen,
        contract_file_id: form.contract_file_id.clone(),
        note: String::new(),
        drawn_at: is_drawn.then_some(act.now),
        filed_by: member.membership_id.clone(),
        filed_at: act.now,
        decided_at: None,
        ended_at: None,
        paid_at: None,
        bank_reference: None,
    };
    store::claims::insert(tx, &claim).await?;
    for (booking_id, amount_fen) in &split.items {
        store::claims::insert_item(tx, &claim.id, booking_id, *amount_fen).await?;
        store::holds::update_amount(tx, booking_id, 0).await?;
    }
    for file_id in std::iter::once(&form.contract_file_id).chain(&filing.file_ids) {
        store::claims::insert_file(tx, &claim.id, file_id, act.now).await?;
    }
    store::claims::insert_review(tx, &claim, Step::File, None, "", (&member.person_id, &member.membership_id), act.now).await?;
    Ok(claim)
}

/// Moves the claimed amount, and what is left of each hold back to available. The latter names its booking, so that every single hold can be
/// proved by the ledger.
async fn take(tx: &mut Tx<'_>, act: &Act, claim: &Claim, ground: &Ground, purse: &PurseRow, split: &Split) -> Outcome<()> {
    let mut amounts = purse.purse();
    purses::apply(tx, act, &purse.id, amounts.claim(split.amount_fen, split.amount_fen), "claim", &claim.id).await?;
    for candidate in &ground.candidates {
        let taken_fen = split.items.iter().find(|(id, _)| *id == candidate.booking_id).map_or(0, |(_, fen)| *fen);
        let left_fen = candidate.held_fen - taken_fen;
        if left_fen > 0 {
            purses::apply(tx, act, &purse.id, amounts.release(left_fen), "booking", &candidate.booking_id).await?;
        }
    }
    Ok(())
}

/// Flags the bookings of a claim for who reviews it.
async fn flag(tx: &mut Tx<'_>, act: &Act, claim: &Claim, ground: &Ground) -> Outcome<()> {
    for booking in &ground.bookings {
        let value_fen = store::claims::find_original_value(tx, &booking.instrument_id).await?;
        let automatic = store::usage::has_automatic_evidence(tx, &booking.id).await?;
        for flag in flags(value_fen, automatic, booking.actual_fen.unwrap_or(0), booking.fee_fen) {
            let facts: serde_json::Map<_, _> = flag.facts.iter().map(|(name, fen)| ((*name).to_owned(), (*fen).into())).collect();
            let row = FlagRow { rule: flag.rule, booking_id: booking.id.clone(), severity: flag.severity, facts: serde_json::Value::Object(facts).to_string() };
            store::claims::insert_flag(tx, &claim.id, &row, act.now).await?;
        }
    }
    Ok(())
}

/// What is wrong with a note or reason that may be empty: nothing but its length.
pub(super) fn note_violation(field: &str, note: &str) -> Option<Violation> {
    (note.chars().count() > LONGEST_NOTE).then(|| Violation::invalid(field, "too_many_characters").with("most", LONGEST_NOTE))
}
