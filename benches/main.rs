//! `make bench`: this product beside the database itself doing the same work, in one run on one machine. Ratios matter; docs/PERFORMANCE.md
//! says what they mean. Arguments: `--seconds N` a load (5), `--quick` for a small city, `--database sqlite|postgres` for one engine.
#![allow(missing_docs, reason = "a program, read from here")]
#![allow(clippy::pedantic, clippy::disallowed_methods, reason = "it measures: it reads clocks, divides counts and starts processes")]

mod bare;
mod capture;
mod fill;
mod limit;
mod load;
mod pages;
mod server;
mod stock;
mod table;
mod usage;

use std::path::Path;
use std::time::{Duration, Instant};

use sqlx::{AnyConnection, AssertSqlSafe, Connection as _, Executor as _};
use yiqi::base::time::{Clock, DAY, HOUR};
use yiqi::store::Db;

use capture::Statement;
use fill::{HOT, Kind, SPREAD, Size, booker, id, token};
use limit::{Seed, Work, pgbench};
use load::{Ask, load};
use server::Server;
use table::{Bound, Table};

/// How the run is wanted.
pub struct Wanted {
    pub load: Duration,
    pub size: Size,
    /// Only the bookings.
    pub bookings_only: bool,
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let after = |name: &str| arguments.iter().position(|a| a == name).and_then(|at| arguments.get(at + 1).cloned());
    let quick = arguments.iter().any(|a| a == "--quick");
    let seconds = after("--seconds").and_then(|n| n.parse().ok()).unwrap_or(5);
    let size = if quick { Size { instruments: 2_000, bookings: 5_000, used: 100 } } else { Size { instruments: 10_000, bookings: 100_000, used: fill::CITY } };
    let wanted = Wanted { load: Duration::from_secs(seconds), size, bookings_only: arguments.iter().any(|a| a == "--bookings") };
    let only = after("--database");
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    if let Err(reason) = runtime.block_on(run(&wanted, only.as_deref())) {
        eprintln!("bench: {reason}");
        std::process::exit(1);
    }
}

async fn run(wanted: &Wanted, only: Option<&str>) -> Result<(), String> {
    sqlx::any::install_default_drivers();
    let server = std::env::var("YIQI_TEST_POSTGRES").map_err(|_| "start it by `make bench`, which brings a PostgreSQL")?;
    let folder = std::env::temp_dir().join(format!("yiqi-bench-{}", std::process::id()));
    std::fs::create_dir_all(&folder).map_err(|e| e.to_string())?;
    let done = both(wanted, only, &server, &folder).await;
    let _ = std::fs::remove_dir_all(&folder);
    done
}

async fn both(wanted: &Wanted, only: Option<&str>, server: &str, folder: &Path) -> Result<(), String> {
    let mut table = Table::default();
    let mut captured = None;
    for engine in ["postgres", "sqlite"] {
        let place = folder.join(engine);
        std::fs::create_dir_all(&place).map_err(|e| e.to_string())?;
        // What the product says to the database is heard at PostgreSQL, so that one is always filled.
        let measured = only.is_none_or(|only| only == engine);
        if !measured && engine == "sqlite" {
            continue;
        }
        let url = if engine == "sqlite" { format!("sqlite://{}/yiqi.db", place.display()) } else { make_database(server).await? };
        let begun = Instant::now();
        prepare(&url, wanted).await?;
        eprintln!("{engine}: filled in {:.0} s", begun.elapsed().as_secs_f64());
        if engine == "postgres" {
            captured = Some(listen(&url, &place).await?);
        }
        if let (true, Some(captured)) = (measured, &captured) {
            table.engine(engine);
            measure(&mut table, wanted, &url, &place, captured).await?;
        }
    }
    table.print();
    Ok(())
}

/// A database of our own, kept as a city keeps it: whatever the tests switch off is on.
async fn make_database(server: &str) -> Result<String, String> {
    let mut conn = AnyConnection::connect(server).await.map_err(|e| e.to_string())?;
    for sql in ["DROP DATABASE IF EXISTS yiqi_bench", "CREATE DATABASE yiqi_bench"] {
        conn.execute(sql).await.map_err(|e| e.to_string())?;
    }
    Ok(server.replace("/postgres?", "/yiqi_bench?").strip_suffix("/postgres").map_or_else(|| server.to_owned(), |head| format!("{head}/yiqi_bench")))
}

async fn prepare(url: &str, wanted: &Wanted) -> Result<(), String> {
    let db = Db::open(url).map_err(|e| e.to_string())?;
    db.migrate().await.map_err(|e| e.to_string())?;
    db.close().await;
    let is_sqlite = url.starts_with("sqlite:");
    let address = if is_sqlite { format!("{url}?mode=rwc") } else { url.to_owned() };
    let mut conn = AnyConnection::connect(&address).await.map_err(|e| e.to_string())?;
    fill::fill(&mut conn, Clock::system().now(), wanted.size, is_sqlite).await.map_err(|e| format!("filling: {e}"))?;
    let after: &[&str] = if is_sqlite {
        &["PRAGMA wal_checkpoint(TRUNCATE)"]
    } else {
        &[
            "ALTER SYSTEM SET fsync = on",
            "ALTER SYSTEM SET synchronous_commit = on",
            "ALTER SYSTEM SET full_page_writes = on",
            "SELECT pg_reload_conf()",
            "VACUUM ANALYZE",
            "CHECKPOINT",
        ]
    };
    for sql in after {
        conn.execute(AssertSqlSafe(*sql)).await.map_err(|e| format!("{sql}: {e}"))?;
    }
    conn.close().await.map_err(|e| e.to_string())
}

