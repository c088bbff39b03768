//! Background work in Postgres: written in the transaction that causes it, claimed with a lease, tried again with
//! backoff, kept as dead when it will not succeed. Knows no feature: a job is a kind and a payload.

use std::time::Duration;

use diesel::{dsl::sql, prelude::*, sql_types::Timestamptz};
use serde_json::Value;

use crate::{
    db::{Tx, schema::jobs},
    problem::Problem,
};

/// Work to be done after the transaction commits.
#[derive(Debug)]
pub struct NewJob {
    pub kind: &'static str,
    /// Ids only: never text, never a secret.
    pub payload: Value,
    pub delay: Duration,
    /// While a job with this key waits, another one is not added.
    pub dedup_key: Option<String>,
}

impl NewJob {
    pub fn now(kind: &'static str, payload: Value) -> Self {
        Self {
            kind,
            payload,
            delay: Duration::ZERO,
            dedup_key: None,
        }
    }
}

/// Adds the job, unless one with its key waits already.
pub fn enqueue(tx: &mut Tx<'_>, job: NewJob) -> Result<(), Problem> {
    let row = (
        jobs::kind.eq(job.kind),
        jobs::payload.eq(job.payload),
        jobs::dedup_key.eq(job.dedup_key),
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
