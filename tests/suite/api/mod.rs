//! The API by noun.

mod problems;
mod programmes;
mod vouchers;
