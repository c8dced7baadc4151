//! Openness over the API: the worked examples, rates, scores, who may see what, and that reads are never older than their segments.

use serde_json::{Value, json};
use yiqi::actions::organisations::{OrganisationForm, add};
use yiqi::domain::roles::{Role, Side};

use crate::support::TestApp;
use crate::support::bookings::City;
use crate::support::people::uscc;
use crate::support::usage::segment;

const EXTERNAL: &str = "91350100M000100Y43";

fn cases() -> toml::Table {
    include_str!("../../data/openness.toml").parse().unwrap()
}

/// An institution with a related enterprise; gives (application, manager, USCC of the institution, of the related one).
async fn related_town() -> (TestApp, String, String, String) {
    let app = TestApp::at("2026-10-01T00:00:00+08:00").await;
    let (lab, manager) = app.institution(1).await;
    let related = uscc("91370212MA9999999");
    let form = OrganisationForm {
        uscc: related.clone(),
        name: "关联公司".into(),
        sides: vec![Side::Enterprise],
        region_code: "370212".into(),
        address: String::new(),
        enrolled: false,
        related: vec![lab.clone()],
    };
    let act = app.command();
    app.transact(&act, |tx| Box::pin(add(tx, &act, &form))).await.unwrap();
    app.set_now("2026-11-02T10:00:00+08:00");
    (app, manager, lab, related)
}

#[tokio::test]
async fn the_worked_examples_come_out_as_written_before_and_after_the_roll_up() {
    let (app, manager, _, related) = related_town().await;
    let text = |v: &toml::Value, key: &str| v.get(key).and_then(toml::Value::as_str).map(str::to_owned);
    let (file, mut made) = (cases(), Vec::new());
    for case in file["case"].as_array().unwrap() {
        let commissioned = text(case, "commissioned_on").unwrap_or_else(|| "2020-01-01".into());
        let instrument = app.instrument(&manager, json!({"commissioned_on": commissioned})).await;
        let segments = case["segments"].as_array().unwrap();
        let body = segments.iter().enumerate().map(|(n, s)| {
            let organisation = match text(s, "organisation").unwrap().as_str() {
                "internal" => Value::Null,
                "related" => json!(related),
                _ => json!(EXTERNAL),
            };
            let over = json!({"phase": text(s, "phase"), "organisation_uscc": organisation, "purpose_kind": text(s, "purpose_kind"), "source": "agent"});
            segment(&format!("k{n}"), &text(s, "from").unwrap(), &text(s, "to").unwrap(), over)
        });
        let answer = app.deliver(&manager, &instrument, body.collect()).await.expect(200);
        assert_eq!(answer["accepted"].as_u64(), Some(segments.len() as u64), "{answer}");
        let listed = app.get(&format!("/api/v1/instruments/{instrument}/usage"), &manager).await.expect(200);
        for (n, s) in segments.iter().enumerate().filter(|(_, s)| s.get("voided").is_some()) {
            let id = listed["items"].as_array().unwrap().iter().find(|item| item["key"] == format!("k{n}")).unwrap()["id"].as_str().unwrap();
            app.post(&format!("/api/v1/usage/{id}/void"), &manager, json!({"reason": "误记"})).await.expect(200);
            assert!(s["voided"].as_bool().unwrap());
        }
        made.push((case, instrument));
    }
    for round in ["segments", "rolled up"] {
        for (case, instrument) in &made {
            let (name, period) = (text(case, "name").unwrap(), text(case, "period").unwrap());
            let got = app.openness(&manager, &format!("instruments/{instrument}"), &period).await;
            for (key, expected) in case["expect"].as_table().unwrap() {
                let field = match key.as_str() {
                    "E" => "effective_seconds",
                    "X" => "external_seconds",
                    "D" => "down_seconds",
                    "R" => "rated_seconds",
                    other => other,
                };
                let expected = expected.as_float().unwrap_or_else(|| f64::from(i32::try_from(expected.as_integer().unwrap()).unwrap()));
                assert_eq!(got[field].as_f64(), Some(expected), "{round}: {name}: {key}");
            }
        }
        app.roll_up().await;
        assert_eq!(app.differences().await, Vec::<String>::new());
    }
    // Rolling up again changes nothing.
    app.roll_up().await;
    assert_eq!(app.differences().await, Vec::<String>::new());
}

