//! `yiqi backup` and `yiqi restore`: database and documents in one tar file. A backup is taken while serving; a restore goes into an empty place.
//!
//! Documents are never changed or deleted and are stored before the row that names them, so a copy of the database first and of the
//! documents after it is consistent.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use super::Done;
use crate::app::App;
use crate::store::backup::{copy_to, fill_from, is_empty};
use crate::store::db::Engine;

/// The member of the tar file that says what it is.
const LABEL: &str = "yiqi-backup.txt";
/// The copy of the database.
const DATABASE: &str = "database";
/// Documents stand below this.
const FILES: &str = "files/";

/// `yiqi backup FILE`.
///
/// # Errors
/// A sentence for the operator; an unfinished file is removed.
pub async fn backup(app: &Arc<App>, file: &Path) -> Done {
    if file.exists() {
        return Err(format!("{} is there already", file.display()));
    }
    let done = write(app, file).await;
    if done.is_err() {
        let _ = std::fs::remove_file(file);
    }
    let documents = done?;
    println!("{}: the database and {documents} documents", file.display());
    Ok(ExitCode::SUCCESS)
}

async fn write(app: &Arc<App>, file: &Path) -> Result<usize, String> {
    let copy = Scratch::new(&app.config.data_dir)?;
    copy_to(&app.db, &copy.0).await?;
    let target = File::create_new(file).map_err(|e| format!("{}: {e}", file.display()))?;
    let mut tar = tar::Builder::new(target);
    let say = |e: std::io::Error| format!("{}: {e}", file.display());
    append(&mut tar, LABEL, engine_name(app).as_bytes()).map_err(say)?;
    let mut database = File::open(&copy.0).map_err(say)?;
    tar.append_file(DATABASE, &mut database).map_err(say)?;
    let keys = app.files.keys().await.map_err(|e| e.to_string())?;
    for key in &keys {
        if let Some(bytes) = app.files.get(key).await.map_err(|e| e.to_string())? {
            append(&mut tar, &format!("{FILES}{key}"), &bytes).map_err(say)?;
        }
    }
    tar.into_inner().and_then(|f| f.sync_all()).map_err(say)?;
    Ok(keys.len())
}

fn append(tar: &mut tar::Builder<File>, name: &str, bytes: &[u8]) -> std::io::Result<()> {
    let mut header = tar::Header::new_gnu();
    header.set_size(bytes.len() as u64);
    header.set_mode(0o600);
    header.set_cksum();
    tar.append_data(&mut header, name, bytes)
}

/// `yiqi restore FILE`, with the server stopped.
///
/// # Errors
/// A sentence for the operator; nothing is restored into a place that is not empty.
pub async fn restore(app: &Arc<App>, file: &Path) -> Done {
    if !is_empty(&app.db).await? {
        return Err("the place is not empty: a restore goes into a new database, with the server stopped".to_owned());
    }
    if !app.files.keys().await.map_err(|e| e.to_string())?.is_empty() {
        return Err("the place is not empty: documents are there already".to_owned());
    }
    let say = |e: std::io::Error| format!("{}: {e}", file.display());
    let mut tar = tar::Archive::new(File::open(file).map_err(say)?);
    let copy = Scratch::new(&app.config.data_dir)?;
    let (mut engine, mut has_database, mut documents) = (String::new(), false, 0_usize);
    let foreign = || format!("{} is no backup of ours", file.display());
    for entry in tar.entries().map_err(say)? {
        // What the reader of the format says of other files quotes their bytes. The label comes first: before it, nothing is restored.
        let mut entry = entry.map_err(|e| if engine.is_empty() { foreign() } else { say(e) })?;
        let name = entry.path().map_err(say)?.display().to_string();
        if engine.is_empty() && name != LABEL {
            return Err(foreign());
        }
        if name == LABEL {
            entry.read_to_string(&mut engine).map_err(say)?;
            if engine != engine_name(app) {
                return Err(format!("the backup is of {engine:?}, this installation uses {:?}", engine_name(app)));
            }
        } else if name == DATABASE {
            std::io::copy(&mut entry, &mut File::create(&copy.0).map_err(say)?).map_err(say)?;
            has_database = true;
        } else if let Some(key) = name.strip_prefix(FILES) {
            let mut bytes = Vec::new();
            entry.read_to_end(&mut bytes).map_err(say)?;
            app.files.put(key, bytes).await.map_err(|e| e.to_string())?;
            documents += 1;
        }
    }
    if engine.is_empty() || !has_database {
        return Err(foreign());
    }
    // The database last: a restore that broke off left no database, and can be repeated in a new place.
    fill_from(&app.db, &copy.0).await?;
    println!("restored: the database and {documents} documents");
    Ok(ExitCode::SUCCESS)
}

fn engine_name(app: &App) -> String {
    match app.db.engine() {
        Engine::Sqlite => "sqlite".to_owned(),
        Engine::Postgres => "postgres".to_owned(),
    }
}

/// A file of ours in the data folder that goes away afterwards.
struct Scratch(PathBuf);

impl Scratch {
    fn new(folder: &Path) -> Result<Self, String> {
        std::fs::create_dir_all(folder).map_err(|e| e.to_string())?;
        let path = folder.join(format!("copy-{}.tmp", std::process::id()));
        let _ = std::fs::remove_file(&path);
        Ok(Self(path))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}
