//! The pages by noun.

mod audit;
mod bank_accounts;
mod bookings;
mod bureau;
mod instruments;
mod memberships;
mod ops;
mod persons;
mod registrations;
mod second_factors;
mod sessions;
mod signins;
mod usage;
mod vouchers;
