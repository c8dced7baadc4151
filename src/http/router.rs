//! Every route on one screen, and the layers around them.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::IntoResponse;
use axum::routing::get;
use axum::{Json, Router};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;

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
        .layer(from_fn_with_state(LONGEST, give_up))
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

async fn metrics(State(app): State<Arc<App>>) -> axum::response::Response {
    super::measure::queues(&app).await;
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], super::measure::render()).into_response()
}

/// Middleware: gives a request up that takes longer than `longest`. What it did in a transaction is rolled back; a COMMIT that was sent stands.
async fn give_up(State(longest): State<Duration>, request: Request, next: Next) -> axum::response::Response {
    tokio::time::timeout(longest, next.run(request)).await.unwrap_or_else(|_| {
        tracing::warn!(seconds = longest.as_secs(), "a request took too long and was given up");
        Error::Unavailable.into_response()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use tower::ServiceExt as _;

    #[tokio::test]
    async fn a_request_that_takes_too_long_is_given_up_as_an_error_with_two_faces() {
        let slow = get(|| async { tokio::time::sleep(Duration::from_mins(5)).await });
        let router: Router = Router::new().route("/", slow).layer(from_fn_with_state(Duration::from_millis(5), give_up));
        let response = router.oneshot(Request::new(axum::body::Body::empty())).await.unwrap();
        // `problem::faces` outside of it turns this into a page or a problem.
        assert_eq!((response.status(), response.extensions().get::<Error>()), (StatusCode::SERVICE_UNAVAILABLE, Some(&Error::Unavailable)));
    }
}
