//! What a booking costs the database: others wait for the same instrument meanwhile.

use std::sync::{Arc, Mutex};

use serde_json::json;
use tracing::field::{Field, Visit};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt as _};

use crate::support::bookings::{City, wish};
use crate::support::database::environment;

/// Keeps the statements that sqlx logs.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<String>>>);

struct Statement(String);

impl Visit for Statement {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        if field.name() == "summary" {
            self.0 = format!("{value:?}");
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "summary" {
            value.clone_into(&mut self.0);
        }
    }
}

impl<S: tracing::Subscriber> Layer<S> for Log {
    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        if event.metadata().target() == "sqlx::query" {
            let mut statement = Statement(String::new());
            event.record(&mut statement);
            self.0.lock().unwrap().push(statement.0);
        }
    }
}

#[tokio::test]
async fn a_booking_with_a_voucher_and_a_key_takes_sixteen_statements() {
    // SQLite logs from a thread of its own, so the log must be the whole process's: one test, one process.
    if environment("NEXTEST").is_none() {
        return;
    }
    let log = Log::default();
    tracing::subscriber::set_global_default(tracing_subscriber::registry().with(log.clone())).unwrap();
    let city = City::new(json!({})).await.granted(1_000).await;
    let body = wish(&city.instrument, "2026-10-14T09:00", "2026-10-14T11:00", json!({ "voucher": "up_to" }));
    log.0.lock().unwrap().clear();
    let booking = city.app.call_with("POST", "/api/v1/bookings", &city.booker, body, &[("idempotency-key", "k")]).await.expect(201);
    assert_eq!(booking["held_fen"], 6_000);
    let said = log.0.lock().unwrap().clone();
    // Before the transaction the token is looked up; what the engine says to begin and to end is its own.
    let own = |text: &&String| ["BEGIN", "COMMIT", "ROLLBACK", "PRAGMA", "SET "].iter().any(|word| text.trim_start_matches('"').starts_with(word));
    let first = said.iter().position(|text| text.contains("INSERT INTO idempotency_keys")).unwrap();
    let inside: Vec<&String> = said[first..].iter().filter(|text| !own(text)).collect();
    assert!(inside.len() <= 16, "{} statements: {inside:#?}", inside.len());
}
