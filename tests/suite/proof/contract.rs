//! The description of the API against the server: schemathesis calls every operation as every role and finds no answer that is not
//! described, no body of another shape and no 500; and a client generated from it books and claims.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use yiqi::base::time::Instant;
use yiqi::domain::roles::{Role, Side};

use super::load::Town;
use super::{is_whole, rounds, say};
use crate::support::TestApp;
use crate::support::cluster::is_postgres;
use crate::support::server::{Server, free_port, request};

/// A program of the tests' own Python, where `make tools` could install it.
fn tool(name: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/venv/bin").join(name);
    let there = path.exists();
    if !there {
        say(&format!("contract: skipped, for {name} is not to be had here"));
    }
    there.then_some(path)
}

/// Somebody of every role, by the name of the role; the stranger has no token.
async fn everybody(town: &Town) -> Vec<(String, String)> {
    let app: &TestApp = &town.app;
    let mut found = vec![("stranger".to_owned(), String::new())];
    let parties = [(town.firm(), Side::Enterprise), (town.lab(), Side::Institution), (town.bureau(), Side::Bureau)];
    let platform = app.organisation("12370200MB9999999", "平台运维", &[Side::Platform], "370200", false).await;
    for (side, role) in [
        (0, Role::Booker),
        (0, Role::Finance),
        (0, Role::Admin),
        (1, Role::Operator),
        (1, Role::Finance),
        (1, Role::Manager),
        (1, Role::Admin),
        (2, Role::Reviewer),
        (2, Role::Auditor),
        (2, Role::Officer),
        (2, Role::Admin),
    ] {
        let (uscc, side) = parties[side];
        let token = app.person(uscc, &format!("{role}@{side}.test"), role, Some(side)).await;
        found.push((format!("{role} ({side})"), token));
    }
    found.push(("ops".to_owned(), app.person(&platform, "ops@platform.test", Role::Ops, None).await));
    // Those who read first: what others do to the town must not take from them what there is to read.
    found.sort_by_key(|(name, _)| !["stranger", "auditor", "ops"].iter().any(|reader| name.starts_with(reader)));
    found
}

/// What there is, so that not every call is answered 404: ids by the beginning of the path.
async fn ids(town: &Town) -> String {
    let list = async |path: &str, token: &str| -> Vec<String> {
        let items = town.app.get(&format!("/api/v1/{path}?limit=8"), token).await.expect(200)["items"].clone();
        items.as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
    };
    let mut text = String::new();
    for (path, ids) in [
        ("instruments", list("instruments", "").await),
        ("openness/instruments", list("instruments", "").await),
        ("bookings", list("bookings", &town.booker).await),
        ("claims", list("claims", &town.officer).await),
    ] {
        assert!(!ids.is_empty(), "{path}");
        let _ = write!(text, "[[operations]]\ninclude-path-regex = \"^/api/v1/{path}/\\\\{{id\\\\}}\"\nparameters = {{ \"path.id\" = {ids:?} }}\n\n");
    }
    text
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_answer_is_as_it_is_described_for_every_role() {
    let Some(schemathesis) = tool("schemathesis") else { return };
    let town = Town::build().await;
    town.furnish().await;
    let mut people = everybody(&town).await;
    // The roles differ in what they may, not in the database below: on the second one those that write most must do.
    let main = if is_whole() { vec!["booker", "manager (institution)"] } else { vec![["booker", "manager"][usize::from(is_postgres())]] };
    if !is_whole() || is_postgres() {
        people.retain(|(name, _)| main.iter().any(|role| name.starts_with(role)));
    }
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("schemathesis.toml"), ids(&town).await).unwrap();
    let server = Server::start(&town.app, free_port(), &["--no-jobs"]).await;
    let url = format!("http://127.0.0.1:{}/api/openapi.json", server.port());
    let (examples, phases) = (rounds(2, 8).to_string(), if is_whole() { "examples,coverage,fuzzing" } else { "fuzzing" });
    let mut calls = 0;
    for (name, token) in &people {
        let mut command = Command::new(&schemathesis);
        command.current_dir(folder.path()).args(["run", &url, "--phases", phases, "-n", &examples, "--seed", "1", "--continue-on-failure"]);
        command.args(["--checks", "not_a_server_error,status_code_conformance,response_schema_conformance", "--warnings", "off", "--no-shrink"]);
        if !token.is_empty() {
            command.args(["-H", &format!("Authorization: Bearer {token}")]);
        }
        let done = tokio::task::spawn_blocking(move || command.stdin(Stdio::null()).output().unwrap()).await.unwrap();
        let text = String::from_utf8_lossy(&done.stdout).into_owned();
        assert!(done.status.success(), "as {name}:\n{text}\n{}", String::from_utf8_lossy(&done.stderr));
        calls += generated(&text);
    }
    drop(server);
    super::check(&town.app);
    let names: Vec<_> = people.iter().map(|(name, _)| name.as_str()).collect();
    say(&format!("contract: schemathesis made {calls} calls as {}; no failure, check clean", names.join(", ")));
}

/// How many calls a run says it made.
fn generated(text: &str) -> usize {
    text.lines().find_map(|line| line.trim().split_once(" generated").and_then(|(count, _)| count.parse().ok())).unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_generated_from_the_description_books_and_claims() {
    let (Some(generator), Some(python)) = (tool("openapi-python-client"), tool("python")) else { return };
    let town = Town::build().await;
    let server = Server::start(&town.app, free_port(), &["--no-jobs"]).await;
    let folder = tempfile::tempdir().unwrap();
    let description = folder.path().join("openapi.json");
    std::fs::write(&description, request(server.port(), "GET", "/api/openapi.json", "", &[], "").await.unwrap().1).unwrap();
    let mut generate = Command::new(generator);
    generate.current_dir(folder.path()).args(["generate", "--path"]).arg(&description).args(["--output-path", "made", "--meta", "none"]);
    let done = generate.output().unwrap();
    assert!(done.status.success(), "{}{}", String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
    let starts_at = Instant((town.app.clock.now().0 / 1800 + 1) * 1800);
    let facts: Value = json!({
        "url": format!("http://127.0.0.1:{}", server.port()), "booker": town.booker, "manager": town.manager, "officer": town.officer,
        "instrument": town.instruments()[0], "seller": town.lab(), "starts_at": starts_at,
    });
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/client.py");
    let mut client = Command::new(python);
    client.arg(script).arg(facts.to_string()).env("PYTHONPATH", folder.path()).env("PYTHONDONTWRITEBYTECODE", "1");
    let done = tokio::task::spawn_blocking(move || client.output().unwrap()).await.unwrap();
    assert!(done.status.success(), "{}{}", String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
    say(&format!("contract: a client generated from the description {}", String::from_utf8_lossy(&done.stdout).trim()));
}
