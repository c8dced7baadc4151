//! The words of a notice: from its event and facts, and what the thing is now, to a letter in the reader's language.
//!
//! `mail-EVENT` is the heading, its attribute `line` the sentence; `mail-EVENT-SIDE` stands before it where one side reads other words.
//! Never says samples, purpose or note (rules.md section 1).

use super::Subject;
use crate::base::format;
use crate::base::lang::{Lang, fact, has, tr};
use crate::base::time::{Instant, MINUTE, Span};
use crate::domain::actors::Member;
use crate::domain::roles::Side;
use crate::notices::letter::Letter;

/// Facts of a notice that have a row of their own, in this order.
const ROWS: &[&str] =
    &["institution", "customer", "enterprise", "organisation", "person", "bank_number", "code", "year", "amount_fen", "granted_fen", "deadline_on", "reason"];

/// The letter of a notice to a member.
#[must_use]
pub fn write(lang: Lang, now: Instant, subject: &Subject, member: &Member, base_url: &str) -> Letter {
    let key = key(lang, &subject.event, member.side);
    let args = arguments(lang, now, subject, member);
    let mut letter = Letter::new(lang, tr(lang, &key, &args));
    letter.lines = vec![tr(lang, "mail-greeting", &args), tr(lang, &format!("{key}.line"), &args)];
    letter.facts = rows(lang, now, subject, member);
    letter.amounts = amounts(lang, subject, member);
    letter.notes = notes(lang, now, subject, member);
    if let Some(path) = link(subject, member) {
        letter.button = Some((tr(lang, "mail-open", &[]), format!("{base_url}{path}")));
    }
    letter
}

/// The title of the mail: the heading and what it is about.
#[must_use]
pub fn title(lang: Lang, now: Instant, subject: &Subject, letter: &Letter) -> String {
    let about = match &subject.booking {
        Some(booking) => Some(format!("{} {}", format::span(lang, now, Span::new(booking.starts_at, booking.ends_at)), booking.instrument)),
        None => subject.fact("code"),
    };
    match about {
        Some(about) => tr(lang, "mail-title", &[("heading", letter.heading.clone()), ("about", about)]),
        None => letter.heading.clone(),
    }
}

/// The key under which an event is named where there is no reader of its letter: the operator's list.
#[must_use]
pub fn plain_key(lang: Lang, event: &str) -> String {
    let told = super::told(event, "");
    let key = format!("mail-{}", told.replace('.', "-"));
    if has(lang, &key) { key } else { "mail-other".to_owned() }
}

/// The key of an event for a side; `mail-other` for an event that has no words.
fn key(lang: Lang, event: &str, side: Side) -> String {
    let plain = format!("mail-{}", event.replace('.', "-"));
    [format!("{plain}-{side}"), plain].into_iter().find(|key| has(lang, key)).unwrap_or_else(|| {
        tracing::error!(event, "an event has no words");
        "mail-other".to_owned()
    })
}

/// Everything that a sentence may use. What is not known is a dash, so that no sentence breaks.
fn arguments(lang: Lang, now: Instant, subject: &Subject, member: &Member) -> Vec<(&'static str, String)> {
    let booking = subject.booking.as_ref();
    let known = |name: &'static str, found: Option<String>| {
        let value = subject.fact(name).map(|raw| fact(lang, now, name, &raw)).or(found);
        (name, value.unwrap_or_else(|| format::NONE.to_owned()))
    };
    vec![
        ("name", member.person_name.clone()),
        known("institution", booking.map(|b| b.institution.clone())),
        known("customer", booking.map(|b| b.customer.clone())),
        known("enterprise", booking.map(|b| b.customer.clone())),
        known("instrument", booking.map(|b| b.instrument.clone())),
        known("code", booking.map(|b| b.code.clone())),
        known("organisation", None),
        known("person", None),
        known("year", None),
        known("amount_fen", None),
    ]
}

