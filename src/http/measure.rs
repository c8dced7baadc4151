//! Figures of the running process for Prometheus: requests by method, route and status, how long queues are, how busy the pools.
//!
//! Jobs count themselves (`scheduler`). Nothing here names a person, an organisation or an address.

use std::sync::OnceLock;

use axum::extract::{MatchedPath, Request};
use axum::middleware::Next;
use axum::response::Response;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};

use crate::app::App;
use crate::store::outbox::Fate;
use crate::store::{self, AnyConnection};

static RECORDER: OnceLock<Option<PrometheusHandle>> = OnceLock::new();

/// Bounds in seconds, from a page out of memory to a request that is given up. Buckets, because quantiles of several nodes cannot be added.
const BOUNDS: [f64; 12] = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 60.0];

/// Installs the recorder of the process; later calls change nothing.
pub fn install() {
    RECORDER.get_or_init(|| {
        let built = PrometheusBuilder::new().set_buckets(&BOUNDS).and_then(PrometheusBuilder::install_recorder);
        built.map_err(|error| tracing::warn!(%error, "no metrics")).ok()
    });
}

/// The figures as Prometheus reads them.
#[must_use]
pub fn render() -> String {
    RECORDER
        .get()
        .and_then(Option::as_ref)
        .map(|handle| {
            handle.run_upkeep();
            handle.render()
        })
        .unwrap_or_default()
}

/// Looks how long the queues are and how busy the pools. While the database is away, what it would tell keeps its last value.
pub async fn queues(app: &App) {
    let load = app.db.load();
    for (pool, (open, idle)) in [("write", load.writers), ("read", load.readers)] {
        gauge("yiqi_pool_connections", &[("pool", pool), ("state", "idle")], idle);
        gauge("yiqi_pool_connections", &[("pool", pool), ("state", "used")], usize::try_from(open).unwrap_or_default().saturating_sub(idle));
    }
    gauge("yiqi_write_queue", &[], load.waiting);
    let looked = async { stored(app, &mut *app.db.read().await?).await };
    if let Err(error) = looked.await {
        tracing::warn!(%error, "the queues cannot be looked at");
    }
}

async fn stored(app: &App, conn: &mut AnyConnection) -> Result<(), store::Error> {
    for (fate, word) in [(Fate::Waiting, "waiting"), (Fate::Retrying, "retrying"), (Fate::Failed, "failed")] {
        gauge("yiqi_outbox_notices", &[("fate", word)], count(store::outbox::count(conn, Some(fate)).await?));
    }
    let oldest = store::outbox::find_oldest_waiting(conn).await?.map_or(0, |at| app.clock.now().0 - at.0);
    gauge("yiqi_outbox_oldest_seconds", &[], count(oldest));
    gauge("yiqi_jobs_running", &[], count(store::job_runs::count_unfinished(conn).await?));
    gauge("yiqi_touched_days", &[], count(store::job_runs::count_touched_days(conn).await?));
    Ok(())
}

fn count(number: i64) -> usize {
    usize::try_from(number).unwrap_or_default()
}

#[expect(clippy::cast_precision_loss, reason = "queues are far shorter than 2^52")]
fn gauge(name: &'static str, labels: &[(&'static str, &'static str)], value: usize) {
    metrics::gauge!(name, labels).set(value as f64);
}

/// Middleware: counts and times a request.
pub async fn request(request: Request, next: Next) -> Response {
    let method = request.method().to_string();
    let route = request.extensions().get::<MatchedPath>().map_or("other", |p| p.as_str()).to_owned();
    let begun = std::time::Instant::now();
    let response = next.run(request).await;
    let labels = [("method", method), ("route", route), ("status", response.status().as_u16().to_string())];
    metrics::counter!("yiqi_http_requests_total", &labels).increment(1);
    metrics::histogram!("yiqi_http_request_seconds", &labels).record(begun.elapsed().as_secs_f64());
    response
}
