//! One's second factor: set up, confirm by a first code, give up. And the bureau's switch that asks its people for one.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};

use super::frame::{Posted, go, page, page_with, show};
use super::persons::verify_again;
use super::shell::{FormState, Html, Page, qr};
use crate::actions::second_factors;
use crate::app::App;
use crate::domain::refusals::{Refusal, Violation};
use crate::domain::roles::Verb;
use crate::domain::signing::SecondFactor;
use crate::http::{Error, Visitor};
use crate::store;

/// The routes.
pub fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/account/second-factor", get(set_up).post(confirm))
        .route("/account/second-factor/end", post(end))
        .route("/bureau/security", get(wish).post(want))
}

/// A second factor as it is shown for setting up.
#[derive(Debug)]
pub struct Drawn {
    /// `otpauth://…`: a link that opens an authenticator on the same phone.
    pub address: String,
    /// The secret to type by hand.
    pub spelled: String,
    /// The address as a QR code.
    pub picture: Html,
}

impl Drawn {
    /// A second factor of the person with this mail address.
    #[must_use]
    pub fn new(factor: &SecondFactor, email: &str) -> Self {
        let address = factor.address(email);
        let picture = qr::draw(&address);
        Self { address, spelled: factor.spelled(), picture }
    }
}

#[derive(Debug, Template)]
#[template(path = "second_factors/setup.html")]
struct SetUpPage {
    page: Page,
    form: FormState,
    drawn: Drawn,
}

/// Recovery codes, shown once.
#[derive(Debug, Template)]
#[template(path = "second_factors/codes.html")]
pub struct CodesPage {
    /// The shell.
    pub page: Page,
    /// The codes.
    pub codes: Vec<String>,
    /// Where to go on.
    pub next: String,
}

async fn set_up(State(app): State<Arc<App>>, visitor: Visitor) -> Result<Response, Error> {
    visitor.member()?;
    shown(&app, &visitor, FormState::new(), StatusCode::OK).await
}

async fn shown(app: &Arc<App>, visitor: &Visitor, form: FormState, status: StatusCode) -> Result<Response, Error> {
    let act = visitor.act(app)?;
    let person_id = visitor.member()?.person_id.clone();
    let mut conn = app.db.read().await?;
    if store::second_factors::find_live(&mut conn, &person_id).await?.is_some() {
        return Ok(go("/account", ""));
    }
    let profile = store::persons::find_profile(&mut conn, &person_id).await?.ok_or(Error::Unauthorized)?;
    drop(conn);
    let factor = app.transact(&act, |tx| Box::pin(second_factors::begin(tx, &act, &person_id))).await?;
    let drawn = Drawn::new(&factor, &profile.email);
    page_with(status, &SetUpPage { page: page(app, visitor).await?, form, drawn })
}

async fn confirm(State(app): State<Arc<App>>, posted: Posted) -> Result<Response, Error> {
    let Posted { visitor, mut form, .. } = posted;
    let act = visitor.act(&app)?;
    let code = form.text("code", 40);
    let secret = visitor.secret.clone().ok_or(Error::Unauthorized)?;
    let codes = {
        let (act, code, secret) = (&act, &code, &secret);
        app.transact(act, |tx| Box::pin(second_factors::confirm_own(tx, act, code, secret))).await?
    };
    let Some(codes) = codes else {
        if !form.is_wrong() {
            form.note(Violation::invalid("code", "code_wrong"));
        }
        return shown(&app, &visitor, form, StatusCode::UNPROCESSABLE_ENTITY).await;
    };
    show(&CodesPage { page: page(&app, &visitor).await?, codes, next: "/account".to_owned() })
}

async fn end(State(app): State<Arc<App>>, posted: Posted) -> Result<Response, Error> {
    let act = posted.visitor.act(&app)?;
    let password = posted.form.value("end_password").to_owned();
    if let Some(violation) = verify_again(&app, &posted.visitor, "end_password", password).await? {
        let mut form = FormState::new();
        form.note(violation);
        return super::persons::account(&app, &posted.visitor, super::persons::Forms { second_factor: form, ..Default::default() }).await;
    }
    let secret = posted.visitor.secret.clone().ok_or(Error::Unauthorized)?;
    app.transact(&act, |tx| Box::pin(second_factors::end(tx, &act, &secret))).await?;
    Ok(go("/account", "second-factor-ended"))
}

#[derive(Debug, Template)]
#[template(path = "second_factors/wish.html")]
struct WishPage {
    page: Page,
    since: Option<crate::base::time::Instant>,
    /// People of the bureau who have none yet.
    without: i64,
    people: i64,
}

async fn wish(State(app): State<Arc<App>>, visitor: Visitor) -> Result<Response, Error> {
    let member = visitor.require(Verb::RunProgrammes)?;
    let mut conn = app.db.read().await?;
    let since = store::second_factors::find_wanted(&mut conn, &member.organisation_id).await?;
    let people = store::memberships::list(&mut conn, &member.organisation_id, member.side).await?;
    drop(conn);
    let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
    let without = count(people.iter().filter(|person| person.second_factor_at.is_none()).count());
    show(&WishPage { page: page(&app, &visitor).await?, since, without, people: count(people.len()) })
}

async fn want(State(app): State<Arc<App>>, posted: Posted) -> Result<Response, Error> {
    posted.visitor.require(Verb::RunProgrammes)?;
    let act = posted.visitor.act(&app)?;
    let on = posted.form.value("on") == "1";
    let member = posted.visitor.member()?.clone();
    if on && store::second_factors::find_live(&mut *app.db.read().await?, &member.person_id).await?.is_none() {
        // Whoever asks others for it goes first: they would be the first to be signed out.
        return Err(Refusal::StateConflict("second_factor_first").into());
    }
    app.transact(&act, |tx| Box::pin(second_factors::want(tx, &act, on))).await?;
    Ok(go("/bureau/security", if on { "second-factor-wanted" } else { "second-factor-free" }))
}
