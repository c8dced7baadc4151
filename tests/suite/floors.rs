//! The house stays as it was built: floors use only what lies below them, SQL stays in the store, the clock is read in one place, and files
//! stay short. The tests read the sources; `docs/ARCHITECTURE.md` says why.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The longest file, the longest job, the longest scheduler (without its tests), the longest template.
const FILE_LINES: usize = 500;
const JOB_LINES: usize = 100;
const SCHEDULER_LINES: usize = 300;
const TEMPLATE_LINES: usize = 150;

/// What stands beside the floors: the entrances use it, nothing below does.
const BESIDE: &[&str] = &["app", "config", "demo", "http", "scheduler"];
/// The entrances: used by nothing but what stands beside and `main.rs`.
const ENTRANCES: &[&str] = &["web", "api", "jobs", "cli"];

/// The floor of a module of the crate; `None` for what stands beside.
fn floor(module: &str) -> Option<u8> {
    match module {
        "base" => Some(0),
        "domain" => Some(1),
        "store" | "notices" | "files" => Some(2),
        "actions" => Some(3),
        _ if ENTRANCES.contains(&module) => Some(4),
        _ => None,
    }
}

fn may_use(from: &str, to: &str) -> bool {
    let beside = |module: &str| BESIDE.contains(&module) || module == "body";
    // Macros stand at the root of the crate: words belong to the ground floor.
    let to = if to == "words" { "base" } else { to };
    if from == to {
        return true;
    }
    match (floor(from), floor(to)) {
        (Some(from), Some(to)) => to < from,
        (Some(4), None) => beside(to),
        (Some(_), None) => false,
        (None, _) => beside(to) || floor(to).is_some(),
    }
}

struct Source {
    path: String,
    /// The module of the crate that it belongs to, such as `store`.
    module: String,
    /// How many `super` lead from it to the root of the crate.
    depth: usize,
    /// The whole text, and the part that is no test and no comment.
    text: String,
    code: String,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn walk(folder: &Path, extension: &str, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            walk(&path, extension, found);
        } else if path.extension().is_some_and(|e| e == extension) {
            found.push(path);
        }
    }
}

fn files(folders: &[&str], extension: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for folder in folders {
        walk(&root().join(folder), extension, &mut found);
    }
    found.sort();
    found.iter().map(|path| (path.strip_prefix(root()).unwrap().display().to_string(), std::fs::read_to_string(path).unwrap())).collect()
}

/// The lines before the tests at the end of a file.
fn without_tests(text: &str) -> &str {
    let inline = text.match_indices("#[cfg(test)]").map(|(at, _)| at).find(|at| text[*at..].lines().nth(1).is_some_and(|line| line.ends_with('{')));
    &text[..inline.unwrap_or(text.len())]
}

fn is_test(path: &str) -> bool {
    path.ends_with("/tests.rs") || path.ends_with("/cases.rs")
}

fn sources() -> Vec<Source> {
    let own = |(path, text): (String, String)| {
        let parts: Vec<&str> = path.trim_start_matches("src/").trim_end_matches(".rs").split('/').filter(|part| *part != "mod").collect();
        let code = without_tests(&text).lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
        Source { module: parts[0].to_owned(), depth: parts.len(), path: path.clone(), code, text }
    };
    files(&["src", "jobs"], "rs").into_iter().filter(|(path, _)| !is_test(path)).map(own).collect()
}

/// The modules of the crate that a source names: `crate::store::…`, `crate::{api, web}`.
fn named(code: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (at, _) in code.match_indices("crate::").filter(|(at, _)| !code[..*at].ends_with('$')) {
        let rest = &code[at + "crate::".len()..];
        let word = |text: &str| text.trim().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
        match rest.strip_prefix('{') {
            None => {
                found.insert(word(rest));
            }
            Some(group) => {
                let mut depth = 0;
                let end = group.find(|c| {
                    depth += match c {
                        '{' => 1,
                        '}' => -1,
                        _ => 0,
                    };
                    depth < 0
                });
                // Names inside an inner group come with their module in front of it.
                let (mut flat, mut depth) = (String::new(), 0);
                for c in group[..end.unwrap_or(group.len())].chars() {
                    match c {
                        '{' => depth += 1,
                        '}' => depth -= 1,
                        c if depth == 0 => flat.push(c),
                        _ => {}
                    }
                }
                found.extend(flat.split(',').map(word));
            }
        }
    }
    found.remove("");
    found
}

