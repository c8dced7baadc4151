//! `/instruments/{id}`: one instrument with its figures, its week, the booking panel, facts, prices and rules; and the live quote.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;

use super::booking::{QuotePart, Showing, read_quote};
use super::week::{Sketch, address_of, draw, wish};
use super::{day_text, hours_in_words, make, name_in};
use crate::actions::instruments::browse;
use crate::actions::instruments::catalogue::{self, Detail};
use crate::actions::openness::{self, InstrumentReport};
use crate::app::App;
use crate::base::time::{DAY, Day, Span};
use crate::base::{format, region};
use crate::domain::actors::Member;
use crate::domain::categories;
use crate::domain::instruments::{Audience, Mode, Policy, Price, State as Listed, price_for};
use crate::domain::openness::Period;
use crate::domain::roles::{Side, Verb};
use crate::domain::vouchers::{PurposeKind, Terms, VoucherChoice};
use crate::http::query::PathId;
use crate::http::{Error, Visitor};
use crate::store::{self, AnyConnection};
use crate::web::frame;
use crate::web::shell::{Choice, FormState, Html, Page, Week};

/// The routes.
pub fn routes() -> Router<Arc<App>> {
    Router::new().route("/instruments/{id}", get(show)).route("/instruments/{id}/quote", get(quote))
}

/// A line of the prices.
struct PriceRow {
    mode: Mode,
    internal_fen: Option<i64>,
    external_fen: Option<i64>,
    share_fen: Option<i64>,
    payable_fen: Option<i64>,
}

/// Who may book, and what the panel says to everybody else.
#[derive(PartialEq, Eq)]
enum Panel {
    /// An enterprise's booker.
    Form,
    /// A stranger.
    SignIn,
    /// Staff of the owner.
    Own,
    /// Anybody else who is signed in.
    Other,
}

/// One instrument as a page.
#[derive(Template)]
#[template(path = "instruments/detail.html")]
struct InstrumentPage {
    page: Page,
    id: String,
    name: String,
    make: String,
    number: String,
    institution: String,
    uscc: String,
    region: String,
    trail: Vec<(String, String)>,
    state: Listed,
    enrolled: bool,
    next_free: Option<Span>,
    hourly_fen: Option<i64>,
    other_prices: Vec<(Mode, i64)>,
    terms: Option<Terms>,
    policy: Policy,
    answer_seconds: Option<i64>,
    report: Option<InstrumentReport>,
    week: Week,
    panel: Panel,
    form: FormState,
    starts: Vec<Choice>,
    ends: Vec<Choice>,
    modes: Vec<Choice>,
    vouchers: Vec<Choice>,
    purposes: Vec<Choice>,
    quote: QuotePart,
    facts: Vec<(String, Html)>,
    prices: Vec<PriceRow>,
    valid_to: Option<Day>,
    hours: String,
    holidays_open: bool,
    updated: Day,
}

impl InstrumentPage {
    /// The terms of the vouchers that the institution takes.
    fn shown_terms(&self) -> Option<&Terms> {
        self.terms.as_ref().filter(|_| self.enrolled)
    }

    /// Whether a day is named by a word such as `明天`, so that its date says more.
    fn is_near(&self, day: Day) -> bool {
        format::relative_day(self.page.lang, self.page.now, day).is_some()
    }

    fn can_manage(&self) -> bool {
        self.panel == Panel::Own
    }
}

async fn show(State(app): State<Arc<App>>, visitor: Visitor, PathId(id): PathId) -> Result<Response, Error> {
    let query = visitor.context.path_and_query.split_once('?').map_or("", |(_, query)| query).to_owned();
    let template = page_of(&app, &visitor, &id, FormState::read(query.as_bytes())).await?;
    frame::show(&template)
}

/// The page again after a form was posted from it, with everything that was typed: 422 with what is wrong, 200 where nothing is.
///
/// # Errors
/// 404 for an instrument that the visitor may not know.
pub async fn again(app: &App, visitor: &Visitor, id: &str, form: FormState) -> Result<Response, Error> {
    let is_wrong = form.is_wrong();
    let template = page_of(app, visitor, id, form).await?;
    if is_wrong { frame::refused(&template) } else { frame::show(&template) }
}

