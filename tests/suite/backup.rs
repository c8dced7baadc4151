//! `yiqi backup` and `restore`, as commands, on the engine of the run.

use std::path::Path;
use std::process::{Command, Output};

use crate::support::database::Database;
use crate::support::people::uscc;

fn yiqi(folder: &Path, database_url: &str, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_yiqi"));
    command.current_dir(folder).args(arguments).env("YIQI_DATA_DIR", folder).env("YIQI_DATABASE_URL", database_url);
    command.output().unwrap()
}

#[tokio::test]
async fn a_backup_is_restored_into_an_empty_place_and_nowhere_else() {
    let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (full, empty) = (Database::fresh(here.path()).await, Database::empty(there.path()).await);
    let code = uscc("91370212MA0000001");
    let added = yiqi(here.path(), &full.url, &["org", "add", &code, "青岛测试科技有限公司", "--as", "enterprise", "--region", "370212"]);
    assert!(added.status.success(), "{}", String::from_utf8_lossy(&added.stderr));
    let files = yiqi::files::Store::in_folder(&here.path().join("files")).unwrap();
    files.put("01a20df2-f781-7b9d-ba44-ecded2a5514b", b"%PDF-1.4 contract".to_vec()).await.unwrap();

    let file = here.path().join("backup.tar").display().to_string();
    let made = yiqi(here.path(), &full.url, &["backup", &file]);
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    assert!(!yiqi(here.path(), &full.url, &["backup", &file]).status.success(), "a backup overwrites nothing");

    let restored = yiqi(there.path(), &empty.url, &["restore", &file]);
    assert!(restored.status.success(), "{}", String::from_utf8_lossy(&restored.stderr));
    let files = yiqi::files::Store::in_folder(&there.path().join("files")).unwrap();
    assert_eq!(files.get("01a20df2-f781-7b9d-ba44-ecded2a5514b").await.unwrap().as_deref(), Some(b"%PDF-1.4 contract".as_slice()));
    let mut child = Command::new(env!("CARGO_BIN_EXE_yiqi"));
    child.current_dir(there.path()).args(["user", "add", "a@firm.test", "--name", "张三", "--org", &code, "--role", "booker"]);
    child.env("YIQI_DATA_DIR", there.path()).env("YIQI_DATABASE_URL", &empty.url).stdin(std::process::Stdio::piped()).stdout(std::process::Stdio::piped());
    let mut child = child.spawn().unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), b"correct horse\n").unwrap();
    assert!(child.wait_with_output().unwrap().status.success(), "the restored organisation takes a person");

    let again = yiqi(there.path(), &empty.url, &["restore", &file]);
    assert!(!again.status.success() && String::from_utf8_lossy(&again.stderr).contains("not empty"));
}

#[tokio::test]
async fn what_is_no_backup_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let empty = Database::empty(folder.path()).await;
    let file = folder.path().join("letter.tar");
    std::fs::write(&file, b"not a tar file at all").unwrap();
    let answer = yiqi(folder.path(), &empty.url, &["restore", &file.display().to_string()]);
    assert_eq!(answer.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&answer.stderr).contains("no backup of ours"), "{}", String::from_utf8_lossy(&answer.stderr));
    // A tar file of somebody else's puts nothing anywhere.
    let mut tar = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_gnu();
    header.set_size(3);
    header.set_cksum();
    tar.append_data(&mut header, "files/0a/x", &b"abc"[..]).unwrap();
    std::fs::write(&file, tar.into_inner().unwrap()).unwrap();
    let answer = yiqi(folder.path(), &empty.url, &["restore", &file.display().to_string()]);
    assert_eq!(answer.status.code(), Some(2));
    assert!(!folder.path().join("files/0a/x").exists());
}

#[tokio::test]
async fn what_only_reads_makes_no_installation() {
    let folder = tempfile::tempdir().unwrap();
    let empty = Database::empty(folder.path()).await;
    let file = folder.path().join("backup.tar").display().to_string();
    for command in [vec!["check"], vec!["backup", &file]] {
        let answer = yiqi(folder.path(), &empty.url, &command);
        assert_eq!(answer.status.code(), Some(2), "{command:?}");
        assert!(String::from_utf8_lossy(&answer.stderr).contains("no installation here"), "{command:?}");
    }
    let restored = yiqi(folder.path(), &empty.url, &["check"]);
    assert_eq!(restored.status.code(), Some(2), "looking made none either");
}
