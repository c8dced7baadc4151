//! Seals leave the house every day, and records are there when somebody asks months later.

use yiqi::actions::{records, seals};
use yiqi::domain::roles::{Role, Side};

use crate::support::TestApp;
use crate::support::browser::Browser;

const KEEPER: &str = "keeper@elsewhere.test";

async fn noted(app: &TestApp, action: &str) {
    let act = app.command();
    app.transact(&act, |tx| Box::pin(records::audit(tx, &act, action, "organisation", "o-1", &serde_json::Value::Null))).await.unwrap();
}

async fn compared(app: &TestApp, kept: &[(i64, String)]) -> Vec<String> {
    seals::compare(&mut app.db.read().await.unwrap(), kept).await.unwrap()
}

#[tokio::test]
async fn the_newest_seal_is_mailed_once_a_day_to_somebody_outside_and_proves_what_was() {
    let app = TestApp::configured(|config| config.seals_to = Some(KEEPER.to_owned())).await;
    noted(&app, "test.first").await;
    app.run_job("audit").await;
    app.run_job("audit").await;
    let mails = app.post_mails().await;
    assert_eq!(mails.iter().map(|mail| mail.to.1.as_str()).collect::<Vec<_>>(), [KEEPER]);
    let seal = yiqi::store::audit::find_last_seal(&mut app.db.read().await.unwrap()).await.unwrap().unwrap();
    assert!(mails[0].text.contains(&seal.digest) && !mails[0].text.contains("/login") && !mails[0].text.contains("mail-"), "{}", mails[0].text);
    app.advance(24 * 3600);
    app.run_job("audit").await;
    assert_eq!(app.post_mails().await.len(), 1, "also on a day on which nothing happened");
    let kept = [(1, seal.digest.to_uppercase())];
    assert_eq!(compared(&app, &kept).await, Vec::<String>::new());
    // Somebody who owns the database rewrites a record and the seals: within itself everything agrees, but not with what was kept.
    app.tamper("audit_records", "UPDATE audit_records SET action = 'test.other', seal_number = NULL WHERE action = 'test.first'").await;
    app.tamper("audit_records", "UPDATE audit_records SET seal_number = NULL").await;
    app.tamper("seals", "DELETE FROM seals").await;
    app.run_job("audit").await;
    assert_eq!(app.differences().await, Vec::<String>::new());
    assert_eq!(compared(&app, &kept).await, ["audit: seal 1 is another one than was kept outside"]);
    assert_eq!(compared(&app, &[(9, "x".to_owned())]).await, ["audit: seal 9 was kept outside and is not there"]);
}

#[tokio::test]
async fn without_an_address_no_seal_is_mailed_and_the_operator_is_told() {
    for address in [None, Some(KEEPER.to_owned())] {
        let app = TestApp::configured(|config| config.seals_to.clone_from(&address)).await;
        let uscc = app.organisation("11370200MB0000009", "平台", &[Side::Platform], "370200", false).await;
        app.person_with_password(&uscc, "ops@platform.test", Role::Ops, "correct horse").await;
        app.run_job("audit").await;
        assert_eq!(app.post_mails().await.len(), usize::from(address.is_some()));
        let mut browser = Browser::new(&app);
        browser.sign_in("ops@platform.test", "correct horse").await;
        let page = browser.get("/ops/health").await.text();
        assert_eq!((page.contains(KEEPER), page.contains("YIQI_SEALS_TO")), (address.is_some(), address.is_none()), "{page}");
    }
}

#[tokio::test]
async fn a_record_is_there_after_half_a_year_and_found_by_its_day() {
    let app = TestApp::new().await;
    let (uscc, _) = app.bureau().await;
    app.person_with_password(&uscc, "auditor@bureau.test", Role::Auditor, "correct horse").await;
    noted(&app, "test.old").await;
    for _ in 0..7 {
        app.advance(30 * 24 * 3600);
        app.run_job("audit").await;
    }
    noted(&app, "test.new").await;
    let mut browser = Browser::new(&app);
    browser.sign_in("auditor@bureau.test", "correct horse").await;
    let found = async |browser: &mut Browser<'_>, query: &str| {
        let page = browser.get(&format!("/bureau/audit?object=o-1&{query}")).await.text();
        ["test.old", "test.new"].map(|action| page.contains(action))
    };
    assert_eq!(found(&mut browser, "").await, [true, true]);
    assert_eq!(found(&mut browser, "to=2026-10-12").await, [true, false]);
    assert_eq!(found(&mut browser, "from=2026-10-13").await, [false, true]);
    assert_eq!(found(&mut browser, "from=2026-10-12&to=2026-10-12&action=test.o").await, [true, false]);
    assert_eq!(browser.get("/bureau/audit?from=rubbish").await.status, 422);
}