/// The page of an instrument with what was typed into the panel.
async fn page_of(app: &App, visitor: &Visitor, id: &str, form: FormState) -> Result<InstrumentPage, Error> {
    let page = frame::page(app, visitor).await?;
    // One moment: hours that are rolled up in between would be missed.
    let mut conn = app.db.snapshot().await?;
    let member = visitor.member.as_ref();
    let detail = catalogue::detail(&mut conn, page.now, id, member.map(|m| m.organisation_id.as_str())).await?.ok_or(Error::NOT_FOUND)?;
    let terms = browse::terms(&mut conn, page.now, member).await?;
    let answers = browse::answer_times(&mut conn, page.now, std::slice::from_ref(&detail.instrument.id)).await?;
    let report = report(&mut conn, &page, &detail, member).await?;
    let panel = panel(&detail, member);
    let mut form = filled(form, &page, &detail, terms.is_some());
    let week = week(&mut conn, &page, &detail, member, &form).await?;
    let showing = Showing { page: &page, policy: &detail.found.item.rules.policy, institution: &detail.found.item.institution, id };
    let quote = match member.filter(|_| panel == Panel::Form) {
        None => showing.nothing(),
        Some(_) if form.value("on").is_empty() => showing.nothing(),
        Some(member) => showing.quoted(&mut conn, member, &mut form).await?,
    };
    drop(conn);
    let answer = answers.values().next().copied();
    Ok(assemble(page, detail, Extras { terms, report, panel, form, week, quote, answer_seconds: answer }))
}

/// What was gathered beside the instrument itself.
struct Extras {
    terms: Option<Terms>,
    report: Option<InstrumentReport>,
    panel: Panel,
    form: FormState,
    week: Week,
    quote: QuotePart,
    answer_seconds: Option<i64>,
}

fn panel(detail: &Detail, member: Option<&Member>) -> Panel {
    match member {
        None => Panel::SignIn,
        Some(m) if m.may(Verb::Book) => Panel::Form,
        Some(m) if m.side == Side::Institution && m.organisation_id == detail.instrument.institution_id && m.may(Verb::ManageInstruments) => Panel::Own,
        Some(_) => Panel::Other,
    }
}

/// The hours of this year, to the owner and the bureau: what the public sees of them is published by report.
async fn report(conn: &mut AnyConnection, page: &Page, detail: &Detail, member: Option<&Member>) -> Result<Option<InstrumentReport>, Error> {
    let Some(member) = member else { return Ok(None) };
    let owner = &detail.instrument.institution_id;
    let own = member.may(Verb::ReadOwnOpenness) && member.organisation_id == *owner;
    let seen = own || (member.may(Verb::ReadAllOpenness) && openness::bureau_sees(conn, member, owner).await?);
    if !seen {
        return Ok(None);
    }
    let year = Period::Year(page.now.day().0.year());
    Ok(Some(openness::instrument(conn, page.now, &detail.instrument.id, &detail.found.item.region_code, year).await?))
}

/// The form with what a reader would choose anyway: the first free time, the first way with a price.
fn filled(form: FormState, page: &Page, detail: &Detail, has_programme: bool) -> FormState {
    let rules = &detail.found.item.rules;
    let mut form = form;
    if form.value("on").is_empty()
        && let Some(span) = detail.found.next_free.and_then(|free| wish(rules, free))
    {
        let (day, from, to) = address_of(span);
        form = form.with("on", day).with("from", from).with("to", to);
    }
    let priced = |mode: &&Mode| price_for(&detail.prices, **mode, Audience::External, page.now.day()).is_some();
    let modes = detail.instrument.modes();
    if let Some(mode) = modes.iter().find(priced).or(modes.first()) {
        form = form.with("mode", mode);
    }
    let voucher = if has_programme && detail.found.item.enrolled { VoucherChoice::UpTo } else { VoucherChoice::None };
    form.with("voucher", voucher).with("purpose_kind", PurposeKind::Research)
}

