//! Usage segments.

use sqlx::AnyConnection;

use super::Error;
use crate::base::time::Span;

/// Spans of the live startup, run and postprocess segments that carry a booking's code, by start. Empty: not used.
pub async fn list_used_spans(_conn: &mut AnyConnection, _booking_id: &str) -> Result<Vec<Span>, Error> {
    Ok(Vec::new())
}

/// Whether a live segment of a booking was delivered by the instrument's own token: automatic evidence.
pub async fn has_automatic_evidence(_conn: &mut AnyConnection, _booking_id: &str) -> Result<bool, Error> {
    Ok(false)
}
