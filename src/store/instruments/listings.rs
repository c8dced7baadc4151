//! What stands in a listing, how it lives, and the words under which it is found.

use sqlx::{AnyConnection, FromRow};

use super::{Error, Id, Mode, State, read_modes};
use crate::base::time::{Day, Instant};
use crate::domain::instruments::{Funding, Kind, Listing};

/// An instrument with whose it is, as it is now.
#[derive(Debug, Clone, FromRow)]
pub struct Instrument {
    /// Id.
    pub id: Id,
    /// Who owns it now.
    pub institution_id: Id,
    /// The owner's own number.
    pub number: String,
    /// Where it stands.
    pub location: String,
    /// Chinese name.
    pub name: String,
    /// English name, may be empty.
    pub name_en: String,
    /// Model, may be empty.
    pub model: String,
    /// Maker, may be empty.
    pub maker: String,
    /// Free text, may be empty.
    pub description: String,
    /// Six digits.
    pub category_code: String,
    /// What it is.
    pub kind: Kind,
    /// 原值.
    pub original_value_fen: i64,
    /// 验收日期.
    pub accepted_on: Day,
    /// 启用日期.
    pub commissioned_on: Day,
    /// Whose money.
    pub funding: Funding,
    /// How many can work on it at once.
    pub positions: i64,
    /// How far its listing is.
    pub state: State,
    /// Rises with each change of the listing.
    pub version: i64,
    /// First publication.
    pub listed_at: Option<Instant>,
    /// When it was entered.
    pub created_at: Instant,
    /// When it was last changed.
    pub updated_at: Instant,
    #[sqlx(rename = "modes")]
    modes_text: Option<String>,
}

impl Instrument {
    /// How it serves.
    #[must_use]
    pub fn modes(&self) -> Vec<Mode> {
        read_modes(self.modes_text.as_deref())
    }

    /// What it says of itself, to lay a change over.
    #[must_use]
    pub fn listing(&self) -> Listing {
        let optional = |text: &String| (!text.is_empty()).then(|| text.clone());
        Listing {
            number: self.number.clone(),
            name: self.name.clone(),
            name_en: optional(&self.name_en),
            model: optional(&self.model),
            maker: optional(&self.maker),
            description: optional(&self.description),
            category_code: self.category_code.clone(),
            kind: self.kind,
            original_value_fen: self.original_value_fen,
            accepted_on: self.accepted_on,
            commissioned_on: self.commissioned_on,
            funding: self.funding,
            location: self.location.clone(),
            modes: self.modes(),
            positions: self.positions,
        }
    }
}

const INSTRUMENT: &str = "SELECT i.id, i.institution_id, i.number, i.location, i.name, i.name_en, i.model, i.maker, i.description, i.category_code, i.kind, \
     i.original_value_fen, i.accepted_on, i.commissioned_on, i.funding, i.positions, i.state, i.version, i.listed_at, i.created_at, i.updated_at, \
     (SELECT string_agg(m.mode, ',' ORDER BY m.mode DESC) FROM instrument_modes m WHERE m.instrument_id = i.id) AS modes FROM instruments_now i";

/// An instrument by id.
pub async fn find(conn: &mut AnyConnection, id: &str) -> Result<Option<Instrument>, Error> {
    Ok(sqlx::query_as(sqlx::AssertSqlSafe(format!("{INSTRUMENT} WHERE i.id = $1"))).bind(id).fetch_optional(conn).await?)
}

/// An instrument by its owner's own number.
pub async fn find_by_number(conn: &mut AnyConnection, institution_id: &str, number: &str) -> Result<Option<Instrument>, Error> {
    let sql = format!("{INSTRUMENT} WHERE i.institution_id = $1 AND i.number = $2");
    Ok(sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(institution_id).bind(number).fetch_optional(conn).await?)
}

