//! One's own account: password, sessions, tokens, data, end.

use crate::support::TestApp;
use crate::support::browser::Browser;
use crate::support::instruments::listing;
use serde_json::json;
use yiqi::domain::roles::{Role, Side};

const EMAIL: &str = "manager@lab.test";
const PASSWORD: &str = "correct horse";

async fn city() -> (TestApp, String) {
    let app = TestApp::new().await;
    let uscc = app.organisation("12370200MB0000001", "青岛测试研究院", &[Side::Institution], "370212", false).await;
    app.person_with_password(&uscc, EMAIL, Role::Manager, PASSWORD).await;
    (app, uscc)
}

async fn signed_in(app: &TestApp) -> Browser<'_> {
    let mut browser = Browser::new(app);
    browser.sign_in(EMAIL, PASSWORD).await;
    browser.get("/account").await;
    browser
}

#[tokio::test]
async fn a_password_is_changed_and_every_older_cookie_is_over() {
    let (app, _) = city().await;
    let (mut here, mut there) = (signed_in(&app).await, signed_in(&app).await);
    let old = here.cookie("yiqi_session");
    for (current, new, again, why) in [
        ("wrong", "staple battery", "staple battery", "密码不对"),
        (PASSWORD, "short", "short", "至少 8 个字符"),
        (PASSWORD, "staple battery", "staple", "两次输入的不一样"),
    ] {
        let answer = here.submit("/account/password", &[("current", current), ("password", new), ("again", again)]).await;
        assert_eq!(answer.status, 422);
        assert!(answer.text().contains(why) && !answer.text().contains("staple battery"), "{why}");
    }
    let answer = here.submit("/account/password", &[("current", PASSWORD), ("password", "staple battery"), ("again", "staple battery")]).await;
    assert_eq!((answer.status.as_u16(), answer.header("location")), (303, "/account?done=password-changed"));
    assert_eq!(here.get("/account").await.status, 200);
    assert_eq!(there.get("/account").await.status, 303);
    let mut thief = Browser::new(&app);
    thief.set_cookie("yiqi_session", &old);
    assert_eq!(thief.get("/account").await.status, 303);
    let mut again = Browser::new(&app);
    again.sign_in(EMAIL, "staple battery").await;
    let mails = app.post_mails().await;
    assert!(mails.len() == 1 && mails[0].subject.contains("密码已修改"), "{mails:?}");
}

#[tokio::test]
async fn a_forgotten_password_is_set_by_a_link_that_works_once_and_for_half_an_hour() {
    let (app, _) = city().await;
    let mut open = signed_in(&app).await;
    let mut browser = Browser::new(&app);
    browser.get("/forgot").await;
    let ask = [("email", " Manager@Lab.test ")];
    assert_eq!(browser.submit("/forgot", &ask).await.header("location"), "/login?done=reset-sent");
    let first = app.link_to(EMAIL, "/reset").await;
    browser.get("/forgot").await;
    browser.submit("/forgot", &ask).await;
    let second = app.link_to(EMAIL, "/reset").await;
    assert_eq!(browser.get(&first).await.status, 410, "a newer link ends the older");
    assert_eq!(browser.get(&second).await.status, 200);
    assert_eq!(browser.submit(&second, &[("password", "12345678"), ("again", "12345678")]).await.status, 422);
    app.advance(29 * 60);
    let answer = browser.submit(&second, &[("password", "staple battery"), ("again", "staple battery")]).await;
    assert_eq!(answer.header("location"), "/login?done=password-set");
    assert_eq!(open.get("/account").await.status, 303, "every session ends");
    browser.get("/login").await;
    assert_eq!(browser.submit(&second, &[("password", "another battery"), ("again", "another battery")]).await.status, 410);
    browser.sign_in(EMAIL, "staple battery").await;

    let mut late = Browser::new(&app);
    late.get("/forgot").await;
    late.submit("/forgot", &ask).await;
    let link = app.link_to(EMAIL, "/reset").await;
    app.advance(30 * 60);
    assert_eq!(late.get(&link).await.status, 410);
    let waiting: Vec<(Option<String>, Option<String>)> =
        sqlx::query_as("SELECT secret, address FROM outbox WHERE address IS NOT NULL").fetch_all(&mut *app.db.read().await.unwrap()).await.unwrap();
    assert!(waiting.iter().all(|(secret, address)| secret.is_none() && address.as_deref() == Some("")), "secrets and addresses are wiped once delivered");
}

#[tokio::test]
async fn nobody_is_flooded_with_links() {
    let (app, _) = city().await;
    for _ in 0..8 {
        let mut browser = Browser::new(&app);
        browser.get("/forgot").await;
        browser.submit("/forgot", &[("email", EMAIL)]).await;
    }
    assert_eq!(app.post_mails().await.len(), 5);
}

