//! The limit of a booking: the very statements of one, with other values each time, said without a product around them. On PostgreSQL by
//! pgbench, 32 clients, prepared; on SQLite by a loop over one connection of `sqlx::Any`.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::process::Command;
use std::time::{Duration, Instant};

use sqlx::any::AnyArguments;
use sqlx::{AnyConnection, Arguments as _, AssertSqlSafe, Executor as _, Row as _};
use yiqi::base::chance::fingerprint;
use yiqi::base::time::{DAY, HOUR};

use crate::capture::{Statement, Value};
use crate::fill::{BASE, ENTERPRISES, Kind, SPREAD, booker, id, prefix, purse, token};

/// What one captured booking was about.
pub struct Seed {
    /// Its start, in unix seconds; one hour long.
    pub starts_at: i64,
    /// Its code for people.
    pub code: String,
    /// Its idempotency key.
    pub key: String,
    /// The first start that the limit takes.
    pub base: i64,
}

/// A part of a value.
#[derive(Debug, Clone)]
enum Piece {
    Text(String),
    Instrument(Kind),
    Enterprise(Kind),
    Purse,
    Fresh(usize),
    Count(&'static str),
    Fingerprint,
}

#[derive(Debug, Clone)]
enum Slotted {
    Same(Value),
    Start(i64),
    /// What the purse's UPDATE answered: the number of the line in its ledger.
    Line,
    Pieces(Vec<Piece>),
}

/// Statements whose values vary.
pub struct Work(Vec<(String, Vec<Slotted>)>);

impl Work {
    /// Finds what varies: the captured booking was of instrument 0 by enterprise 0.
    pub fn new(statements: &[Statement], seed: &Seed) -> Self {
        let mut known: Vec<(String, Piece)> = vec![
            (id(Kind::Instrument, 0), Piece::Instrument(Kind::Instrument)),
            (id(Kind::Price, 0), Piece::Instrument(Kind::Price)),
            (id(Kind::Policy, 0), Piece::Instrument(Kind::Policy)),
            (id(Kind::Enterprise, 0), Piece::Enterprise(Kind::Enterprise)),
            (id(Kind::Membership, booker(0)), Piece::Enterprise(Kind::Membership)),
            (id(Kind::Person, booker(0)), Piece::Enterprise(Kind::Person)),
            (id(Kind::Purse, purse(0, false)), Piece::Purse),
            (fingerprint(&token(booker(0))), Piece::Fingerprint),
            (seed.code.clone(), Piece::Count("YB-L")),
            (seed.key.clone(), Piece::Count("limit-")),
        ];
        let mut fresh = HashMap::new();
        for statement in statements {
            for value in &statement.values {
                if let Value::Text(Some(text)) = value {
                    for found in uuids(text) {
                        let next = fresh.len();
                        if !found.starts_with("00000000-0000-7000-8") {
                            fresh.entry(found.to_owned()).or_insert(next);
                        }
                    }
                }
            }
        }
        known.extend(fresh.into_iter().map(|(text, number)| (text, Piece::Fresh(number))));
        let slotted = |sql: &str, at: usize, value: &Value| match value {
            Value::Int(_) if at == 2 && sql.starts_with("INSERT INTO movements") => Slotted::Line,
            Value::Int(Some(number)) if *number == seed.starts_at => Slotted::Start(0),
            Value::Int(Some(number)) if *number == seed.starts_at + HOUR => Slotted::Start(HOUR),
            Value::Int(Some(number)) if sql.contains("FROM slot_spans") && (number - seed.starts_at).abs() < 400 * DAY => {
                Slotted::Start(number - seed.starts_at)
            }
            Value::Text(Some(text)) => pieces(text, &known),
            other => Slotted::Same(other.clone()),
        };
        Self(
            statements
                .iter()
                .filter(|s| !s.is_control())
                .map(|s| (s.sql.clone(), s.values.iter().enumerate().map(|(at, v)| slotted(&s.sql, at, v)).collect()))
                .collect(),
        )
    }

    /// How many statements stand before the transaction begins: those that find the caller.
    fn before(&self) -> usize {
        self.0.iter().position(|(sql, _)| sql.starts_with("INSERT") || sql.starts_with("UPDATE")).unwrap_or(0)
    }

