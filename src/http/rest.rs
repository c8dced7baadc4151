//! The rest of a body that was refused before it was read: it is read and thrown away, so that the client sees the answer and not a
//! connection that breaks while it still sends. Bounded: who sends for ever, or stops sending, is let go.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, BodyDataStream, HttpBody as _};
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use futures_util::{StreamExt as _, stream};
use tokio::sync::Mutex;
use tokio::time::timeout;

/// What is thrown away at most.
const MOST_BYTES: usize = 128 * 1024 * 1024;
/// How long nothing may come.
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// Middleware: answers once the body is over.
pub async fn discard(request: Request, next: Next) -> Response {
    if request.body().is_end_stream() {
        return next.run(request).await;
    }
    let (parts, body) = request.into_parts();
    let body = Arc::new(Mutex::new(body.into_data_stream()));
    let chunks = stream::unfold(Arc::clone(&body), |body| async move {
        let chunk = body.lock().await.next().await;
        chunk.map(|chunk| (chunk, body))
    });
    let response = next.run(Request::from_parts(parts, Body::from_stream(chunks))).await;
    if response.status().is_client_error() {
        throw_away(&mut *body.lock().await).await;
    }
    response
}

async fn throw_away(body: &mut BodyDataStream) {
    let mut bytes = 0;
    while bytes < MOST_BYTES
        && let Ok(Some(Ok(chunk))) = timeout(LONGEST_PAUSE, body.next()).await
    {
        bytes += chunk.len();
    }
}
