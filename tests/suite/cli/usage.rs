//! `yiqi import usage`: good rows are in, bad ones are told, the same file again changes nothing.

use std::fmt::Write as _;

use serde_json::json;
use yiqi::cli::usage::import;

use crate::support::TestApp;

const HEADER: &str = "instrument,key,phase,starts_at,ends_at,organisation,purpose,samples,source,booking";

async fn run(app: &TestApp, uscc: &str, text: &str) -> Result<String, String> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("use.csv");
    std::fs::write(&file, text).unwrap();
    import(app, &file, uscc).await.map(|code| format!("{code:?}"))
}

#[tokio::test]
async fn a_file_of_use_is_recorded_once() {
    let app = TestApp::at("2026-10-20T10:00:00+08:00").await;
    let (lab, manager) = app.institution(1).await;
    let instrument = app.instrument(&manager, json!({"number": "SEM-1"})).await;
    let good = format!(
        "{HEADER}\nSEM-1,k1,run,2026-10-12T09:00:00+08:00,2026-10-12T11:00:00+08:00,91350100M000100Y43,inspection,3,import,\n{instrument},k2,fault,2026-10-12T01:00:00Z,2026-10-12T03:00:00Z,,,,staff,\n"
    );
    let (fine, refused) = (format!("{:?}", std::process::ExitCode::SUCCESS), format!("{:?}", std::process::ExitCode::FAILURE));
    for _ in 0..2 {
        assert_eq!(run(&app, &lab, &good).await, Ok(fine.clone()));
        let got = app.openness(&manager, &format!("instruments/{instrument}"), "2026-10").await;
        assert_eq!((got["effective_seconds"].as_i64(), got["external_seconds"].as_i64(), got["down_seconds"].as_i64()), (Some(7200), Some(7200), Some(7200)));
    }
    let mixed = format!(
        "{HEADER}\nSEM-1,k1,run,2026-10-12T09:00:00+08:00,2026-10-12T12:00:00+08:00,,,,import,\nNONE,k3,run,x,y,,,,import,\nSEM-1,k4,run,2026-10-13T09:00:00+08:00,2026-10-13T10:00:00+08:00,,,,import\n"
    );
    assert_eq!(run(&app, &lab, &mixed).await, Ok(refused));
    let listed = app.get(&format!("/api/v1/instruments/{instrument}/usage"), &manager).await.expect(200);
    assert_eq!((listed["total"].as_i64(), listed["items"][2]["delivered_by"].as_str()), (Some(3), Some("import")));
    // Another institution's instruments are none of ours.
    let (other, _) = app.institution(2).await;
    assert_ne!(run(&app, &other, &good).await, Ok(fine));
    assert!(run(&app, "91350100M000100Y43", &good).await.is_err());
    assert!(run(&app, &lab, "key\n").await.is_err());
}

#[tokio::test]
async fn a_file_may_name_several_instruments() {
    let app = TestApp::at("2026-10-20T10:00:00+08:00").await;
    let (lab, manager) = app.institution(1).await;
    let mut rows = HEADER.to_owned();
    let mut instruments = Vec::new();
    for number in ["SEM-1", "TEM-1", "XRD-1"] {
        instruments.push(app.instrument(&manager, json!({ "number": number })).await);
        for (key, day) in [("a", 12), ("b", 13)] {
            let _ = write!(rows, "\n{number},{key},run,2026-10-{day}T09:00:00+08:00,2026-10-{day}T11:00:00+08:00,,,,import,");
        }
    }
    assert_eq!(run(&app, &lab, &rows).await, Ok(format!("{:?}", std::process::ExitCode::SUCCESS)));
    for instrument in instruments {
        let listed = app.get(&format!("/api/v1/instruments/{instrument}/usage"), &manager).await.expect(200);
        assert_eq!(listed["total"], 2);
    }
}
