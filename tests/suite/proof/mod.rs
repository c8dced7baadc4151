//! The promises with the plug pulled: a short form in every run, the whole with `make prove` (`YIQI_PROVE=whole`), whose last output stands
//! in `docs/PROOF.md`.

mod away;
mod backup;
mod contract;
mod doors;
mod kill;
mod load;
mod model;
mod nodes;

use crate::support::TestApp;

#[expect(clippy::disallowed_methods, reason = "the harness is told its length by the environment")]
pub fn is_whole() -> bool {
    std::env::var("YIQI_PROVE").is_ok_and(|v| v == "whole")
}

/// How often something is done: `short` in every run, `whole` with `make prove`.
pub fn rounds(short: usize, whole: usize) -> usize {
    if is_whole() { whole } else { short }
}

/// A line of the proof's report (`tests/proof.sh` collects them).
pub fn say(line: &str) {
    println!("PROVED {line}");
}

/// Asserts that `yiqi check`, as a command of its own, finds no difference.
pub fn check(app: &TestApp) {
    check_in(&app.config.data_dir, &app.config.database_url);
}

/// The same over any folder and database.
pub fn check_in(folder: &std::path::Path, database_url: &str) {
    let mut checking = std::process::Command::new(env!("CARGO_BIN_EXE_yiqi"));
    checking.current_dir(folder).arg("check").env("YIQI_DATA_DIR", folder).env("YIQI_DATABASE_URL", database_url);
    let checked = checking.output().unwrap();
    assert!(checked.status.success(), "{}{}", String::from_utf8_lossy(&checked.stdout), String::from_utf8_lossy(&checked.stderr));
}
