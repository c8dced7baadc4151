//! The people of an organisation: invited, given roles, let go; never the last admin.

use crate::support::TestApp;
use crate::support::browser::Browser;
use yiqi::domain::roles::{Role, Side};

const PASSWORD: &str = "correct horse";

async fn city() -> (TestApp, String) {
    let app = TestApp::new().await;
    let uscc = app.organisation("91370212MA0000001", "青岛测试科技", &[Side::Enterprise], "370212", false).await;
    app.person_with_password(&uscc, "admin@firm.test", Role::Admin, PASSWORD).await;
    app.person_with_password(&uscc, "booker@firm.test", Role::Booker, PASSWORD).await;
    (app, uscc)
}

async fn signed_in<'a>(app: &'a TestApp, email: &str) -> Browser<'a> {
    let mut browser = Browser::new(app);
    browser.sign_in(email, PASSWORD).await;
    browser.get("/account").await;
    browser
}

/// The membership of a colleague, read off the admin's page.
async fn membership(admin: &mut Browser<'_>, email: &str) -> String {
    let page = admin.get("/members").await.text();
    let row = page.split("<li class=\"asks\">").find(|row| row.contains(email)).unwrap_or_else(|| panic!("{email} is no member"));
    row.split("/members/").nth(1).unwrap().split('/').next().unwrap().to_owned()
}

#[tokio::test]
async fn a_newcomer_joins_by_a_link_that_works_once() {
    let (app, _) = city().await;
    let mut admin = signed_in(&app, "admin@firm.test").await;
    for (email, role) in [("not an address", "finance"), ("new@firm.test", "manager"), ("booker@firm.test", "finance"), ("", "")] {
        assert_eq!(admin.submit("/members/invite", &[("email", email), ("role", role)]).await.status, 422, "{email} {role}");
    }
    assert_eq!(admin.submit("/members/invite", &[("email", "New@firm.test"), ("role", "finance")]).await.status, 303);
    let old = app.link_to("new@firm.test", "/invitation").await;
    assert_eq!(admin.submit("/members/invite", &[("email", "new@firm.test"), ("role", "booker")]).await.status, 303);
    let link = app.link_to("new@firm.test", "/invitation").await;
    let mut new = Browser::new(&app);
    assert_eq!(new.get(&old).await.status, 410);
    assert!(new.get(&link).await.text().contains("加入青岛测试科技"));
    let answer = new.submit(&link, &[("person_name", "王"), ("password", "short")]).await;
    assert!(answer.status == 422 && answer.text().contains("value=\"王\"") && answer.text().contains("同意后才能开通账号"));
    let told = [("person_name", "王小芳"), ("password", "staple battery"), ("consent", "1")];
    assert_eq!(new.submit(&link, &told).await.header("location"), "/login?done=joined");
    assert_eq!(new.submit(&link, &told).await.status, 410);
    new.sign_in("new@firm.test", "staple battery").await;
    assert!(new.get("/account").await.text().contains("青岛测试科技"));
    assert_eq!(new.get("/members").await.status, 403);
}

#[tokio::test]
async fn somebody_with_an_account_joins_as_themselves_and_switches() {
    let (app, _) = city().await;
    let lab = app.organisation("12370200MB0000001", "青岛测试研究院", &[Side::Institution], "370212", false).await;
    app.person_with_password(&lab, "sun@lab.test", Role::Manager, PASSWORD).await;
    let mut admin = signed_in(&app, "admin@firm.test").await;
    admin.submit("/members/invite", &[("email", "sun@lab.test"), ("role", "finance")]).await;
    let link = app.link_to("sun@lab.test", "/invitation").await;
    let mut sun = signed_in(&app, "sun@lab.test").await;
    assert!(sun.get(&link).await.text().contains("已有账号"));
    assert_eq!(sun.submit(&link, &[]).await.header("location"), "/switch?done=joined");
    assert!(sun.get("/switch").await.text().contains("青岛测试科技"));
}

#[tokio::test]
async fn an_invitation_can_be_withdrawn_and_runs_out_after_a_week() {
    let (app, _) = city().await;
    let mut admin = signed_in(&app, "admin@firm.test").await;
    admin.submit("/members/invite", &[("email", "a@firm.test"), ("role", "booker")]).await;
    let link = app.link_to("a@firm.test", "/invitation").await;
    let page = admin.get("/members").await.text();
    let id = page.split("/members/invitations/").nth(1).unwrap().split('/').next().unwrap().to_owned();
    assert_eq!(admin.submit(&format!("/members/invitations/{id}/withdraw"), &[]).await.status, 303);
    assert_eq!(Browser::new(&app).get(&link).await.status, 410);
    admin.submit("/members/invite", &[("email", "b@firm.test"), ("role", "booker")]).await;
    let link = app.link_to("b@firm.test", "/invitation").await;
    app.advance(7 * 86_400);
    assert_eq!(Browser::new(&app).get(&link).await.status, 410);
}

