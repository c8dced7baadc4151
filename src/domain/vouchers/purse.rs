//! The purse (券账户) of an enterprise in a programme: seven amounts, moved only by double entry (rules.md section 4, Ledger).
//!
//! Every move either happens whole, and says so in [`Movement`]s, or leaves the purse as it was. Nothing here is ever negative.

use crate::words;

words! {
    /// Between what money moves.
    pub enum Account {
        /// The programme's budget, from which grants come.
        Budget = "budget",
        /// 可用.
        Available = "available",
        /// 冻结: held for bookings.
        Held = "held",
        /// 申请兑付中.
        Claimed = "claimed",
        /// 已兑付.
        Redeemed = "redeemed",
        /// 已失效.
        Lapsed = "lapsed",
        /// 已退回.
        Returned = "returned",
    }
}

/// One line of the ledger; its amount is positive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Movement {
    /// Where the money was.
    pub from: Account,
    /// Where it went.
    pub to: Account,
    /// How much.
    pub amount_fen: i64,
}

/// An account that has less than was to be taken from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{account} has {has_fen} fen, {needs_fen} are to be taken")]
pub struct Short {
    /// Which account.
    pub account: Account,
    /// What it has.
    pub has_fen: i64,
    /// What was to be taken; negative when somebody asked for a negative amount.
    pub needs_fen: i64,
}

/// The seven amounts: `available = granted - held - claimed - redeemed - lapsed - returned`, none negative. Money clawed back stays
/// in `redeemed`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Purse {
    /// G.
    pub granted_fen: i64,
    /// What can still be held.
    pub available_fen: i64,
    /// H.
    pub held_fen: i64,
    /// C.
    pub claimed_fen: i64,
    /// R.
    pub redeemed_fen: i64,
    /// L.
    pub lapsed_fen: i64,
    /// T.
    pub returned_fen: i64,
}

