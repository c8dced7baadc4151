//! The calendar entry that goes with a booking's mail: entered when it is requested or confirmed, taken out when it ends before use.
//!
//! To the booker who placed it and to the institution. `SEQUENCE` is the booking's version, so that a later word replaces an earlier one.

use super::Subject;
use crate::base::lang::{Lang, tr};
use crate::base::time::Instant;
use crate::domain::actors::Member;
use crate::domain::roles::Side;
use crate::notices::ical::{Invitation, Method, invitation};
use crate::notices::mail::Entry;

/// The entry for a member, where the event brings one.
#[must_use]
pub fn write(lang: Lang, subject: &Subject, member: &Member, to: &(String, String), from: &str, made_at: Instant) -> Option<Entry> {
    let booking = subject.booking.as_ref()?;
    let method = match subject.event.as_str() {
        "booking.requested" | "booking.confirmed" => Method::Request,
        "booking.declined" | "booking.expired" | "booking.cancelled" | "booking.no_show" => Method::Cancel,
        _ => return None,
    };
    if member.side != Side::Institution && member.membership_id != booking.placed_by {
        return None;
    }
    let host = from.rsplit_once('@').map_or("localhost", |(_, host)| host);
    let names = [("instrument", booking.instrument.clone()), ("code", booking.code.clone())];
    let ics = invitation(&Invitation {
        uid: format!("{}@{host}", booking.id),
        sequence: subject.version,
        method,
        tentative: subject.event == "booking.requested",
        starts_at: booking.starts_at,
        ends_at: booking.ends_at,
        summary: tr(lang, "mail-entry", &names),
        location: booking.location.clone(),
        description: String::new(),
        organizer: (booking.institution.clone(), from.to_owned()),
        attendee: to.clone(),
        stamp: made_at,
    });
    Some(Entry { method, name: format!("{}.ics", booking.code), ics })
}
