//! The pages of whoever runs the platform: [`jobs`], [`outbox`], [`health`]. They tell what happened to which thing, never what it says or
//! whom it concerns (contract.md, ops: no business secret).

pub mod health;
pub mod jobs;
pub mod outbox;

use std::sync::Arc;

use axum::Router;

use crate::app::App;

/// The routes.
pub fn routes() -> Router<Arc<App>> {
    Router::new().merge(jobs::routes()).merge(outbox::routes()).merge(health::routes())
}
