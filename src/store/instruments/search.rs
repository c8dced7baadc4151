//! The catalogue: which instruments fit a question, what a page shows of them, and what takes their time.

use std::fmt::Write as _;

use sqlx::{AnyConnection, AssertSqlSafe, FromRow};

use super::filters::{Built, HOURLY};
use super::{Error, Holidays, IN_FORCE, Id, MODES, Mode, OPENING, OpeningHours, POLICY, Policy, State, read_modes, read_spans};
use crate::base::time::{Day, Instant, Span};
use crate::domain::instruments::Kind;

pub use super::filters::{Filters, Order};

/// How many instruments fit.
pub async fn count(conn: &mut AnyConnection, filters: &Filters, today: Day) -> Result<i64, Error> {
    let mut built = Built { sql: "SELECT count(*)".to_owned(), ..Built::default() };
    built.put_sources(filters, "", today)?;
    Ok(sqlx::query_scalar_with(AssertSqlSafe(built.sql), built.arguments).fetch_one(conn).await?)
}

/// The ids of a page of those that fit.
pub async fn list_ids(conn: &mut AnyConnection, filters: &Filters, order: Order, today: Day, limit: i64, offset: i64) -> Result<Vec<Id>, Error> {
    let mut built = Built { sql: "SELECT i.id".to_owned(), ..Built::default() };
    built.put_sources(filters, "", today)?;
    built.order(filters, order, today)?;
    let (limit, offset) = (built.bind(limit)?, built.bind(offset)?);
    let _ = write!(built.sql, " LIMIT {limit} OFFSET {offset}");
    Ok(sqlx::query_scalar_with(AssertSqlSafe(built.sql), built.arguments).fetch_all(conn).await?)
}

/// What says when an instrument can be had, without what is taken.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Rules {
    /// The policy in force.
    pub policy: Policy,
    /// The opening hours in force.
    pub opening: OpeningHours,
}

#[derive(FromRow)]
struct RulesRow {
    id: Id,
    #[sqlx(flatten)]
    policy: Policy,
    holidays: Holidays,
    spans: Option<String>,
}

/// Everything that fits, in order, each with the rules by which it can be had: for questions that SQL cannot answer.
pub async fn list_rules(conn: &mut AnyConnection, filters: &Filters, order: Order, today: Day) -> Result<Vec<(Id, Rules)>, Error> {
    let mut built = Built { sql: format!("SELECT i.id AS id, {POLICY}, {OPENING}"), ..Built::default() };
    let joins = " JOIN policies p ON p.instrument_id = i.id AND p.closed_at IS NULL JOIN opening_hours h ON h.instrument_id = i.id AND h.closed_at IS NULL";
    built.put_sources(filters, joins, today)?;
    built.order(filters, order, today)?;
    let rows: Vec<RulesRow> = sqlx::query_as_with(AssertSqlSafe(built.sql), built.arguments).fetch_all(conn).await?;
    let read =
        |row: RulesRow| (row.id, Rules { policy: row.policy, opening: OpeningHours { spans: read_spans(row.spans.as_deref()), holidays: row.holidays } });
    Ok(rows.into_iter().map(read).collect())
}

/// An instrument as a list shows it.
#[derive(Debug, Clone)]
pub struct Item {
    /// Id.
    pub id: Id,
    /// The owner's own number.
    pub number: String,
    /// Chinese name.
    pub name: String,
    /// English name, may be empty.
    pub name_en: String,
    /// Model, may be empty.
    pub model: String,
    /// Maker, may be empty.
    pub maker: String,
    /// Six digits.
    pub category_code: String,
    /// What it is.
    pub kind: Kind,
    /// How far its listing is.
    pub state: State,
    /// Who owns it.
    pub institution_id: Id,
    /// USCC of the owner.
    pub uscc: String,
    /// Name of the owner.
    pub institution: String,
    /// Region of the owner.
    pub region_code: String,
    /// Whether the owner is in a voucher pool today.
    pub enrolled: bool,
    /// How it serves.
    pub modes: Vec<Mode>,
    /// The lowest external price of an hour today.
    pub external_hourly_fen: Option<i64>,
    /// When it can be had.
    pub rules: Rules,
}

