//! From the outbox to the mail: once, in the recipient's language, again when the server is away, given up after three days.

use std::sync::Arc;

use yiqi::actions::notices::{Post, deliver};
use yiqi::actions::records;
use yiqi::base::time::{DAY, HOUR};
use yiqi::domain::roles::{Role, Side};
use yiqi::notices::mail::Mailer;

use crate::support::TestApp;
use crate::support::bookings::City;

pub async fn queue(app: &TestApp, event: &str, uscc: &str) {
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

/// A mail server of somebody else's making; `None` where `make test` has not installed it.
struct Server {
    process: std::process::Child,
    said: std::io::BufReader<std::process::ChildStdout>,
    port: String,
}

impl Server {
    fn start(mails: usize) -> Option<Self> {
        use std::io::BufRead as _;
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
        let python = root.join("target/venv/bin/python");
        if !python.exists() {
            eprintln!("skipped: no target/venv");
            return None;
        }
        let mut command = std::process::Command::new(python);
        let command = command.arg(root.join("tests/support/smtp.py")).arg(mails.to_string());
        let mut process = command.stdout(std::process::Stdio::piped()).spawn().unwrap();
        let mut said = std::io::BufReader::new(process.stdout.take().unwrap());
        let mut port = String::new();
        said.read_line(&mut port).unwrap();
        Some(Self { process, said, port: port.trim().to_owned() })
    }

    fn mailer(&self) -> Mailer {
        Mailer::smtp(&format!("smtp://127.0.0.1:{}", self.port), "Yiqi <yiqi@yiqi.test>").unwrap()
    }

    /// What mail program and calendar read, once every mail is there.
    fn read(mut self) -> String {
        use std::io::Read as _;
        let mut seen = String::new();
        self.said.read_to_string(&mut seen).unwrap();
        assert!(self.process.wait().unwrap().success());
        seen
    }
}

/// A confirmed booking and its cancelling, as a mail server and a calendar that are not ours read them.
#[tokio::test]
async fn an_invitation_is_entered_and_taken_out_again() {
    let Some(server) = Server::start(4) else { return };
    let city = City::new(serde_json::json!({ "approval": "automatic" })).await;
    let booking = city.book("2026-10-14T09:00", "2026-10-14T11:30", serde_json::json!({ "note": "请准备样品台", "purpose": "断口形貌" })).await;
    let mailer = server.mailer();
    let post = Post { db: &city.app.db, mailer: &mailer, base_url: "https://yiqi.test" };
    let now = city.app.clock.now();
    assert_eq!(deliver(&post, now).await.unwrap().delivered, 2);
    city.act(&booking, "cancel", &city.booker, serde_json::json!({ "reason": "样品没有到" })).await.expect(200);
    assert_eq!(deliver(&post, now).await.unwrap().delivered, 2);
    let seen = server.read();
    for (title, what) in [("text/calendar  REQUEST", "REQUEST CONFIRMED SEQUENCE"), ("text/calendar  CANCEL", "CANCEL CANCELLED SEQUENCE")] {
        assert!(seen.matches(title).count() == 2 && seen.matches(what).count() == 4, "{what}\n{seen}");
    }
    let uid = format!("UID: '{}@yiqi.test'", booking["id"].as_str().unwrap());
    let sequences = |what: &str| -> Vec<i64> { seen.lines().filter_map(|line| line.trim().strip_prefix(what)?.trim().parse().ok()).collect() };
    let (entered, out) = (sequences("REQUEST CONFIRMED SEQUENCE"), sequences("CANCEL CANCELLED SEQUENCE"));
    assert!(entered.iter().max() < out.iter().min() && seen.matches(&uid).count() == 8, "{entered:?} {out:?} {uid}\n{seen}");
    assert!(seen.contains("DTSTART: 2026-10-14 01:00:00+00:00") && seen.contains("booker1@firm.test") && seen.contains("manager1@lab.test"), "{seen}");
    assert!(seen.contains("样品没有到") && !seen.contains("样品台") && !seen.contains("断口"), "{seen}");
}

#[tokio::test]
async fn a_request_tells_both_sides_each_in_words_of_its_own() {
    let city = City::new(serde_json::json!({ "approval": "manager" })).await;
    let booking = city.book("2026-10-14T09:00", "2026-10-14T11:30", serde_json::json!({})).await;
    city.app.run_job("notices").await;
    let subjects = |app: &TestApp| {
        let mut lines: Vec<String> = app.mails().into_iter().map(|mail| format!("{} {}", mail.to.1, mail.subject.split('：').next().unwrap())).collect();
        lines.sort();
        lines
    };
    assert_eq!(subjects(&city.app), ["booker1@firm.test 预约申请已提交", "manager1@lab.test 有新的预约申请"]);
    city.act(&booking, "decline", &city.manager, serde_json::json!({ "reason": "检修" })).await.expect(200);
    city.app.run_job("notices").await;
    assert_eq!(subjects(&city.app), ["booker1@firm.test 预约未获同意", "manager1@lab.test 已婉拒预约"]);
}
