//! Background work in Postgres: written in the transaction that causes it, claimed with a lease, tried again with
//! backoff, kept as dead when it will not succeed. Knows no feature: a job is a kind and a payload.
//!
//! Invariant: a committed job runs at least once to success or is kept as dead; whoever lost its lease can not finish it.
//! Handlers are therefore safe to run twice.

pub mod gauges;
mod queue;
mod registry;
pub mod schedule;
mod worker;

use std::time::Duration;

use diesel::{dsl::sql, prelude::*, sql_types::Timestamptz};
use serde_json::Value;

use crate::{
    app::App,
    db::{Tx, schema::jobs},
    problem::Problem,
};

pub use registry::{Kind, Outcome};
pub use worker::{Wake, Workers};

/// Work to be done after the transaction commits.
#[derive(Debug)]
pub struct NewJob {
    pub kind: &'static str,
    /// Ids only: never text, never a secret.
    pub payload: Value,
    pub delay: Duration,
    /// While a job with this key waits, another one is not added. A job gives its key up when it starts to run.
    pub dedup_key: Option<String>,
    /// Runs before the job is kept as dead.
    pub max_attempts: i32,
}

impl NewJob {
    pub fn now(kind: &'static str, payload: Value) -> Self {
        Self {
            kind,
            payload,
            delay: Duration::ZERO,
            dedup_key: None,
            max_attempts: 12,
        }
    }
}

/// Adds the job, unless one with its key waits already.
pub fn enqueue(tx: &mut Tx<'_>, job: NewJob) -> Result<(), Problem> {
    let row = (
        jobs::kind.eq(job.kind),
        jobs::payload.eq(job.payload),
        jobs::dedup_key.eq(job.dedup_key),
        jobs::max_attempts.eq(job.max_attempts),
    );
    if job.delay.is_zero() {
        diesel::insert_into(jobs::table)
            .values(row)
            .on_conflict_do_nothing()
            .execute(&mut **tx)?;
    } else {
        // Counted from the database's clock, which all replicas share.
        let run_at = sql::<Timestamptz>("now() + ")
            .bind::<diesel::sql_types::Double, _>(job.delay.as_secs_f64())
            .sql(" * interval '1 second'");
        diesel::insert_into(jobs::table)
            .values((row, jobs::run_at.eq(run_at)))
            .on_conflict_do_nothing()
            .execute(&mut **tx)?;
    }
    tx.ring_after_commit();
    Ok(())
}

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
