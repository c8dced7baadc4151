//! The application: everything a request, a job or a command needs, built once. `serve`, the commands and the tests build the same one.

mod runs;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, RwLock};

use crate::actions::{Act, Outcome, calendar, openness};
use crate::base::chance::Chance;
use crate::base::time::Clock;
use crate::config::Config;
use crate::domain::actors::Actor;
use crate::files;
use crate::http::limits::Limits;
use crate::notices::mail::{Mailer, default_sender};
use crate::store::{self, Db};

/// The bureau that runs the platform, for the head and the foot of every page.
#[derive(Debug, Clone)]
pub struct Host {
    /// Its name.
    pub name: String,
    /// GB/T 2260 code of its city.
    pub region_code: String,
}

/// The application's parts.
#[derive(Debug)]
pub struct App {
    /// Settings.
    pub config: Config,
    /// The database.
    pub db: Db,
    /// Where "now" comes from.
    pub clock: Clock,
    /// Where ids and secrets come from.
    pub chance: Chance,
    /// Stored documents.
    pub files: files::Store,
    /// Where mails go.
    pub mailer: Mailer,
    /// How many requests a caller may make.
    pub limits: Limits,
    /// Digests of openness that were computed.
    pub digests: openness::Digests,
    host: RwLock<Option<Host>>,
    ready: AtomicBool,
}

impl App {
    /// Builds the application over its settings. Opens pools and folders, migrates nothing.
    ///
    /// # Errors
    /// A sentence for the operator.
    pub fn build(config: Config, clock: Clock, chance: Chance) -> Result<Arc<Self>, String> {
        let sender = default_sender(&config.base_url);
        let mailer = match &config.smtp_url {
            Some(url) => Mailer::smtp(url, &sender)?,
            None => Mailer::folder(config.data_dir.join("mail"), &sender)?,
        };
        Self::with_mailer(config, clock, chance, mailer)
    }

    /// The same with a mailer of one's own: tests.
    ///
    /// # Errors
    /// A sentence for the operator.
    pub fn with_mailer(config: Config, clock: Clock, chance: Chance, mailer: Mailer) -> Result<Arc<Self>, String> {
        crate::base::time::set_zone(&config.time_zone)?;
        std::fs::create_dir_all(&config.data_dir).map_err(|e| format!("{}: {e}", config.data_dir.display()))?;
        let db = Db::open(&config.database_url).map_err(|e| format!("database: {e}"))?;
        let files = files::Store::open(&config.files_url).map_err(|e| e.to_string())?;
        Ok(Arc::new(Self {
            config,
            db,
            clock,
            chance,
            files,
            mailer,
            limits: Limits::default(),
            digests: openness::Digests::default(),
            host: RwLock::default(),
            ready: AtomicBool::new(false),
        }))
    }

    /// The circumstances of one act by `actor`: the clock is read here, once.
    #[must_use]
    pub fn act(&self, actor: Actor, request_id: String) -> Act {
        Act { now: self.clock.now(), actor, dice: self.chance.dice(), request_id }
    }

    /// Runs an action in a transaction; the dice start again with each repetition.
    ///
    /// # Errors
    /// What the action answers.
    pub async fn transact<'a, T>(
        &self,
        act: &'a Act,
        work: impl for<'t> Fn(&'t mut store::Tx<'a>) -> store::db::Work<'t, T, crate::actions::Error>,
    ) -> crate::actions::Outcome<T> {
        self.db
            .transact(|tx| {
                act.dice.rewind();
                work(tx)
            })
            .await
    }

    /// Writes what every installation has from the start, after the schema is there: the calendar of days, and what salts are made of.
    /// Harmless when repeated.
    ///
    /// # Errors
    /// The store's.
    pub async fn prepare(&self) -> Outcome<()> {
        let drawn = &self.chance.dice().secret();
        self.db
            .transact(|tx| {
                Box::pin(async move {
                    calendar::fill(tx).await?;
                    openness::draw_salt(tx, drawn).await
                })
            })
            .await
    }

    /// Reads who runs the platform: the bureau that was there first. Read again now and then, for it may come later than the server.
    ///
    /// # Errors
    /// The store's.
    pub async fn find_host(&self) -> Outcome<()> {
        let bureaus = store::organisations::list_bureaus(&mut *self.db.read().await?).await?;
        let host = bureaus.into_iter().next().map(|bureau| Host { name: bureau.name, region_code: bureau.region_code });
        *self.host.write().unwrap_or_else(std::sync::PoisonError::into_inner) = host;
        Ok(())
    }

    /// Who runs the platform, once known.
    #[must_use]
    pub fn host(&self) -> Option<Host> {
        self.host.read().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }

    /// Marks the application ready: migrated and, where asked for, with its demo.
    pub fn set_ready(&self) {
        self.ready.store(true, Ordering::SeqCst);
    }

    /// Whether [`App::set_ready`] was called.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.ready.load(Ordering::SeqCst)
    }
}
