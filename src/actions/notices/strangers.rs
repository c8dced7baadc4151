//! Letters to bare addresses: links that prove an address, invite, or set a new password, and what somebody without a membership must know.
//!
//! `mail-EVENT` is the heading, its attribute `line` the sentence, as for members. The secret of a link comes from the row and is wiped there
//! once the letter is out; nothing else may hold it.

use serde_json::{Map, Value};

use crate::actions::seals::SENT;
use crate::base::lang::{Lang, fact, tr};
use crate::base::time::Instant;
use crate::notices::letter::Letter;
use crate::notices::mail::{Failure, Mail};
use crate::store::outbox::Claimed;

/// Facts that have a row of their own, in this order.
const ROWS: &[&str] = &["organisation", "person", "uscc", "reason", "seal", "sealed_at", "records", "digest"];

/// The mail of a letter; a permanent failure when the secret of its link is gone.
///
/// # Errors
/// See above.
pub fn compose(notice: &Claimed, facts: Map<String, Value>, base_url: &str, now: Instant) -> Result<Mail, Failure> {
    let gone = |reason: &str| Failure { permanent: true, reason: reason.to_owned() };
    let address = notice.address.clone().ok_or_else(|| gone("nobody to write to"))?;
    let text = |name: &str| facts.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let lang = Lang::chosen(&text("lang")).unwrap_or(Lang::Zh);
    let path = path(&notice.event, notice.secret.as_deref()).ok_or_else(|| gone("its link is used up"))?;
    let letter = write(lang, now, &notice.event, &facts, &format!("{base_url}{path}"));
    let html = letter.html().map_err(|_| gone("its page cannot be drawn"))?;
    Ok(Mail { message_id: notice.id.clone(), to: (text("name"), address), subject: letter.heading.clone(), text: letter.text(), html, calendar: None })
}

/// Where the button leads: a link with the secret where the event needs one, else to sign-in.
fn path(event: &str, secret: Option<&str>) -> Option<String> {
    let place = match event {
        "registration.verify" | "registration.known" => "/register/verify",
        "password.reset" => "/reset",
        "invitation.sent" => "/invitation",
        "registration.rejected" => return Some("/register".to_owned()),
        "password.changed" => return Some("/forgot".to_owned()),
        _ => return Some("/login".to_owned()),
    };
    secret.map(|secret| format!("{place}/{secret}"))
}

fn write(lang: Lang, now: Instant, event: &str, facts: &Map<String, Value>, address: &str) -> Letter {
    let key = format!("mail-{}", event.replace('.', "-"));
    let known = |name: &str| facts.get(name).and_then(Value::as_str).filter(|text| !text.is_empty()).map(|raw| fact(lang, now, name, raw));
    let role = facts.get("role").and_then(Value::as_str).map(|role| tr(lang, &format!("role-{role}"), &[]));
    let args: Vec<(&str, String)> = ["name", "organisation", "person", "expires_at", "reason"]
        .into_iter()
        .map(|name| (name, known(name).unwrap_or_default()))
        .chain([("role", role.unwrap_or_default())])
        .collect();
    let mut letter = Letter::new(lang, tr(lang, &key, &args));
    let greeting = if known("name").is_some() { "mail-greeting" } else { "mail-greeting-nobody" };
    letter.lines = vec![tr(lang, greeting, &args), tr(lang, &format!("{key}.line"), &args)];
    letter.facts = ROWS.iter().filter_map(|name| Some((tr(lang, &format!("mail-row-{name}"), &[]), known(name)?))).collect();
    // Whoever keeps seals has nothing to do here, and is not asked to.
    if event != SENT {
        letter.button = Some((tr(lang, &format!("{key}.button"), &[]), address.to_owned()));
    }
    if known("expires_at").is_some() {
        letter.notes = vec![tr(lang, "mail-note-link", &args), tr(lang, "mail-note-not-me", &args)];
    }
    letter
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVENTS: &[&str] = &[
        "registration.verify",
        "registration.known",
        "registration.approved",
        "registration.rejected",
        "invitation.sent",
        "password.reset",
        "password.changed",
        "membership.changed",
        "membership.ended",
    ];

    fn letter(event: &str, lang: Lang, secret: Option<&str>) -> Result<Mail, Failure> {
        let facts = serde_json::json!({"lang": lang, "name": "刘雨桐", "organisation": "青岛测试科技", "person": "孙晓岚", "role": "booker",
            "reason": "名称与执照不符", "expires_at": "2026-10-13T10:00:00+08:00"});
        let notice = Claimed {
            id: format!("{event}/x/1/y"),
            event: event.to_owned(),
            object_kind: "link".into(),
            object_id: "x".into(),
            version: 1,
            membership_id: None,
            address: Some("liu@firm.test".into()),
            secret: secret.map(str::to_owned),
            facts: String::new(),
            created_at: Instant(1_790_000_000),
            attempts: 1,
        };
        compose(&notice, facts.as_object().unwrap().clone(), "https://yiqi.example", Instant(1_790_000_000))
    }

    #[test]
    fn every_letter_has_words_in_both_languages() {
        for (event, lang) in EVENTS.iter().flat_map(|event| Lang::ALL.iter().map(move |lang| (event, *lang))) {
            let mail = letter(event, lang, Some("5ec4e7")).unwrap();
            assert!(!mail.text.contains("mail-") && !mail.text.contains("{$") && mail.text.contains("https://yiqi.example/"), "{}", mail.text);
            assert!(!mail.subject.contains("5ec4e7") && !mail.message_id.contains("5ec4e7"));
        }
    }

    #[test]
    fn a_link_is_never_sent_without_its_secret() {
        assert!(letter("password.reset", Lang::Zh, None).unwrap_err().permanent);
        assert!(letter("password.changed", Lang::Zh, None).is_ok());
        assert!(letter("password.reset", Lang::En, Some("abc")).unwrap().text.contains("https://yiqi.example/reset/abc"));
    }
}
