//! Pages beside a bare handler, and the roll-up beside the database's own scan.

use std::time::Instant;

use sqlx::{AnyConnection, AssertSqlSafe, Connection as _, Executor as _};
use yiqi::base::time::{Clock, DAY};
use yiqi::store::Db;

use crate::capture::Statement;
use crate::fill::{Kind, WEEK, booker, id, token};
use crate::load::{Ask, load};
use crate::server::Server;
use crate::table::Table;
use crate::usage::{DAYS, month, year};
use crate::{Wanted, bare};

/// A page that is measured.
pub struct Place {
    pub name: &'static str,
    pub ask: Ask,
}

/// All of them.
pub fn places() -> Vec<Place> {
    let now = Clock::system().now();
    let (monday, week) = (now.day().monday().plus(7), id(Kind::Instrument, WEEK));
    let bearer = |person: usize| format!("Authorization: Bearer {}\r\n", token(person));
    let cookie = |person: usize| format!("Cookie: yiqi_session=session-{}\r\n", token(person));
    let zone = "T00:00:00%2B08:00";
    let place = |name, path: String, head: String| Place { name, ask: Ask::get(&path, &head) };
    vec![
        place("week of 100 slots, JSON", format!("/api/v1/instruments/{week}/slots?from={monday}{zone}&to={}{zone}", monday.plus(7)), bearer(1)),
        place("week of 100 slots, page", format!("/instruments/{week}?week={monday}"), cookie(booker(0))),
        place("catalogue of 20, JSON", "/api/v1/instruments?limit=20".to_owned(), bearer(booker(0))),
        place("catalogue of 20, page", "/".to_owned(), cookie(booker(0))),
        place("catalogue for a word, page", "/?q=%E8%B4%A8%E8%B0%B1".to_owned(), cookie(booker(0))),
        place("openness of the city, page", format!("/bureau/openness?period={}", year(now)), cookie(0)),
    ]
}

/// Each page for a while, then the bare handler with the page's statements.
pub async fn pages(table: &mut Table, wanted: &Wanted, url: &str, server: &Server, captured: &[(Place, Vec<Statement>)]) -> Result<(), String> {
    for (place, statements) in captured {
        let ask = place.ask.clone();
        let asked = ask.clone();
        let ours = load(server.port, 8, wanted.load, move |_, _| asked.clone()).await?;
        let (port, handle) = bare::serve(url, statements.clone()).await?;
        let limit = load(port, 8, wanted.load, |_, _| Ask::get("/", "")).await?;
        handle.abort();
        table.ratio(place.name, ours.rate, limit.rate, "/s", 40.0);
        let said = statements.iter().filter(|s| !s.is_control()).count();
        let mut note = format!("{said} statements; median {:.1} ms against {:.1} ms", ours.median, limit.median);
        for told in [ours, limit] {
            if told.refused > 0 {
                note.push_str(&format!("; {} refused: {}", told.refused, told.example));
            }
        }
        table.note(note);
    }
    Ok(())
}

/// The month that waits, rolled up; and one late segment afterwards.
pub async fn roll_up(table: &mut Table, url: &str) -> Result<(), String> {
    let say = |e: sqlx::Error| e.to_string();
    let db = Db::open(url).map_err(|e| e.to_string())?;
    let now = Clock::system().now();
    let mut conn = AnyConnection::connect(url).await.map_err(say)?;
    let first = month(now);
    let scan = "SELECT * FROM usage_segments WHERE starts_at >= $1 AND starts_at < $2 ORDER BY instrument_id, starts_at";
    let (mut best, mut rows) = (f64::MAX, 0);
    for _ in 0..3 {
        let begun = Instant::now();
        rows = sqlx::query(scan).bind(first.start().0).bind(first.plus(DAYS).start().0).fetch_all(&mut conn).await.map_err(say)?.len();
        best = best.min(begun.elapsed().as_secs_f64() * 1_000.0);
    }
    let begun = Instant::now();
    let done = yiqi::actions::openness::roll_up(&db, now).await.map_err(|e| e.to_string())?;
    table.times("roll-up of a month of use", begun.elapsed().as_secs_f64() * 1_000.0, best, 3.0);
    table.note(format!("{rows} segments of {} instruments into {} days", done.instruments, done.days));
    let instrument = id(Kind::Instrument, 7);
    let (mut late, mut point) = (Vec::new(), Vec::new());
    for turn in 0..40 {
        let starts_at = first.start().0 + turn % DAYS * DAY + 7_200;
        let sql = format!(
            "INSERT INTO usage_segments (id, instrument_id, position, key, content_hash, phase, starts_at, ends_at, institution_id, purpose_kind, source, received_at) \
             VALUES ('late-{turn}', '{instrument}', 1, 'late-{turn}', 'x', 'run', {starts_at}, {}, '{}', 'research', 'staff', {})",
            starts_at + 3_000,
            id(Kind::Institution, 0),
            now.0
        );
        conn.execute(AssertSqlSafe(sql)).await.map_err(say)?;
        let touch = format!("INSERT INTO touched_days (instrument_id, day, touched_at) VALUES ('{instrument}', '{}', {})", first.plus(turn % DAYS), now.0);
        conn.execute(AssertSqlSafe(touch)).await.map_err(say)?;
        let begun = Instant::now();
        yiqi::actions::openness::roll_up(&db, now).await.map_err(|e| e.to_string())?;
        late.push(begun.elapsed().as_secs_f64() * 1_000.0);
        let begun = Instant::now();
        let mut read = db.read().await.map_err(|e| e.to_string())?;
        sqlx::query("SELECT * FROM usage_segments WHERE id = $1").bind(format!("late-{turn}")).fetch_one(&mut *read).await.map_err(say)?;
        point.push(begun.elapsed().as_secs_f64() * 1_000.0);
    }
    let median = |times: &mut Vec<f64>| {
        times.sort_by(f64::total_cmp);
        times[times.len() / 2]
    };
    table.times("one late segment, rolled up", median(&mut late), median(&mut point), 20.0);
    db.close().await;
    Ok(())
}
