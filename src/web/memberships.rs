//! The people of one's organisation, for its admin: who is in, invitations, roles, letting go.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum_extra::extract::CookieJar;

use super::frame::{Posted, go, page, page_with, show};
use super::shell::{Choice, FormState, Page};
use crate::actions::{self, memberships};
use crate::app::App;
use crate::domain::actors::Member;
use crate::domain::refusals::{Refusal, Violation};
use crate::domain::roles::{Role, Verb};
use crate::http::query::PathId;
use crate::http::{Error, Visitor};
use crate::store;
use crate::store::invitations::Invitation;
use crate::store::memberships::Colleague;

/// The routes.
pub fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/members", get(list))
        .route("/members/invite", post(invite))
        .route("/members/invitations/{id}/withdraw", post(withdraw))
        .route("/members/{id}/role", post(change_role))
        .route("/members/{id}/remove", get(ask_remove).post(remove))
}

#[derive(Template)]
#[template(path = "memberships/list.html")]
struct MembersPage {
    page: Page,
    form: FormState,
    own: Member,
    roles: Vec<Choice>,
    people: Vec<Colleague>,
    invitations: Vec<Invitation>,
    /// Nobody may take the last one's role away.
    admins: usize,
}

async fn shown(app: &App, visitor: &Visitor, form: FormState) -> Result<Response, Error> {
    let own = visitor.require(Verb::ManagePeople)?.clone();
    let page = page(app, visitor).await?;
    let mut conn = app.db.read().await?;
    let people = store::memberships::list(&mut conn, &own.organisation_id, own.side).await?;
    let invitations = store::invitations::list(&mut conn, &own.organisation_id, own.side).await?;
    drop(conn);
    let roles = Role::ALL.iter().filter(|role| role.fits(own.side)).map(|role| Choice::new(role, page.word("role", role))).collect();
    let admins = people.iter().filter(|person| person.role == Role::Admin).count();
    let status = if form.is_wrong() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    page_with(status, &MembersPage { page, form, own, roles, people, invitations, admins })
}

async fn list(State(app): State<Arc<App>>, visitor: Visitor) -> Result<Response, Error> {
    shown(&app, &visitor, FormState::new()).await
}

async fn invite(State(app): State<Arc<App>>, posted: Posted) -> Result<Response, Error> {
    let Posted { visitor, mut form, .. } = posted;
    visitor.require(Verb::ManagePeople)?;
    let act = visitor.act(&app)?;
    let email = form.text("email", 200);
    let role = form.word("role", Role::parse);
    let (false, Some(role)) = (form.is_wrong(), role) else { return shown(&app, &visitor, form).await };
    let done = app.transact(&act, |tx| Box::pin(memberships::invite(tx, &act, &email, role))).await;
    match done {
        Ok(()) => Ok(go("/members", "invited")),
        Err(actions::Error::Refused(refusal)) if form.refuse(&refusal) => shown(&app, &visitor, form).await,
        Err(error) => Err(error.into()),
    }
}

async fn withdraw(State(app): State<Arc<App>>, PathId(id): PathId, posted: Posted) -> Result<Response, Error> {
    posted.visitor.require(Verb::ManagePeople)?;
    let act = posted.visitor.act(&app)?;
    app.transact(&act, |tx| Box::pin(memberships::withdraw(tx, &act, &id))).await?;
    Ok(go("/members", "invitation-withdrawn"))
}

async fn change_role(State(app): State<Arc<App>>, PathId(id): PathId, jar: CookieJar, posted: Posted) -> Result<Response, Error> {
    let own = posted.visitor.require(Verb::ManagePeople)?.clone();
    let act = posted.visitor.act(&app)?;
    let role = Role::parse(posted.form.value("role")).ok_or_else(|| Error::violation(Violation::invalid("role", "not_a_word")))?;
    app.transact(&act, |tx| Box::pin(memberships::change_role(tx, &act, &id, role))).await?;
    Ok(after(&own, &id, role == own.role, jar, "role-changed"))
}

/// Whoever changed themselves is signed out: their membership has ended.
fn after(own: &Member, id: &str, unchanged: bool, jar: CookieJar, done: &str) -> Response {
    if own.membership_id == id && !unchanged {
        return (jar.remove(super::sessions::gone()), go("/login", done)).into_response();
    }
    go("/members", done)
}

#[derive(Template)]
#[template(path = "memberships/remove.html")]
struct RemovePage {
    page: Page,
    own: Member,
    person: Colleague,
}

async fn ask_remove(State(app): State<Arc<App>>, visitor: Visitor, PathId(id): PathId) -> Result<Response, Error> {
    let own = visitor.require(Verb::ManagePeople)?.clone();
    let found = store::memberships::find(&mut *app.db.read().await?, &own.organisation_id, own.side, &id).await?;
    let person = found.ok_or(Refusal::NotFound)?;
    show(&RemovePage { page: page(&app, &visitor).await?, own, person })
}

async fn remove(State(app): State<Arc<App>>, PathId(id): PathId, jar: CookieJar, posted: Posted) -> Result<Response, Error> {
    let own = posted.visitor.require(Verb::ManagePeople)?.clone();
    let act = posted.visitor.act(&app)?;
    app.transact(&act, |tx| Box::pin(memberships::remove(tx, &act, &id))).await?;
    Ok(after(&own, &id, false, jar, "member-removed"))
}
