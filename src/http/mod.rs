//! What pages and API share on the way in and out: callers, bodies, errors with two faces, limits, headers, idempotency.

pub mod body;
pub mod caller;
pub mod context;
pub mod documents;
pub mod error;
pub mod headers;
pub mod idempotency;
pub mod limits;
pub mod measure;
pub mod problem;
pub mod query;
mod rest;
pub mod router;

pub use caller::{Caller, Visitor};
pub use context::Context;
pub use error::Error;
