//! One's own account: profile, password, second factor, sessions, tokens, memberships, the export of one's data, the account's end.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum_extra::extract::CookieJar;

use super::frame::{Posted, go, page, page_with, refused, show};
use super::sessions::{cookie, place};
use super::shell::{Choice, FormState, Page};
use crate::actions::{passwords, persons, sessions, signins};
use crate::app::App;
use crate::base::chance::fingerprint;
use crate::base::lang::Lang;
use crate::domain::actors::{Actor, Member};
use crate::domain::refusals::Violation;
use crate::domain::roles::Verb;
use crate::domain::signing::{IDLE_SECONDS, judge_password};
use crate::http::caller::SESSION_COOKIE;
use crate::http::query::PathId;
use crate::http::{Error, Visitor};
use crate::store;
use crate::store::persons::Profile;
use crate::store::sessions::{OwnSession, OwnToken};

/// The routes.
pub fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/account", get(own))
        .route("/account/profile", post(change_profile))
        .route("/account/password", post(change_password))
        .route("/account/sessions/{id}/end", post(end_session))
        .route("/account/sessions/end-others", post(end_other_sessions))
        .route("/account/tokens", post(make_token))
        .route("/account/tokens/{id}/end", post(end_token))
        .route("/account/export", get(export))
        .route("/account/end", get(ask_end).post(end))
}

/// The forms of the page as they were typed.
#[derive(Debug, Default)]
pub struct Forms {
    /// Name and language.
    pub profile: FormState,
    /// A new password.
    pub password: FormState,
    /// Giving the second factor up.
    pub second_factor: FormState,
    /// A new token.
    pub token: FormState,
}

/// A session as its person sees it.
struct Session {
    own: OwnSession,
    /// Browser and system, as far as they can be told.
    machine: String,
    current: bool,
}

#[derive(Template)]
#[template(path = "persons/account.html")]
struct AccountPage {
    page: Page,
    forms: Forms,
    profile: Profile,
    languages: Vec<Choice>,
    memberships: Vec<Member>,
    current: Member,
    sessions: Vec<Session>,
    tokens: Vec<OwnToken>,
    second_factor_at: Option<crate::base::time::Instant>,
    second_factor_wanted: bool,
    recovery_codes: i64,
    /// The secret of a token made just now, shown once.
    new_token: String,
}

/// The page of one's own account with its forms as typed; 422 when one of them is wrong.
pub async fn account(app: &App, visitor: &Visitor, forms: Forms) -> Result<Response, Error> {
    let wrong = [&forms.profile, &forms.password, &forms.second_factor, &forms.token].into_iter().any(FormState::is_wrong);
    drawn(app, visitor, forms, String::new(), if wrong { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK }).await
}

async fn drawn(app: &App, visitor: &Visitor, forms: Forms, new_token: String, status: StatusCode) -> Result<Response, Error> {
    let current = visitor.member()?.clone();
    let page = page(app, visitor).await?;
    let mut conn = app.db.read().await?;
    let profile = store::persons::find_profile(&mut conn, &current.person_id).await?.ok_or(Error::Unauthorized)?;
    let memberships = store::persons::list_memberships(&mut conn, &current.person_id).await?;
    let here = visitor.secret.as_deref().map(fingerprint).unwrap_or_default();
    let sessions = store::sessions::list_of(&mut conn, &current.person_id, page.now.plus(-IDLE_SECONDS)).await?;
    let sessions =
        sessions.into_iter().map(|own| Session { machine: machine(own.agent.as_deref().unwrap_or_default()), current: own.fingerprint == here, own });
    let sessions = sessions.collect();
    let tokens = store::sessions::list_tokens_of(&mut conn, &current.person_id).await?;
    let factor = store::second_factors::find_live(&mut conn, &current.person_id).await?;
    let recovery_codes = match &factor {
        Some(factor) => store::second_factors::count_recovery_codes(&mut conn, &factor.id).await?,
        None => 0,
    };
    let mut second_factor_wanted = false;
    for membership in &memberships {
        second_factor_wanted |= crate::actions::second_factors::is_wanted(&mut conn, membership).await?;
    }
    drop(conn);
    let forms = Forms { profile: forms.profile.with("name", &profile.name).with("lang", &profile.lang), ..forms };
    let languages = Lang::ALL.iter().map(|lang| Choice::new(lang, lang.own_name())).collect();
    let second_factor_at = factor.and_then(|factor| factor.confirmed_at);
    let account = AccountPage {
        page,
        forms,
        profile,
        languages,
        memberships,
        current,
        sessions,
        tokens,
        second_factor_at,
        second_factor_wanted,
        recovery_codes,
        new_token,
    };
    page_with(status, &account)
}

