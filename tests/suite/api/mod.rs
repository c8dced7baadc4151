//! The API by noun.

mod bookings;
mod catalogue;
mod claims;
mod files;
mod instruments;
mod openness;
mod problems;
mod programmes;
mod slots;
mod statements;
mod usage;
mod vouchers;
