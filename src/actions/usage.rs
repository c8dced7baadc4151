//! Recording use (机时记录): what persons, machines and files deliver, and voiding what was wrong (rules.md section 5).
//!
//! Each segment is judged on its own; a delivery as a whole is only refused by its shape. Start with [`record`].

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use super::{Act, Outcome, bookings, records};
use crate::base::text::fold;
use crate::base::time::{Day, Instant, Span};
use crate::base::uscc::Uscc;
use crate::domain::actors::Actor;
use crate::domain::bookings::State;
use crate::domain::instruments::needed;
use crate::domain::refusals::{Refusal, Violation};
use crate::domain::usage::{Phase, Segment, Source, check_in_key, purpose_of};
use crate::store::bookings::Booking;
use crate::store::usage::{CodedBooking, Delivered, NewSegment, Recorded, Tenure};
use crate::store::{self, Tx};

/// A segment that was not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejected {
    /// Its key, as far as it has one.
    pub key: String,
    /// Everything wrong with it; never empty.
    pub violations: Vec<Violation>,
}

/// What became of a delivery.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Delivery {
    /// How many were taken.
    pub accepted: usize,
    /// How many were there already, with the same content.
    pub duplicates: usize,
    /// Those that were not taken, each with its place in the delivery.
    pub rejected: Vec<(usize, Rejected)>,
}

/// Takes a delivery of one instrument: segments, or what is wrong with those that could not even be read.
///
/// Writes the accepted ones many with one statement, notes the days they touch, and completes no-shows whose code they
/// carry. Whether the actor may is the entrance's to know.
///
/// # Errors
/// `NotFound` when there is no such instrument.
pub async fn record(tx: &mut Tx<'_>, act: &Act, instrument_id: &str, segments: &[Result<Segment, Rejected>]) -> Outcome<Delivery> {
    if !store::instruments::lock(tx, instrument_id).await? {
        return Err(Refusal::NotFound.into());
    }
    let mut delivery = Delivery::default();
    let known = Known::load(tx, instrument_id, segments.iter().flatten()).await?;
    let mut keys = known.keys.clone();
    let (mut rows, mut days, mut missed) = (Vec::new(), BTreeSet::new(), BTreeSet::new());
    for (index, segment) in segments.iter().enumerate() {
        let segment = match segment {
            Ok(segment) => segment,
            Err(rejected) => {
                delivery.rejected.push((index, rejected.clone()));
                continue;
            }
        };
        let hash = segment.content_hash();
        if keys.get(&segment.key) == Some(&hash) {
            delivery.duplicates += 1;
            continue;
        }
        match known.judge(act.now, instrument_id, segment, keys.contains_key(&segment.key)) {
            Err(violations) => delivery.rejected.push((index, Rejected { key: segment.key.clone(), violations })),
            Ok(booking) => {
                missed.extend(booking.filter(|booking| booking.state == State::NoShow).map(|booking| booking.id.clone()));
                days.extend(segment.span.days());
                rows.push(known.row(act.id(), segment, hash.clone(), booking));
                keys.insert(segment.key.clone(), hash);
            }
        }
    }
    delivery.accepted = rows.len();
    write(tx, act, instrument_id, &rows, &days).await?;
    for booking_id in &missed {
        bookings::use_arrived(tx, act, booking_id).await?;
    }
    if !rows.is_empty() {
        let facts = json!({ "accepted": delivery.accepted, "duplicates": delivery.duplicates, "rejected": delivery.rejected.len() });
        records::audit(tx, act, "usage.record", "instrument", instrument_id, &facts).await?;
    }
    Ok(delivery)
}

async fn write(tx: &mut Tx<'_>, act: &Act, instrument_id: &str, rows: &[NewSegment], days: &BTreeSet<Day>) -> Outcome<()> {
    let token_id = match &act.actor {
        Actor::Instrument { token_id, .. } => Some(token_id.as_str()),
        _ => None,
    };
    let by = Delivered { instrument_id, membership_id: act.actor.membership_id(), token_id, at: act.now };
    store::usage::insert_all(tx, by, rows).await?;
    Ok(store::usage::insert_touched(tx, instrument_id, days, act.now).await?)
}

/// What the segments of a delivery refer to, looked up for all of them together.
struct Known {
    tenures: Vec<Tenure>,
    bookings: BTreeMap<String, CodedBooking>,
    parties: BTreeMap<String, String>,
    keys: BTreeMap<String, String>,
}

fn code_of(segment: &Segment) -> Option<String> {
    segment.booking_code.as_deref().map(|code| code.trim().to_ascii_uppercase()).filter(|code| !code.is_empty())
}

fn uscc_of(segment: &Segment) -> Option<String> {
    segment.organisation_uscc.as_deref().and_then(|text| Uscc::parse(text).ok()).map(|uscc| uscc.to_string())
}

