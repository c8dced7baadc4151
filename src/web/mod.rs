//! Floor 4, the pages: request -> action -> page. Nothing but translation happens here; rules are the domain's, words are the text files'.
//!
//! Pages take the session cookie only, never a bearer token. Start with [`assets`] and `shell`, what every page stands in.

pub mod assets;
pub mod shell;

use std::sync::Arc;

use axum::Router;
use axum::http::Method;
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::app::App;
use crate::http::{Context, Error};

/// Every page.
pub fn routes() -> Router<Arc<App>> {
    Router::new().route("/assets/{*path}", get(assets::serve))
}

/// The page's face of an error.
#[must_use]
pub fn problem(_app: &App, _context: &Context, _method: &Method, error: &Error) -> Response {
    error.status_and_code().0.into_response()
}
