//! `/`: the catalogue. Filters live in the address, so every view of it can be sent on; a wrong one is named and left out.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;

use super::{day_text, make, name_in};
use crate::actions::instruments::browse::{self, Facets};
use crate::actions::instruments::catalogue::{self, Found, Need, Question, Sort};
use crate::app::App;
use crate::base::time::{DAY, Span};
use crate::base::uscc::Uscc;
use crate::base::{paging, region};
use crate::domain::categories;
use crate::domain::instruments::policy::MOST_MINUTES;
use crate::domain::instruments::prices::MOST_PRICE_FEN;
use crate::domain::instruments::{Approval, Mode, limited, out_of_range, words};
use crate::domain::refusals::Violation;
use crate::domain::vouchers::Terms;
use crate::http::{Error, Visitor};
use crate::store::instruments::facets;
use crate::store::instruments::search::Filters;
use crate::store::{self, AnyConnection};
use crate::web::frame;
use crate::web::shell::{Choice, FormState, Page, Pager};

/// Instruments on a page.
const ON_A_PAGE: i64 = 20;
/// Within how many days after the day asked for it must be free.
const WITHIN_DAYS: i64 = 14;
/// The most choices of one filter.
const MOST_CHOICES: usize = 8;

/// The routes.
pub fn routes() -> Router<Arc<App>> {
    Router::new().route("/", get(show))
}

/// A choice of a filter with how many there are.
struct Tick {
    value: String,
    text: String,
    many: i64,
    on: bool,
}

/// A filter in use, and the address without it.
struct Chip {
    text: String,
    href: String,
    question: Question,
}

/// A line of the results.
struct Row {
    href: String,
    name: String,
    make: String,
    institution: String,
    place: String,
    free: Option<Span>,
    hourly_fen: Option<i64>,
    /// What the voucher pays of an hour; `None` where it pays nothing.
    share_fen: Option<i64>,
    /// Median of the answers in working seconds; `None` where none is known.
    answer_seconds: Option<i64>,
    automatic: bool,
    approval_hours: i64,
}

impl Row {
    fn payable_fen(&self) -> i64 {
        self.hourly_fen.unwrap_or(0) - self.share_fen.unwrap_or(0)
    }
}

#[derive(Template)]
#[template(path = "instruments/catalogue.html")]
struct CataloguePage {
    page: Page,
    form: FormState,
    published: i64,
    total: i64,
    modes: Vec<Tick>,
    regions: Vec<Tick>,
    categories: Vec<Tick>,
    lengths: Vec<Choice>,
    sorts: Vec<Choice>,
    chips: Vec<Chip>,
    /// What the sort form keeps of the address.
    kept: Vec<(String, String)>,
    rows: Vec<Row>,
    pager: Pager,
    /// The filter whose removal finds the most, and how many.
    way_out: Option<(String, String, i64)>,
    rate_bp: Option<i64>,
}

async fn show(State(app): State<Arc<App>>, visitor: Visitor) -> Result<Response, Error> {
    let page = frame::page(&app, &visitor).await?;
    let mut form = FormState::read(page.query.as_bytes());
    let (question, at) = read(&mut form, &page);
    let mut conn = app.db.read().await?;
    let (listed, facets) = browse::browse(&mut conn, page.now, &question, at).await?;
    let published = facets::count_published(&mut conn).await?;
    let terms = browse::terms(&mut conn, page.now, visitor.member.as_ref()).await?;
    let ids: Vec<String> = listed.items.iter().map(|found| found.item.id.clone()).collect();
    let answers = browse::answer_times(&mut conn, page.now, &ids).await?;
    let institution = match &question.filters.institution {
        Some(uscc) => store::organisations::find_by_uscc(&mut conn, uscc).await?.map(|party| party.name),
        None => None,
    };
    let chips = chips(&page, &form, &question, institution.as_deref());
    let way_out = if listed.total == 0 { way_out(&mut conn, &page, &chips).await? } else { None };
    drop(conn);
    let rows = listed.items.into_iter().map(|found| {
        let answer = answers.get(&found.item.id).copied();
        row(&page, found, terms.as_ref(), answer)
    });
    let template = CataloguePage {
        rows: rows.collect(),
        published,
        total: listed.total,
        modes: mode_ticks(&page, &facets, &form),
        regions: ticks(&facets.regions, &form, "region", |code| region::name(code, page.lang.as_str())),
        categories: ticks(&facets.categories, &form, "category", |code| categories::name(code, page.lang.as_str()).to_owned()),
        lengths: [60, 120, 240, 480].iter().map(|minutes| Choice::new(minutes, page.minutes(*minutes))).collect(),
        sorts: ["best", "soon", "cheap"].iter().map(|sort| Choice::new(sort, page.word("catalogue-sort", sort))).collect(),
        kept: pairs(&page.query).into_iter().filter(|(name, _)| !matches!(name.as_str(), "sort" | "after")).collect(),
        pager: Pager::new(&page, at, listed.total),
        rate_bp: terms.map(|terms| terms.rate_bp),
        chips,
        way_out,
        form,
        page,
    };
    frame::show(&template)
}

