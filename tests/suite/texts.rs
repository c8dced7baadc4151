//! Every word that the code asks for has a text, and every text is asked for.
//!
//! Both tests read the sources: a key stands there as a literal, or begins with one of the declared prefixes of closed vocabularies.

use std::collections::BTreeSet;
use std::path::Path;

use yiqi::base::lang::{Lang, explain, has, keys};
use yiqi::base::time::Instant;

/// Keys that are put together from a prefix and a word of a vocabulary.
const PREFIXES: &[&str] = &[
    "violation-",
    "why-",
    "conflict-",
    "problem-",
    "state-",
    "mode-",
    "purpose-",
    "kind-",
    "voucher-",
    "role-",
    "side-",
    "field-",
    "slot-",
    "legend-",
    "part-",
    "flag-",
    "funding-",
    "source-",
    "phase-",
    "charge-",
    "indicator-",
    "cause-",
    "step-",
    "fact-",
    "done-claim-is-",
    "done-application-is-",
    "check-",
    "job-",
    "event-",
    "deed-",
    "done-",
    "booking-next-",
    "bookings-",
    "mail-",
    "count-",
];

fn sources() -> Vec<(String, String)> {
    fn walk(folder: &Path, found: &mut Vec<(String, String)>) {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|e| e == "rs" || e == "html" || e == "txt") {
                found.push((path.display().to_string(), std::fs::read_to_string(&path).unwrap()));
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    for folder in ["src", "templates", "jobs"] {
        walk(&root.join(folder), &mut found);
    }
    // what a test asks for proves nothing
    for (_, source) in &mut found {
        if let Some(end) = source.find("#[cfg(test)]") {
            source.truncate(end);
        }
    }
    found
}

/// The arguments of every call of `name` in a source, as written.
fn calls(source: &str, name: &str) -> Vec<Vec<String>> {
    source.match_indices(name).map(|(at, _)| arguments(&source[at + name.len()..])).collect()
}

fn arguments(rest: &str) -> Vec<String> {
    let (mut args, mut depth, mut quoted, mut escaped) = (vec![String::new()], 0, false, false);
    for c in rest.chars() {
        if quoted {
            quoted = escaped || c != '"';
            escaped = !escaped && c == '\\';
        } else {
            match c {
                '"' => quoted = true,
                '(' | '[' | '{' => depth += 1,
                ')' if depth == 0 => break,
                ')' | ']' | '}' => depth -= 1,
                ',' if depth == 0 => {
                    args.push(String::new());
                    continue;
                }
                _ => {}
            }
        }
        args.last_mut().unwrap().push(c);
    }
    args.into_iter().map(|arg| arg.trim().to_owned()).collect()
}

fn literal(arg: Option<&String>) -> Option<String> {
    arg?.strip_prefix('"')?.strip_suffix('"').filter(|text| !text.contains('{') && !text.contains('"')).map(str::to_owned)
}

#[test]
fn every_word_that_the_code_says_has_a_text() {
    let mut lacking = BTreeSet::new();
    for (path, source) in sources() {
        for (call, argument, prefix) in [
            (".t(", 0, ""),
            (".t1(", 0, ""),
            (".t2(", 0, ""),
            (".t3(", 0, ""),
            ("tr(lang, ", 0, ""),
            ("Violation::new(", 0, "violation-"),
            ("invalid(", 1, "why-"),
            (".refuse(", 1, "why-"),
            ("with(\"why\", ", 0, "why-"),
            ("StateConflict(", 0, "conflict-"),
        ] {
            for args in calls(&source, call) {
                let Some(word) = literal(args.get(argument)) else { continue };
                let key = format!("{prefix}{word}");
                if Lang::ALL.iter().any(|&lang| !has(lang, &key)) {
                    lacking.insert(format!("{key}  ({path})"));
                }
            }
        }
    }
    assert!(lacking.is_empty(), "no text in assets/text for:\n{}", lacking.into_iter().collect::<Vec<_>>().join("\n"));
}

#[test]
fn every_text_is_asked_for() {
    let sources = sources();
    let asked: BTreeSet<&str> = sources.iter().flat_map(|(_, source)| source.split('"')).map(|piece| piece.split('.').next().unwrap_or(piece)).collect();
    let made = |key: &str| {
        key.match_indices('-').any(|(end, _)| {
            ["page.word(\"", "Choice::words(&page, \""].iter().any(|call| {
                let call = format!("{call}{}\"", &key[..end]);
                sources.iter().any(|(_, source)| source.contains(&call))
            })
        })
    };
    let idle = |key: &String| !PREFIXES.iter().any(|prefix| key.starts_with(prefix)) && !asked.contains(key.as_str()) && !made(key);
    let idle: BTreeSet<_> = keys(Lang::Zh).into_iter().filter(idle).collect();
    assert!(idle.is_empty(), "nothing asks for {idle:#?}");
}

#[test]
fn refusals_of_a_booking_read_as_sentences() {
    let now = Instant::parse("2026-10-12T09:40:00+08:00").unwrap();
    let at = |time: &str| format!("2026-10-13T{time}:00+08:00");
    let near = vec![("grid_minutes", "30".to_owned()), ("near_starts_at", at("09:00")), ("near_ends_at", at("14:00"))];
    let taken = vec![("buffer", "some".to_owned()), ("buffer_minutes", "30".to_owned()), ("taken_starts_at", at("13:00")), ("taken_ends_at", at("17:30"))];
    let closed = vec![("day", "2026-10-13".to_owned()), ("hours", "8:30–18:00".to_owned()), ("closed", "no".to_owned())];
    for (lang, key, facts, text) in [
        (Lang::Zh, "violation-off_grid", near, "起止须落在每 30 分 一格上，最近的是 10月13日 周二 9:00–14:00"),
        (Lang::En, "violation-slot_taken", taken, "Tue 13 October, 13:00–17:30 is taken, with a buffer of 30 min on both sides"),
        (Lang::Zh, "violation-slot_taken", vec![], "这段时间刚被别人占用"),
        (Lang::Zh, "violation-outside_opening_hours", closed, "10月13日 只开放 8:30–18:00"),
        (Lang::Zh, "violation-voucher_ineligible", vec![("why", "related".to_owned())], "这次不能用创新券：双方存在关联关系"),
    ] {
        assert_eq!(explain(lang, now, key, &facts), text);
    }
}

#[test]
fn no_key_stands_twice() {
    for lang in ["zh-CN", "en"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/text").join(lang);
        let mut seen = BTreeSet::new();
        let mut twice = Vec::new();
        for file in std::fs::read_dir(folder).unwrap().flatten() {
            let text = std::fs::read_to_string(file.path()).unwrap();
            let keys = text.lines().filter(|line| line.starts_with(|c: char| c.is_ascii_alphabetic())).filter_map(|line| line.split_once(" ="));
            twice.extend(keys.map(|(key, _)| key.to_owned()).filter(|key| !seen.insert(key.clone())));
        }
        assert!(twice.is_empty(), "{lang}: {twice:?}");
    }
}