#[tokio::test]
async fn pooled_and_mean_of_ratios_are_both_told() {
    let app = TestApp::at("2026-12-31T20:00:00+08:00").await;
    let (lab, manager) = app.institution(1).await;
    let (_, officer) = app.bureau().await;
    let file = cases();
    let case = &file["institution"][0];
    for (n, wanted) in case["instruments"].as_array().unwrap().iter().enumerate() {
        let instrument = app.instrument(&manager, json!({"commissioned_on": "2026-01-01"})).await;
        let seconds = |key: &str| wanted[key].as_integer().unwrap();
        let mut segments = Vec::new();
        let start = yiqi::base::time::Instant::parse("2026-02-01T00:00:00+08:00").unwrap();
        let mut put = |key: String, from: i64, to: i64, who: Value| {
            // No segment is longer than 31 days.
            let mut from = from;
            while from < to {
                let end = to.min(from + 2_000_000);
                segments.push(json!({"key": format!("{key}-{from}"), "phase": "run", "starts_at": start.plus(from), "ends_at": start.plus(end), "source": "meter", "organisation_uscc": who}));
                from = end;
            }
        };
        put(format!("x{n}"), 0, seconds("X"), json!(EXTERNAL));
        put(format!("e{n}"), seconds("X"), seconds("E"), Value::Null);
        if !segments.is_empty() {
            app.deliver(&manager, &instrument, segments).await.expect(200);
        }
    }
    app.roll_up().await;
    let got = app.openness(&manager, &format!("institutions/{lab}"), "2026").await;
    for key in ["sharing_pooled", "sharing_mean"] {
        assert_eq!(got[key].as_f64(), case["expect"][key].as_float(), "{key}");
    }
    for key in ["mean_effective_seconds", "mean_external_seconds"] {
        assert_eq!(got[key].as_i64(), case["expect"][key].as_integer(), "{key}");
    }
    assert_eq!((got["instruments"].as_i64(), got["users_served"].as_i64(), got["lines"].as_array().unwrap().len()), (Some(3), Some(1), 3));
    assert_eq!((got["rated_seconds"].as_i64(), got["by_source"]["meter"].as_i64()), (Some(3 * 5_760_000), Some(3_960_000)));
    // The region has one institution: its figures are the region's.
    let city = app.openness(&officer, "city", "2026").await;
    for key in ["effective_seconds", "sharing_pooled", "sharing_mean", "utilisation", "score", "grade", "input_digest", "users_served"] {
        assert_eq!(city[key], got[key], "{key}");
    }
    assert_eq!((city["lines"][0]["uscc"].as_str(), city["lines"][0]["effective_seconds"].as_i64()), (Some(lab.as_str()), Some(3_960_000)));
    // 40 x 366.67 h / 1600 h + 40 x 0.136_364 / 0.25, of 80: nothing was accepted this year.
    assert_eq!((got["score"].as_f64(), got["grade"].as_str(), got["on_time_listing_rate"].is_null()), (Some(38.731_133), Some("较差"), true));
    for period in ["2026-02", "2026-02-03"] {
        let part = app.openness(&manager, &format!("institutions/{lab}"), period).await;
        assert!(part["score"].is_null() && part["grade"].is_null());
        let sum: i64 = part["lines"].as_array().unwrap().iter().map(|line| line["effective_seconds"].as_i64().unwrap()).sum();
        assert_eq!(part["effective_seconds"].as_i64(), Some(sum));
    }
}