/// Every instrument of an institution, by number.
pub async fn list_of(conn: &mut AnyConnection, institution_id: &str) -> Result<Vec<Instrument>, Error> {
    Ok(sqlx::query_as(sqlx::AssertSqlSafe(format!("{INSTRUMENT} WHERE i.institution_id = $1 ORDER BY i.number, i.id")))
        .bind(institution_id)
        .fetch_all(conn)
        .await?)
}

/// Ids under which a new listing is stored.
#[derive(Debug, Clone)]
pub struct NewIds {
    /// The instrument.
    pub instrument: Id,
    /// Its first tenure.
    pub tenure: Id,
    /// Its service period.
    pub period: Id,
}

/// Inserts a draft with its tenure, service period and modes.
///
/// # Errors
/// `Broken` by `tenures_number` when the institution has that number already; see [`is_number_taken`].
pub async fn insert(conn: &mut AnyConnection, ids: &NewIds, institution_id: &str, listing: &Listing, now: Instant) -> Result<(), Error> {
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    sqlx::query(
        "INSERT INTO instruments (id, name, name_en, model, maker, description, category_code, kind, original_value_fen, accepted_on, funding, positions, state, \
         revision, version, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 0, 1, $14, $14)",
    )
    .bind(&ids.instrument)
    .bind(&listing.name)
    .bind(text(&listing.name_en))
    .bind(text(&listing.model))
    .bind(text(&listing.maker))
    .bind(text(&listing.description))
    .bind(&listing.category_code)
    .bind(listing.kind)
    .bind(listing.original_value_fen)
    .bind(listing.accepted_on)
    .bind(listing.funding)
    .bind(listing.positions)
    .bind(State::Draft)
    .bind(now)
    .execute(&mut *conn)
    .await?;
    sqlx::query("INSERT INTO tenures (id, instrument_id, institution_id, number, location, from_at) VALUES ($1, $2, $3, $4, $5, $6)")
        .bind(&ids.tenure)
        .bind(&ids.instrument)
        .bind(institution_id)
        .bind(&listing.number)
        .bind(&listing.location)
        .bind(listing.commissioned_on.start().min(now))
        .execute(&mut *conn)
        .await?;
    sqlx::query("INSERT INTO service_periods (id, instrument_id, from_on) VALUES ($1, $2, $3)")
        .bind(&ids.period)
        .bind(&ids.instrument)
        .bind(listing.commissioned_on)
        .execute(&mut *conn)
        .await?;
    insert_modes(conn, &ids.instrument, &listing.modes).await
}

/// Whether a write failed because the institution has that number already.
#[must_use]
pub fn is_number_taken(error: &Error) -> bool {
    error.broke("tenures_number") || error.broke("tenures.institution_id, tenures.number")
}

async fn insert_modes(conn: &mut AnyConnection, id: &str, modes: &[Mode]) -> Result<(), Error> {
    for mode in modes {
        sqlx::query("INSERT INTO instrument_modes (instrument_id, mode) VALUES ($1, $2)").bind(id).bind(*mode).execute(&mut *conn).await?;
    }
    Ok(())
}

/// Writes a changed listing over the one that is there; false when there is none.
///
/// # Errors
/// As [`insert`].
pub async fn update(conn: &mut AnyConnection, id: &str, listing: &Listing, now: Instant) -> Result<bool, Error> {
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let done = sqlx::query(
        "UPDATE instruments SET name = $2, name_en = $3, model = $4, maker = $5, description = $6, category_code = $7, kind = $8, original_value_fen = $9, \
         accepted_on = $10, funding = $11, positions = $12 WHERE id = $1",
    )
    .bind(id)
    .bind(&listing.name)
    .bind(text(&listing.name_en))
    .bind(text(&listing.model))
    .bind(text(&listing.maker))
    .bind(text(&listing.description))
    .bind(&listing.category_code)
    .bind(listing.kind)
    .bind(listing.original_value_fen)
    .bind(listing.accepted_on)
    .bind(listing.funding)
    .bind(listing.positions)
    .execute(&mut *conn)
    .await?;
    // Whoever enters it owned it since it was put to use; use recorded from before is theirs too.
    sqlx::query(
        "UPDATE tenures SET number = $2, location = $3, from_at = CASE WHEN from_at > $4 AND NOT EXISTS (SELECT 1 FROM tenures o WHERE o.instrument_id = $1 AND o.until_at IS NOT NULL) \
         THEN $4 ELSE from_at END WHERE instrument_id = $1 AND until_at IS NULL",
    )
        .bind(id)
        .bind(&listing.number)
        .bind(&listing.location)
        .bind(listing.commissioned_on.start())
        .execute(&mut *conn)
        .await?;
    sqlx::query(
        "UPDATE service_periods SET from_on = $2 WHERE instrument_id = $1 AND from_on = (SELECT min(s.from_on) FROM service_periods s WHERE s.instrument_id = $1)",
    )
    .bind(id)
    .bind(listing.commissioned_on)
    .execute(&mut *conn)
    .await?;
    sqlx::query("DELETE FROM instrument_modes WHERE instrument_id = $1").bind(id).execute(&mut *conn).await?;
    insert_modes(conn, id, &listing.modes).await?;
    update_version(conn, id, now).await?;
    Ok(done.rows_affected() > 0)
}

