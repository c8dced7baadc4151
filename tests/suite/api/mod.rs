//! The API by noun.

mod problems;
