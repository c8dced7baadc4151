//! Every route on one screen, and the layers around them.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{DefaultBodyLimit, State};
use axum::http::{StatusCode, header};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::IntoResponse;
use axum::routing::get;
use axum::{Json, Router};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::timeout::TimeoutLayer;

use super::{Error, context, headers, problem};
use crate::app::App;
use crate::{api, web};

/// The largest body but for uploads.
const LIMIT_BYTES: usize = 8 * 1024 * 1024;
/// A request that takes longer is given up.
const LONGEST: Duration = Duration::from_mins(1);

/// The whole service.
pub fn router(app: &Arc<App>) -> Router {
    let (api_routes, description) = api::routes();
    let description = Arc::new(description);
    Router::new()
        .merge(web::routes())
        .merge(api_routes)
        .route("/api/openapi.json", get(move || async move { Json((*description).clone()) }))
        .route("/healthz", get(|| async { "ok" }))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics))
        .fallback(|| async { Error::NOT_FOUND })
        .method_not_allowed_fallback(|| async { Error::MethodNotAllowed })
        .layer(DefaultBodyLimit::max(LIMIT_BYTES))
        .layer(from_fn(super::rest::discard))
        .layer(CatchPanicLayer::custom(|cause: Box<dyn std::any::Any + Send>| {
            let text = cause.downcast_ref::<String>().cloned().or_else(|| cause.downcast_ref::<&str>().map(ToString::to_string)).unwrap_or_default();
            tracing::error!(%text, "a handler panicked");
            Error::Internal.into_response()
        }))
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, LONGEST))
        .layer(from_fn_with_state(Arc::clone(app), problem::faces))
        .layer(from_fn_with_state(Arc::clone(app), context::provide))
        .layer(from_fn(headers::secure))
        .layer(from_fn(super::measure::request))
        .layer(CompressionLayer::new().gzip(true).br(true))
        .with_state(Arc::clone(app))
}

/// 200 once the schema is there, the demo (where asked for) is loaded, and the database answers.
async fn ready(State(app): State<Arc<App>>) -> axum::response::Response {
    if !app.is_ready() {
        return (StatusCode::SERVICE_UNAVAILABLE, "starting").into_response();
    }
    match app.db.ping().await {
        Ok(()) => "ready".into_response(),
        Err(error) => {
            tracing::warn!(%error, "not ready");
            (StatusCode::SERVICE_UNAVAILABLE, "database").into_response()
        }
    }
}

async fn metrics() -> axum::response::Response {
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], super::measure::render()).into_response()
}
