//! Chance as an argument: everything random in a request is drawn from one [`Dice`], so that a test can seed it
//! and a repeated transaction can draw the same again.

use std::sync::Mutex;

use rand::rngs::StdRng;
use rand::{Rng, RngExt, SeedableRng};
use sha2::{Digest, Sha256};

use super::time::Instant;

/// Where dice come from: the system's entropy, or a seed in tests and in the demo.
#[derive(Debug)]
pub struct Chance {
    source: Mutex<StdRng>,
}

impl Chance {
    /// Chance that nobody can foresee, for everything but tests and the demo.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the one place that asks the system for entropy")]
    pub fn from_entropy() -> Self {
        Self { source: Mutex::new(StdRng::from_rng(&mut rand::rng())) }
    }

    /// Chance that repeats itself: the same seed gives the same ids and codes.
    #[must_use]
    pub fn seeded(seed: u64) -> Self {
        Self { source: Mutex::new(StdRng::seed_from_u64(seed)) }
    }

    /// Dice for one request, job run or command.
    ///
    /// # Panics
    /// Never in practice: the lock is held only for the draw.
    #[must_use]
    pub fn dice(&self) -> Dice {
        let mut seed = [0_u8; 32];
        self.source.lock().unwrap_or_else(std::sync::PoisonError::into_inner).fill_bytes(&mut seed);
        Dice::new(seed)
    }
}

/// The random draws of one act. A clone starts again at the same seed.
#[derive(Debug)]
pub struct Dice {
    seed: [u8; 32],
    rng: Mutex<StdRng>,
}

impl Clone for Dice {
    fn clone(&self) -> Self {
        Self::new(self.seed)
    }
}

impl Dice {
    fn new(seed: [u8; 32]) -> Self {
        Self { seed, rng: Mutex::new(StdRng::from_seed(seed)) }
    }

    /// Starts again at the same seed: a repeated transaction draws the same ids as its first attempt.
    pub fn rewind(&self) {
        *self.rng.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = StdRng::from_seed(self.seed);
    }

    fn fill(&self, bytes: &mut [u8]) {
        self.rng.lock().unwrap_or_else(std::sync::PoisonError::into_inner).fill_bytes(bytes);
    }

    /// A new id: a `UUIDv7` of `now` as text, so that ids sort by time.
    #[must_use]
    pub fn id(&self, now: Instant) -> String {
        let mut random = [0_u8; 10];
        self.fill(&mut random);
        let millis = u64::try_from(now.0).unwrap_or_default() * 1000 + u64::from(random[0]) * 3;
        uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid().to_string()
    }

    /// A code for people, such as `YQ-7K3M9Q`: `prefix`, a dash and six random characters without look-alikes.
    #[must_use]
    pub fn code(&self, prefix: &str) -> String {
        const ALPHABET: &[u8] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
        let mut rng = self.rng.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let tail: String = (0..6).map(|_| char::from(ALPHABET[rng.random_range(0..ALPHABET.len())])).collect();
        format!("{prefix}-{tail}")
    }

    /// A secret of 256 bits as 64 hexadecimal characters, for cookies and tokens.
    #[must_use]
    pub fn secret(&self) -> String {
        let mut bytes = [0_u8; 32];
        self.fill(&mut bytes);
        super::text::hex(&bytes)
    }
}

/// SHA-256 of a secret in hexadecimal: what is stored of a cookie or token.
#[must_use]
pub fn fingerprint(secret: &str) -> String {
    super::text::hex(&Sha256::digest(secret.as_bytes()))
}

/// Whether two secrets, or what stands for them, are the same; takes as long wherever they differ.
#[must_use]
pub fn is_same(one: &str, other: &str) -> bool {
    one.len() == other.len() && one.bytes().zip(other.bytes()).fold(0, |differs, (a, b)| differs | (a ^ b)) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clone_of_the_dice_draws_the_same_again() {
        let dice = Chance::seeded(7).dice();
        let again = dice.clone();
        let now = Instant(1_790_000_000);
        assert_eq!((dice.id(now), dice.code("YQ")), (again.id(now), again.code("YQ")));
    }
}
