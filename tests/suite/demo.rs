//! The demo city: filled through actions, the same each time, complete, and in order.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::support::TestApp;
use yiqi::actions::checks;
use yiqi::demo;

/// Everything of a list of the API, page by page.
async fn all(app: &TestApp, path: &str, token: &str) -> Vec<Value> {
    let (mut found, mut after) = (Vec::new(), String::new());
    loop {
        let sign = if path.contains('?') { '&' } else { '?' };
        let answer = app.get(&format!("{path}{sign}limit=200{after}"), token).await.expect(200);
        found.extend(answer["items"].as_array().unwrap().iter().cloned());
        match answer["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => return found,
        }
    }
}

fn accounts(app: &TestApp) -> Vec<Value> {
    let text = std::fs::read_to_string(demo::accounts_path(app)).unwrap();
    let json: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(json["base_url"], "http://yiqi.test");
    json["accounts"].as_array().unwrap().clone()
}

fn of_role<'a>(accounts: &'a [Value], role: &str) -> Vec<&'a Value> {
    accounts.iter().filter(|account| account["role"] == role).collect()
}

fn token(account: &Value) -> &str {
    account["token"].as_str().unwrap()
}

fn counts(items: &[Value]) -> BTreeMap<String, usize> {
    let mut found = BTreeMap::new();
    for item in items {
        *found.entry(item["state"].as_str().unwrap().to_owned()).or_insert(0) += 1;
    }
    found
}

/// Fills the city; nothing of its story may have been refused.
async fn filled(now: &str) -> TestApp {
    let app = TestApp::at(now).await;
    assert_eq!(demo::build(&app).await.unwrap(), Vec::<String>::new());
    demo::fill(&app).await.unwrap();
    app
}

#[tokio::test]
async fn the_demo_shows_every_state_and_proves_right() {
    let app = filled("2026-10-12T10:00:00+08:00").await;
    let accounts = accounts(&app);
    let mut bookings = Vec::new();
    for manager in of_role(&accounts, "manager") {
        bookings.extend(all(&app, "/api/v1/bookings", token(manager)).await);
    }
    let states = counts(&bookings);
    println!("{states:?}");
    for state in ["requested", "confirmed", "declined", "expired", "cancelled", "in_use", "no_show", "completed", "settled"] {
        assert!(states.contains_key(state), "no booking is {state}: {states:?}");
    }
    assert!(bookings.iter().any(|booking| booking["cancel_fee_fen"].as_i64().unwrap() > 0), "nobody cancelled late");
    let claims = counts(&all(&app, "/api/v1/claims", token(of_role(&accounts, "officer")[0])).await);
    println!("{claims:?}");
    for state in ["filed", "sent_back", "second_review", "approved", "rejected", "withdrawn", "paid", "clawed_back"] {
        assert!(claims.contains_key(state), "no claim is {state}: {claims:?}");
    }
    let applications = counts(&all(&app, "/api/v1/voucher-applications", token(of_role(&accounts, "officer")[0])).await);
    assert!(applications.contains_key("filed") && applications.contains_key("rejected"), "{applications:?}");
    let mut conn = app.db.read().await.unwrap();
    assert_eq!(checks::all(&mut conn).await.unwrap(), Vec::<String>::new());
}

#[tokio::test]
async fn the_accounts_are_those_of_the_contract_and_belong_together() {
    let app = filled("2026-10-12T10:00:00+08:00").await;
    let accounts = accounts(&app);
    for (role, least) in
        [("officer", 2), ("reviewer", 1), ("auditor", 1), ("ops", 1), ("manager", 3), ("operator", 3), ("booker", 4), ("admin", 8), ("finance", 7)]
    {
        assert!(of_role(&accounts, role).len() >= least, "{role}");
    }
    let distinct = |field: &str| accounts.iter().map(|account| account[field].as_str().unwrap()).collect::<BTreeSet<_>>().len();
    assert_eq!((distinct("email"), distinct("token")), (accounts.len(), accounts.len()));
    let granted: Vec<i64> = {
        let mut found = Vec::new();
        for booker in of_role(&accounts, "booker") {
            let voucher = app.get("/api/v1/vouchers?year=2026", token(booker)).await.expect(200);
            found.push(voucher["granted_fen"].as_i64().unwrap());
            let next = app.get("/api/v1/vouchers?year=2027", token(booker)).await.expect(200);
            assert_eq!(next["granted_fen"], 0);
        }
        found
    };
    assert_eq!((granted.iter().filter(|fen| **fen > 0).count(), granted.iter().filter(|fen| **fen == 0).count()), (3, 1), "{granted:?}");
    let booker = of_role(&accounts, "booker")[0];
    let voucher = app.get("/api/v1/vouchers?year=2026", token(booker)).await.expect(200);
    let (available, granted) = (voucher["available_fen"].as_i64().unwrap(), voucher["granted_fen"].as_i64().unwrap());
    assert!(available * 10 > granted * 8, "{voucher}");
    for year in [2026, 2027] {
        app.get(&format!("/api/v1/programmes/{year}"), token(of_role(&accounts, "officer")[0])).await.expect(200);
    }
    let manager = of_role(&accounts, "manager")[0];
    let instruments = all(&app, "/api/v1/instruments", "").await;
    assert!(instruments.len() >= 33, "{}", instruments.len());
    assert!(instruments.iter().any(|instrument| instrument["institution"]["uscc"] == manager["uscc"]));
    let signed_in = of_role(&accounts, "admin")[3];
    let mut browser = crate::support::browser::Browser::new(&app);
    browser.sign_in(signed_in["email"].as_str().unwrap(), signed_in["password"].as_str().unwrap()).await;
}

#[tokio::test]
async fn two_fillings_tell_the_same_story_and_a_second_start_changes_nothing() {
    let now = "2026-11-24T15:05:00+08:00";
    let (one, other) = (filled(now).await, filled(now).await);
    assert_eq!(accounts(&one), accounts(&other));
    let manager = token(of_role(&accounts(&one), "manager")[1]).to_owned();
    let officer = token(of_role(&accounts(&one), "officer")[0]).to_owned();
    for (path, token) in [("/api/v1/bookings", &manager), ("/api/v1/claims", &officer)] {
        let told = all(&one, path, token).await;
        assert!(told.len() > 10);
        assert_eq!(told, all(&other, path, token).await);
    }
    let written = std::fs::read(demo::accounts_path(&one)).unwrap();
    let before = all(&one, "/api/v1/bookings", &manager).await;
    one.advance(86_400);
    demo::fill(&one).await.unwrap();
    assert_eq!(std::fs::read(demo::accounts_path(&one)).unwrap(), written);
    assert_eq!(all(&one, "/api/v1/bookings", &manager).await, before);
}

#[tokio::test]
async fn a_database_with_data_of_its_own_is_left_alone() {
    let app = TestApp::new().await;
    app.organisation("91350100M000100Y4", "青岛自有企业有限公司", &[yiqi::domain::roles::Side::Enterprise], "370214", false).await;
    assert!(!demo::fill(&app).await.unwrap());
    assert!(!demo::accounts_path(&app).exists());
}

#[tokio::test]
async fn the_demo_fills_on_a_day_on_which_nobody_works_too() {
    // New Year's Day: this year has no past, and nothing of it may be claimed.
    let app = filled("2027-01-01T11:00:00+08:00").await;
    let officer = token(of_role(&accounts(&app), "officer")[0]).to_owned();
    assert_eq!(all(&app, "/api/v1/claims", &officer).await, Vec::<Value>::new());
}
