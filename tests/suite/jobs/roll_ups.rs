//! What the roll-up keeps, days, months and the digests of a process, follows every change.

use serde_json::json;
use yiqi::actions::openness::schemes::Schemes;
use yiqi::actions::openness::{Digests, salt};
use yiqi::domain::openness::Period;
use yiqi::store::openness::Scope;

use crate::support::TestApp;
use crate::support::usage::segment;

const EXTERNAL: &str = "91350100M000100Y43";
const OTHER: &str = "91110000600037341L";

/// The digest computed anew, out of the segments.
async fn anew(app: &TestApp, uscc: &str, period: Period) -> String {
    let salt = salt(&app.db, period).await.unwrap();
    let mut tx = app.db.snapshot().await.unwrap();
    let party = yiqi::store::organisations::find_by_uscc(&mut tx, uscc).await.unwrap().unwrap();
    let scheme = Schemes::load(&mut tx).await.unwrap().of(&party.region_code, period.last());
    Digests::default().of(&mut tx, &Scope::Institution(party.id.clone()), period, &salt, &scheme).await.unwrap()
}

#[tokio::test]
async fn a_digest_that_was_kept_is_never_told_after_a_change() {
    let app = TestApp::at("2026-10-20T10:00:00+08:00").await;
    let (lab, manager) = app.institution(1).await;
    let instrument = app.instrument(&manager, json!({})).await;
    let period = Period::parse("2026").unwrap();
    let told = async || {
        let told = app.openness(&manager, &format!("institutions/{lab}"), "2026").await["input_digest"].as_str().unwrap().to_owned();
        assert_eq!(told, anew(&app, &lab, period).await);
        told
    };
    let deliver = async |key: &str, from: &str, to: &str| {
        let one = segment(key, &format!("2026-10-12T{from}"), &format!("2026-10-12T{to}"), json!({"organisation_uscc": EXTERNAL}));
        app.deliver(&manager, &instrument, vec![one]).await.expect(200);
    };
    let void_last = async || {
        let listed = app.get(&format!("/api/v1/instruments/{instrument}/usage"), &manager).await.expect(200);
        let live = listed["items"].as_array().unwrap().iter().rfind(|item| item["voided_at"].is_null()).unwrap();
        app.post(&format!("/api/v1/usage/{}/void", live["id"].as_str().unwrap()), &manager, json!({"reason": "误记"})).await.expect(200);
    };
    let nothing = told().await;
    deliver("a", "09:00", "10:00").await;
    let first = told().await;
    assert_ne!(first, nothing);
    void_last().await;
    assert_eq!(told().await, nothing);
    // Rolled up with nothing in it, the day is touched once again, as it was when the first digest was kept.
    app.roll_up().await;
    assert_eq!(told().await, nothing);
    deliver("b", "11:00", "12:00").await;
    let second = told().await;
    assert!(second != first && second != nothing);
    app.roll_up().await;
    assert_eq!(told().await, second);
    // Two of one second.
    deliver("c", "13:00", "14:00").await;
    let third = told().await;
    deliver("d", "14:00", "15:00").await;
    let fourth = told().await;
    assert!(third != second && fourth != third);
    app.roll_up().await;
    assert_eq!(told().await, fourth);
    assert_eq!(app.differences().await, Vec::<String>::new());
}

#[tokio::test]
async fn a_year_is_the_same_out_of_months_and_out_of_days() {
    let app = TestApp::at("2026-10-20T10:00:00+08:00").await;
    let (lab, manager) = app.institution(1).await;
    let (instrument, beside) = (app.instrument(&manager, json!({})).await, app.instrument(&manager, json!({})).await);
    let one = |day: &str, from: &str, to: &str, whom: &str| {
        segment(&format!("{day}{from}"), &format!("2026-{day}T{from}"), &format!("2026-{day}T{to}"), json!({"organisation_uscc": whom}))
    };
    for instrument in [&instrument, &beside] {
        let all = vec![
            one("08-31", "22:00", "23:30", EXTERNAL),
            one("09-01", "09:00", "10:00", EXTERNAL),
            one("09-30", "09:00", "11:00", OTHER),
            one("10-12", "09:00", "10:00", EXTERNAL),
        ];
        app.deliver(&manager, instrument, all).await.expect(200);
    }
    let figures = async |instrument: &str, period: &str| {
        let got = app.openness(&manager, &format!("instruments/{instrument}"), period).await;
        (got["effective_seconds"].as_i64().unwrap(), got["users_served"].as_i64().unwrap())
    };
    let hour = 3_600;
    for round in ["segments", "rolled up"] {
        assert_eq!(figures(&instrument, "2026").await, (11 * hour / 2, 2), "{round}");
        assert_eq!(figures(&instrument, "2026-09").await, (3 * hour, 2), "{round}");
        assert_eq!(figures(&instrument, "2026-09-30").await, (2 * hour, 1), "{round}");
        app.roll_up().await;
    }
    // A month of one instrument is touched: it is read by days, with the touched one out of its segments, and the others whole.
    app.deliver(&manager, &instrument, vec![one("09-01", "20:00", "21:00", EXTERNAL)]).await.expect(200);
    for round in ["touched", "rolled up"] {
        assert_eq!(figures(&instrument, "2026").await, (13 * hour / 2, 2), "{round}");
        assert_eq!(figures(&instrument, "2026-09").await, (4 * hour, 2), "{round}");
        assert_eq!(figures(&beside, "2026").await, (11 * hour / 2, 2), "{round}");
        let whole = app.openness(&manager, &format!("institutions/{lab}"), "2026").await;
        assert_eq!((whole["effective_seconds"].as_i64(), whole["users_served"].as_i64()), (Some(12 * hour), Some(2)), "{round}");
        app.roll_up().await;
        assert_eq!(app.differences().await, Vec::<String>::new());
    }
    // Whoever stood behind one day only is gone with it; whoever still stands behind another stays.
    let listed = app.get(&format!("/api/v1/instruments/{instrument}/usage"), &manager).await.expect(200);
    for key in ["09-3009:00", "09-0120:00"] {
        let id = listed["items"].as_array().unwrap().iter().find(|item| item["key"] == key).unwrap()["id"].as_str().unwrap();
        app.post(&format!("/api/v1/usage/{id}/void"), &manager, json!({"reason": "误记"})).await.expect(200);
    }
    for round in ["touched", "rolled up"] {
        assert_eq!(figures(&instrument, "2026").await, (7 * hour / 2, 1), "{round}");
        assert_eq!(figures(&instrument, "2026-09").await, (hour, 1), "{round}");
        app.roll_up().await;
        assert_eq!(app.differences().await, Vec::<String>::new());
    }
}
