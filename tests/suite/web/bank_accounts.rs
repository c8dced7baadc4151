//! A changed bank account needs a second person of the party.

use crate::support::TestApp;
use crate::support::browser::Browser;
use yiqi::domain::roles::{Role, Side};

const PASSWORD: &str = "correct horse";

async fn signed_in<'a>(app: &'a TestApp, email: &str) -> Browser<'a> {
    let mut browser = Browser::new(app);
    browser.sign_in(email, PASSWORD).await;
    browser.get("/organisation").await;
    browser
}

#[tokio::test]
async fn a_changed_account_waits_for_a_second_person_and_all_are_told() {
    let app = TestApp::new().await;
    let uscc = app.organisation("91370212MA0000001", "青岛测试科技", &[Side::Enterprise, Side::Institution], "370212", false).await;
    for (email, role, side) in [
        ("admin@firm.test", Role::Admin, Side::Enterprise),
        ("finance@firm.test", Role::Finance, Side::Enterprise),
        ("lab@firm.test", Role::Admin, Side::Institution),
    ] {
        app.person_on_side(&uscc, email, role, side, PASSWORD).await;
    }
    let (mut admin, mut finance) = (signed_in(&app, "admin@firm.test").await, signed_in(&app, "finance@firm.test").await);
    for (bank, number) in [("", ""), ("工行", "12"), ("", "380302700120"), ("工行", "38O3 0270 0120")] {
        assert_eq!(admin.submit("/organisation/account", &[("bank", bank), ("bank_number", number)]).await.status, 422, "{bank} {number}");
    }
    assert_eq!(admin.submit("/organisation/account", &[("bank", "工行崂山支行"), ("bank_number", "3803-0270-0120-001")]).await.status, 303);
    assert!(admin.get("/organisation").await.text().contains("380302700120001"), "the first account holds at once");
    assert_eq!(app.post_mails().await.len(), 3, "everybody who manages the account is told");

    assert_eq!(admin.submit("/organisation/account", &[("bank", "建行李沧支行"), ("bank_number", "6227000012340009")]).await.status, 303);
    let told = app.post_mails().await;
    assert!(told.len() == 3 && told.iter().all(|mail| mail.text.contains("…0009") && !mail.text.contains("6227000012340009")), "{told:?}");
    assert_eq!(finance.submit("/organisation/account", &[("bank", "另行"), ("bank_number", "999999999")]).await.status, 409);
    let page = admin.get("/organisation").await.text();
    let id = page.split("/organisation/account/").nth(1).unwrap().split('/').next().unwrap().to_owned();
    assert!(page.contains("380302700120001") && page.contains("6227000012340009"));
    assert_eq!(admin.submit(&format!("/organisation/account/{id}/confirm"), &[]).await.status, 409, "not by the one who proposed it");
    finance.get("/organisation").await;
    assert_eq!(finance.submit(&format!("/organisation/account/{id}/confirm"), &[]).await.status, 303);
    assert_eq!(finance.submit(&format!("/organisation/account/{id}/confirm"), &[]).await.status, 404);
    let page = admin.get("/organisation").await.text();
    assert!(!page.contains("380302700120001") && page.contains("6227000012340009"));
    assert!(app.post_mails().await.iter().any(|mail| mail.to.1 == "admin@firm.test" && mail.subject.contains("已启用")), "the first is told");

    finance.submit("/organisation/account", &[("bank", "另行"), ("bank_number", "999999999")]).await;
    let page = admin.get("/organisation").await.text();
    let id = page.split("/organisation/account/").nth(1).unwrap().split('/').next().unwrap().to_owned();
    assert_eq!(admin.submit(&format!("/organisation/account/{id}/decline"), &[]).await.status, 303);
    assert!(admin.get("/organisation").await.text().contains("6227000012340009"));
    app.post_mails().await;
}

#[tokio::test]
async fn only_those_who_manage_the_account_see_it() {
    let app = TestApp::new().await;
    let uscc = app.organisation("91370212MA0000001", "青岛测试科技", &[Side::Enterprise], "370212", false).await;
    app.person_with_password(&uscc, "booker@firm.test", Role::Booker, PASSWORD).await;
    let mut booker = Browser::new(&app);
    booker.sign_in("booker@firm.test", PASSWORD).await;
    assert_eq!(booker.get("/organisation").await.status, 403);
    booker.get("/account").await;
    assert_eq!(booker.submit("/organisation/account", &[("bank", "工行"), ("bank_number", "380302700120")]).await.status, 403);
    app.person_with_password(&uscc, "admin@firm.test", Role::Admin, PASSWORD).await;
    let mut admin = signed_in(&app, "admin@firm.test").await;
    assert_eq!(admin.submit("/organisation/invoices", &[("invoice_address", ""), ("invoice_phone", "0532-1")]).await.status, 422);
    assert_eq!(admin.submit("/organisation/invoices", &[("invoice_address", "崂山区"), ("invoice_phone", "0532-1")]).await.status, 303);
    assert!(admin.get("/organisation").await.text().contains("0532-1"));
}
