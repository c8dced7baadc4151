//! Instruments with whose they are: what a booking needs of one, and the lock that every claim on its time begins with.

use sqlx::{AnyConnection, FromRow};

use super::Error;
use crate::base::ids::Id;
use crate::base::time::Day;
use crate::domain::instruments::{Approval, Audience, Holidays, Mode, OpeningHours, OpeningSpan, Policy, Price, PriceUnit, State};

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
    opening_id: Id,
    holidays: Holidays,
    grid_minutes: i64,
    min_minutes: i64,
    max_minutes: i64,
    notice_minutes: i64,
    horizon_days: i64,
    buffer_minutes: i64,
    approval: Approval,
    approval_hours: i64,
    free_cancel_minutes: i64,
    late_cancel_percent: i64,
    no_show_minutes: i64,
}

impl StandingRow {
    const fn policy(&self) -> Policy {
        Policy {
            grid_minutes: self.grid_minutes,
            min_minutes: self.min_minutes,
            max_minutes: self.max_minutes,
            notice_minutes: self.notice_minutes,
            horizon_days: self.horizon_days,
            buffer_minutes: self.buffer_minutes,
            approval: self.approval,
            approval_hours: self.approval_hours,
            free_cancel_minutes: self.free_cancel_minutes,
            late_cancel_percent: self.late_cancel_percent,
            no_show_minutes: self.no_show_minutes,
        }
    }
}

/// The columns and joins of a [`StandingRow`].
const STANDING: &str = "SELECT i.id AS id, t.institution_id AS institution_id, t.number AS number, i.name AS name, i.original_value_fen AS original_value_fen, i.state AS state, \
     (SELECT string_agg(m.mode, ',' ORDER BY m.mode DESC) FROM instrument_modes m WHERE m.instrument_id = i.id) AS modes, \
     p.id AS policy_id, p.grid_minutes AS grid_minutes, p.min_minutes AS min_minutes, p.max_minutes AS max_minutes, p.notice_minutes AS notice_minutes, \
     p.horizon_days AS horizon_days, p.buffer_minutes AS buffer_minutes, p.approval AS approval, p.approval_hours AS approval_hours, \
     p.free_cancel_minutes AS free_cancel_minutes, p.late_cancel_percent AS late_cancel_percent, p.no_show_minutes AS no_show_minutes, \
     h.id AS opening_id, h.holidays AS holidays \
     FROM instruments i JOIN tenures t ON t.instrument_id = i.id AND t.until_at IS NULL \
     JOIN policies p ON p.instrument_id = i.id AND p.closed_at IS NULL JOIN opening_hours h ON h.instrument_id = i.id AND h.closed_at IS NULL";

#[derive(FromRow)]
struct PriceRow {
    id: Id,
    unit: PriceUnit,
    audience: Audience,
    mode: Option<Mode>,
    amount_fen: i64,
    valid_from_on: Option<Day>,
    valid_to_on: Option<Day>,
}

impl PriceRow {
    const fn price(&self) -> Price {
        Price {
            unit: self.unit,
            audience: self.audience,
            amount_fen: self.amount_fen,
            mode: self.mode,
            valid_from: self.valid_from_on,
            valid_to: self.valid_to_on,
        }
    }
}

/// `self,operator` as modes; a word that is none is left out.
fn read_modes(text: Option<&str>) -> Vec<Mode> {
    text.unwrap_or_default().split(',').filter_map(Mode::parse).collect()
}

/// All that a booking needs of an instrument; `None` when there is none. Three statements.
pub async fn find_standing(conn: &mut AnyConnection, id: &str) -> Result<Option<Standing>, Error> {
    let row: Option<StandingRow> = sqlx::query_as(sqlx::AssertSqlSafe(format!("{STANDING} WHERE i.id = $1"))).bind(id).fetch_optional(&mut *conn).await?;
    let Some(row) = row else { return Ok(None) };
    let spans: Vec<(i64, i64, i64)> =
        sqlx::query_as("SELECT weekday, opens_minute, closes_minute FROM opening_spans WHERE opening_id = $1 ORDER BY weekday, opens_minute")
            .bind(&row.opening_id)
            .fetch_all(&mut *conn)
            .await?;
    let prices: Vec<PriceRow> = sqlx::query_as(
        "SELECT id, unit, audience, mode, amount_fen, valid_from_on, valid_to_on FROM prices WHERE instrument_id = $1 AND closed_at IS NULL ORDER BY id",
    )
    .bind(id)
    .fetch_all(conn)
    .await?;
    Ok(Some(standing(row, spans.into_iter().map(opening_span).collect(), prices.iter().map(|price| (price.id.clone(), price.price())).collect())))
}

const fn opening_span((weekday, opens_minute, closes_minute): (i64, i64, i64)) -> OpeningSpan {
    OpeningSpan { weekday, opens_minute, closes_minute }
}

fn standing(row: StandingRow, spans: Vec<OpeningSpan>, prices: Vec<(Id, Price)>) -> Standing {
    let policy = row.policy();
    Standing {
        id: row.id,
        institution_id: row.institution_id,
        number: row.number,
        name: row.name,
        original_value_fen: row.original_value_fen,
        state: row.state,
        modes: read_modes(row.modes.as_deref()),
        policy_id: row.policy_id,
        policy,
        opening: OpeningHours { spans, holidays: row.holidays },
        prices,
    }
}

/// Touches the instrument's row, so that whoever wants its time waits; false when there is none.
pub async fn lock(conn: &mut AnyConnection, id: &str) -> Result<bool, Error> {
    Ok(sqlx::query("UPDATE instruments SET revision = revision + 1 WHERE id = $1").bind(id).execute(conn).await?.rows_affected() > 0)
}

/// The organisation that owns an instrument now.
pub async fn find_owner(conn: &mut AnyConnection, id: &str) -> Result<Option<Id>, Error> {
    Ok(sqlx::query_scalar("SELECT institution_id FROM tenures WHERE instrument_id = $1 AND until_at IS NULL").bind(id).fetch_optional(conn).await?)
}
