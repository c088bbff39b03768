//! Background work in Postgres: written in the transaction that causes it, claimed with a lease, tried again with
//! backoff, kept as dead when it will not succeed. Knows no feature: a job is a kind and a payload.
//!
//! Invariant: a committed job runs at least once to success or is kept as dead; whoever lost its lease can not finish it.
//! Handlers are therefore safe to run twice.

mod enqueue;
pub mod gauges;
mod queue;
mod registry;
pub mod schedule;
mod worker;

use crate::{app::App, problem::Problem};

pub use enqueue::{NewJob, enqueue};
pub use registry::{Kind, Outcome};
pub use worker::{Wake, Workers};

/// Runs everything that is due, also what that work adds, on the calling thread, and says how many jobs ran. For tests
/// and the command line; a server has [`Workers`]. A job that fails is put off as always and counts as run.
pub fn run_due(app: &App) -> Result<usize, Problem> {
    let mut ran = 0;
    loop {
        let batch = queue::claim(app, &[])?;
        if batch.is_empty() {
            return Ok(ran);
        }
        for job in batch {
            worker::run(app, &job)?;
            ran += 1;
        }
    }
}
