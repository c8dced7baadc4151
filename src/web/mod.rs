//! Floor 4, the pages: request -> action -> page. Nothing but translation happens here; rules are the domain's, words are the text files'.
//!
//! Pages take the session cookie only, never a bearer token. Start with [`frame`] (what a handler uses) and `shell`, what every page stands in.

pub mod assets;
pub mod audit;
pub mod bank_accounts;
pub mod bookings;
pub mod bureau;
pub mod docs;
pub mod files;
pub mod frame;
pub mod instruments;
pub mod invitations;
pub mod lab;
pub mod memberships;
pub mod openness;
pub mod ops;
pub mod passwords;
pub mod persons;
pub mod registrations;
pub mod second_factors;
pub mod second_steps;
pub mod sessions;
pub mod shell;
pub mod slots;
pub mod statements;
pub mod usage;
pub mod vouchers;

use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderValue, Method, header};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::app::App;
use crate::base::lang::Lang;
use crate::domain::refusals::Refusal;
use crate::http::context::LANGUAGE_COOKIE;
use crate::http::{Context, Error};
use shell::{Page, ProblemPage};

/// Every page.
pub fn routes() -> Router<Arc<App>> {
    Router::new()
        .merge(sessions::routes())
        .merge(people())
        .merge(instruments::routes())
        .merge(ops::routes())
        .merge(audit::routes())
        .merge(docs::routes())
        .merge(bookings::routes())
        .merge(lab::routes())
        .merge(slots::routes())
        .merge(bureau::routes())
        .merge(files::routes())
        .merge(vouchers::routes())
        .merge(openness::routes())
        .merge(statements::routes())
        .merge(usage::routes())
        .layer(from_fn(language))
        .route("/assets/{*path}", get(assets::serve))
}

/// Accounts and the people of organisations.
fn people() -> Router<Arc<App>> {
    Router::new()
        .merge(second_steps::routes())
        .merge(passwords::routes())
        .merge(persons::routes())
        .merge(second_factors::routes())
        .merge(registrations::routes())
        .merge(invitations::routes())
        .merge(memberships::routes())
        .merge(bank_accounts::routes())
}

/// Middleware: `?lang=en` on any page is remembered and taken out of the address.
async fn language(context: Context, request: Request, next: Next) -> Response {
    let query = request.uri().query().unwrap_or_default();
    let wished = url::form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "lang").and_then(|(_, tag)| Lang::chosen(&tag));
    let Some(lang) = wished.filter(|_| request.method() == Method::GET) else { return next.run(request).await };
    let kept: Vec<_> = url::form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name != "lang").collect();
    let rest = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(kept).finish();
    let path = frame::own_path(request.uri().path());
    let mut answer = frame::go(&if rest.is_empty() { path.to_owned() } else { format!("{path}?{rest}") }, "");
    let mut cookie = sessions::cookie(&context, LANGUAGE_COOKIE, lang.as_str().to_owned());
    cookie.make_permanent();
    if let Ok(value) = HeaderValue::from_str(&cookie.to_string()) {
        answer.headers_mut().append(header::SET_COOKIE, value);
    }
    answer
}

/// The page's face of an error. Whoever is not signed in is led to sign-in; the page itself needs no database.
#[must_use]
pub fn problem(app: &App, context: &Context, method: &Method, error: &Error) -> Response {
    if *error == Error::Unauthorized {
        return sessions::to_sign_in(if *method == Method::GET { &context.path_and_query } else { "/" });
    }
    let (status, code) = error.status_and_code();
    let path = context.path_and_query.split('?').next().unwrap_or("/");
    let mut page = ProblemPage::new(Page::new(context.lang, app.clock.now(), path), code, status.as_u16(), &context.request_id);
    match error {
        Error::Refused(Refusal::StateConflict(why)) => (*why).clone_into(&mut page.conflict),
        Error::Refused(Refusal::Rules { violations, alternatives }) => {
            page.violations.clone_from(violations);
            page.alternatives.clone_from(alternatives);
        }
        _ => {}
    }
    match frame::page_with(status, &page) {
        Ok(response) => response,
        Err(_) => status.into_response(),
    }
}
