//! What a forwarding header may say, and who may say it; where people are led; tables for spreadsheets; tokens and cookies at the wrong door.

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Request, header};
use serde_json::json;
use yiqi::domain::roles::{Role, Side};

use crate::support::TestApp;
use crate::support::bookings::City;
use crate::support::browser::Browser;
use crate::support::claims::PDF;
use crate::support::http::Answer;

const EMAIL: &str = "manager1@lab.test";
const PASSWORD: &str = "correct horse";
const PROXY: [u8; 4] = [10, 0, 0, 1];

/// Behind a proxy that is trusted, with somebody who can sign in.
async fn behind_a_proxy() -> TestApp {
    let app = TestApp::configured(|config| config.trusted_proxies = vec![PROXY.into()]).await;
    let uscc = app.organisation("12370200MB0000001", "研究院", &[Side::Institution], "370212", true).await;
    app.person_with_password(&uscc, EMAIL, Role::Manager, PASSWORD).await;
    app
}

/// Tries to sign in over a connection from `peer` with forwarding headers.
async fn try_in(app: &TestApp, peer: [u8; 4], headers: &[(&str, &str)], password: &str) -> Answer {
    let token = yiqi::web::frame::form_token("x");
    let form = url::form_urlencoded::Serializer::new(String::new()).extend_pairs([("email", EMAIL), ("password", password), ("csrf", token.as_str())]).finish();
    let mut request = Request::post("/login").header(header::CONTENT_TYPE, "application/x-www-form-urlencoded").header(header::COOKIE, "yiqi_form=x");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let mut request = request.body(Body::from(form)).unwrap();
    request.extensions_mut().insert(ConnectInfo(std::net::SocketAddr::from((peer, 4711))));
    app.send(request).await
}

#[tokio::test]
async fn behind_a_trusted_proxy_everybody_has_their_own_address_and_nobody_chooses_it() {
    let app = behind_a_proxy().await;
    // What the guesser writes stands before what the proxy adds, and counts for nothing.
    for number in 0..5 {
        let forged = format!("10.9.8.{number}, 203.0.113.7");
        assert_eq!(try_in(&app, PROXY, &[("x-forwarded-for", &forged)], "wrong").await.status, 422);
    }
    assert_eq!(try_in(&app, PROXY, &[("x-forwarded-for", "10.9.9.9, 203.0.113.7")], PASSWORD).await.status, 429);
    assert_eq!(try_in(&app, PROXY, &[("x-forwarded-for", "203.0.113.8")], PASSWORD).await.status, 303, "a neighbour is not locked out");
}

#[tokio::test]
async fn only_a_trusted_proxy_makes_cookies_secure() {
    let app = behind_a_proxy().await;
    let https = [("x-forwarded-for", "203.0.113.9"), ("x-forwarded-proto", "https")];
    for (peer, secure) in [(PROXY, true), ([203, 0, 113, 9], false)] {
        let answer = try_in(&app, peer, &https, PASSWORD).await;
        assert_eq!((answer.status.as_u16(), answer.header("set-cookie").contains("Secure")), (303, secure), "{}", answer.header("set-cookie"));
        assert!(answer.header("set-cookie").contains("HttpOnly") && answer.header("set-cookie").contains("SameSite=Lax"));
    }
    let answer = try_in(&app, PROXY, &[("x-forwarded-for", "203.0.113.9"), ("x-forwarded-proto", "https, http")], PASSWORD).await;
    assert!(!answer.header("set-cookie").contains("Secure"));
}

#[tokio::test]
async fn nobody_is_led_to_another_site_however_it_is_written() {
    let app = behind_a_proxy().await;
    for evil in
        ["//evil.example", "/\\evil.example", "https:evil.example", "https:/evil.example", "%2F%2Fevil.example", "/%5C..//evil.example\r\nX: y", ".//evil"]
    {
        let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("next", evil).finish();
        let mut browser = Browser::new(&app);
        assert!(!browser.get(&format!("/login?{query}")).await.text().contains("value=\"//evil"));
        let answer = browser.submit("/login", &[("email", EMAIL), ("password", PASSWORD), ("next", evil)]).await;
        assert_eq!((answer.status.as_u16(), answer.header("location")), (303, "/lab"), "{evil}");
        // Whoever is in already is led on at once.
        assert_eq!(browser.get(&format!("/login?{query}")).await.header("location"), "/lab", "{evil}");
    }
    for path in ["//evil.example/?lang=en", "/\\evil.example/?lang=en", "//evil.example/lab?lang=en"] {
        let request = Request::get(path).body(Body::empty());
        let Ok(request) = request else { continue };
        let answer = app.send(request).await;
        assert!(!answer.header("location").contains("evil"), "{path}: {}", answer.header("location"));
    }
}

