//! The operator's pages: jobs, outbox, health; and that they tell no business secret.

use yiqi::actions::records;
use yiqi::base::time::{DAY, Instant};
use yiqi::domain::roles::{Role, Side};

use crate::support::TestApp;
use crate::support::browser::Browser;

async fn app() -> TestApp {
    let app = TestApp::new().await;
    let platform = app.organisation("91370200MA0000900", "平台运维单位", &[Side::Platform], "370200", false).await;
    app.person_with_password(&platform, "ops@yiqi.test", Role::Ops, "correct horse").await;
    app
}

async fn operator(app: &TestApp) -> Browser<'_> {
    let mut browser = Browser::new(app);
    browser.sign_in("ops@yiqi.test", "correct horse").await;
    browser
}

#[tokio::test]
async fn only_the_operator_sees_the_pages() {
    let app = app().await;
    let lab = app.organisation("12370200MB0000001", "青岛测试研究院", &[Side::Institution], "370212", false).await;
    app.person_with_password(&lab, "admin@lab.test", Role::Admin, "correct horse").await;
    for path in ["/ops", "/ops/jobs/audit", "/ops/outbox", "/ops/health"] {
        assert_eq!(Browser::new(&app).get(path).await.status, 303, "{path}");
        let mut admin = Browser::new(&app);
        admin.sign_in("admin@lab.test", "correct horse").await;
        assert_eq!(admin.get(path).await.status, 403, "{path}");
        assert_eq!(operator(&app).await.get(path).await.status, 200, "{path}");
    }
}

#[tokio::test]
async fn a_job_is_run_by_hand_and_what_failed_comes_first() {
    let app = app().await;
    let mut browser = operator(&app).await;
    let page = browser.get("/ops").await.text();
    assert!(page.contains("还没有运行过") && page.find("发送通知") < page.find("账目核对"), "{page}");
    browser.get("/ops/jobs/audit").await;
    let answer = browser.submit("/ops/jobs/audit/run", &[("instant", "2026-10-12T03:00")]).await;
    assert_eq!((answer.status.as_u16(), answer.header("location")), (303, "/ops/jobs/audit?done=job-passed"), "{}", answer.text());
    let page = browser.get("/ops/jobs/audit?done=job-passed").await.text();
    assert!(page.contains("10月12日 3:00") && page.contains("成功") && page.contains("封存记录"), "{page}");
    // A record is changed behind the product's back: the next run fails, and is seen at once.
    app.tamper("audit_records", "UPDATE audit_records SET action = 'x' WHERE seal_number = 1").await;
    browser.submit("/ops/jobs/audit/run", &[]).await;
    let page = browser.get("/ops").await.text();
    assert!(page.contains("data-state=\"failed\"") && page.find("账目核对") < page.find("发送通知"), "{page}");
    assert_eq!(browser.submit("/ops/jobs/audit/run", &[("instant", "yesterday")]).await.status, 422);
    assert_eq!(browser.submit("/ops/jobs/nothing/run", &[]).await.status, 404);
}

#[tokio::test]
async fn the_outbox_tells_what_became_of_a_notice_and_neither_its_text_nor_whom_it_concerns() {
    let app = app().await;
    let (uscc, _) = app.enterprise(1).await;
    let firm = yiqi::store::organisations::find_by_uscc(&mut app.db.read().await.unwrap(), &uscc).await.unwrap().unwrap();
    let act = app.command();
    let facts = serde_json::json!({ "code": "DF-7K3M9Q", "enterprise": firm.name, "reason": "秘密" });
    app.transact(&act, |tx| {
        let (act, facts, id) = (&act, &facts, firm.id.as_str());
        Box::pin(async move { records::notify(tx, act, "claim.rejected", ("claim", "c-1", 2), id, Side::Enterprise, &[Role::Booker], facts).await })
    })
    .await
    .unwrap();
    let mut browser = operator(&app).await;
    let page = browser.get("/ops/outbox").await.text();
    assert!(page.contains("兑付申请被驳回") && page.contains("待发送") && page.contains("c-1"), "{page}");
    for secret in [firm.name.as_str(), "秘密", "booker1@firm.test", "DF-7K3M9Q"] {
        assert!(!page.contains(secret), "{secret}");
    }
    // Given up, seen, tried again, delivered.
    let away = yiqi::notices::mail::Mailer::smtp("smtp://127.0.0.1:9", "yiqi@yiqi.test").unwrap();
    let post = yiqi::actions::notices::Post { db: &app.db, mailer: &away, base_url: "" };
    let late = Instant(app.clock.now().0 + 3 * DAY);
    assert_eq!(yiqi::actions::notices::deliver(&post, late).await.unwrap().given_up, 1);
    assert!(browser.get("/ops").await.text().contains("1 封通知已放弃发送"));
    let page = browser.get("/ops/outbox?fate=failed").await.text();
    let id = page.split("name=\"id\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    assert_eq!(browser.submit("/ops/outbox/again", &[("id", &id)]).await.header("location"), "/ops/outbox?done=notice-again");
    assert_eq!(browser.submit("/ops/outbox/again", &[("id", &id)]).await.status, 409);
    assert_eq!(app.run_job("notices").await, "delivered=1 to_retry=0 given_up=0");
    assert!(browser.get("/ops/outbox?fate=delivered").await.text().contains("已发送"));
    assert_eq!(browser.get("/ops/outbox?fate=lost").await.status, 422);
    assert_eq!(app.mails().len(), 1);
}

#[tokio::test]
async fn health_names_database_queues_and_the_last_seal() {
    let app = app().await;
    app.run_job("audit").await;
    let page = Browser::english(&app);
    let mut browser = page;
    browser.sign_in("ops@yiqi.test", "correct horse").await;
    let text = browser.get("/ops/health").await.text();
    assert!(text.contains("SQL") && text.contains(env!("CARGO_PKG_VERSION")) && text.contains("number 1"), "{text}");
}
