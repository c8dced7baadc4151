//! Signing in and out, and what a stranger sees.

use crate::support::TestApp;
use crate::support::browser::Browser;
use yiqi::domain::roles::{Role, Side};

async fn app_with_person() -> TestApp {
    let app = TestApp::new().await;
    let uscc = app.organisation("12370200MB0000001", "青岛测试研究院", &[Side::Institution], "370212", false).await;
    app.person_with_password(&uscc, "manager@lab.test", Role::Manager, "correct horse").await;
    app
}

#[tokio::test]
async fn a_person_signs_in_acts_for_an_organisation_and_signs_out() {
    let app = app_with_person().await;
    let mut browser = Browser::new(&app);
    let page = browser.get("/login").await;
    assert_eq!(page.status, 200);
    let answer = browser.submit("/login", &[("email", " MANAGER@lab.test "), ("password", "correct horse"), ("next", "/switch")]).await;
    assert_eq!((answer.status.as_u16(), answer.header("location")), (303, "/switch"));
    let page = browser.get("/switch").await;
    assert!(page.text().contains("青岛测试研究院"));
    let secret = browser.cookie("yiqi_session");
    assert_eq!(browser.submit("/logout", &[]).await.status, 303);
    browser.set_cookie("yiqi_session", &secret);
    let again = browser.get("/switch").await;
    assert_eq!((again.status.as_u16(), again.header("location")), (303, "/login?next=%2Fswitch"));
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_address_get_the_same_answer() {
    let app = app_with_person().await;
    let mut texts = Vec::new();
    for email in ["manager@lab.test", "nobody@lab.test"] {
        let mut browser = Browser::new(&app);
        browser.get("/login").await;
        let answer = browser.submit("/login", &[("email", email), ("password", "wrong")]).await;
        assert_eq!(answer.status, 422);
        texts.push(answer.text().replace(email, "").replace(&browser.token(), ""));
    }
    assert_eq!(texts[0], texts[1]);
}

#[tokio::test]
async fn a_form_without_its_token_is_not_taken() {
    let app = app_with_person().await;
    let mut browser = Browser::new(&app);
    browser.get("/login").await;
    let answer = browser.post_raw("/login", "email=manager%40lab.test&password=correct+horse&csrf=forged").await;
    assert_eq!(answer.status, 409);
    assert!(answer.text().contains("再登录一次"), "{}", answer.text());
    // The page that says so has a form that works.
    browser.sign_in("manager@lab.test", "correct horse").await;
    assert_eq!(browser.get("/switch").await.status, 200);
}

#[tokio::test]
async fn a_browser_that_keeps_no_cookies_is_told_so() {
    let app = app_with_person().await;
    let answer = Browser::new(&app).post_raw("/login", "email=manager%40lab.test&password=correct+horse&csrf=x").await;
    assert_eq!(answer.status, 409);
    assert!(answer.text().contains("Cookie"), "{}", answer.text());
}

#[tokio::test]
async fn a_session_ends_after_half_an_hour_of_idleness() {
    let app = app_with_person().await;
    let mut browser = Browser::new(&app);
    browser.sign_in("manager@lab.test", "correct horse").await;
    app.advance(29 * 60);
    assert_eq!(browser.get("/switch").await.status, 200);
    app.advance(31 * 60);
    assert_eq!(browser.get("/switch").await.status, 303);
}

#[tokio::test]
async fn sign_in_never_leads_to_another_site() {
    let app = app_with_person().await;
    let mut browser = Browser::new(&app);
    browser.get("/login?next=//evil.example").await;
    let answer = browser.submit("/login", &[("email", "manager@lab.test"), ("password", "correct horse"), ("next", "//evil.example")]).await;
    assert_eq!(answer.header("location"), "/lab");
}

#[tokio::test]
async fn the_language_is_chosen_by_a_link_and_kept() {
    let app = TestApp::new().await;
    let mut browser = Browser::new(&app);
    assert!(browser.get("/login").await.text().contains("lang=\"zh-CN\""));
    let answer = browser.get("/login?next=%2F&lang=en").await;
    assert_eq!((answer.status.as_u16(), answer.header("location")), (303, "/login?next=%2F"));
    assert!(browser.get("/login").await.text().contains("lang=\"en\""));
}

#[tokio::test]
async fn an_unknown_page_says_so_in_words() {
    let app = TestApp::new().await;
    let answer = Browser::new(&app).get("/nowhere").await;
    assert_eq!(answer.status, 404);
    assert!(answer.text().contains("<h1"));
}
