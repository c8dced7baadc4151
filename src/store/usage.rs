//! Usage segments (机时记录), and which days they touch. A segment is never changed, only voided; how hours are counted from them is not
//! decided here.

pub mod lists;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use sqlx::{AnyConnection, AssertSqlSafe, FromRow};

use super::Error;
use super::db::rows_a_statement;
use crate::base::ids::Id;
use crate::base::paging::{Listed, Page};
use crate::base::time::{Day, Instant, Span};
use crate::domain::actors::Member;
use crate::domain::bookings::State;
use crate::domain::bookings::sight::sees_confidential;
use crate::domain::usage::{Phase, Source};
use crate::domain::vouchers::PurposeKind;

/// A segment as it is stored.
#[derive(Debug, Clone, FromRow)]
pub struct Recorded {
    /// Id.
    pub id: Id,
    /// The instrument.
    pub instrument_id: Id,
    /// Chosen by the client; unique per instrument for ever.
    pub key: String,
    /// What the machine was doing.
    pub phase: Phase,
    /// When.
    pub starts_at: Instant,
    /// See `starts_at`.
    pub ends_at: Instant,
    /// Who owned the instrument at the start.
    pub institution_id: Id,
    /// For whom; `None` for internal use.
    pub organisation_uscc: Option<String>,
    /// The name of `organisation_uscc`, where it is a party here.
    pub organisation_name: Option<String>,
    /// The booking.
    pub booking_id: Option<Id>,
    /// Its code.
    pub booking_code: Option<String>,
    /// Since when the booking is confidential.
    pub confidential_at: Option<Instant>,
    /// The purpose that counts.
    pub purpose_kind: PurposeKind,
    /// How many samples.
    pub samples: Option<i64>,
    /// How it is known.
    pub source: Source,
    /// Who delivered it, where a person did.
    pub membership_id: Option<Id>,
    /// The instrument's own token, where that delivered it.
    pub token_id: Option<Id>,
    /// When it arrived.
    pub received_at: Instant,
    /// When it was voided.
    pub voided_at: Option<Instant>,
    /// Why.
    pub void_reason: Option<String>,
}

impl Recorded {
    /// When.
    #[must_use]
    pub const fn span(&self) -> Span {
        Span::new(self.starts_at, self.ends_at)
    }

    /// As a member may see it: without the samples of a confidential booking where they are none of theirs (rules.md section 1).
    #[must_use]
    pub fn seen_by(self, member: &Member) -> Self {
        let shown = self.confidential_at.is_none() || sees_confidential(member);
        Self { samples: self.samples.filter(|_| shown), ..self }
    }
}

const RECORDED: &str = "SELECT s.id, s.instrument_id, s.key, s.phase, s.starts_at, s.ends_at, s.institution_id, s.organisation_uscc, p.name AS organisation_name, \
     s.booking_id, b.code AS booking_code, b.confidential_at, s.purpose_kind, s.samples, s.source, s.membership_id, s.token_id, s.received_at, s.voided_at, s.void_reason \
     FROM usage_segments s LEFT JOIN bookings b ON b.id = s.booking_id LEFT JOIN parties p ON p.uscc = s.organisation_uscc";

/// A segment to be stored, with everything decided.
#[derive(Debug, Clone)]
pub struct NewSegment {
    /// Id.
    pub id: Id,
    /// Chosen by the client.
    pub key: String,
    /// What tells a duplicate from a key that was used for something else.
    pub content_hash: String,
    /// What the machine was doing.
    pub phase: Phase,
    /// When.
    pub span: Span,
    /// Who owned the instrument at the start.
    pub institution_id: Id,
    /// For whom, where it is a party here.
    pub organisation_id: Option<Id>,
    /// For whom; `None` for internal use.
    pub organisation_uscc: Option<String>,
    /// The booking.
    pub booking_id: Option<Id>,
    /// The purpose that counts.
    pub purpose_kind: PurposeKind,
    /// How many samples.
    pub samples: Option<i64>,
    /// How it is known.
    pub source: Source,
}

/// Who delivers, and when.
#[derive(Debug, Clone, Copy)]
pub struct Delivered<'a> {
    /// The instrument.
    pub instrument_id: &'a str,
    /// The membership of a person.
    pub membership_id: Option<&'a str>,
    /// The instrument's own token.
    pub token_id: Option<&'a str>,
    /// When it arrived.
    pub at: Instant,
}

/// Whose an instrument was, under which number.
#[derive(Debug, Clone, FromRow)]
pub struct Tenure {
    /// The institution.
    pub institution_id: Id,
    /// Its USCC.
    pub uscc: String,
    /// From when on.
    pub from_at: Instant,
    /// Until when.
    pub until_at: Option<Instant>,
}

/// What a segment must know of the booking whose code it carries.
#[derive(Debug, Clone, FromRow)]
pub struct CodedBooking {
    /// Id.
    pub id: Id,
    /// Code for people.
    pub code: String,
    /// The instrument.
    pub instrument_id: Id,
    /// How far it is.
    pub state: State,
    /// What for.
    pub purpose_kind: PurposeKind,
}