#[derive(FromRow)]
struct ItemRow {
    id: Id,
    number: String,
    name: String,
    name_en: String,
    model: String,
    maker: String,
    category_code: String,
    kind: Kind,
    state: State,
    institution_id: Id,
    uscc: String,
    institution: String,
    region_code: String,
    enrolled: i64,
    modes: Option<String>,
    external_hourly_fen: Option<i64>,
    #[sqlx(flatten)]
    policy: Policy,
    holidays: Holidays,
    spans: Option<String>,
}

impl From<ItemRow> for Item {
    fn from(row: ItemRow) -> Self {
        Self {
            modes: read_modes(row.modes.as_deref()),
            rules: Rules { policy: row.policy, opening: OpeningHours { spans: read_spans(row.spans.as_deref()), holidays: row.holidays } },
            enrolled: row.enrolled != 0,
            id: row.id,
            number: row.number,
            name: row.name,
            name_en: row.name_en,
            model: row.model,
            maker: row.maker,
            category_code: row.category_code,
            kind: row.kind,
            state: row.state,
            institution_id: row.institution_id,
            uscc: row.uscc,
            institution: row.institution,
            region_code: row.region_code,
            external_hourly_fen: row.external_hourly_fen,
        }
    }
}

/// The instruments of these ids, in their order; ids that are none are left out. One statement.
pub async fn list_items(conn: &mut AnyConnection, ids: &[Id], today: Day) -> Result<Vec<Item>, Error> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut built = Built::default();
    let day = built.bind(today)?;
    let places = built.bind_all(ids)?;
    let hourly = HOURLY.replace("{day}", &day);
    let sql = format!(
        "SELECT i.id AS id, t.number AS number, i.name AS name, i.name_en AS name_en, i.model AS model, i.maker AS maker, i.category_code AS category_code, i.kind AS kind, \
         i.state AS state, t.institution_id AS institution_id, o.uscc AS uscc, o.name AS institution, o.region_code AS region_code, \
         CASE WHEN EXISTS (SELECT 1 FROM enrolments e WHERE e.institution_id = t.institution_id AND e.from_on <= {day} AND (e.until_on IS NULL OR e.until_on > {day})) \
         THEN CAST(1 AS BIGINT) ELSE 0 END AS enrolled, {MODES} AS modes, {hourly} AS external_hourly_fen, {POLICY}, {OPENING} \
         FROM instruments i {IN_FORCE} JOIN parties o ON o.id = t.institution_id WHERE i.id IN ({places})"
    );
    let rows: Vec<ItemRow> = sqlx::query_as_with(AssertSqlSafe(sql), built.arguments).fetch_all(conn).await?;
    let mut items: Vec<Item> = rows.into_iter().map(Item::from).collect();
    let place = |id: &str| ids.iter().position(|wanted| wanted == id).unwrap_or(ids.len());
    items.sort_by_key(|item| place(&item.id));
    Ok(items)
}

/// The live slots of instruments (of all, when `ids` is empty) that touch a window.
pub async fn list_taken(conn: &mut AnyConnection, ids: &[Id], window: Span) -> Result<Vec<(Id, Span)>, Error> {
    let mut built = Built::default();
    let (from, to) = (built.bind(window.starts_at)?, built.bind(window.ends_at)?);
    let places = built.bind_all(ids)?;
    let only = if ids.is_empty() { String::new() } else { format!(" AND instrument_id IN ({places})") };
    let sql = format!(
        "SELECT instrument_id, starts_at, ends_at FROM slot_spans WHERE freed_at IS NULL AND starts_at < {to} AND ends_at > {from}{only} ORDER BY instrument_id, starts_at"
    );
    let rows: Vec<(Id, Instant, Instant)> = sqlx::query_as_with(AssertSqlSafe(sql), built.arguments).fetch_all(conn).await?;
    Ok(rows.into_iter().map(|(id, starts_at, ends_at)| (id, Span::new(starts_at, ends_at))).collect())
}
