//! What an operator relies on: figures, logs that programs read, and a stop that ends what was begun.

use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::support::TestApp;
use crate::support::server::{Server, free_port, request};

async fn serve(app: &TestApp, arguments: &[&str], settings: &[(&str, &str)]) -> Server {
    Server::start_set(&app.config.database_url, &app.config.data_dir, free_port(), arguments, settings).await
}

#[tokio::test]
async fn figures_tell_of_requests_queues_pools_and_jobs() {
    yiqi::http::measure::install();
    let app = TestApp::new().await;
    let (_, token) = app.enterprise(1).await;
    app.get("/api/v1/bookings", &token).await.expect(200);
    app.get("/api/v1/bookings/nothing", &token).await.expect(404);
    app.run_job("due").await;
    let text = app.get("/metrics", "").await.text();
    for line in [
        "yiqi_http_requests_total{method=\"GET\",route=\"/api/v1/bookings\",status=\"200\"} ",
        "yiqi_http_requests_total{method=\"GET\",route=\"/api/v1/bookings/{id}\",status=\"404\"} ",
        "yiqi_http_request_seconds_bucket{method=\"GET\",route=\"/api/v1/bookings\",status=\"200\",le=\"0.5\"} ",
        "yiqi_outbox_notices{fate=\"waiting\"} ",
        "yiqi_outbox_notices{fate=\"retrying\"} 0",
        "yiqi_outbox_notices{fate=\"failed\"} 0",
        "yiqi_outbox_oldest_seconds ",
        "yiqi_touched_days 0",
        "yiqi_pool_connections{pool=\"read\",state=\"idle\"} ",
        "yiqi_pool_connections{pool=\"write\",state=\"used\"} ",
        "yiqi_write_queue 0",
        "yiqi_jobs_running 0",
        "yiqi_job_seconds_count{job=\"due\",outcome=\"done\"} ",
    ] {
        assert!(text.lines().any(|said| said.starts_with(line)), "{line} is missing in\n{text}");
    }
}

#[tokio::test]
async fn a_log_for_programs_is_one_object_a_line_with_the_id_of_the_request() {
    let app = TestApp::living().await;
    let server = serve(&app, &["--no-jobs"], &[("YIQI_LOG_FORMAT", "json"), ("YIQI_LOG", "yiqi=debug")]).await;
    let mut stream = TcpStream::connect(("127.0.0.1", server.port())).await.unwrap();
    stream.write_all(b"GET /api/v1/instruments HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let id = answer.lines().find_map(|line| line.strip_prefix("x-request-id: ")).unwrap().trim().to_owned();
    server.ask_to_stop();
    assert!(server.ended().await);
    let log = std::fs::read_to_string(app.config.data_dir.join("server.log")).unwrap();
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"))).collect();
    let line = lines.iter().find(|line| line["span"]["id"] == id.as_str()).unwrap_or_else(|| panic!("no line of {id} in\n{log}"));
    assert_eq!((&line["fields"]["status"], &line["span"]["path"]), (&Value::from(200), &Value::from("/api/v1/instruments")));
}

#[tokio::test]
async fn a_request_under_way_is_answered_after_the_server_was_asked_to_stop() {
    let app = TestApp::living().await;
    let (_, token) = app.enterprise(1).await;
    let server = serve(&app, &["--no-jobs"], &[]).await;
    let body = "{\"instrument_id\":\"nothing\"}";
    let mut stream = TcpStream::connect(("127.0.0.1", server.port())).await.unwrap();
    let head = format!(
        "POST /api/v1/quotes HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    // The body is still on its way when the signal comes.
    stream.write_all(format!("{head}{}", &body[..5]).as_bytes()).await.unwrap();
    tokio::time::sleep(Duration::from_millis(300)).await;
    server.ask_to_stop();
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(request(server.port(), "GET", "/healthz", "", &[], "").await.is_err(), "nobody new is let in");
    stream.write_all(&body.as_bytes()[5..]).await.unwrap();
    let mut answer = String::new();
    tokio::time::timeout(Duration::from_secs(20), stream.read_to_string(&mut answer)).await.unwrap().unwrap();
    assert!(answer.starts_with("HTTP/1.1 422") && answer.contains("urn:yiqi:problem:refused"), "{answer}");
    assert!(server.ended().await);
}

#[tokio::test]
async fn a_job_under_way_comes_to_its_end_after_the_server_was_asked_to_stop() {
    let app = TestApp::living().await;
    let (uscc, _) = app.enterprise(1).await;
    crate::jobs::notices::queue(&app, "claim.paid", &uscc).await;
    // A mail server that takes its time, and then has none.
    let mails = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("smtp://127.0.0.1:{}", mails.local_addr().unwrap().port());
    let server = serve(&app, &[], &[("YIQI_SMTP_URL", &url)]).await;
    let (called, _) = tokio::time::timeout(Duration::from_secs(40), mails.accept()).await.unwrap().unwrap();
    server.ask_to_stop();
    tokio::time::sleep(Duration::from_millis(700)).await;
    drop((called, mails));
    assert!(server.ended().await);
    let mut conn = app.db.read().await.unwrap();
    let runs = yiqi::store::job_runs::list_latest(&mut conn, "notices", 1).await.unwrap();
    assert!(runs[0].ended_at.is_some() && runs[0].outcome.is_some(), "{runs:?}");
    assert_eq!(yiqi::store::outbox::count(&mut conn, Some(yiqi::store::outbox::Fate::Retrying)).await.unwrap(), 1);
}