#[tokio::test]
async fn a_changed_role_ends_the_cookie_and_the_tokens_of_before() {
    let (app, uscc) = city().await;
    let token = app.person(&uscc, "booker@firm.test", Role::Booker, None).await;
    let mut booker = signed_in(&app, "booker@firm.test").await;
    let mut admin = signed_in(&app, "admin@firm.test").await;
    let id = membership(&mut admin, "booker@firm.test").await;
    app.get("/api/v1/bookings", &token).await.expect(200);
    assert_eq!(admin.submit(&format!("/members/{id}/role"), &[("role", "manager")]).await.status, 422);
    assert_eq!(admin.submit(&format!("/members/{id}/role"), &[("role", "finance")]).await.header("location"), "/members?done=role-changed");
    assert_eq!(booker.get("/account").await.status, 303);
    app.get("/api/v1/bookings", &token).await.expect(401);
    booker.sign_in("booker@firm.test", PASSWORD).await;
    assert!(booker.get("/account").await.text().contains("财务"));
    assert!(app.post_mails().await.iter().any(|mail| mail.to.1 == "booker@firm.test" && mail.subject.contains("角色")));
}

#[tokio::test]
async fn a_removed_colleague_is_out_at_once_and_of_nobody_elses_organisation() {
    let (app, _) = city().await;
    let other = app.organisation("91370212MA0000002", "另一家", &[Side::Enterprise], "370212", false).await;
    app.person_with_password(&other, "boss@other.test", Role::Admin, PASSWORD).await;
    let mut booker = signed_in(&app, "booker@firm.test").await;
    let mut admin = signed_in(&app, "admin@firm.test").await;
    let mut boss = signed_in(&app, "boss@other.test").await;
    let id = membership(&mut admin, "booker@firm.test").await;
    for path in [format!("/members/{id}/remove"), format!("/members/{id}/role")] {
        assert_eq!(boss.submit(&path, &[("role", "admin")]).await.status, 404, "{path}");
    }
    assert_eq!(boss.get(&format!("/members/{id}/remove")).await.status, 404);
    assert!(admin.get(&format!("/members/{id}/remove")).await.text().contains("移除booker"));
    assert_eq!(admin.submit(&format!("/members/{id}/remove"), &[]).await.header("location"), "/members?done=member-removed");
    assert_eq!(booker.get("/account").await.status, 303);
    booker.get("/login").await;
    let answer = booker.submit("/login", &[("email", "booker@firm.test"), ("password", PASSWORD)]).await;
    assert!(answer.status == 422 && answer.text().contains("不属于任何单位"));
    app.post_mails().await;
}

#[tokio::test]
async fn the_last_admin_can_neither_go_nor_change() {
    let (app, uscc) = city().await;
    let mut admin = signed_in(&app, "admin@firm.test").await;
    let page = admin.get("/members").await.text();
    assert!(page.contains("最后一位管理员"));
    let own =
        sqlx::query_scalar::<_, String>("SELECT m.id FROM memberships m WHERE m.role = 'admin'").fetch_one(&mut *app.db.read().await.unwrap()).await.unwrap();
    assert_eq!(admin.submit(&format!("/members/{own}/role"), &[("role", "booker")]).await.status, 409);
    assert_eq!(admin.submit(&format!("/members/{own}/remove"), &[]).await.status, 409);
    app.person_with_password(&uscc, "second@firm.test", Role::Admin, PASSWORD).await;
    admin.get("/members").await;
    assert_eq!(admin.submit(&format!("/members/{own}/role"), &[("role", "booker")]).await.header("location"), "/login?done=role-changed");
    app.post_mails().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_admins_who_remove_each_other_at_once_leave_one() {
    let (app, uscc) = city().await;
    app.person_with_password(&uscc, "second@firm.test", Role::Admin, PASSWORD).await;
    let (mut a, mut b) = (signed_in(&app, "admin@firm.test").await, signed_in(&app, "second@firm.test").await);
    let (ida, idb) = (membership(&mut a, "admin@firm.test").await, membership(&mut a, "second@firm.test").await);
    b.get("/members").await;
    let (path_a, path_b) = (format!("/members/{idb}/remove"), format!("/members/{ida}/remove"));
    let (one, two) = tokio::join!(a.submit(&path_a, &[]), b.submit(&path_b, &[]));
    assert_eq!([one.status.as_u16(), two.status.as_u16()].iter().filter(|status| **status == 303).count(), 1, "{} {}", one.status, two.status);
    let admins: i64 = sqlx::query_scalar("SELECT count(*) FROM memberships WHERE role = 'admin' AND until_at IS NULL")
        .fetch_one(&mut *app.db.read().await.unwrap())
        .await
        .unwrap();
    assert_eq!(admins, 1);
    app.post_mails().await;
}
