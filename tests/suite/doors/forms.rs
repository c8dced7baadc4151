//! Names that name nothing, at every door: never a defect of ours, and never a way to a file or into SQL. And forms of other sites: no page that changes anything takes a form without the token of its own session, signed in or not.

use axum::body::Body;
use axum::http::{Request, header};
use yiqi::domain::roles::Role;
use yiqi::http::caller::SESSION_COOKIE;
use yiqi::web::frame::{FORM_COOKIE, form_token};

use super::city::{City, MEMBERS};
use super::routes;

/// One form, as it is written on the wire.
fn written(token: Option<&str>, multipart: bool) -> (&'static str, String) {
    if multipart {
        let field = token.map(|token| format!("--b\r\ncontent-disposition: form-data; name=\"csrf\"\r\n\r\n{token}\r\n")).unwrap_or_default();
        return ("multipart/form-data; boundary=b", format!("{field}--b\r\ncontent-disposition: form-data; name=\"x\"\r\n\r\ny\r\n--b--\r\n"));
    }
    ("application/x-www-form-urlencoded", token.map_or_else(|| "x=y".to_owned(), |token| format!("x=y&csrf={token}")))
}

#[tokio::test]
async fn no_page_takes_a_form_without_the_token_of_its_own_session() {
    let city = City::bare().await;
    let admin = MEMBERS[4];
    let (own, other) = (city.session(admin).await, city.session(admin).await);
    let mut tried = 0;
    for route in routes::all(&city.app).await {
        let Some(path) = route.strip_prefix("POST ").filter(|path| !path.starts_with("/api/")) else { continue };
        let path = path.replace("{}", "x");
        let tokens = [None, Some(String::new()), Some(form_token(&other)), Some(form_token("")), Some(own.clone())];
        for (token, multipart) in tokens.iter().flat_map(|token| [(token, false), (token, true)]) {
            for (cookie, refusal) in [(format!("{SESSION_COOKIE}={own}"), 409), (format!("{FORM_COOKIE}=mine"), 409), (String::new(), 303)] {
                // Whoever signs in is told there and not sent round in a circle.
                let refusal = if path == "/login" { 409 } else { refusal };
                let (kind, body) = written(token.as_deref(), multipart);
                let request = Request::post(&path).header(header::COOKIE, &cookie).header(header::CONTENT_TYPE, kind);
                let answer = city.send(request.body(Body::from(body)).unwrap()).await;
                assert_eq!(answer.status.as_u16(), refusal, "{path} with {token:?} and {cookie:?}: {}", answer.text());
                assert!(refusal == 409 || answer.header("location").starts_with("/login?next="), "{path}");
            }
        }
        // Browsers of other sites may send text without asking first.
        let request = Request::post(&path).header(header::COOKIE, format!("{SESSION_COOKIE}={own}")).header(header::CONTENT_TYPE, "text/plain");
        let answer = city.send(request.body(Body::from(format!("csrf={}", form_token(&own)))).unwrap()).await;
        assert_eq!(answer.status, 415, "{path}");
        tried += 1;
    }
    assert!(tried > 50, "{tried} forms");
}

/// What nobody ever made: no id, an id that is not there, SQL, a path, a name without end, no UTF-8.
const NAMES: [&str; 7] = ["x", "%00", "01a1385a-3cc4-7c26-b134-d59bbac254cf", "'%20OR%20'1'='1", "..%2F..%2Fetc%2Fpasswd", "{long}", "%FF"];

#[tokio::test]
async fn names_that_name_nothing_are_never_a_defect_of_ours() {
    let city = City::bare().await;
    let long = "9".repeat(4_000);
    let mut tried = 0;
    for route in routes::all(&city.app).await.iter().filter(|route| route.contains("{}")) {
        let (method, path) = route.split_once(' ').unwrap();
        for who in MEMBERS.iter().filter(|who| who.1 == Role::Admin) {
            let secret = city.session(*who).await;
            for name in NAMES {
                let path = path.replace("{}", name).replace("{long}", &long);
                let mut request = Request::builder().method(method).uri(&path);
                let body = if path.starts_with("/api/v1/") {
                    request = request.header(header::AUTHORIZATION, format!("Bearer {}", city.towns[0].token(who.0, who.1)));
                    request = request.header(header::CONTENT_TYPE, "application/json");
                    "{}".to_owned()
                } else {
                    request = request.header(header::COOKIE, format!("{SESSION_COOKIE}={secret}"));
                    request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
                    format!("csrf={}", form_token(&secret))
                };
                let answer = city.send(request.body(Body::from(if method == "GET" { String::new() } else { body })).unwrap()).await;
                assert!(answer.status.as_u16() < 500, "{route} with {name:.40} as {who:?}: {} {}", answer.status, answer.text());
                assert!(!answer.text().contains("root:"), "{route}");
                tried += 1;
            }
        }
    }
    assert!(tried > 1_500, "{tried} knocks");
}
