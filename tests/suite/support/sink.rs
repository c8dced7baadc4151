//! A mail server that counts: it takes every mail that is handed to it, and remembers how often each Message-ID came.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// A sink that listens until it is dropped with its runtime.
pub struct Sink {
    port: u16,
    seen: Arc<Mutex<BTreeMap<String, usize>>>,
}

impl Sink {
    pub async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (port, seen) = (listener.local_addr().unwrap().port(), Arc::new(Mutex::new(BTreeMap::new())));
        let kept = Arc::clone(&seen);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&kept)));
            }
        });
        Self { port, seen }
    }

    /// For `YIQI_SMTP_URL`.
    pub fn url(&self) -> String {
        format!("smtp://127.0.0.1:{}", self.port)
    }

    /// How often each Message-ID came, without its brackets and domain.
    pub fn seen(&self) -> BTreeMap<String, usize> {
        self.seen.lock().unwrap().clone()
    }
}

/// As much of SMTP as a client needs. A mail counts before it is acknowledged, as it would be kept.
async fn serve(stream: TcpStream, seen: Arc<Mutex<BTreeMap<String, usize>>>) -> Option<()> {
    let mut stream = BufReader::new(stream);
    stream.get_mut().write_all(b"220 sink\r\n").await.ok()?;
    loop {
        let line = read(&mut stream).await?.to_ascii_uppercase();
        let answer: &[u8] = match line.split_whitespace().next().unwrap_or_default() {
            "DATA" => {
                stream.get_mut().write_all(b"354 go on\r\n").await.ok()?;
                let mut id = String::new();
                loop {
                    let line = read(&mut stream).await?;
                    if line == "." {
                        break;
                    }
                    if let Some(found) = line.strip_prefix("Message-ID: <") {
                        found.split('@').next().unwrap_or_default().clone_into(&mut id);
                    }
                }
                *seen.lock().unwrap().entry(id).or_default() += 1;
                b"250 kept\r\n"
            }
            "QUIT" => {
                stream.get_mut().write_all(b"221 bye\r\n").await.ok()?;
                return None;
            }
            _ => b"250 ok\r\n",
        };
        stream.get_mut().write_all(answer).await.ok()?;
    }
}

async fn read(stream: &mut BufReader<TcpStream>) -> Option<String> {
    let mut bytes = Vec::new();
    let count = stream.read_until(b'\n', &mut bytes).await.ok()?;
    (count > 0).then(|| String::from_utf8_lossy(&bytes).trim_end_matches(['\r', '\n']).to_owned())
}
