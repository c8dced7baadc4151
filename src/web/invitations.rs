//! Answering an invitation by its link: as oneself where the address has an account, as a newcomer otherwise.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum_extra::extract::CookieJar;

use super::frame::{Posted, door, go, page_with};
use super::passwords::{is_over, over};
use super::shell::{FormState, Page};
use crate::actions::memberships::{self, NewcomerForm};
use crate::actions::passwords;
use crate::app::App;
use crate::domain::actors::Actor;
use crate::domain::refusals::Violation;
use crate::domain::signing::judge_password;
use crate::http::query::PathId;
use crate::http::{Error, Visitor};
use crate::store;
use crate::store::invitations::Invitation;

/// The routes.
pub fn routes() -> Router<Arc<App>> {
    Router::new().route("/invitation/{secret}", get(form).post(accept))
}

#[derive(Template)]
#[template(path = "invitations/answer.html")]
struct AnswerPage {
    page: Page,
    form: FormState,
    secret: String,
    invitation: Invitation,
    /// Whether the address has an account already.
    is_known: bool,
}

/// The invitation of a link, and whether its address has an account.
async fn find(app: &App, secret: &str) -> Result<Option<(Invitation, bool)>, Error> {
    let mut conn = app.db.read().await?;
    let Some(invitation) = memberships::find_invited(&mut conn, secret, app.clock.now()).await? else { return Ok(None) };
    let is_known = store::persons::find_by_email(&mut conn, &invitation.email).await?.is_some();
    Ok(Some((invitation, is_known)))
}

async fn form(State(app): State<Arc<App>>, visitor: Visitor, jar: CookieJar, PathId(secret): PathId) -> Result<Response, Error> {
    let Some((invitation, is_known)) = find(&app, &secret).await? else { return over(&app, &visitor, jar, "invitation").await };
    let (page, jar) = door(&app, &visitor, jar).await?;
    Ok((jar, page_with(StatusCode::OK, &AnswerPage { page, form: FormState::new(), secret, invitation, is_known })?).into_response())
}

async fn accept(State(app): State<Arc<App>>, PathId(secret): PathId, jar: CookieJar, posted: Posted) -> Result<Response, Error> {
    let Posted { visitor, mut form, .. } = posted;
    let Some((invitation, is_known)) = find(&app, &secret).await? else { return over(&app, &visitor, jar, "invitation").await };
    let mut newcomer = None;
    if !is_known {
        let name = form.text("person_name", 60);
        if let Some(violation) = judge_password("password", form.value("password"), &invitation.email) {
            form.note(violation);
        }
        if !form.holds("consent", "1") {
            form.note(Violation::required("consent"));
        }
        if form.is_wrong() {
            let (page, jar) = door(&app, &visitor, jar).await?;
            let answer = page_with(StatusCode::UNPROCESSABLE_ENTITY, &AnswerPage { page, form, secret, invitation, is_known })?;
            return Ok((jar, answer).into_response());
        }
        let password_hash = passwords::hash(form.value("password").to_owned()).await?;
        newcomer = Some(NewcomerForm { name, password_hash, lang: visitor.context.lang.as_str().to_owned() });
    }
    let act = app.act(visitor.member.clone().map_or(Actor::Stranger, Actor::Member), visitor.context.request_id.clone());
    let done = {
        let (act, secret, newcomer) = (&act, &secret, newcomer.as_ref());
        app.transact(act, |tx| Box::pin(memberships::accept(tx, act, secret, newcomer))).await
    };
    match done {
        Ok(joined) if visitor.member.as_ref().is_some_and(|m| m.person_id == joined.person_id) => Ok(go("/switch", "joined")),
        Ok(_) => Ok(go("/login", "joined")),
        Err(error) if is_over(&error) => over(&app, &visitor, jar, "invitation").await,
        Err(error) => Err(error.into()),
    }
}
