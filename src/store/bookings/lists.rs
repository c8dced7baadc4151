//! Bookings as people look through them: with the names beside them, filtered and by page.

use std::fmt::Write as _;

use sqlx::any::AnyArguments;
use sqlx::{AnyConnection, Arguments as _, AssertSqlSafe, FromRow};

use super::Booking;
use crate::base::ids::Id;
use crate::base::paging::{Listed, Page};
use crate::base::time::Instant;
use crate::domain::bookings::State;
use crate::store::Error;

/// A booking with what stands beside it in a list.
#[derive(Debug, Clone, FromRow)]
pub struct BookingLine {
    /// The booking.
    #[sqlx(flatten)]
    pub booking: Booking,
    /// What is held for it now.
    pub held_fen: i64,
    /// Name of the instrument.
    pub instrument_name: String,
    /// The enterprise.
    pub customer_uscc: String,
    /// See `customer_uscc`.
    pub customer_name: String,
    /// The institution.
    pub institution_uscc: String,
    /// See `institution_uscc`.
    pub institution_name: String,
    /// The person who placed it.
    pub booker_name: String,
}

/// In which order.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Order {
    /// The latest start first.
    #[default]
    LatestStart,
    /// The earliest start first.
    EarliestStart,
    /// The request that expires first.
    AnswerDue,
}

impl Order {
    const fn columns(self) -> &'static str {
        match self {
            Self::LatestStart => "b.starts_at DESC, b.id DESC",
            Self::EarliestStart => "b.starts_at, b.id",
            Self::AnswerDue => "b.answer_due_at, b.starts_at, b.id",
        }
    }
}

/// Whose bookings, and which of them.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Placed by this enterprise.
    pub customer_id: Option<Id>,
    /// At instruments that this institution owned at their start.
    pub institution_id: Option<Id>,
    /// In one of these states; any when empty.
    pub states: Vec<State>,
    /// Of this instrument.
    pub instrument_id: Option<Id>,
    /// Not over at this instant.
    pub from: Option<Instant>,
    /// Begun before this instant.
    pub to: Option<Instant>,
    /// In which order.
    pub order: Order,
}

const LINE: &str = "SELECT b.*, coalesce(h.amount_fen, 0) AS held_fen, i.name AS instrument_name, c.uscc AS customer_uscc, c.name AS customer_name, \
     o.uscc AS institution_uscc, o.name AS institution_name, p.name AS booker_name FROM bookings b LEFT JOIN holds h ON h.booking_id = b.id \
     JOIN instruments i ON i.id = b.instrument_id JOIN parties c ON c.id = b.customer_id JOIN parties o ON o.id = b.institution_id \
     JOIN memberships m ON m.id = b.placed_by JOIN persons p ON p.id = m.person_id";

/// A booking with what stands beside it.
pub async fn find(conn: &mut AnyConnection, id: &str) -> Result<Option<BookingLine>, Error> {
    Ok(sqlx::query_as(AssertSqlSafe(format!("{LINE} WHERE b.id = $1"))).bind(id).fetch_optional(conn).await?)
}

fn conditions(filter: &Filter) -> Result<(String, AnyArguments), Error> {
    let mut args = AnyArguments::default();
    let mut sql = String::from(" WHERE 1 = 1");
    let fail = |error| Error::Sql(sqlx::Error::Encode(error));
    for (column, value) in [("customer_id", &filter.customer_id), ("institution_id", &filter.institution_id), ("instrument_id", &filter.instrument_id)] {
        if let Some(value) = value {
            args.add(value.clone()).map_err(fail)?;
            let _ = write!(sql, " AND b.{column} = ${}", args.len());
        }
    }
    for (condition, at) in [("b.ends_at >", filter.from), ("b.starts_at <", filter.to)] {
        if let Some(at) = at {
            args.add(at).map_err(fail)?;
            let _ = write!(sql, " AND {condition} ${}", args.len());
        }
    }
    if !filter.states.is_empty() {
        // States are words of our own vocabulary, never input.
        let words: Vec<String> = filter.states.iter().map(|state| format!("'{state}'")).collect();
        let _ = write!(sql, " AND b.state IN ({})", words.join(", "));
    }
    Ok((sql, args))
}

/// How many bookings a filter keeps.
pub async fn count(conn: &mut AnyConnection, filter: &Filter) -> Result<i64, Error> {
    let (condition, args) = conditions(filter)?;
    Ok(sqlx::query_scalar_with(AssertSqlSafe(format!("SELECT count(*) FROM bookings b{condition}")), args).fetch_one(conn).await?)
}

/// How many of the bookings that a filter keeps have a statement that waits for the customer.
pub async fn count_to_confirm(conn: &mut AnyConnection, filter: &Filter) -> Result<i64, Error> {
    let (condition, args) = conditions(filter)?;
    let sql = format!("SELECT count(*) FROM bookings b{condition} AND b.state = 'completed' AND b.confirm_due_at IS NOT NULL");
    Ok(sqlx::query_scalar_with(AssertSqlSafe(sql), args).fetch_one(conn).await?)
}

/// A page of the bookings that a filter keeps.
pub async fn list(conn: &mut AnyConnection, filter: &Filter, page: Page) -> Result<Listed<BookingLine>, Error> {
    let total = count(conn, filter).await?;
    let (condition, args) = conditions(filter)?;
    // Limit and offset are our own numbers.
    let sql = format!("{LINE}{condition} ORDER BY {} LIMIT {} OFFSET {}", filter.order.columns(), page.limit, page.offset);
    Ok(Listed::new(sqlx::query_as_with(AssertSqlSafe(sql), args).fetch_all(conn).await?, total, page))
}

/// How an enterprise has booked at an institution so far.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Record {
    /// The enterprise.
    pub customer_id: Id,
    /// Bookings of all times.
    pub bookings: i64,
    /// Those to which nobody came.
    pub no_shows: i64,
}

/// How the enterprises that wait for an answer of an institution have booked there so far.
pub async fn list_records(conn: &mut AnyConnection, institution_id: &str) -> Result<Vec<Record>, Error> {
    Ok(sqlx::query_as(
        "SELECT customer_id, count(*) AS bookings, count(*) FILTER (WHERE state = 'no_show') AS no_shows FROM bookings WHERE institution_id = $1 \
         AND customer_id IN (SELECT customer_id FROM bookings WHERE institution_id = $1 AND state = 'requested') GROUP BY customer_id",
    )
    .bind(institution_id)
    .fetch_all(conn)
    .await?)
}
