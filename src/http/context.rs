//! What every request knows of itself before anything else: its id, its language, where it comes from.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;
use axum_extra::extract::CookieJar;
use tracing::Instrument as _;

use crate::app::App;
use crate::base::lang::Lang;

/// The cookie that keeps the language a person chose.
pub const LANGUAGE_COOKIE: &str = "yiqi_lang";

/// What a request knows of itself.
#[derive(Debug, Clone)]
pub struct Context {
    /// Names the request in logs, audit records and answers.
    pub request_id: String,
    /// The language of its answer.
    pub lang: Lang,
    /// Where it comes from; a proxy's word counts only when the proxy is trusted.
    pub address: IpAddr,
    /// The browser's own words about itself, cut short; may be empty.
    pub agent: String,
    /// Whether it came by https, so that cookies must be `Secure`.
    pub is_https: bool,
    /// Whether it was asked under `/api`.
    pub is_api: bool,
    /// Path and query, for coming back after sign-in and for the language link.
    pub path_and_query: String,
}

/// Middleware: makes the [`Context`] and puts it into the request's extensions.
pub async fn provide(State(app): State<Arc<App>>, jar: CookieJar, mut request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |info| info.0.ip().to_canonical());
    let path = request.uri().path();
    // The description for people is a page among programs' addresses.
    let is_api = (path == "/api" || path.starts_with("/api/")) && !(path == "/api/docs" && request.method().is_safe());
    let wished = request.headers().get(header::ACCEPT_LANGUAGE).and_then(|v| v.to_str().ok()).map_or(Lang::Zh, Lang::from_accept_language);
    let context = Context {
        request_id: app.act(crate::domain::actors::Actor::Command, String::new()).id(),
        lang: if is_api { wished } else { jar.get(LANGUAGE_COOKIE).and_then(|c| Lang::chosen(c.value())).unwrap_or(wished) },
        address: address(request.headers(), peer, &app.config.trusted_proxies),
        is_https: app.config.is_https() || is_https(request.headers(), peer, &app.config.trusted_proxies),
        agent: request.headers().get(header::USER_AGENT).and_then(|v| v.to_str().ok()).unwrap_or_default().chars().take(300).collect(),
        is_api,
        path_and_query: request.uri().path_and_query().map_or_else(|| "/".to_owned(), ToString::to_string),
    };
    let span = tracing::info_span!("request", id = %context.request_id, method = %request.method(), path = %without_secret(request.uri().path()));
    let id = HeaderValue::from_str(&context.request_id);
    request.extensions_mut().insert(context);
    let answered = async {
        let begun = std::time::Instant::now();
        let response = next.run(request).await;
        tracing::debug!(status = response.status().as_u16(), milliseconds = begun.elapsed().as_millis(), "answered");
        response
    };
    let mut response = answered.instrument(span).await;
    if let Ok(id) = id {
        response.headers_mut().insert(HeaderName::from_static("x-request-id"), id);
    }
    response
}

/// The path as the log may know it: what follows these places opens something by itself.
fn without_secret(path: &str) -> &str {
    const PLACES: &[&str] = &["/reset/", "/invitation/", "/register/verify/", "/calendar/"];
    PLACES.iter().find(|place| path.starts_with(**place)).copied().unwrap_or(path)
}

/// The caller's address: the last one in `X-Forwarded-For` that no trusted proxy wrote, when the peer is a trusted proxy. What stands before
/// something that cannot be read was written by nobody we know, and is not believed.
fn address(headers: &HeaderMap, peer: IpAddr, trusted: &[IpAddr]) -> IpAddr {
    let mut nearest = peer;
    for entry in forwarded(headers, "x-forwarded-for").into_iter().rev() {
        if !trusted.contains(&nearest) {
            return nearest;
        }
        let Some(address) = entry.and_then(read_address) else { return nearest };
        nearest = address;
    }
    nearest
}

