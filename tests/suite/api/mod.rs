//! The API by noun.

mod catalogue;
mod instruments;
mod problems;
mod programmes;
mod vouchers;
