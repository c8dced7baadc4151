//! The pages by noun.

mod audit;
mod ops;
mod sessions;
mod vouchers;
