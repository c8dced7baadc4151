//! Instruments with whose they are: what a booking needs of one, and the lock that every claim on its time begins with.
//!
//! Beside: [`listings`] (what stands in a listing), [`versions`] (prices, policy, opening hours), [`search`] and [`facets`] (the catalogue).

pub mod facets;
mod filters;
pub mod listings;
pub mod search;
pub mod versions;

use sqlx::{AnyConnection, FromRow};

use super::Error;
use crate::base::ids::Id;
use crate::domain::instruments::{Holidays, Mode, OpeningHours, OpeningSpan, Policy, Price, State};

/// All that a booking needs of an instrument, as it is now.
#[derive(Debug, Clone)]
pub struct Standing {
    /// The instrument.
    pub id: Id,
    /// Who owns it now.
    pub institution_id: Id,
    /// The owner's own number.
    pub number: String,
    /// Name.
    pub name: String,
    /// Original value.
    pub original_value_fen: i64,
    /// How far its listing is.
    pub state: State,
    /// How it serves.
    pub modes: Vec<Mode>,
    /// The policy in force and its version.
    pub policy_id: Id,
    /// See `policy_id`.
    pub policy: Policy,
    /// The opening hours in force.
    pub opening: OpeningHours,
    /// The prices that are not closed, each with its version's id.
    pub prices: Vec<(Id, Price)>,
}

#[derive(FromRow)]
struct StandingRow {
    id: Id,
    institution_id: Id,
    number: String,
    name: String,
    original_value_fen: i64,
    state: State,
    modes: Option<String>,
    policy_id: Id,
    #[sqlx(flatten)]
    policy: Policy,
    holidays: Holidays,
    spans: Option<String>,
    prices: Option<String>,
}

/// The modes of the instrument `i` as `self,operator`.
const MODES: &str = "(SELECT string_agg(m.mode, ',' ORDER BY m.mode DESC) FROM instrument_modes m WHERE m.instrument_id = i.id)";
/// The columns of a [`Policy`] out of `p`.
const POLICY: &str = "p.grid_minutes AS grid_minutes, p.min_minutes AS min_minutes, p.max_minutes AS max_minutes, p.notice_minutes AS notice_minutes, \
     p.horizon_days AS horizon_days, p.buffer_minutes AS buffer_minutes, p.approval AS approval, p.approval_hours AS approval_hours, \
     p.free_cancel_minutes AS free_cancel_minutes, p.late_cancel_percent AS late_cancel_percent, p.no_show_minutes AS no_show_minutes";
/// Opening hours out of `h`: one text such as `1 510 1050,2 510 1050`, so that a page of instruments needs no second look.
const OPENING: &str = "h.holidays AS holidays, (SELECT string_agg(s.weekday || ' ' || s.opens_minute || ' ' || s.closes_minute, ',' ORDER BY s.weekday, s.opens_minute) \
     FROM opening_spans s WHERE s.opening_id = h.id) AS spans";
/// The rows in force of the instrument `i`: whose it is, policy, opening hours.
const IN_FORCE: &str = "JOIN tenures t ON t.instrument_id = i.id AND t.until_at IS NULL JOIN policies p ON p.instrument_id = i.id AND p.closed_at IS NULL \
     JOIN opening_hours h ON h.instrument_id = i.id AND h.closed_at IS NULL";

/// `self,operator` as modes; a word that is none is left out.
fn read_modes(text: Option<&str>) -> Vec<Mode> {
    text.unwrap_or_default().split(',').filter_map(Mode::parse).collect()
}

/// Opening spans as [`OPENING`] writes them.
fn read_spans(text: Option<&str>) -> Vec<OpeningSpan> {
    let read = |piece: &str| {
        let mut numbers = piece.split(' ').map(|n| n.parse::<i64>().ok());
        Some(OpeningSpan { weekday: numbers.next()??, opens_minute: numbers.next()??, closes_minute: numbers.next()?? })
    };
    text.unwrap_or_default().split(',').filter_map(read).collect()
}

/// All that a booking needs of an instrument; `None` when there is none. One statement: others wait for the same instrument meanwhile.
pub async fn find_standing(conn: &mut AnyConnection, id: &str) -> Result<Option<Standing>, Error> {
    let sql = format!(
        "SELECT i.id AS id, t.institution_id AS institution_id, t.number AS number, i.name AS name, i.original_value_fen AS original_value_fen, i.state AS state, \
         {MODES} AS modes, p.id AS policy_id, {POLICY}, {OPENING}, {} AS prices FROM instruments i {IN_FORCE} WHERE i.id = $1",
        versions::PRICES
    );
    let row: Option<StandingRow> = sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(id).fetch_optional(conn).await?;
    Ok(row.map(|row| Standing {
        modes: read_modes(row.modes.as_deref()),
        opening: OpeningHours { spans: read_spans(row.spans.as_deref()), holidays: row.holidays },
        prices: versions::read_prices(row.prices.as_deref()),
        id: row.id,
        institution_id: row.institution_id,
        number: row.number,
        name: row.name,
        original_value_fen: row.original_value_fen,
        state: row.state,
        policy_id: row.policy_id,
        policy: row.policy,
    }))
}

/// Touches the instrument's row, so that whoever wants its time waits; false when there is none.
pub async fn lock(conn: &mut AnyConnection, id: &str) -> Result<bool, Error> {
    Ok(sqlx::query("UPDATE instruments SET revision = revision + 1 WHERE id = $1").bind(id).execute(conn).await?.rows_affected() > 0)
}

/// Touches the rows of several instruments.
pub async fn lock_all(conn: &mut AnyConnection, ids: &[Id]) -> Result<(), Error> {
    let places: Vec<String> = (1..=ids.len()).map(|number| format!("${number}")).collect();
    let mut query = sqlx::query(sqlx::AssertSqlSafe(format!("UPDATE instruments SET revision = revision + 1 WHERE id IN ({})", places.join(", "))));
    for id in ids {
        query = query.bind(id);
    }
    query.execute(conn).await?;
    Ok(())
}

/// Touches the rows of every instrument that two organisations have or had.
pub async fn lock_all_of(conn: &mut AnyConnection, one: &str, other: &str) -> Result<(), Error> {
    sqlx::query("UPDATE instruments SET revision = revision + 1 WHERE id IN (SELECT instrument_id FROM tenures WHERE institution_id IN ($1, $2))")
        .bind(one)
        .bind(other)
        .execute(conn)
        .await?;
    Ok(())
}

/// The organisation that owns an instrument now.
pub async fn find_owner(conn: &mut AnyConnection, id: &str) -> Result<Option<Id>, Error> {
    Ok(sqlx::query_scalar("SELECT institution_id FROM tenures WHERE instrument_id = $1 AND until_at IS NULL").bind(id).fetch_optional(conn).await?)
}
