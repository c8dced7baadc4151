//! What every page handler uses: the shell for a visitor, forms that were posted, and answers.

use std::sync::Arc;

use askama::Template;
use axum::extract::{FromRequest, FromRequestParts as _, Multipart, Request};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum_extra::extract::CookieJar;

use super::shell::{Flash, FormState, NavItem, Page, PersonHead, render};
use crate::app::App;
use crate::base::chance::{fingerprint, is_same};
use crate::base::lang::{has, tr};
use crate::base::text::is_clean;
use crate::domain::refusals::{Refusal, Violation};
use crate::http::{Error, Visitor};
use crate::store;

/// The cookie behind the forms of people who are not signed in.
pub const FORM_COOKIE: &str = "yiqi_form";

/// The shell of a page for a visitor: language, name, navigation, form token, and what the last act says (`?done=KEY`).
///
/// # Errors
/// When the database is away.
pub async fn page(app: &App, visitor: &Visitor) -> Result<Page, Error> {
    let (path, query) = visitor.context.path_and_query.split_once('?').unwrap_or((&visitor.context.path_and_query, ""));
    let mut page = Page::new(visitor.context.lang, app.clock.now(), path);
    query.clone_into(&mut page.query);
    page.host = app.host().map(|host| (host.name, host.region_code));
    page.flash = flash(&page);
    if let Some(member) = &visitor.member {
        let memberships = store::persons::list_memberships(&mut *app.db.read().await?, &member.person_id).await?.len();
        page.person = Some(PersonHead {
            name: member.person_name.clone(),
            organisation: member.organisation_name.clone(),
            role_key: format!("role-{}", member.role),
            memberships: i64::try_from(memberships).unwrap_or(1),
        });
        page.nav = NavItem::places(Some((member.side, member.role)), path);
        if let Some(item) = page.nav.iter_mut().find(|item| item.href == "/bureau/registrations") {
            item.count = store::registrations::count_waiting(&mut *app.db.read().await?, &member.organisation_id).await?;
        }
    }
    if let Some(secret) = &visitor.secret {
        page.csrf = form_token(secret);
    }
    Ok(page)
}

/// The shell of a page whose forms a stranger may send, and the cookie jar that goes out with it.
///
/// # Errors
/// When the database is away.
pub async fn door(app: &App, visitor: &Visitor, jar: CookieJar) -> Result<(Page, CookieJar), Error> {
    let mut page = page(app, visitor).await?;
    if visitor.secret.is_some() {
        return Ok((page, jar));
    }
    let known = jar.get(FORM_COOKIE).map(|cookie| cookie.value().to_owned()).filter(|value| !value.is_empty());
    let secret = known.clone().unwrap_or_else(|| app.chance.dice().secret());
    page.csrf = form_token(&secret);
    Ok((page, if known.is_some() { jar } else { jar.add(super::sessions::cookie(&visitor.context, FORM_COOKIE, secret)) }))
}

fn flash(page: &Page) -> Option<Flash> {
    let key = url::form_urlencoded::parse(page.query.as_bytes()).find(|(name, _)| name == "done").map(|(_, value)| format!("done-{value}"))?;
    let plain = key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    (plain && has(page.lang, &key)).then(|| Flash { kind: "good".to_owned(), text: tr(page.lang, &key, &[]) })
}

/// The token that a form carries, made of a secret that only the browser's cookie holds.
#[must_use]
pub fn form_token(secret: &str) -> String {
    fingerprint(&format!("{secret}:form"))
}

/// A page: 200.
///
/// # Errors
/// When the template cannot be rendered.
pub fn show<T: Template>(template: &T) -> Result<Response, Error> {
    page_with(StatusCode::OK, template)
}

/// A page whose form was refused: 422, with everything that was typed.
///
/// # Errors
/// When the template cannot be rendered.
pub fn refused<T: Template>(template: &T) -> Result<Response, Error> {
    page_with(StatusCode::UNPROCESSABLE_ENTITY, template)
}

/// A page with a status of its own.
///
/// # Errors
/// When the template cannot be rendered.
pub fn page_with<T: Template>(status: StatusCode, template: &T) -> Result<Response, Error> {
    let html = render(template).map_err(|error| {
        tracing::error!(%error, "a page cannot be rendered");
        Error::Internal
    })?;
    Ok((status, Html(html)).into_response())
}

