//! Floor 3: what people, jobs and commands do. One verb is one transaction: load, ask the domain, write, queue notices.
//!
//! An action takes the transaction first, then the [`Act`] (when, who, by what chance, in which request), then its form.
//! It never opens a transaction, sends mail, hashes a password or renders a page; it checks everything through `tx`.

pub mod applications;
pub mod bank_accounts;
pub mod bookings;
pub mod calendar;
pub mod checks;
pub mod claims;
pub mod exports;
pub mod files;
pub mod holds;
pub mod instruments;
pub mod memberships;
pub mod notices;
pub mod openness;
pub mod organisations;
pub mod passwords;
pub mod persons;
pub mod programmes;
pub mod purses;
pub mod quotes;
pub mod records;
pub mod registrations;
pub mod seals;
pub mod second_factors;
pub mod sessions;
pub mod signins;
pub mod slots;
pub mod statements;
pub mod usage;
pub mod vouchers;

use crate::base::chance::Dice;
use crate::base::time::Instant;
use crate::domain::actors::Actor;
use crate::domain::refusals::{Refusal, Violation};
use crate::store::{self, db::Repeatable};

/// The circumstances of an action: read once per request, job run or command.
#[derive(Debug)]
pub struct Act {
    /// The clock, read once.
    pub now: Instant,
    /// Who acts.
    pub actor: Actor,
    /// Ids, codes and secrets are drawn from here.
    pub dice: Dice,
    /// Names the request in logs and audit records.
    pub request_id: String,
}

impl Act {
    /// A new id at this act's instant.
    #[must_use]
    pub fn id(&self) -> String {
        self.dice.id(self.now)
    }
}

/// Why an action did nothing: a refusal, which is the caller's to know, or a failure, which is ours.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The domain said no.
    #[error("refused: {0:?}")]
    Refused(Refusal),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// The place of stored documents is away, full or not ours: to be tried again later.
    #[error("{0}")]
    Away(String),
    /// Something else of ours failed: a broken row.
    #[error("{0}")]
    Failed(String),
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<Violation> for Error {
    fn from(violation: Violation) -> Self {
        Self::Refused(Refusal::one(violation))
    }
}

impl Repeatable for Error {
    fn is_repeatable(&self) -> bool {
        matches!(self, Self::Store(error) if error.is_repeatable())
    }
}

/// What an action answers.
pub type Outcome<T> = Result<T, Error>;