fn rows(lang: Lang, now: Instant, subject: &Subject, member: &Member) -> Vec<(String, String)> {
    let mut rows = Vec::new();
    let mut add = |name: &str, value: String| {
        if !value.trim().is_empty() {
            rows.push((tr(lang, &format!("mail-row-{name}"), &[]), value));
        }
    };
    let booking = subject.booking.as_ref();
    if let Some(booking) = booking {
        let span = Span::new(booking.starts_at, booking.ends_at);
        let length = [("span", format::span(lang, now, span)), ("length", format::length(lang, span.seconds()))];
        add("span", tr(lang, "mail-span", &length));
        add("instrument", format!("{} {}", booking.instrument, booking.model).trim().to_owned());
        add("mode", tr(lang, &format!("mode-{}", booking.mode), &[]));
        add("location", booking.location.clone());
        if member.side == Side::Enterprise {
            add("institution", booking.institution.clone());
        } else {
            add("customer", booking.customer.clone());
        }
        add("code", booking.code.clone());
    }
    for name in ROWS.iter().filter(|name| booking.is_none() || matches!(**name, "reason")) {
        if let Some(raw) = subject.fact(name) {
            add(name, fact(lang, now, name, &raw));
        }
    }
    rows
}

/// Fee, voucher and what is borne in the end, for those who pay.
fn amounts(lang: Lang, subject: &Subject, member: &Member) -> Vec<(String, String)> {
    let Some(booking) = subject.booking.as_ref().filter(|_| member.side == Side::Enterprise) else { return Vec::new() };
    let row = |key: &str, amount_fen: i64| (tr(lang, key, &[]), format::fen(lang, amount_fen));
    let with_voucher = |fee: (String, String), fee_fen: i64| match booking.held_fen {
        0 => vec![fee],
        held_fen => vec![fee, row("mail-amount-voucher", -held_fen), row("mail-amount-borne", fee_fen - held_fen)],
    };
    match subject.event.as_str() {
        "booking.requested" | "booking.confirmed" => with_voucher(row("mail-amount-fee", booking.fee_fen), booking.fee_fen),
        "booking.statement" | "booking.settled" => {
            booking.actual_fen.map(|actual_fen| with_voucher(row("mail-amount-actual", actual_fen), actual_fen)).unwrap_or_default()
        }
        "booking.cancelled" if booking.cancel_fee_fen > 0 => vec![row("mail-amount-cancel", booking.cancel_fee_fen)],
        _ => Vec::new(),
    }
}

fn notes(lang: Lang, now: Instant, subject: &Subject, member: &Member) -> Vec<String> {
    let Some(booking) = &subject.booking else { return Vec::new() };
    let mut notes = Vec::new();
    let mut until = |key: &str, at: Option<Instant>| notes.extend(at.map(|at| tr(lang, key, &[("at", format::at(lang, now, at))])));
    match subject.event.as_str() {
        "booking.requested" => until("mail-note-answer", booking.answer_due_at),
        "booking.statement" => until("mail-note-confirm", booking.confirm_due_at),
        "booking.confirmed" if member.side == Side::Enterprise => {
            until("mail-note-cancel", Some(booking.starts_at.plus(-booking.free_cancel_minutes * MINUTE)));
            notes.push(tr(lang, "mail-note-no-show", &[("length", format::length(lang, booking.no_show_minutes * MINUTE))]));
        }
        _ => {}
    }
    notes
}

