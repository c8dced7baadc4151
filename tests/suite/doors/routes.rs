//! What routes there are, told by the router itself: its paths out of its own description, the methods of a path out of the `Allow` of its 405.

use std::collections::BTreeSet;

use axum::body::Body;
use axum::http::{Request, StatusCode};

use super::{Door, pages, table};
use crate::support::TestApp;

/// A path with its parameters unnamed.
pub fn bare(path: &str) -> String {
    let mut parts = path.split('{');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |bare, part| format!("{bare}{{}}{}", part.split_once('}').map_or("", |(_, rest)| rest)))
}

/// Every route of the service as `GET /bookings/{}`.
pub async fn all(app: &TestApp) -> BTreeSet<String> {
    let described = format!("{:?}", yiqi::http::router::router(app));
    let mut found = BTreeSet::new();
    for path in described.split("RouteId(").filter_map(|part| part.split_once("): \"/")).filter(|(number, _)| number.bytes().all(|b| b.is_ascii_digit())) {
        let path = format!("/{}", path.1.split('"').next().unwrap());
        if path.contains("__private__axum") {
            continue;
        }
        let somewhere = bare(&path).replace("{}", "x");
        let answer = app.send(Request::builder().method("TRACE").uri(&somewhere).body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{path}");
        // HEAD is GET without its body.
        let methods = answer.header("allow").split(',').filter(|method| *method != "HEAD");
        found.extend(methods.map(|method| format!("{method} {}", bare(&path))));
    }
    found
}

#[tokio::test]
async fn every_route_has_its_row_and_every_row_its_route() {
    let app = TestApp::new().await;
    let there = all(&app).await;
    assert!(there.len() > 150 && there.contains("POST /api/v1/bookings/{}/approve") && there.contains("GET /bookings/{}"), "{there:#?}");
    let told: BTreeSet<String> = [table::API, pages::PARTIES, pages::OTHERS].concat().into_iter().map(|row| Door::new(row).route()).collect();
    let [without_row, without_route] = [there.difference(&told), told.difference(&there)].map(|missing| missing.cloned().collect::<Vec<_>>().join("\n"));
    assert!(without_row.is_empty() && without_route.is_empty(), "routes without a row:\n{without_row}\nrows without a route:\n{without_route}");
}
