//! The words for people: Chinese first, English complete, one file a noun in `assets/text/LANGUAGE/*.ftl`.
//!
//! [`tr`] looks a message up, [`explain`] does so for a refusal and turns its raw facts into what people read.
//! Nothing else in the product holds a sentence. A missing key or argument is logged as an error, which fails a test.

use std::collections::HashSet;
use std::sync::OnceLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use rust_embed::RustEmbed;

use super::format;
use super::time::{Day, Instant, Span};
use crate::words;

words! {
    /// A language of the product.
    pub enum Lang {
        /// 简体中文.
        Zh = "zh-CN",
        /// English.
        En = "en",
    }
}

impl Lang {
    /// The language of a choice such as `?lang=en` or a cookie; any tag that begins with `zh` or `en` will do.
    #[must_use]
    pub fn chosen(tag: &str) -> Option<Self> {
        match tag.trim().get(..2)?.to_ascii_lowercase().as_str() {
            "zh" => Some(Self::Zh),
            "en" => Some(Self::En),
            _ => None,
        }
    }

    /// The best of our languages for an `Accept-Language` header; Chinese where nothing fits (contract.md, HTTP).
    #[must_use]
    pub fn from_accept_language(header: &str) -> Self {
        let weighed = header.split(',').filter_map(|part| {
            let (tag, rest) = part.split_once(';').unwrap_or((part, ""));
            let weight = rest.trim().strip_prefix("q=").map_or(Some(1.0), |q| q.trim().parse::<f64>().ok())?;
            (weight > 0.0).then_some((Self::chosen(tag)?, weight))
        });
        // the first of equals wins, so a later one must be strictly better
        weighed.fold((Self::Zh, 0.0), |best, next| if next.1 > best.1 { next } else { best }).0
    }

    /// The other language, for the switch in the header.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::Zh => Self::En,
            Self::En => Self::Zh,
        }
    }

    /// The language's own name for itself.
    #[must_use]
    pub const fn own_name(self) -> &'static str {
        match self {
            Self::Zh => "中文",
            Self::En => "English",
        }
    }
}

#[derive(RustEmbed)]
#[folder = "assets/text"]
struct Files;

type Bundle = FluentBundle<FluentResource>;

fn bundle(lang: Lang) -> &'static Bundle {
    static ZH: OnceLock<Bundle> = OnceLock::new();
    static EN: OnceLock<Bundle> = OnceLock::new();
    match lang {
        Lang::Zh => ZH.get_or_init(|| load(Lang::Zh)),
        Lang::En => EN.get_or_init(|| load(Lang::En)),
    }
}

fn load(lang: Lang) -> Bundle {
    let id = lang.as_str().parse().unwrap_or_default();
    let mut bundle = FluentBundle::new_concurrent(vec![id]);
    // otherwise invisible marks stand around every value and break searching and comparing
    bundle.set_use_isolating(false);
    for (name, source) in sources(lang) {
        let resource = FluentResource::try_new(source).unwrap_or_else(|(resource, errors)| {
            tracing::error!(%name, ?errors, "a text file has broken entries");
            resource
        });
        if let Err(errors) = bundle.add_resource(resource) {
            tracing::error!(%name, ?errors, "a text is there twice");
        }
    }
    bundle
}

fn sources(lang: Lang) -> Vec<(String, String)> {
    let folder = format!("{}/", lang.as_str());
    let mut names: Vec<String> = Files::iter().filter(|name| name.starts_with(&folder)).map(String::from).collect();
    names.sort();
    names.into_iter().filter_map(|name| Files::get(&name).map(|file| (name, String::from_utf8_lossy(&file.data).into_owned()))).collect()
}

