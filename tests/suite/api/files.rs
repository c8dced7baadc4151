//! Documents: what is taken, who reads them, and that every read goes on record.

use axum::body::Body;
use axum::http::{Request, header};
use serde_json::Value;
use yiqi::domain::roles::Role;

use crate::support::TestApp;
use crate::support::bookings::City;
use crate::support::claims::PDF;

#[tokio::test]
async fn a_document_comes_back_as_a_download_of_what_it_really_is() {
    let app = TestApp::new().await;
    let (_, booker) = app.enterprise(1).await;
    let added = app.upload_parts(&booker, &[("file", "..\\合同 2026.exe", PDF)], &[]).await.expect(201);
    assert_eq!((added["name"].as_str(), added["bytes"].as_u64()), (Some("合同 2026.exe.pdf"), Some(PDF.len() as u64)));
    assert_eq!(added["sha256"], yiqi::http::idempotency::hash_bytes(PDF));
    let answer = app.get(&format!("/api/v1/files/{}", added["id"].as_str().unwrap()), &booker).await;
    assert_eq!((answer.status.as_u16(), answer.bytes.as_slice()), (200, PDF));
    assert_eq!((answer.header("content-type"), answer.header("x-content-type-options")), ("application/pdf", "nosniff"));
    assert!(answer.header("content-disposition").starts_with("attachment; filename=\"__ 2026.exe.pdf\""));
    let mut conn = app.db.read().await.unwrap();
    let reads: i64 = sqlx::query_scalar("SELECT count(*) FROM audit_records WHERE action = 'file.read' AND object_id = $1")
        .bind(added["id"].as_str().unwrap())
        .fetch_one(&mut *conn)
        .await
        .unwrap();
    assert_eq!(reads, 1);
}

#[tokio::test]
async fn what_a_browser_or_an_office_would_run_is_refused_whatever_its_name() {
    let app = TestApp::new().await;
    let (_, booker) = app.enterprise(1).await;
    let contents: [&[u8]; 6] = [
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='x()'/>",
        b"<html><!--%PDF-1.4\n%%EOF--><script>x()</script>",
        b"MZ\x90\x00",
        b"GIF89a",
        b"PK\x03\x04",
        b"a,b\n1,2\n",
    ];
    for content in contents {
        app.upload_parts(&booker, &[("file", "harmless.pdf", content)], &[]).await.expect(415);
    }
    let large = [PDF, &vec![b' '; 20 * 1024 * 1024]].concat();
    app.upload_parts(&booker, &[("file", "large.pdf", &large)], &[]).await.expect(413);
    let most = [PDF, &vec![b' '; 20 * 1024 * 1024 - PDF.len()]].concat();
    app.upload_parts(&booker, &[("file", "most.pdf", &most)], &[]).await.expect(201);
}

#[tokio::test]
async fn a_body_that_is_no_upload_is_named() {
    let app = TestApp::new().await;
    let (_, booker) = app.enterprise(1).await;
    let faults = async |parts: &[(&str, &str, &[u8])]| {
        let answer = app.upload_parts(&booker, parts, &[]).await;
        answer.expect(422);
        answer.faults()
    };
    assert_eq!(faults(&[]).await, ["required file"]);
    assert_eq!(faults(&[("file", "a.pdf", b"")]).await, ["invalid file"]);
    assert_eq!(faults(&[("fils", "a.pdf", PDF)]).await, ["required file", "unknown_field fils"]);
    assert_eq!(faults(&[("file", "a.pdf", PDF), ("file", "b.pdf", PDF)]).await, ["invalid file"]);
    app.post("/api/v1/files", &booker, serde_json::json!({})).await.expect(415);
    let send = async |kind: &str, body: &'static [u8]| {
        let request = Request::post("/api/v1/files").header(header::AUTHORIZATION, format!("Bearer {booker}")).header(header::CONTENT_TYPE, kind);
        app.send(request.body(Body::from(body)).unwrap()).await.status.as_u16()
    };
    assert_eq!(send("multipart/form-data", b"x").await, 400);
    assert_eq!(send("multipart/form-data; boundary=b", b"--b\r\ncontent-disposition: form-data; name=\"file\"\r\n\r\ncut").await, 400);
    assert_eq!(send("text/plain", b"x").await, 415);
}

#[tokio::test]
async fn strangers_and_those_without_the_role_upload_nothing_and_others_find_nothing() {
    let app = TestApp::new().await;
    let (_, officer) = app.bureau().await;
    let (_, manager) = app.institution(1).await;
    let (_, booker) = app.enterprise(1).await;
    let (_, other) = app.enterprise(2).await;
    app.upload_parts("", &[("file", "a.pdf", PDF)], &[]).await.expect(401);
    for token in [&officer, &manager] {
        app.upload_parts(token, &[("file", "a.pdf", PDF)], &[]).await.expect(403);
    }
    let path = format!("/api/v1/files/{}", app.file(&booker).await);
    app.get(&path, "").await.expect(401);
    for token in [&officer, &manager, &other] {
        app.get(&path, token).await.expect(404);
    }
    app.get("/api/v1/files/nothing", &booker).await.expect(404);
    app.get("/api/v1/files/..%2f..%2fetc%2fpasswd", &booker).await.expect(404);
}

#[tokio::test]
async fn the_same_key_uploads_once() {
    let app = TestApp::new().await;
    let (_, booker) = app.enterprise(1).await;
    let key = [("idempotency-key", "k")];
    let first = app.upload_parts(&booker, &[("file", "a.pdf", PDF)], &key).await.expect(201);
    assert_eq!(app.upload_parts(&booker, &[("file", "a.pdf", PDF)], &key).await.expect(201), first);
    let other = [PDF, b" "].concat();
    assert_eq!(app.upload_parts(&booker, &[("file", "a.pdf", &other)], &key).await.expect(409)["code"], "idempotency_mismatch");
}

#[tokio::test]
async fn once_part_of_a_claim_its_institution_and_the_bureau_read_a_document_too() {
    let city = City::claiming(100_000).await;
    let booking = city.settled(10_000).await;
    let claim = city.claim(&[&booking], 10_000, Value::Null).await.expect(201);
    let path = format!("/api/v1/files/{}", claim["contract_file_id"].as_str().unwrap());
    let (_, other_lab) = city.app.institution(2).await;
    let (_, other_firm) = city.app.enterprise(2).await;
    let auditor = city.app.person(&bureau_of(&city).await, "auditor@bureau.test", Role::Auditor, None).await;
    for (token, status) in [(&city.booker, 200), (&city.manager, 200), (&city.officer, 200), (&auditor, 200), (&other_lab, 404), (&other_firm, 404)] {
        city.app.get(&path, token).await.expect(status);
    }
}

async fn bureau_of(city: &City) -> String {
    let mut conn = city.app.db.read().await.unwrap();
    yiqi::store::organisations::list_bureaus(&mut conn).await.unwrap()[0].uscc.clone()
}
