//! The database: pools, the one function that opens transactions, migrations, and what its errors mean.
//! Nothing else knows which engine it is.

mod engine;

pub use engine::{Engine, rows_a_statement};

use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use sqlx::any::AnyPoolOptions;
use sqlx::migrate::Migrator;
use sqlx::pool::PoolConnection;
use sqlx::{Any, AnyPool, AssertSqlSafe, Connection as _, Executor as _};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use engine::session_settings;

/// An open transaction. Entrances begin and commit it; nothing nests.
pub type Tx<'a> = sqlx::Transaction<'a, Any>;

/// What a piece of work in a transaction looks like: a boxed future, so that handlers and jobs can send it.
pub type Work<'t, T, E> = Pin<Box<dyn Future<Output = Result<T, E>> + Send + 't>>;

static SHARED: Migrator = sqlx::migrate!("./migrations");
static SQLITE: Migrator = sqlx::migrate!("./migrations/sqlite");
static POSTGRES: Migrator = sqlx::migrate!("./migrations/postgres");

/// Waiting for a connection ends after this.
const CONNECTION_WAIT: Duration = Duration::from_secs(3);
/// Waiting for one's turn to write ends after this; the one writer of SQLite is also its lock.
const WRITER_WAIT: Duration = Duration::from_secs(8);
/// A connection that lay idle for longer is asked whether it still works before it is used.
const IDLE: Duration = Duration::from_secs(1);
/// How often a transaction is repeated when the engine says that another was in the way.
const REPEATS: u32 = 5;

/// Failure of the store. Its inner text is logged, never shown.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A constraint or guard said no; the text holds its name (or, on SQLite, the columns of a UNIQUE).
    #[error("constraint {0}")]
    Broken(String),
    /// Another transaction was in the way: to be repeated.
    #[error("in the way: {0}")]
    InTheWay(sqlx::Error),
    /// The database is away, full, or too busy: 503.
    #[error("unavailable: {0}")]
    Unavailable(sqlx::Error),
    /// COMMIT was sent and its outcome is unknown: 503, and the idempotency key tells.
    #[error("commit unknown: {0}")]
    CommitUnknown(sqlx::Error),
    /// Anything else: a defect.
    #[error("{0}")]
    Sql(sqlx::Error),
}

impl Error {
    /// Whether a constraint or guard of this name said no.
    #[must_use]
    pub fn broke(&self, name: &str) -> bool {
        matches!(self, Self::Broken(text) if text == name)
    }
}

/// When the database was last found away: whatever connection has lain idle since before that must prove itself.
static AWAY: Mutex<Option<std::time::Instant>> = Mutex::new(None);

/// Whether a connection that lay idle for `idle` may be broken.
fn is_suspect(idle: Duration) -> bool {
    idle > IDLE || AWAY.lock().unwrap_or_else(PoisonError::into_inner).is_some_and(|at| at.elapsed() <= idle + IDLE)
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        let found = Self::classified(error);
        if matches!(found, Self::Unavailable(_)) {
            *AWAY.lock().unwrap_or_else(PoisonError::into_inner) = Some(std::time::Instant::now());
        }
        found
    }
}

