//! What holds for every address: security headers, errors with two faces, and a database that goes away and comes back.

use axum::body::Body;
use axum::http::{Request, header};
use serde_json::{Value, json};
use yiqi::domain::roles::{Role, Side};

use crate::support::TestApp;
use crate::support::browser::Browser;
use crate::support::outage::Outage;

#[tokio::test]
async fn every_answer_carries_the_security_headers() {
    let app = TestApp::new().await;
    let (_, token) = app.enterprise(1).await;
    for (path, token) in
        [("/login", ""), ("/nothing", ""), ("/api/v1/nothing", ""), ("/api/v1/bookings", token.as_str()), ("/api/v1/bookings", ""), ("/healthz", "")]
    {
        let answer = app.get(path, token).await;
        for (name, value) in [
            ("content-security-policy", "default-src 'self'"),
            ("content-security-policy", "frame-ancestors 'none'"),
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("referrer-policy", "same-origin"),
            ("cache-control", "no-store"),
        ] {
            assert!(answer.header(name).contains(value), "{path}: {name} is {:?}", answer.header(name));
        }
        assert!(!answer.header("content-security-policy").contains("unsafe-eval") && answer.header("x-request-id").len() == 36, "{path}");
    }
}

#[tokio::test]
async fn what_cannot_be_done_is_a_problem_for_programs_and_a_page_for_people() {
    let app = TestApp::new().await;
    let (_, token) = app.enterprise(1).await;
    let (plain, json) = ("text/plain", "application/json");
    let ask = |method: &str, path: &str, kind: &str, body: String| {
        let request = Request::builder().method(method).uri(path).header(header::AUTHORIZATION, format!("Bearer {token}")).header(header::CONTENT_TYPE, kind);
        request.body(Body::from(body)).unwrap()
    };
    let big = format!("{{\"instrument_id\":\"{}\"}}", "x".repeat(9 << 20));
    for (status, code, request) in [
        (404, "not_found", ask("GET", "/api/v1/nothing", json, String::new())),
        (404, "not_found", ask("GET", "/api/v1/bookings/%FF", json, String::new())),
        (405, "method_not_allowed", ask("DELETE", "/api/v1/bookings", json, String::new())),
        (422, "refused", ask("GET", "/api/v1/bookings?limit=", json, String::new())),
        (422, "refused", ask("GET", "/api/v1/bookings?after=", json, String::new())),
        (413, "payload_too_large", ask("POST", "/api/v1/quotes", json, big)),
        (415, "unsupported_media_type", ask("POST", "/api/v1/quotes", plain, "{}".to_owned())),
        (400, "bad_request", ask("POST", "/api/v1/quotes", json, "{".to_owned())),
        (422, "refused", ask("POST", "/api/v1/quotes", json, "[]".to_owned())),
    ] {
        let answer = app.send(request).await;
        let problem = answer.expect(status);
        assert_eq!(answer.header("content-type"), "application/problem+json", "{code}");
        assert_eq!(
            (problem["code"].as_str().unwrap(), problem["status"].as_u64().unwrap(), problem["type"].as_str().unwrap()),
            (code, u64::from(status), format!("urn:yiqi:problem:{code}").as_str())
        );
        assert!(problem["title"].is_string() && problem["detail"].is_string() && problem["violations"].is_array() && problem["alternatives"].is_array());
        if status == 405 {
            assert!(answer.header("allow").contains("POST"), "{:?}", answer.headers);
        }
    }
    assert_eq!(app.send(ask("POST", "/api/docs", json, "{}".to_owned())).await.expect(405)["code"], "method_not_allowed");
    let page = Browser::new(&app).get("/nothing").await;
    assert!(page.status == 404 && page.header("content-type").starts_with("text/html") && page.text().contains("<main"), "{}", page.text());
}

#[tokio::test]
async fn a_wrong_token_is_401_before_anything_else_is_looked_at() {
    let app = TestApp::new().await;
    for (method, path) in [("POST", "/api/v1/bookings"), ("GET", "/api/v1/bookings"), ("GET", "/api/v1/instruments")] {
        let answer = app.call(method, path, "wrong", json!([])).await;
        answer.expect(401);
        assert_eq!(answer.header("www-authenticate"), "Bearer");
    }
    let answer = app.call("POST", "/api/v1/bookings", "", Value::Null).await;
    assert_eq!(answer.expect(401)["code"], "unauthorized");
}

