//! Commands by noun.

mod openness;
mod usage;
