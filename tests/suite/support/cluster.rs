//! A PostgreSQL of one test alone, which it may stop and start, and a small disk on which what is stored runs out of room.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use sqlx::{Connection as _, Executor as _, PgConnection};

use super::database::environment;
use super::server::free_port;

/// Whether this run is on PostgreSQL.
pub fn is_postgres() -> bool {
    environment("YIQI_TEST_DATABASE").as_deref() == Some("postgres")
}

/// Whether the harness may do what only root may.
pub fn is_root() -> bool {
    run(Command::new("id").arg("-u")).is_some_and(|text| text.trim() == "0")
}

fn run(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// A cluster in a folder of its own; stopped when dropped.
pub struct Cluster {
    folder: tempfile::TempDir,
    bin: PathBuf,
    port: u16,
}

impl Cluster {
    /// Makes and starts one. What it answers is on the disk: it may be stopped at once.
    pub fn make() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let homes = std::fs::read_dir("/usr/lib/postgresql").unwrap().flatten().map(|entry| entry.path().join("bin"));
        let bin = homes.filter(|bin| bin.join("initdb").exists()).max().expect("a PostgreSQL server is installed");
        let this = Self { folder, bin, port: free_port() };
        Self::own(this.folder.path());
        let data = this.data();
        this.must("initdb", &["-D", &data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]);
        // Written through to the system, which outlives the server; not to the disk.
        let settings = format!("listen_addresses = '127.0.0.1'\nunix_socket_directories = ''\nport = {}\nfsync = off\nmax_connections = 120\n", this.port);
        std::fs::write(this.folder.path().join("data/postgresql.auto.conf"), settings).unwrap();
        this.start();
        this
    }

    fn data(&self) -> String {
        self.folder.path().join("data").display().to_string()
    }

    /// Gives a folder to the user that the server runs as: PostgreSQL refuses to be root.
    fn own(folder: &Path) {
        if is_root() {
            assert!(run(Command::new("chown").arg("postgres").arg(folder)).is_some(), "{}", folder.display());
        }
    }

    fn must(&self, program: &str, arguments: &[&str]) {
        let program = self.bin.join(program);
        let mut command = if is_root() {
            let mut command = Command::new("setpriv");
            command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups", "env", "HOME=/tmp"]).arg(program);
            command
        } else {
            Command::new(program)
        };
        let done = command.args(arguments).current_dir("/").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap();
        assert!(done.success(), "{arguments:?}");
    }

    /// Starts it and waits until it answers.
    pub fn start(&self) {
        let log = self.folder.path().join("data/server.log").display().to_string();
        self.must("pg_ctl", &["-D", &self.data(), "-l", &log, "-w", "-t", "60", "start"]);
    }

    /// Stops it, `fast` or `immediate` (as a crash).
    pub fn stop(&self, mode: &str) {
        self.must("pg_ctl", &["-D", &self.data(), "-m", mode, "-w", "stop"]);
    }

    /// The address of a database of it.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{database}", self.port)
    }

    /// Makes a database all of whose tables lie in a folder.
    pub async fn database_in(&self, folder: &Path) -> String {
        Self::own(folder);
        let mut admin = PgConnection::connect(&self.url("postgres")).await.unwrap();
        admin.execute(sqlx::AssertSqlSafe(format!("CREATE TABLESPACE small LOCATION '{}'", folder.display()))).await.unwrap();
        admin.execute("CREATE DATABASE yiqi TABLESPACE small").await.unwrap();
        admin.close().await.unwrap();
        self.url("yiqi")
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.stop("immediate");
    }
}

/// A disk of a few megabytes; gone when dropped.
pub struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    /// Mounts one where that is allowed.
    pub fn mount(megabytes: u32) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mut command = Command::new("mount");
        command.args(["-t", "tmpfs", "-o", &format!("size={megabytes}m,mode=0755"), "tmpfs"]).arg(folder.path());
        run(&mut command).map(|_| Self(folder))
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// Fills what is free but for some kilobytes.
    pub fn fill(&self, but_kilobytes: usize) {
        let (mut file, block) = (std::fs::File::create(self.ballast()).unwrap(), vec![1_u8; 4096]);
        while std::io::Write::write_all(&mut file, &block).is_ok() {}
        let length = file.metadata().unwrap().len();
        file.set_len(length.saturating_sub(but_kilobytes as u64 * 1024)).unwrap();
    }

    /// Frees it again.
    pub fn clear(&self) {
        std::fs::remove_file(self.ballast()).unwrap();
    }

    fn ballast(&self) -> PathBuf {
        self.0.path().join("ballast")
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        run(Command::new("umount").arg("-l").arg(self.0.path()));
    }
}
