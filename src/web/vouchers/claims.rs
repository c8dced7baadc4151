//! `/vouchers/claims`: an enterprise's claims, one of them, answering what was sent back, taking it back.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;

use super::claiming::keep_all;
use crate::actions;
use crate::actions::claims::answers::{self, AnswerForm};
use crate::actions::claims::{self, LONGEST_NOTE, Whole};
use crate::app::App;
use crate::base::paging::Listed;
use crate::domain::claims::State as ClaimState;
use crate::domain::roles::Verb;
use crate::http::query::{PathId, Query};
use crate::http::{Error, Visitor};
use crate::store;
use crate::store::claims::desk::DeskLine;
use crate::store::claims::lists::{self, ClaimLine, Filter};
use crate::web::frame::{Posted, go, page, refused, show};
use crate::web::shell::{Choice, FormState, Page, Pager};

#[derive(Template)]
#[template(path = "vouchers/claims.html")]
struct ClaimsPage {
    page: Page,
    form: FormState,
    states: Vec<Choice>,
    claims: Listed<ClaimLine>,
    pager: Pager,
}

/// The claims, the newest first; `?state=` keeps those in one.
pub async fn list(State(app): State<Arc<App>>, visitor: Visitor, mut query: Query) -> Result<Response, Error> {
    let own = visitor.require(Verb::Claim)?.organisation_id.clone();
    let states = query.word("state", ClaimState::parse).into_iter().collect();
    let at = query.page();
    query.done()?;
    let page = page(&app, &visitor).await?;
    let filter = Filter { enterprise_id: Some(own), states, ..Filter::default() };
    let claims = lists::list(&mut *app.db.read().await?, &filter, at).await?;
    let pager = Pager::new(&page, at, claims.total);
    let form = FormState::read(page.query.as_bytes());
    let states = Choice::words(&page, "state-claim", ClaimState::ALL);
    show(&ClaimsPage { page, form, states, claims, pager })
}

#[derive(Template)]
#[template(path = "vouchers/claim.html")]
struct ClaimPage {
    page: Page,
    form: FormState,
    whole: Whole,
    lines: Vec<DeskLine>,
    enterprise_name: String,
    /// Why it was sent back, rejected or clawed back; empty otherwise.
    why: String,
}

impl ClaimPage {
    fn is_open(&self) -> bool {
        matches!(self.whole.claim.state, ClaimState::Filed | ClaimState::SentBack)
    }

    fn is_sent_back(&self) -> bool {
        self.whole.claim.state == ClaimState::SentBack
    }
}

async fn claim_page(app: &App, visitor: &Visitor, id: &str, form: FormState) -> Result<ClaimPage, Error> {
    let member = visitor.require(Verb::Claim)?;
    let page = page(app, visitor).await?;
    let mut conn = app.db.read().await?;
    let claim = claims::find(&mut conn, member, id).await?.ok_or(Error::NOT_FOUND)?;
    let whole = claims::whole(&mut conn, claim).await?;
    let lines = store::claims::desk::list_lines(&mut conn, id).await?;
    let told = matches!(whole.claim.state, ClaimState::SentBack | ClaimState::Rejected | ClaimState::ClawedBack);
    let why = whole.reviews.last().filter(|_| told).map(|review| review.note.clone()).unwrap_or_default();
    Ok(ClaimPage { page, form, enterprise_name: whole.enterprise.name.clone(), whole, lines, why })
}

/// One claim.
pub async fn one(State(app): State<Arc<App>>, visitor: Visitor, PathId(id): PathId) -> Result<Response, Error> {
    show(&claim_page(&app, &visitor, &id, FormState::new()).await?)
}

/// Answers what was sent back.
pub async fn answer(State(app): State<Arc<App>>, PathId(id): PathId, posted: Posted) -> Result<Response, Error> {
    let Posted { visitor, mut form, files } = posted;
    let member = visitor.require(Verb::Claim)?;
    claims::find(&mut *app.db.read().await?, member, &id).await?.ok_or(Error::NOT_FOUND)?;
    let note = form.optional_text("note", LONGEST_NOTE);
    let kept = keep_all(&app, &visitor, &mut form, files).await?;
    if !form.is_wrong() {
        let act = visitor.act(&app)?;
        let wanted = AnswerForm { file_ids: kept.into_iter().map(|(_, id)| id).collect(), note: Some(note), version: None };
        match app.transact(&act, |tx| Box::pin(answers::answer(tx, &act, &id, &wanted))).await {
            Ok(_) => return Ok(go(&format!("/vouchers/claims/{id}"), "claim-answered")),
            Err(actions::Error::Refused(refusal)) if form.refuse(&refusal) => {}
            Err(error) => return Err(error.into()),
        }
    }
    refused(&claim_page(&app, &visitor, &id, form).await?)
}

/// Takes a claim back.
pub async fn withdraw(State(app): State<Arc<App>>, PathId(id): PathId, posted: Posted) -> Result<Response, Error> {
    posted.visitor.require(Verb::Claim)?;
    let act = posted.visitor.act(&app)?;
    app.transact(&act, |tx| Box::pin(answers::withdraw(tx, &act, &id, None))).await?;
    Ok(go(&format!("/vouchers/claims/{id}"), "claim-withdrawn"))
}