#[tokio::test]
async fn a_name_that_looks_like_a_formula_is_plain_text_in_the_payment_table() {
    let city = City::claiming(1_000_000).await;
    let bureau = yiqi::store::organisations::list_bureaus(&mut city.app.db.read().await.unwrap()).await.unwrap().remove(0);
    city.app.person_with_password(&bureau.uscc, "payer@bureau.test", Role::Officer, PASSWORD).await;
    let booking = city.settled(40_000).await;
    let claim = city.claim(&[&booking], 40_000, json!({})).await.expect(201);
    city.app.claim_act(&claim, "approve", &city.officer, json!({})).await.expect(200);
    city.app
        .tamper("organisation_names", &format!("UPDATE organisation_names SET name = '=HYPERLINK(\"http://evil\",\"{}\")' WHERE name LIKE '%有限公司'", "领奖"))
        .await;
    let mut browser = Browser::new(&city.app);
    browser.sign_in("payer@bureau.test", PASSWORD).await;
    let table = browser.get("/bureau/payments.csv").await;
    assert!(table.header("content-disposition").starts_with("attachment"));
    let text = table.text();
    let mut reader = csv::Reader::from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert!(!rows.is_empty() && rows.iter().all(|row| &row[1] == "'=HYPERLINK(\"http://evil\",\"领奖\")"), "{text}");
}

#[tokio::test]
async fn a_token_opens_no_page_and_a_cookie_no_program() {
    let city = City::new(json!({})).await;
    city.app.person_with_password(&city.firm, "booker9@firm.test", Role::Booker, PASSWORD).await;
    let bearer = city.app.get("/bookings", &city.booker).await;
    assert_eq!((bearer.status.as_u16(), bearer.header("location")), (303, "/login?next=%2Fbookings"));
    let mut browser = Browser::new(&city.app);
    browser.sign_in("booker9@firm.test", PASSWORD).await;
    assert_eq!(browser.get("/bookings").await.status, 200);
    assert_eq!(browser.get("/api/v1/bookings").await.status, 401);
    let secret = browser.cookie("yiqi_session");
    assert_eq!(city.app.get("/api/v1/bookings", &secret).await.status, 401, "a session's secret is no token");
    let mut other = Browser::new(&city.app);
    other.set_cookie("yiqi_session", &city.booker);
    assert_eq!(other.get("/bookings").await.status, 303, "a token is no session's secret");
}

#[tokio::test]
async fn a_picture_with_script_or_a_page_is_no_document_whatever_form_it_comes_by() {
    let city = City::claiming(1_000_000).await;
    city.app.person_with_password(&city.firm, "clerk@firm.test", Role::Booker, PASSWORD).await;
    let mut browser = Browser::new(&city.app);
    browser.sign_in("clerk@firm.test", PASSWORD).await;
    browser.get("/vouchers/claims/new").await;
    for (name, content) in [
        ("合同.pdf", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>".as_slice()),
        ("合同.pdf", b"<!doctype html><script>alert(1)</script>%PDF-1.7"),
        ("合同.png", b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'/>"),
    ] {
        let answer = browser.upload("/vouchers/claims/new", &[], &[("contract", name, content), ("proofs", "发票.pdf", PDF)]).await;
        assert_eq!(answer.status, 422);
        let kept: i64 = sqlx::query_scalar("SELECT count(*) FROM files WHERE media_type NOT IN ('application/pdf')")
            .fetch_one(&mut *city.app.db.read().await.unwrap())
            .await
            .unwrap();
        assert_eq!(kept, 0, "{name}");
        assert_eq!(city.app.upload_parts(&city.booker, &[("file", name, content)], &[]).await.status, 415);
    }
}

#[tokio::test]
async fn what_took_the_time_of_days_gone_by_or_far_ahead_is_told_to_nobody_else() {
    let city = City::new(json!({ "approval": "automatic", "notice_minutes": 0 })).await;
    let (_, other) = city.app.enterprise(2).await;
    let mine = city.book("2026-10-13T09:00", "2026-10-13T10:00", json!({})).await;
    city.take("closure", "2027-03-01T09:00", "2027-03-01T10:00").await.expect(201);
    city.app.set_now("2026-10-15T10:00:00+08:00");
    let path = format!("/api/v1/instruments/{}", city.instrument);
    for (taken, free) in [("2026-10-13T09:00", "2026-10-13T14:00"), ("2027-03-01T09:00", "2027-03-02T09:00")] {
        let mut told = Vec::new();
        for from in [taken, free] {
            let to = format!("{}:00", &from[..13].replace("T09", "T10").replace("T14", "T15"));
            let mut wish = crate::support::bookings::wish(&city.instrument, from, &to, json!({}));
            told.push(city.app.post("/api/v1/bookings", &other, wish.clone()).await.codes());
            wish.as_object_mut().unwrap().remove("purpose");
            told.push(city.app.post("/api/v1/quotes", &other, wish).await.codes());
        }
        assert_eq!((&told[0], &told[1]), (&told[2], &told[3]), "{taken}");
    }
    let id = mine["id"].as_str().unwrap();
    for asked in ["slots?from=2026-10-12T00:00:00Z&to=2026-10-14T00:00:00Z", "availability?from=2026-10-12T00:00:00Z&to=2026-10-14T00:00:00Z&minutes=60"] {
        let answer = city.app.get(&format!("{path}/{asked}"), &other).await.expect(200);
        assert_eq!(answer["total"], 0, "{answer}");
    }
    for (method, path) in
        [("DELETE", format!("{path}/slots/{id}")), ("GET", format!("/api/v1/bookings/{id}")), ("POST", format!("/api/v1/bookings/{id}/cancel"))]
    {
        let answer = city.app.call(method, &path, &other, json!({ "reason": "x" })).await;
        assert!([403, 404].contains(&answer.status.as_u16()), "{path}: {}", answer.status);
    }
}
