//! `/vouchers/claims/new`: filing a claim without script. Documents that came with a refused form are kept and named, not asked for again.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;

use crate::actions;
use crate::actions::claims::filing::{ClaimForm, file as file_claim};
use crate::actions::files::{self, Upload};
use crate::app::App;
use crate::domain::claims::Filing;
use crate::domain::refusals::{Refusal, Violation};
use crate::domain::roles::Verb;
use crate::http::query::Query;
use crate::http::{Error, Visitor};
use crate::store;
use crate::store::claims::desk::Claimable;
use crate::store::files::File;
use crate::web::frame::{self, Posted, go, page, refused, show};
use crate::web::shell::{FormState, Page};

#[derive(Template)]
#[template(path = "vouchers/claim_form.html")]
struct ClaimFormPage {
    page: Page,
    form: FormState,
    /// Bookings of one institution and year that may be claimed together.
    together: Vec<Claimable>,
    /// The first booking of every other institution or year.
    others: Vec<Claimable>,
    contract: Option<File>,
    proofs: Vec<File>,
}

impl ClaimFormPage {
    fn held_fen(&self) -> i64 {
        self.together.iter().map(|booking| booking.held_fen).sum()
    }
}

/// The page over a form, with the bookings that go with the first chosen one.
async fn claim_page(app: &App, visitor: &Visitor, form: FormState) -> Result<ClaimFormPage, Error> {
    let member = visitor.require(Verb::Claim)?;
    let page = page(app, visitor).await?;
    let mut conn = app.db.read().await?;
    let all = store::claims::desk::list_claimable(&mut conn, &member.organisation_id).await?;
    let chosen = all.iter().find(|booking| form.holds("booking_ids", &booking.booking_id)).or(all.first()).cloned();
    let goes =
        |booking: &Claimable| chosen.as_ref().is_some_and(|first| first.institution_id == booking.institution_id && first.programme_id == booking.programme_id);
    let (together, apart): (Vec<_>, Vec<_>) = all.into_iter().partition(goes);
    let mut others: Vec<Claimable> = Vec::new();
    for booking in apart {
        if !others.iter().any(|other| other.institution_id == booking.institution_id && other.programme_id == booking.programme_id) {
            others.push(booking);
        }
    }
    let (mut contract, mut proofs) = (None, Vec::new());
    if !form.value("contract_file_id").is_empty() {
        contract = files::find(&mut conn, member, form.value("contract_file_id")).await?;
    }
    for id in form.values("kept") {
        proofs.extend(files::find(&mut conn, member, id).await?);
    }
    let form = match (&chosen, form.values("booking_ids").is_empty()) {
        (Some(first), true) => form.with("booking_ids", &first.booking_id),
        _ => form,
    };
    let form = form.with("seller_uscc", chosen.map(|first| first.institution_uscc).unwrap_or_default());
    Ok(ClaimFormPage { page, form, together, others, contract, proofs })
}

/// The form; `?with=ID` begins with a booking.
pub async fn form(State(app): State<Arc<App>>, visitor: Visitor, query: Query) -> Result<Response, Error> {
    let mut form = FormState::new();
    for id in query.all("with") {
        form = form.with("booking_ids", id);
    }
    show(&claim_page(&app, &visitor, form).await?)
}

/// Keeps the documents that came with a form; what is no document is noted at its field. Gives (field, id) of those kept.
pub(super) async fn keep_all(app: &App, visitor: &Visitor, form: &mut FormState, uploads: Vec<frame::Upload>) -> Result<Vec<(String, String)>, Error> {
    let (member, mut kept) = (visitor.require(Verb::Claim)?, Vec::new());
    for upload in uploads {
        match Upload::look(&upload.field, &upload.name, upload.bytes) {
            Ok(looked) => {
                let act = visitor.act(app)?;
                let file = files::keep(&app.files, &act, member, looked).await?;
                app.transact(&act, |tx| Box::pin(files::add(tx, &act, &file))).await?;
                kept.push((upload.field, file.id));
            }
            Err(violation) => form.note(violation),
        }
    }
    Ok(kept)
}

/// Files the claim.
pub async fn file(State(app): State<Arc<App>>, posted: Posted) -> Result<Response, Error> {
    let Posted { visitor, mut form, files: uploads } = posted;
    visitor.require(Verb::Claim)?;
    let kept = keep_all(&app, &visitor, &mut form, uploads).await?;
    for (field, id) in kept {
        form = if field == "contract" { form.without("contract_file_id").with("contract_file_id", id) } else { form.and("kept", id) };
    }
    if let Some(wanted) = read(&mut form) {
        let act = visitor.act(&app)?;
        match app.transact(&act, |tx| Box::pin(file_claim(tx, &act, &wanted))).await {
            Ok(claim) => return Ok(go(&format!("/vouchers/claims/{}", claim.id), "claim-filed")),
            Err(actions::Error::Refused(refusal)) => note(&mut form, refusal)?,
            Err(error) => return Err(error.into()),
        }
    }
    refused(&claim_page(&app, &visitor, form).await?)
}

/// The claim of a form; `None` when something is wrong by its spelling alone.
fn read(form: &mut FormState) -> Option<ClaimForm> {
    let days = (form.day("invoice_on"), form.day("paid_on"));
    let amounts = (form.yuan("invoice_fen"), form.yuan("paid_fen"));
    if form.value("contract_file_id").is_empty() {
        form.note(Violation::required("contract"));
    }
    if form.values("kept").is_empty() {
        form.note(Violation::required("proofs"));
    }
    let owned = |name: &str| form.values(name).into_iter().map(str::to_owned).collect::<Vec<_>>();
    let filing = Filing {
        booking_ids: owned("booking_ids"),
        invoice_number: form.value("invoice_number").to_owned(),
        invoice_code: Some(form.value("invoice_code").to_owned()).filter(|code| !code.trim().is_empty()),
        seller_uscc: form.value("seller_uscc").to_owned(),
        invoice_fen: amounts.0?,
        invoice_on: days.0?,
        paid_fen: amounts.1?,
        paid_on: days.1?,
        file_ids: owned("kept"),
    };
    let contract_file_id = form.value("contract_file_id").to_owned();
    (!form.is_wrong()).then_some(ClaimForm { filing, contract_file_id })
}

/// Notes a refusal at the fields of the page, so that nothing typed is lost.
fn note(form: &mut FormState, refusal: Refusal) -> Result<(), Error> {
    match refusal {
        Refusal::DuplicateInvoice => form.note(Violation::invalid("invoice_number", "duplicate_invoice")),
        Refusal::StateConflict("in_live_claim") => form.note(Violation::invalid("booking_ids", "in_live_claim")),
        Refusal::Rules { violations, .. } => {
            for mut violation in violations {
                let field = violation.field.split('[').next().unwrap_or_default();
                field.replace("contract_file_id", "contract").replace("file_ids", "proofs").clone_into(&mut violation.field);
                form.note(violation);
            }
        }
        other => return Err(other.into()),
    }
    Ok(())
}
