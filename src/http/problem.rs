//! The API's face of an error: `application/problem+json` (RFC 9457), in the caller's language.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use super::{Context, Error};
use crate::app::App;
use crate::base::lang::{Lang, explain, tr};
use crate::base::time::{Instant, Span};
use crate::domain::refusals::{Refusal, Violation};

/// A problem as it is sent.
#[derive(Debug, Serialize, ToSchema)]
pub struct Problem {
    /// `urn:yiqi:problem:CODE`.
    pub r#type: String,
    /// Stable code.
    pub code: &'static str,
    /// What happened, in a few words.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What happened, in a sentence.
    pub detail: String,
    /// Every broken rule.
    pub violations: Vec<BrokenRule>,
    /// Free spans that would do instead.
    pub alternatives: Vec<Span>,
}

/// One broken rule.
#[derive(Debug, Serialize, ToSchema)]
pub struct BrokenRule {
    /// Stable code.
    pub code: &'static str,
    /// Path of the field, empty for the request as a whole.
    pub field: String,
    /// For people.
    pub message: String,
}

impl BrokenRule {
    /// A violation in words.
    #[must_use]
    pub fn new(lang: Lang, now: Instant, violation: &Violation) -> Self {
        let key = format!("violation-{}", violation.code);
        Self { code: violation.code, field: violation.field.clone(), message: explain(lang, now, &key, &violation.facts) }
    }
}

impl Problem {
    /// An error in words.
    #[must_use]
    pub fn new(lang: Lang, now: Instant, error: &Error) -> Self {
        let (status, code) = error.status_and_code();
        let violations: Vec<_> = error.violations().iter().map(|v| BrokenRule::new(lang, now, v)).collect();
        let alternatives = match error {
            Error::Refused(Refusal::Rules { alternatives, .. }) => alternatives.clone(),
            _ => Vec::new(),
        };
        let detail = match error {
            Error::Refused(Refusal::StateConflict(why)) => tr(lang, &format!("conflict-{why}"), &[]),
            Error::Refused(Refusal::Rules { .. }) if code == "slot_taken" => violations.first().map(|v| v.message.clone()).unwrap_or_default(),
            _ => tr(lang, &format!("problem-{code}-detail"), &[("count", violations.len().to_string())]),
        };
        Self {
            r#type: format!("urn:yiqi:problem:{code}"),
            code,
            title: tr(lang, &format!("problem-{code}"), &[]),
            status: status.as_u16(),
            detail,
            violations,
            alternatives,
        }
    }
}

/// Middleware: gives an error that passes on its way out its face, a page or a problem.
pub async fn faces(State(app): State<Arc<App>>, context: Context, request: Request, next: Next) -> Response {
    let method = request.method().clone();
    let mut response = next.run(request).await;
    let error = match response.extensions_mut().remove::<Error>() {
        Some(error) => error,
        None if response.status() == StatusCode::METHOD_NOT_ALLOWED => Error::MethodNotAllowed,
        None if response.status() == StatusCode::PAYLOAD_TOO_LARGE
            && response.headers().get(header::CONTENT_TYPE).is_none_or(|v| v != "application/problem+json") =>
        {
            Error::TooLarge
        }
        None => return response,
    };
    let (status, _) = error.status_and_code();
    let mut face = if context.is_api {
        let problem = Problem::new(context.lang, app.clock.now(), &error);
        (status, [(header::CONTENT_TYPE, "application/problem+json")], serde_json::to_string(&problem).unwrap_or_default()).into_response()
    } else {
        crate::web::problem(&app, &context, &method, &error)
    };
    for (name, value) in response.headers() {
        if name == header::ALLOW || name == header::SET_COOKIE {
            face.headers_mut().append(name, value.clone());
        }
    }
    match error {
        Error::TooMany(seconds) => {
            face.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        Error::Unavailable => {
            face.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(2));
        }
        Error::Unauthorized if context.is_api => {
            face.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        _ => {}
    }
    face
}
