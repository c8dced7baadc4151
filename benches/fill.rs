//! Fills a database with a city of the size that the figures are promised for, by plain INSERTs: the actions would take hours. Every row is
//! one that the actions could have written: `yiqi check` finds nothing afterwards. Ids are counted, so that both engines hold the same.

use std::fmt::Write as _;

use sqlx::{AnyConnection, AssertSqlSafe, Executor as _};
use yiqi::base::chance::fingerprint;

use yiqi::base::time::{Day, Instant};

/// Enterprises, each with one booker and one token.
pub const ENTERPRISES: usize = 32;
/// Institutions: the first ten in the city of the bureau, ten elsewhere.
pub const INSTITUTIONS: usize = 20;
/// Instruments of the city, whose use is recorded.
pub const CITY: usize = 1_000;
/// The instruments that the product's bookings are spread over; the limit's stand behind them.
pub const SPREAD: usize = 320;
/// The instrument that everybody wants.
pub const HOT: usize = 800;
/// The instrument with a hundred slots in one week.
pub const WEEK: usize = 801;
/// Segments of an instrument in the month that is rolled up while it is measured.
pub const SEGMENTS: usize = 200;

/// How much of everything.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    /// Instruments of the whole installation.
    pub instruments: usize,
    /// Bookings that stand.
    pub bookings: usize,
    /// Instruments with use.
    pub used: usize,
}

/// What the ids of a kind begin with; the number follows.
pub fn id(kind: Kind, number: usize) -> String {
    format!("{}{}", prefix(kind), BASE + number)
}

/// Twelve digits, so that an id can be made of a number without padding it.
pub const BASE: usize = 100_000_000_000;

/// See [`id`].
pub fn prefix(kind: Kind) -> String {
    format!("00000000-0000-7000-8{:03}-", kind as usize)
}

/// Kinds of ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Institution = 1,
    Enterprise,
    Bureau,
    Person,
    Membership,
    Token,
    Session,
    Instrument,
    Price,
    Policy,
    Opening,
    Tenure,
    Service,
    Event,
    Slot,
    Span,
    Booking,
    Programme,
    Version,
    Purse,
    Movement,
    Enrolment,
    Segment,
    Identity,
}

/// The secret of a person's token; of the cookie with `session-` before it. Person 0 is the bureau's officer, 1 to 20 manage the
/// institutions, the bookers follow.
pub fn token(person: usize) -> String {
    format!("bench-token-{person}")
}

/// The person who books for an enterprise.
pub const fn booker(enterprise: usize) -> usize {
    1 + INSTITUTIONS + enterprise
}

/// The purse of an enterprise in the programme of a year.
pub const fn purse(enterprise: usize, next_year: bool) -> usize {
    enterprise * 2 + next_year as usize
}

/// A value as SQL text.
pub trait Literal {
    /// Appends it.
    fn write(&self, sql: &mut String);
}

impl Literal for i64 {
    fn write(&self, sql: &mut String) {
        let _ = write!(sql, "{self}");
    }
}

impl Literal for Instant {
    fn write(&self, sql: &mut String) {
        self.0.write(sql);
    }
}

impl Literal for str {
    fn write(&self, sql: &mut String) {
        let _ = write!(sql, "'{}'", self.replace('\'', "''"));
    }
}

impl Literal for &str {
    fn write(&self, sql: &mut String) {
        (**self).write(sql);
    }
}

impl Literal for String {
    fn write(&self, sql: &mut String) {
        self.as_str().write(sql);
    }
}

impl Literal for Day {
    fn write(&self, sql: &mut String) {
        self.to_string().write(sql);
    }
}

impl<T: Literal> Literal for Option<T> {
    fn write(&self, sql: &mut String) {
        match self {
            Some(value) => value.write(sql),
            None => sql.push_str("NULL"),
        }
    }
}

/// Rows for one table, sent some hundred at a time.
pub struct Table {
    head: String,
    rows: String,
    count: usize,
}

impl Table {
    pub fn new(table: &str, columns: &str) -> Self {
        Self { head: format!("INSERT INTO {table} ({columns}) VALUES "), rows: String::new(), count: 0 }
    }