async fn week(conn: &mut AnyConnection, page: &Page, detail: &Detail, member: Option<&Member>, form: &FormState) -> Result<Week, Error> {
    let (rules, today) = (&detail.found.item.rules, page.now.day());
    let last = page.now.plus(rules.policy.horizon_days * DAY).day();
    let picked = read_quote(&mut form.clone(), &detail.instrument.id).map(|wish| wish.span).filter(|span| span.seconds() > 0 && span.seconds() <= 7 * DAY);
    let wanted = Day::parse(form.value("week")).or(picked.map(|span| span.starts_at.day())).unwrap_or(today);
    let monday = wanted.monday().clamp(today.monday(), last.monday().max(today.monday()));
    let window = Span::new(monday.start(), monday.plus(7).start());
    let calendar = store::calendar::load(conn, monday.plus(-1), monday.plus(90)).await?;
    let slots = store::slots::list(conn, &detail.instrument.id, window.widened(rules.policy.buffer_seconds())).await?;
    let keep: String = ["mode", "voucher", "purpose_kind"].iter().filter(|name| !form.value(name).is_empty()).fold(String::new(), |keep, name| {
        let pair = url::form_urlencoded::Serializer::new(String::new()).append_pair(name, form.value(name)).finish();
        format!("{keep}&{pair}")
    });
    let mut week = draw(
        Sketch {
            page,
            rules,
            calendar: &calendar,
            slots,
            institution_id: &detail.instrument.institution_id,
            member,
            bookable: detail.instrument.state == Listed::Published,
            picked: picked.filter(|_| member.is_some_and(|m| m.may(Verb::Book))),
            keep: &keep,
        },
        monday,
    );
    let at = |day: Day| format!("/instruments/{}?week={day}{keep}#week", detail.instrument.id);
    week.previous = (monday > today.monday()).then(|| at(monday.plus(-7)));
    week.next = (monday.plus(7) <= last).then(|| at(monday.plus(7)));
    Ok(week)
}

fn assemble(page: Page, detail: Detail, extras: Extras) -> InstrumentPage {
    let Extras { terms, report, panel, form, week, quote, answer_seconds } = extras;
    let (instrument, item) = (&detail.instrument, &detail.found.item);
    let (lang, today) = (page.lang.as_str(), page.now.day());
    let modes = instrument.modes();
    let price = |mode: Mode, audience: Audience| price_for(&detail.prices, mode, audience, today).map(|price: Price| price.amount_fen);
    let share = |fen: i64| terms.as_ref().filter(|_| item.enrolled).map(|terms| terms.share(fen));
    let prices: Vec<PriceRow> = modes
        .iter()
        .map(|mode| {
            let external_fen = price(*mode, Audience::External);
            let share_fen = external_fen.and_then(share);
            let payable_fen = external_fen.map(|fen| fen - share_fen.unwrap_or(0));
            PriceRow { mode: *mode, internal_fen: price(*mode, Audience::Internal), external_fen, share_fen, payable_fen }
        })
        .collect();
    let shown_fen = item.external_hourly_fen;
    let valid_to = modes.iter().filter_map(|mode| price_for(&detail.prices, *mode, Audience::External, today)).filter_map(|price| price.valid_to).min();
    let category = |code: &str| (categories::name(code, lang).to_owned(), format!("/?category={code}"));
    let code = &instrument.category_code;
    let mut trail = vec![category(code.get(..2).unwrap_or_default())];
    if categories::minor(code).is_some() {
        trail.push(category(code.get(..4).unwrap_or_default()));
    }
    let (starts, ends) = times(&item.rules, &form);
    InstrumentPage {
        name: name_in(page.lang, &instrument.name, &instrument.name_en).to_owned(),
        make: make(&instrument.maker, &instrument.model),
        number: instrument.number.clone(),
        institution: item.institution.clone(),
        uscc: item.uscc.clone(),
        region: region::name(&item.region_code, lang),
        trail,
        state: instrument.state,
        enrolled: item.enrolled && terms.is_some(),
        next_free: detail.found.next_free,
        hourly_fen: shown_fen,
        other_prices: prices.iter().filter_map(|row| row.external_fen.filter(|fen| Some(*fen) != shown_fen).map(|fen| (row.mode, fen))).collect(),
        policy: item.rules.policy,
        answer_seconds,
        starts,
        ends,
        modes: modes.iter().map(|mode| mode_choice(&page, *mode, price(*mode, Audience::External))).collect(),
        vouchers: Choice::words(&page, "voucher", &[VoucherChoice::UpTo, VoucherChoice::Required, VoucherChoice::None]),
        purposes: Choice::words(&page, "purpose", PurposeKind::ALL),
        facts: facts(&page, &detail),
        valid_to,
        hours: hours_in_words(&page, &item.rules.opening),
        holidays_open: item.rules.opening.holidays == crate::domain::instruments::Holidays::Open,
        updated: instrument.updated_at.day(),
        id: instrument.id.clone(),
        prices,
        terms,
        report,
        week,
        panel,
        form,
        quote,
        page,
    }
}