    /// The work as a script for pgbench.
    pub fn script(&self, base: i64) -> String {
        let mut script = format!(
            "\\set k :k + 1\n\\set n {BASE} + (:run * 100 + :client_id) * 1000000 + :k\n\\set i {} + :client_id + 32 * (:k % 10)\n\\set e :client_id\n\\set h :k / 10\n\\set s {base} + (:h / 20) * 86400 + (:h % 20) * 3600\n",
            BASE + SPREAD
        );
        for (index, (sql, values)) in self.0.iter().enumerate() {
            if index == self.before() {
                script.push_str("BEGIN;\n");
            }
            let values: Vec<String> = values.iter().map(expression).collect();
            let end = if answers_line(sql) { " \\gset" } else { ";" };
            let _ = writeln!(script, "{}{end}", filled(&sql.replace('\n', " "), &values));
        }
        script.push_str("COMMIT;\n");
        script
    }

    /// How many are done a second by one connection in a loop.
    pub async fn repeat(&self, conn: &mut AnyConnection, base: i64, duration: Duration) -> Result<f64, sqlx::Error> {
        let (begun, mut done, mut line) = (Instant::now(), 0_usize, 0_i64);
        while begun.elapsed() < duration {
            for (index, (sql, values)) in self.0.iter().enumerate() {
                if index == self.before() {
                    conn.execute("BEGIN IMMEDIATE").await?;
                }
                let mut arguments = AnyArguments::default();
                for value in values {
                    let (text, number) = evaluated(value, done, base, line);
                    match (text, number) {
                        (Some(text), _) => arguments.add(text),
                        (None, Some(number)) => arguments.add(number),
                        (None, None) if matches!(value, Slotted::Same(Value::Int(_))) => arguments.add(None::<i64>),
                        (None, None) => arguments.add(None::<String>),
                    }
                    .map_err(sqlx::Error::Encode)?;
                }
                let rows = sqlx::query_with(AssertSqlSafe(sql.as_str()), arguments).fetch_all(&mut *conn).await?;
                if answers_line(sql) {
                    line = rows.first().map_or(Ok(0), |row| row.try_get(0))?;
                }
            }
            conn.execute("COMMIT").await?;
            done += 1;
        }
        Ok(done as f64 / begun.elapsed().as_secs_f64())
    }