    pub async fn put(&mut self, conn: &mut AnyConnection, cells: &[&(dyn Literal + Sync)]) -> Result<(), sqlx::Error> {
        self.rows.push_str(if self.count == 0 { "(" } else { ",(" });
        for (index, cell) in cells.iter().enumerate() {
            if index > 0 {
                self.rows.push(',');
            }
            cell.write(&mut self.rows);
        }
        self.rows.push(')');
        self.count += 1;
        if self.count == 500 { self.end(conn).await } else { Ok(()) }
    }

    pub async fn end(&mut self, conn: &mut AnyConnection) -> Result<(), sqlx::Error> {
        if self.count > 0 {
            let sql = format!("{}{}", self.head, self.rows);
            conn.execute(AssertSqlSafe(sql)).await?;
            self.rows.clear();
            self.count = 0;
        }
        Ok(())
    }
}

/// A USCC with its check character.
fn uscc(number: usize) -> String {
    const ALPHABET: &[u8] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
    const WEIGHTS: [usize; 17] = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];
    let stem = format!("91370200{number:09}");
    let sum: usize = stem.bytes().zip(WEIGHTS).map(|(c, w)| ALPHABET.iter().position(|a| *a == c).unwrap_or(0) * w).sum();
    format!("{stem}{}", char::from(ALPHABET[(31 - sum % 31) % 31]))
}

/// The USCC of an enterprise.
pub fn enterprise_uscc(enterprise: usize) -> String {
    uscc(1_000 + enterprise)
}

/// Fills everything in one transaction. Foreign keys are looked at once, at the end.
pub async fn fill(conn: &mut AnyConnection, now: Instant, size: Size, is_sqlite: bool) -> Result<(), sqlx::Error> {
    conn.execute(if is_sqlite { "PRAGMA foreign_keys = OFF" } else { "SET session_replication_role = replica" }).await?;
    conn.execute("BEGIN").await?;
    parties(conn, now).await?;
    vouchers(conn, now).await?;
    super::stock::instruments(conn, now, size).await?;
    super::stock::bookings(conn, now, size).await?;
    super::usage::usage(conn, now, size).await?;
    conn.execute("COMMIT").await?;
    conn.execute("ANALYZE").await?;
    if is_sqlite {
        let wrong = sqlx::query("PRAGMA foreign_key_check").fetch_all(&mut *conn).await?;
        if !wrong.is_empty() {
            return Err(sqlx::Error::Protocol(format!("{} rows point at nothing", wrong.len())));
        }
    }
    Ok(())
}

