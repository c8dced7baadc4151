//! Registering an organisation: the form, the mail, the bureau.

use crate::support::TestApp;
use crate::support::browser::Browser;
use crate::support::people::uscc;
use yiqi::domain::roles::{Role, Side};

const PASSWORD: &str = "correct horse";

fn form<'a>(code: &'a str, email: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("sides", "enterprise"),
        ("uscc", code),
        ("name", "青岛新企科技有限公司"),
        ("region", "370212"),
        ("address", "崂山区松岭路 1 号"),
        ("bank", "工商银行崂山支行"),
        ("bank_number", "3803 0270 0120 0123 456"),
        ("person_name", "刘雨桐"),
        ("email", email),
        ("password", PASSWORD),
        ("consent", "1"),
    ]
}

async fn bureau(app: &TestApp) -> Browser<'_> {
    let code = app.organisation("11370200MB2856000", "青岛市科学技术局", &[Side::Bureau], "370200", false).await;
    app.person_with_password(&code, "officer@bureau.test", Role::Officer, PASSWORD).await;
    let mut officer = Browser::new(app);
    officer.sign_in("officer@bureau.test", PASSWORD).await;
    officer
}

async fn send(app: &TestApp, code: &str, email: &str) {
    let mut browser = Browser::new(app);
    browser.get("/register").await;
    let answer = browser.submit("/register", &form(code, email)).await;
    assert_eq!((answer.status.as_u16(), answer.header("location")), (303, "/register/sent"), "{}", answer.text());
}

/// The address of the registration that waits, as the officer sees it.
async fn waiting(officer: &mut Browser<'_>) -> String {
    let page = officer.get("/bureau/registrations").await.text();
    let id = page.split("/bureau/registrations/").nth(1).unwrap_or_else(|| panic!("nothing waits")).split('"').next().unwrap().to_owned();
    format!("/bureau/registrations/{id}")
}

#[tokio::test]
async fn a_firm_registers_proves_its_address_and_is_enrolled() {
    let app = TestApp::new().await;
    let mut officer = bureau(&app).await;
    let code = uscc("91370212MA3CK7Q85");
    send(&app, &code, "Liu@Firm.test").await;
    assert!(!officer.get("/bureau/registrations").await.text().contains("青岛新企"), "nobody sees it before the address is proved");
    let link = app.link_to("liu@firm.test", "/register/verify").await;
    let mut liu = Browser::new(&app);
    assert!(liu.get(&link).await.text().contains("青岛新企科技有限公司"));
    assert_eq!(liu.submit(&link, &[("password", PASSWORD)]).await.header("location"), "/login?done=register-filed");
    assert_eq!(liu.get(&link).await.status, 410);
    liu.get("/login").await;
    let early = liu.submit("/login", &[("email", "liu@firm.test"), ("password", PASSWORD)]).await;
    assert!(early.status == 422 && early.text().contains("还在等科技局审核"));
    let told = app.post_mails().await;
    assert!(told.iter().any(|mail| mail.to.1 == "officer@bureau.test" && mail.text.contains("/bureau/registrations/")), "{told:?}");

    let one = waiting(&mut officer).await;
    let page = officer.get(&one).await.text();
    assert!(page.contains("3803027001200123456") && page.contains(&code) && page.contains("青岛 崂山"));
    assert_eq!(officer.submit(&format!("{one}/approve"), &[]).await.status, 303);
    assert_eq!(officer.submit(&format!("{one}/approve"), &[]).await.status, 409, "once");
    assert!(app.post_mails().await.iter().any(|mail| mail.to.1 == "liu@firm.test" && mail.subject.contains("已开通")));
    liu.sign_in("liu@firm.test", PASSWORD).await;
    assert!(liu.get("/members").await.text().contains("刘雨桐"));
    let own = liu.get("/organisation").await.text();
    assert!(own.contains("3803027001200123456") && own.contains("工商银行崂山支行"));
    let data = liu.get("/account/export").await.json();
    assert_eq!((data["consents"][0]["document"].as_str(), data["consents"][0]["version"].as_str()), (Some("privacy"), Some("1")));
}

#[tokio::test]
async fn what_is_wrong_is_named_and_what_was_typed_is_kept_but_not_the_password() {
    let app = TestApp::new().await;
    let mut browser = Browser::new(&app);
    browser.get("/register").await;
    let answer = browser
        .submit("/register", &[("uscc", "91350100M000100Y4Z"), ("name", "某厂"), ("person_name", "刘"), ("email", "liu"), ("password", "1234567")])
        .await;
    let text = answer.text();
    assert_eq!(answer.status, 422);
    for part in ["第 18 位“Z”不对", "value=\"某厂\"", "须为邮箱地址", "至少 8 个字符", "同意后才能开通账号", "身份："] {
        assert!(text.contains(part), "{part}");
    }
    assert!(!text.contains("1234567\""));
    let answer = browser.submit("/register", &[("uscc", "91350100M000100Y44")]).await;
    assert!(answer.text().contains("第 18 位校验码“4”不对"));
    for (fields, _) in [(vec![("sides", "bureau"), ("uscc", "x")], 0), (vec![("region", "999999"), ("bank_number", "1")], 0)] {
        assert_eq!(browser.submit("/register", &fields).await.status, 422);
    }
}

