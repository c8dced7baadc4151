//! The pages by noun.

mod sessions;
