//! The built binary as a server of its own, and a small HTTP client that speaks to it over a socket.

use std::fmt::Write as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::TestApp;

/// A running `yiqi serve`; killed when dropped.
pub struct Server {
    child: Child,
    port: u16,
}

impl Server {
    /// Starts a server over the database and the folder of an application, and waits until it is ready.
    pub async fn start(app: &TestApp, port: u16, arguments: &[&str]) -> Self {
        Self::start_with(&app.config.database_url, &app.config.data_dir, port, arguments).await
    }

    /// The same over any database and folder.
    pub async fn start_with(database_url: &str, folder: &Path, port: u16, arguments: &[&str]) -> Self {
        Self::start_set(database_url, folder, port, arguments, &[]).await
    }

    /// The same with more settings; what it logs stands in `server.log` of the folder.
    pub async fn start_set(database_url: &str, folder: &Path, port: u16, arguments: &[&str], settings: &[(&str, &str)]) -> Self {
        let log = std::fs::OpenOptions::new().create(true).append(true).open(folder.join("server.log")).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_yiqi"));
        command.current_dir(folder).arg("serve").args(arguments).stdout(Stdio::null()).stderr(log);
        command.env("YIQI_DATA_DIR", folder).env("YIQI_DATABASE_URL", database_url).env("YIQI_LISTEN", format!("127.0.0.1:{port}"));
        command.envs(settings.iter().copied());
        let server = Self { child: command.spawn().unwrap(), port };
        for _ in 0..300 {
            if let Ok((200, _)) = request(port, "GET", "/readyz", "", &[], "").await {
                return server;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("the server did not become ready");
    }

    /// Ends it as a power cut does.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Asks it to stop, and waits until it has.
    pub async fn stop(mut self) {
        self.ask_to_stop();
        for _ in 0..1800 {
            if let Some(status) = self.child.try_wait().unwrap() {
                assert!(status.success(), "{status}");
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("the server did not stop");
    }

    /// Asks it to stop, as systemd does; returns at once.
    pub fn ask_to_stop(&self) {
        assert!(Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap().success());
    }

    /// Waits for its end; whether it ended well.
    pub async fn ended(mut self) -> bool {
        tokio::task::spawn_blocking(move || self.child.wait().unwrap().success()).await.unwrap()
    }

    /// The port it listens on.
    pub const fn port(&self) -> u16 {
        self.port
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A port that was free a moment ago.
pub fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// One request over a connection of its own; an error when the server went away before its answer was whole.
pub async fn request(port: u16, method: &str, path: &str, token: &str, headers: &[(&str, &str)], body: &str) -> std::io::Result<(u16, String)> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await?;
    let mut head =
        format!("{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nAccept-Encoding: identity\r\nContent-Length: {}\r\n", body.len());
    if !token.is_empty() {
        let _ = write!(head, "Authorization: Bearer {token}\r\n");
    }
    if !body.is_empty() && !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type")) {
        head.push_str("Content-Type: application/json\r\n");
    }
    for (name, value) in headers {
        let _ = write!(head, "{name}: {value}\r\n");
    }
    stream.write_all(format!("{head}\r\n{body}").as_bytes()).await?;
    let mut bytes = Vec::new();
    tokio::time::timeout(Duration::from_secs(30), stream.read_to_end(&mut bytes)).await.map_err(|_| std::io::ErrorKind::TimedOut)??;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let broken = || std::io::Error::from(std::io::ErrorKind::UnexpectedEof);
    let (head, body) = text.split_once("\r\n\r\n").ok_or_else(broken)?;
    let status = head.split(' ').nth(1).and_then(|s| s.parse().ok()).ok_or_else(broken)?;
    let length = head.lines().find_map(|l| l.to_ascii_lowercase().strip_prefix("content-length:").and_then(|v| v.trim().parse::<usize>().ok()));
    if length.is_some_and(|length| body.len() < length) {
        return Err(broken());
    }
    Ok((status, body.to_owned()))
}

/// The same with a JSON body and answer.
pub async fn call(port: u16, method: &str, path: &str, token: &str, key: &str, body: &Value) -> std::io::Result<(u16, Value)> {
    let text = if body.is_null() { String::new() } else { body.to_string() };
    let headers: &[(&str, &str)] = if key.is_empty() { &[] } else { &[("Idempotency-Key", key)] };
    let (status, text) = request(port, method, path, token, headers, &text).await?;
    Ok((status, serde_json::from_str(&text).unwrap_or(Value::Null)))
}