#[tokio::test]
async fn a_rejected_firm_reads_why_and_may_come_again() {
    let app = TestApp::new().await;
    let mut officer = bureau(&app).await;
    let code = uscc("91370212MA3CK7Q85");
    for round in 0..2 {
        send(&app, &code, "liu@firm.test").await;
        let link = app.link_to("liu@firm.test", "/register/verify").await;
        let mut liu = Browser::new(&app);
        liu.get(&link).await;
        assert_eq!(liu.submit(&link, &[("password", PASSWORD)]).await.status, 303);
        app.post_mails().await;
        let one = waiting(&mut officer).await;
        officer.get(&one).await;
        if round == 0 {
            assert_eq!(officer.submit(&format!("{one}/reject"), &[("reason", "")]).await.status, 422);
            assert_eq!(officer.submit(&format!("{one}/reject"), &[("reason", "名称与执照不符")]).await.status, 303);
            let mails = app.post_mails().await;
            assert!(mails.iter().any(|mail| mail.to.1 == "liu@firm.test" && mail.text.contains("名称与执照不符")), "{mails:?}");
        } else {
            assert_eq!(officer.submit(&format!("{one}/approve"), &[]).await.status, 303);
        }
    }
    app.post_mails().await;
    Browser::new(&app).sign_in("liu@firm.test", PASSWORD).await;
}

#[tokio::test]
async fn an_organisation_with_an_admin_is_not_taken_over() {
    let app = TestApp::new().await;
    let mut officer = bureau(&app).await;
    let code = uscc("91370212MA3CK7Q85");
    for email in ["liu@firm.test", "thief@firm.test"] {
        send(&app, &code, email).await;
    }
    let mails = app.post_mails().await;
    let links: Vec<String> = ["liu@firm.test", "thief@firm.test"]
        .iter()
        .map(|email| crate::support::mails::link_in(&mails.iter().find(|mail| mail.to.1 == *email).unwrap().text, "/register/verify").unwrap())
        .collect();
    let mut browser = Browser::new(&app);
    for link in &links {
        browser.get(link).await;
        assert_eq!(browser.submit(link, &[("password", PASSWORD)]).await.status, 303);
    }
    app.post_mails().await;
    let first = waiting(&mut officer).await;
    officer.get(&first).await;
    assert_eq!(officer.submit(&format!("{first}/approve"), &[]).await.status, 303);
    let second = waiting(&mut officer).await;
    officer.get(&second).await;
    assert_ne!(first, second);
    assert_eq!(officer.submit(&format!("{second}/approve"), &[]).await.status, 409);
    send(&app, &code, "third@firm.test").await;
    let link = app.link_to("third@firm.test", "/register/verify").await;
    browser.get(&link).await;
    assert_eq!(browser.submit(&link, &[("password", PASSWORD)]).await.status, 409);
}

#[tokio::test]
async fn registering_with_a_known_address_changes_no_password() {
    let app = TestApp::new().await;
    let _ = bureau(&app).await;
    let old = app.organisation("12370200MB0000001", "青岛测试研究院", &[Side::Institution], "370212", false).await;
    app.person_with_password(&old, "liu@firm.test", Role::Manager, "old staple").await;
    send(&app, &uscc("91370212MA3CK7Q85"), "liu@firm.test").await;
    let link = app.link_to("liu@firm.test", "/register/verify").await;
    let mut browser = Browser::new(&app);
    browser.get(&link).await;
    assert_eq!(browser.submit(&link, &[]).await.status, 303);
    app.post_mails().await;
    browser.sign_in("liu@firm.test", "old staple").await;
    let mut other = Browser::new(&app);
    other.get("/login").await;
    assert_eq!(other.submit("/login", &[("email", "liu@firm.test"), ("password", PASSWORD)]).await.status, 422);
}

#[tokio::test]
async fn whoever_registers_with_the_address_of_another_gets_no_account_by_their_button() {
    let app = TestApp::new().await;
    let mut officer = bureau(&app).await;
    send(&app, &uscc("91370212MA3CK7Q85"), "victim@firm.test").await;
    let link = app.link_to("victim@firm.test", "/register/verify").await;
    let mut victim = Browser::new(&app);
    assert!(victim.get(&link).await.text().contains("name=\"password\""));
    for password in ["", "something else"] {
        let answer = victim.submit(&link, &[("password", password)]).await;
        assert_eq!(answer.status, 422, "{}", answer.text());
    }
    assert!(!officer.get("/bureau/registrations").await.text().contains("青岛新企"));
    assert_eq!(victim.submit(&link, &[("password", PASSWORD)]).await.status, 303);
}

#[tokio::test]
async fn only_officers_decide_and_only_for_their_own_region() {
    let app = TestApp::new().await;
    let mut officer = bureau(&app).await;
    let code = app.organisation("11370600MB2856000", "烟台市科学技术局", &[Side::Bureau], "370600", false).await;
    app.person_with_password(&code, "yantai@bureau.test", Role::Officer, PASSWORD).await;
    let mut yantai = Browser::new(&app);
    yantai.sign_in("yantai@bureau.test", PASSWORD).await;
    send(&app, &uscc("91370212MA3CK7Q85"), "liu@firm.test").await;
    let link = app.link_to("liu@firm.test", "/register/verify").await;
    let mut liu = Browser::new(&app);
    liu.get(&link).await;
    liu.submit(&link, &[("password", PASSWORD)]).await;
    app.post_mails().await;
    let one = waiting(&mut officer).await;
    assert_eq!(yantai.get(&one).await.status, 404);
    yantai.get("/account").await;
    assert_eq!(yantai.submit(&format!("{one}/approve"), &[]).await.status, 404);
    let firm = app.organisation("91370212MA0000001", "青岛测试科技", &[Side::Enterprise], "370212", false).await;
    app.person_with_password(&firm, "admin@firm.test", Role::Admin, PASSWORD).await;
    let mut admin = Browser::new(&app);
    admin.sign_in("admin@firm.test", PASSWORD).await;
    assert_eq!(admin.get("/bureau/registrations").await.status, 403);
    assert_eq!(Browser::new(&app).get("/bureau/registrations").await.status, 303);
}
