//! The model test: random verbs of several actors, played on the product and on a simple model in memory. Every answer is foretold, and after
//! each step no spans overlap, holds are those of live bookings, purses add up, and every history is whole. A walk that fails is shortened.

mod claims;
mod mirror;
mod play;
mod steps;

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use proptest::collection::vec;
use proptest::test_runner::{Config, RngAlgorithm, TestError, TestRng, TestRunner};
use sqlx::AnyConnection;

use self::mirror::{FIRMS, INSTRUMENTS};
use self::play::Stage;
use self::steps::Step;
use super::{check, rounds, say};

/// Plays a walk; gives how often each verb was done.
async fn walk(steps: &[Step]) -> BTreeMap<String, usize> {
    let mut stage = Stage::set().await;
    compare(&stage).await;
    for step in steps {
        stage.play(step).await;
        compare(&stage).await;
    }
    stage.app.run_job("openness-rollup").await;
    stage.app.run_job("audit").await;
    check(&stage.app);
    std::mem::take(&mut stage.done)
}

/// The invariants, each asked of the database itself.
async fn compare(stage: &Stage) {
    let mut conn = stage.app.db.read().await.unwrap();
    bookings(stage, &mut conn).await;
    spans(stage, &mut conn).await;
    histories(&mut conn).await;
    claims(stage, &mut conn).await;
    purses(stage, &mut conn).await;
}

/// State, version and hold of every booking; a live hold only where the model has one.
async fn bookings(stage: &Stage, conn: &mut AnyConnection) {
    type Row = (String, String, i64, Option<i64>, Option<i64>);
    let rows: Vec<Row> =
        sqlx::query_as("SELECT b.id, b.state, b.version, h.amount_fen, b.actual_fen FROM bookings b LEFT JOIN holds h ON h.booking_id = b.id ORDER BY b.id")
            .fetch_all(conn)
            .await
            .unwrap();
    let mut wanted: Vec<Row> =
        stage.mirror.bookings.iter().map(|b| (b.id.clone(), b.state.to_owned(), b.version, b.held, b.statement.map(|(_, _, fen)| fen))).collect();
    wanted.sort();
    assert_eq!(rows, wanted, "id, state, version, hold, statement");
}

/// What takes the instruments' time is what the model says, and no two of it overlap.
async fn spans(stage: &Stage, conn: &mut AnyConnection) {
    let overlaps = yiqi::store::use_proofs::list_overlaps(conn).await.unwrap();
    assert!(overlaps.is_empty(), "{overlaps:?}");
    let mut rows: Vec<(String, i64, i64)> =
        sqlx::query_as("SELECT instrument_id, starts_at, ends_at FROM slot_spans WHERE freed_at IS NULL").fetch_all(conn).await.unwrap();
    let spans = |number: usize| stage.mirror.live_spans(number).into_iter().map(move |(from, to)| (stage.instrument_ids()[number].clone(), from, to));
    let mut wanted: Vec<_> = (0..INSTRUMENTS.len()).flat_map(spans).collect();
    rows.sort();
    wanted.sort();
    assert_eq!(rows, wanted, "live spans");
}

/// A line for each version, each from where the one before had come to, the last at the booking's state.
async fn histories(conn: &mut AnyConnection) {
    let rows: Vec<(String, i64, Option<String>, String)> =
        sqlx::query_as("SELECT booking_id, version, from_state, to_state FROM booking_events ORDER BY booking_id, version")
            .fetch_all(&mut *conn)
            .await
            .unwrap();
    let mut last: BTreeMap<String, (i64, String)> = BTreeMap::new();
    for (id, version, from, to) in rows {
        let before = last.get(&id);
        assert_eq!((version, from.as_ref()), (before.map_or(1, |b| b.0 + 1), before.map(|b| &b.1)), "history of {id}");
        last.insert(id, (version, to));
    }
    let states: Vec<(String, i64, String)> = sqlx::query_as("SELECT id, version, state FROM bookings").fetch_all(conn).await.unwrap();
    assert_eq!(states.len(), last.len());
    for (id, version, state) in states {
        assert_eq!(last.get(&id), Some(&(version, state)), "last word of {id}");
    }
}

async fn claims(stage: &Stage, conn: &mut AnyConnection) {
    type Row = (String, String, i64, i64, i64);
    let rows: Vec<Row> =
        sqlx::query_as("SELECT c.id, c.state, c.version, c.amount_fen, (SELECT count(*) FROM reviews r WHERE r.claim_id = c.id) FROM claims c ORDER BY c.id")
            .fetch_all(conn)
            .await
            .unwrap();
    let mut wanted: Vec<Row> = stage.mirror.claims.iter().map(|c| (c.id.clone(), c.state.to_owned(), c.version, c.amount, c.version)).collect();
    wanted.sort();
    assert_eq!(rows, wanted, "id, state, version, amount, lines of history");
}

/// The seven amounts are the model's, the other six sum to the grant, and what is held is held for bookings that are not over.
async fn purses(stage: &Stage, conn: &mut AnyConnection) {
    for firm in 0..FIRMS {
        let purse = stage.purse(firm).await;
        assert_eq!(purse, stage.mirror.purses[firm].unwrap_or_default(), "purse of firm {firm}");
        assert_eq!(purse.granted, purse.available + purse.held + purse.claimed + purse.redeemed + purse.lapsed + purse.returned);
        let held: i64 = stage.mirror.bookings.iter().filter(|b| b.firm == firm).filter_map(|b| b.held).sum();
        assert_eq!(purse.held, held, "held for the bookings of firm {firm}");
    }
    let idle = yiqi::store::proofs::list_idle_holds(conn).await.unwrap();
    assert!(idle.is_empty(), "{idle:?}");
}

#[test]
fn whatever_several_actors_do_the_product_answers_as_the_rules_say() {
    let (walks, length) = (rounds(3, 40), rounds(60, 120));
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    // The same walks every time, of the same seed on both databases.
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
    let config = Config { cases: u32::try_from(walks).unwrap(), max_shrink_iters: 150, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, rng);
    let strategy = vec(steps::step(), 0..=2 * length);
    let (tally, played) = (Mutex::new(BTreeMap::<String, usize>::new()), AtomicUsize::new(0));
    let done = runner.run(&strategy, |steps| {
        played.fetch_add(steps.len(), Ordering::Relaxed);
        for (verb, count) in runtime.block_on(walk(&steps)) {
            *tally.lock().unwrap().entry(verb).or_default() += count;
        }
        Ok(())
    });
    match done {
        Ok(()) => {
            let tally: Vec<String> = tally.into_inner().unwrap().into_iter().map(|(verb, count)| format!("{verb} {count}")).collect();
            say(&format!("model: {walks} walks, {} steps; product and model agreed after each; done: {}", played.into_inner(), tally.join(", ")));
        }
        Err(TestError::Fail(why, steps)) => panic!("{why}\nthe shortest walk found:\n{steps:#?}"),
        Err(other) => panic!("{other}"),
    }
}
