//! Floor 4, the jobs: one file each, thin over actions. What is not in [`all`] does not run.
//!
//! Every job may be repeated without harm: it acts on what is due before its instant, never on what is due at it.

pub mod audit;
pub mod due;
pub mod notices;
pub mod openness_rollup;
pub mod voucher_lapse;

use crate::app::App;
use crate::scheduler::Job;

/// Every job, in the order in which people read them.
#[must_use]
pub fn all() -> Vec<Job<App>> {
    vec![notices::JOB, due::JOB, voucher_lapse::JOB, openness_rollup::JOB, audit::JOB]
}
