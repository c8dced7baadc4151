//! Forms: what was typed and what is wrong with it, so that a refused form comes back with everything in it.
//!
//! [`FormState::read`] takes a submitted form; its readers (`text`, `whole`, `yuan`, `day`, …) note what is missing or wrong and
//! go on, so that one answer names everything. An action's refusal is added by [`FormState::refuse`].

#![expect(clippy::needless_pass_by_value, reason = "values come as templates and callers have them")]

use super::page::Page;
use crate::base::money::parse_yuan;
use crate::base::text::{is_clean, narrow};
use crate::base::time::{Day, Instant, Span};
use crate::domain::refusals::{Refusal, Violation};

/// The typed values of one form and its violations.
#[derive(Debug, Clone, Default)]
pub struct FormState {
    prefix: &'static str,
    values: Vec<(String, String)>,
    /// Everything that is wrong, in the order of discovery.
    pub violations: Vec<Violation>,
    /// Free spans that would do instead, at most three.
    pub alternatives: Vec<Span>,
}

/// One line of the summary of errors.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The id of the control it belongs to; empty for the form as a whole.
    pub id: String,
    /// The field's name, empty likewise.
    pub label: String,
    /// What is wrong.
    pub message: String,
}

/// One choice of a select, of radio buttons or of boxes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Choice {
    /// What is sent.
    pub value: String,
    /// What is read.
    pub text: String,
    /// A second line below, perhaps empty.
    pub hint: String,
    /// A short remark at the end of the line, such as a price; perhaps empty.
    pub note: String,
}

impl Choice {
    /// A choice that needs no explaining.
    pub fn new(value: impl ToString, text: impl ToString) -> Self {
        Self { value: value.to_string(), text: text.to_string(), ..Self::default() }
    }

    /// The same with a second line.
    #[must_use]
    pub fn hint(mut self, hint: impl ToString) -> Self {
        self.hint = hint.to_string();
        self
    }

    /// The same with a remark at the end of the line.
    #[must_use]
    pub fn note(mut self, note: impl ToString) -> Self {
        self.note = note.to_string();
        self
    }

    /// The words of a vocabulary as choices, named by `PREFIX-WORD`.
    pub fn words<T: ToString>(page: &Page, prefix: &str, words: &[T]) -> Vec<Self> {
        words.iter().map(|word| Self::new(word.to_string(), page.word(prefix, word.to_string()))).collect()
    }
}

impl FormState {
    /// An empty form; fill it by [`Self::with`].
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A submitted form (`application/x-www-form-urlencoded`), or the query of an address.
    #[must_use]
    pub fn read(body: &[u8]) -> Self {
        Self::typed(url::form_urlencoded::parse(body).into_owned().collect())
    }

    /// A form out of names and values as they were typed.
    #[must_use]
    pub fn typed(values: Vec<(String, String)>) -> Self {
        Self { values, ..Self::default() }
    }

    /// The same form with ids that begin with `prefix`, where a page has several forms with equal fields.
    #[must_use]
    pub fn prefixed(mut self, prefix: &'static str) -> Self {
        self.prefix = prefix;
        self
    }

