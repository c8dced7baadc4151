//! One's own organisation as it is registered: bank account with its second person, invoice details.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};

use super::frame::{Posted, go, page, page_with};
use super::shell::{FormState, Page};
use crate::actions::{self, bank_accounts};
use crate::app::App;
use crate::base::region;
use crate::domain::actors::Member;
use crate::domain::refusals::Refusal;
use crate::domain::roles::{Side, Verb};
use crate::http::query::PathId;
use crate::http::{Error, Visitor};
use crate::store;
use crate::store::bank_accounts::{BankAccount, InvoiceDetails};
use crate::store::organisations::Party;

/// The routes.
pub fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/organisation", get(own))
        .route("/organisation/account", post(propose))
        .route("/organisation/account/{id}/confirm", post(confirm))
        .route("/organisation/account/{id}/decline", post(decline))
        .route("/organisation/invoices", post(change_invoices))
}

#[derive(Template)]
#[template(path = "bank_accounts/organisation.html")]
struct OrganisationPage {
    page: Page,
    own: Member,
    party: Party,
    sides: Vec<Side>,
    region: String,
    account: Option<BankAccount>,
    proposed: Option<BankAccount>,
    invoices: Option<InvoiceDetails>,
    account_form: FormState,
    invoice_form: FormState,
}

async fn shown(app: &App, visitor: &Visitor, account_form: FormState, invoice_form: FormState) -> Result<Response, Error> {
    let own = visitor.require(Verb::ManageAccount)?.clone();
    let page = page(app, visitor).await?;
    let mut conn = app.db.read().await?;
    let party = store::organisations::find(&mut conn, &own.organisation_id).await?.ok_or(Refusal::NotFound)?;
    let sides = store::organisations::list_sides(&mut conn, &own.organisation_id).await?;
    let account = store::bank_accounts::find_live(&mut conn, &own.organisation_id).await?;
    let proposed = store::bank_accounts::find_proposed(&mut conn, &own.organisation_id).await?;
    let invoices = store::bank_accounts::find_invoice_details(&mut conn, &own.organisation_id).await?;
    drop(conn);
    let city = region::city(&party.region_code);
    let name = |code: &str| region::name(code, page.lang.as_str());
    let region = if city == party.region_code { name(&city) } else { format!("{} {}", name(&city), name(&party.region_code)) };
    let (address, phone) = invoices.as_ref().map_or((party.address.as_str(), ""), |details| (details.address.as_str(), details.phone.as_str()));
    let invoice_form = invoice_form.with("invoice_address", address).with("invoice_phone", phone);
    let wrong = account_form.is_wrong() || invoice_form.is_wrong();
    let status = if wrong { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    page_with(status, &OrganisationPage { page, own, party, sides, region, account, proposed, invoices, account_form, invoice_form })
}

async fn own(State(app): State<Arc<App>>, visitor: Visitor) -> Result<Response, Error> {
    shown(&app, &visitor, FormState::new(), FormState::new()).await
}

async fn propose(State(app): State<Arc<App>>, posted: Posted) -> Result<Response, Error> {
    let Posted { visitor, mut form, .. } = posted;
    visitor.require(Verb::ManageAccount)?;
    let act = visitor.act(&app)?;
    let (bank, number) = (form.text("bank", 100), form.text("bank_number", 60));
    if form.is_wrong() {
        return shown(&app, &visitor, form, FormState::new()).await;
    }
    let done = app.transact(&act, |tx| Box::pin(bank_accounts::propose(tx, &act, &bank, &number))).await;
    match done {
        Ok(()) => Ok(go("/organisation", "account-proposed")),
        Err(actions::Error::Refused(refusal)) if form.refuse(&refusal) => shown(&app, &visitor, form, FormState::new()).await,
        Err(error) => Err(error.into()),
    }
}

async fn confirm(State(app): State<Arc<App>>, PathId(id): PathId, posted: Posted) -> Result<Response, Error> {
    posted.visitor.require(Verb::ManageAccount)?;
    let act = posted.visitor.act(&app)?;
    app.transact(&act, |tx| Box::pin(bank_accounts::confirm(tx, &act, &id))).await?;
    Ok(go("/organisation", "account-confirmed"))
}

async fn decline(State(app): State<Arc<App>>, PathId(id): PathId, posted: Posted) -> Result<Response, Error> {
    posted.visitor.require(Verb::ManageAccount)?;
    let act = posted.visitor.act(&app)?;
    app.transact(&act, |tx| Box::pin(bank_accounts::decline(tx, &act, &id))).await?;
    Ok(go("/organisation", "account-declined"))
}

async fn change_invoices(State(app): State<Arc<App>>, posted: Posted) -> Result<Response, Error> {
    let Posted { visitor, mut form, .. } = posted;
    visitor.require(Verb::ManageAccount)?;
    let act = visitor.act(&app)?;
    let (address, phone) = (form.text("invoice_address", 200), form.optional_text("invoice_phone", 40));
    if form.is_wrong() {
        return shown(&app, &visitor, FormState::new(), form).await;
    }
    app.transact(&act, |tx| Box::pin(bank_accounts::change_invoice_details(tx, &act, &address, &phone))).await?;
    Ok(go("/organisation", "invoices-saved"))
}