#[tokio::test]
async fn while_the_database_is_away_answers_are_503_and_afterwards_all_is_well_without_a_restart() {
    let (app, mut outage) = Outage::prepare().await;
    let uscc = app.organisation("12370200MB0000001", "青岛测试研究院", &[Side::Institution], "370212", false).await;
    app.person_with_password(&uscc, "manager@lab.test", Role::Manager, "correct horse").await;
    let token = app.person(&uscc, "manager2@lab.test", Role::Manager, None).await;
    let mut browser = Browser::new(&app);
    browser.get("/login").await;
    let form = [("email", "manager@lab.test"), ("password", "correct horse")];
    outage.begin().await;
    let page = browser.submit("/login", &form).await;
    assert!(page.status == 503 && page.text().contains("<main"), "{} {}", page.status, page.text());
    assert!(page.header("retry-after").parse::<u64>().is_ok_and(|seconds| seconds > 0), "{:?}", page.headers);
    if outage.is_whole() {
        let answer = app.get("/api/v1/bookings", &token).await;
        assert_eq!(answer.expect(503)["code"], "unavailable");
        assert!(!answer.header("retry-after").is_empty());
        app.get("/readyz", "").await.expect(503);
    }
    app.get("/healthz", "").await.expect(200);
    outage.end().await;
    app.get("/readyz", "").await.expect(200);
    app.get("/api/v1/bookings", &token).await.expect(200);
    assert_eq!(browser.submit("/login", &form).await.status, 303);
}

#[tokio::test]
async fn waiting_for_a_lock_ends_after_seconds_not_minutes() {
    let (app, mut outage) = Outage::prepare().await;
    outage.begin().await;
    let begun = std::time::Instant::now();
    let act = app.command();
    let done = app
        .transact(&act, |tx| {
            let act = &act;
            Box::pin(async move { yiqi::actions::records::audit(tx, act, "test.done", "test", "1", &json!({})).await })
        })
        .await;
    assert!(matches!(done, Err(yiqi::actions::Error::Store(yiqi::store::Error::Unavailable(_)))), "{done:?}");
    assert!(begun.elapsed().as_secs() < 9, "{:?}", begun.elapsed());
    outage.end().await;
}

#[tokio::test]
async fn a_body_that_is_refused_is_taken_to_its_end_so_that_the_answer_is_seen() {
    let app = TestApp::new().await;
    let (_, token) = app.enterprise(1).await;
    let left = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(40));
    let chunks = futures_util::stream::unfold(std::sync::Arc::clone(&left), |left| async move {
        let more = left.fetch_update(std::sync::atomic::Ordering::SeqCst, std::sync::atomic::Ordering::SeqCst, |n| n.checked_sub(1)).is_ok();
        more.then(|| (Ok::<_, std::io::Error>(vec![b' '; 1 << 20]), left))
    });
    let request = Request::builder().method("POST").uri("/api/v1/quotes").header(header::CONTENT_TYPE, "application/json");
    let request = request.header(header::AUTHORIZATION, format!("Bearer {token}")).body(Body::from_stream(chunks)).unwrap();
    app.send(request).await.expect(413);
    assert_eq!(left.load(std::sync::atomic::Ordering::SeqCst), 0);
}

#[tokio::test]
async fn pages_name_the_city_whose_bureau_runs_the_platform() {
    let app = TestApp::new().await;
    let page = Browser::new(&app).get("/").await.text();
    assert!(page.contains("<small>科研仪器共享</small>") && !page.contains("主办"), "{page}");
    app.organisation("11370600MB2856222", "烟台市科学技术局", &[Side::Bureau], "370602", false).await;
    app.find_host().await.unwrap();
    let page = Browser::new(&app).get("/").await.text();
    assert!(page.contains("<small>烟台科研仪器共享</small>") && page.contains("主办：烟台市科学技术局"), "{page}");
    let page = Browser::english(&app).get("/").await.text();
    assert!(page.contains("<small>Yantai instruments, shared</small>"), "{page}");
}
