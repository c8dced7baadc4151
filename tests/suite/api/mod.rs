//! The API by noun.

mod bookings;
mod catalogue;
mod instruments;
mod problems;
mod programmes;
mod slots;
mod vouchers;
