//! The harness: the same `App` that `serve` builds, with a clock that stands still, seeded chance and mails kept in memory; its router is
//! called in process. Every test has a database of its own, on the engine that `YIQI_TEST_DATABASE` names.

pub mod bookings;
pub mod browser;
pub mod claims;
pub mod cluster;
pub mod database;
pub mod http;
pub mod instruments;
pub mod jobs;
pub mod mails;
pub mod outage;
pub mod people;
pub mod purses;
pub mod server;
pub mod sink;
pub mod usage;

use std::ops::Deref;
use std::sync::{Arc, Mutex};

use axum::Router;
use yiqi::app::App;
use yiqi::base::chance::Chance;
use yiqi::base::time::{Clock, Instant};
use yiqi::config::Config;
use yiqi::domain::actors::Actor;
use yiqi::notices::mail::{Mail, Mailer};

use database::Database;

/// Monday 2026-10-12, 10:00 in Shanghai: the moment of the worked examples.
pub const MONDAY: &str = "2026-10-12T10:00:00+08:00";

/// An application under test.
pub struct TestApp {
    app: Arc<App>,
    router: Router,
    mails: Arc<Mutex<Vec<Mail>>>,
    _folder: tempfile::TempDir,
    _database: Database,
}

impl Deref for TestApp {
    type Target = Arc<App>;

    fn deref(&self) -> &Arc<App> {
        &self.app
    }
}

impl TestApp {
    /// A fresh application on a migrated, empty database.
    pub async fn new() -> Self {
        Self::at(MONDAY).await
    }

    /// The same at another moment.
    pub async fn at(now: &str) -> Self {
        Self::build(Clock::fixed(Instant::parse(now).unwrap()), Chance::seeded(1)).await
    }

    /// The same on the system's clock, beside which a server may run over the same database.
    pub async fn living() -> Self {
        Self::build(Clock::system(), Chance::from_entropy()).await
    }

    /// As [`TestApp::living`], with its folder in another place and over another way to its database. The database at the end of that way
    /// is migrated.
    pub async fn living_in(parent: &std::path::Path, way: impl AsyncFnOnce(String) -> String) -> Self {
        Self::build_in(tempfile::tempdir_in(parent).unwrap(), Clock::system(), Chance::from_entropy(), way, true, |_| {}).await
    }

    /// As [`TestApp::new`], over another way to its database than the straight one.
    pub async fn over(way: impl AsyncFnOnce(String) -> String) -> Self {
        Self::build_over(Clock::fixed(Instant::parse(MONDAY).unwrap()), Chance::seeded(1), way).await
    }

    /// As [`TestApp::new`], with settings of its own.
    pub async fn configured(change: impl FnOnce(&mut Config)) -> Self {
        let clock = Clock::fixed(Instant::parse(MONDAY).unwrap());
        Self::build_in(tempfile::tempdir().unwrap(), clock, Chance::seeded(1), async |url| url, false, change).await
    }

    async fn build(clock: Clock, chance: Chance) -> Self {
        Self::build_over(clock, chance, async |url| url).await
    }

    async fn build_over(clock: Clock, chance: Chance, way: impl AsyncFnOnce(String) -> String) -> Self {
        Self::build_in(tempfile::tempdir().unwrap(), clock, chance, way, false, |_| {}).await
    }

    /// `elsewhere`: the database at the end of the way is another than the one that was made for the test.
    async fn build_in(
        folder: tempfile::TempDir,
        clock: Clock,
        chance: Chance,
        way: impl AsyncFnOnce(String) -> String,
        elsewhere: bool,
        change: impl FnOnce(&mut Config),
    ) -> Self {
        let database = Database::fresh(folder.path()).await;
        let mails = Arc::new(Mutex::new(Vec::new()));
        let mailer = Mailer::memory("yiqi@yiqi.test", Arc::clone(&mails)).unwrap();
        let mut config = Config::in_folder(folder.path().to_owned(), way(database.url.clone()).await);
        change(&mut config);
        let app = App::with_mailer(config, clock, chance, mailer).unwrap();
        if database.needs_migration || elsewhere {
            app.db.migrate().await.unwrap();
        }
        app.prepare().await.unwrap();
        app.set_ready();
        let router = yiqi::http::router::router(&app);
        Self { app, router, mails, _folder: folder, _database: database }
    }

    /// Moves the clock on.
    pub fn advance(&self, seconds: i64) {
        self.app.clock.set(self.app.clock.now().plus(seconds));
    }

    /// Sets the clock.
    pub fn set_now(&self, now: &str) {
        self.app.clock.set(Instant::parse(now).unwrap());
    }

    /// An act of the operator's hand.
    pub fn command(&self) -> yiqi::actions::Act {
        self.app.act(Actor::Command, "test".to_owned())
    }

    /// Mails delivered so far; they are taken out.
    pub fn mails(&self) -> Vec<Mail> {
        std::mem::take(&mut self.mails.lock().unwrap())
    }
}
