//! The luck of the demo city: the same numbers each time, so that two fills tell the same story. Never for secrets.

use crate::base::time::{HOUR, Instant, MINUTE};

/// A small generator (splitmix64): repeats itself for the same seed, on every machine.
#[derive(Debug, Clone)]
pub struct Luck(u64);

impl Luck {
    /// Luck of a name and a number: each instrument, day or booking has its own, so that one more of them changes no other.
    #[must_use]
    pub fn of(name: &str, number: i64) -> Self {
        let mixed = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |sum, byte| (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
        Self(mixed ^ number.cast_unsigned().wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number from `least` to `most`, both included; `least` where there is none.
    pub fn between(&mut self, least: i64, most: i64) -> i64 {
        let span = u64::try_from(most - least).unwrap_or(0).saturating_add(1);
        least + i64::try_from(self.next() % span).unwrap_or(0)
    }

    /// True in `percent` of a hundred cases.
    pub fn hits(&mut self, percent: i64) -> bool {
        self.between(0, 99) < percent
    }

    /// One of them. Of an empty list its default.
    pub fn pick<T: Copy + Default>(&mut self, from: &[T]) -> T {
        let last = i64::try_from(from.len()).unwrap_or(1) - 1;
        usize::try_from(self.between(0, last.max(0))).ok().and_then(|index| from.get(index)).copied().unwrap_or_default()
    }

    /// The same day at some minute between 8:40 and 17:20.
    pub fn at_the_desk(&mut self, at: Instant) -> Instant {
        at.day().at_minute(self.between(520, 1040)).plus(self.between(0, 59))
    }

    /// Somewhat later: from `least` to `most` minutes.
    pub fn later(&mut self, at: Instant, least: i64, most: i64) -> Instant {
        at.plus(self.between(least * MINUTE, most * MINUTE))
    }

    /// Somewhat earlier: from `least` to `most` hours, at an hour at which people are awake.
    pub fn earlier(&mut self, at: Instant, least: i64, most: i64) -> Instant {
        let before = at.plus(-self.between(least * HOUR, most * HOUR));
        if (480..1320).contains(&before.minute_of_day()) { before } else { before.day().plus(-1).at_minute(self.between(540, 1260)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn luck_repeats_itself_and_stays_within_its_bounds() {
        let draws = |name| {
            let mut luck = Luck::of(name, 3);
            (0..200).map(|_| luck.between(-2, 5)).collect::<Vec<_>>()
        };
        assert_eq!(draws("a"), draws("a"));
        assert_ne!(draws("a"), draws("b"));
        assert!((-2..=5).all(|n| draws("a").contains(&n)) && draws("a").iter().all(|n| (-2..=5).contains(n)));
    }
}
