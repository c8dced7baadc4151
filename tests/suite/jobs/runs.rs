//! A run happens once however many nodes there are, is taken over when its node dies, and is caught up once.

use yiqi::base::time::{HOUR, MINUTE};
use yiqi::scheduler::{Report, Runs, Wanted};
use yiqi::store::job_runs::{Ended, list_latest};

use crate::support::TestApp;

fn wanted<'a>(app: &TestApp, node: &'a str) -> Wanted<'a> {
    let now = app.clock.now();
    Wanted { job: "audit", instant: now, now, lease_until: now.plus(10 * MINUTE), node, by_hand: false }
}

#[tokio::test]
async fn many_nodes_run_an_instant_once() {
    let app = TestApp::new().await;
    let asked: Vec<String> = (0..8).map(|n| format!("node{n}")).collect();
    let tickets = futures_util::future::join_all(asked.iter().map(|node| app.take(wanted(&app, node)))).await;
    assert_eq!(tickets.into_iter().filter(|ticket| ticket.as_ref().unwrap().is_some()).count(), 1);
}

#[tokio::test]
async fn a_run_whose_node_died_is_taken_over_after_its_lease_and_only_then() {
    let app = TestApp::new().await;
    let first = wanted(&app, "one");
    let lost = app.take(first).await.unwrap().unwrap();
    let again = |now| Wanted { now, lease_until: app.clock.now().plus(HOUR), node: "two", ..first };
    assert_eq!(app.take(again(app.clock.now().plus(10 * MINUTE))).await.unwrap(), None);
    let taken = app.take(again(app.clock.now().plus(10 * MINUTE + 1))).await.unwrap().unwrap();
    // The first node wakes up again: its word no longer counts.
    assert!(app.finish(&lost, &Ok(Report::default()), app.clock.now()).await.is_err());
    app.finish(&taken, &Ok(Report::default().with("sealed", 3)), app.clock.now()).await.unwrap();
    let runs = list_latest(&mut app.db.read().await.unwrap(), "audit", 9).await.unwrap();
    assert_eq!((runs.len(), runs[0].node.as_str(), runs[0].outcome, runs[0].report.as_str()), (1, "two", Some(Ended::Passed), "{\"sealed\":3}"));
    assert_eq!(app.take(again(app.clock.now().plus(HOUR))).await.unwrap(), None);
}

#[tokio::test]
async fn a_run_left_behind_by_a_dead_node_is_closed_by_the_next_one() {
    let app = TestApp::new().await;
    app.take(wanted(&app, "one")).await.unwrap().unwrap();
    app.advance(HOUR);
    app.take(wanted(&app, "two")).await.unwrap().unwrap();
    let runs = list_latest(&mut app.db.read().await.unwrap(), "audit", 9).await.unwrap();
    assert_eq!((runs[1].node.as_str(), runs[1].outcome, runs[0].outcome), ("one", Some(Ended::Failed), None));
}

#[tokio::test]
async fn a_missed_run_is_caught_up_once_and_a_run_by_hand_happens_again() {
    let app = TestApp::new().await;
    app.set_now("2026-10-14T12:00:00+08:00");
    app.run_due_jobs().await;
    app.run_due_jobs().await;
    app.run_job("audit").await;
    app.run_job("audit").await;
    let runs = list_latest(&mut app.db.read().await.unwrap(), "audit", 9).await.unwrap();
    let seen: Vec<_> = runs.iter().rev().map(|run| (run.instant.to_string(), run.number, run.by_hand.is_some())).collect();
    let hand = |number| ("2026-10-14T12:00:00+08:00".to_owned(), number, true);
    assert_eq!(seen.first().unwrap(), &("2026-10-14T03:00:00+08:00".to_owned(), 0, false));
    assert!(seen.len() == 3 && seen.contains(&hand(1)) && seen.contains(&hand(2)), "{seen:?}");
    assert!(app.try_job("no-such-job").await.is_err());
}

#[tokio::test]
async fn old_runs_and_keys_are_cleared_away() {
    let app = TestApp::new().await;
    app.run_job("notices").await;
    app.run_job("audit").await;
    app.advance(100 * 24 * HOUR);
    app.run_job("audit").await;
    let mut conn = app.db.read().await.unwrap();
    // The newest of a job is never deleted, so that people see when it last ran.
    assert_eq!(list_latest(&mut conn, "audit", 9).await.unwrap().len(), 1);
    assert_eq!(list_latest(&mut conn, "notices", 9).await.unwrap().len(), 1);
}