/// Spans of the live startup, run and postprocess segments that carry a booking's code, by start. Empty: not used.
pub async fn list_used_spans(conn: &mut AnyConnection, booking_id: &str) -> Result<Vec<Span>, Error> {
    let rows: Vec<(Instant, Instant)> = sqlx::query_as(
        "SELECT starts_at, ends_at FROM usage_segments WHERE booking_id = $1 AND voided_at IS NULL AND phase IN ('startup', 'run', 'postprocess') ORDER BY starts_at, ends_at",
    )
    .bind(booking_id)
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|(starts_at, ends_at)| Span::new(starts_at, ends_at)).collect())
}

/// Whether a live segment of a booking was delivered by the instrument's own token: automatic evidence.
pub async fn has_automatic_evidence(conn: &mut AnyConnection, booking_id: &str) -> Result<bool, Error> {
    let row: Option<String> = sqlx::query_scalar("SELECT id FROM usage_segments WHERE booking_id = $1 AND voided_at IS NULL AND token_id IS NOT NULL LIMIT 1")
        .bind(booking_id)
        .fetch_optional(conn)
        .await?;
    Ok(row.is_some())
}

/// Whose an instrument was, the earliest first.
pub async fn list_tenures(conn: &mut AnyConnection, instrument_id: &str) -> Result<Vec<Tenure>, Error> {
    Ok(sqlx::query_as(
        "SELECT t.institution_id, o.uscc, t.from_at, t.until_at FROM tenures t JOIN organisations o ON o.id = t.institution_id WHERE t.instrument_id = $1 ORDER BY t.from_at, t.id",
    )
    .bind(instrument_id)
    .fetch_all(conn)
    .await?)
}

/// Instruments that an institution owns now, each under its id and under the institution's own number: (name, id).
pub async fn list_owned(conn: &mut AnyConnection, institution_id: &str) -> Result<Vec<(String, Id)>, Error> {
    Ok(sqlx::query_as(
        "SELECT number, instrument_id FROM tenures WHERE institution_id = $1 AND until_at IS NULL UNION ALL SELECT instrument_id, instrument_id FROM tenures WHERE institution_id = $1 AND until_at IS NULL",
    )
    .bind(institution_id)
    .fetch_all(conn)
    .await?)
}

/// `$from, $from + 1, …` for a list of `count` values.
pub(super) fn places(from: usize, count: usize) -> String {
    (from..from + count).fold(String::new(), |mut text, number| {
        let _ = write!(text, "{}${number}", if text.is_empty() { "" } else { ", " });
        text
    })
}

/// Content hashes of the keys that an instrument has used already, live or voided.
pub async fn list_hashes(conn: &mut AnyConnection, instrument_id: &str, keys: &[&str]) -> Result<BTreeMap<String, String>, Error> {
    let mut found = BTreeMap::new();
    for keys in keys.chunks(rows_a_statement(conn, 1)) {
        let sql = format!("SELECT key, content_hash FROM usage_segments WHERE instrument_id = $1 AND key IN ({})", places(2, keys.len()));
        let mut query = sqlx::query_as::<_, (String, String)>(AssertSqlSafe(sql)).bind(instrument_id);
        for key in keys {
            query = query.bind(*key);
        }
        found.extend(query.fetch_all(&mut *conn).await?);
    }
    Ok(found)
}

/// Bookings by their codes.
pub async fn list_coded_bookings(conn: &mut AnyConnection, codes: &[&str]) -> Result<BTreeMap<String, CodedBooking>, Error> {
    let mut found = BTreeMap::new();
    for codes in codes.chunks(rows_a_statement(conn, 1)) {
        let sql = format!("SELECT id, code, instrument_id, state, purpose_kind FROM bookings WHERE code IN ({})", places(1, codes.len()));
        let mut query = sqlx::query_as::<_, CodedBooking>(AssertSqlSafe(sql));
        for code in codes {
            query = query.bind(*code);
        }
        found.extend(query.fetch_all(&mut *conn).await?.into_iter().map(|booking| (booking.code.clone(), booking)));
    }
    Ok(found)
}

/// Ids of the parties among some USCCs.
pub async fn list_parties(conn: &mut AnyConnection, usccs: &[&str]) -> Result<BTreeMap<String, Id>, Error> {
    let mut found = BTreeMap::new();
    for usccs in usccs.chunks(rows_a_statement(conn, 1)) {
        let sql = format!("SELECT uscc, id FROM organisations WHERE uscc IN ({})", places(1, usccs.len()));
        let mut query = sqlx::query_as::<_, (String, Id)>(AssertSqlSafe(sql));
        for uscc in usccs {
            query = query.bind(*uscc);
        }
        found.extend(query.fetch_all(&mut *conn).await?);
    }
    Ok(found)
}

