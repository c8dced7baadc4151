//! Who acts: a person through one membership, an instrument's own token, a job, or a command of the operator.

use super::refusals::Refusal;
use super::roles::{Role, Side, Verb, may};
use crate::base::ids::Id;

/// A person acting for one organisation in one role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// The membership, which every record names.
    pub membership_id: Id,
    /// The person behind it: four-eyes rules look at persons.
    pub person_id: Id,
    /// The person's name.
    pub person_name: String,
    /// The organisation acted for.
    pub organisation_id: Id,
    /// Its USCC.
    pub uscc: String,
    /// Its current name.
    pub organisation_name: String,
    /// In which capacity.
    pub side: Side,
    /// In which role.
    pub role: Role,
}

impl Member {
    /// Whether the role allows something.
    #[must_use]
    pub fn may(&self, verb: Verb) -> bool {
        may(self.side, self.role, verb)
    }
}

/// Who does something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// A person.
    Member(Member),
    /// An instrument's own token: may post use of that instrument and nothing else.
    Instrument {
        /// The token.
        token_id: Id,
        /// The instrument it belongs to.
        instrument_id: Id,
    },
    /// A scheduled job, by its name.
    Job(&'static str),
    /// A command of whoever runs the platform.
    Command,
    /// Somebody who is not signed in: registers, answers an invitation, asks for a new password.
    Stranger,
}

impl Actor {
    /// The member, or a refusal for everybody else.
    ///
    /// # Errors
    /// [`Refusal::Forbidden`] when it is no person.
    pub fn member(&self) -> Result<&Member, Refusal> {
        match self {
            Self::Member(member) => Ok(member),
            _ => Err(Refusal::Forbidden),
        }
    }

    /// The membership that a record names, where there is one.
    #[must_use]
    pub fn membership_id(&self) -> Option<&str> {
        match self {
            Self::Member(member) => Some(&member.membership_id),
            _ => None,
        }
    }

    /// The job that a record names, where there is one; `command` for the operator's own hand.
    #[must_use]
    pub const fn job(&self) -> Option<&'static str> {
        match self {
            Self::Job(name) => Some(name),
            Self::Command => Some("command"),
            _ => None,
        }
    }

    /// The member, when the role allows something.
    ///
    /// # Errors
    /// [`Refusal::Forbidden`] otherwise.
    pub fn require(&self, verb: Verb) -> Result<&Member, Refusal> {
        self.member().and_then(|m| if m.may(verb) { Ok(m) } else { Err(Refusal::Forbidden) })
    }
}
