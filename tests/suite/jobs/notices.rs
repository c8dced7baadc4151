//! From the outbox to the mail: once, in the recipient's language, again when the server is away, given up after three days.

use std::sync::Arc;

use yiqi::actions::notices::{Post, deliver};
use yiqi::actions::records;
use yiqi::base::time::{DAY, HOUR};
use yiqi::domain::roles::{Role, Side};
use yiqi::notices::mail::Mailer;

use crate::support::TestApp;

async fn queue(app: &TestApp, event: &str, uscc: &str) {
    let act = app.command();
    let organisation = yiqi::store::organisations::find_by_uscc(&mut app.db.read().await.unwrap(), uscc).await.unwrap().unwrap();
    let facts = serde_json::json!({ "code": "DF-7K3M9Q", "amount_fen": 64_800, "year": 2026, "reason": "材料不全" });
    app.transact(&act, |tx| {
        let (act, facts, id) = (&act, &facts, organisation.id.as_str());
        Box::pin(async move { records::notify(tx, act, event, ("claim", "c1", 3), id, Side::Enterprise, &[Role::Booker], facts).await })
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn a_notice_becomes_one_mail_in_the_readers_language() {
    let app = TestApp::new().await;
    let (uscc, _) = app.enterprise(1).await;
    queue(&app, "claim.sent_back", &uscc).await;
    // The same again is the same notice.
    queue(&app, "claim.sent_back", &uscc).await;
    assert_eq!(app.run_job("notices").await, "delivered=1 to_retry=0 given_up=0");
    assert_eq!(app.run_job("notices").await, "delivered=0 to_retry=0 given_up=0");
    let mails = app.mails();
    assert_eq!(mails.len(), 1);
    assert_eq!((mails[0].to.1.as_str(), mails[0].subject.as_str()), ("booker1@firm.test", "兑付申请退回补正：DF-7K3M9Q"));
    assert!(mails[0].message_id.starts_with("claim.sent_back/c1/3/") && !mails[0].message_id.contains('@'));
    for text in [&mails[0].text, &mails[0].html] {
        assert!(text.contains("材料不全") && text.contains("648 元") && text.contains("http://yiqi.test/vouchers"), "{text}");
    }
}

#[tokio::test]
async fn two_nodes_deliver_a_notice_once() {
    let app = TestApp::new().await;
    for n in 1..=4 {
        let (uscc, _) = app.enterprise(n).await;
        queue(&app, "claim.paid", &uscc).await;
    }
    let post = Post { db: &app.db, mailer: &app.mailer, base_url: "http://yiqi.test" };
    let now = app.clock.now();
    let done = futures_util::future::join_all((0..4).map(|_| deliver(&post, now))).await;
    assert_eq!(done.into_iter().map(|d| d.unwrap().delivered).sum::<i64>(), 4);
    assert_eq!(app.mails().len(), 4);
}

#[tokio::test]
async fn a_server_that_is_away_is_tried_again_until_three_days_are_over() {
    let app = TestApp::new().await;
    let (uscc, _) = app.enterprise(1).await;
    queue(&app, "claim.paid", &uscc).await;
    let away = Mailer::smtp("smtp://127.0.0.1:9", "yiqi@yiqi.test").unwrap();
    let post = Post { db: &app.db, mailer: &away, base_url: "http://yiqi.test" };
    let begun = app.clock.now();
    let done = deliver(&post, begun).await.unwrap();
    assert_eq!((done.delivered, done.to_retry, done.given_up), (0, 1, 0));
    // Not before its time.
    assert_eq!(deliver(&post, begun.plus(59)).await.unwrap().to_retry, 0);
    assert_eq!(deliver(&post, begun.plus(60)).await.unwrap().to_retry, 1);
    assert_eq!(deliver(&post, begun.plus(3 * DAY)).await.unwrap().given_up, 1);
    assert_eq!(deliver(&post, begun.plus(30 * DAY)).await.unwrap(), yiqi::actions::notices::Delivery::default());
    assert!(app.mails().is_empty());
}

#[tokio::test]
async fn a_claim_that_ran_out_is_delivered_again_the_same() {
    let app = TestApp::new().await;
    let (uscc, _) = app.enterprise(1).await;
    queue(&app, "claim.paid", &uscc).await;
    let now = app.clock.now();
    let claimed = app.db.transact(|tx| Box::pin(yiqi::store::outbox::update_claimed(tx, now, now.plus(600), 9))).await.unwrap();
    assert_eq!((claimed.len(), claimed[0].attempts), (1, 1));
    assert_eq!(app.run_job("notices").await, "delivered=0 to_retry=0 given_up=0");
    app.advance(HOUR);
    assert_eq!(app.run_job("notices").await, "delivered=1 to_retry=0 given_up=0");
    assert_eq!(app.mails().len(), 1);
}

#[tokio::test]
async fn a_member_who_left_is_not_written_to() {
    let app = TestApp::new().await;
    let (uscc, _) = app.enterprise(1).await;
    queue(&app, "claim.paid", &uscc).await;
    let mut conn = app.db.read().await.unwrap();
    sqlx::query("UPDATE memberships SET until_at = 1").execute(&mut *conn).await.unwrap();
    assert_eq!(app.run_job("notices").await, "delivered=0 to_retry=0 given_up=1");
    let _: &Arc<_> = &app;
}
