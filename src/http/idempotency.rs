//! Writes over the API: one action in one transaction, with the answer kept under the client's `Idempotency-Key`.

use std::sync::Arc;

use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::body::Body;
use super::{Caller, Error};
use crate::actions::{self, Act};
use crate::app::App;
use crate::base::text::hex;
use crate::base::time::DAY;
use crate::domain::refusals::{Refusal, Violation};
use crate::store::idempotency::{Scope, take, update_answer};
use crate::store::{Tx, db::Work};

/// The request line and key of a write.
#[derive(Debug, Clone)]
pub struct Write {
    method: Method,
    path: String,
    key: Result<Option<String>, ()>,
}

impl<S: Send + Sync> axum::extract::FromRequestParts<S> for Write {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut axum::http::request::Parts, _: &S) -> Result<Self, Self::Rejection> {
        let path = parts.extensions.get::<axum::extract::OriginalUri>().map_or_else(|| parts.uri.path().to_owned(), |uri| uri.path().to_owned());
        Ok(Self { method: parts.method.clone(), path, key: read_key(&parts.headers) })
    }
}

fn read_key(headers: &HeaderMap) -> Result<Option<String>, ()> {
    let Some(value) = headers.get("idempotency-key") else { return Ok(None) };
    let key = value.to_str().map_err(|_| ())?;
    if (1..=255).contains(&key.len()) && key.bytes().all(|b| (0x20..=0x7e).contains(&b)) { Ok(Some(key.to_owned())) } else { Err(()) }
}

/// An action's answer as it is kept and sent.
struct Answer {
    status: StatusCode,
    text: String,
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        if self.status == StatusCode::NO_CONTENT {
            return self.status.into_response();
        }
        (self.status, [(header::CONTENT_TYPE, "application/json")], self.text).into_response()
    }
}

impl Write {
    /// Runs `work` as the caller in one transaction and answers its value as JSON with `status`. With a key, the first answer is given
    /// again for 24 hours; a twin that runs at the same time waits for it.
    ///
    /// # Errors
    /// What the action refuses; 409 `idempotency_mismatch` for the same key with another body; 422 for a key that is none.
    pub async fn run<'a, T: Serialize + Send>(
        &self,
        app: &App,
        caller: &Caller,
        act: &'a Act,
        body: &Body,
        status: StatusCode,
        work: impl for<'t> Fn(&'t mut Tx<'a>) -> Work<'t, T, actions::Error> + Send + Sync + 'a,
    ) -> Result<Response, Error> {
        let key = self.key.clone().map_err(|()| Error::violation(Violation::invalid("Idempotency-Key", "not_a_key")))?;
        let Some(key) = key else {
            let value = app.transact(act, work).await?;
            return Ok(Answer { status, text: print(&value)? }.into_response());
        };
        let membership_id = match &caller.actor {
            Some(crate::domain::actors::Actor::Instrument { token_id, .. }) => token_id.clone(),
            _ => caller.member()?.membership_id.clone(),
        };
        let scope = Scope { membership_id, method: self.method.to_string(), path: self.path.clone(), key };
        let hash = body.hash();
        // The future owns what it needs: it must live as long as its transaction.
        let shared = Arc::new((scope, hash, work));
        let answer = app
            .transact(act, |tx| {
                let shared = Arc::clone(&shared);
                Box::pin(async move {
                    let (scope, hash, work) = &*shared;
                    if let Some((kept_hash, kept_status, text)) = take(tx, scope, hash, act.now, act.now.plus(-DAY)).await? {
                        if kept_hash != *hash {
                            return Err(Refusal::IdempotencyMismatch.into());
                        }
                        let status = u16::try_from(kept_status).ok().and_then(|s| StatusCode::from_u16(s).ok()).unwrap_or(StatusCode::OK);
                        return Ok(Answer { status, text });
                    }
                    let value = work(tx).await?;
                    let text = print(&value).map_err(|_| actions::Error::Failed("an answer cannot be printed".to_owned()))?;
                    update_answer(tx, scope, i64::from(status.as_u16()), &text).await?;
                    Ok(Answer { status, text })
                })
            })
            .await?;
        Ok(answer.into_response())
    }
}

fn print<T: Serialize>(value: &T) -> Result<String, Error> {
    serde_json::to_string(value).map_err(|error| {
        tracing::error!(%error, "an answer cannot be printed");
        Error::Internal
    })
}

/// Hash of bytes that are no JSON, for uploads.
#[must_use]
pub fn hash_bytes(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}