/// Reads the filters; what is wrong is noted at its field and asks for nothing.
fn read(form: &mut FormState, page: &Page) -> (Question, paging::Page) {
    let q = form.value("q").trim().to_owned();
    let noted = form.violations.len();
    limited(&mut form.violations, "q", &q, 200);
    let words = (!q.is_empty() && form.violations.len() == noted).then(|| words::query(&q));
    let modes: Vec<Mode> = form.values("mode").into_iter().filter_map(Mode::parse).collect();
    let regions: Vec<String> = form.values("region").into_iter().filter(|code| region::is_code(code)).map(ToOwned::to_owned).collect();
    let is_head = |code: &&str| matches!(code.len(), 2 | 4 | 6) && code.bytes().all(|b| b.is_ascii_digit());
    let categories: Vec<String> = form.values("category").into_iter().filter(is_head).map(ToOwned::to_owned).collect();
    let max_hourly_fen = form.optional_yuan("max_hourly").filter(|fen| {
        let fits = *fen <= MOST_PRICE_FEN;
        if !fits {
            form.violations.push(out_of_range("max_hourly", 0, MOST_PRICE_FEN / 100));
        }
        fits
    });
    let from = form.optional_day("free_from");
    let minutes = if form.value("minutes").is_empty() { None } else { form.whole("minutes", 1, MOST_MINUTES) };
    let need = (from.is_some() || minutes.is_some()).then(|| {
        let start = from.map_or(page.now, |day| day.start().max(page.now));
        let end = from.map_or(start.plus(800 * DAY), |day| day.plus(WITHIN_DAYS).start());
        Need { window: Span::new(start, end), minutes: minutes.unwrap_or(0) }
    });
    let sort = match form.value("sort") {
        "soon" => Sort::Soonest,
        "cheap" => Sort::Cheapest,
        _ => Sort::Best,
    };
    let at = paging::Page::read(Some(&ON_A_PAGE.to_string()), Some(form.value("after")));
    if at.is_err() {
        form.note(Violation::invalid("after", "not_a_cursor"));
    }
    let institution = Uscc::parse(form.value("institution")).ok().map(|uscc| uscc.to_string());
    let filters = Filters { words, categories, regions, institution, modes, max_hourly_fen, voucher: form.holds("voucher", "1") };
    (Question { filters, need, sort }, at.unwrap_or(paging::Page { limit: ON_A_PAGE, offset: 0 }))
}

fn pairs(query: &str) -> Vec<(String, String)> {
    let all = url::form_urlencoded::parse(query.as_bytes()).into_owned();
    all.filter(|(name, value)| !value.is_empty() && name != "lang" && name != "done").collect()
}

/// The address without one value of a filter, back at the first page.
fn without(query: &str, name: &str, value: Option<&str>) -> String {
    let kept = pairs(query).into_iter().filter(|(n, v)| n != "after" && (n != name || value.is_some_and(|value| value != v)));
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(kept).finish();
    if query.is_empty() { "/".to_owned() } else { format!("/?{query}") }
}

