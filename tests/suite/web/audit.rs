//! The auditor's list: who did what, searched and paged, bounded by the bureau.

use yiqi::actions::records;
use yiqi::domain::roles::Role;

use crate::support::TestApp;
use crate::support::browser::Browser;

#[tokio::test]
async fn an_auditor_reads_what_concerns_the_bureau_and_nothing_else() {
    let app = TestApp::new().await;
    let (uscc, _) = app.bureau().await;
    app.person_with_password(&uscc, "auditor@bureau.test", Role::Auditor, "correct horse").await;
    app.person_with_password(&uscc, "officer2@bureau.test", Role::Officer, "correct horse").await;
    let act = app.command();
    app.transact(&act, |tx| {
        let act = &act;
        Box::pin(async move {
            for n in 0..60 {
                records::audit(tx, act, "organisation.enrol", "organisation", &format!("o-{n}"), &serde_json::json!({})).await?;
            }
            records::audit(tx, act, "booking.cancel", "booking", "b-secret", &serde_json::json!({ "reason": "与本局无关" })).await
        })
    })
    .await
    .unwrap();
    let mut browser = Browser::new(&app);
    browser.sign_in("auditor@bureau.test", "correct horse").await;
    let page = browser.get("/bureau/audit").await.text();
    assert!(page.contains("organisation.enrol") && page.contains("第 2 页") && !page.contains("b-secret"), "{page}");
    let page = browser.get("/bureau/audit?object=o-7").await.text();
    assert!(page.contains("o-7") && !page.contains("o-8"), "{page}");
    assert!(browser.get("/bureau/audit?person=nobody").await.text().contains("没有符合的记录"));
    assert!(browser.get("/bureau/audit?action=session.&person=auditor").await.text().contains("session.open"));
    assert_eq!(browser.get("/bureau/audit?after=rubbish").await.status, 422);
    let mut officer = Browser::new(&app);
    officer.sign_in("officer2@bureau.test", "correct horse").await;
    assert_eq!(officer.get("/bureau/audit").await.status, 403);
}

#[tokio::test]
async fn the_description_of_the_api_is_readable() {
    let app = TestApp::new().await;
    let answer = Browser::english(&app).get("/api/docs").await;
    assert_eq!(answer.status, 200);
    assert!(answer.text().contains("data-url=\"/api/openapi.json\"") && answer.header("content-security-policy").contains("img-src 'self' data:"));
}