    /// The same form with a value filled in, unless the field already has one.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl ToString) -> Self {
        if !self.values.iter().any(|(key, _)| key == name) {
            self.values.push((name.to_owned(), value.to_string()));
        }
        self
    }

    /// The same form with one more value of a repeated field.
    #[must_use]
    pub fn and(mut self, name: &str, value: impl ToString) -> Self {
        self.values.push((name.to_owned(), value.to_string()));
        self
    }

    /// The same form without what was typed into a field.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.values.retain(|(key, _)| key != name);
        self
    }

    /// The same form with a value put into a field whatever was typed there.
    #[must_use]
    pub fn set(self, name: &str, value: impl ToString) -> Self {
        self.without(name).with(name, value)
    }

    /// The value of a field, empty where there is none.
    #[must_use]
    pub fn value(&self, name: &str) -> &str {
        self.values.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }

    /// All values of a repeated field.
    #[must_use]
    pub fn values(&self, name: &str) -> Vec<&str> {
        self.values.iter().filter(|(key, _)| key == name).map(|(_, value)| value.as_str()).collect()
    }

    /// Whether one of the field's values is `value`: a chosen option, a ticked box.
    pub fn holds(&self, name: &str, value: impl AsRef<str>) -> bool {
        self.values.iter().any(|(key, held)| key == name && held == value.as_ref())
    }

    /// The id of a field's control.
    #[must_use]
    pub fn id(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    /// Notes something wrong.
    pub fn note(&mut self, violation: Violation) {
        self.violations.push(violation);
    }

    /// Takes over what an action refused; `false` when the refusal is none of rules (not found, forbidden, a conflict).
    pub fn refuse(&mut self, refusal: &Refusal) -> bool {
        let Refusal::Rules { violations, alternatives } = refusal else { return false };
        self.violations.extend(violations.iter().cloned());
        self.alternatives.clone_from(alternatives);
        true
    }

    /// Whether anything is wrong.
    #[must_use]
    pub fn is_wrong(&self) -> bool {
        !self.violations.is_empty()
    }

    /// What is wrong with one field, in words; `None` when nothing is.
    #[must_use]
    pub fn error(&self, page: &Page, name: &str) -> Option<String> {
        let wrong: Vec<String> = self.violations.iter().filter(|violation| violation.field == name).map(|violation| page.violation(violation)).collect();
        (!wrong.is_empty()).then(|| wrong.join("　"))
    }

    /// Everything that is wrong, for the summary.
    #[must_use]
    pub fn faults(&self, page: &Page) -> Vec<Fault> {
        let fault = |violation: &Violation| {
            let (id, label) = if violation.field.is_empty() { Default::default() } else { (self.id(&violation.field), page.field(&violation.field)) };
            Fault { id, label, message: page.violation(violation) }
        };
        self.violations.iter().map(fault).collect()
    }

    /// A text that must be there, trimmed, of at most `most` characters; empty after a note.
    pub fn text(&mut self, name: &str, most: usize) -> String {
        let text = self.optional_text(name, most);
        if text.is_empty() && self.value(name).trim().is_empty() {
            self.note(Violation::required(name));
        }
        text
    }

    /// A text that may be missing, trimmed, of at most `most` characters.
    pub fn optional_text(&mut self, name: &str, most: usize) -> String {
        let text = self.value(name).trim().to_owned();
        if text.chars().count() > most {
            self.note(Violation::invalid(name, "too_many_characters").with("most", most));
        } else if !is_clean(&text) {
            self.note(Violation::invalid(name, "control_characters"));
        } else {
            return text;
        }
        String::new()
    }

    /// A whole number within bounds, both included; `None` after a note.
    pub fn whole(&mut self, name: &str, least: i64, most: i64) -> Option<i64> {
        let typed = narrow(self.value(name).trim()).replace([',', ' '], "");
        if typed.is_empty() {
            self.note(Violation::required(name));
            return None;
        }
        let Ok(number) = typed.parse::<i64>() else {
            self.note(Violation::invalid(name, "not_a_number"));
            return None;
        };
        if !(least..=most).contains(&number) {
            self.note(Violation::invalid(name, "out_of_range").with("least", least).with("most", most));
            return None;
        }
        Some(number)
    }

    /// An amount typed in yuan, as fen; `None` after a note.
    pub fn yuan(&mut self, name: &str) -> Option<i64> {
        self.need(name, "not_an_amount", parse_yuan)
    }

    /// An amount in yuan that may be missing.
    pub fn optional_yuan(&mut self, name: &str) -> Option<i64> {
        if self.value(name).trim().is_empty() { None } else { self.yuan(name) }
    }

    /// A day; `None` after a note.
    pub fn day(&mut self, name: &str) -> Option<Day> {
        self.need(name, "not_a_day", |typed| Day::parse(typed.trim()))
    }

    /// A day that may be missing.
    pub fn optional_day(&mut self, name: &str) -> Option<Day> {
        if self.value(name).trim().is_empty() { None } else { self.day(name) }
    }

    /// A time of day (`9:30`, `09:30`, `24:00`) in minutes since midnight; `None` after a note.
    pub fn minute(&mut self, name: &str) -> Option<i64> {
        self.need(name, "no_time_of_day", |typed| {
            let typed = narrow(typed.trim());
            let (hour, minute) = typed.split_once(':')?;
            let plain = |text: &str, most: usize| (1..=most).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
            let at = if plain(hour, 2) && plain(minute, 2) { hour.parse::<i64>().ok()? * 60 + minute.parse::<i64>().ok()? } else { return None };
            (at <= 1440 && minute < "60").then_some(at)
        })
    }

    /// A local instant as `datetime-local` fields send it; `None` after a note.
    pub fn moment(&mut self, name: &str) -> Option<Instant> {
        self.need(name, "not_an_instant", Instant::parse_local)
    }

    /// A span out of a day and two times of day (`on`, `from`, `to`), as the booking panel sends it; `None` after notes.
    pub fn span(&mut self, on: &str, from: &str, to: &str) -> Option<Span> {
        let (day, from, to) = (self.day(on), self.minute(from), self.minute(to));
        Some(Span::new(day?.at_minute(from?), day?.at_minute(to?)))
    }

    /// One word of a vocabulary, read by `parse`; `None` after a note.
    pub fn word<T>(&mut self, name: &str, parse: impl Fn(&str) -> Option<T>) -> Option<T> {
        self.need(name, "not_a_word", parse)
    }

    fn need<T>(&mut self, name: &str, why: &'static str, parse: impl Fn(&str) -> Option<T>) -> Option<T> {
        let typed = self.value(name);
        let read = if typed.trim().is_empty() { None } else { Some(parse(typed)) };
        match read {
            Some(Some(value)) => return Some(value),
            Some(None) => self.note(Violation::invalid(name, why)),
            None => self.note(Violation::required(name)),
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::lang::Lang;

    #[test]
    fn a_refused_form_keeps_what_was_typed_and_names_every_fault() {
        let mut form = FormState::read("name=+&amount=1%2C514.5&on=2026-02-30&n=x&mode=self&mode=operator".as_bytes());
        assert_eq!(form.text("name", 10), "");
        assert_eq!((form.yuan("amount"), form.day("on"), form.whole("n", 1, 9)), (Some(151_450), None, None));
        let wrong: Vec<_> = form.violations.iter().map(|v| (v.code, v.field.as_str())).collect();
        assert_eq!(wrong, [("required", "name"), ("invalid", "on"), ("invalid", "n")]);
        assert_eq!((form.value("on"), form.values("mode")), ("2026-02-30", vec!["self", "operator"]));
        let page = Page::new(Lang::Zh, Instant(0), "/");
        assert_eq!(form.error(&page, "name").as_deref(), Some("这一项要填"));
        assert_eq!(form.faults(&page).len(), 3);
    }

    #[test]
    fn times_of_day_are_read_exactly() {
        for (typed, minute) in [("9:30", Some(570)), ("09:30", Some(570)), ("24:00", Some(1440)), ("24:01", None), ("9:60", None), ("9", None), ("-1:00", None)]
        {
            let mut form = FormState::new().with("from", typed);
            assert_eq!(form.minute("from"), minute, "{typed}");
        }
    }
}
