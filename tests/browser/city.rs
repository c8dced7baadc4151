//! A demo city of its own for each journey: the built binary over an empty folder, on a free port, with a clock that starts where the
//! journey wants it. Stopped when it is dropped.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

/// Monday 2026-10-12, 9:40 in Shanghai: two months with the National Day holidays behind, an ordinary week ahead.
pub const MONDAY: &str = "2026-10-12T09:40:00+08:00";
/// How long a filling may take before the journey gives up.
const PATIENCE: Duration = Duration::from_mins(2);

/// A running demo city.
pub struct City {
    /// Its address.
    pub base_url: String,
    listen: String,
    child: Option<Child>,
    folder: tempfile::TempDir,
}

/// A port that nobody uses now.
pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

impl City {
    /// Starts a fresh city at an instant.
    pub fn at(clock: &str) -> Self {
        let listen = format!("127.0.0.1:{}", free_port());
        let folder = tempfile::tempdir().unwrap();
        let mut city = Self { base_url: format!("http://{listen}"), listen, child: None, folder };
        city.start(clock);
        city
    }

    /// Stops the city and starts it again over the same folder, at a later instant.
    pub fn later(&mut self, clock: &str) {
        self.stop();
        self.start(clock);
    }

    fn start(&mut self, clock: &str) {
        let log = std::fs::File::create(self.folder.path().join("server.log")).unwrap();
        let child = Command::new(env!("CARGO_BIN_EXE_yiqi"))
            .args(["serve", "--demo", "--clock", clock])
            .env("YIQI_LISTEN", &self.listen)
            .env("YIQI_DATA_DIR", self.folder.path().join("data"))
            .env_remove("YIQI_DATABASE_URL")
            .env_remove("YIQI_BASE_URL")
            .current_dir(self.folder.path())
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        self.child = Some(child);
        let begun = Instant::now();
        while !self.is_ready() {
            let gone = self.child.as_mut().unwrap().try_wait().unwrap();
            assert!(gone.is_none() && begun.elapsed() < PATIENCE, "the city did not start:\n{}", self.log());
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    fn is_ready(&self) -> bool {
        let Ok(mut stream) = TcpStream::connect(&self.listen) else { return false };
        let _ = stream.set_read_timeout(Some(Duration::from_secs(5)));
        let asked = stream.write_all(b"GET /readyz HTTP/1.1\r\nHost: city\r\nConnection: close\r\n\r\n");
        let mut answer = String::new();
        asked.is_ok() && stream.read_to_string(&mut answer).is_ok() && answer.starts_with("HTTP/1.1 200")
    }

    /// What the server wrote.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("server.log")).unwrap_or_default()
    }

    fn stop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = Command::new("kill").arg(child.id().to_string()).status();
            let begun = Instant::now();
            while child.try_wait().ok().flatten().is_none() && begun.elapsed() < Duration::from_secs(10) {
                std::thread::sleep(Duration::from_millis(50));
            }
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    /// A file with some content, to be uploaded.
    pub fn paper(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    fn told(&self, role: &str, nth: usize) -> Value {
        let text = std::fs::read_to_string(self.folder.path().join("data/demo.json")).unwrap();
        let all: Value = serde_json::from_str(&text).unwrap();
        all["accounts"].as_array().unwrap().iter().filter(|account| account["role"] == role).nth(nth).unwrap().clone()
    }

    /// The USCC of the organisation of the `nth` account with a role.
    pub fn uscc(&self, role: &str, nth: usize) -> String {
        self.told(role, nth)["uscc"].as_str().unwrap().to_owned()
    }

    /// Mail address and password of the `nth` account with a role.
    pub fn account(&self, role: &str, nth: usize) -> (String, String) {
        let account = self.told(role, nth);
        (account["email"].as_str().unwrap().to_owned(), account["password"].as_str().unwrap().to_owned())
    }
}

impl Drop for City {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let log = self.log();
            let tail: Vec<&str> = log.lines().rev().take(15).collect();
            eprintln!("the server's last words:\n{}", tail.into_iter().rev().collect::<Vec<_>>().join("\n"));
        }
        self.stop();
    }
}
