//! What every page knows: its language, its moment, who looks at it, and how to say and write things for them.
//!
//! Templates hold it as `page`. Its methods take values as fields and loops hand them over, by value or by reference.

#![expect(clippy::needless_pass_by_value, reason = "values come as templates and callers have them")]

use super::html::{Html, Plain, escape};
use super::nav::NavItem;
use crate::base::format;
use crate::base::lang::{self, Lang};
use crate::base::region;
use crate::base::time::{Day, Instant, Span};
use crate::domain::refusals::Violation;

/// The person in the header and the organisation that is acted for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonHead {
    /// The person's name.
    pub name: String,
    /// The organisation's name.
    pub organisation: String,
    /// The key of the role's name, such as `role-manager`.
    pub role_key: String,
    /// How many memberships the person has; with more than one, the header offers to switch.
    pub memberships: i64,
}

/// What the last act says on the page that follows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flash {
    /// `good`, `wait` or `bad`.
    pub kind: String,
    /// One sentence, result first.
    pub text: String,
}

/// The shell around a page.
#[derive(Debug, Clone)]
pub struct Page {
    /// The language of the page.
    pub lang: Lang,
    /// The moment of the request.
    pub now: Instant,
    /// The path of the request, such as `/bookings`.
    pub path: String,
    /// The query of the request without `?`, perhaps empty.
    pub query: String,
    /// Who looks; `None` is a stranger.
    pub person: Option<PersonHead>,
    /// The token that every form carries; empty for a stranger without a session.
    pub csrf: String,
    /// The header's navigation.
    pub nav: Vec<NavItem>,
    /// What the last act says.
    pub flash: Option<Flash>,
    /// Who runs the platform: the bureau's name and the code of its city.
    pub host: Option<(String, String)>,
}

impl Page {
    /// The page of a stranger, and a start for all others.
    #[must_use]
    pub fn new(lang: Lang, now: Instant, path: &str) -> Self {
        Self {
            lang,
            now,
            path: path.to_owned(),
            query: String::new(),
            person: None,
            csrf: String::new(),
            nav: NavItem::places(None, path),
            flash: None,
            host: None,
        }
    }

    /// Says in the navigation how much waits at a place.
    pub fn count(&mut self, href: &str, count: i64) {
        if let Some(item) = self.nav.iter_mut().find(|item| item.href == href) {
            item.count = count;
        }
    }

    /// The text of a key.
    #[must_use]
    pub fn t(&self, key: &str) -> String {
        lang::tr(self.lang, key, &[])
    }

    /// A text with one argument.
    pub fn t1(&self, key: &str, name: &str, value: impl ToString) -> String {
        lang::tr(self.lang, key, &[(name, value.to_string())])
    }

    /// A text with two arguments.
    pub fn t2(&self, key: &str, n1: &str, v1: impl ToString, n2: &str, v2: impl ToString) -> String {
        lang::tr(self.lang, key, &[(n1, v1.to_string()), (n2, v2.to_string())])
    }

    /// A text with three arguments.
    #[expect(clippy::too_many_arguments, reason = "three named values")]
    pub fn t3(&self, key: &str, n1: &str, v1: impl ToString, n2: &str, v2: impl ToString, n3: &str, v3: impl ToString) -> String {
        lang::tr(self.lang, key, &[(n1, v1.to_string()), (n2, v2.to_string()), (n3, v3.to_string())])
    }

    /// The text of a closed vocabulary's word: `word("mode", booking.mode)` is the text `mode-operator`.
    pub fn word(&self, prefix: &str, word: impl ToString) -> String {
        self.t(&format!("{prefix}-{}", word.to_string()))
    }

    /// What a violation says, its facts made readable.
    #[must_use]
    pub fn violation(&self, violation: &Violation) -> String {
        lang::explain(self.lang, self.now, &format!("violation-{}", violation.code), &violation.facts)
    }

    /// The name of a field: `field-NAME` by the last part of its path without the number of its line (`amount_fen-2`), or the path itself.
    #[must_use]
    pub fn field(&self, path: &str) -> String {
        let name = path.rsplit(['.', ']']).next().unwrap_or(path);
        let plain = name.rsplit_once('-').filter(|(_, line)| !line.is_empty() && line.bytes().all(|b| b.is_ascii_digit())).map_or(name, |(plain, _)| plain);
        let key = format!("field-{plain}");
        if lang::has(self.lang, &key) { self.t(&key) } else { path.to_owned() }
    }

    /// Money with its unit: `1,514.50 元`.
    pub fn fen(&self, amount_fen: impl Plain<i64>) -> String {
        format::fen(self.lang, amount_fen.plain())
    }

    /// Money in a column: `1,514.50`.
    pub fn amount(&self, amount_fen: impl Plain<i64>) -> String {
        format::amount(amount_fen.plain())
    }