/// The text of `key` in a language, with its arguments. `key.attribute` names an attribute of a message.
///
/// A whole number of at most six digits also serves as a number, so that a text can choose by it (`{ $count -> [1] … }`).
/// An unknown key comes back as it is; it is logged as an error, as is a missing argument.
#[must_use]
pub fn tr(lang: Lang, key: &str, args: &[(&str, String)]) -> String {
    let bundle = bundle(lang);
    let (id, attribute) = key.split_once('.').map_or((key, None), |(id, attribute)| (id, Some(attribute)));
    let message = bundle.get_message(id);
    let pattern = match attribute {
        None => message.as_ref().and_then(fluent_bundle::FluentMessage::value),
        Some(name) => message.as_ref().and_then(|m| m.get_attribute(name)).map(|a| a.value()),
    };
    let Some(pattern) = pattern else {
        tracing::error!(key, lang = lang.as_str(), "no such text");
        return key.to_owned();
    };
    let mut values = FluentArgs::with_capacity(args.len());
    for (name, text) in args {
        values.set(*name, value(text));
    }
    let mut errors = Vec::new();
    let text = bundle.format_pattern(pattern, Some(&values), &mut errors).into_owned();
    if !errors.is_empty() {
        tracing::error!(key, lang = lang.as_str(), ?errors, "a text lacks an argument");
    }
    text
}

fn value(text: &str) -> FluentValue<'_> {
    let counts = (1..=6).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    match text.parse::<f64>() {
        Ok(number) if counts => FluentValue::from(number),
        _ => FluentValue::from(text),
    }
}

/// Whether a language has a text of that key (an attribute counts as its message).
#[must_use]
pub fn has(lang: Lang, key: &str) -> bool {
    bundle(lang).has_message(key.split('.').next().unwrap_or(key))
}

