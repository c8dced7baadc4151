//! Floor 1: the rules, pure. No async, no SQL, no clock: everything that a decision needs is an argument, and a decision
//! returns every reason for its refusal.

pub mod actors;
pub mod bookings;
pub mod calendar;
pub mod categories;
pub mod claims;
pub mod instruments;
pub mod openness;
pub mod refusals;
pub mod registrations;
pub mod roles;
pub mod signing;
pub mod slots;
pub mod spans;
pub mod usage;
pub mod vouchers;