/// Browser and system out of a browser's own words; only names that need no translation.
fn machine(agent: &str) -> String {
    let find = |names: &[(&str, &'static str)]| names.iter().find(|(mark, _)| agent.contains(mark)).map(|(_, name)| *name);
    let browser = find(&[("MicroMessenger", "WeChat"), ("Edg/", "Edge"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari")]);
    let system = find(&[
        ("HarmonyOS", "HarmonyOS"),
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac OS", "macOS"),
        ("Linux", "Linux"),
    ]);
    [browser, system].into_iter().flatten().collect::<Vec<_>>().join(" ")
}

async fn own(State(app): State<Arc<App>>, visitor: Visitor) -> Result<Response, Error> {
    account(&app, &visitor, Forms::default()).await
}

async fn change_profile(State(app): State<Arc<App>>, posted: Posted) -> Result<Response, Error> {
    let Posted { visitor, mut form, .. } = posted;
    let act = visitor.act(&app)?;
    let name = form.text("name", 60);
    let lang = form.word("lang", Lang::chosen);
    let (false, Some(lang)) = (form.is_wrong(), lang) else { return account(&app, &visitor, Forms { profile: form, ..Forms::default() }).await };
    app.transact(&act, |tx| Box::pin(persons::change_profile(tx, &act, &name, lang.as_str()))).await?;
    Ok(go("/account", "profile-saved"))
}

/// Proves once more that it is the person who sits there: what is wrong with the password typed, `None` when it is right. Wrong ones count
/// as tries to sign in.
pub async fn verify_again(app: &App, visitor: &Visitor, field: &str, password: String) -> Result<Option<Violation>, Error> {
    let member = visitor.member()?;
    if password.is_empty() {
        return Ok(Some(Violation::required(field)));
    }
    let _turn = passwords::turn().await;
    let mut conn = app.db.read().await?;
    let profile = store::persons::find_profile(&mut conn, &member.person_id).await?.ok_or(Error::Unauthorized)?;
    let at = signins::door(&profile.email, visitor.context.address);
    let tries = signins::tries(&mut conn, &at, app.clock.now()).await?;
    drop(conn);
    if let Some(until) = tries.wait_until(app.clock.now()) {
        return Ok(Some(Violation::invalid(field, "code_wait").with("wait_minutes", (until.0 - app.clock.now().0 + 59) / 60)));
    }
    if passwords::verify(password, profile.password_hash).await {
        return Ok(None);
    }
    let act = app.act(Actor::Member(member.clone()), visitor.context.request_id.clone());
    app.transact(&act, |tx| Box::pin(signins::refuse(tx, &act, &at))).await?;
    Ok(Some(Violation::invalid(field, "password_wrong")))
}

async fn change_password(State(app): State<Arc<App>>, jar: CookieJar, posted: Posted) -> Result<Response, Error> {
    let Posted { visitor, form, .. } = posted;
    let act = visitor.act(&app)?;
    let mut judged = FormState::new();
    let (current, fresh) = (form.value("current").to_owned(), form.value("password").to_owned());
    let profile = store::persons::find_profile(&mut *app.db.read().await?, &visitor.member()?.person_id).await?.ok_or(Error::Unauthorized)?;
    if let Some(violation) = judge_password("password", &fresh, &profile.email) {
        judged.note(violation);
    } else if form.value("again") != fresh {
        judged.note(Violation::invalid("again", "password_differs"));
    } else if let Some(violation) = verify_again(&app, &visitor, "current", current).await? {
        judged.note(violation);
    }
    if judged.is_wrong() {
        return account(&app, &visitor, Forms { password: judged, ..Forms::default() }).await;
    }
    let hash = passwords::hash(fresh).await?;
    let place = place(&visitor.context);
    let secret = {
        let (act, hash, place) = (&act, &hash, &place);
        app.transact(act, |tx| Box::pin(persons::change_password(tx, act, hash, place))).await?
    };
    Ok((jar.add(cookie(&visitor.context, SESSION_COOKIE, secret)), go("/account", "password-changed")).into_response())
}

async fn end_session(State(app): State<Arc<App>>, PathId(id): PathId, posted: Posted) -> Result<Response, Error> {
    let act = posted.visitor.act(&app)?;
    app.transact(&act, |tx| Box::pin(sessions::end(tx, &act, &id))).await?;
    Ok(go("/account", "session-ended"))
}

async fn end_other_sessions(State(app): State<Arc<App>>, posted: Posted) -> Result<Response, Error> {
    let act = posted.visitor.act(&app)?;
    let secret = posted.visitor.secret.clone().ok_or(Error::Unauthorized)?;
    app.transact(&act, |tx| Box::pin(sessions::end_others(tx, &act, &secret))).await?;
    Ok(go("/account", "sessions-ended"))
}

async fn make_token(State(app): State<Arc<App>>, posted: Posted) -> Result<Response, Error> {
    let Posted { visitor, mut form, .. } = posted;
    let act = visitor.act(&app)?;
    let name = form.text("token_name", 60);
    if form.is_wrong() {
        return account(&app, &visitor, Forms { token: form, ..Forms::default() }).await;
    }
    let secret = app.transact(&act, |tx| Box::pin(sessions::issue_own_token(tx, &act, &name))).await?;
    drawn(&app, &visitor, Forms::default(), secret, StatusCode::OK).await
}

async fn end_token(State(app): State<Arc<App>>, PathId(id): PathId, posted: Posted) -> Result<Response, Error> {
    let act = posted.visitor.act(&app)?;
    app.transact(&act, |tx| Box::pin(sessions::end_token(tx, &act, &id))).await?;
    Ok(go("/account", "token-ended"))
}

async fn export(State(app): State<Arc<App>>, visitor: Visitor) -> Result<Response, Error> {
    let act = visitor.act(&app)?;
    let data = app.transact(&act, |tx| Box::pin(crate::actions::exports::own(tx, &act))).await?;
    let text = serde_json::to_string_pretty(&data).map_err(|_| Error::Internal)?;
    let headers = [(header::CONTENT_TYPE, "application/json; charset=utf-8"), (header::CONTENT_DISPOSITION, "attachment; filename=\"yiqi-account.json\"")];
    Ok((headers, text).into_response())
}

#[derive(Template)]
#[template(path = "persons/end.html")]
struct EndPage {
    page: Page,
    form: FormState,
    memberships: Vec<Member>,
}

async fn ask_end(State(app): State<Arc<App>>, visitor: Visitor) -> Result<Response, Error> {
    let memberships = store::persons::list_memberships(&mut *app.db.read().await?, &visitor.member()?.person_id).await?;
    show(&EndPage { page: page(&app, &visitor).await?, form: FormState::new(), memberships })
}

async fn end(State(app): State<Arc<App>>, jar: CookieJar, posted: Posted) -> Result<Response, Error> {
    let Posted { visitor, form, .. } = posted;
    let act = visitor.act(&app)?;
    if let Some(violation) = verify_again(&app, &visitor, "password", form.value("password").to_owned()).await? {
        let mut judged = FormState::new();
        judged.note(violation);
        let memberships = store::persons::list_memberships(&mut *app.db.read().await?, &visitor.member()?.person_id).await?;
        return refused(&EndPage { page: page(&app, &visitor).await?, form: judged, memberships });
    }
    app.transact(&act, |tx| Box::pin(persons::end_account(tx, &act))).await?;
    Ok((jar.remove(super::sessions::gone()), go("/", "account-ended")).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_are_named_as_people_know_them() {
        let agent = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Safari/537.36";
        assert_eq!((machine(agent), machine("curl/8")), ("Chrome Windows".to_owned(), String::new()));
    }
}
