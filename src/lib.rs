//! Yiqi (仪器, instrument; 一起, together): publicly funded instruments, shared; booked without a double hour, paid without a lost fen,
//! measured from real use. `docs/ARCHITECTURE.md` says how the floors stand on one another.

pub mod actions;
pub mod base;
pub mod domain;
pub mod files;
pub mod notices;
pub mod scheduler;
pub mod store;
pub mod web;
