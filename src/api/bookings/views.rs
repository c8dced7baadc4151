//! How a booking is sent. What a confidential one hides is left `null`.

use serde::Serialize;
use utoipa::ToSchema;

use crate::base::ids::Id;
use crate::base::time::Instant;
use crate::domain::actors::Member;
use crate::domain::bookings::{BookingVerb, State};
use crate::domain::instruments::Mode;
use crate::domain::vouchers::{PurposeKind, VoucherChoice};
use crate::store::bookings::Booking;
use crate::store::bookings::history::{Happened, StatementLine};
use crate::store::bookings::lists::BookingLine;

/// A booking, as every answer about one carries it.
#[derive(Debug, Serialize, ToSchema)]
pub struct BookingView {
    /// Id.
    pub id: Id,
    /// Code for people.
    pub code: String,
    /// How far it is.
    pub state: State,
    /// The instrument.
    pub instrument_id: Id,
    /// From when.
    pub starts_at: Instant,
    /// Until when.
    pub ends_at: Instant,
    /// How it is served.
    pub mode: Mode,
    /// What was chosen of a voucher.
    pub voucher: VoucherChoice,
    /// The quoted fee.
    pub fee_fen: i64,
    /// What is held of a voucher now.
    pub held_fen: i64,
    /// The actual fee, once a statement says it.
    pub actual_fen: Option<i64>,
    /// What cancelling it late costs.
    pub cancel_fee_fen: i64,
    /// Rises with each change.
    pub version: i64,
    /// When it was placed.
    pub created_at: Instant,
    /// When an unanswered request expires.
    pub answer_due_at: Option<Instant>,
    /// When its statement is confirmed by the clock.
    pub confirm_due_at: Option<Instant>,
    /// Since when its statement is disputed.
    pub disputed_at: Option<Instant>,
}

impl BookingView {
    /// A booking with what is held for it.
    #[must_use]
    pub fn new(booking: &Booking, held_fen: i64) -> Self {
        Self {
            id: booking.id.clone(),
            code: booking.code.clone(),
            state: booking.state,
            instrument_id: booking.instrument_id.clone(),
            starts_at: booking.starts_at,
            ends_at: booking.ends_at,
            mode: booking.mode,
            voucher: booking.voucher,
            fee_fen: booking.fee_fen,
            held_fen,
            actual_fen: booking.actual_fen,
            cancel_fee_fen: booking.cancel_fee_fen,
            version: booking.version,
            created_at: booking.created_at,
            answer_due_at: booking.answer_due_at,
            confirm_due_at: booking.confirm_due_at,
            disputed_at: booking.disputed_at,
        }
    }
}

/// One of the two between whom a booking is.
#[derive(Debug, Serialize, ToSchema)]
pub struct BookingPartyView {
    /// 统一社会信用代码.
    pub uscc: String,
    /// Name.
    pub name: String,
}

/// A booking in a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct BookingLineView {
    /// The booking.
    #[serde(flatten)]
    pub booking: BookingView,
    /// Name of the instrument.
    pub instrument_name: String,
    /// The enterprise.
    pub customer: BookingPartyView,
    /// The institution.
    pub institution: BookingPartyView,
    /// Whether it is marked confidential.
    pub confidential: bool,
}

impl BookingLineView {
    /// A line of the store.
    #[must_use]
    pub fn new(line: &BookingLine) -> Self {
        let party = |uscc: &str, name: &str| BookingPartyView { uscc: uscc.to_owned(), name: name.to_owned() };
        Self {
            booking: BookingView::new(&line.booking, line.held_fen),
            instrument_name: line.instrument_name.clone(),
            customer: party(&line.customer_uscc, &line.customer_name),
            institution: party(&line.institution_uscc, &line.institution_name),
            confidential: line.booking.confidential_at.is_some(),
        }
    }
}

/// Something that happened to a booking.
#[derive(Debug, Serialize, ToSchema)]
pub struct BookingEventView {
    /// The version that it made.
    pub version: i64,
    /// When.
    pub at: Instant,
    /// What.
    pub verb: BookingVerb,
    /// State before; `null` when it was placed.
    pub from: Option<State>,
    /// State after.
    pub to: State,
    /// Why, may be empty.
    pub reason: String,
    /// Who; `null` when the clock did it.
    pub by: Option<String>,
    /// For which organisation.
    pub organisation: Option<String>,
    /// The job, where the clock did it.
    pub job: Option<String>,
}

impl From<Happened> for BookingEventView {
    fn from(event: Happened) -> Self {
        Self {
            version: event.version,
            at: event.at,
            verb: event.verb,
            from: event.from_state,
            to: event.to_state,
            reason: event.reason,
            by: event.person_name,
            organisation: event.organisation_name,
            job: event.job,
        }
    }
}

/// The statement that stands (结算单).
#[derive(Debug, Serialize, ToSchema)]
pub struct BookingStatementView {
    /// Id.
    pub id: Id,
    /// Counts up with each new statement of the booking.
    pub version: i64,
    /// The actual fee.
    pub actual_fen: i64,
    /// What use and price give; `null` without recorded use.
    pub computed_fen: Option<i64>,
    /// Seconds of recorded use.
    pub used_seconds: i64,
    /// Why it differs from the record, may be empty.
    pub reason: String,
    /// When it was issued.
    pub issued_at: Instant,
    /// Since when it is disputed.
    pub disputed_at: Option<Instant>,
    /// Why it is disputed.
    pub dispute_reason: Option<String>,
    /// When it was confirmed.
    pub confirmed_at: Option<Instant>,
}

impl From<StatementLine> for BookingStatementView {
    fn from(line: StatementLine) -> Self {
        Self {
            id: line.id,
            version: line.version,
            actual_fen: line.actual_fen,
            computed_fen: line.computed_fen,
            used_seconds: line.used_seconds,
            reason: line.reason,
            issued_at: line.at,
            disputed_at: line.disputed_at,
            dispute_reason: line.dispute_reason,
            confirmed_at: line.confirmed_at,
        }
    }
}

/// A booking with all that its two parties may see of it.
#[derive(Debug, Serialize, ToSchema)]
pub struct BookingDetailView {
    /// The booking with its names.
    #[serde(flatten)]
    pub line: BookingLineView,
    /// What for, in words; `null` where it is hidden.
    pub purpose: Option<String>,
    /// What for, as a kind; `null` where it is hidden.
    pub purpose_kind: Option<PurposeKind>,
    /// The note to the institution; `null` where it is hidden.
    pub note: Option<String>,
    /// Check-in.
    pub checked_in_at: Option<Instant>,
    /// Check-out.
    pub checked_out_at: Option<Instant>,
    /// What happened, the oldest first.
    pub history: Vec<BookingEventView>,
    /// The statement that stands.
    pub statement: Option<BookingStatementView>,
}

impl BookingDetailView {
    /// What a member who may see the booking sees of it.
    #[must_use]
    pub fn new(line: &BookingLine, member: &Member, history: Vec<Happened>, statement: Option<StatementLine>) -> Self {
        let booking = &line.booking;
        let shown = booking.parties().shows_purpose(member);
        Self {
            line: BookingLineView::new(line),
            purpose: shown.then(|| booking.purpose.clone()),
            purpose_kind: shown.then_some(booking.purpose_kind),
            note: shown.then(|| booking.note.clone()),
            checked_in_at: booking.checked_in_at,
            checked_out_at: booking.checked_out_at,
            history: history.into_iter().map(Into::into).collect(),
            statement: statement.map(Into::into),
        }
    }
}