/// What is heard of the product: one booking, and each page.
struct Captured {
    booking: Vec<Statement>,
    seed: Seed,
    pages: Vec<(pages::Place, Vec<Statement>)>,
}

/// The first hour that the loads take.
fn base() -> i64 {
    Clock::system().now().day().plus(2).start().0
}

fn wish(instrument: usize, enterprise: usize, starts_at: i64, seconds: i64, key: &str) -> Ask {
    let instant = |at: i64| yiqi::base::time::Instant(at).to_string();
    Ask {
        method: "POST",
        path: "/api/v1/bookings".to_owned(),
        head: format!("Authorization: Bearer {}\r\nIdempotency-Key: {key}\r\n", token(booker(enterprise))),
        body: format!(
            r#"{{"instrument_id":"{}","starts_at":"{}","ends_at":"{}","mode":"self","voucher":"up_to","purpose":"标准样品测试","purpose_kind":"research"}}"#,
            id(Kind::Instrument, instrument),
            instant(starts_at),
            instant(starts_at + seconds),
        ),
    }
}

async fn listen(url: &str, folder: &Path) -> Result<Captured, String> {
    let server = Server::start(url, folder).await?;
    let mut log = capture::Log::open(url).await?;
    let starts_at = base() - DAY + 2 * HOUR;
    // The second one is listened to: the first makes what is made once.
    server.ask(&wish(0, 0, starts_at - HOUR, HOUR, "bench-first")).await?;
    let key = "bench-key".to_owned();
    let ((status, body), booking) = log.during(server.ask(&wish(0, 0, starts_at, HOUR, &key))).await?;
    if status != 201 {
        return Err(format!("the booking was answered {status}: {body}"));
    }
    let code = body.split("\"code\":\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_default().to_owned();
    let mut captured = Captured { booking, seed: Seed { starts_at, code, key, base: base() }, pages: Vec::new() };
    for place in pages::places() {
        server.ask(&place.ask).await?;
        let ((status, body), statements) = log.during(server.ask(&place.ask)).await?;
        if status != 200 {
            return Err(format!("{}: {status} {}", place.ask.path, body.chars().take(300).collect::<String>()));
        }
        captured.pages.push((place, statements));
    }
    log.close().await?;
    server.stop()?;
    Ok(captured)
}

async fn measure(table: &mut Table, wanted: &Wanted, url: &str, folder: &Path, captured: &Captured) -> Result<(), String> {
    if !wanted.bookings_only {
        pages::roll_up(table, url).await?;
    }
    let mut started = Duration::MAX;
    for _ in 0..3 {
        let server = Server::start(url, folder).await?;
        started = started.min(server.started);
        server.stop()?;
    }
    table.row("start to first answer", started.as_secs_f64() * 1_000.0, 1_000.0, "ms", Bound::Below);
    let server = Server::start(url, folder).await?;
    if !wanted.bookings_only {
        pages::pages(table, wanted, url, &server, &captured.pages).await?;
    }
    bookings(table, wanted, url, folder, &server, captured).await?;
    table.row("resident memory after the load", server.memory(), 150.0, "MB", Bound::Below);
    server.stop()?;
    let begun = Instant::now();
    server::run(url, folder, &["check"])?;
    table.note(format!("yiqi check finds nothing afterwards ({:.1} s)", begun.elapsed().as_secs_f64()));
    Ok(())
}

async fn bookings(table: &mut Table, wanted: &Wanted, url: &str, folder: &Path, server: &Server, captured: &Captured) -> Result<(), String> {
    let work = Work::new(&captured.booking, &captured.seed);
    let (all, inside) = work.counts();
    table.row("statements of a booking", inside as f64, 16.0, "", Bound::Below);
    table.note(format!("with those that find the caller: {all}"));
    let base = captured.seed.base;
    let before = (server.processor(), server::processor("self"), Instant::now());
    let spread = load(server.port, 32, wanted.load, move |client, turn| {
        let hour = (turn / 10) as i64;
        let starts_at = base + hour / 20 * DAY + hour % 20 * HOUR;
        wish(client + 32 * (turn % 10), client, starts_at, HOUR, &format!("load-{client}-{turn}"))
    })
    .await?;
    let took = before.2.elapsed().as_secs_f64();
    let (ours, load_tool) = ((server.processor() - before.0) / took, (server::processor("self") - before.1) / took);
    let hot = load(server.port, 32, wanted.load, move |client, turn| {
        let starts_at = base + ((turn * 32 + client) * 1_800) as i64;
        wish(HOT, client, starts_at, 1_800, &format!("hot-{client}-{turn}"))
    })
    .await?;
    let is_sqlite = url.starts_with("sqlite:");
    let (limit, least) = if is_sqlite {
        let mut conn = AnyConnection::connect(url).await.map_err(|e| e.to_string())?;
        conn.execute("PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA busy_timeout = 5000; PRAGMA cache_size = -16000")
            .await
            .map_err(|e| e.to_string())?;
        (work.repeat(&mut conn, base, wanted.load).await.map_err(|e| e.to_string())?, 75.0)
    } else {
        (pgbench(url, &work.script(base), wanted.load.as_secs(), 1, folder)?, 55.0)
    };
    table.ratio("bookings over HTTP, 32 clients", spread.rate, limit, "/s", least);
    table.note(format!(
        "{} booked, {} refused{}; median {:.1} ms, 99 % within {:.1} ms; processors: product {ours:.2}, load tool {load_tool:.2}",
        spread.done,
        spread.refused,
        if spread.example.is_empty() { String::new() } else { format!(" ({})", spread.example) },
        spread.median,
        spread.slow
    ));
    table.note(format!("{SPREAD} instruments, 32 enterprises; one hot instrument beside: {:.0} /s, {} refused {}", hot.rate, hot.refused, hot.example));
    Ok(())
}