/// Stores segments, many with one statement. The keys must be new: the caller holds the instrument and has looked.
pub async fn insert_all(conn: &mut AnyConnection, by: Delivered<'_>, segments: &[NewSegment]) -> Result<(), Error> {
    const COLUMNS: usize = 17;
    for chunk in segments.chunks(rows_a_statement(conn, COLUMNS)) {
        let rows: Vec<String> = (0..chunk.len()).map(|row| format!("({}, 1)", places(row * COLUMNS + 1, COLUMNS))).collect();
        let sql = format!(
            "INSERT INTO usage_segments (id, instrument_id, key, content_hash, phase, starts_at, ends_at, institution_id, organisation_id, organisation_uscc, \
             booking_id, purpose_kind, samples, source, membership_id, token_id, received_at, position) VALUES {}",
            rows.join(", ")
        );
        let mut query = sqlx::query(AssertSqlSafe(sql));
        for segment in chunk {
            query = query
                .bind(&segment.id)
                .bind(by.instrument_id)
                .bind(&segment.key)
                .bind(&segment.content_hash)
                .bind(segment.phase)
                .bind(segment.span.starts_at)
                .bind(segment.span.ends_at)
                .bind(&segment.institution_id)
                .bind(segment.organisation_id.as_deref())
                .bind(segment.organisation_uscc.as_deref())
                .bind(segment.booking_id.as_deref())
                .bind(segment.purpose_kind)
                .bind(segment.samples)
                .bind(segment.source)
                .bind(by.membership_id)
                .bind(by.token_id)
                .bind(by.at);
        }
        query.execute(&mut *conn).await?;
    }
    Ok(())
}

/// Notes that days of an instrument must be computed again.
pub async fn insert_touched(conn: &mut AnyConnection, instrument_id: &str, days: &BTreeSet<Day>, now: Instant) -> Result<(), Error> {
    let days: Vec<&Day> = days.iter().collect();
    for chunk in days.chunks(rows_a_statement(conn, 1)) {
        let rows: Vec<String> = (0..chunk.len()).map(|row| format!("($1, ${}, $2)", row + 3)).collect();
        let sql = format!(
            "INSERT INTO touched_days (instrument_id, day, touched_at) VALUES {} ON CONFLICT (instrument_id, day) DO UPDATE SET touched_at = excluded.touched_at, touches = touched_days.touches + 1",
            rows.join(", ")
        );
        let mut query = sqlx::query(AssertSqlSafe(sql)).bind(instrument_id).bind(now);
        for day in chunk {
            query = query.bind(**day);
        }
        query.execute(&mut *conn).await?;
    }
    Ok(())
}

/// A segment by id, voided or not.
pub async fn find(conn: &mut AnyConnection, id: &str) -> Result<Option<Recorded>, Error> {
    Ok(sqlx::query_as(AssertSqlSafe(format!("{RECORDED} WHERE s.id = $1"))).bind(id).fetch_optional(conn).await?)
}

/// Segments of an instrument that touch a window (open where an end is missing), by start, voided ones too.
pub async fn list(conn: &mut AnyConnection, instrument_id: &str, from: Option<Instant>, to: Option<Instant>, page: Page) -> Result<Listed<Recorded>, Error> {
    const WHERE: &str = "WHERE s.instrument_id = $1 AND s.ends_at > $2 AND s.starts_at < $3";
    let (from, to) = (from.map_or(0, |at| at.0), to.map_or(i64::MAX, |at| at.0));
    let total: i64 = sqlx::query_scalar(AssertSqlSafe(format!("SELECT CAST(count(*) AS BIGINT) FROM usage_segments s {WHERE}")))
        .bind(instrument_id)
        .bind(from)
        .bind(to)
        .fetch_one(&mut *conn)
        .await?;
    let items = sqlx::query_as(AssertSqlSafe(format!("{RECORDED} {WHERE} ORDER BY s.starts_at, s.id LIMIT $4 OFFSET $5")))
        .bind(instrument_id)
        .bind(from)
        .bind(to)
        .bind(page.limit)
        .bind(page.offset)
        .fetch_all(conn)
        .await?;
    Ok(Listed::new(items, total, page))
}

/// The segments of a booking by start, voided ones too.
pub async fn list_of_booking(conn: &mut AnyConnection, booking_id: &str) -> Result<Vec<Recorded>, Error> {
    Ok(sqlx::query_as(AssertSqlSafe(format!("{RECORDED} WHERE s.booking_id = $1 ORDER BY s.starts_at, s.id"))).bind(booking_id).fetch_all(conn).await?)
}

/// Voids a live segment; false when there is none.
pub async fn update_voided(conn: &mut AnyConnection, id: &str, now: Instant, membership_id: &str, reason: &str) -> Result<bool, Error> {
    let done = sqlx::query("UPDATE usage_segments SET voided_at = $2, voided_by = $3, void_reason = $4 WHERE id = $1 AND voided_at IS NULL")
        .bind(id)
        .bind(now)
        .bind(membership_id)
        .bind(reason)
        .execute(conn)
        .await?;
    Ok(done.rows_affected() > 0)
}