impl Error {
    fn classified(error: sqlx::Error) -> Self {
        let Some(database) = error.as_database_error() else {
            return match error {
                sqlx::Error::PoolTimedOut
                | sqlx::Error::PoolClosed
                | sqlx::Error::Io(_)
                | sqlx::Error::Tls(_)
                | sqlx::Error::Protocol(_)
                | sqlx::Error::WorkerCrashed => Self::Unavailable(error),
                other => Self::Sql(other),
            };
        };
        let code = database.code().unwrap_or_default().into_owned();
        match code.as_str() {
            "40001" | "40P01" | "5" | "517" | "261" => Self::InTheWay(error),
            "23P01" | "23505" | "23514" | "23503" | "P0001" => Self::Broken(database.constraint().unwrap_or_else(|| database.message()).to_owned()),
            "1811" => Self::Broken(database.message().to_owned()),
            "275" | "2067" | "1555" => Self::Broken(database.message().rsplit("failed: ").next().unwrap_or_default().to_owned()),
            "787" => Self::Broken("foreign_key".to_owned()),
            // Lock wait, shutdown, too many connections, full disk, broken file system.
            "55P03" | "57P01" | "57P02" | "57P03" | "53300" | "53100" | "53200" | "58030" | "25006" | "13" | "10" | "14" | "8" | "778" | "266" | "1034"
            | "3850" | "4874" | "522" => Self::Unavailable(error),
            // No connection, no such role or database any more, none accepted now, a statement cut short.
            "28000" | "28P01" | "3D000" | "55000" | "57014" => Self::Unavailable(error),
            _ if code.len() == 5 && code.starts_with("08") => Self::Unavailable(error),
            _ => Self::Sql(error),
        }
    }
}

/// An error that knows whether the transaction that it ended may be repeated.
pub trait Repeatable {
    /// Whether another transaction was in the way and nothing was sent to commit.
    fn is_repeatable(&self) -> bool;
}

impl Repeatable for Error {
    fn is_repeatable(&self) -> bool {
        matches!(self, Self::InTheWay(_))
    }
}

/// The database of an installation: a pool for writing and one for reading, so that a queue in front of one hot instrument
/// starves no page.
#[derive(Debug, Clone)]
pub struct Db {
    writes: AnyPool,
    reads: AnyPool,
    turns: Arc<Semaphore>,
    waiting: Arc<AtomicUsize>,
    engine: Engine,
    url: String,
}

/// How busy the pools of this process are.
#[derive(Debug, Clone, Copy)]
pub struct Load {
    /// Connections for writing: open ones, and those of them that nobody uses.
    pub writers: (u32, usize),
    /// Connections for reading: open ones, and those of them that nobody uses.
    pub readers: (u32, usize),
    /// Transactions that wait for their turn.
    pub waiting: usize,
}

impl Db {
    /// Opens the pools. Does not migrate, and waits for no server: a database that is away shows at the first use.
    ///
    /// # Errors
    /// When the address is none of a known engine.
    pub fn open(url: &str) -> Result<Self, Error> {
        sqlx::any::install_default_drivers();
        let engine = if url.starts_with("sqlite:") { Engine::Sqlite } else { Engine::Postgres };
        let url = match engine {
            Engine::Sqlite if !url.contains("mode=") => format!("{url}{}mode=rwc", if url.contains('?') { "&" } else { "?" }),
            _ => url.to_owned(),
        };
        let (writers, readers, wait) = match engine {
            // More readers than processors gain nothing, but a slow page should not keep a quick one waiting.
            Engine::Sqlite => (1, u32::try_from(std::thread::available_parallelism().map_or(6, usize::from)).unwrap_or(6).clamp(6, 12), WRITER_WAIT),
            Engine::Postgres => (24, 16, CONNECTION_WAIT),
        };
        // A rush waits for its turn, in order; only a database that is away or stuck is waited for at the pool.
        let turns = Arc::new(Semaphore::new(writers as usize));
        let pool = |most: u32, wait: Duration, cache: u32| {
            AnyPoolOptions::new()
                .max_connections(most)
                .acquire_timeout(wait)
                // A connection proves itself when it comes back; before it goes out again only once it has lain idle. Asking each time cost a round
                // trip for every request.
                .test_before_acquire(false)
                .before_acquire(move |connection, meta| {
                    let stale = engine == Engine::Postgres && is_suspect(meta.idle_for);
                    Box::pin(async move { Ok(!stale || connection.ping().await.is_ok()) })
                })
                // A COMMIT that failed, such as on a full disk, may leave a connection that believes in a transaction which is gone: it would
                // refuse to begin for ever, and SQLite has but one for writing.
                .after_release(|connection, _| Box::pin(async move { Ok(!connection.is_in_transaction()) }))
                .after_connect(move |connection, _| {
                    Box::pin(async move { connection.execute(AssertSqlSafe(session_settings(engine, cache))).await.map(|_| ()) })
                })
                .connect_lazy(&url)
        };
        Ok(Self { writes: pool(writers, wait, 16_000)?, reads: pool(readers, CONNECTION_WAIT, 2_000)?, turns, waiting: Arc::default(), engine, url })
    }