#[tokio::test]
async fn sessions_and_tokens_are_listed_and_revoked_and_nobody_elses() {
    let (app, uscc) = city().await;
    app.person_with_password(&uscc, "other@lab.test", Role::Operator, PASSWORD).await;
    let mut other = Browser::new(&app);
    other.sign_in("other@lab.test", PASSWORD).await;
    let mut there = signed_in(&app).await;
    app.advance(60);
    let mut here = Browser::new(&app);
    here.send_header("user-agent", "Mozilla/5.0 (Windows NT 10.0) Chrome/130 Safari/537");
    here.sign_in(EMAIL, PASSWORD).await;
    let page = here.get("/account").await.text();
    assert!(page.contains("Chrome Windows") && page.contains("127.0.0.1"));
    let id = |page: &str, place: &str| {
        page.split(&format!("/account/{place}/")).find_map(|rest| rest.split_once("/end\"").map(|(id, _)| id.to_owned()).filter(|id| id.len() == 36))
    };
    let session = id(&page, "sessions").unwrap();
    other.get("/account").await;
    assert_eq!(other.submit(&format!("/account/sessions/{session}/end"), &[]).await.status, 404);
    assert_eq!(here.submit(&format!("/account/sessions/{session}/end"), &[]).await.status, 303);
    assert_eq!(there.get("/account").await.status, 303);

    let page = here.submit("/account/tokens", &[("token_name", "实验室同步")]).await.text();
    let token = page.split("<code>").nth(1).unwrap().split("</code>").next().unwrap().to_owned();
    app.post("/api/v1/instruments", &token, listing("T-1", json!({}))).await.expect(201);
    let page = here.get("/account").await.text();
    assert!(page.contains("实验室同步") && !page.contains(&token));
    let token_id = id(&page, "tokens").unwrap();
    assert_eq!(other.submit(&format!("/account/tokens/{token_id}/end"), &[]).await.status, 404);
    assert_eq!(here.submit(&format!("/account/tokens/{token_id}/end"), &[]).await.status, 303);
    app.post("/api/v1/instruments", &token, listing("T-2", json!({}))).await.expect(401);
}

#[tokio::test]
async fn one_takes_out_ones_own_data_and_no_secrets() {
    let (app, _) = city().await;
    let mut browser = signed_in(&app).await;
    let answer = browser.get("/account/export").await;
    let data = answer.json();
    assert!(answer.header("content-disposition").starts_with("attachment"));
    assert_eq!((data["person"]["email"].as_str(), data["memberships"][0]["role"].as_str()), (Some(EMAIL), Some("manager")));
    assert!(data["records"].as_array().unwrap().iter().any(|record| record["action"] == "session.open"));
    let text = answer.text();
    assert!(!text.contains("argon2") && !text.contains(&browser.cookie("yiqi_session")) && !text.contains("fingerprint"));
}

#[tokio::test]
async fn an_account_ends_and_what_was_done_keeps_its_name() {
    let (app, uscc) = city().await;
    app.person_with_password(&uscc, "admin@lab.test", Role::Admin, PASSWORD).await;
    let mut admin = Browser::new(&app);
    admin.sign_in("admin@lab.test", PASSWORD).await;
    admin.get("/account/end").await;
    assert_eq!(admin.submit("/account/end", &[("password", PASSWORD)]).await.status, 409, "the last admin stays");

    let mut browser = signed_in(&app).await;
    assert_eq!(browser.get("/account/end").await.status, 200);
    assert_eq!(browser.submit("/account/end", &[("password", "wrong")]).await.status, 422);
    let old = browser.cookie("yiqi_session");
    assert_eq!(browser.submit("/account/end", &[("password", PASSWORD)]).await.header("location"), "/?done=account-ended");
    browser.set_cookie("yiqi_session", &old);
    assert_eq!(browser.get("/account").await.status, 303);
    browser = Browser::new(&app);
    browser.get("/login").await;
    assert_eq!(browser.submit("/login", &[("email", EMAIL), ("password", PASSWORD)]).await.status, 422);
    let mut conn = app.db.read().await.unwrap();
    let (name, hash): (String, Option<String>) =
        sqlx::query_as("SELECT name, password_hash FROM persons WHERE ended_at IS NOT NULL").fetch_one(&mut *conn).await.unwrap();
    assert_eq!((name.as_str(), hash), ("manager", None));
    let addresses: i64 = sqlx::query_scalar("SELECT count(*) FROM identities WHERE address = $1").bind(EMAIL).fetch_one(&mut *conn).await.unwrap();
    assert_eq!(addresses, 0);
    drop(conn);
    // The address is free again for somebody new.
    app.person_with_password(&uscc, EMAIL, Role::Operator, "staple battery").await;
    Browser::new(&app).sign_in(EMAIL, "staple battery").await;
}

#[tokio::test]
async fn a_key_is_not_replayed_in_another_membership() {
    let (app, first) = city().await;
    let second = app.organisation("12370200MB0000002", "青岛第二研究院", &[Side::Institution], "370212", false).await;
    let one = app.person(&first, "both@lab.test", Role::Manager, None).await;
    let two = app.person(&second, "both@lab.test", Role::Manager, None).await;
    let key = [("idempotency-key", "same")];
    let a = app.call_with("POST", "/api/v1/instruments", &one, listing("T-1", json!({})), &key).await.expect(201);
    let again = app.call_with("POST", "/api/v1/instruments", &one, listing("T-1", json!({})), &key).await.expect(201);
    let b = app.call_with("POST", "/api/v1/instruments", &two, listing("T-1", json!({})), &key).await.expect(201);
    assert_eq!(a["id"], again["id"]);
    assert_ne!(a["id"], b["id"]);
}

#[tokio::test]
async fn a_cookie_from_before_switching_is_over() {
    let (app, _) = city().await;
    let second = app.organisation("12370200MB0000002", "青岛第二研究院", &[Side::Institution], "370212", false).await;
    app.advance(1);
    app.person(&second, EMAIL, Role::Operator, None).await;
    let mut browser = signed_in(&app).await;
    let old = browser.cookie("yiqi_session");
    let page = browser.get("/switch").await.text();
    let id = page.split("name=\"membership\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    assert_eq!(browser.submit("/switch", &[("membership", &id)]).await.status, 303);
    assert!(browser.get("/account").await.text().contains("青岛第二研究院"));
    browser.set_cookie("yiqi_session", &old);
    assert_eq!(browser.get("/account").await.status, 303);
}
