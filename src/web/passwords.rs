//! A forgotten password: asking for a link, and setting a new one by it. The answer is the same for every address.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum_extra::extract::CookieJar;

use super::frame::{Posted, door, go, page_with, refused, show};
use super::shell::{FormState, Page};
use crate::actions::{passwords, persons};
use crate::app::App;
use crate::base::chance::fingerprint;
use crate::base::text::fold;
use crate::domain::actors::Actor;
use crate::domain::refusals::{Refusal, Violation};
use crate::domain::signing::{is_address, judge_password, network};
use crate::http::query::PathId;
use crate::http::{Error, Visitor};
use crate::store::secrets::Purpose;
use crate::{actions, store};

/// The routes.
pub fn routes() -> Router<Arc<App>> {
    Router::new().route("/forgot", get(form).post(ask)).route("/reset/{secret}", get(fresh).post(set))
}

#[derive(Template)]
#[template(path = "passwords/forgot.html")]
struct ForgotPage {
    page: Page,
    form: FormState,
}

async fn form(State(app): State<Arc<App>>, visitor: Visitor, jar: CookieJar) -> Result<Response, Error> {
    let (page, jar) = door(&app, &visitor, jar).await?;
    Ok((jar, show(&ForgotPage { page, form: FormState::new() })?).into_response())
}

async fn ask(State(app): State<Arc<App>>, jar: CookieJar, posted: Posted) -> Result<Response, Error> {
    let Posted { visitor, mut form, .. } = posted;
    app.limits.count_form(visitor.context.address)?;
    let email = form.text("email", 200);
    if !email.is_empty() && !is_address(&fold(&email)) {
        form.note(Violation::invalid("email", "not_an_address"));
    }
    if form.is_wrong() {
        let (page, jar) = door(&app, &visitor, jar).await?;
        return Ok((jar, refused(&ForgotPage { page, form })?).into_response());
    }
    let act = app.act(Actor::Stranger, visitor.context.request_id.clone());
    app.transact(&act, |tx| Box::pin(persons::ask_reset(tx, &act, &email))).await?;
    Ok(go("/login", "reset-sent"))
}

#[derive(Template)]
#[template(path = "passwords/reset.html")]
struct ResetPage {
    page: Page,
    form: FormState,
    secret: String,
}

/// A link that was used, withdrawn, or is over: 410, with what to do instead.
#[derive(Template)]
#[template(path = "passwords/over.html")]
struct OverPage {
    page: Page,
    /// `reset`, `register` or `invitation`.
    kind: &'static str,
}

/// The page for a link that opens nothing any more.
pub async fn over(app: &App, visitor: &Visitor, jar: CookieJar, kind: &'static str) -> Result<Response, Error> {
    let (page, jar) = door(app, visitor, jar).await?;
    Ok((jar, page_with(StatusCode::GONE, &OverPage { page, kind })?).into_response())
}

/// Whether an action said that its link opens nothing any more.
pub fn is_over(error: &actions::Error) -> bool {
    matches!(error, actions::Error::Refused(Refusal::StateConflict("link_over")))
}

async fn email_of(app: &App, secret: &str) -> Result<Option<String>, Error> {
    let mut conn = app.db.read().await?;
    let Some(person_id) = store::secrets::find(&mut conn, &fingerprint(secret), Purpose::Reset, app.clock.now()).await? else { return Ok(None) };
    Ok(store::persons::find_profile(&mut conn, &person_id).await?.map(|person| person.email))
}

async fn fresh(State(app): State<Arc<App>>, visitor: Visitor, jar: CookieJar, PathId(secret): PathId) -> Result<Response, Error> {
    if email_of(&app, &secret).await?.is_none() {
        return over(&app, &visitor, jar, "reset").await;
    }
    let (page, jar) = door(&app, &visitor, jar).await?;
    Ok((jar, show(&ResetPage { page, form: FormState::new(), secret })?).into_response())
}

async fn set(State(app): State<Arc<App>>, PathId(secret): PathId, jar: CookieJar, posted: Posted) -> Result<Response, Error> {
    let Posted { visitor, form, .. } = posted;
    let Some(email) = email_of(&app, &secret).await? else { return over(&app, &visitor, jar, "reset").await };
    let password = form.value("password").to_owned();
    let mut judged = FormState::new();
    if let Some(violation) = judge_password("password", &password, &email) {
        judged.note(violation);
    } else if form.value("again") != password {
        judged.note(Violation::invalid("again", "password_differs"));
    }
    if judged.is_wrong() {
        let (page, jar) = door(&app, &visitor, jar).await?;
        return Ok((jar, refused(&ResetPage { page, form: judged, secret })?).into_response());
    }
    let hash = passwords::hash(password).await?;
    let act = app.act(Actor::Stranger, visitor.context.request_id.clone());
    let network = network(visitor.context.address);
    let done = {
        let (act, secret, hash, network) = (&act, &secret, &hash, &network);
        app.transact(act, |tx| Box::pin(persons::reset_password(tx, act, secret, hash, network))).await
    };
    match done {
        Ok(()) => Ok((jar.remove(super::sessions::gone()), go("/login", "password-set")).into_response()),
        Err(error) if is_over(&error) => over(&app, &visitor, jar, "reset").await,
        Err(error) => Err(error.into()),
    }
}
