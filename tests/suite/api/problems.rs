//! What every route answers to what it cannot do: unknown paths and methods, strangers, wrong tokens.

use serde_json::Value;

use crate::support::TestApp;

#[tokio::test]
async fn unknown_paths_are_problems_in_the_callers_language() {
    let app = TestApp::new().await;
    let answer = app.get("/api/v1/nothing", "").await;
    let problem = answer.expect(404);
    assert_eq!((answer.header("content-type"), problem["code"].as_str()), ("application/problem+json", Some("not_found")));
    let chinese = app.call_with("GET", "/api/v1/nothing", "", Value::Null, &[("accept-language", "zh-CN")]).await;
    assert_eq!(chinese.json()["type"], "urn:yiqi:problem:not_found");
    assert!(!chinese.header("x-request-id").is_empty() && chinese.header("content-security-policy").contains("default-src 'self'"));
}

#[tokio::test]
async fn health_is_told_without_a_token() {
    let app = TestApp::new().await;
    for path in ["/healthz", "/readyz", "/metrics"] {
        app.get(path, "").await.expect(200);
    }
    assert_eq!(app.get("/api/openapi.json", "").await.expect(200)["openapi"], "3.1.0");
}