#[tokio::test]
async fn rates_follow_what_must_be_listed() {
    let app = TestApp::at("2026-03-02T10:00:00+08:00").await;
    let (lab, manager) = app.institution(1).await;
    let path = format!("institutions/{lab}");
    let bought = |on: &str, value: i64, funding: &str| json!({"accepted_on": on, "commissioned_on": on, "original_value_fen": value, "funding": funding});
    let on_time = app.instrument(&manager, bought("2026-02-02", 30_000_000, "public")).await;
    app.instrument(&manager, bought("2025-11-03", 90_000_000, "partly_public")).await;
    app.draft(&manager, bought("2026-01-05", 30_000_000, "public")).await;
    // Too cheap by a fen, and nobody's money but their own.
    app.instrument(&manager, bought("2026-01-05", 29_999_999, "public")).await;
    app.draft(&manager, bought("2026-01-05", 90_000_000, "private")).await;
    let got = app.openness(&manager, &path, "2026").await;
    assert_eq!((got["instruments"].as_i64(), got["listing_rate"].as_f64(), got["open_rate"].as_f64()), (Some(5), Some(0.666_667), Some(0.666_667)));
    assert_eq!(got["on_time_listing_rate"].as_f64(), Some(0.5));
    assert!(app.openness(&manager, &path, "2024").await["listing_rate"].is_null());
    // Suspended ones stay listed and are not open.
    app.advance(86_400);
    app.post(&format!("/api/v1/instruments/{on_time}/suspend"), &manager, Value::Null).await.expect(200);
    let later = app.openness(&manager, &path, "2026").await;
    assert_eq!((later["listing_rate"].as_f64(), later["open_rate"].as_f64()), (Some(0.666_667), Some(0.333_333)));
    // At the end of an earlier day it was open still.
    assert_eq!(app.openness(&manager, &path, "2026-03-02").await["open_rate"].as_f64(), Some(0.666_667));
    assert_eq!(app.openness(&manager, &path, "2026-02").await["open_rate"].as_f64(), Some(0.0));
    // Retired: out of service, and out of the rates.
    app.post(&format!("/api/v1/instruments/{on_time}/retire"), &manager, Value::Null).await.expect(200);
    let retired = app.openness(&manager, &path, "2026").await;
    assert_eq!((retired["instruments"].as_i64(), retired["open_rate"].as_f64()), (Some(5), Some(0.5)));
}

#[tokio::test]
async fn late_segments_and_voids_show_at_once() {
    let app = TestApp::at("2026-10-20T10:00:00+08:00").await;
    let (_, manager) = app.institution(1).await;
    let instrument = app.instrument(&manager, json!({})).await;
    let path = format!("instruments/{instrument}");
    let one =
        |key: &str, from: &str, to: &str| segment(key, &format!("2026-10-12T{from}"), &format!("2026-10-12T{to}"), json!({"organisation_uscc": EXTERNAL}));
    app.deliver(&manager, &instrument, vec![one("a", "09:00", "10:00")]).await.expect(200);
    app.roll_up().await;
    app.deliver(&manager, &instrument, vec![one("b", "09:30", "11:00")]).await.expect(200);
    for round in 0..2 {
        for period in ["2026", "2026-10", "2026-10-12"] {
            let got = app.openness(&manager, &path, period).await;
            assert_eq!((got["effective_seconds"].as_i64(), got["users_served"].as_i64()), (Some(7200), Some(1)), "{period} {round}");
        }
        app.roll_up().await;
    }
    let listed = app.get(&format!("/api/v1/instruments/{instrument}/usage"), &manager).await.expect(200);
    let id = listed["items"][1]["id"].as_str().unwrap();
    app.post(&format!("/api/v1/usage/{id}/void"), &manager, json!({"reason": "x"})).await.expect(200);
    for _ in 0..2 {
        assert_eq!(app.openness(&manager, &path, "2026-10").await["effective_seconds"], 3600);
        app.roll_up().await;
        assert_eq!(app.differences().await, Vec::<String>::new());
    }
    // The roll-up of a day does what touched days ask for, whatever its instant.
    app.deliver(&manager, &instrument, vec![one("c", "20:00", "21:00")]).await.expect(200);
    let done = yiqi::actions::openness::roll_up(&app.db, yiqi::base::time::Instant::parse("2026-10-16T00:20:00+08:00").unwrap()).await.unwrap();
    assert_eq!((done.instruments, done.days), (1, 2));
    assert_eq!(app.differences().await, Vec::<String>::new());
}

