//! Floor 2, SQL: the only place that speaks to the database. One file per noun; every statement runs on both engines.
//!
//! Verbs have fixed meanings: `find_` gives an `Option`, `list_`, `count_`, `insert_`, `update_` gives `bool` (false = nothing
//! matched), `delete_`, `lock_` touches a parent row so that others wait. Functions take a connection, which may be a transaction.

pub mod applications;
pub mod audit;
pub mod backup;
pub mod bank_accounts;
pub mod bookings;
pub mod calendar;
pub mod claims;
pub mod db;
pub mod exports;
pub mod files;
pub mod holds;
pub mod idempotency;
pub mod instruments;
pub mod invitations;
pub mod invoices;
pub mod job_runs;
pub mod letters;
pub mod marks;
pub mod memberships;
pub mod openness;
pub mod organisations;
pub mod outbox;
pub mod parties;
pub mod persons;
pub mod programmes;
pub mod proofs;
pub mod purses;
pub mod registrations;
pub mod roll_ups;
pub mod schemes;
pub mod second_factors;
pub mod secrets;
pub mod sessions;
pub mod slots;
pub mod statements;
pub mod tries;
pub mod usage;
pub mod use_proofs;

pub use db::{Db, Error, Tx};
pub use sqlx::AnyConnection;
