//! One error, two faces. A handler answers an [`Error`]; the outermost layer ([`crate::http::problem::faces`]) turns it into a page or into
//! `application/problem+json`, in the caller's language. Inner text is logged once, with the request's id, and never shown.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use crate::actions;
use crate::domain::refusals::{Refusal, Violation};
use crate::store;

/// Why a request was not done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Error {
    /// The domain said no.
    Refused(Refusal),
    /// No or wrong credentials: 401.
    Unauthorized,
    /// Broken JSON or HTTP: 400. The word is for the log.
    BadRequest(&'static str),
    /// 405.
    MethodNotAllowed,
    /// 413.
    TooLarge,
    /// 415.
    UnsupportedMedia,
    /// 429, and after how many seconds to come again.
    TooMany(u64),
    /// The database is away: 503.
    Unavailable,
    /// A defect of ours: 500.
    Internal,
}

impl Error {
    /// 404 for whatever the caller may not know.
    pub const NOT_FOUND: Self = Self::Refused(Refusal::NotFound);

    /// 422 with one violation.
    #[must_use]
    pub fn violation(violation: Violation) -> Self {
        Self::Refused(Refusal::one(violation))
    }

    /// Status and stable code (contract.md, HTTP).
    #[must_use]
    pub fn status_and_code(&self) -> (StatusCode, &'static str) {
        match self {
            Self::Refused(refusal) => match refusal {
                Refusal::NotFound => (StatusCode::NOT_FOUND, "not_found"),
                Refusal::Forbidden => (StatusCode::FORBIDDEN, "forbidden"),
                Refusal::StateConflict(_) => (StatusCode::CONFLICT, "state_conflict"),
                Refusal::DuplicateInvoice => (StatusCode::CONFLICT, "duplicate_invoice"),
                Refusal::IdempotencyMismatch => (StatusCode::CONFLICT, "idempotency_mismatch"),
                Refusal::Rules { violations, .. } if matches!(violations.as_slice(), [one] if one.code == "slot_taken") => (StatusCode::CONFLICT, "slot_taken"),
                Refusal::Rules { .. } => (StatusCode::UNPROCESSABLE_ENTITY, "refused"),
            },
            Self::Unauthorized => (StatusCode::UNAUTHORIZED, "unauthorized"),
            Self::BadRequest(_) => (StatusCode::BAD_REQUEST, "bad_request"),
            Self::MethodNotAllowed => (StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed"),
            Self::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "payload_too_large"),
            Self::UnsupportedMedia => (StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type"),
            Self::TooMany(_) => (StatusCode::TOO_MANY_REQUESTS, "too_many_requests"),
            Self::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, "unavailable"),
            Self::Internal => (StatusCode::INTERNAL_SERVER_ERROR, "internal"),
        }
    }

    /// The broken rules, where there are any.
    #[must_use]
    pub fn violations(&self) -> &[Violation] {
        match self {
            Self::Refused(Refusal::Rules { violations, .. }) => violations,
            _ => &[],
        }
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<store::Error> for Error {
    fn from(error: store::Error) -> Self {
        match error {
            store::Error::Unavailable(_) | store::Error::CommitUnknown(_) | store::Error::InTheWay(_) => {
                tracing::warn!(%error, "the database is not available");
                Self::Unavailable
            }
            _ => {
                tracing::error!(%error, "the store failed");
                Self::Internal
            }
        }
    }
}

impl From<actions::Error> for Error {
    fn from(error: actions::Error) -> Self {
        match error {
            actions::Error::Refused(refusal) => Self::Refused(refusal),
            actions::Error::Store(error) => error.into(),
            actions::Error::Away(reason) => {
                tracing::error!(reason, "documents cannot be kept");
                Self::Unavailable
            }
            actions::Error::Failed(reason) => {
                tracing::error!(%reason, "an action failed");
                Self::Internal
            }
        }
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let mut response = self.status_and_code().0.into_response();
        response.extensions_mut().insert(self);
        response
    }
}
