//! Quotes (报价): what a booking would cost, what a voucher would pay of it, everything that speaks against it, and what else would do.
//!
//! Booking judges by the very same code ([`Seen`]), only that its rows are locked first.

use super::holds::{self, Offer, Wish};
use super::{Error, Outcome};
use crate::base::ids::Id;
use crate::base::time::{DAY, Instant, Span};
use crate::domain::actors::Member;
use crate::domain::bookings::{Bookable, Request};
use crate::domain::calendar::Calendar;
use crate::domain::instruments::{Audience, Mode, Price, State};
use crate::domain::refusals::Violation;
use crate::domain::slots::Timetable;
use crate::domain::vouchers::{PurposeKind, VoucherChoice};
use crate::store::instruments::Standing;
use crate::store::{self, AnyConnection};

/// What somebody wants to know the price of.
#[derive(Debug, Clone)]
pub struct QuoteForm {
    /// The instrument.
    pub instrument_id: Id,
    /// When.
    pub span: Span,
    /// How.
    pub mode: Mode,
    /// Whether a voucher is to pay its share.
    pub voucher: VoucherChoice,
    /// What for.
    pub purpose_kind: PurposeKind,
}

/// The answer.
#[derive(Debug, Clone)]
pub struct Quote {
    /// The fee, which is paid to the institution in full; 0 where there is no price.
    pub fee_fen: i64,
    /// What the voucher would pay back.
    pub voucher_fen: i64,
    /// What one bears in the end: `fee_fen - voucher_fen`.
    pub payable_fen: i64,
    /// Every rule that a booking would break.
    pub violations: Vec<Violation>,
    /// Free spans of the same length that break none, where the wanted one does.
    pub alternatives: Vec<Span>,
    /// What is known of the voucher; empty where none was wanted.
    pub offer: Offer,
    /// The price that would be quoted, with its version's id.
    pub price: Option<(Id, Price)>,
}

/// What an enterprise would pay for a use of an instrument, and whether it could book it.
///
/// # Errors
/// `invalid` at `instrument_id` when the member can know of no such instrument.
pub async fn quote(conn: &mut AnyConnection, now: Instant, member: &Member, form: &QuoteForm) -> Outcome<Quote> {
    let seen = Seen::load(conn, now, member, form).await?;
    let offer = match form.voucher {
        VoucherChoice::None => Offer::default(),
        _ => holds::offer(conn, now, &seen.wish(member, form)).await?,
    };
    Ok(seen.conclude(now, form, offer))
}

/// An instrument as it is seen when a request for it is judged.
#[derive(Debug)]
pub struct Seen {
    /// The instrument.
    pub standing: Standing,
    /// The days around.
    pub calendar: Calendar,
    prices: Vec<Price>,
    taken: Vec<Span>,
}

impl Seen {
    /// Loads all that a request must know.
    ///
    /// # Errors
    /// `invalid` at `instrument_id` when the member can know of no such instrument.
    pub async fn load(conn: &mut AnyConnection, now: Instant, member: &Member, form: &QuoteForm) -> Outcome<Self> {
        let unknown = || Error::from(Violation::invalid("instrument_id", "not_found"));
        let standing = store::instruments::find_standing(conn, &form.instrument_id).await?.ok_or_else(unknown)?;
        if standing.state == State::Draft && standing.institution_id != member.organisation_id {
            return Err(unknown());
        }
        let prices = standing.prices.iter().map(|(_, price)| *price).collect();
        let mut seen = Self { standing, calendar: Calendar::default(), prices, taken: Vec::new() };
        let window = seen.bookable().window(form.request());
        // Far enough for the last opening hours that are looked at, and for the working hours in which a manager answers.
        let (from, to) = (window.starts_at.min(now).day(), window.starts_at.max(now).plus(250 * DAY).day());
        (seen.taken, seen.calendar) = store::slots::list_around(conn, &form.instrument_id, window, (from, to)).await?;
        Ok(seen)
    }

    fn bookable(&self) -> Bookable<'_> {
        let timetable = Timetable { policy: &self.standing.policy, hours: &self.standing.opening, calendar: &self.calendar, taken: &self.taken };
        // Whoever books does so for an enterprise, and pays the external price.
        Bookable { state: self.standing.state, modes: &self.standing.modes, prices: &self.prices, audience: Audience::External, timetable }
    }

    /// What the request wants of a voucher.
    #[must_use]
    pub fn wish(&self, member: &Member, form: &QuoteForm) -> Wish {
        Wish {
            enterprise_id: member.organisation_id.clone(),
            institution_id: self.standing.institution_id.clone(),
            published: self.standing.state == State::Published,
            purpose_kind: form.purpose_kind,
            choice: form.voucher,
            starts_at: form.span.starts_at,
            fee_fen: self.bookable().quote(form.request()).unwrap_or(0),
        }
    }

    /// Judges the request, with what the voucher offers.
    #[must_use]
    pub fn conclude(&self, now: Instant, form: &QuoteForm, offer: Offer) -> Quote {
        let (bookable, request) = (self.bookable(), form.request());
        let mut violations = bookable.judge(request, now);
        let alternatives = if violations.is_empty() { Vec::new() } else { bookable.alternatives(request, now) };
        violations.extend(offer.violation.clone());
        let price = bookable.price(request).and_then(|price| self.standing.prices.iter().find(|(_, p)| *p == price).cloned());
        let fee_fen = bookable.quote(request).unwrap_or(0);
        let voucher_fen = offer.held_fen.clamp(0, fee_fen);
        Quote { fee_fen, voucher_fen, payable_fen: fee_fen - voucher_fen, violations, alternatives, offer, price }
    }
}

impl QuoteForm {
    const fn request(&self) -> Request {
        Request { span: self.span, mode: self.mode }
    }
}
