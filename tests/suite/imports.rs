//! `yiqi import`: tables of instruments and of days, as people hand them over.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use yiqi::cli::{calendar, instruments};

use crate::support::TestApp;

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn is(code: ExitCode, expected: ExitCode) -> bool {
    format!("{code:?}") == format!("{expected:?}")
}

/// How many instruments there are, and the sum of their versions.
async fn census(app: &TestApp) -> (i64, i64) {
    let mut conn = app.db.read().await.unwrap();
    let owner = yiqi::store::organisations::list(&mut conn, Some(yiqi::domain::roles::Side::Institution)).await.unwrap();
    let all = yiqi::store::instruments::listings::list_of(&mut conn, &owner[0].id).await.unwrap();
    (i64::try_from(all.len()).unwrap(), all.iter().map(|one| one.version).sum())
}

#[tokio::test]
async fn a_foreign_list_is_imported_by_a_map_and_again_changes_nothing() {
    let app = TestApp::new().await;
    let (uscc, manager) = app.institution(1).await;
    let (file, map) = (data("tests/data/emsl-instruments.csv"), data("docs/examples/emsl-map.toml"));
    assert!(is(instruments::import(&app, &file, &uscc, Some(&map), true).await.unwrap(), ExitCode::SUCCESS));
    assert_eq!(census(&app).await, (0, 0), "a dry run writes nothing");
    assert!(is(instruments::import(&app, &file, &uscc, Some(&map), false).await.unwrap(), ExitCode::SUCCESS));
    assert_eq!(census(&app).await, (149, 149));
    assert!(is(instruments::import(&app, &file, &uscc, Some(&map), false).await.unwrap(), ExitCode::SUCCESS));
    assert_eq!(census(&app).await, (149, 149), "the same file again changes nothing");
    let mut conn = app.db.read().await.unwrap();
    let party = yiqi::store::organisations::find_by_uscc(&mut conn, &uscc).await.unwrap().unwrap();
    let one = yiqi::store::instruments::listings::find_by_number(&mut conn, &party.id, "34035").await.unwrap().unwrap();
    assert_eq!((one.name.as_str(), one.description.as_str()), ("Mass Spectrometer: LTQ_Orb 1", "Category：Mass Spectrometer: ORB-LTQ"));
    assert_eq!((one.original_value_fen, one.state.as_str()), (100_000_000, "draft"));
    drop(conn);
    app.post(&format!("/api/v1/instruments/{}/publish", one.id), &manager, serde_json::Value::Null).await.expect(200);
    assert_eq!(app.get("/api/v1/instruments?q=fticr", "").await.expect(200)["total"], 0);
    assert_eq!(app.get("/api/v1/instruments?q=orb%20spectro", "").await.expect(200)["items"][0]["number"], "34035");
}

#[tokio::test]
async fn a_list_without_what_is_needed_is_refused_row_by_row() {
    let app = TestApp::new().await;
    let (uscc, _) = app.institution(1).await;
    let folder = tempfile::tempdir().unwrap();
    let map = folder.path().join("map.toml");
    let text = "[columns]\nnumber = \"Instrument ID\"\nname = \"Instrument\"\nlocation = \"Room\"\ndescription = [\"Description\", \"Usage\"]\ncommissioned_on = \"Created\"\n[constants]\ncategory_code = \"010200\"\n";
    std::fs::write(&map, text).unwrap();
    let file = data("tests/data/pnnl-mass-spectrometers.csv");
    assert!(is(instruments::import(&app, &file, &uscc, Some(&map), false).await.unwrap(), ExitCode::FAILURE));
    assert_eq!(census(&app).await.0, 0, "no row has an original value");
    std::fs::write(&map, format!("{text}original_value_fen = 100000000\n")).unwrap();
    assert!(is(instruments::import(&app, &file, &uscc, Some(&map), false).await.unwrap(), ExitCode::SUCCESS));
    assert_eq!(census(&app).await.0, 263);
    let wrong = "[columns]\nnumber = \"ID of the instrument\"\n";
    std::fs::write(&map, wrong).unwrap();
    assert!(instruments::import(&app, &file, &uscc, Some(&map), false).await.unwrap_err().contains("ID of the instrument"));
    assert!(instruments::import(&app, &file, "91110000600037341L", Some(&map), false).await.is_err());
}

#[tokio::test]
async fn a_workbook_of_the_province_needs_no_map_and_its_good_rows_are_in() {
    let app = TestApp::new().await;
    let (uscc, _) = app.institution(1).await;
    let file = data("tests/data/provincial-instruments.xlsx");
    assert!(is(instruments::import(&app, &file, &uscc, None, false).await.unwrap(), ExitCode::FAILURE), "one amount has a doubtful unit");
    assert_eq!(census(&app).await.0, 2);
    let mut conn = app.db.read().await.unwrap();
    let party = yiqi::store::organisations::find_by_uscc(&mut conn, &uscc).await.unwrap().unwrap();
    let one = yiqi::store::instruments::listings::find_by_number(&mut conn, &party.id, "XL-2").await.unwrap().unwrap();
    assert_eq!((one.category_code.as_str(), one.original_value_fen, one.commissioned_on.to_string().as_str()), ("010200", 260_000_050, "2024-04-08"));
    assert_eq!((one.model.as_str(), one.accepted_on.to_string().as_str()), ("8900", "2024-04-08"));
}

#[tokio::test]
async fn days_are_replaced_one_by_one() {
    let app = TestApp::new().await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("days.csv");
    std::fs::write(&file, "day,kind,open_as,name\n2026-10-10,workday,4,Make-up\n2027-01-01,holiday,,New Year\n2027-13-01,holiday,,\n").unwrap();
    assert!(is(calendar::import(&app, &file).await.unwrap(), ExitCode::FAILURE));
    let day = |text: &str| yiqi::base::time::Day::parse(text).unwrap();
    let calendar = yiqi::store::calendar::load(&mut app.db.read().await.unwrap(), day("2024-01-01"), day("2030-01-01")).await.unwrap();
    assert_eq!(calendar.opens_as(day("2026-10-10"), yiqi::domain::instruments::Holidays::Closed), Some(4));
    assert!(!calendar.is_working_day(day("2027-01-01")) && !calendar.is_working_day(day("2026-10-01")));
    app.prepare().await.unwrap();
    assert!(is(calendar::import(&app, &data("tests/data/calendar-days.csv")).await.unwrap(), ExitCode::SUCCESS));
}
