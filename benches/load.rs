//! The load: clients that keep their connection, each asking again as soon as it was answered. A small HTTP/1.1 of our own.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;

/// A request as it goes over the wire.
#[derive(Debug, Clone, Default)]
pub struct Ask {
    pub method: &'static str,
    pub path: String,
    pub head: String,
    pub body: String,
}

impl Ask {
    /// A GET with a line of the head, such as a cookie.
    pub fn get(path: &str, head: &str) -> Self {
        Self { method: "GET", path: path.to_owned(), head: head.to_owned(), body: String::new() }
    }

    fn text(&self) -> String {
        let kind = if self.body.is_empty() { "" } else { "Content-Type: application/json\r\n" };
        format!("{} {} HTTP/1.1\r\nHost: bench\r\n{kind}{}Content-Length: {}\r\n\r\n{}", self.method, self.path, self.head, self.body.len(), self.body)
    }
}

/// One connection.
pub struct Client(BufReader<TcpStream>);

impl Client {
    pub async fn connect(port: u16) -> std::io::Result<Self> {
        let stream = TcpStream::connect(("127.0.0.1", port)).await?;
        stream.set_nodelay(true)?;
        Ok(Self(BufReader::with_capacity(64 * 1024, stream)))
    }

    /// Asks, and reads the whole answer.
    pub async fn ask(&mut self, ask: &Ask) -> std::io::Result<(u16, Vec<u8>)> {
        self.0.get_mut().write_all(ask.text().as_bytes()).await?;
        let (mut status, mut length, mut chunked) = (0, 0, false);
        let mut line = String::new();
        loop {
            line.clear();
            if self.0.read_line(&mut line).await? == 0 {
                return Err(std::io::ErrorKind::UnexpectedEof.into());
            }
            let text = line.trim_end().to_ascii_lowercase();
            if text.is_empty() {
                break;
            } else if text.starts_with("http/1.1 ") {
                status = text[9..12].parse().unwrap_or(0);
            } else if let Some(value) = text.strip_prefix("content-length: ") {
                length = value.parse().unwrap_or(0);
            } else if text == "transfer-encoding: chunked" {
                chunked = true;
            }
        }
        let mut body = vec![0; length];
        self.0.read_exact(&mut body).await?;
        while chunked {
            line.clear();
            self.0.read_line(&mut line).await?;
            let size = usize::from_str_radix(line.trim_end(), 16).unwrap_or(0);
            let mut part = vec![0; size + 2];
            self.0.read_exact(&mut part).await?;
            chunked = size > 0;
            body.extend_from_slice(&part[..size]);
        }
        Ok((status, body))
    }
}

/// What a load came to.
#[derive(Debug, Default)]
pub struct Told {
    /// 2xx answers.
    pub done: usize,
    /// Others, and one of them.
    pub refused: usize,
    pub example: String,
    /// Answers a second.
    pub rate: f64,
    /// Median and 99th percentile in milliseconds.
    pub median: f64,
    pub slow: f64,
}

/// `clients` ask for `duration`; `next` makes the request of a client's turn.
pub async fn load(port: u16, clients: usize, duration: Duration, next: impl Fn(usize, usize) -> Ask + Send + Sync + 'static) -> Result<Told, String> {
    let next = Arc::new(next);
    let refused = Arc::new(AtomicUsize::new(0));
    let begun = Instant::now();
    let mut tasks = Vec::new();
    for client in 0..clients {
        let (next, refused) = (Arc::clone(&next), Arc::clone(&refused));
        tasks.push(tokio::spawn(async move {
            let mut times = Vec::new();
            let mut example = String::new();
            let mut connection = Client::connect(port).await.map_err(|e| e.to_string())?;
            let mut turn = 0;
            while begun.elapsed() < duration {
                let ask = next(client, turn);
                turn += 1;
                let asked = Instant::now();
                let (status, body) = connection.ask(&ask).await.map_err(|e| format!("{}: {e}", ask.path))?;
                if (200..300).contains(&status) {
                    times.push(asked.elapsed().as_secs_f64() * 1_000.0);
                } else {
                    refused.fetch_add(1, Ordering::Relaxed);
                    example = format!("{status} {}", String::from_utf8_lossy(&body).chars().take(300).collect::<String>());
                }
            }
            Ok::<_, String>((times, example))
        }));
    }
    let mut told = Told::default();
    let mut all = Vec::new();
    for task in tasks {
        let (times, example) = task.await.map_err(|e| e.to_string())??;
        all.extend(times);
        if !example.is_empty() {
            told.example = example;
        }
    }
    all.sort_by(f64::total_cmp);
    told.done = all.len();
    told.refused = refused.load(Ordering::Relaxed);
    told.rate = all.len() as f64 / begun.elapsed().as_secs_f64();
    told.median = all.get(all.len() / 2).copied().unwrap_or(0.0);
    told.slow = all.get(all.len() * 99 / 100).copied().unwrap_or(0.0);
    Ok(told)
}
