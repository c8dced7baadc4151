//! Booking from a page: the form by itself (`/bookings/new`), the quote beside it, and what was refused with everything typed kept.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;

use crate::actions;
use crate::actions::bookings::book::{BookForm, MOST_TEXT, book};
use crate::actions::quotes::{Quote, QuoteForm, quote};
use crate::app::App;
use crate::base::format;
use crate::base::time::{Instant, Span};
use crate::domain::actors::Member;
use crate::domain::bookings::State as Stage;
use crate::domain::instruments::{Audience, Mode, State as Listing, price_for};
use crate::domain::refusals::Violation;
use crate::domain::roles::{Side, Verb};
use crate::domain::vouchers::{PurposeKind, VoucherChoice};
use crate::http::{Error, Visitor};
use crate::store;
use crate::store::instruments::Standing;
use crate::web::frame::{Posted, go, page, page_with, refused, show};
use crate::web::shell::{Choice, FormState, Page};

#[derive(Template)]
#[template(path = "bookings/new.html")]
struct NewPage {
    page: Page,
    instrument: Standing,
    form: FormState,
    modes: Vec<Choice>,
    vouchers: Vec<Choice>,
    purposes: Vec<Choice>,
    quoted: QuotedPart,
}

/// The quote and what speaks against the request; stands in the page, and is sent by itself to the script.
#[derive(Template)]
#[template(path = "bookings/quote.html")]
struct QuotedPart {
    page: Page,
    quote: Option<Quote>,
    /// The wanted span, as far as it could be read.
    span: Option<Span>,
    refusals: Vec<Refused>,
    alternatives: Vec<(Span, String)>,
}

impl askama::filters::HtmlSafe for QuotedPart {}

/// One broken rule with its remedy.
struct Refused {
    head: String,
    message: String,
    remedy: Option<(String, String)>,
}

/// What the form wants, as far as it can be read; what cannot is noted.
fn read(form: &mut FormState) -> Option<QuoteForm> {
    let span = form.span("on", "from", "to");
    let (mode, voucher) = (form.word("mode", Mode::parse), form.word("voucher", VoucherChoice::parse));
    let purpose_kind = form.word("purpose_kind", PurposeKind::parse);
    Some(QuoteForm { instrument_id: form.value("instrument_id").to_owned(), span: span?, mode: mode?, voucher: voucher?, purpose_kind: purpose_kind? })
}

/// The instrument that a form is about.
///
/// # Errors
/// 404 for one that the member may not know.
async fn instrument(app: &App, member: &Member, id: &str) -> Result<Standing, Error> {
    let standing = store::instruments::find_standing(&mut *app.db.read().await?, id).await?;
    standing.filter(|s| s.state != Listing::Draft || s.institution_id == member.organisation_id).ok_or(Error::NOT_FOUND)
}

/// The form with values of its own where the address has none.
fn filled(form: FormState, instrument: &Standing) -> FormState {
    let mode = instrument.modes.first().copied().unwrap_or(Mode::SelfService);
    form.with("mode", mode).with("voucher", VoucherChoice::UpTo).with("purpose_kind", PurposeKind::Research).with("instrument_id", &instrument.id)
}

/// `GET /bookings/new?instrument_id&on&from&to&mode`.
pub async fn form(State(app): State<Arc<App>>, visitor: Visitor) -> Result<Response, Error> {
    let member = visitor.require(Verb::Book)?;
    let page = page(&app, &visitor).await?;
    let typed = FormState::read(page.query.as_bytes());
    let instrument = instrument(&app, member, typed.value("instrument_id")).await?;
    let form = filled(typed, &instrument);
    // A form that nobody has filled in yet is not wrong.
    let mut asked = form.clone();
    let quote = match read(&mut asked) {
        Some(wanted) => Some((wanted.span, quote(&mut *app.db.read().await?, page.now, member, &wanted).await?)),
        None => None,
    };
    show(&draw(page, instrument, form, quote))
}

/// `GET /bookings/quote`: the part that changes with every field, for the script. 422 where it would be refused.
pub async fn quoted(State(app): State<Arc<App>>, visitor: Visitor) -> Result<Response, Error> {
    let member = visitor.require(Verb::ReadOwnBookings)?;
    if member.side != Side::Enterprise {
        return Err(Error::NOT_FOUND);
    }
    let page = page(&app, &visitor).await?;
    let mut typed = FormState::read(page.query.as_bytes());
    let instrument = instrument(&app, member, typed.value("instrument_id")).await?;
    typed = filled(typed, &instrument);
    let Some(wanted) = read(&mut typed) else { return show(&part(page, &typed, None)) };
    let answer = quote(&mut *app.db.read().await?, page.now, member, &wanted).await?;
    let status = if answer.violations.is_empty() { axum::http::StatusCode::OK } else { axum::http::StatusCode::UNPROCESSABLE_ENTITY };
    page_with(status, &part(page, &typed, Some((wanted.span, answer))))
}