impl Purse {
    /// Whether the seven amounts agree and none is negative.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        let parts = [self.available_fen, self.held_fen, self.claimed_fen, self.redeemed_fen, self.lapsed_fen, self.returned_fen];
        let sum: i128 = parts.iter().map(|part| i128::from(*part)).sum();
        parts.iter().all(|part| *part >= 0) && sum == i128::from(self.granted_fen)
    }

    /// The purse that a ledger describes; the error is its first movement that cannot be.
    ///
    /// # Errors
    /// The account that would have become negative.
    pub fn fold(movements: impl IntoIterator<Item = Movement>) -> Result<Self, Short> {
        let mut purse = Self::default();
        for movement in movements {
            purse.shift(&[movement])?;
        }
        Ok(purse)
    }

    /// 发放: the bureau grants. Cap and budget are asked of `Terms::grant_violations` before.
    ///
    /// # Errors
    /// For a negative amount.
    pub fn grant(&mut self, fen: i64) -> Result<Vec<Movement>, Short> {
        self.one(Account::Budget, Account::Available, fen)
    }

    /// 冻结 for a booking.
    ///
    /// # Errors
    /// When less is available.
    pub fn hold(&mut self, fen: i64) -> Result<Vec<Movement>, Short> {
        self.one(Account::Available, Account::Held, fen)
    }

    /// 解冻: a booking that does not take place gives its hold back whole.
    ///
    /// # Errors
    /// When less is held.
    pub fn release(&mut self, fen: i64) -> Result<Vec<Movement>, Short> {
        self.one(Account::Held, Account::Available, fen)
    }

    /// A statement changes a booking's hold from one amount to another (`settled_hold`).
    ///
    /// # Errors
    /// When it grows by more than is available, or less than `from_fen` is held.
    pub fn adjust(&mut self, from_fen: i64, to_fen: i64) -> Result<Vec<Movement>, Short> {
        if to_fen >= from_fen { self.hold(to_fen - from_fen) } else { self.release(from_fen - to_fen) }
    }

    /// A claim over holds of `held_fen` together takes `amount_fen` of them; what is left of the holds goes back to available.
    ///
    /// # Errors
    /// When the claim is above the holds, or less is held.
    pub fn claim(&mut self, held_fen: i64, amount_fen: i64) -> Result<Vec<Movement>, Short> {
        let taken = Movement { from: Account::Held, to: Account::Claimed, amount_fen };
        let left = Movement { from: Account::Held, to: Account::Available, amount_fen: held_fen.saturating_sub(amount_fen) };
        self.shift(&[taken, left])
    }

    /// The last approval of a claim.
    ///
    /// # Errors
    /// When less is claimed.
    pub fn redeem(&mut self, fen: i64) -> Result<Vec<Movement>, Short> {
        self.one(Account::Claimed, Account::Redeemed, fen)
    }

    /// A claim is rejected or withdrawn: its amount goes back to the holds it came from.
    ///
    /// # Errors
    /// When less is claimed.
    pub fn give_back(&mut self, fen: i64) -> Result<Vec<Movement>, Short> {
        self.one(Account::Claimed, Account::Held, fen)
    }

    /// 失效 after 使用截止: whatever is available lapses.
    pub fn lapse_available(&mut self) -> Vec<Movement> {
        self.one(Account::Available, Account::Lapsed, self.available_fen).unwrap_or_default()
    }

    /// 失效 after 兑付截止: a hold that no live claim has taken lapses.
    ///
    /// # Errors
    /// When less is held.
    pub fn lapse_held(&mut self, fen: i64) -> Result<Vec<Movement>, Short> {
        self.one(Account::Held, Account::Lapsed, fen)
    }

    /// 退券 by the enterprise.
    ///
    /// # Errors
    /// When less is available.
    pub fn give_up(&mut self, fen: i64) -> Result<Vec<Movement>, Short> {
        self.one(Account::Available, Account::Returned, fen)
    }

    fn one(&mut self, from: Account, to: Account, amount_fen: i64) -> Result<Vec<Movement>, Short> {
        self.shift(&[Movement { from, to, amount_fen }])
    }

    /// Makes all moves or none; moves of nothing leave no line.
    fn shift(&mut self, movements: &[Movement]) -> Result<Vec<Movement>, Short> {
        let mut after = *self;
        for movement in movements {
            let has_fen = after.amount(movement.from).map_or(i64::MAX, |amount| *amount);
            if movement.amount_fen < 0 || has_fen < movement.amount_fen {
                return Err(Short { account: movement.from, has_fen, needs_fen: movement.amount_fen });
            }
            // The budget is no amount of the purse: what comes from it is granted, what goes to it no longer is.
            match after.amount(movement.from) {
                Some(amount) => *amount -= movement.amount_fen,
                None => after.granted_fen = after.granted_fen.saturating_add(movement.amount_fen),
            }
            match after.amount(movement.to) {
                Some(amount) => *amount = amount.saturating_add(movement.amount_fen),
                None => after.granted_fen -= movement.amount_fen,
            }
        }
        *self = after;
        Ok(movements.iter().filter(|movement| movement.amount_fen > 0).copied().collect())
    }

    fn amount(&mut self, account: Account) -> Option<&mut i64> {
        match account {
            Account::Budget => None,
            Account::Available => Some(&mut self.available_fen),
            Account::Held => Some(&mut self.held_fen),
            Account::Claimed => Some(&mut self.claimed_fen),
            Account::Redeemed => Some(&mut self.redeemed_fen),
            Account::Lapsed => Some(&mut self.lapsed_fen),
            Account::Returned => Some(&mut self.returned_fen),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_move_that_cannot_be_leaves_the_purse_as_it_was() {
        let mut purse = Purse::default();
        purse.grant(100).unwrap();
        purse.hold(60).unwrap();
        let before = purse;
        assert_eq!(purse.hold(41), Err(Short { account: Account::Available, has_fen: 40, needs_fen: 41 }));
        assert!(purse.claim(60, 61).is_err() && purse.claim(61, 50).is_err() && purse.hold(-1).is_err());
        assert_eq!(purse, before);
        assert_eq!(purse.hold(0), Ok(vec![]));
        assert_eq!(purse.claim(60, 50).map(|moves| moves.len()), Ok(2));
    }

    proptest! {
        #[test]
        fn whatever_is_done_no_amount_is_negative_and_the_ledger_tells_the_purse(steps in proptest::collection::vec((0_u8..10, -50_i64..400), 0..60)) {
            let (mut purse, mut ledger) = (Purse::default(), Vec::new());
            for (step, fen) in steps {
                let before = purse;
                let done = match step {
                    0 => purse.grant(fen),
                    1 => purse.hold(fen),
                    2 => purse.release(fen),
                    3 => purse.adjust(purse.held_fen / 2, fen),
                    4 => purse.claim(purse.held_fen / 2, fen),
                    5 => purse.redeem(fen),
                    6 => purse.give_back(fen),
                    7 => purse.lapse_held(fen),
                    8 => purse.give_up(fen),
                    _ => Ok(purse.lapse_available()),
                };
                if let Ok(moves) = done {
                    ledger.extend(moves);
                } else {
                    prop_assert_eq!(purse, before);
                }
                prop_assert!(purse.is_sound(), "{:?}", purse);
            }
            prop_assert!(ledger.iter().all(|movement| movement.amount_fen > 0));
            prop_assert_eq!(Purse::fold(ledger), Ok(purse));
        }
    }
}