/// Notes that something of a listing has changed.
pub async fn update_version(conn: &mut AnyConnection, id: &str, now: Instant) -> Result<(), Error> {
    sqlx::query("UPDATE instruments SET version = version + 1, updated_at = $2 WHERE id = $1").bind(id).bind(now).execute(conn).await?;
    Ok(())
}

/// Moves a listing to another state and writes the event; retiring ends its service on that day.
pub async fn update_state(
    conn: &mut AnyConnection,
    event_id: &str,
    id: &str,
    (from, to): (State, State),
    now: Instant,
    membership_id: Option<&str>,
) -> Result<bool, Error> {
    let done = sqlx::query("UPDATE instruments SET state = $3 WHERE id = $1 AND state = $2").bind(id).bind(from).bind(to).execute(&mut *conn).await?;
    if done.rows_affected() == 0 {
        return Ok(false);
    }
    sqlx::query("INSERT INTO listing_events (id, instrument_id, from_state, to_state, at, membership_id) VALUES ($1, $2, $3, $4, $5, $6)")
        .bind(event_id)
        .bind(id)
        .bind(from)
        .bind(to)
        .bind(now)
        .bind(membership_id)
        .execute(&mut *conn)
        .await?;
    if to == State::Retired {
        sqlx::query("UPDATE service_periods SET until_on = CASE WHEN from_on > $2 THEN from_on ELSE $2 END WHERE instrument_id = $1 AND until_on IS NULL")
            .bind(id)
            .bind(now.day())
            .execute(&mut *conn)
            .await?;
    }
    update_version(conn, id, now).await?;
    Ok(true)
}

/// Whether bookings of an instrument are requested, confirmed or in use.
pub async fn has_live_bookings(conn: &mut AnyConnection, id: &str) -> Result<bool, Error> {
    let found: Option<String> =
        sqlx::query_scalar("SELECT id FROM bookings WHERE instrument_id = $1 AND state IN ('requested', 'confirmed', 'in_use') LIMIT 1")
            .bind(id)
            .fetch_optional(conn)
            .await?;
    Ok(found.is_some())
}

/// Replaces the words under which an instrument is found.
pub async fn replace_words(conn: &mut AnyConnection, id: &str, words: &[(String, i64)]) -> Result<(), Error> {
    sqlx::query("DELETE FROM instrument_words WHERE instrument_id = $1").bind(id).execute(&mut *conn).await?;
    for chunk in words.chunks(250) {
        let places: Vec<String> = (0..chunk.len()).map(|row| format!("(${}, $1, ${})", row * 2 + 2, row * 2 + 3)).collect();
        let sql = format!("INSERT INTO instrument_words (word, instrument_id, weight) VALUES {}", places.join(", "));
        let mut query = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(id);
        for (word, weight) in chunk {
            query = query.bind(word).bind(*weight);
        }
        query.execute(&mut *conn).await?;
    }
    Ok(())
}