/// A text whose arguments are the raw facts of a refusal: each is first made readable by its name ([`fact`]). The fact `why` is a
/// reason with a text of its own, `why-WHY`, which may use the other facts. Two facts `…starts_at` and `…ends_at` also give `…span`.
/// Where there are facts and the text has an attribute `facts`, that is the one taken: the text itself must do without.
#[must_use]
pub fn explain(lang: Lang, now: Instant, key: &str, facts: &[(&'static str, String)]) -> String {
    let (reasons, others): (Vec<_>, Vec<_>) = facts.iter().partition(|(name, _)| *name == "why");
    let mut args: Vec<(String, String)> = others.iter().map(|(name, raw)| ((*name).to_owned(), fact(lang, now, name, raw))).collect();
    args.extend(others.iter().filter_map(|(name, raw)| {
        let prefix = name.strip_suffix("starts_at")?;
        let (_, ends_at) = facts.iter().find(|(name, _)| name.strip_suffix("ends_at") == Some(prefix))?;
        let span = Span::new(Instant::parse(raw).ok()?, Instant::parse(ends_at).ok()?);
        Some((format!("{prefix}span"), format::span(lang, now, span)))
    }));
    let mut args: Vec<(&str, String)> = args.iter().map(|(name, text)| (name.as_str(), text.clone())).collect();
    let detailed = |key: String| if !others.is_empty() && has_attribute(lang, &key, "facts") { format!("{key}.facts") } else { key };
    let reasons: Vec<_> = reasons.iter().map(|(name, why)| (*name, tr(lang, &detailed(format!("why-{why}")), &args))).collect();
    args.extend(reasons);
    tr(lang, &detailed(key.to_owned()), &args)
}

fn has_attribute(lang: Lang, key: &str, attribute: &str) -> bool {
    bundle(lang).get_message(key).is_some_and(|message| message.get_attribute(attribute).is_some())
}

/// A raw fact as people read it, by the last word of its name: `_at`, `_on`, `_by`, `_day`, `_fen`, `_minutes`, `_seconds`, `_bytes`. Anything else, and
/// whatever does not parse, stays as it is.
#[must_use]
pub fn fact(lang: Lang, now: Instant, name: &str, raw: &str) -> String {
    let number = || raw.parse::<i64>().ok();
    let unit = name.rsplit_once('_').map_or(name, |(_, unit)| unit);
    let readable = match unit {
        "at" => Instant::parse(raw).ok().map(|at| format::at(lang, now, at)),
        "on" | "by" | "day" => Day::parse(raw).map(|day| format::day(lang, now, day)),
        "fen" => number().map(|fen| format::fen(lang, fen)),
        "minutes" => number().map(|minutes| format::length(lang, minutes * 60)),
        "seconds" => number().map(|seconds| format::length(lang, seconds)),
        "bytes" => number().map(format::bytes),
        _ => None,
    };
    readable.unwrap_or_else(|| raw.to_owned())
}

/// Every key of a language, for the tests that compare and scan.
#[must_use]
pub fn keys(lang: Lang) -> HashSet<String> {
    let mut keys = HashSet::new();
    for (_, source) in sources(lang) {
        keys.extend(source.lines().filter(|line| line.starts_with(|c: char| c.is_ascii_alphabetic())).filter_map(|line| {
            let (key, _) = line.split_once('=')?;
            Some(key.trim().to_owned())
        }));
    }
    keys
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The names of the arguments in a text, in order of appearance.
    fn variables(source: &str) -> Vec<&str> {
        source.split('$').skip(1).map(|rest| rest.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).next().unwrap_or("")).collect()
    }

    #[test]
    fn the_header_of_a_browser_chooses_the_language() {
        for (header, lang) in [
            ("", Lang::Zh),
            ("en-GB,en;q=0.9", Lang::En),
            ("zh-CN,zh;q=0.9,en;q=0.8", Lang::Zh),
            ("fr,en;q=0.5,zh;q=0.4", Lang::En),
            ("zh;q=0,en;q=0.1", Lang::En),
            ("*", Lang::Zh),
            ("é;q=x,,;", Lang::Zh),
        ] {
            assert_eq!(Lang::from_accept_language(header), lang, "{header}");
        }
    }

    #[test]
    fn both_languages_have_the_same_keys() {
        let (zh, en) = (keys(Lang::Zh), keys(Lang::En));
        let mut only: Vec<_> = zh.symmetric_difference(&en).collect();
        only.sort();
        assert!(only.is_empty(), "in one language only: {only:?}");
        assert!(zh.len() > 50);
    }

    #[test]
    fn no_key_is_defined_twice_and_every_text_formats() {
        for &lang in Lang::ALL {
            let mut seen = HashSet::new();
            for (name, source) in sources(lang) {
                let args: Vec<(&str, String)> = variables(&source).into_iter().map(|v| (v, "3".to_owned())).collect();
                for key in source.lines().filter(|l| l.starts_with(|c: char| c.is_ascii_alphabetic())).filter_map(|l| Some(l.split_once('=')?.0.trim())) {
                    assert!(seen.insert(key.to_owned()), "{name}: {key} is there twice");
                    let text = tr(lang, key, &args);
                    assert!(text != key && !text.contains("{$") && !text.contains('\u{2068}'), "{name}: {key} gives {text}");
                }
                FluentResource::try_new(source).unwrap_or_else(|(_, errors)| panic!("{name}: {errors:?}"));
            }
        }
    }

    #[test]
    fn facts_are_made_readable_by_their_names() {
        let now = Instant::parse("2026-10-12T09:40:00+08:00").unwrap();
        for (name, raw, readable) in [
            ("earliest_at", "2026-10-13T10:00:00+08:00", "10月13日 周二 10:00"),
            ("redeem_by_on", "2027-03-31", "2027年3月31日"),
            ("available_fen", "5589500", "55,895 元"),
            ("grid_minutes", "30", "30 分"),
            ("max_minutes", "480", "8 小时"),
            ("max_bytes", "20971520", "20 MB"),
            ("field", "q_at", "q_at"),
            ("horizon_days", "60", "60"),
        ] {
            assert_eq!(fact(Lang::Zh, now, name, raw), readable);
        }
    }

    #[test]
    fn a_reason_may_use_the_other_facts() {
        let now = Instant::parse("2026-10-12T09:40:00+08:00").unwrap();
        let facts = [("why", "out_of_range".to_owned()), ("least", "1".to_owned()), ("most", "1440".to_owned())];
        assert_eq!(explain(Lang::En, now, "violation-invalid", &facts), "Must be between 1 and 1440");
    }

    #[test]
    fn an_unknown_key_comes_back_as_it_is() {
        assert_eq!(tr(Lang::En, "no-such-key", &[]), "no-such-key");
    }
}