/// `POST /bookings`: books, and leads to the booking; refused, the form comes back with every reason and what else would do.
pub async fn place(State(app): State<Arc<App>>, posted: Posted) -> Result<Response, Error> {
    let Posted { visitor, mut form, .. } = posted;
    let member = visitor.require(Verb::Book)?;
    let instrument = instrument(&app, member, form.value("instrument_id")).await?;
    let wanted = read(&mut form);
    let (purpose, note) = (form.text("purpose", MOST_TEXT), form.optional_text("note", MOST_TEXT));
    let confidential = form.holds("confidential", "1");
    let page = page(&app, &visitor).await?;
    let Some(wanted) = wanted else { return refused(&draw(page, instrument, form, None)) };
    let answer = quote(&mut *app.db.read().await?, page.now, member, &wanted).await?;
    if form.is_wrong() {
        return refused(&draw(page, instrument, form, Some((wanted.span, answer))));
    }
    let wish = BookForm { quote: wanted, purpose, confidential, note };
    let act = visitor.act(&app)?;
    match app.transact(&act, |tx| Box::pin(book(tx, &act, &wish))).await {
        Ok((booking, _)) => Ok(go(&format!("/bookings/{}", booking.id), if booking.state == Stage::Confirmed { "booked" } else { "requested" })),
        Err(actions::Error::Refused(refusal)) if form.refuse(&refusal) => {
            // The judgement of the transaction is the newer one.
            let answer = Quote { violations: std::mem::take(&mut form.violations), alternatives: form.alternatives.clone(), ..answer };
            refused(&draw(page, instrument, form, Some((wish.quote.span, answer))))
        }
        Err(error) => Err(error.into()),
    }
}

fn draw(page: Page, instrument: Standing, form: FormState, quote: Option<(Span, Quote)>) -> NewPage {
    let prices: Vec<_> = instrument.prices.iter().map(|(_, price)| *price).collect();
    let on = quote.as_ref().map_or(page.now, |(span, _)| span.starts_at).day();
    let mode = |mode: &Mode| {
        let choice = Choice::new(mode, page.word("mode", mode)).hint(page.t(&format!("mode-{mode}-hint")));
        let price = price_for(&prices, *mode, Audience::External, on);
        choice.note(price.map_or_else(|| page.t("booking-no-price"), |price| page.t1("booking-per-hour", "price", page.fen(price.amount_fen))))
    };
    let modes = instrument.modes.iter().map(mode).collect();
    let vouchers = Choice::words(&page, "voucher", &[VoucherChoice::UpTo, VoucherChoice::Required, VoucherChoice::None]);
    let purposes = Choice::words(&page, "purpose", PurposeKind::ALL);
    NewPage { quoted: part(page.clone(), &form, quote), page, instrument, form, modes, vouchers, purposes }
}

fn part(page: Page, form: &FormState, quote: Option<(Span, Quote)>) -> QuotedPart {
    let address = |span: Span| elsewhere(form, span);
    let (span, quote) = quote.map_or((None, None), |(span, quote)| (Some(span), Some(quote)));
    let alternatives = quote.iter().flat_map(|quote| &quote.alternatives).map(|span| (*span, address(*span))).collect();
    let refusals = quote.iter().flat_map(|quote| &quote.violations).map(|violation| explained(&page, violation, &address)).collect();
    QuotedPart { page, quote, span, refusals, alternatives }
}

fn explained(page: &Page, violation: &Violation, address: &impl Fn(Span) -> String) -> Refused {
    let message = page.violation(violation);
    let head = match violation.code {
        "required" | "invalid" | "unknown_field" => page.field(&violation.field),
        code => page.t(&format!("violation-{code}.short")),
    };
    let fact = |name: &str| violation.facts.iter().find(|(key, _)| *key == name).and_then(|(_, value)| Instant::parse(value).ok());
    let near = fact("near_starts_at").zip(fact("near_ends_at")).map(|(starts_at, ends_at)| Span::new(starts_at, ends_at));
    let remedy = near.map(|span| (address(span), page.t1("booking-change-to", "span", page.clock_span(span))));
    Refused { head, message, remedy }
}

/// The address of the form with another time in it and everything else as it was typed.
fn elsewhere(form: &FormState, span: Span) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    for name in ["instrument_id", "mode", "voucher", "purpose", "purpose_kind", "confidential", "note"] {
        if !form.value(name).is_empty() {
            query.append_pair(name, form.value(name));
        }
    }
    let day = span.starts_at.day();
    // A booking until midnight ends at 24:00 of its own day.
    let to = if span.ends_at == day.end() { "24:00".to_owned() } else { format::clock(span.ends_at) };
    query.append_pair("on", &day.to_string()).append_pair("from", &format::clock(span.starts_at)).append_pair("to", &to);
    format!("/bookings/new?{}", query.finish())
}
