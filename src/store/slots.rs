//! Slots (占用时段): what takes an instrument's time. That two live ones never overlap is the schema's guard, `slot_spans_no_overlap`.

use sqlx::{AnyConnection, FromRow};

use super::Error;
use crate::base::ids::Id;
use crate::base::time::{Day, Instant, Span};
use crate::domain::calendar::{Calendar, CalendarDay, DayKind};
use crate::domain::slots::SlotKind;

/// The name of the guard that refuses overlapping slots.
pub const GUARD: &str = "slot_spans_no_overlap";

/// A slot to insert, with its one span on position 1.
#[derive(Debug)]
pub struct NewSlot<'a> {
    /// Id of the slot.
    pub id: &'a str,
    /// Id of its span.
    pub span_id: &'a str,
    /// The instrument.
    pub instrument_id: &'a str,
    /// What takes the time.
    pub kind: SlotKind,
    /// When.
    pub span: Span,
    /// For the owner's staff.
    pub note: &'a str,
    /// Who made it, where a person did.
    pub membership_id: Option<&'a str>,
}

/// Inserts a slot with its span. The instrument's row was touched before.
///
/// # Errors
/// [`Error::Broken`] with [`GUARD`] when it overlaps a live one; the transaction is lost then.
pub async fn insert(conn: &mut AnyConnection, slot: &NewSlot<'_>, now: Instant) -> Result<(), Error> {
    sqlx::query("INSERT INTO slots (id, instrument_id, kind, note, membership_id, created_at) VALUES ($1, $2, $3, $4, $5, $6)")
        .bind(slot.id)
        .bind(slot.instrument_id)
        .bind(slot.kind)
        .bind(slot.note)
        .bind(slot.membership_id)
        .bind(now)
        .execute(&mut *conn)
        .await?;
    sqlx::query("INSERT INTO slot_spans (id, slot_id, instrument_id, position, starts_at, ends_at) VALUES ($1, $2, $3, 1, $4, $5)")
        .bind(slot.span_id)
        .bind(slot.id)
        .bind(slot.instrument_id)
        .bind(slot.span.starts_at)
        .bind(slot.span.ends_at)
        .execute(conn)
        .await?;
    Ok(())
}

/// The live spans of an instrument that touch a window, by start.
pub async fn list_taken(conn: &mut AnyConnection, instrument_id: &str, window: Span) -> Result<Vec<Span>, Error> {
    let rows: Vec<(Instant, Instant)> = sqlx::query_as(
        "SELECT starts_at, ends_at FROM slot_spans WHERE instrument_id = $1 AND freed_at IS NULL AND starts_at < $3 AND ends_at > $2 ORDER BY starts_at",
    )
    .bind(instrument_id)
    .bind(window.starts_at)
    .bind(window.ends_at)
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|(starts_at, ends_at)| Span::new(starts_at, ends_at)).collect())
}

type AroundRow = (Option<Instant>, Option<Instant>, Option<Day>, Option<DayKind>, Option<i64>);

/// What stands around a request: the live spans of an instrument that touch a window, and the special days from one to another, both
/// included. One statement: others wait for the same instrument meanwhile.
pub async fn list_around(conn: &mut AnyConnection, instrument_id: &str, window: Span, days: (Day, Day)) -> Result<(Vec<Span>, Calendar), Error> {
    let rows: Vec<AroundRow> = sqlx::query_as(
        "SELECT starts_at, ends_at, CAST(NULL AS TEXT) AS day, CAST(NULL AS TEXT) AS kind, CAST(NULL AS BIGINT) AS open_as FROM slot_spans \
         WHERE instrument_id = $1 AND freed_at IS NULL AND starts_at < $3 AND ends_at > $2 \
         UNION ALL SELECT CAST(NULL AS BIGINT), CAST(NULL AS BIGINT), day, kind, open_as FROM calendar_days WHERE day >= $4 AND day <= $5",
    )
    .bind(instrument_id)
    .bind(window.starts_at)
    .bind(window.ends_at)
    .bind(days.0)
    .bind(days.1)
    .fetch_all(conn)
    .await?;
    let taken = rows.iter().filter_map(|(starts_at, ends_at, ..)| Some(Span::new((*starts_at)?, (*ends_at)?))).collect();
    let days = rows.iter().filter_map(|(_, _, day, kind, open_as)| Some(CalendarDay { day: (*day)?, kind: (*kind)?, open_as: *open_as }));
    Ok((taken, Calendar::new(days)))
}

