//! Yiqi (仪器, instrument; 一起, together): publicly funded instruments, shared; booked without a double hour, paid without a lost fen,
//! measured from real use. `docs/ARCHITECTURE.md` says how the floors stand on one another.

pub mod actions;
pub mod api;
pub mod app;
pub mod base;
pub mod cli;
pub mod config;
pub mod demo;
pub mod domain;
pub mod files;
pub mod http;
#[path = "../jobs/mod.rs"]
pub mod jobs;
pub mod notices;
pub mod scheduler;
pub mod store;
pub mod web;