impl Known {
    async fn load(tx: &mut Tx<'_>, instrument_id: &str, segments: impl Iterator<Item = &Segment> + Clone) -> Outcome<Self> {
        let tenures = store::usage::list_tenures(tx, instrument_id).await?;
        if tenures.is_empty() {
            return Err(Refusal::NotFound.into());
        }
        let codes: BTreeSet<String> = segments.clone().filter_map(code_of).collect();
        let usccs: BTreeSet<String> = segments.clone().filter_map(uscc_of).collect();
        let keys: BTreeSet<&str> = segments.map(|segment| segment.key.as_str()).collect();
        Ok(Self {
            tenures,
            bookings: store::usage::list_coded_bookings(tx, &codes.iter().map(String::as_str).collect::<Vec<_>>()).await?,
            parties: store::usage::list_parties(tx, &usccs.iter().map(String::as_str).collect::<Vec<_>>()).await?,
            keys: store::usage::list_hashes(tx, instrument_id, &keys.into_iter().collect::<Vec<_>>()).await?,
        })
    }

    /// The booking of a segment that may be taken, if it has one; else everything wrong with it.
    fn judge(&self, now: Instant, instrument_id: &str, segment: &Segment, key_used: bool) -> Result<Option<&CodedBooking>, Vec<Violation>> {
        let mut found = segment.violations(now);
        let code = code_of(segment);
        let booking = code.as_ref().and_then(|code| self.bookings.get(code)).filter(|booking| booking.instrument_id == instrument_id);
        if code.is_some() && booking.is_none() {
            found.push(Violation::invalid("booking_code", "not_found"));
        }
        if key_used {
            found.push(Violation::new("key_reused", "key"));
        }
        if found.is_empty() { Ok(booking) } else { Err(found) }
    }

    fn row(&self, id: String, segment: &Segment, content_hash: String, booking: Option<&CodedBooking>) -> NewSegment {
        let organisation_uscc = uscc_of(segment);
        NewSegment {
            id,
            key: segment.key.clone(),
            content_hash,
            phase: segment.phase,
            span: segment.span,
            institution_id: owner_at(&self.tenures, segment.span.starts_at).to_owned(),
            organisation_id: organisation_uscc.as_ref().and_then(|uscc| self.parties.get(uscc)).cloned(),
            organisation_uscc,
            booking_id: booking.map(|booking| booking.id.clone()),
            purpose_kind: purpose_of(segment.purpose_kind, booking.map(|booking| booking.purpose_kind)),
            samples: segment.samples,
            source: segment.source,
        }
    }
}

/// Who owned an instrument at an instant. What was done before it was registered here is its first owner's, who brings its history.
fn owner_at(tenures: &[Tenure], at: Instant) -> &str {
    tenures.iter().rev().find(|tenure| tenure.from_at <= at).or_else(|| tenures.first()).map_or("", |tenure| tenure.institution_id.as_str())
}

/// Voids a segment of the acting member's institution with a reason; gives it as it stands then. Its days are computed again.
///
/// # Errors
/// `NotFound` for another institution's; 422 without a reason; `StateConflict("voided")` when it is void already.
pub async fn void(tx: &mut Tx<'_>, act: &Act, segment_id: &str, reason: &str) -> Outcome<Recorded> {
    let member = act.actor.member()?;
    let segment = store::usage::find(tx, segment_id).await?.filter(|s| s.institution_id == member.organisation_id).ok_or(Refusal::NotFound)?;
    let mut wrong = Vec::new();
    needed(&mut wrong, "reason", reason, 1000);
    Refusal::unless_empty(wrong)?;
    if !store::instruments::lock(tx, &segment.instrument_id).await? {
        return Err(Refusal::NotFound.into());
    }
    if !store::usage::update_voided(tx, segment_id, act.now, &member.membership_id, reason.trim()).await? {
        return Err(Refusal::StateConflict("voided").into());
    }
    store::usage::insert_touched(tx, &segment.instrument_id, &segment.span().days().collect(), act.now).await?;
    records::audit(tx, act, "usage.void", "usage_segment", segment_id, &json!({ "key": segment.key, "reason": fold(reason) })).await?;
    Ok(store::usage::find(tx, segment_id).await?.ok_or(Refusal::NotFound)?)
}

/// Writes the segment `checkin:CODE` of a booking that was checked out (phase run; source `qr` when `by_booker`, else `staff`).
/// The caller holds the instrument. A use of no length leaves no segment.
pub async fn record_check_out(tx: &mut Tx<'_>, act: &Act, booking: &Booking, used: Span, by_booker: bool) -> Outcome<()> {
    if used.seconds() == 0 {
        return Ok(());
    }
    let customer = store::organisations::find(tx, &booking.customer_id).await?.ok_or(Refusal::NotFound)?;
    let mut segment = Segment {
        key: check_in_key(&booking.code),
        phase: Phase::Run,
        span: used,
        organisation_uscc: Some(customer.uscc),
        booking_code: Some(booking.code.clone()),
        purpose_kind: Some(booking.purpose_kind),
        samples: None,
        source: if by_booker { Source::Qr } else { Source::Staff },
    };
    let id = act.id();
    let known = Known::load(tx, &booking.instrument_id, std::iter::once(&segment)).await?;
    if known.keys.contains_key(&segment.key) {
        // A client chose our key before: checking out must not fail for that.
        segment.key = format!("{}:{id}", segment.key);
    }
    let row = known.row(id, &segment, segment.content_hash(), known.bookings.get(&booking.code));
    write(tx, act, &booking.instrument_id, &[row], &used.days().collect()).await
}
