//! `yiqi serve`: migrates, serves pages, API and jobs, and ends what it began when it is asked to stop.

use std::io::IsTerminal as _;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;

use super::Done;
use crate::app::App;
use crate::base::chance::Chance;
use crate::base::time::{Clock, Instant};
use crate::config::{Config, LogFormat};
use crate::demo;
use crate::http;
use crate::scheduler::Scheduler;

/// How to serve.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Fill an empty database with the demo city.
    #[arg(long)]
    demo: bool,
    /// Run no jobs on this node.
    #[arg(long)]
    no_jobs: bool,
    /// Let the product's clock start at this instant (RFC 3339) and run on from there; only with --demo.
    #[arg(long, requires = "demo")]
    clock: Option<String>,
    /// Show the settings with secrets masked, and end.
    #[arg(long)]
    print_config: bool,
}

/// Serves until SIGINT or SIGTERM.
///
/// # Errors
/// A sentence for the operator.
pub async fn run(config: Config, arguments: Arguments) -> Done {
    if arguments.print_config {
        println!("{}", config.masked());
        return Ok(ExitCode::SUCCESS);
    }
    start_log(&config, true);
    http::measure::install();
    let clock = match &arguments.clock {
        None => Clock::system(),
        Some(text) => Clock::starting_at(Instant::parse(text).map_err(|why| format!("--clock {text}: {why}"))?),
    };
    let app = App::build(config, clock, Chance::from_entropy())?;
    remember(&app)?;
    app.db.probe().await.map_err(|e| format!("database: {e}"))?;
    // Answers from the first moment on: /healthz says that the process lives, /readyz when it is ready.
    let listener = tokio::net::TcpListener::bind(&app.config.listen).await.map_err(|e| format!("{}: {e}", app.config.listen))?;
    let service = http::router::router(&app).into_make_service_with_connect_info::<SocketAddr>();
    let server = tokio::spawn(async move { axum::serve(listener, service).with_graceful_shutdown(stopped()).await });
    app.db.migrate().await.map_err(|e| format!("database: {e}"))?;
    app.prepare().await.map_err(|e| format!("database: {e}"))?;
    let is_demo = arguments.demo && demo::fill(&app).await?;
    app.find_host().await.map_err(|e| format!("database: {e}"))?;
    app.set_ready();
    let jobs = if arguments.no_jobs { None } else { Some(start_jobs(&app, arguments.clock.is_some()).await?) };
    let tidying = tokio::spawn(tidy(Arc::clone(&app)));
    println!("Yiqi is ready: {}", app.config.base_url);
    if is_demo {
        demo::lines(&app)?.iter().for_each(|line| println!("{line}"));
    }
    // In this order: no request and no job may find the pools closed.
    let served = server.await;
    tidying.abort();
    if let Some(jobs) = jobs {
        jobs.stop().await;
    }
    app.db.close().await;
    served.map_err(|e| e.to_string())?.map_err(|e| e.to_string())?;
    Ok(ExitCode::SUCCESS)
}

/// Beside the database: by how many seconds a rehearsal's clock is ahead, so that commands live in the same time as the server.
const REHEARSAL: &str = "clock-ahead";

/// Writes down how far ahead the clock is, or that it is the system's own again.
fn remember(app: &App) -> Result<(), String> {
    let (file, ahead) = (app.config.data_dir.join(REHEARSAL), app.clock.seconds_ahead());
    let done = match ahead {
        0 => std::fs::remove_file(&file).or_else(|error| if error.kind() == std::io::ErrorKind::NotFound { Ok(()) } else { Err(error) }),
        _ => std::fs::create_dir_all(&app.config.data_dir).and_then(|()| std::fs::write(&file, ahead.to_string())),
    };
    done.map_err(|e| format!("{}: {e}", file.display()))
}

/// The clock of the server that runs, or last ran, over a data folder.
pub fn rehearsal(data_dir: &std::path::Path) -> Clock {
    let ahead = std::fs::read_to_string(data_dir.join(REHEARSAL)).ok().and_then(|text| text.trim().parse().ok());
    Clock::ahead(ahead.unwrap_or(0))
}

async fn start_jobs(app: &Arc<App>, rehearsal: bool) -> Result<Scheduler<App>, String> {
    let jobs = app.scheduler()?;
    // Knocks follow the system's clock; where the product has another, only the look-round keeps up.
    jobs.start(Duration::from_secs(if rehearsal { 5 } else { 60 })).await?;
    Ok(jobs)
}

/// What every node does for itself, whether it runs jobs or not.
async fn tidy(app: Arc<App>) {
    let mut rounds = tokio::time::interval(Duration::from_mins(1));
    loop {
        rounds.tick().await;
        app.limits.forget_idle();
        if let Err(error) = app.find_host().await {
            tracing::warn!(%error, "who runs the platform could not be read");
        }
    }
}

/// Logs to standard error, as text or as one JSON object a line; a command logs only warnings unless told otherwise.
pub fn start_log(config: &Config, serving: bool) {
    let fallback = if serving { "info,sqlx=warn,tokio_cron_scheduler=warn" } else { "warn" };
    let wanted = match (config.log.as_str(), serving) {
        ("info", _) => fallback.to_owned(),
        (other, _) => other.to_owned(),
    };
    let filter = tracing_subscriber::EnvFilter::try_new(&wanted).unwrap_or_else(|_| tracing_subscriber::EnvFilter::new(fallback));
    // A line that finds no room on a full disk is lost; complaining of it to the same place would panic.
    let log = tracing_subscriber::fmt().log_internal_errors(false).with_env_filter(filter).with_writer(std::io::stderr);
    let _ = match config.log_format {
        LogFormat::Text => log.with_ansi(std::io::stderr().is_terminal()).try_init(),
        LogFormat::Json => log.json().with_span_list(false).try_init(),
    };
}

async fn stopped() {
    let interrupt = async {
        let _ = tokio::signal::ctrl_c().await;
    };
    #[cfg(unix)]
    let terminate = async {
        if let Ok(mut signal) = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            signal.recv().await;
        }
    };
    #[cfg(not(unix))]
    let terminate = std::future::pending::<()>();
    tokio::select! { () = interrupt => {}, () = terminate => {} }
}
