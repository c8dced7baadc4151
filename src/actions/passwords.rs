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

/// Whether a password is the one of `stored`. Without a stored one the same time is spent, so that the answer's time tells nothing.
pub async fn verify(password: String, stored: Option<String>) -> bool {
    if password.len() > LONGEST_BYTES {
        return false;
    }
    tokio::task::spawn_blocking(move || {
        let Some(text) = stored else {
            let _ = Argon2::default().hash_password(password.as_bytes());
            return false;
        };
        PasswordHash::new(&text).is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
    })
    .await
    .unwrap_or(false)
}
