//! The scheduler over rows in memory and a clock that is moved by hand.

use std::sync::atomic::{AtomicI64, Ordering};

use super::*;

#[derive(Debug, Clone)]
struct Row {
    job: &'static str,
    instant: Instant,
    lease_until: Instant,
    outcome: Option<Result<Report, String>>,
}

#[derive(Default)]
struct Memory {
    now: AtomicI64,
    rows: Mutex<Vec<Row>>,
    turns: Mutex<Vec<Turn>>,
    slow: bool,
}

impl Runs for Memory {
    fn now(&self) -> Instant {
        Instant(self.now.load(Ordering::SeqCst))
    }

    fn take<'a>(&'a self, wanted: Wanted<'a>) -> Running<'a, Result<Option<Ticket>, String>> {
        let mut rows = self.rows.lock().unwrap();
        let found = rows.iter().position(|row| row.job == wanted.job && row.instant == wanted.instant);
        let row = Row { job: wanted.job, instant: wanted.instant, lease_until: wanted.lease_until, outcome: None };
        let ticket = match found {
            None => {
                rows.push(row);
                Some(rows.len() - 1)
            }
            Some(index) if wanted.by_hand || (rows[index].outcome.is_none() && rows[index].lease_until < wanted.now) => {
                rows[index] = row;
                Some(index)
            }
            Some(_) => None,
        };
        let ticket = ticket.map(|index| Ticket { id: index.to_string(), lease_until: wanted.lease_until });
        Box::pin(std::future::ready(Ok(ticket)))
    }

    fn finish<'a>(&'a self, ticket: &'a Ticket, outcome: &'a Result<Report, String>, _: Instant) -> Running<'a, Result<(), String>> {
        let row = &mut self.rows.lock().unwrap()[ticket.id.parse::<usize>().unwrap()];
        if row.lease_until == ticket.lease_until {
            row.outcome = Some(outcome.clone());
        }
        Box::pin(std::future::ready(Ok(())))
    }
}

const DAILY: Job<Memory> = Job { name: "daily", cron: "0 20 0 * * *", lease_seconds: 600, run: |app, turn| Box::pin(note(app, turn)) };

async fn note(app: Arc<Memory>, turn: Turn) -> Result<Report, String> {
    if app.slow {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    app.turns.lock().unwrap().push(turn);
    Ok(Report::default().with("rows", 2_usize))
}

fn at(text: &str) -> Instant {
    Instant::parse_local(text).unwrap()
}

fn set(app: &Memory, text: &str) {
    app.now.store(at(text).0, Ordering::SeqCst);
}

fn node(app: &Arc<Memory>, job: Job<Memory>) -> Scheduler<Memory> {
    Scheduler::new(Arc::clone(app), vec![job], "node".into()).unwrap()
}

async fn knock(scheduler: &Scheduler<Memory>) -> bool {
    scheduler.run_due(&scheduler.jobs()[0], scheduler.inner.app.now()).await
}

#[tokio::test]
async fn a_missed_run_is_caught_up_once_for_the_latest_instant() {
    let app = Arc::new(Memory::default());
    let (one, two) = (node(&app, DAILY), node(&app, DAILY));
    set(&app, "2026-10-14T00:20");
    assert!(knock(&one).await && !knock(&one).await && !knock(&two).await);
    set(&app, "2026-10-17T09:00");
    assert!(knock(&two).await && !knock(&one).await);
    let turns = app.turns.lock().unwrap().clone();
    assert_eq!(turns[1], Turn { instant: at("2026-10-17T00:20"), now: at("2026-10-17T09:00") });
    assert_eq!(turns.len(), 2);
}

#[tokio::test]
async fn an_expired_lease_is_taken_over_and_the_late_owner_writes_nothing() {
    let app = Arc::new(Memory::default());
    set(&app, "2026-10-14T00:20");
    let wanted = Wanted { job: "daily", instant: at("2026-10-14T00:20"), now: app.now(), lease_until: at("2026-10-14T00:30"), node: "dead", by_hand: false };
    let dead = app.take(wanted).await.unwrap().unwrap();
    let alive = node(&app, DAILY);
    set(&app, "2026-10-14T00:29");
    assert!(!knock(&alive).await);
    set(&app, "2026-10-14T00:31");
    assert!(knock(&alive).await);
    app.finish(&dead, &Err("late".into()), app.now()).await.unwrap();
    assert_eq!(app.rows.lock().unwrap()[0].outcome, Some(Ok(Report::default().with("rows", 2_usize))));
}

#[tokio::test]
async fn by_hand_a_job_runs_again_as_of_any_instant() {
    let app = Arc::new(Memory::default());
    set(&app, "2026-10-14T12:00");
    let scheduler = node(&app, DAILY);
    for _ in 0..2 {
        assert_eq!(scheduler.run_by_hand("daily", at("2026-01-01T00:20")).await.unwrap().to_string(), "rows=2");
    }
    assert_eq!(*app.turns.lock().unwrap(), [Turn { instant: at("2026-01-01T00:20"), now: at("2026-01-01T00:20") }; 2]);
    assert!(scheduler.run_by_hand("nightly", at("2026-01-01T00:20")).await.unwrap_err().contains("nightly"));
}

#[tokio::test]
async fn a_panic_and_a_failure_end_their_run_and_nothing_else() {
    let app = Arc::new(Memory::default());
    set(&app, "2026-10-14T12:00");
    let scheduler = node(&app, Job { run: |_, _| Box::pin(async { panic!("broken") }), ..DAILY });
    assert!(!knock(&scheduler).await);
    assert!(matches!(&app.rows.lock().unwrap()[0].outcome, Some(Err(_))));
    let failing = node(&app, Job { name: "other", run: |_, _| Box::pin(async { Err("no".into()) }), ..DAILY });
    assert_eq!(failing.run_by_hand("other", app.now()).await, Err("no".into()));
}

#[tokio::test]
async fn the_start_catches_up_and_the_stop_waits_for_what_runs() {
    let app = Arc::new(Memory { slow: true, ..Memory::default() });
    set(&app, "2026-10-14T12:00");
    let scheduler = node(&app, DAILY);
    scheduler.start(Duration::from_mins(1)).await.unwrap();
    tokio::time::sleep(Duration::from_millis(20)).await;
    scheduler.stop().await;
    assert_eq!(app.turns.lock().unwrap().len(), 1);
    assert!(app.rows.lock().unwrap()[0].outcome.is_some());
    scheduler.spawn_due(0);
    assert_eq!(app.turns.lock().unwrap().len(), 1);
}

#[test]
fn a_line_that_cannot_be_read_stops_the_start() {
    let wrong = Scheduler::new(Arc::new(Memory::default()), vec![Job { cron: "0 0 * * *", ..DAILY }], "node".into());
    assert!(wrong.err().unwrap().contains("job daily"));
    assert_eq!(Report::default().with("sent", 3).with("failed", 0).json(), serde_json::json!({"sent": 3, "failed": 0}));
}

#[test]
fn a_place_that_is_taken_is_neither_given_twice_nor_given_back() {
    let busy = Mutex::new(HashSet::new());
    let place = Place::of(&busy, "daily");
    assert!(place.is_some() && Place::of(&busy, "daily").is_none() && Place::of(&busy, "daily").is_none());
    drop(place);
    assert!(Place::of(&busy, "daily").is_some());
}
