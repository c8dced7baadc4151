//! `kill -9` under a load of bookings, cancels, use, statements and claims: what was answered is there, nothing is half done, the same key
//! gives the first answer again, `check` finds no difference, and each mail came at least once and at most twice.

use std::collections::BTreeMap;
use std::time::Duration;

use yiqi::actions::notices::{Post, deliver};
use yiqi::notices::mail::Mailer;

use super::load::{Sent, Town, tally, told};
use super::{rounds, say};
use crate::support::server::{Server, free_port};
use crate::support::sink::Sink;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_answered_survives_the_plug() {
    let (town, sink) = (Town::build().await, Sink::open().await);
    let (times, mut done) = (rounds(2, 20), BTreeMap::new());
    for _ in 0..times {
        let (config, smtp) = (&town.app.config, sink.url());
        let server = Server::start_set(&config.database_url, &config.data_dir, free_port(), &[], &[("YIQI_SMTP_URL", &smtp)]).await;
        let clients = town.start_clients(&[server.port()]);
        tokio::time::sleep(Duration::from_millis(1200)).await;
        server.kill();
        let mut sent: Vec<Sent> = Vec::new();
        for client in clients {
            sent.extend(client.await.unwrap());
        }
        assert!(sent.iter().filter(|s| s.is_done()).count() > 3, "hardly anything was answered before the plug was pulled");
        tally(&sent, &mut done);
        town.prove(&sent).await;
    }
    assert!(done.get("claim").is_some_and(|count| *count > 0), "{done:?}");
    let (mails, twice) = prove_mails(&town, &sink).await;
    say(&format!("kill: {times} times kill -9 under load; done: {}; all of it was there, and check was clean each time", told(&done)));
    say(&format!("kill: {mails} mails, each came at least once, {twice} of them twice, none more often"));
}

/// Delivers what is left, once the claims of the dead have run out; gives how many mails there are and how many came twice.
async fn prove_mails(town: &Town, sink: &Sink) -> (usize, usize) {
    let mailer = Mailer::smtp(&sink.url(), "yiqi@yiqi.test").unwrap();
    let post = Post { db: &town.app.db, mailer: &mailer, base_url: "http://yiqi.test" };
    let left = deliver(&post, town.app.clock.now().plus(3600)).await.unwrap();
    assert_eq!((left.to_retry, left.given_up), (0, 0), "{left:?}");
    let mut conn = town.app.db.read().await.unwrap();
    let queued: Vec<(String, Option<i64>)> = sqlx::query_as("SELECT id, delivered_at FROM outbox ORDER BY id").fetch_all(&mut *conn).await.unwrap();
    let seen = sink.seen();
    for (id, delivered_at) in &queued {
        assert!(delivered_at.is_some(), "{id} was never marked");
        let count = seen.get(id).copied().unwrap_or_default();
        assert!((1..=2).contains(&count), "{id} came {count} times");
    }
    assert_eq!(seen.len(), queued.len(), "mails that nobody queued");
    (queued.len(), seen.values().filter(|count| **count == 2).count())
}
