//! The product under measure: its release binary as a process of its own.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::load::{Ask, Client};

/// A running product; ended when dropped.
pub struct Server {
    child: Child,
    pub port: u16,
    /// From the start of the process to the first answer that it is ready.
    pub started: Duration,
}

fn binary() -> Result<std::path::PathBuf, String> {
    let own = std::env::current_exe().map_err(|e| e.to_string())?;
    Ok(own.with_file_name("yiqi"))
}

fn command(url: &str, folder: &Path) -> Result<Command, String> {
    let mut command = Command::new(binary()?);
    command.current_dir(folder).env("YIQI_DATA_DIR", folder).env("YIQI_DATABASE_URL", url).env("YIQI_LOG", "warn");
    Ok(command)
}

impl Server {
    /// Starts it without jobs and waits for `/readyz`.
    pub async fn start(url: &str, folder: &Path) -> Result<Self, String> {
        let port = std::net::TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).map_err(|e| e.to_string())?.port();
        let log = std::fs::File::create(folder.join("server.log")).map_err(|e| e.to_string())?;
        let begun = Instant::now();
        let child = command(url, folder)?
            .args(["serve", "--no-jobs"])
            .env("YIQI_LISTEN", format!("127.0.0.1:{port}"))
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .map_err(|e| format!("the release binary: {e}"))?;
        let mut server = Self { child, port, started: Duration::ZERO };
        while begun.elapsed() < Duration::from_secs(30) {
            if let Ok(mut client) = Client::connect(port).await
                && let Ok((200, _)) = client.ask(&Ask::get("/readyz", "")).await
            {
                server.started = begun.elapsed();
                return Ok(server);
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        Err("the product did not become ready".to_owned())
    }

    /// Resident memory in megabytes.
    pub fn memory(&self) -> f64 {
        let text = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
        line.split_whitespace().next().and_then(|n| n.parse::<f64>().ok()).unwrap_or(0.0) / 1024.0
    }

    /// Seconds of processor time so far.
    pub fn processor(&self) -> f64 {
        processor(&self.child.id().to_string())
    }

    /// Asks one thing.
    pub async fn ask(&self, ask: &Ask) -> Result<(u16, String), String> {
        let mut client = Client::connect(self.port).await.map_err(|e| e.to_string())?;
        let (status, body) = client.ask(ask).await.map_err(|e| e.to_string())?;
        Ok((status, String::from_utf8_lossy(&body).into_owned()))
    }

    /// Lets it end what it does.
    pub fn stop(mut self) -> Result<(), String> {
        Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().map_err(|e| e.to_string())?;
        let ended = self.child.wait().map_err(|e| e.to_string())?;
        if ended.success() { Ok(()) } else { Err(format!("the product ended with {ended}")) }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Seconds of processor time of a process; `self` for this one.
pub fn processor(process: &str) -> f64 {
    let text = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    let after = text.rsplit(')').next().unwrap_or_default();
    let fields: Vec<f64> = after.split_whitespace().skip(11).take(2).filter_map(|n| n.parse().ok()).collect();
    fields.iter().sum::<f64>() / 100.0
}

/// Runs a command of the product; its output when it succeeds.
pub fn run(url: &str, folder: &Path, arguments: &[&str]) -> Result<String, String> {
    let out = command(url, folder)?.args(arguments).output().map_err(|e| e.to_string())?;
    let said = format!("{}{}", String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr));
    if out.status.success() { Ok(said) } else { Err(format!("yiqi {}: {}", arguments.join(" "), said.chars().take(2_000).collect::<String>())) }
}