/// Whether the nearest proxy, when it is trusted, says that it was reached by https.
fn is_https(headers: &HeaderMap, peer: IpAddr, trusted: &[IpAddr]) -> bool {
    let last = forwarded(headers, "x-forwarded-proto").pop().flatten();
    trusted.contains(&peer) && last.is_some_and(|proto| proto.eq_ignore_ascii_case("https"))
}

/// The entries of a forwarding header, also where it came several times; `None` for what is no text.
fn forwarded<'a>(headers: &'a HeaderMap, name: &str) -> Vec<Option<&'a str>> {
    let values = headers.get_all(name).iter().map(|value| value.to_str().ok());
    values.flat_map(|value| value.map_or_else(|| vec![None], |text| text.split(',').map(|entry| Some(entry.trim())).collect())).collect()
}

/// An address as proxies write it: alone, with a port, an IPv6 one in brackets.
fn read_address(entry: &str) -> Option<IpAddr> {
    let bare = entry.trim_start_matches('[').trim_end_matches(']');
    let address = bare.parse::<IpAddr>().ok().or_else(|| entry.parse::<SocketAddr>().ok().map(|socket| socket.ip()));
    address.map(|address| address.to_canonical())
}

impl<S: Send + Sync> axum::extract::FromRequestParts<S> for Context {
    type Rejection = super::Error;

    async fn from_request_parts(parts: &mut axum::http::request::Parts, _: &S) -> Result<Self, Self::Rejection> {
        parts.extensions.get::<Self>().cloned().ok_or(super::Error::Internal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_forged_forwarding_header_is_not_believed() {
        let mut headers = HeaderMap::new();
        headers.append("x-forwarded-for", HeaderValue::from_static("6.6.6.6, 9.9.9.9"));
        let (peer, proxy) = ("8.8.8.8".parse().unwrap(), "10.0.0.1".parse().unwrap());
        assert_eq!(address(&headers, peer, &[proxy]), peer);
        assert_eq!(address(&headers, proxy, &[proxy]), "9.9.9.9".parse::<IpAddr>().unwrap());
        assert_eq!(address(&HeaderMap::new(), proxy, &[proxy]), proxy);
    }

    #[test]
    fn an_entry_that_cannot_be_read_makes_nothing_before_it_true() {
        let proxy: IpAddr = "10.0.0.1".parse().unwrap();
        let seen = |text: &'static str| {
            let mut headers = HeaderMap::new();
            headers.append("x-forwarded-for", HeaderValue::from_static(text));
            address(&headers, proxy, &[proxy, "10.0.0.2".parse().unwrap()]).to_string()
        };
        assert_eq!(seen("6.6.6.6, 9.9.9.9:4711"), "9.9.9.9");
        assert_eq!(seen("6.6.6.6, [2001:db8::1]:4711"), "2001:db8::1");
        assert_eq!(seen("6.6.6.6, ::ffff:9.9.9.9"), "9.9.9.9");
        assert_eq!(seen("6.6.6.6, 9.9.9.9, 10.0.0.2"), "9.9.9.9");
        assert_eq!(seen("6.6.6.6, unknown"), "10.0.0.1");
        assert_eq!(seen("6.6.6.6, unknown, 10.0.0.2"), "10.0.0.2");
    }

    #[test]
    fn only_a_trusted_proxy_says_by_which_scheme_it_was_reached() {
        let mut headers = HeaderMap::new();
        headers.append("x-forwarded-proto", HeaderValue::from_static("http, https"));
        let (peer, proxy) = ("8.8.8.8".parse().unwrap(), "10.0.0.1".parse().unwrap());
        assert!(is_https(&headers, proxy, &[proxy]) && !is_https(&headers, peer, &[proxy]));
        headers.append("x-forwarded-proto", HeaderValue::from_static("http"));
        assert!(!is_https(&headers, proxy, &[proxy]));
    }
}