async fn parties(conn: &mut AnyConnection, now: Instant) -> Result<(), sqlx::Error> {
    let mut organisations = Table::new("organisations", "id, uscc, created_at");
    let mut names = Table::new("organisation_names", "organisation_id, name, from_on");
    let mut addresses = Table::new("organisation_addresses", "organisation_id, region_code, address, from_on");
    let mut sides = Table::new("organisation_sides", "organisation_id, side, since_at");
    let mut enrolments = Table::new("enrolments", "id, bureau_id, institution_id, from_on");
    let mut persons = Table::new("persons", "id, name, lang, created_at");
    let mut identities = Table::new("identities", "id, person_id, kind, address, verified_at");
    let mut memberships = Table::new("memberships", "id, person_id, organisation_id, side, role, from_at");
    let mut tokens = Table::new("tokens", "id, fingerprint, membership_id, created_at");
    let mut sessions = Table::new("sessions", "id, fingerprint, membership_id, created_at, seen_at");
    let bureau = id(Kind::Bureau, 0);
    let mut all = vec![(bureau.clone(), uscc(1), "某市科学技术局".to_owned(), "370200", "bureau", "officer")];
    for n in 0..INSTITUTIONS {
        let region = if n < INSTITUTIONS / 2 { "370212" } else { "370602" };
        all.push((id(Kind::Institution, n), uscc(10 + n), format!("第{n}研究院"), region, "institution", "manager"));
    }
    for n in 0..ENTERPRISES {
        all.push((id(Kind::Enterprise, n), enterprise_uscc(n), format!("第{n}科技有限公司"), "370202", "enterprise", "booker"));
    }
    for (n, (organisation, code, name, region, side, role)) in all.iter().enumerate() {
        organisations.put(conn, &[organisation, code, &now]).await?;
        names.put(conn, &[organisation, name, &"2020-01-01"]).await?;
        addresses.put(conn, &[organisation, region, &"", &"2020-01-01"]).await?;
        sides.put(conn, &[organisation, side, &now]).await?;
        if *side == "institution" {
            enrolments.put(conn, &[&id(Kind::Enrolment, n), &bureau, organisation, &"2020-01-01"]).await?;
        }
        let (person, membership) = (id(Kind::Person, n), id(Kind::Membership, n));
        persons.put(conn, &[&person, &format!("人{n}"), &"zh-CN", &now]).await?;
        identities.put(conn, &[&id(Kind::Identity, n), &person, &"mail", &format!("p{n}@bench.test"), &now]).await?;
        memberships.put(conn, &[&membership, &person, organisation, side, role, &now]).await?;
        tokens.put(conn, &[&id(Kind::Token, n), &fingerprint(&token(n)), &membership, &now]).await?;
        sessions.put(conn, &[&id(Kind::Session, n), &fingerprint(&format!("session-{}", token(n))), &membership, &now, &now]).await?;
    }
    let mut bureaus = Table::new("bureaus", "organisation_id");
    bureaus.put(conn, &[&bureau]).await?;
    for table in [
        &mut organisations,
        &mut names,
        &mut addresses,
        &mut sides,
        &mut bureaus,
        &mut enrolments,
        &mut persons,
        &mut identities,
        &mut memberships,
        &mut tokens,
        &mut sessions,
    ] {
        table.end(conn).await?;
    }
    Ok(())
}

async fn vouchers(conn: &mut AnyConnection, now: Instant) -> Result<(), sqlx::Error> {
    const GRANTED: i64 = 20_000_000;
    let mut programmes = Table::new("programmes", "id, bureau_id, year, seed, revision, created_at");
    let mut versions = Table::new(
        "programme_versions",
        "id, programme_id, version, valid_from_on, rate_bp, cap_fen, rounding_fen, budget_fen, commit_percent, use_by_on, redeem_by_on, draw_percent, source, created_at",
    );
    let mut purses = Table::new(
        "purses",
        "id, programme_id, enterprise_id, granted_fen, available_fen, held_fen, claimed_fen, redeemed_fen, lapsed_fen, returned_fen, movements, created_at",
    );
    let mut movements = Table::new("movements", "id, purse_id, number, at, from_account, to_account, amount_fen, cause_kind, cause_id, job");
    for next in [false, true] {
        let (n, year) = (usize::from(next), now.day().year() + i64::from(next));
        let (programme, zero) = (id(Kind::Programme, n), 0_i64);
        programmes.put(conn, &[&programme, &id(Kind::Bureau, 0), &year, &"seed", &0_i64, &now]).await?;
        let (use_by, redeem_by) = (format!("{year}-12-31"), format!("{}-03-31", year + 1));
        versions
            .put(
                conn,
                &[
                    &id(Kind::Version, n),
                    &programme,
                    &1_i64,
                    &"2020-01-01",
                    &3_000_i64,
                    &GRANTED,
                    &100_i64,
                    &(GRANTED * 1_000),
                    &100_i64,
                    &use_by,
                    &redeem_by,
                    &10_i64,
                    &"",
                    &now,
                ],
            )
            .await?;
        for enterprise in 0..ENTERPRISES {
            let number = purse(enterprise, next);
            let purse = id(Kind::Purse, number);
            purses
                .put(conn, &[&purse, &programme, &id(Kind::Enterprise, enterprise), &GRANTED, &GRANTED, &zero, &zero, &zero, &zero, &zero, &1_i64, &now])
                .await?;
            movements
                .put(conn, &[&id(Kind::Movement, number), &purse, &1_i64, &now, &"budget", &"available", &GRANTED, &"application", &"bench", &"bench"])
                .await?;
        }
    }
    for table in [&mut programmes, &mut versions, &mut purses, &mut movements] {
        table.end(conn).await?;
    }
    Ok(())
}
