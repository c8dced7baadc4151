//! The second step of signing in: a code, or setting a second factor up where the bureau wants one.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum_extra::extract::CookieJar;

use super::frame::{Posted, door, go, own_path, page_with, show};
use super::second_factors::{CodesPage, Drawn};
use super::sessions::{cookie, place, target};
use super::shell::{FormState, LoginPage, Page};
use crate::actions::passwords;
use crate::actions::signins::{self, SecondStep};
use crate::app::App;
use crate::domain::actors::{Actor, Member};
use crate::domain::refusals::Violation;
use crate::domain::signing::SecondFactor;
use crate::http::caller::SESSION_COOKIE;
use crate::http::{Error, Visitor};
use crate::store;

/// The routes.
pub fn routes() -> Router<Arc<App>> {
    Router::new().route("/login/code", post(take))
}

/// What the second step is asked with.
#[derive(Debug, Default)]
pub struct Asked {
    /// The secret of the step.
    pub secret: String,
    /// Where to go afterwards.
    pub next: String,
    /// What was typed, and what is wrong with it.
    pub form: FormState,
    /// The status of the page; 200 where nothing was wrong.
    pub status: StatusCode,
}

#[derive(Debug, Template)]
#[template(path = "second_factors/step.html")]
struct StepPage {
    page: Page,
    form: FormState,
    secret: String,
    next: String,
    /// A second factor to set up; none where a code is asked for.
    drawn: Option<Drawn>,
}

/// The page that asks for the code; it also shows what to set up where there is no second factor yet.
pub async fn ask(app: &App, visitor: &Visitor, jar: CookieJar, asked: Asked) -> Result<Response, Error> {
    let mut conn = app.db.read().await?;
    let Some(member) = signins::find_at_second_step(&mut conn, &asked.secret, app.clock.now()).await? else {
        drop(conn);
        return over(app, visitor, jar, asked.next).await;
    };
    let drawn = if store::second_factors::find_live(&mut conn, &member.person_id).await?.is_some() {
        None
    } else {
        let begun = store::second_factors::find_new(&mut conn, &member.person_id).await?.and_then(|begun| SecondFactor::read(&begun.secret));
        let email = store::persons::find_profile(&mut conn, &member.person_id).await?.map(|person| person.email).unwrap_or_default();
        begun.map(|factor| Drawn::new(&factor, &email))
    };
    drop(conn);
    let (page, jar) = door(app, visitor, jar).await?;
    let Asked { secret, next, form, status } = asked;
    Ok((jar, page_with(status, &StepPage { page, form, secret, next, drawn })?).into_response())
}

async fn over(app: &App, visitor: &Visitor, jar: CookieJar, next: String) -> Result<Response, Error> {
    let (page, jar) = door(app, visitor, jar).await?;
    let error = page.t("login-ended");
    let answer = page_with(StatusCode::UNPROCESSABLE_ENTITY, &LoginPage { page, form: FormState::new(), next, error })?;
    Ok((jar, answer).into_response())
}

async fn take(State(app): State<Arc<App>>, jar: CookieJar, posted: Posted) -> Result<Response, Error> {
    let Posted { visitor, mut form, .. } = posted;
    let (secret, next) = (form.value("step").to_owned(), own_path(form.value("next")).to_owned());
    let code = form.text("code", 40);
    let turn = passwords::turn().await;
    let mut conn = app.db.read().await?;
    let found = signins::find_at_second_step(&mut conn, &secret, app.clock.now()).await?;
    let Some(member) = found else {
        drop(conn);
        return over(&app, &visitor, jar, next).await;
    };
    let email = store::persons::find_profile(&mut conn, &member.person_id).await?.map(|person| person.email).unwrap_or_default();
    let at = signins::door(&email, visitor.context.address);
    let tries = signins::tries(&mut conn, &at, app.clock.now()).await?;
    drop(conn);
    if let Some(until) = tries.wait_until(app.clock.now()) {
        let minutes = (until.0 - app.clock.now().0 + 59) / 60;
        form.note(Violation::invalid("code", "code_wait").with("wait_minutes", minutes));
        return ask(&app, &visitor, jar, Asked { secret, next, form, status: StatusCode::TOO_MANY_REQUESTS }).await;
    }
    if form.is_wrong() {
        return ask(&app, &visitor, jar, Asked { secret, next, form, status: StatusCode::UNPROCESSABLE_ENTITY }).await;
    }
    let act = app.act(Actor::Member(member), visitor.context.request_id.clone());
    let place = place(&visitor.context);
    let step = {
        let (act, place, at, secret, code) = (&act, &place, &at, &secret, &code);
        app.transact(act, |tx| Box::pin(signins::pass_second_step(tx, act, at, secret, code, place))).await?
    };
    drop(turn);
    match step {
        SecondStep::Over => over(&app, &visitor, jar, next).await,
        SecondStep::Wrong => {
            form.note(Violation::invalid("code", "code_wrong"));
            ask(&app, &visitor, jar, Asked { secret, next, form, status: StatusCode::UNPROCESSABLE_ENTITY }).await
        }
        SecondStep::In { secret, member, codes } => enter(&app, &visitor, jar, secret, &member, codes, &next).await,
    }
}

/// In; recovery codes are shown once on the way.
async fn enter(app: &App, visitor: &Visitor, jar: CookieJar, secret: String, member: &Member, codes: Vec<String>, next: &str) -> Result<Response, Error> {
    let jar = jar.add(cookie(&visitor.context, SESSION_COOKIE, secret.clone()));
    let goal = target(next, member).to_owned();
    if codes.is_empty() {
        return Ok((jar, go(&goal, "")).into_response());
    }
    let inside = Visitor { member: Some(member.clone()), secret: Some(secret), context: visitor.context.clone() };
    let page = super::frame::page(app, &inside).await?;
    Ok((jar, show(&CodesPage { page, codes, next: goal })?).into_response())
}