/// The path of the page to open: what the facts say, else the thing's own page.
fn link(subject: &Subject, member: &Member) -> Option<String> {
    let given = subject.fact("path").or_else(|| subject.fact("link")).filter(|path| path.starts_with('/') && !path.starts_with("//"));
    given.or_else(|| subject.booking.as_ref().map(|booking| format!("/bookings/{}", booking.id))).or_else(|| {
        match (member.side, subject.event.split('.').next()) {
            (Side::Enterprise, Some("application" | "voucher" | "claim")) => Some("/vouchers".to_owned()),
            (Side::Bureau, _) => Some("/bureau".to_owned()),
            (Side::Institution, _) => Some("/lab".to_owned()),
            _ => None,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::outbox::BookingLines;

    fn member(side: Side) -> Member {
        Member {
            membership_id: "m".into(),
            person_id: "p".into(),
            person_name: "刘雨桐".into(),
            organisation_id: "o".into(),
            uscc: "91370212MA00000010".into(),
            organisation_name: "青岛测试科技".into(),
            side,
            role: crate::domain::roles::Role::Admin,
        }
    }

    fn booking() -> BookingLines {
        let starts_at = Instant::parse_local("2026-10-15T14:00").unwrap();
        BookingLines {
            id: "0199f1c2".into(),
            code: "YQ-7K3M9Q".into(),
            customer_id: "o".into(),
            customer: "青岛测试科技".into(),
            institution: "青岛崂山海洋材料研究院".into(),
            placed_by: "m".into(),
            mode: "operator".into(),
            starts_at,
            ends_at: starts_at.plus(9000),
            fee_fen: 216_250,
            held_fen: 64_800,
            actual_fen: Some(216_250),
            cancel_fee_fen: 43_250,
            answer_due_at: Some(starts_at.plus(-86_400)),
            confirm_due_at: Some(starts_at.plus(864_000)),
            instrument: "场发射扫描电子显微镜".into(),
            model: "GeminiSEM 500".into(),
            location: "2 号楼 B107".into(),
            free_cancel_minutes: 1440,
            no_show_minutes: 60,
        }
    }

    #[test]
    fn every_event_has_words_for_every_side_in_both_languages() {
        let now = Instant::parse_local("2026-10-12T10:00").unwrap();
        let events: Vec<String> = crate::base::lang::keys(Lang::Zh)
            .into_iter()
            .filter_map(|key| key.strip_prefix("mail-").and_then(|rest| rest.split_once('-')).map(|(noun, verb)| format!("{noun}.{verb}")))
            .filter(|event| ["booking.", "application.", "claim.", "voucher."].iter().any(|noun| event.starts_with(noun)))
            .collect();
        assert!(events.len() >= 20, "{events:?}");
        for event in events {
            for (lang, side) in Lang::ALL.iter().flat_map(|lang| Side::ALL.iter().map(move |side| (*lang, *side))) {
                let about = event.starts_with("booking.").then(booking);
                let facts = serde_json::json!({"code": "DF-7K3M9Q", "reason": "理由", "amount_fen": 64_800, "deadline_on": "2026-12-31"});
                let subject = Subject { event: event.clone(), version: 2, facts: facts.as_object().unwrap().clone(), booking: about };
                let letter = write(lang, now, &subject, &member(side), "https://yiqi.example");
                let text = format!("{}\n{}", title(lang, now, &subject, &letter), letter.text());
                assert!(!text.contains("{$") && !text.contains("mail-") && text.contains("刘雨桐"), "{event} {lang} {side}:\n{text}");
            }
        }
    }

    #[test]
    fn a_confirmation_says_when_where_and_what_it_costs() {
        let now = Instant::parse_local("2026-10-12T10:00").unwrap();
        let subject = Subject { event: "booking.confirmed".into(), version: 2, facts: serde_json::Map::new(), booking: Some(booking()) };
        let letter = write(Lang::Zh, now, &subject, &member(Side::Enterprise), "https://yiqi.example");
        insta::assert_snapshot!(format!("{}\n\n{}", title(Lang::Zh, now, &subject, &letter), letter.text()));
    }

    #[test]
    fn a_link_never_leaves_the_platform() {
        let facts = serde_json::json!({"path": "//evil.example/x"});
        let subject = Subject { event: "claim.paid".into(), version: 1, facts: facts.as_object().unwrap().clone(), booking: None };
        assert_eq!(link(&subject, &member(Side::Enterprise)).as_deref(), Some("/vouchers"));
    }
}
