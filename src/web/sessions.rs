//! Signing in and out, switching between memberships, choosing the language.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Query, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum_extra::extract::CookieJar;
use axum_extra::extract::cookie::{Cookie, SameSite};
use serde::Deserialize;

use super::frame::{Posted, door, go, own_path, page, page_with, refused, show};
use super::second_steps::{self, Asked};
use super::shell::pages::MembershipChoice;
use super::shell::{FormState, LoginPage, Page, SwitchPage};
use crate::actions::sessions::Place;
use crate::actions::signins::{self, FirstStep};
use crate::actions::{passwords, sessions};
use crate::app::App;
use crate::base::text;
use crate::base::time::Instant;
use crate::domain::actors::{Actor, Member};
use crate::domain::refusals::Refusal;
use crate::domain::registrations::State as RegistrationState;
use crate::domain::roles::Side;
use crate::http::caller::SESSION_COOKIE;
use crate::http::{Context, Error, Visitor};
use crate::store;
use crate::store::tries::Door;

/// The routes.
pub fn routes() -> Router<Arc<App>> {
    Router::new().route("/login", get(form).post(sign_in)).route("/logout", post(sign_out)).route("/switch", get(choices).post(switch))
}

#[derive(Debug, Default, Deserialize)]
struct Next {
    #[serde(default)]
    next: String,
}

/// A cookie of ours: not for scripts, not for other sites, for https only where we are reached by it.
pub fn cookie(context: &Context, name: &'static str, value: String) -> Cookie<'static> {
    Cookie::build((name, value)).path("/").http_only(true).same_site(SameSite::Lax).secure(context.is_https).build()
}

/// Where a session is opened, for its person's eyes.
pub fn place(context: &Context) -> Place {
    Place { address: context.address.to_string(), agent: context.agent.clone() }
}

async fn form(State(app): State<Arc<App>>, visitor: Visitor, jar: CookieJar, Query(next): Query<Next>) -> Result<Response, Error> {
    if let Some(member) = &visitor.member {
        return Ok(go(target(&next.next, member), ""));
    }
    let (page, jar) = door(&app, &visitor, jar).await?;
    let answer = show(&LoginPage { page, form: FormState::new(), next: own_path(&next.next).to_owned(), error: String::new() })?;
    Ok((jar, answer).into_response())
}

async fn sign_in(State(app): State<Arc<App>>, visitor: Visitor, jar: CookieJar, request: Request) -> Result<Response, Error> {
    let Posted { visitor, mut form, .. } = match Posted::read(visitor.clone(), request, &app).await {
        Ok(posted) => posted,
        // Open since yesterday, or a browser that keeps no cookies: said here, where one is, and not by sending the reader round in a circle.
        Err(Error::Unauthorized | Error::Refused(Refusal::StateConflict("form_expired"))) => {
            let (page, jar) = door(&app, &visitor, jar).await?;
            let (form, next, error) = (FormState::new(), "/".to_owned(), page.t("login-expired"));
            return Ok((jar, page_with(StatusCode::CONFLICT, &LoginPage { page, form, next, error })?).into_response());
        }
        Err(error) => return Err(error),
    };
    let email = form.text("email", 200);
    let password = form.value("password").to_owned();
    let at = signins::door(&email, visitor.context.address);
    let turn = passwords::turn().await;
    let (tries, known) = {
        let mut conn = app.db.read().await?;
        (signins::tries(&mut conn, &at, app.clock.now()).await?, store::persons::find_by_email(&mut conn, &text::fold(&email)).await?)
    };
    if let Some(until) = tries.wait_until(app.clock.now()) {
        return wait(&app, &visitor, jar, form, until).await;
    }
    let person_id = known.as_ref().map(|person| person.person_id.clone());
    let right = passwords::verify(password, known.and_then(|person| person.password_hash)).await;
    let Some(person_id) = person_id.filter(|_| right) else {
        let act = app.act(Actor::Stranger, visitor.context.request_id.clone());
        app.transact(&act, |tx| Box::pin(signins::refuse(tx, &act, &at))).await?;
        let left = tries.left_after_one_more();
        return again(&app, &visitor, jar, form, |page| if left > 2 { page.t("login-wrong") } else { page.t1("login-wrong-left", "count", left) }).await;
    };
    drop(turn);
    let mut conn = app.db.read().await?;
    let Some(member) = store::persons::list_memberships(&mut conn, &person_id).await?.into_iter().next() else {
        let waits = store::registrations::find_last_of(&mut conn, &person_id).await?.is_some_and(|r| r.state == RegistrationState::Filed);
        return again(&app, &visitor, jar, form, |page| if waits { page.t("login-waits") } else { page.t("login-no-membership") }).await;
    };
    drop(conn);
    pass(&app, &visitor, jar, &form, &at, &member).await
}

/// A right password opens a session, or the second step.
async fn pass(app: &Arc<App>, visitor: &Visitor, jar: CookieJar, form: &FormState, at: &Door, member: &Member) -> Result<Response, Error> {
    let next = own_path(form.value("next"));
    let act = app.act(Actor::Member(member.clone()), visitor.context.request_id.clone());
    let place = place(&visitor.context);
    let step = {
        let (act, place) = (&act, &place);
        app.transact(act, |tx| Box::pin(signins::pass(tx, act, at, member, place))).await?
    };
    match step {
        FirstStep::In(secret) => Ok((jar.add(cookie(&visitor.context, SESSION_COOKIE, secret)), go(target(next, member), "")).into_response()),
        FirstStep::Code(secret) => second_steps::ask(app, visitor, jar, Asked { secret, next: next.to_owned(), ..Asked::default() }).await,
        FirstStep::SetUp(secret) => second_steps::ask(app, visitor, jar, Asked { secret, next: next.to_owned(), ..Asked::default() }).await,
    }
}

/// Too many wrong tries: the same answer for every address, with the time to wait.
async fn wait(app: &Arc<App>, visitor: &Visitor, jar: CookieJar, form: FormState, until: Instant) -> Result<Response, Error> {
    let (page, jar) = door(app, visitor, jar).await?;
    let seconds = (until.0 - page.now.0).max(1);
    let error = page.t1("login-locked", "minutes", (seconds + 59) / 60);
    let next = own_path(form.value("next")).to_owned();
    let answer = page_with(StatusCode::TOO_MANY_REQUESTS, &LoginPage { page, form, next, error })?;
    Ok((jar, [(header::RETRY_AFTER, seconds.to_string())], answer).into_response())
}

async fn again(app: &Arc<App>, visitor: &Visitor, jar: CookieJar, form: FormState, say: impl Fn(&Page) -> String) -> Result<Response, Error> {
    let (page, jar) = door(app, visitor, jar).await?;
    let (error, next) = (say(&page), own_path(form.value("next")).to_owned());
    Ok((jar, refused(&LoginPage { page, form, next, error })?).into_response())
}

async fn sign_out(State(app): State<Arc<App>>, jar: CookieJar, posted: Posted) -> Result<Response, Error> {
    let act = posted.visitor.act(&app)?;
    if let Some(secret) = &posted.visitor.secret {
        app.transact(&act, |tx| Box::pin(sessions::close(tx, &act, secret))).await?;
    }
    Ok((jar.remove(gone()), go("/", "signed-out")).into_response())
}

/// What takes the session's cookie away.
pub fn gone() -> Cookie<'static> {
    Cookie::build((SESSION_COOKIE, "")).path("/").build()
}