#[tokio::test]
async fn a_relation_declared_today_changes_todays_figures() {
    let app = TestApp::at("2026-10-20T20:00:00+08:00").await;
    let (lab, manager) = app.institution(1).await;
    let (firm, _) = app.enterprise(1).await;
    let instrument = app.instrument(&manager, json!({})).await;
    let one = |day: &str| segment(day, &format!("2026-10-{day}T09:00"), &format!("2026-10-{day}T10:00"), json!({"organisation_uscc": firm}));
    app.deliver(&manager, &instrument, vec![one("19"), one("20")]).await.expect(200);
    app.roll_up().await;
    let form = OrganisationForm {
        uscc: firm.clone(),
        name: "x".into(),
        sides: vec![],
        region_code: "370212".into(),
        address: String::new(),
        enrolled: false,
        related: vec![lab],
    };
    let act = app.command();
    app.transact(&act, |tx| Box::pin(add(tx, &act, &form))).await.unwrap();
    for _ in 0..2 {
        assert_eq!(app.openness(&manager, &format!("instruments/{instrument}"), "2026-10").await["external_seconds"], 3600);
        app.roll_up().await;
        assert_eq!(app.differences().await, Vec::<String>::new());
    }
}

#[tokio::test]
async fn income_and_answers_are_counted_where_they_belong() {
    let app = TestApp::new().await;
    let (lab, manager) = app.institution(1).await;
    let (firm, booker) = app.enterprise(1).await;
    let instrument = app.instrument(&manager, json!({"approval": "manager"})).await;
    let (id, code) = app.booking(&booker, &instrument, "2026-10-14T13:00", "2026-10-14T15:00", json!({})).await;
    let (declined, _) = app.booking(&booker, &instrument, "2026-10-15T13:00", "2026-10-15T15:00", json!({})).await;
    // Asked on Monday at 10:00, answered on Tuesday at 11:00 and at 14:00: 9 and 12 working hours.
    app.set_now("2026-10-13T11:00:00+08:00");
    app.post(&format!("/api/v1/bookings/{id}/approve"), &manager, json!({})).await.expect(200);
    app.set_now("2026-10-13T14:00:00+08:00");
    app.post(&format!("/api/v1/bookings/{declined}/decline"), &manager, json!({"reason": "x"})).await.expect(200);
    app.set_now("2026-10-14T16:00:00+08:00");
    let used = segment("k", "2026-10-14T13:00", "2026-10-14T14:00", json!({"booking_code": code, "organisation_uscc": firm}));
    app.deliver(&manager, &instrument, vec![used]).await.expect(200);
    app.post(&format!("/api/v1/bookings/{id}/statement"), &manager, json!({})).await.expect(200);
    assert_eq!(app.openness(&manager, &format!("institutions/{lab}"), "2026-10").await["income_fen"], 0);
    app.set_now("2026-11-01T09:00:00+08:00");
    app.run_job("due").await;
    let october = app.openness(&manager, &format!("institutions/{lab}"), "2026-10").await;
    assert_eq!((october["income_fen"].as_i64(), october["lines"][0]["income_fen"].as_i64()), (Some(10_000), Some(10_000)));
    assert_eq!((october["median_answer_seconds"].as_i64(), october["ninetieth_answer_seconds"].as_i64()), (Some(37_800), Some(43_200)));
    let november = app.openness(&manager, &format!("institutions/{lab}"), "2026-11").await;
    assert_eq!((november["income_fen"].as_i64(), november["median_answer_seconds"].is_null()), (Some(0), true));
    app.mails();
}

