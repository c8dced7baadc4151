//! `/api/docs`: the API description, read by the embedded viewer.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;

use super::frame::{page, show};
use super::shell::DocsPage;
use crate::app::App;
use crate::http::{Error, Visitor};

/// The routes.
pub fn routes() -> Router<Arc<App>> {
    Router::new().route("/api/docs", get(docs))
}

async fn docs(State(app): State<Arc<App>>, visitor: Visitor) -> Result<Response, Error> {
    show(&DocsPage { page: page(&app, &visitor).await? })
}
