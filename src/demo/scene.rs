//! How the demo acts: as whom, at which instant, by which luck. Every act is an ordinary one; only its instant lies in the past.

use std::collections::BTreeMap;

use super::cast;
use crate::actions::{Act, Error, Outcome};
use crate::base::chance::Chance;
use crate::base::time::Instant;
use crate::domain::actors::{Actor, Member};
use crate::domain::roles::Role;

/// The seed of everything that is drawn: the same story, codes and tokens in every demo city.
const SEED: u64 = 0x5949_5149;

/// An instrument of the catalogue as it stands in the database.
#[derive(Debug, Clone)]
pub struct Set {
    /// The instrument.
    pub id: String,
    /// Its own token.
    pub token_id: String,
}

/// Everybody and everything that the story needs, by places in the cast and the catalogue.
#[derive(Debug, Clone, Default)]
pub struct Company {
    /// Members by house and place in the house.
    pub members: BTreeMap<(usize, usize), Member>,
    /// Instruments, by their place in the catalogue.
    pub sets: Vec<Set>,
}

impl Company {
    /// The first member of a house with a role.
    ///
    /// # Errors
    /// A failure of ours when the cast has none.
    pub fn member(&self, house: usize, role: Role) -> Outcome<&Member> {
        let found = cast::index_of(house, role).and_then(|index| self.members.get(&(house, index)));
        found.ok_or_else(|| Error::Failed(format!("the cast has no {role} in house {house}")))
    }

    /// The member at a place of a house.
    ///
    /// # Errors
    /// As [`Company::member`].
    pub fn at(&self, house: usize, index: usize) -> Outcome<&Member> {
        self.members.get(&(house, index)).ok_or_else(|| Error::Failed(format!("house {house} has nobody at {index}")))
    }

    /// An instrument.
    ///
    /// # Errors
    /// A failure of ours when the catalogue has none there.
    pub fn set(&self, piece: usize) -> Outcome<&Set> {
        self.sets.get(piece).ok_or_else(|| Error::Failed(format!("no instrument {piece}")))
    }
}

/// One part of the story. Its dice begin anew with each attempt, so that a repeated transaction draws the same.
#[derive(Debug)]
pub struct Scene {
    chance: Chance,
}

impl Scene {
    /// The part of this number.
    #[must_use]
    pub fn new(part: u64) -> Self {
        Self { chance: Chance::seeded(SEED.wrapping_mul(1_000_003).wrapping_add(part)) }
    }

    /// The circumstances of one act.
    #[must_use]
    pub fn act(&self, now: Instant, actor: Actor) -> Act {
        Act { now, actor, dice: self.chance.dice(), request_id: "demo".to_owned() }
    }

    /// An act of a member.
    #[must_use]
    pub fn by(&self, now: Instant, member: &Member) -> Act {
        self.act(now, Actor::Member(member.clone()))
    }
}