/// On to another page (303), where `done-KEY` says what was done; an empty key says nothing.
#[must_use]
pub fn go(path: &str, done: &str) -> Response {
    let target = match (done.is_empty(), path.contains('?')) {
        (true, _) => path.to_owned(),
        (false, true) => format!("{path}&done={done}"),
        (false, false) => format!("{path}?done={done}"),
    };
    match HeaderValue::from_str(&target) {
        Ok(location) => (StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response(),
        Err(_) => Error::NOT_FOUND.into_response(),
    }
}

/// A path of ours to go to, or `/`: never another site.
#[must_use]
pub fn own_path(path: &str) -> &str {
    let bytes = path.as_bytes();
    let own = bytes.first() == Some(&b'/') && !matches!(bytes.get(1), Some(b'/' | b'\\')) && is_clean(path) && !path.contains(['\\', '\n', '\r', '\t']);
    if own { path } else { "/" }
}

/// One file of a posted form.
#[derive(Debug, Clone)]
pub struct Upload {
    /// The field.
    pub field: String,
    /// The file's name as the browser tells it.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// A posted form of a visitor: the token was right, nothing else was judged yet.
#[derive(Debug)]
pub struct Posted {
    /// Who posted.
    pub visitor: Visitor,
    /// What was typed, without the token.
    pub form: FormState,
    /// Uploaded files that are not empty.
    pub files: Vec<Upload>,
}

impl FromRequest<Arc<App>> for Posted {
    type Rejection = Error;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, Error> {
        let (mut parts, body) = request.into_parts();
        let visitor = Visitor::from_request_parts(&mut parts, app).await?;
        Self::read(visitor, Request::from_parts(parts, body), app).await
    }
}

impl Posted {
    /// The form that a visitor posted.
    ///
    /// # Errors
    /// 401 and 409 where it is not ours or not of this session, 413, 415.
    pub async fn read(visitor: Visitor, request: Request, app: &Arc<App>) -> Result<Self, Error> {
        let (parts, body) = request.into_parts();
        let kind = parts.headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default().to_ascii_lowercase();
        let expected = expected_token(&visitor, &parts.headers);
        let request = Request::from_parts(parts, body);
        let (values, files) = if kind.starts_with("multipart/form-data") {
            read_multipart(Multipart::from_request(request, app).await.map_err(|_| Error::BadRequest("multipart"))?).await?
        } else if kind.starts_with("application/x-www-form-urlencoded") {
            let bytes = axum::body::Bytes::from_request(request, app).await.map_err(|_| Error::TooLarge)?;
            (url::form_urlencoded::parse(&bytes).into_owned().collect(), Vec::new())
        } else {
            return Err(Error::UnsupportedMedia);
        };
        let token = values.iter().find(|(name, _)| name == "csrf").map(|(_, value)| value.as_str());
        if !expected.as_deref().zip(token).is_some_and(|(expected, token)| is_same(expected, token)) {
            // Either the session is over, or the form was not ours.
            return Err(if visitor.member.is_none() && expected.is_none() { Error::Unauthorized } else { Refusal::StateConflict("form_expired").into() });
        }
        let unclean: Vec<String> = values.iter().filter(|(_, value)| !is_clean(value)).map(|(name, _)| name.clone()).collect();
        let mut form = FormState::typed(values.into_iter().filter(|(name, _)| name != "csrf").collect());
        for name in unclean {
            form.note(Violation::invalid(name, "not_clean"));
        }
        Ok(Self { visitor, form, files })
    }
}

fn expected_token(visitor: &Visitor, headers: &HeaderMap) -> Option<String> {
    if let Some(secret) = &visitor.secret {
        return Some(form_token(secret));
    }
    CookieJar::from_headers(headers).get(FORM_COOKIE).map(|cookie| form_token(cookie.value()))
}

type Read = (Vec<(String, String)>, Vec<Upload>);

async fn read_multipart(mut multipart: Multipart) -> Result<Read, Error> {
    let (mut values, mut files) = (Vec::new(), Vec::new());
    let failed = |error: axum::extract::multipart::MultipartError| {
        if error.status() == StatusCode::PAYLOAD_TOO_LARGE { Error::TooLarge } else { Error::BadRequest("multipart") }
    };
    while let Some(field) = multipart.next_field().await.map_err(failed)? {
        let name = field.name().unwrap_or_default().to_owned();
        match field.file_name().map(str::to_owned) {
            Some(file_name) => {
                let bytes = field.bytes().await.map_err(failed)?.to_vec();
                if !bytes.is_empty() {
                    files.push(Upload { field: name, name: file_name, bytes });
                }
            }
            None => values.push((name, field.text().await.map_err(failed)?)),
        }
    }
    Ok((values, files))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_of_ours_are_gone_to() {
        assert_eq!(own_path("/bookings?x=1"), "/bookings?x=1");
        for foreign in ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)", "", "/a\nb"] {
            assert_eq!(own_path(foreign), "/", "{foreign}");
        }
    }
}
