//! The booking panel: its quote, and every reason against the time that was chosen.
//!
//! The panel is two forms: one by GET for what decides the price (day, times, mode, voucher, kind of purpose), and one by POST to
//! `/bookings`, which carries the same again and what must not stand in an address (purpose, note).

use askama::Template;

use super::week::address_of;
use crate::actions;
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
    /// Where it is mended by a link: what the link says, and its address.
    remedy: Option<(String, String)>,
}

/// What a chosen time costs and whether it can be had: part of the panel, and by itself the answer of `/instruments/{id}/quote`.
#[derive(Template)]
#[template(path = "instruments/quote.html")]
pub struct QuotePart {
    page: Page,
    /// The fields of the POST form that the quote was made of.
    fields: Vec<(&'static str, String)>,
    span: Option<Span>,
    reasons: Vec<Reason>,
    /// Free spans of the same length, each with its address.
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

const FIELDS: [&str; 6] = ["on", "from", "to", "mode", "voucher", "purpose_kind"];

impl Showing<'_> {
    /// The empty part: nothing is chosen yet.
    pub fn nothing(&self) -> QuotePart {
        QuotePart { page: self.page.clone(), fields: Vec::new(), span: None, reasons: Vec::new(), others: Vec::new(), bill: None, waits: false }
    }

    /// The quote of what the form says.
    ///
    /// # Errors
    /// The store's.
    pub async fn quoted(&self, conn: &mut AnyConnection, member: &Member, form: &mut FormState) -> Result<QuotePart, Error> {
        let Some(wish) = read_quote(form, self.id) else { return Ok(self.refused(form, None)) };
        match quote(conn, self.page.now, member, &wish).await {
            Ok(answer) => Ok(self.part(form, &wish, &answer)),
            Err(actions::Error::Refused(refusal)) if form.refuse(&refusal) => Ok(self.refused(form, Some(wish.span))),
            Err(error) => Err(error.into()),
        }
    }

    /// A refusal that stands in the form already.
    pub fn refused(&self, form: &FormState, span: Option<Span>) -> QuotePart {
        let others = form.alternatives.iter().map(|span| (*span, self.address(form, *span))).collect();
        QuotePart { reasons: self.reasons(form, &form.violations), others, fields: fields(form), span, ..self.nothing() }
    }

    fn part(&self, form: &FormState, wish: &QuoteForm, quote: &Quote) -> QuotePart {
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
            fields: fields(form),
            span: Some(span),
            reasons: self.reasons(form, &quote.violations),
            others: quote.alternatives.iter().map(|span| (*span, self.address(form, *span))).collect(),
            bill,
            waits: policy.approval == Approval::Manager,
        }
    }

    /// The page of the instrument with another time chosen.
    fn address(&self, form: &FormState, span: Span) -> String {
        let (day, from, to) = address_of(span);
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.append_pair("on", &day.to_string()).append_pair("from", &from).append_pair("to", &to);
        for name in ["mode", "voucher", "purpose_kind"] {
            if !form.value(name).is_empty() {
                query.append_pair(name, form.value(name));
            }
        }
        format!("/instruments/{}?{}#booking", self.id, query.finish())
    }

    fn reasons(&self, form: &FormState, violations: &[Violation]) -> Vec<Reason> {
        let is_rule = |violation: &&Violation| !matches!(violation.code, "required" | "invalid" | "unknown_field");
        let reason = |violation: &Violation| Reason {
            code: violation.code,
            title: self.page.t(&format!("violation-{}.short", violation.code)),
            text: self.page.violation(violation),
            remedy: self.remedy(form, violation),
        };
        violations.iter().filter(is_rule).map(reason).collect()
    }

    /// A time off the grid is mended by the nearest one upon it.
    fn remedy(&self, form: &FormState, violation: &Violation) -> Option<(String, String)> {
        let fact = |name: &str| violation.facts.iter().find(|(there, _)| *there == name).and_then(|(_, value)| Instant::parse(value).ok());
        let span = Span::new(fact("near_starts_at")?, fact("near_ends_at")?);
        Some((self.page.t1("panel-change-to", "span", self.page.clock_span(span)), self.address(form, span)))
    }
}

fn fields(form: &FormState) -> Vec<(&'static str, String)> {
    FIELDS.iter().map(|name| (*name, form.value(name).to_owned())).collect()
}