fn mode_choice(page: &Page, mode: Mode, external_fen: Option<i64>) -> Choice {
    let note = external_fen.map_or_else(|| page.t("catalogue-no-price"), |fen| page.t1("instrument-an-hour", "price", page.fen(fen)));
    Choice::new(mode, page.word("mode", mode)).note(note).hint(page.word("mode-hint", mode))
}

/// Times of day for start and end: every step of the grid within the opening hours, and whatever was typed.
fn times(rules: &store::instruments::search::Rules, form: &FormState) -> (Vec<Choice>, Vec<Choice>) {
    let step = rules.policy.grid_minutes.max(1);
    let opens = rules.opening.spans.iter().map(|span| span.opens_minute).min().unwrap_or(0);
    let closes = rules.opening.spans.iter().map(|span| span.closes_minute).max().unwrap_or(1440);
    let value = |minute: i64| format!("{:02}:{:02}", minute / 60, minute % 60);
    let all: Vec<i64> = (0..=1440 / step).map(|n| n * step).filter(|minute| (opens..=closes).contains(minute)).collect();
    let choices = |name: &str, minutes: &[i64]| {
        let mut values: Vec<String> = minutes.iter().map(|minute| value(*minute)).collect();
        let typed = form.value(name).to_owned();
        if !typed.is_empty() && !values.contains(&typed) {
            values.push(typed);
            values.sort();
        }
        values.into_iter().map(|value| Choice::new(&value, value.strip_prefix('0').unwrap_or(&value))).collect()
    };
    let (starts, ends) = (all.split_last().map_or(&[][..], |(_, rest)| rest), all.split_first().map_or(&[][..], |(_, rest)| rest));
    (choices("from", starts), choices("to", ends))
}

fn facts(page: &Page, detail: &Detail) -> Vec<(String, Html)> {
    let instrument = &detail.instrument;
    let plain = |text: &str| Html(text.split('\n').map(crate::web::shell::html::escape).collect::<Vec<_>>().join("<br>"));
    let mut facts = Vec::new();
    if !instrument.description.is_empty() {
        facts.push((page.t("instrument-use"), plain(&instrument.description)));
    }
    let value = page.t2("instrument-value-of", "value", page.fen(instrument.original_value_fen), "funding", page.word("funding", instrument.funding));
    facts.push((page.t("instrument-value"), plain(&value)));
    let dates = page.t2("instrument-dates-of", "accepted", day_text(page, instrument.accepted_on), "commissioned", day_text(page, instrument.commissioned_on));
    let listed = instrument.listed_at.map(|at| page.t1("instrument-listed-on", "day", day_text(page, at.day())));
    facts.push((
        page.t("instrument-dates"),
        plain(&format!("{dates}{}", listed.map(|text| format!("{}{text}", page.t("instrument-comma"))).unwrap_or_default())),
    ));
    facts.push((page.t("instrument-place"), plain(&instrument.location)));
    let code = &instrument.category_code;
    facts.push((page.t("instrument-class"), plain(&format!("{code} {}", categories::name(code, page.lang.as_str())))));
    if instrument.kind != crate::domain::instruments::Kind::Instrument {
        facts.push((page.t("instrument-kind"), plain(&page.word("kind", instrument.kind))));
    }
    facts
}

/// The quote of what is typed, as a fragment for the panel.
async fn quote(State(app): State<Arc<App>>, visitor: Visitor, PathId(id): PathId) -> Result<Response, Error> {
    let member = visitor.require(Verb::ReadOwnBookings)?;
    let page = frame::page(&app, &visitor).await?;
    let query = visitor.context.path_and_query.split_once('?').map_or("", |(_, query)| query);
    let mut form = FormState::read(query.as_bytes());
    let mut conn = app.db.read().await?;
    let detail = catalogue::detail(&mut conn, page.now, &id, Some(&member.organisation_id)).await?.ok_or(Error::NOT_FOUND)?;
    let showing = Showing { page: &page, policy: &detail.found.item.rules.policy, institution: &detail.found.item.institution, id: &id };
    let part = if form.value("on").is_empty() { showing.nothing() } else { showing.quoted(&mut conn, member, &mut form).await? };
    // A fragment that explains a refusal is an answer like any other: a browser would note anything but 200 as an error of the page.
    frame::show(&part)
}
