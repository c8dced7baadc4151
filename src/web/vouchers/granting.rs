//! `/vouchers/apply` and `/vouchers/return`: asking for money of a year, and giving back what is not needed.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;

use crate::actions;
use crate::actions::applications::{self, ApplicationForm, LONGEST_NUMBER};
use crate::actions::programmes::{self, YEARS};
use crate::actions::vouchers;
use crate::app::App;
use crate::domain::roles::Verb;
use crate::http::query::Query;
use crate::http::{Error, Visitor};
use crate::store::programmes::Version;
use crate::web::frame::{Posted, go, page, refused, show};
use crate::web::shell::{FormState, Page};

#[derive(Template)]
#[template(path = "vouchers/apply.html")]
struct ApplyPage {
    page: Page,
    form: FormState,
    /// Programmes that one may apply for: this year's and the next.
    open: Vec<(i64, Version)>,
}

async fn apply_page(app: &App, visitor: &Visitor, form: FormState) -> Result<ApplyPage, Error> {
    let member = visitor.require(Verb::ManageVouchers)?;
    let today = app.clock.now().day();
    let page = page(app, visitor).await?;
    let (mut open, mut conn) = (Vec::new(), app.db.read().await?);
    for year in [today.year(), today.year() + 1] {
        if let Some((_, version)) = programmes::find(&mut conn, today, member, year).await? {
            open.push((year, version));
        }
    }
    let first = open.first().map_or(today.year(), |(year, _)| *year);
    Ok(ApplyPage { page, form: form.with("year", first), open })
}

/// The form.
pub async fn apply_form(State(app): State<Arc<App>>, visitor: Visitor) -> Result<Response, Error> {
    show(&apply_page(&app, &visitor, FormState::new()).await?)
}

/// Applies.
pub async fn apply(State(app): State<Arc<App>>, posted: Posted) -> Result<Response, Error> {
    let Posted { visitor, mut form, .. } = posted;
    visitor.require(Verb::ManageVouchers)?;
    let read = (form.whole("year", YEARS.0, YEARS.1), form.yuan("amount_fen"), form.text("sme_number", LONGEST_NUMBER));
    if let (Some(year), Some(amount_fen), sme_number) = read
        && !form.is_wrong()
    {
        let (act, wanted) = (visitor.act(&app)?, ApplicationForm { year, amount_fen, sme_number });
        match app.transact(&act, |tx| Box::pin(applications::apply(tx, &act, &wanted))).await {
            Ok(_) => return Ok(go(&format!("/vouchers?year={year}"), "voucher-applied")),
            Err(actions::Error::Refused(refusal)) if form.refuse(&refusal) => {}
            Err(error) => return Err(error.into()),
        }
    }
    refused(&apply_page(&app, &visitor, form).await?)
}

#[derive(Template)]
#[template(path = "vouchers/return.html")]
struct ReturnPage {
    page: Page,
    form: FormState,
    year: i64,
    available_fen: i64,
}

async fn return_page(app: &App, visitor: &Visitor, form: FormState, year: i64) -> Result<ReturnPage, Error> {
    let member = visitor.require(Verb::ManageVouchers)?;
    let page = page(app, visitor).await?;
    let voucher = vouchers::find(&mut *app.db.read().await?, app.clock.now().day(), &member.organisation_id, None, year).await?;
    Ok(ReturnPage { page, form, year, available_fen: voucher.purse().available_fen })
}

/// The form.
pub async fn return_form(State(app): State<Arc<App>>, visitor: Visitor, mut query: Query) -> Result<Response, Error> {
    let year = query.number("year", YEARS.0, YEARS.1).unwrap_or(app.clock.now().day().year());
    query.done()?;
    show(&return_page(&app, &visitor, FormState::new(), year).await?)
}

/// Gives back.
pub async fn give_back(State(app): State<Arc<App>>, posted: Posted) -> Result<Response, Error> {
    let Posted { visitor, mut form, .. } = posted;
    visitor.require(Verb::ManageVouchers)?;
    let year = form.whole("year", YEARS.0, YEARS.1).unwrap_or(app.clock.now().day().year());
    let amount_fen = form.yuan("amount_fen");
    if let Some(amount_fen) = amount_fen
        && !form.is_wrong()
    {
        let act = visitor.act(&app)?;
        match app.transact(&act, |tx| Box::pin(vouchers::give_back(tx, &act, year, amount_fen))).await {
            Ok(_) => return Ok(go(&format!("/vouchers?year={year}"), "voucher-returned")),
            Err(actions::Error::Refused(refusal)) if form.refuse(&refusal) => {}
            Err(error) => return Err(error.into()),
        }
    }
    refused(&return_page(&app, &visitor, form, year).await?)
}