    /// Which engine it is: for what an operator sees, never for a branch in SQL elsewhere.
    #[must_use]
    pub const fn engine(&self) -> Engine {
        self.engine
    }

    /// How busy the pools are.
    #[must_use]
    pub fn load(&self) -> Load {
        let of = |pool: &AnyPool| (pool.size(), pool.num_idle());
        Load { writers: of(&self.writes), readers: of(&self.reads), waiting: self.waiting.load(Ordering::Relaxed) }
    }

    /// The address, with its secrets: for the database's own programs.
    #[must_use]
    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// The file of an embedded database.
    #[must_use]
    pub(super) fn sqlite_file(&self) -> Option<std::path::PathBuf> {
        let path = self.url.strip_prefix("sqlite:")?;
        let path = path.strip_prefix("//").unwrap_or(path);
        let path = path.split('?').next().filter(|p| !p.is_empty() && *p != ":memory:")?;
        Some(percent_encoding::percent_decode_str(path).decode_utf8_lossy().into_owned().into())
    }

    /// Brings the schema up to date, through a connection of its own that is closed afterwards.
    ///
    /// # Errors
    /// When the server is away or a landed migration was edited.
    pub async fn migrate(&self) -> Result<(), Error> {
        let own = match self.engine {
            Engine::Sqlite => &SQLITE,
            Engine::Postgres => &POSTGRES,
        };
        let mut all: Vec<_> = SHARED.iter().chain(own.iter()).cloned().collect();
        all.sort_by_key(|m| m.version);
        let migrator = Migrator::with_migrations(all);
        let pool = AnyPoolOptions::new().max_connections(1).acquire_timeout(Duration::from_secs(10)).connect(&self.url).await?;
        if self.engine == Engine::Sqlite {
            // The journal mode is a property of the file and cannot be set inside a transaction.
            pool.execute("PRAGMA journal_mode = WAL").await?;
        }
        let done = migrator.run(&pool).await;
        if self.engine == Engine::Sqlite && done.is_ok() {
            // PostgreSQL looks at its tables by itself.
            pool.execute("PRAGMA optimize = 0x10002").await?;
        }
        pool.close().await;
        done.map_err(|e| Error::Sql(sqlx::Error::Migrate(Box::new(e))))
    }

