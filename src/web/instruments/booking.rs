//! The booking panel: its quote, and every reason against the time that was chosen.
//!
//! The panel is one form that is posted to `/bookings`, since purpose and note must not stand in an address. Its button `ask` only
//! draws the page again with the price, a button `take` with another time; both keep whatever was typed, and neither books.

use askama::Template;

use super::week::address_of;
use crate::actions::quotes::{Quote, QuoteForm, quote};
use crate::base::time::{Instant, MINUTE, Span};
use crate::domain::actors::Member;
use crate::domain::instruments::{Approval, Mode, Policy};
use crate::domain::refusals::Violation;
use crate::domain::vouchers::{PurposeKind, VoucherChoice};
use crate::http::Error;
use crate::store::AnyConnection;
use crate::web::shell::{FormState, Page};

/// Reads what decides the price; `None` after notes.
pub fn read_quote(form: &mut FormState, instrument_id: &str) -> Option<QuoteForm> {
    let span = form.span("on", "from", "to");
    let mode = form.word("mode", Mode::parse);
    let voucher = if form.value("voucher").is_empty() { Some(VoucherChoice::None) } else { form.word("voucher", VoucherChoice::parse) };
    let purpose_kind = if form.value("purpose_kind").is_empty() { Some(PurposeKind::Research) } else { form.word("purpose_kind", PurposeKind::parse) };
    Some(QuoteForm { instrument_id: instrument_id.to_owned(), span: span?, mode: mode?, voucher: voucher?, purpose_kind: purpose_kind? })
}

/// A broken rule as the panel tells it.
struct Reason {
    code: &'static str,
    title: String,
    text: String,
    /// The time that would mend it: what the button says, and what it sends.
    remedy: Option<(String, String)>,
}

/// What a chosen time costs and whether it can be had: part of the panel, and by itself the answer of `/instruments/{id}/quote`.
#[derive(Template)]
#[template(path = "instruments/quote.html")]
pub struct QuotePart {
    page: Page,
    span: Option<Span>,
    reasons: Vec<Reason>,
    /// Free spans of the same length, each as its button sends it.
    others: Vec<(Span, String)>,
    bill: Option<Bill>,
    waits: bool,
}

impl askama::filters::HtmlSafe for QuotePart {}

impl QuotePart {
    /// What is left of the voucher, for the hint at its field; empty where there is none.
    #[must_use]
    pub fn voucher_hint(&self) -> String {
        let left = self.bill.as_ref().filter(|bill| bill.rate_bp.is_some()).map(|bill| bill.available_fen);
        let year = self.span.map_or(0, |span| span.starts_at.day().year());
        left.map(|fen| self.page.t2("panel-voucher-left", "year", format!("{year}"), "amount", self.page.fen(fen))).unwrap_or_default()
    }
}

/// The sum of a quote.
struct Bill {
    institution: String,
    hourly_fen: i64,
    seconds: i64,
    fee_fen: i64,
    voucher: VoucherChoice,
    voucher_fen: i64,
    payable_fen: i64,
    rate_bp: Option<i64>,
    share_fen: i64,
    available_fen: i64,
    ineligible: Option<String>,
    /// Until when cancelling is free; `None`: at any time before the start.
    free_until: Option<Instant>,
    late_percent: i64,
    /// Free cancelling is over already.
    late: bool,
}

/// What the quote is shown with.
pub struct Showing<'a> {
    /// The page.
    pub page: &'a Page,
    /// The policy.
    pub policy: &'a Policy,
    /// The institution's name.
    pub institution: &'a str,
    /// The instrument.
    pub id: &'a str,
}

/// A span as a button `take` sends it: day, start, end.
fn taken(span: Span) -> String {
    let (day, from, to) = address_of(span);
    format!("{day} {from} {to}")
}

/// The form with the time that a button `take` was for, or as it is.
pub fn with_taken(form: FormState) -> FormState {
    let wanted: Vec<String> = form.value("take").split(' ').map(str::to_owned).collect();
    match wanted.as_slice() {
        [on, from, to] => form.set("on", on).set("from", from).set("to", to),
        _ => form,
    }
}

/// Whether a violation is about the time or the voucher, which the quote explains, and not about a field that cannot be read.
fn is_rule(violation: &Violation) -> bool {
    !matches!(violation.code, "required" | "invalid" | "unknown_field")
}

impl Showing<'_> {
    /// The empty part: nothing is chosen yet.
    pub fn nothing(&self) -> QuotePart {
        QuotePart { page: self.page.clone(), span: None, reasons: Vec::new(), others: Vec::new(), bill: None, waits: false }
    }

    /// The quote of what the form says. What a booking was refused for stands in the form already and is told here instead, and no
    /// longer at the fields.
    ///
    /// # Errors
    /// The store's.
    pub async fn quoted(&self, conn: &mut AnyConnection, member: &Member, form: &mut FormState) -> Result<QuotePart, Error> {
        let judged: Vec<Violation> = form.violations.extract_if(.., |violation| is_rule(violation)).collect();
        let offered = std::mem::take(&mut form.alternatives);
        // What cannot be read was noted when the form was posted; an address is told about in the quote alone.
        let Some(wish) = read_quote(&mut form.clone(), self.id) else { return Ok(self.nothing()) };
        let mut answer = quote(conn, self.page.now, member, &wish).await?;
        if !judged.is_empty() {
            (answer.violations, answer.alternatives) = (judged, offered);
        }
        Ok(self.part(&wish, &answer))
    }

    fn part(&self, wish: &QuoteForm, quote: &Quote) -> QuotePart {
        let (policy, span) = (self.policy, wish.span);
        let free_until = span.starts_at.plus(-policy.free_cancel_minutes * MINUTE);
        let bill = quote.price.as_ref().map(|(_, price)| Bill {
            institution: self.institution.to_owned(),
            hourly_fen: price.amount_fen,
            seconds: span.seconds(),
            fee_fen: quote.fee_fen,
            voucher: wish.voucher,
            voucher_fen: quote.voucher_fen,
            payable_fen: quote.payable_fen,
            rate_bp: quote.offer.terms.as_ref().map(|terms| terms.rate_bp),
            share_fen: quote.offer.share_fen,
            available_fen: quote.offer.available_fen,
            ineligible: quote.offer.ineligible.map(|why| self.page.word("why", why)),
            free_until: (policy.late_cancel_percent > 0).then_some(free_until),
            late_percent: policy.late_cancel_percent,
            late: free_until < self.page.now,
        });
        QuotePart {
            page: self.page.clone(),
            span: Some(span),
            reasons: self.reasons(&quote.violations),
            others: quote.alternatives.iter().map(|span| (*span, taken(*span))).collect(),
            bill,
            waits: policy.approval == Approval::Manager,
        }
    }

    fn reasons(&self, violations: &[Violation]) -> Vec<Reason> {
        let reason = |violation: &Violation| Reason {
            code: violation.code,
            title: self.page.t(&format!("violation-{}.short", violation.code)),
            text: self.page.violation(violation),
            remedy: self.remedy(violation),
        };
        violations.iter().filter(|violation| is_rule(violation)).map(reason).collect()
    }

    /// A time off the grid is mended by the nearest one upon it.
    fn remedy(&self, violation: &Violation) -> Option<(String, String)> {
        let fact = |name: &str| violation.facts.iter().find(|(there, _)| *there == name).and_then(|(_, value)| Instant::parse(value).ok());
        let span = Span::new(fact("near_starts_at")?, fact("near_ends_at")?);
        Some((self.page.t1("panel-change-to", "span", self.page.clock_span(span)), taken(span)))
    }
}
