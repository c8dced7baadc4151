//! Registrations before the bureau: what waits, one of them with everything it told, approval and rejection.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::{get, post};

use crate::actions::registrations;
use crate::app::App;
use crate::base::region;
use crate::domain::actors::Member;
use crate::domain::registrations::State as Standing;
use crate::domain::roles::{Side, Verb};
use crate::http::query::PathId;
use crate::http::{Error, Visitor};
use crate::store;
use crate::store::organisations::Party;
use crate::store::registrations::Registration;
use crate::web::frame::{Posted, go, page, page_with, show};
use crate::web::shell::{FormState, Page};

/// How many decided ones the list shows.
const DECIDED: i64 = 20;

/// The routes.
pub fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/bureau/registrations", get(list))
        .route("/bureau/registrations/{id}", get(one))
        .route("/bureau/registrations/{id}/approve", post(approve))
        .route("/bureau/registrations/{id}/reject", post(reject))
}

#[derive(Template)]
#[template(path = "registrations/list.html")]
struct ListPage {
    page: Page,
    waiting: Vec<Registration>,
    decided: Vec<Registration>,
}

async fn list(State(app): State<Arc<App>>, visitor: Visitor) -> Result<Response, Error> {
    let officer = visitor.require(Verb::RunProgrammes)?;
    let mut conn = app.db.read().await?;
    let waiting = store::registrations::list_waiting(&mut conn, &officer.organisation_id).await?;
    let decided = store::registrations::list_decided(&mut conn, &officer.organisation_id, DECIDED).await?;
    drop(conn);
    show(&ListPage { page: page(&app, &visitor).await?, waiting, decided })
}

#[derive(Template)]
#[template(path = "registrations/detail.html")]
struct DetailPage {
    page: Page,
    form: FormState,
    row: Registration,
    sides: Vec<Side>,
    region: String,
    /// The party that has this USCC already.
    party: Option<Party>,
}

async fn find(app: &App, officer: &Member, id: &str) -> Result<Registration, Error> {
    let row = store::registrations::find(&mut *app.db.read().await?, id).await?;
    let own = row.filter(|row| row.state != Standing::Unverified && row.bureau_id.as_ref().is_none_or(|bureau| *bureau == officer.organisation_id));
    own.ok_or(Error::NOT_FOUND)
}

async fn shown(app: &Arc<App>, visitor: &Visitor, id: &str, form: FormState) -> Result<Response, Error> {
    let officer = visitor.require(Verb::RunProgrammes)?;
    let row = find(app, officer, id).await?;
    let party = store::organisations::find_by_uscc(&mut *app.db.read().await?, &row.uscc).await?;
    let page = page(app, visitor).await?;
    let city = region::city(&row.region_code);
    let name = |code: &str| region::name(code, page.lang.as_str());
    let region = if city == row.region_code { name(&city) } else { format!("{} {}", name(&city), name(&row.region_code)) };
    let sides = row.sides.split(',').filter_map(Side::parse).collect();
    let status = if form.is_wrong() { axum::http::StatusCode::UNPROCESSABLE_ENTITY } else { axum::http::StatusCode::OK };
    page_with(status, &DetailPage { page, form, row, sides, region, party })
}

async fn one(State(app): State<Arc<App>>, visitor: Visitor, PathId(id): PathId) -> Result<Response, Error> {
    visitor.require(Verb::RunProgrammes)?;
    let act = visitor.act(&app)?;
    let answer = shown(&app, &visitor, &id, FormState::new()).await?;
    // Account and address of a person: who looked is part of the record.
    app.transact(&act, |tx| Box::pin(registrations::note_read(tx, &act, &id))).await?;
    Ok(answer)
}

async fn approve(State(app): State<Arc<App>>, PathId(id): PathId, posted: Posted) -> Result<Response, Error> {
    posted.visitor.require(Verb::RunProgrammes)?;
    let act = posted.visitor.act(&app)?;
    app.transact(&act, |tx| Box::pin(registrations::approve(tx, &act, &id))).await?;
    Ok(go("/bureau/registrations", "registration-approved"))
}

async fn reject(State(app): State<Arc<App>>, PathId(id): PathId, posted: Posted) -> Result<Response, Error> {
    let Posted { visitor, mut form, .. } = posted;
    visitor.require(Verb::RunProgrammes)?;
    let act = visitor.act(&app)?;
    let reason = form.text("reason", 500);
    if form.is_wrong() {
        return shown(&app, &visitor, &id, form).await;
    }
    app.transact(&act, |tx| Box::pin(registrations::reject(tx, &act, &id, &reason))).await?;
    Ok(go("/bureau/registrations", "registration-rejected"))
}