    /// Has SQLite look at how its tables grew, so that it finds the short way to what is asked: now and then, for a moment. PostgreSQL does by
    /// itself.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn look_again(&self) -> Result<(), Error> {
        if self.engine == Engine::Sqlite {
            let _turn = self.turn().await?;
            self.writes.acquire().await?.execute("PRAGMA optimize").await?;
        }
        Ok(())
    }

    /// A connection for reading.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when none is free in time or the server is away.
    pub async fn read(&self) -> Result<PoolConnection<Any>, Error> {
        Ok(self.reads.acquire().await?)
    }

    /// A read-only transaction in which every statement sees the same moment: for `check` and exports.
    ///
    /// # Errors
    /// As [`Db::read`].
    pub async fn snapshot(&self) -> Result<Tx<'static>, Error> {
        Ok(match self.engine {
            Engine::Sqlite => self.reads.begin().await?,
            Engine::Postgres => self.reads.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?,
        })
    }

    /// Runs `work` in a transaction and commits it; an error of `work` rolls back. Repeats when another transaction was in the
    /// way, never once COMMIT was sent.
    ///
    /// # Errors
    /// What `work` answers, or the store's failure to begin or commit.
    pub async fn transact<'a, T, E>(&self, work: impl for<'t> Fn(&'t mut Tx<'a>) -> Work<'t, T, E>) -> Result<T, E>
    where
        E: From<Error> + Repeatable,
    {
        let _turn = self.turn().await?;
        let mut attempt = 0;
        loop {
            attempt += 1;
            let mut tx: Tx<'a> = match self.begin().await {
                Ok(tx) => tx,
                // It has waited for as long as anybody may.
                Err(Error::InTheWay(error)) => return Err(Error::Unavailable(error).into()),
                Err(error) => return Err(error.into()),
            };
            match work(&mut tx).await {
                Ok(value) => {
                    // A deferred check may still speak at COMMIT; only a lost connection leaves the outcome open.
                    return match tx.commit().await.map_err(Error::from) {
                        Ok(()) => Ok(value),
                        Err(Error::Unavailable(error) | Error::Sql(error) | Error::InTheWay(error)) => Err(Error::CommitUnknown(error).into()),
                        Err(error) => Err(error.into()),
                    };
                }
                Err(error) => {
                    let _ = tx.rollback().await;
                    if !(error.is_repeatable() && attempt < REPEATS) {
                        return Err(error);
                    }
                    pause(attempt).await;
                }
            }
        }
    }

    /// Waits for one's turn to write: as many at once as there are connections, first come, first served.
    async fn turn(&self) -> Result<OwnedSemaphorePermit, Error> {
        if let Ok(turn) = Arc::clone(&self.turns).try_acquire_owned() {
            return Ok(turn);
        }
        let _place = Place::take(&self.waiting);
        let turn = tokio::time::timeout(WRITER_WAIT, Arc::clone(&self.turns).acquire_owned()).await;
        turn.ok().and_then(Result::ok).ok_or(Error::Unavailable(sqlx::Error::PoolTimedOut))
    }

    async fn begin(&self) -> Result<Tx<'static>, Error> {
        Ok(match self.engine {
            Engine::Sqlite => self.writes.begin_with("BEGIN IMMEDIATE").await?,
            Engine::Postgres => self.writes.begin().await?,
        })
    }

    /// Whether the database answers and its schema is there.
    ///
    /// # Errors
    /// When it does not.
    pub async fn ping(&self) -> Result<(), Error> {
        let mut connection = self.read().await?;
        sqlx::query("SELECT name FROM marks LIMIT 1").fetch_optional(&mut *connection).await?;
        Ok(())
    }

    /// Tells the cause when the database cannot be reached at the start.
    ///
    /// # Errors
    /// The first connection's error.
    pub async fn probe(&self) -> Result<(), Error> {
        sqlx::AnyConnection::connect(&self.url).await?.close().await?;
        Ok(())
    }

    /// Closes the pools once their connections are back.
    pub async fn close(&self) {
        self.writes.close().await;
        self.reads.close().await;
    }
}

/// A place in the queue for a turn; given up when dropped, also when the request went away.
struct Place<'a>(&'a AtomicUsize);

impl<'a> Place<'a> {
    fn take(waiting: &'a AtomicUsize) -> Self {
        waiting.fetch_add(1, Ordering::Relaxed);
        Self(waiting)
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A pause that grows with the attempt and differs between tasks, so that two that collided do not collide again.
async fn pause(attempt: u32) {
    static STIR: AtomicU64 = AtomicU64::new(0x9E37_79B9_7F4A_7C15);
    let stirred = STIR.fetch_add(0x9E37_79B9_7F4A_7C15, Ordering::Relaxed);
    let jitter = (stirred ^ (stirred >> 29)) % 20;
    tokio::time::sleep(Duration::from_millis(u64::from(attempt) * 10 + jitter)).await;
}