    /// The same without fen where there are none: `1,514`, for a figure whose unit stands behind it.
    #[must_use]
    pub fn whole(&self, amount_fen: impl Plain<i64>) -> String {
        crate::base::money::format_fen(amount_fen.plain(), true)
    }

    /// Money as a `data` element whose value is fen, for columns and sums.
    pub fn amount_data(&self, amount_fen: impl Plain<i64>) -> Html {
        let fen = amount_fen.plain();
        Html(format!("<data value=\"{fen}\">{}</data>", format::amount(fen)))
    }

    /// What the voucher pays, as a negative amount in a column: `−648.00`; nothing is `0.00`.
    pub fn minus(&self, amount_fen: impl Plain<i64>) -> String {
        format::amount(-amount_fen.plain())
    }

    /// A whole number, grouped.
    pub fn number(&self, value: impl Plain<i64>) -> String {
        format::number(value.plain())
    }

    /// An instant as a `time` element: `10月15日 周四 14:00`.
    pub fn at(&self, instant: impl Plain<Instant>) -> Html {
        let instant = instant.plain();
        time(&instant, &format::at(self.lang, self.now, instant))
    }

    /// An instant without its weekday as a `time` element, for logs and tables: `10月9日 15:30`.
    pub fn stamp(&self, instant: impl Plain<Instant>) -> Html {
        let instant = instant.plain();
        time(&instant, &format::stamp(self.lang, self.now, instant))
    }

    /// An instant by the reader's day as a `time` element: `明天 10:00`.
    pub fn when(&self, instant: impl Plain<Instant>) -> Html {
        let instant = instant.plain();
        time(&instant, &format::when(self.lang, self.now, instant))
    }

    /// An instant as plain text, for titles and buttons.
    pub fn at_text(&self, instant: impl Plain<Instant>) -> String {
        format::at(self.lang, self.now, instant.plain())
    }

    /// The time of day: `14:00`.
    pub fn clock(&self, instant: impl Plain<Instant>) -> String {
        format::clock(instant.plain())
    }

    /// A day as a `time` element: `10月15日`.
    pub fn day(&self, day: impl Plain<Day>) -> Html {
        let day = day.plain();
        time(&day, &format::day(self.lang, self.now, day))
    }

    /// A day with its weekday as a `time` element: `10月15日 周四`.
    pub fn day_of_week(&self, day: impl Plain<Day>) -> Html {
        let day = day.plain();
        time(&day, &format::day_of_week(self.lang, self.now, day))
    }

    /// Days from one to another, both in: `10月12日—18日`.
    pub fn days(&self, first: impl Plain<Day>, last: impl Plain<Day>) -> String {
        format::days(self.lang, self.now, first.plain(), last.plain())
    }

    /// A month: `2026年10月`.
    pub fn month(&self, year: impl Plain<i64>, month: impl Plain<i64>) -> String {
        format::month(self.lang, year.plain(), month.plain())
    }

    /// A span as a `time` element: `10月15日 周四 14:00–16:30`.
    pub fn span(&self, span: impl Plain<Span>) -> Html {
        let span = span.plain();
        time(&span.starts_at, &format::span(self.lang, self.now, span))
    }

    /// A span as plain text, for titles and buttons.
    pub fn span_text(&self, span: impl Plain<Span>) -> String {
        format::span(self.lang, self.now, span.plain())
    }

    /// The times of a span: `14:00–16:30`.
    pub fn clock_span(&self, span: impl Plain<Span>) -> String {
        format::clock_span(span.plain())
    }

    /// A length of seconds: `2.5 小时`, `45 分`.
    pub fn length(&self, seconds: impl Plain<i64>) -> String {
        format::length(self.lang, seconds.plain())
    }

    /// A length of minutes.
    pub fn minutes(&self, minutes: impl Plain<i64>) -> String {
        format::length(self.lang, minutes.plain().saturating_mul(60))
    }

    /// What is left until an instant: `1 小时 35 分`.
    pub fn until(&self, instant: impl Plain<Instant>) -> String {
        format::countdown(self.lang, instant.plain().0 - self.now.0)
    }

    /// A countdown of seconds.
    pub fn countdown(&self, seconds: impl Plain<i64>) -> String {
        format::countdown(self.lang, seconds.plain())
    }

    /// Seconds as hours in a column: `486.0`.
    pub fn hours(&self, seconds: impl Plain<i64>) -> String {
        format::hours(seconds.plain())
    }

    /// Seconds as whole hours, grouped: `691,250`.
    pub fn whole_hours(&self, seconds: impl Plain<i64>) -> String {
        format::whole_hours(seconds.plain())
    }

    /// Working seconds: `2.6 工作小时`.
    pub fn working(&self, seconds: impl Plain<i64>) -> String {
        format::working(self.lang, seconds.plain())
    }

