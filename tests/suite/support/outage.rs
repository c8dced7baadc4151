//! Taking the database away while the application runs: PostgreSQL behind a proxy that hangs up, SQLite behind somebody else's lock.

use sqlx::{AnyConnection, Connection as _, Executor as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use super::TestApp;

/// A way to the database that can be closed.
pub struct Outage {
    way: Way,
}

enum Way {
    Proxy(watch::Sender<bool>),
    Lock { url: String, held: Option<AnyConnection> },
}

impl Outage {
    /// An application whose database can be taken away.
    pub async fn prepare() -> (TestApp, Self) {
        let mut way = None;
        let app = TestApp::over(async |url: String| {
            let Some(rest) = url.strip_prefix("postgres://") else {
                way = Some(Way::Lock { url: url.clone(), held: None });
                return url;
            };
            let (user, rest) = rest.split_once('@').unwrap();
            let (target, name) = rest.split_once('/').unwrap();
            let (port, gate) = proxy(target.to_owned()).await;
            way = Some(Way::Proxy(gate));
            format!("postgres://{user}@127.0.0.1:{port}/{name}")
        })
        .await;
        (app, Self { way: way.unwrap() })
    }

    /// Takes it away. With SQLite only writing ends: readers need no lock.
    pub async fn begin(&mut self) {
        match &mut self.way {
            Way::Proxy(gate) => gate.send(false).unwrap(),
            Way::Lock { url, held } => {
                let mut connection = AnyConnection::connect(url).await.unwrap();
                connection.execute("BEGIN IMMEDIATE").await.unwrap();
                *held = Some(connection);
            }
        }
    }

    /// Gives it back.
    pub async fn end(&mut self) {
        match &mut self.way {
            Way::Proxy(gate) => gate.send(true).unwrap(),
            Way::Lock { held, .. } => held.take().unwrap().close().await.unwrap(),
        }
    }

    /// Whether reading ends too.
    pub fn is_whole(&self) -> bool {
        matches!(self.way, Way::Proxy(_))
    }
}

/// Passes connections on while its gate is open; cuts them when it closes.
async fn proxy(target: String) -> (u16, watch::Sender<bool>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (gate, open) = watch::channel(true);
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            let (mut open, target) = (open.clone(), target.clone());
            if !*open.borrow() {
                continue;
            }
            tokio::spawn(async move {
                let Ok(mut server) = TcpStream::connect(&target).await else { return };
                tokio::select! {
                    _ = tokio::io::copy_bidirectional(&mut client, &mut server) => {}
                    _ = open.wait_for(|open| !*open) => {}
                }
            });
        }
    });
    (port, gate)
}
