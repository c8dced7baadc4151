//! Documents in an S3-compatible bucket: a real server from a package (PyPI `moto`), through the built binary. Skipped where it is not installed.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};

use crate::support::TestApp;
use crate::support::database::Database;
use crate::support::server::{Server, free_port, request};

const PDF: &str = "%PDF-1.4 contract";

/// The bucket's server; ends when dropped.
struct Bucket {
    child: Child,
    input: Option<ChildStdin>,
    port: u16,
    key: String,
    secret: String,
}

impl Bucket {
    /// `None` where the package is not installed.
    fn start() -> Option<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        if !root.join("target/venv/bin/moto_server").exists() {
            eprintln!("skipped: no moto in target/venv (make tools)");
            return None;
        }
        let mut command = Command::new(root.join("target/venv/bin/python"));
        command.arg(root.join("tests/support/s3.py")).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let words: Vec<&str> = line.split_whitespace().collect();
        let [port, key, secret] = words.as_slice() else { panic!("the bucket's server said {line:?}") };
        let input = child.stdin.take();
        Some(Self { child, input, port: port.parse().unwrap(), key: (*key).to_owned(), secret: (*secret).to_owned() })
    }

    /// What the product must be told to use it.
    fn settings(&self, secret: &str) -> Vec<(&'static str, String)> {
        vec![
            ("YIQI_FILES_URL", "s3://documents/of-yiqi".to_owned()),
            ("AWS_ENDPOINT", format!("http://127.0.0.1:{}", self.port)),
            ("AWS_ALLOW_HTTP", "true".to_owned()),
            ("AWS_REGION", "us-east-1".to_owned()),
            ("AWS_ACCESS_KEY_ID", self.key.clone()),
            ("AWS_SECRET_ACCESS_KEY", secret.to_owned()),
        ]
    }
}

impl Drop for Bucket {
    fn drop(&mut self) {
        drop(self.input.take());
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

async fn serve(app: &TestApp, settings: &[(&'static str, String)]) -> Server {
    let settings: Vec<(&str, &str)> = settings.iter().map(|(name, value)| (*name, value.as_str())).collect();
    Server::start_set(&app.config.database_url, &app.config.data_dir, free_port(), &["--no-jobs"], &settings).await
}

async fn upload(server: &Server, token: &str) -> (u16, serde_json::Value) {
    let body = format!("--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.pdf\"\r\n\r\n{PDF}\r\n--b--\r\n");
    let kind = [("Content-Type", "multipart/form-data; boundary=b")];
    let (status, text) = request(server.port(), "POST", "/api/v1/files", token, &kind, &body).await.unwrap();
    (status, serde_json::from_str(&text).unwrap_or_default())
}

fn log(app: &TestApp) -> String {
    std::fs::read_to_string(app.config.data_dir.join("server.log")).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_in_a_bucket_is_kept_read_and_backed_up_and_a_bucket_that_fails_is_503() {
    let Some(bucket) = Bucket::start() else { return };
    let app = TestApp::living().await;
    let (_, token) = app.enterprise(1).await;
    let settings = bucket.settings(&bucket.secret);
    let server = serve(&app, &settings).await;
    let (status, file) = upload(&server, &token).await;
    assert_eq!(status, 201, "{file}\n{}", log(&app));
    let path = format!("/api/v1/files/{}", file["id"].as_str().unwrap());
    let (status, text) = request(server.port(), "GET", &path, &token, &[], "").await.unwrap();
    assert_eq!((status, text.as_str()), (200, PDF));

    // A backup fetches what is in the bucket; nothing stands in the data folder.
    let tar = app.config.data_dir.join("backup.tar");
    let mut backup = Command::new(env!("CARGO_BIN_EXE_yiqi"));
    backup.arg("backup").arg(&tar).current_dir(&app.config.data_dir).envs(settings.clone());
    backup.env("YIQI_DATA_DIR", &app.config.data_dir).env("YIQI_DATABASE_URL", &app.config.database_url);
    let done = backup.output().unwrap();
    let said = String::from_utf8_lossy(&done.stdout).into_owned();
    assert!(done.status.success() && said.contains("1 documents"), "{said}{}", String::from_utf8_lossy(&done.stderr));
    assert!(std::fs::read(&tar).unwrap().windows(PDF.len()).any(|part| part == PDF.as_bytes()));

    // Restored into a bucket, with a new database beside it.
    let there = tempfile::tempdir().unwrap();
    let empty = Database::empty(there.path()).await;
    let mut elsewhere = bucket.settings(&bucket.secret);
    elsewhere[0].1 = "s3://documents/restored".to_owned();
    let command = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_yiqi"));
        command.args(arguments).current_dir(there.path()).envs(elsewhere.clone());
        command.env("YIQI_DATA_DIR", there.path()).env("YIQI_DATABASE_URL", &empty.url).output().unwrap()
    };
    let restored = command(&["restore", &tar.display().to_string()]);
    assert!(restored.status.success(), "{}", String::from_utf8_lossy(&restored.stderr));
    assert!(command(&["check"]).status.success());
    let again = command(&["restore", &tar.display().to_string()]);
    assert!(String::from_utf8_lossy(&again.stderr).contains("not empty"));
    let settings: Vec<(&str, &str)> = elsewhere.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let second = Server::start_set(&empty.url, there.path(), free_port(), &["--no-jobs"], &settings).await;
    let (status, text) = request(second.port(), "GET", &path, &token, &[], "").await.unwrap();
    assert_eq!((status, text.as_str()), (200, PDF));
    drop(second);

    let stranger = serve(&app, &bucket.settings("wrong")).await;
    let (status, problem) = upload(&stranger, &token).await;
    assert_eq!((status, problem["code"].as_str()), (503, Some("unavailable")), "{problem}");
    assert_eq!(request(stranger.port(), "GET", &path, &token, &[], "").await.unwrap().0, 503);
    assert!(log(&app).contains("documents cannot be kept") && log(&app).contains("SignatureDoesNotMatch"), "{}", log(&app));

    drop(bucket);
    let (status, problem) = upload(&server, &token).await;
    assert_eq!((status, problem["code"].as_str()), (503, Some("unavailable")), "{problem}");
    assert_eq!(request(server.port(), "GET", &path, &token, &[], "").await.unwrap().0, 503);
}