    /// The share of a part in a whole: `25.5%`, or a dash.
    pub fn share(&self, part: impl Plain<i64>, whole: impl Plain<i64>) -> String {
        format::share(self.lang, part.plain(), whole.plain())
    }

    /// A ratio as a share: `25.5%`, or a dash.
    pub fn ratio(&self, ratio: impl Plain<Option<f64>>) -> String {
        format::ratio(self.lang, ratio.plain())
    }

    /// A ratio in a column: `25.5`, or a dash.
    pub fn ratio_figure(&self, ratio: impl Plain<Option<f64>>) -> String {
        format::ratio_figure(ratio.plain())
    }

    /// Basis points: 3000 is `30%`.
    pub fn basis_points(&self, points: impl Plain<i64>) -> String {
        format::basis_points(self.lang, points.plain())
    }

    /// The size of a file: `1.4 MB`.
    pub fn bytes(&self, bytes: impl Plain<i64>) -> String {
        format::bytes(bytes.plain())
    }

    /// A state as shape, word and colour: `badge("booking", "confirmed")` says `state-booking-confirmed`.
    pub fn badge(&self, thing: &str, state: impl ToString) -> Html {
        let state = state.to_string();
        let word = self.t(&format!("state-{thing}-{state}"));
        Html(format!("<span class=\"badge\" data-state=\"{}\">{}</span>", escape(&state), escape(&word)))
    }

    /// A badge with the shape of `state` and words of its own.
    #[must_use]
    pub fn badge_text(&self, state: &str, words: &str) -> Html {
        Html(format!("<span class=\"badge\" data-state=\"{}\">{}</span>", escape(state), escape(words)))
    }

    /// The graduated rule of a ratio (1 is the whole), with a mean as a tick.
    pub fn scale(&self, ratio: impl Plain<Option<f64>>, mean: impl Plain<Option<f64>>) -> Html {
        super::charts::Scale::of(ratio.plain(), mean.plain())
    }

    /// A thin meter of what has passed, in percent.
    pub fn meter(&self, percent: impl Plain<i64>) -> Html {
        super::charts::Scale::meter(percent.plain())
    }

    /// The hidden field that every form of a signed-in person carries.
    #[must_use]
    pub fn csrf_input(&self) -> Html {
        Html(format!("<input type=\"hidden\" name=\"csrf\" value=\"{}\">", escape(&self.csrf)))
    }

    /// The address of an asset by its plain name.
    #[must_use]
    pub fn asset(&self, name: &str) -> String {
        crate::web::assets::href(name)
    }

    /// The name of this installation, with its city once that is known.
    #[must_use]
    pub fn site(&self) -> String {
        self.host
            .as_ref()
            .map_or_else(|| self.t("shell-site"), |(_, code)| self.t1("shell-site-of", "city", region::name(&region::city(code), self.lang.as_str())))
    }

    /// Who runs it; empty where nobody does yet.
    #[must_use]
    pub fn host_line(&self) -> String {
        self.host.as_ref().map(|(name, _)| self.t1("shell-host", "bureau", name)).unwrap_or_default()
    }

    /// This page in the other language.
    #[must_use]
    pub fn other_lang_href(&self) -> String {
        self.with_query("lang", Some(self.lang.other().as_str()))
    }

    /// This page with one value of its query replaced, or taken out.
    #[must_use]
    pub fn with_query(&self, name: &str, value: Option<&str>) -> String {
        let kept = url::form_urlencoded::parse(self.query.as_bytes()).filter(|(key, _)| key != name && (name == "lang" || key != "lang"));
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(kept);
        if let Some(value) = value {
            query.append_pair(name, value);
        }
        let query = query.finish();
        if query.is_empty() { self.path.clone() } else { format!("{}?{query}", self.path) }
    }
}

fn time(machine: &impl ToString, words: &str) -> Html {
    Html(format!("<time datetime=\"{}\">{}</time>", machine.to_string(), escape(words)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_switch_of_the_language_keeps_the_page() {
        let mut page = Page::new(Lang::Zh, Instant(0), "/");
        page.query = "q=%E8%B4%A8%E8%B0%B1&lang=zh-CN".to_owned();
        assert_eq!(page.other_lang_href(), "/?q=%E8%B4%A8%E8%B0%B1&lang=en");
        assert_eq!(page.with_query("q", None), "/");
    }

    #[test]
    fn a_field_is_named_by_the_last_part_of_its_path() {
        let page = Page::new(Lang::Zh, Instant(0), "/");
        assert_eq!((page.field("email"), page.field("items[1].opens_oddly")), ("邮箱".to_owned(), "items[1].opens_oddly".to_owned()));
    }

    #[test]
    fn what_people_typed_is_escaped_in_markup() {
        let page = Page::new(Lang::Zh, Instant(0), "/");
        assert_eq!(page.badge_text("x\"", "<b>").0, "<span class=\"badge\" data-state=\"x&quot;\">&lt;b&gt;</span>");
    }
}
