//! `/files/{id}`: a document as a download, for who may read it by the session's membership.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;

use crate::actions::files;
use crate::app::App;
use crate::domain::roles::Verb;
use crate::http::documents::download;
use crate::http::query::PathId;
use crate::http::{Error, Visitor};

/// The routes.
pub fn routes() -> Router<Arc<App>> {
    Router::new().route("/files/{id}", get(one))
}

async fn one(State(app): State<Arc<App>>, visitor: Visitor, PathId(id): PathId) -> Result<Response, Error> {
    visitor.require_any(&[Verb::Claim, Verb::ReadLab, Verb::ReadClaims])?;
    let act = visitor.act(&app)?;
    let file = app.transact(&act, |tx| Box::pin(files::read(tx, &act, &id))).await?;
    download(&app, &file).await
}
