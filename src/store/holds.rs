//! Holds (冻结): what is held of a purse for a booking now. A row is there for every booking that may draw, also while it holds nothing:
//! it keeps the version of the terms under which the booking was placed.

use sqlx::{AnyConnection, FromRow};

use super::Error;
use crate::base::ids::Id;
use crate::base::time::Day;

/// What is held for a booking.
#[derive(Debug, Clone, FromRow)]
pub struct Hold {
    /// The booking.
    pub booking_id: Id,
    /// From which purse.
    pub purse_id: Id,
    /// The terms under which it was placed.
    pub programme_version_id: Id,
    /// The local day of its start, which names the year of the purse.
    pub drawn_on: Day,
    /// How much is held now.
    pub amount_fen: i64,
}

/// The hold of a booking.
pub async fn find(conn: &mut AnyConnection, booking_id: &str) -> Result<Option<Hold>, Error> {
    Ok(sqlx::query_as("SELECT * FROM holds WHERE booking_id = $1").bind(booking_id).fetch_optional(conn).await?)
}

/// Inserts the hold of a new booking.
pub async fn insert(conn: &mut AnyConnection, hold: &Hold) -> Result<(), Error> {
    sqlx::query("INSERT INTO holds (booking_id, purse_id, programme_version_id, drawn_on, amount_fen) VALUES ($1, $2, $3, $4, $5)")
        .bind(&hold.booking_id)
        .bind(&hold.purse_id)
        .bind(&hold.programme_version_id)
        .bind(hold.drawn_on)
        .bind(hold.amount_fen)
        .execute(conn)
        .await?;
    Ok(())
}

/// Sets what is held for a booking; false when there is no hold.
pub async fn update_amount(conn: &mut AnyConnection, booking_id: &str, amount_fen: i64) -> Result<bool, Error> {
    let done = sqlx::query("UPDATE holds SET amount_fen = $2 WHERE booking_id = $1").bind(booking_id).bind(amount_fen).execute(conn).await?;
    Ok(done.rows_affected() > 0)
}

/// The holds of a purse that hold something.
pub async fn list_of_purse(conn: &mut AnyConnection, purse_id: &str) -> Result<Vec<Hold>, Error> {
    Ok(sqlx::query_as("SELECT * FROM holds WHERE purse_id = $1 AND amount_fen > 0 ORDER BY drawn_on, booking_id").bind(purse_id).fetch_all(conn).await?)
}
