//! Identifiers: opaque strings for programs ([`Id`], a `UUIDv7`) and short random codes for people, which live beside them.

/// An opaque identifier. Made by [`super::chance::Dice::id`]; never read for meaning.
pub type Id = String;

/// Whether `text` could be one of our identifiers; anything else cannot exist, and need not be looked up.
#[must_use]
pub fn is_id(text: &str) -> bool {
    text.len() == 36 && text.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-')
}
