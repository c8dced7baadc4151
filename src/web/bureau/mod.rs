//! `/bureau`: what waits for the officers of a bureau. Beside: `claims` and `desk` (review), `vouchers` and `programmes` (grants,
//! purses, terms), `parties` (organisations and the pool).

mod claims;
mod desk;
mod parties;
mod programmes;
mod vouchers;

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::{get, post};

use super::frame::{self, show};
use super::shell::Page;
use crate::app::App;
use crate::base::paging::{self, Listed};
use crate::domain::claims::State as ClaimState;
use crate::domain::roles::Verb;
use crate::domain::vouchers::ApplicationState;
use crate::http::{Error, Visitor};
use crate::store;
use crate::store::applications::{Application, Filter as ApplicationFilter};
use crate::store::claims::lists::{self, ClaimLine, Filter};

/// The states in which a claim waits for a decision.
const WAITING: [ClaimState; 2] = [ClaimState::Filed, ClaimState::SecondReview];

/// The routes.
pub fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/bureau", get(waiting))
        .route("/bureau/claims", get(claims::list))
        .route("/bureau/payments.csv", get(claims::payments))
        .route("/bureau/claims/{id}", get(desk::one))
        .route("/bureau/claims/{id}/decide", post(desk::decide))
        .route("/bureau/claims/{id}/pay", post(desk::pay))
        .route("/bureau/claims/{id}/claw-back", post(desk::claw_back))
        .route("/bureau/vouchers", get(vouchers::overview))
        .route("/bureau/vouchers/{uscc}", get(vouchers::one))
        .route("/bureau/vouchers/applications/{id}", get(vouchers::application).post(vouchers::decide))
        .route("/bureau/vouchers/programmes/{year}", get(programmes::form).post(programmes::write))
        .route("/bureau/parties", get(parties::list))
        .route("/bureau/parties/new", get(parties::form).post(parties::add))
        .route("/bureau/parties/{id}/enrol", post(parties::enrol))
        .route("/bureau/parties/{id}/end-enrolment", post(parties::end))
}

/// The shell of a bureau's page, with what waits counted in the header.
async fn page(app: &App, visitor: &Visitor) -> Result<Page, Error> {
    let bureau_id = visitor.member()?.organisation_id.clone();
    let mut page = frame::page(app, visitor).await?;
    let counts = lists::count_by_state(&mut *app.db.read().await?, &bureau_id).await?;
    let of = |states: &[ClaimState]| counts.iter().filter(|(state, _)| states.contains(state)).map(|(_, count)| count).sum();
    if let Some(item) = page.nav.iter_mut().find(|item| item.href == "/bureau/claims") {
        item.count = of(&WAITING);
    }
    Ok(page)
}

/// The bureau of a visitor.
fn bureau_of(visitor: &Visitor) -> Result<String, Error> {
    Ok(visitor.member()?.organisation_id.clone())
}

#[derive(Template)]
#[template(path = "bureau/waiting.html")]
struct WaitingPage {
    page: Page,
    first: Listed<ClaimLine>,
    second: Listed<ClaimLine>,
    to_pay: Listed<ClaimLine>,
    applications: Listed<Application>,
    may_pay: bool,
}

async fn waiting(State(app): State<Arc<App>>, visitor: Visitor) -> Result<Response, Error> {
    visitor.require(Verb::ReadClaims)?;
    let bureau_id = bureau_of(&visitor)?;
    let page = page(&app, &visitor).await?;
    let mut conn = app.db.read().await?;
    let few = paging::Page { limit: 8, offset: 0 };
    let claims = |state: ClaimState| Filter { bureau_id: Some(bureau_id.clone()), states: vec![state], oldest_first: true, ..Filter::default() };
    let first = lists::list(&mut conn, &claims(ClaimState::Filed), few).await?;
    let second = lists::list(&mut conn, &claims(ClaimState::SecondReview), few).await?;
    let to_pay = lists::list(&mut conn, &claims(ClaimState::Approved), few).await?;
    let wanted = ApplicationFilter { bureau_id: Some(bureau_id.clone()), state: Some(ApplicationState::Filed), ..ApplicationFilter::default() };
    let applications = store::applications::list(&mut conn, &wanted, few).await?;
    drop(conn);
    show(&WaitingPage { page, first, second, to_pay, applications, may_pay: visitor.may(Verb::RunProgrammes) })
}
