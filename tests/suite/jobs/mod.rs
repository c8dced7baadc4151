//! Jobs by noun.

mod audit;
pub mod notices;
mod roll_ups;
mod runs;