    /// How many statements one booking takes, with those that find the caller, and without.
    pub fn counts(&self) -> (usize, usize) {
        (self.0.len(), self.0.len() - self.before())
    }
}

/// Whether a statement answers the number of the newest line of a purse's ledger.
fn answers_line(sql: &str) -> bool {
    sql.starts_with("UPDATE purses SET granted_fen") && sql.ends_with("RETURNING movements")
}

/// Everything in a text that looks like an id.
fn uuids(text: &str) -> Vec<&str> {
    let is_one = |part: &str| part.bytes().enumerate().all(|(at, b)| if [8, 13, 18, 23].contains(&at) { b == b'-' } else { b.is_ascii_hexdigit() });
    let mut found = Vec::new();
    let mut at = 0;
    while at + 36 <= text.len() {
        match text.get(at..at + 36) {
            Some(part) if is_one(part) => {
                found.push(part);
                at += 36;
            }
            _ => at += 1,
        }
    }
    found
}

fn pieces(text: &str, known: &[(String, Piece)]) -> Slotted {
    let mut pieces = Vec::new();
    let mut rest = text;
    loop {
        let next = known.iter().filter_map(|(word, piece)| rest.find(word.as_str()).map(|at| (at, word, piece))).min_by_key(|(at, ..)| *at);
        let Some((at, word, piece)) = next else { break };
        if at > 0 {
            pieces.push(Piece::Text(rest[..at].to_owned()));
        }
        pieces.push(piece.clone());
        rest = &rest[at + word.len()..];
    }
    if pieces.is_empty() {
        return Slotted::Same(Value::Text(Some(text.to_owned())));
    }
    if !rest.is_empty() {
        pieces.push(Piece::Text(rest.to_owned()));
    }
    Slotted::Pieces(pieces)
}

/// A text that pgbench leaves alone: it takes `:name` for a variable even inside quotes.
fn quoted(text: &str) -> String {
    format!("E'{}'", text.replace('\\', "\\\\").replace('\'', "''").replace(':', "\\x3a").replace('\n', "\\n"))
}

fn expression(value: &Slotted) -> String {
    let one = |piece: &Piece| match piece {
        Piece::Text(text) => quoted(text),
        Piece::Instrument(kind) => format!("'{}' || CAST(:i AS TEXT)", prefix(*kind)),
        Piece::Enterprise(kind) => {
            let first = if *kind == Kind::Enterprise { BASE } else { BASE + booker(0) };
            format!("'{}' || CAST({first} + :e AS TEXT)", prefix(*kind))
        }
        Piece::Purse => format!("'{}' || CAST({BASE} + 2 * :e AS TEXT)", prefix(Kind::Purse)),
        Piece::Fresh(number) => format!("'10000000-0000-7000-8{number:03}-' || CAST(:n AS TEXT)"),
        Piece::Count(word) => format!("'{word}' || CAST(:n AS TEXT)"),
        Piece::Fingerprint => {
            let all: Vec<String> = (0..ENTERPRISES).map(|e| format!("'{}'", fingerprint(&token(booker(e))))).collect();
            format!("(CAST(ARRAY[{}] AS TEXT[]))[:e + 1]", all.join(","))
        }
    };
    match value {
        Slotted::Same(Value::Int(Some(number))) => number.to_string(),
        Slotted::Same(Value::Text(Some(text))) => quoted(text),
        Slotted::Same(_) => "NULL".to_owned(),
        Slotted::Line => ":movements".to_owned(),
        Slotted::Start(offset) => format!("(CAST(:s AS BIGINT) + ({offset}))"),
        Slotted::Pieces(pieces) => format!("({})", pieces.iter().map(one).collect::<Vec<_>>().join(" || ")),
    }
}

/// A statement with expressions in the places of its parameters.
fn filled(sql: &str, values: &[String]) -> String {
    let mut text = String::new();
    let mut rest = sql;
    while let Some(at) = rest.find('$') {
        let digits: String = rest[at + 1..].chars().take_while(char::is_ascii_digit).collect();
        text.push_str(&rest[..at]);
        match digits.parse::<usize>().ok().and_then(|n| values.get(n.wrapping_sub(1))) {
            Some(value) => text.push_str(value),
            None => text.push('$'),
        }
        rest = &rest[at + 1 + if digits.is_empty() { 0 } else { digits.len() }..];
    }
    text + rest
}

fn evaluated(value: &Slotted, done: usize, base: i64, line: i64) -> (Option<String>, Option<i64>) {
    let (client, k) = (done % ENTERPRISES, done / ENTERPRISES);
    let hour = i64::try_from(k / 10).unwrap_or(0);
    let one = |piece: &Piece| match piece {
        Piece::Text(text) => text.clone(),
        Piece::Instrument(kind) => id(*kind, SPREAD + client + 32 * (k % 10)),
        Piece::Enterprise(Kind::Enterprise) => id(Kind::Enterprise, client),
        Piece::Enterprise(kind) => id(*kind, booker(client)),
        Piece::Purse => id(Kind::Purse, purse(client, false)),
        Piece::Fresh(number) => format!("10000000-0000-7000-8{number:03}-{}", BASE + done),
        Piece::Count(word) => format!("{word}{}", BASE + done),
        Piece::Fingerprint => fingerprint(&token(booker(client))),
    };
    match value {
        Slotted::Same(Value::Int(number)) => (None, *number),
        Slotted::Same(Value::Text(text)) => (text.clone(), None),
        Slotted::Line => (None, Some(line)),
        Slotted::Start(offset) => (None, Some(base + hour / 20 * DAY + hour % 20 * HOUR + offset)),
        Slotted::Pieces(pieces) => (Some(pieces.iter().map(one).collect()), None),
    }
}

/// Transactions a second that pgbench reaches with a script.
pub fn pgbench(url: &str, script: &str, seconds: u64, run: u64, folder: &std::path::Path) -> Result<f64, String> {
    let file = folder.join("booking.pgbench");
    std::fs::write(&file, script).map_err(|e| e.to_string())?;
    let bins = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten().map(|e| e.path().join("bin/pgbench"));
    let program = bins.filter(|p| p.exists()).max().unwrap_or_else(|| "pgbench".into());
    let out = Command::new(program)
        .args(["-n", "-M", "prepared", "-c", "32", "-j", "2", "-T", &seconds.to_string(), "-D", "k=0", "-D", &format!("run={run}"), "-f"])
        .arg(&file)
        .arg(url)
        .output()
        .map_err(|e| format!("pgbench: {e}"))?;
    let (said, wrong) = (String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr));
    let tps = said.lines().find_map(|line| line.strip_prefix("tps = ")?.split(' ').next()?.parse().ok());
    match tps {
        Some(tps) if !wrong.contains("ERROR") => Ok(tps),
        _ => Err(format!("pgbench: {said}\n{}", wrong.chars().take(3_000).collect::<String>())),
    }
}
