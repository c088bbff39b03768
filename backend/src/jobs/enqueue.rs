//! The statement that puts a job into the queue: part of the busiest transactions, so its text never changes.

use std::time::Duration;

use diesel::{
    pg::Pg,
    prelude::*,
    query_builder::{AstPass, QueryFragment, QueryId},
    sql_types::{Double, Integer, Jsonb, Nullable, Text},
};
use serde_json::Value;

use crate::{db::Tx, problem::Problem};

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

/// Adds the job, unless one with its key waits already. That one does not begin before this transaction has ended, so it
/// sees what this transaction did.
pub fn enqueue(tx: &mut Tx<'_>, job: NewJob) -> Result<(), Problem> {
    let insert = Insert {
        seconds: job.delay.as_secs_f64(),
        job: &job,
    };
    insert.execute(&mut **tx)?;
    if job.delay.is_zero() {
        tx.wake_after_commit();
    }
    Ok(())
}

struct Insert<'a> {
    job: &'a NewJob,
    /// Its delay.
    seconds: f64,
}

impl diesel::RunQueryDsl<PgConnection> for Insert<'_> {}

impl QueryId for Insert<'_> {
    type QueryId = Insert<'static>;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl QueryFragment<Pg> for Insert<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        let job = self.job;
        out.push_sql("INSERT INTO jobs (kind, payload, dedup_key, max_attempts, run_at) VALUES (");
        out.push_bind_param::<Text, _>(job.kind)?;
        out.push_sql(", ");
        out.push_bind_param::<Jsonb, _>(&job.payload)?;
        out.push_sql(", ");
        out.push_bind_param::<Nullable<Text>, _>(&job.dedup_key)?;
        out.push_sql(", ");
        out.push_bind_param::<Integer, _>(&job.max_attempts)?;
        // Counted from the database's clock, which all replicas share.
        out.push_sql(", now() + make_interval(secs => ");
        out.push_bind_param::<Double, _>(&self.seconds)?;
        // The update changes nothing: it locks the waiting job, and whoever claims jobs passes over locked ones.
        out.push_sql(
            ")) ON CONFLICT (dedup_key) WHERE state = 'ready' AND dedup_key IS NOT NULL \
             DO UPDATE SET run_at = jobs.run_at",
        );
        Ok(())
    }
}