#[tokio::test]
async fn the_owner_and_the_bureau_see_and_nobody_else() {
    let app = TestApp::new().await;
    let (lab, manager) = app.institution(1).await;
    let (_, officer) = app.bureau().await;
    let (_, other) = app.institution(2).await;
    let (_, booker) = app.enterprise(1).await;
    let operator = app.person(&lab, "operator@lab.test", Role::Operator, None).await;
    let finance = app.person(&lab, "finance@lab.test", Role::Finance, Some(Side::Institution)).await;
    let far = app.organisation("11420100MB2856000", "远方科技局", &[Side::Bureau], "420100", false).await;
    let far_officer = app.person(&far, "officer@far.test", Role::Officer, None).await;
    let instrument = app.draft(&manager, json!({})).await;
    for path in [format!("instruments/{instrument}"), format!("institutions/{lab}")] {
        let path = format!("/api/v1/openness/{path}?period=2026");
        for (token, status) in
            [("", 401), (&booker, 403), (&operator, 403), (&other, 404), (&far_officer, 404), (&manager, 200), (&finance, 200), (&officer, 200)]
        {
            assert_eq!(app.get(&path, token).await.status.as_u16(), status, "{path}");
        }
    }
    for (token, status) in [("", 401), (&booker, 403), (&manager, 403), (&officer, 200), (&far_officer, 200)] {
        assert_eq!(app.get("/api/v1/openness/city?period=2026-10", token).await.status.as_u16(), status);
    }
    assert_eq!(app.openness(&far_officer, "city", "2026").await["lines"], json!([]));
    assert_eq!(app.openness(&far_officer, "city", "2026").await["scheme"]["threshold_fen"], 50_000_000);
    assert_eq!(app.openness(&officer, "city", "2026").await["scheme"]["threshold_fen"], 30_000_000);
    for wrong in ["nothing", "91350100M000100Y43", "%FF"] {
        assert_eq!(app.get(&format!("/api/v1/openness/institutions/{wrong}?period=2026"), &officer).await.status.as_u16(), 404);
        assert_eq!(app.get(&format!("/api/v1/openness/instruments/{wrong}?period=2026"), &officer).await.status.as_u16(), 404);
    }
    for (query, fault) in [("", "required period"), ("?period=", "required period"), ("?period=2026-13", "invalid period"), ("?period=today", "invalid period")]
    {
        for path in ["city".to_owned(), format!("institutions/{lab}"), format!("instruments/{instrument}")] {
            let answer = app.get(&format!("/api/v1/openness/{path}{query}"), &officer).await;
            answer.expect(422);
            assert_eq!(answer.faults(), [fault]);
        }
    }
    for period in ["1900", "9998", "9998-12-31", "1900-01-01"] {
        app.openness(&officer, "city", period).await;
    }
}

#[tokio::test]
async fn the_shipped_schemes_are_the_domains_default() {
    let app = TestApp::new().await;
    let mut conn = app.db.read().await.unwrap();
    let schemes = yiqi::actions::openness::schemes::Schemes::load(&mut conn).await.unwrap();
    let on = |text| yiqi::base::time::Day::parse(text).unwrap();
    let default = yiqi::domain::openness::Scheme::default();
    for (region, day, name, threshold_fen) in [
        ("370212", "2026-10-01", "qingdao-2026", 30_000_000),
        ("370600", "2026-10-01", "national-2026", 50_000_000),
        ("370200", "1999-01-01", "qingdao-2026", 30_000_000),
    ] {
        let expected = yiqi::domain::openness::Scheme { name: name.into(), threshold_fen, ..default.clone() };
        assert_eq!(schemes.of(region, on(day)), expected);
    }
}

#[tokio::test]
async fn whom_a_new_party_is_related_to_was_related_before_it_came() {
    let city = City::new(json!({})).await;
    let spin_off = OrganisationForm {
        uscc: uscc("91370212MA9999999"),
        name: "青岛测试孵化有限公司".to_owned(),
        sides: vec![Side::Enterprise],
        region_code: "370212".to_owned(),
        address: String::new(),
        enrolled: false,
        related: vec![city.lab.clone()],
    };
    let used = segment("old", "2026-10-09T09:00", "2026-10-09T11:00", json!({ "organisation_uscc": spin_off.uscc }));
    assert_eq!(city.app.deliver(&city.manager, &city.instrument, vec![used]).await.expect(200)["accepted"], 1);
    city.app.roll_up().await;
    let external = async || city.app.openness(&city.manager, &format!("instruments/{}", city.instrument), "2026-10").await["external_seconds"].clone();
    assert_eq!(external().await, 7200, "nobody knows better yet");
    let act = city.app.command();
    city.app.transact(&act, |tx| Box::pin(add(tx, &act, &spin_off))).await.unwrap();
    assert_eq!(external().await, 0);
    city.app.roll_up().await;
    assert_eq!(external().await, 0);
}
