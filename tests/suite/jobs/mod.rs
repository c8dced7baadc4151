//! Jobs by noun.

mod audit;
pub mod notices;
mod runs;
