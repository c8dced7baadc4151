//! The API by noun.

mod catalogue;
mod instruments;
mod bookings;
mod problems;
mod programmes;
mod slots;
mod vouchers;
