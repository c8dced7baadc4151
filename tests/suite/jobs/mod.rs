//! Jobs by noun.

mod audit;
mod notices;
mod runs;