async fn choices(State(app): State<Arc<App>>, visitor: Visitor) -> Result<Response, Error> {
    let member = visitor.member()?.clone();
    let memberships = store::persons::list_memberships(&mut *app.db.read().await?, &member.person_id).await?;
    let choices = memberships
        .into_iter()
        .map(|m| MembershipChoice {
            current: m.membership_id == member.membership_id,
            id: m.membership_id,
            organisation: m.organisation_name,
            side_key: format!("side-{}", m.side),
            role_key: format!("role-{}", m.role),
        })
        .collect();
    show(&SwitchPage { page: page(&app, &visitor).await?, choices })
}

async fn switch(State(app): State<Arc<App>>, jar: CookieJar, posted: Posted) -> Result<Response, Error> {
    let act = posted.visitor.act(&app)?;
    let old = posted.visitor.secret.clone().ok_or(Error::Unauthorized)?;
    let membership_id = posted.form.value("membership").to_owned();
    let place = place(&posted.visitor.context);
    let secret = {
        let (act, old, membership_id, place) = (&act, &old, &membership_id, &place);
        app.transact(act, |tx| Box::pin(sessions::switch(tx, act, old, membership_id, place))).await?
    };
    let member = store::persons::find_member(&mut *app.db.read().await?, &membership_id).await?.ok_or(Refusal::NotFound)?;
    Ok((jar.add(cookie(&posted.visitor.context, SESSION_COOKIE, secret)), go(home(&member), "switched")).into_response())
}

/// Where to go after signing in: a path of ours, or where the day of the role begins.
pub fn target<'a>(next: &'a str, member: &Member) -> &'a str {
    match own_path(next) {
        "/" => home(member),
        path => path,
    }
}

/// Where the day of a role begins.
const fn home(member: &Member) -> &'static str {
    match member.side {
        Side::Enterprise => "/",
        Side::Institution => "/lab",
        Side::Bureau => "/bureau",
        Side::Platform => "/ops",
    }
}

/// The page for a request that needs somebody signed in.
pub fn to_sign_in(next: &str) -> Response {
    let query: String = url::form_urlencoded::Serializer::new(String::new()).append_pair("next", own_path(next)).finish();
    go(&format!("/login?{query}"), "")
}
