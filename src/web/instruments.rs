//! The pages of instruments: the catalogue (`/`), one instrument with its week and booking panel, and the institution's own.
//!
//! [`booking`] is the panel's quote; the booking itself is posted to `/bookings`.

pub mod booking;
pub mod catalogue;
pub mod detail;
pub mod listing;
pub mod own;
pub mod terms;
mod week;

use std::sync::Arc;

use axum::Router;

use crate::app::App;
use crate::base::format;
use crate::base::lang::Lang;
use crate::base::money::format_fen;
use crate::base::time::Day;
use crate::domain::instruments::OpeningHours;
use crate::web::shell::{Html, Page, Plain};

/// The routes.
pub fn routes() -> Router<Arc<App>> {
    Router::new().merge(catalogue::routes()).merge(detail::routes()).merge(own::routes()).merge(listing::routes()).merge(terms::routes())
}

/// The name of an instrument in a language; English falls back to the Chinese name.
#[must_use]
pub fn name_in<'a>(lang: Lang, name: &'a str, name_en: &'a str) -> &'a str {
    if lang == Lang::En && !name_en.is_empty() { name_en } else { name }
}

/// Maker and model in one line, as far as they are known.
#[must_use]
pub fn make(maker: &str, model: &str) -> String {
    [maker, model].into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" ")
}

/// An amount without its fen where there are none, in a `data` element: `480`, `480.50`.
#[must_use]
pub fn short(amount_fen: impl Plain<i64>) -> Html {
    let fen = amount_fen.plain();
    Html(format!("<data value=\"{fen}\">{}</data>", format_fen(fen, true)))
}

/// Opening hours in a sentence: days with the same hours together.
#[must_use]
pub fn hours_in_words(page: &Page, hours: &OpeningHours) -> String {
    let day = |weekday: i64| hours.of_weekday(weekday).map(|span| (span.opens_minute, span.closes_minute)).collect::<Vec<_>>();
    let clock = |minute: i64| format!("{}:{:02}", minute / 60, minute % 60);
    let mut pieces = Vec::new();
    let mut first = 1;
    while first <= 7 {
        let spans = day(first);
        let mut last = first;
        while last < 7 && day(last + 1) == spans {
            last += 1;
        }
        if !spans.is_empty() {
            let (from, to) = (format::weekday(page.lang, first), format::weekday(page.lang, last));
            let days = if first == last { from.to_owned() } else { page.t2("instrument-days", "from", from, "to", to) };
            let times: Vec<String> = spans.iter().map(|(opens, closes)| format!("{}\u{2013}{}", clock(*opens), clock(*closes))).collect();
            pieces.push(format!("{days} {}", times.join(" ")));
        }
        first = last + 1;
    }
    if pieces.is_empty() { page.t("instrument-never-open") } else { pieces.join(&page.t("instrument-comma")) }
}

/// A day as plain text, for going into sentences.
#[must_use]
pub fn day_text(page: &Page, day: impl Plain<Day>) -> String {
    format::day(page.lang, page.now, day.plain())
}
