//! Refusals: what is wrong with a request, as facts. The words for people stand in `assets/text/*.ftl` under `violation-CODE`.
//!
//! A decision collects [`Violation`]s and returns all of them; [`Refusal`] is how an action that did nothing says so.

use crate::base::time::Span;
use crate::base::uscc::UsccError;

/// One broken rule: its code (contract.md), the field it belongs to, and the facts to explain it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Stable code, such as `off_grid` or `required`.
    pub code: &'static str,
    /// Path of the field as the client sent it (`items[1].opens`), empty for the request as a whole.
    pub field: String,
    /// Named facts for the message; instants as RFC 3339, lengths in minutes, money in fen, each under the name that the text uses.
    pub facts: Vec<(&'static str, String)>,
}

impl Violation {
    /// A violation without facts.
    #[must_use]
    pub fn new(code: &'static str, field: impl Into<String>) -> Self {
        Self { code, field: field.into(), facts: Vec::new() }
    }

    /// The same with one more fact.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.facts.push((name, value.to_string()));
        self
    }

    /// `required`: a value is missing.
    #[must_use]
    pub fn required(field: impl Into<String>) -> Self {
        Self::new("required", field)
    }

    /// `invalid`: a value is there and wrong. `why` is a key of `assets/text` (`why-WHY`), such as `too_long` or `in_the_future`.
    #[must_use]
    pub fn invalid(field: impl Into<String>, why: &'static str) -> Self {
        Self::new("invalid", field).with("why", why)
    }

    /// `invalid` for a text that is no USCC (`uscc_length`, `uscc_character`, `uscc_check`), naming the wrong character where one is.
    #[must_use]
    pub fn uscc(field: impl Into<String>, error: UsccError) -> Self {
        match error {
            UsccError::Length { found } => Self::invalid(field, "uscc_length").with("found", found),
            UsccError::Character { position, found } => Self::invalid(field, "uscc_character").with("position", position).with("found", found),
            UsccError::Check { found, .. } => Self::invalid(field, "uscc_check").with("position", 18).with("found", found),
        }
    }
}

/// Why an action did nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// There is no such thing, or the caller may not know that there is: 404.
    NotFound,
    /// The caller may not do this: 403.
    Forbidden,
    /// The thing is in another state or version than the act needs: 409 `state_conflict`. The key (`conflict-WHY`) says what is in the way.
    StateConflict(&'static str),
    /// An invoice that other live claims have used up: 409 `duplicate_invoice`; names nobody.
    DuplicateInvoice,
    /// An `Idempotency-Key` that was used with another body: 409 `idempotency_mismatch`.
    IdempotencyMismatch,
    /// Rules that the request breaks: 422 `refused` with all of them, or 409 `slot_taken` when that is the only one.
    Rules {
        /// Every broken rule.
        violations: Vec<Violation>,
        /// Free spans that would do instead, at most three.
        alternatives: Vec<Span>,
    },
}

impl Refusal {
    /// A refusal for one broken rule.
    #[must_use]
    pub fn one(violation: Violation) -> Self {
        Self::Rules { violations: vec![violation], alternatives: Vec::new() }
    }

    /// `Ok` when nothing is wrong, else a refusal with all of it.
    ///
    /// # Errors
    /// When `violations` is not empty.
    pub fn unless_empty(violations: Vec<Violation>) -> Result<(), Self> {
        if violations.is_empty() { Ok(()) } else { Err(Self::Rules { violations, alternatives: Vec::new() }) }
    }
}
