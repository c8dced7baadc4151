//! Calling the router in process: as a program with a token, or as a browser with cookies.

use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode, header};
use serde_json::Value;
use tower::ServiceExt as _;

use super::TestApp;

/// An answer with its body read.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub bytes: Vec<u8>,
}

impl Answer {
    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    /// The body as JSON; `null` when empty.
    pub fn json(&self) -> Value {
        if self.bytes.is_empty() { Value::Null } else { serde_json::from_slice(&self.bytes).unwrap_or_else(|e| panic!("{e}: {}", self.text())) }
    }

    /// The JSON of an answer with the expected status; shows the body otherwise.
    #[track_caller]
    pub fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", self.text());
        if self.headers.get(header::CONTENT_TYPE).is_some_and(|v| v.to_str().unwrap().contains("json")) { self.json() } else { Value::Null }
    }

    /// Codes of the violations, sorted.
    pub fn codes(&self) -> Vec<String> {
        let mut codes: Vec<String> =
            self.json()["violations"].as_array().map(|a| a.iter().map(|v| v["code"].as_str().unwrap_or_default().to_owned()).collect()).unwrap_or_default();
        codes.sort();
        codes
    }

    /// `code field` of the violations, sorted.
    pub fn faults(&self) -> Vec<String> {
        let text = |v: &Value| v.as_str().unwrap_or_default().to_owned();
        let mut faults: Vec<String> =
            self.json()["violations"].as_array().map(|a| a.iter().map(|v| format!("{} {}", text(&v["code"]), text(&v["field"]))).collect()).unwrap_or_default();
        faults.sort();
        faults
    }

    /// A header as text, empty when missing.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default()
    }
}

impl TestApp {
    /// Sends a request through the whole router.
    pub async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, 64 << 20).await.unwrap().to_vec();
        Answer { status: parts.status, headers: parts.headers, bytes }
    }

    /// Calls the API as a program: `token` empty for a stranger, `body` null for none.
    pub async fn call(&self, method: &str, path: &str, token: &str, body: Value) -> Answer {
        self.call_with(method, path, token, body, &[]).await
    }

    /// The same with more headers.
    pub async fn call_with(&self, method: &str, path: &str, token: &str, body: Value, headers: &[(&str, &str)]) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        if !headers.iter().any(|(name, _)| *name == "accept-language") {
            request = request.header(header::ACCEPT_LANGUAGE, "en");
        }
        if !token.is_empty() {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let body = if body.is_null() {
            Body::empty()
        } else {
            request = request.header(header::CONTENT_TYPE, "application/json");
            Body::from(body.to_string())
        };
        self.send(request.body(body).unwrap()).await
    }

    /// `GET` over the API.
    pub async fn get(&self, path: &str, token: &str) -> Answer {
        self.call("GET", path, token, Value::Null).await
    }

    /// `POST` over the API.
    pub async fn post(&self, path: &str, token: &str, body: Value) -> Answer {
        self.call("POST", path, token, body).await
    }
}
