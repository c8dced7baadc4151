//! A browser without script: keeps cookies, sends forms with their token.

use std::collections::BTreeMap;

use axum::body::Body;
use axum::http::{Request, header};

use super::TestApp;
use super::http::Answer;

/// A visitor with cookies.
pub struct Browser<'a> {
    app: &'a TestApp,
    cookies: BTreeMap<String, String>,
    token: String,
    language: &'static str,
    /// One more header with every request, such as a forged one.
    header: Option<(&'static str, String)>,
}

impl<'a> Browser<'a> {
    /// A stranger whose browser speaks Chinese.
    pub fn new(app: &'a TestApp) -> Self {
        Self { app, cookies: BTreeMap::new(), token: String::new(), language: "zh-CN", header: None }
    }

    /// The same with an English browser.
    pub fn english(app: &'a TestApp) -> Self {
        Self { language: "en", ..Self::new(app) }
    }

    /// Signs in; panics when refused.
    pub async fn sign_in(&mut self, email: &str, password: &str) {
        self.get("/login").await;
        let answer = self.submit("/login", &[("email", email), ("password", password)]).await;
        assert_eq!(answer.status, 303, "{}", answer.text());
    }

    /// Sends one more header with every request from now on.
    pub fn send_header(&mut self, name: &'static str, value: &str) {
        self.header = Some((name, value.to_owned()));
    }

    /// The value of a cookie.
    pub fn cookie(&self, name: &str) -> String {
        self.cookies.get(name).cloned().unwrap_or_default()
    }

    /// Sets a cookie.
    pub fn set_cookie(&mut self, name: &str, value: &str) {
        self.cookies.insert(name.to_owned(), value.to_owned());
    }

    /// The form token of the last page.
    pub fn token(&self) -> String {
        self.token.clone()
    }

    async fn send(&mut self, request: axum::http::request::Builder, body: Body) -> Answer {
        let cookies: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut request = request.header(header::ACCEPT_LANGUAGE, self.language).header(header::COOKIE, cookies.join("; "));
        if let Some((name, value)) = &self.header {
            request = request.header(*name, value);
        }
        let answer = self.app.send(request.body(body).unwrap()).await;
        for set in answer.headers.get_all(header::SET_COOKIE) {
            let text = set.to_str().unwrap();
            let (name, value) = text.split(';').next().unwrap().split_once('=').unwrap();
            if value.is_empty() || text.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        if let Some((_, rest)) = answer.text().split_once("name=\"csrf\" value=\"") {
            rest.split('"').next().unwrap().clone_into(&mut self.token);
        }
        answer
    }

    /// Opens a page.
    pub async fn get(&mut self, path: &str) -> Answer {
        self.send(Request::get(path), Body::empty()).await
    }

    /// Sends a form with the token of the last page.
    pub async fn submit(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let token = self.token.clone();
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).append_pair("csrf", &token).finish();
        self.post_raw(path, &body).await
    }

    /// Sends a form body as it is.
    pub async fn post_raw(&mut self, path: &str, body: &str) -> Answer {
        let request = Request::post(path).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.send(request, Body::from(body.to_owned())).await
    }

    /// Sends a form with files: (field, file name, bytes).
    pub async fn upload(&mut self, path: &str, fields: &[(&str, &str)], files: &[(&str, &str, &[u8])]) -> Answer {
        const BOUNDARY: &str = "----yiqi-test";
        let mut body: Vec<u8> = Vec::new();
        let token = self.token.clone();
        for (name, value) in fields.iter().copied().chain([("csrf", token.as_str())]) {
            body.extend(format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").bytes());
        }
        for (name, file, bytes) in files {
            body.extend(
                format!(
                    "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"{file}\"\r\nContent-Type: application/octet-stream\r\n\r\n"
                )
                .bytes(),
            );
            body.extend_from_slice(bytes);
            body.extend(b"\r\n");
        }
        body.extend(format!("--{BOUNDARY}--\r\n").bytes());
        let request = Request::post(path).header(header::CONTENT_TYPE, format!("multipart/form-data; boundary={BOUNDARY}"));
        self.send(request, Body::from(body)).await
    }
}
