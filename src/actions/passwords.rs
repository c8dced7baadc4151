//! Passwords: argon2, always outside of a transaction and off the async threads.

use argon2::password_hash::phc::PasswordHash;
use argon2::{Argon2, PasswordHasher as _, PasswordVerifier as _};
use tokio::sync::{Semaphore, SemaphorePermit};

use super::{Error, Outcome};

pub use crate::domain::signing::{LONGEST_BYTES, SHORTEST};

/// How many passwords are worked on at a time: each takes 19 MiB, and a guesser who sends many at once must not get past the count of tries.
static TURNS: Semaphore = Semaphore::const_new(8);

/// Waits for a turn at the door. Whoever verifies holds it from looking at earlier tries until this one is noted.
pub async fn turn() -> Option<SemaphorePermit<'static>> {
    TURNS.acquire().await.ok()
}

/// The argon2 text of a password, salt inside.
///
/// # Errors
/// When hashing fails, which is ours.
pub async fn hash(password: String) -> Outcome<String> {
    let _turn = turn().await;
    tokio::task::spawn_blocking(move || Argon2::default().hash_password(password.as_bytes()).map(|h| h.to_string()))
        .await
        .map_err(|e| Error::Failed(e.to_string()))?
        .map_err(|e| Error::Failed(e.to_string()))
}

/// What is verified where there is no password: of the same kind, cost and length as every stored one, and no password's.
const DECOY: &str = "$argon2id$v=19$m=19456,t=2,p=1$eWlxaSBkZWNveSBzYWx0IQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Whether a password is the one of `stored`. Without a stored one the same work is done, so that the answer's time tells nothing.
pub async fn verify(password: String, stored: Option<String>) -> bool {
    if password.len() > LONGEST_BYTES {
        return false;
    }
    tokio::task::spawn_blocking(move || {
        let is_known = stored.is_some();
        let text = stored.unwrap_or_else(|| DECOY.to_owned());
        let is_right = PasswordHash::new(&text).is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok());
        is_known && is_right
    })
    .await
    .unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Everything about an argon2 text that decides how long it takes.
    fn work(text: &str) -> (String, Option<u32>, Vec<(String, String)>, usize, usize) {
        let hash = PasswordHash::new(text).unwrap();
        let params = hash.params.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
        (hash.algorithm.to_string(), hash.version, params, hash.salt.unwrap().as_ref().len(), hash.hash.unwrap().len())
    }

    #[tokio::test]
    async fn an_unknown_address_costs_the_same_work_as_a_known_one() {
        let stored = hash("correct horse".to_owned()).await.unwrap();
        assert_eq!(work(DECOY), work(&stored));
        assert!(verify("correct horse".to_owned(), Some(stored.clone())).await);
        assert!(!verify("wrong".to_owned(), Some(stored)).await && !verify("wrong".to_owned(), None).await);
    }
}
