//! Signing in and out, switching between memberships, choosing the language.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum_extra::extract::CookieJar;
use axum_extra::extract::cookie::{Cookie, SameSite};
use serde::Deserialize;

use super::frame::{FORM_COOKIE, Posted, form_token, go, own_path, page, refused, show};
use super::shell::pages::MembershipChoice;
use super::shell::{FormState, LoginPage, SwitchPage};
use crate::actions::{passwords, sessions};
use crate::app::App;
use crate::base::text;
use crate::domain::actors::{Actor, Member};
use crate::domain::refusals::Refusal;
use crate::domain::roles::Side;
use crate::http::caller::SESSION_COOKIE;
use crate::http::{Error, Visitor};
use crate::store;

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
pub fn cookie(app: &App, name: &'static str, value: String) -> Cookie<'static> {
    Cookie::build((name, value)).path("/").http_only(true).same_site(SameSite::Lax).secure(app.config.is_https()).build()
}

async fn form(State(app): State<Arc<App>>, visitor: Visitor, jar: CookieJar, Query(next): Query<Next>) -> Result<Response, Error> {
    if let Some(member) = &visitor.member {
        return Ok(go(target(&next.next, member), ""));
    }
    let secret = jar.get(FORM_COOKIE).map_or_else(|| app.chance.dice().secret(), |c| c.value().to_owned());
    let mut page = page(&app, &visitor).await?;
    page.csrf = form_token(&secret);
    let answer = show(&LoginPage { page, form: FormState::new(), next: own_path(&next.next).to_owned(), error: String::new() })?;
    Ok((jar.add(cookie(&app, FORM_COOKIE, secret)), answer).into_response())
}

async fn sign_in(State(app): State<Arc<App>>, jar: CookieJar, posted: Posted) -> Result<Response, Error> {
    let Posted { visitor, mut form, .. } = posted;
    let email = form.text("email", 200);
    let password = form.value("password").to_owned();
    let next = form.value("next").to_owned();
    let mut conn = app.db.read().await?;
    let known = store::persons::find_by_email(&mut conn, &text::fold(&email)).await?;
    let memberships = match &known {
        Some(credentials) => store::persons::list_memberships(&mut conn, &credentials.person_id).await?,
        None => Vec::new(),
    };
    drop(conn);
    let right = passwords::verify(password, known.and_then(|c| c.password_hash)).await;
    let (true, Some(member)) = (right, memberships.into_iter().next()) else {
        let mut page = page(&app, &visitor).await?;
        page.csrf = jar.get(FORM_COOKIE).map(|c| form_token(c.value())).unwrap_or_default();
        let error = page.t("login-wrong");
        return refused(&LoginPage { page, form, next: own_path(&next).to_owned(), error });
    };
    let goal = target(&next, &member).to_owned();
    let act = app.act(Actor::Member(member.clone()), visitor.context.request_id.clone());
    let secret = app
        .transact(&act, |tx| {
            let (act, member) = (&act, &member);
            Box::pin(sessions::open(tx, act, &member.membership_id))
        })
        .await?;
    Ok((jar.add(cookie(&app, SESSION_COOKIE, secret)), go(&goal, "")).into_response())
}

async fn sign_out(State(app): State<Arc<App>>, jar: CookieJar, posted: Posted) -> Result<Response, Error> {
    let act = posted.visitor.act(&app)?;
    if let Some(secret) = &posted.visitor.secret {
        app.transact(&act, |tx| Box::pin(sessions::close(tx, &act, secret))).await?;
    }
    let gone = Cookie::build((SESSION_COOKIE, "")).path("/").build();
    Ok((jar.remove(gone), go("/", "signed-out")).into_response())
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
    let secret = app.transact(&act, |tx| Box::pin(sessions::switch(tx, &act, &old, &membership_id))).await?;
    let member = store::persons::find_member(&mut *app.db.read().await?, &membership_id).await?.ok_or(Refusal::NotFound)?;
    Ok((jar.add(cookie(&app, SESSION_COOKIE, secret)), go(home(&member), "switched")).into_response())
}

fn target<'a>(next: &'a str, member: &Member) -> &'a str {
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