/// A live slot with the booking that it stands for.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct SlotLine {
    /// Id.
    pub id: Id,
    /// The instrument.
    pub instrument_id: Id,
    /// What takes the time.
    pub kind: SlotKind,
    /// From when.
    pub starts_at: Instant,
    /// Until when.
    pub ends_at: Instant,
    /// For the owner's staff.
    pub note: String,
    /// The booking, where it is one.
    pub booking_id: Option<Id>,
    /// Whose booking it is.
    pub customer_id: Option<Id>,
}

impl SlotLine {
    /// When.
    #[must_use]
    pub const fn span(&self) -> Span {
        Span::new(self.starts_at, self.ends_at)
    }
}

const LINE: &str = "SELECT s.id AS id, s.instrument_id AS instrument_id, s.kind AS kind, p.starts_at AS starts_at, p.ends_at AS ends_at, s.note AS note, \
     b.id AS booking_id, b.customer_id AS customer_id FROM slot_spans p JOIN slots s ON s.id = p.slot_id LEFT JOIN bookings b ON b.slot_id = s.id \
     WHERE p.freed_at IS NULL";

/// The live slots of an instrument that touch a window, by start.
pub async fn list(conn: &mut AnyConnection, instrument_id: &str, window: Span) -> Result<Vec<SlotLine>, Error> {
    Ok(sqlx::query_as(sqlx::AssertSqlSafe(format!("{LINE} AND p.instrument_id = $1 AND p.starts_at < $3 AND p.ends_at > $2 ORDER BY p.starts_at, s.id")))
        .bind(instrument_id)
        .bind(window.starts_at)
        .bind(window.ends_at)
        .fetch_all(conn)
        .await?)
}

/// The live slots of an institution's instruments that touch a window and are no bookings, by start.
pub async fn list_by_hand(conn: &mut AnyConnection, institution_id: &str, window: Span) -> Result<Vec<SlotLine>, Error> {
    Ok(sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "{LINE} AND s.kind <> 'booking' AND p.instrument_id IN (SELECT instrument_id FROM tenures WHERE institution_id = $1 AND until_at IS NULL) \
         AND p.starts_at < $3 AND p.ends_at > $2 ORDER BY p.starts_at, s.id"
    )))
    .bind(institution_id)
    .bind(window.starts_at)
    .bind(window.ends_at)
    .fetch_all(conn)
    .await?)
}

/// A live slot by id.
pub async fn find(conn: &mut AnyConnection, id: &str) -> Result<Option<SlotLine>, Error> {
    Ok(sqlx::query_as(sqlx::AssertSqlSafe(format!("{LINE} AND s.id = $1"))).bind(id).fetch_optional(conn).await?)
}

/// Frees a slot whole; false when it is freed already.
pub async fn update_freed(conn: &mut AnyConnection, id: &str, now: Instant) -> Result<bool, Error> {
    sqlx::query("UPDATE slot_spans SET freed_at = $2 WHERE slot_id = $1 AND freed_at IS NULL").bind(id).bind(now).execute(&mut *conn).await?;
    let done = sqlx::query("UPDATE slots SET freed_at = $2 WHERE id = $1 AND freed_at IS NULL").bind(id).bind(now).execute(conn).await?;
    Ok(done.rows_affected() > 0)
}

/// Lets a slot end earlier; false when it ends by then anyway. `ends_at` lies after its start.
pub async fn update_ended(conn: &mut AnyConnection, id: &str, ends_at: Instant) -> Result<bool, Error> {
    let done = sqlx::query("UPDATE slot_spans SET ends_at = $2 WHERE slot_id = $1 AND freed_at IS NULL AND ends_at > $2 AND starts_at < $2")
        .bind(id)
        .bind(ends_at)
        .execute(conn)
        .await?;
    Ok(done.rows_affected() > 0)
}