fn chips(page: &Page, form: &FormState, question: &Question, institution: Option<&str>) -> Vec<Chip> {
    let (lang, filters) = (page.lang.as_str(), &question.filters);
    let mut chips = Vec::new();
    let mut put = |text: String, name: &str, value: Option<&str>, question: Question| {
        chips.push(Chip { text, href: without(&page.query, name, value), question });
    };
    if filters.words.is_some() {
        let question = Question { filters: Filters { words: None, ..filters.clone() }, ..question.clone() };
        put(page.t1("catalogue-chip-words", "words", form.value("q").trim()), "q", None, question);
    }
    if let (Some(need), Some(day)) = (question.need, crate::base::time::Day::parse(form.value("free_from"))) {
        let rest = (need.minutes > 0).then(|| Need { window: Span::new(page.now, page.now.plus(800 * DAY)), ..need });
        put(page.t1("catalogue-chip-from", "day", day_text(page, day)), "free_from", None, Question { need: rest, ..question.clone() });
    }
    if let Some(need) = question.need.filter(|need| need.minutes > 0) {
        let rest = (!form.value("free_from").is_empty()).then_some(Need { minutes: 0, ..need });
        put(page.t1("catalogue-chip-minutes", "length", page.minutes(need.minutes)), "minutes", None, Question { need: rest, ..question.clone() });
    }
    for mode in &filters.modes {
        let rest = filters.modes.iter().copied().filter(|other| other != mode).collect();
        let question = Question { filters: Filters { modes: rest, ..filters.clone() }, ..question.clone() };
        put(page.word("mode", mode), "mode", Some(mode.as_str()), question);
    }
    for code in &filters.regions {
        let rest = filters.regions.iter().filter(|other| *other != code).cloned().collect();
        let question = Question { filters: Filters { regions: rest, ..filters.clone() }, ..question.clone() };
        put(region::name(code, lang), "region", Some(code), question);
    }
    for code in &filters.categories {
        let rest = filters.categories.iter().filter(|other| *other != code).cloned().collect();
        let question = Question { filters: Filters { categories: rest, ..filters.clone() }, ..question.clone() };
        put(categories::name(code, lang).to_owned(), "category", Some(code), question);
    }
    if filters.institution.is_some() {
        let question = Question { filters: Filters { institution: None, ..filters.clone() }, ..question.clone() };
        put(institution.unwrap_or_else(|| form.value("institution")).to_owned(), "institution", None, question);
    }
    if let Some(most) = filters.max_hourly_fen {
        let question = Question { filters: Filters { max_hourly_fen: None, ..filters.clone() }, ..question.clone() };
        put(page.t1("catalogue-chip-price", "price", page.fen(most)), "max_hourly", None, question);
    }
    if filters.voucher {
        let question = Question { filters: Filters { voucher: false, ..filters.clone() }, ..question.clone() };
        put(page.t("catalogue-chip-voucher"), "voucher", None, question);
    }
    chips
}

/// The filter whose removal finds the most: its name, the address without it, and how many there are then.
async fn way_out(conn: &mut AnyConnection, page: &Page, chips: &[Chip]) -> Result<Option<(String, String, i64)>, Error> {
    let mut best: Option<(String, String, i64)> = None;
    for chip in chips.iter().take(MOST_CHOICES) {
        let many = catalogue::count(conn, page.now, &chip.question).await?;
        if many > best.as_ref().map_or(0, |(_, _, there)| *there) {
            best = Some((chip.text.clone(), chip.href.clone(), many));
        }
    }
    Ok(best)
}

fn mode_ticks(page: &Page, facets: &Facets, form: &FormState) -> Vec<Tick> {
    let many = |mode: Mode| facets.modes.iter().find(|(word, _)| word == mode.as_str()).map_or(0, |(_, many)| *many);
    let tick = |mode: &Mode| Tick { value: mode.to_string(), text: page.word("mode", mode), many: many(*mode), on: form.holds("mode", mode.as_str()) };
    Mode::ALL.iter().map(tick).collect()
}

/// The choices with the most behind them, and those that are on, whatever is behind them.
fn ticks(counts: &[(String, i64)], form: &FormState, name: &str, text: impl Fn(&str) -> String) -> Vec<Tick> {
    let tick = |value: &str, many: i64| Tick { value: value.to_owned(), text: text(value), many, on: form.holds(name, value) };
    let mut shown: Vec<Tick> = counts.iter().take(MOST_CHOICES).map(|(value, many)| tick(value, *many)).collect();
    for value in form.values(name) {
        if !value.is_empty() && !shown.iter().any(|there| there.value == value) {
            let many = counts.iter().find(|(there, _)| there == value).map_or(0, |(_, many)| *many);
            shown.push(tick(value, many));
        }
    }
    shown
}

fn row(page: &Page, found: Found, terms: Option<&Terms>, answer_seconds: Option<i64>) -> Row {
    let item = found.item;
    let modes: Vec<String> = item.modes.iter().map(|mode| page.word("mode-short", mode)).collect();
    let share = |fen: i64| terms.filter(|_| item.enrolled).map(|terms| terms.share(fen)).filter(|share| *share > 0);
    Row {
        href: format!("/instruments/{}", item.id),
        name: name_in(page.lang, &item.name, &item.name_en).to_owned(),
        make: make(&item.maker, &item.model),
        institution: item.institution,
        place: format!("{}　{}", region::name(&item.region_code, page.lang.as_str()), modes.join("/")),
        free: found.next_free,
        hourly_fen: item.external_hourly_fen,
        share_fen: item.external_hourly_fen.and_then(share),
        answer_seconds,
        automatic: item.rules.policy.approval == Approval::Automatic,
        approval_hours: item.rules.policy.approval_hours,
    }
}