#[test]
fn a_floor_uses_only_what_lies_below_it() {
    let mut wrong = Vec::new();
    for source in sources().into_iter().filter(|source| !["lib", "main"].contains(&source.module.as_str())) {
        for module in named(&source.code) {
            if !may_use(&source.module, &module) {
                wrong.push(format!("{} uses {module}", source.path));
            }
        }
        let climbs = source.code.match_indices(&"super::".repeat(source.depth)).count();
        if climbs > 0 {
            wrong.push(format!("{} climbs to the root of the crate by `super`", source.path));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn sql_is_said_in_the_store_and_nowhere_else() {
    let statements = ["\"SELECT ", "\"INSERT INTO", "\"UPDATE ", "\"DELETE FROM", "\"WITH ", "sqlx::query", "AssertSqlSafe", "QueryBuilder"];
    let wrong: Vec<_> = sources()
        .into_iter()
        .filter(|source| source.module != "store")
        .flat_map(|source| statements.into_iter().filter(|said| source.code.contains(said)).map(|said| format!("{}: {said}", source.path)).collect::<Vec<_>>())
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn sql_is_the_same_on_both_engines() {
    let odd = ["now()", "CURRENT_TIMESTAMP", "ILIKE", "FOR UPDATE", "SKIP LOCKED", "= ANY", "date_trunc", "strftime(", "datetime("];
    let wrong: Vec<_> = sources()
        .into_iter()
        .filter(|source| source.module == "store" && !source.path.ends_with("store/db.rs"))
        .flat_map(|source| odd.into_iter().filter(|word| source.code.contains(word)).map(|word| format!("{}: {word}", source.path)).collect::<Vec<_>>())
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_clock_chance_and_the_environment_are_read_in_one_place_each() {
    let readers: [(&str, &[&str]); 9] = [
        ("Timestamp::now", &["src/base/time.rs"]),
        ("Zoned::now", &[]),
        ("ZonedDateTime::now", &[]),
        ("SystemTime::now", &[]),
        ("Utc::now", &[]),
        ("Local::now", &[]),
        ("rand::rng", &["src/base/chance.rs"]),
        ("now_v7", &[]),
        ("env::var", &["src/config.rs"]),
    ];
    let mut wrong = Vec::new();
    for source in sources() {
        for (reader, places) in readers {
            if source.code.contains(reader) && !places.contains(&source.path.as_str()) {
                wrong.push(format!("{}: {reader}", source.path));
            }
        }
        if source.module != "scheduler" && (source.code.contains("chrono::") || source.code.contains("chrono_tz::")) {
            wrong.push(format!("{}: chrono", source.path));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_rules_of_the_domain_wait_for_nothing() {
    let wrong: Vec<_> = sources()
        .into_iter()
        .filter(|source| matches!(source.module.as_str(), "domain" | "base"))
        .filter(|source| ["async fn", ".await", "tokio::", "tracing::info"].iter().any(|word| source.code.contains(word)))
        .map(|source| source.path)
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn files_stay_short_and_say_what_they_own() {
    let mut wrong = Vec::new();
    for (path, text) in files(&["src", "jobs", "tests"], "rs") {
        let lines = text.lines().count();
        if lines > FILE_LINES {
            wrong.push(format!("{path} has {lines} lines"));
        }
        if !text.starts_with("//!") {
            wrong.push(format!("{path} does not say what it owns"));
        }
        if path.starts_with("jobs/") && lines > JOB_LINES {
            wrong.push(format!("{path} has {lines} lines"));
        }
    }
    for (path, text) in files(&["templates"], "html") {
        let lines = text.lines().count();
        if lines > TEMPLATE_LINES {
            wrong.push(format!("{path} has {lines} lines"));
        }
    }
    let scheduler: usize = sources().iter().filter(|source| source.module == "scheduler").map(|source| without_tests(&source.text).lines().count()).sum();
    if scheduler > SCHEDULER_LINES {
        wrong.push(format!("src/scheduler has {scheduler} lines"));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn names_say_what_a_thing_is() {
    let empty = ["Manager", "Helper", "Util", "Utils", "Service", "Handler", "Info", "Data"];
    let mut wrong = Vec::new();
    for source in sources() {
        for line in source.code.lines() {
            let Some((_, rest)) =
                ["struct ", "enum ", "trait "].iter().find_map(|word| line.trim_start().trim_start_matches("pub ").strip_prefix(word).map(|rest| (word, rest)))
            else {
                continue;
            };
            let name: String = rest.chars().take_while(char::is_ascii_alphanumeric).collect();
            if empty.iter().any(|word| name.ends_with(word)) {
                wrong.push(format!("{}: {name}", source.path));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn each_job_is_in_the_list_under_the_name_of_its_file() {
    let listed: BTreeSet<String> = yiqi::jobs::all().iter().map(|job| job.name.to_owned()).collect();
    let there: BTreeSet<String> = files(&["jobs"], "rs")
        .into_iter()
        .map(|(path, _)| path)
        .filter(|path| path != "jobs/mod.rs")
        .map(|path| path["jobs/".len()..path.len() - 3].replace('_', "-"))
        .collect();
    assert_eq!(listed, there);
}

#[test]
fn the_reader_of_the_sources_sees_imports() {
    let code = "use crate::{api, store::{db, outbox}};\nlet x = crate::http::Error::NOT_FOUND; $crate::body!()";
    assert_eq!(named(code).into_iter().collect::<Vec<_>>(), ["api", "http", "store"]);
    assert!(may_use("actions", "store") && may_use("web", "http") && may_use("http", "api") && may_use("app", "jobs"));
    assert!(!may_use("store", "actions") && !may_use("notices", "store") && !may_use("web", "api") && !may_use("actions", "app"));
}
