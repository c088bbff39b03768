//! The queue's SQL: claim with a lease, finish under a fence.

use std::time::Duration;

use chrono::{DateTime, Utc};
use diesel::{
    prelude::*,
    sql_types::{Array, BigInt, Double, Integer, Jsonb, Text, Timestamptz},
};
use serde_json::Value;

use crate::{app::App, problem::Problem};

/// Jobs taken at a time.
const BATCH: i32 = 10;

/// How long a claimed batch belongs to its worker: longer than any single job may take.
pub fn lease(app: &App) -> Duration {
    let slowest = app.config.mail.timeout.max(app.config.outbound.timeout);
    (slowest * 2 + Duration::from_secs(20)).max(Duration::from_secs(60))
}

/// A job that this worker holds until `leased_until`. `attempts` and `leased_until` are the fence: both change when
/// somebody else claims the job.
#[derive(Debug, QueryableByName)]
pub struct Claimed {
    #[diesel(sql_type = BigInt)]
    pub id: i64,
    #[diesel(sql_type = Text)]
    pub kind: String,
    #[diesel(sql_type = Jsonb)]
    pub payload: Value,
    #[diesel(sql_type = Integer)]
    pub attempts: i32,
    #[diesel(sql_type = Integer)]
    pub max_attempts: i32,
    #[diesel(sql_type = Timestamptz)]
    pub leased_until: DateTime<Utc>,
    #[diesel(sql_type = Timestamptz)]
    pub run_at: DateTime<Utc>,
}

/// Takes up to [`BATCH`] due jobs, oldest first, except of the kinds in `without`. The attempt counts from here, so a job
/// that kills its worker is given up in the end. The inner WHERE repeats the predicate of `jobs_ready_idx`.
pub fn claim(app: &App, without: &[&str]) -> Result<Vec<Claimed>, Problem> {
    let lease = lease(app).as_secs_f64();
    let without: Vec<String> = without.iter().map(ToString::to_string).collect();
    let mut jobs: Vec<Claimed> = app.jobs.write_blocking(|tx| {
        Ok(diesel::sql_query(
            "UPDATE jobs SET attempts = attempts + 1, leased_until = now() + $1 * interval '1 second', dedup_key = NULL \
             WHERE id = ANY (ARRAY( \
                SELECT id FROM jobs WHERE state = 'ready' AND run_at <= now() \
                AND (leased_until IS NULL OR leased_until < now()) AND kind <> ALL ($2) \
                ORDER BY run_at, id LIMIT $3 FOR UPDATE SKIP LOCKED)) \
             RETURNING id, kind, payload, attempts, max_attempts, leased_until, run_at",
        )
        .bind::<Double, _>(lease)
        .bind::<Array<Text>, _>(&without)
        .bind::<Integer, _>(BATCH)
        .load(&mut **tx)?)
    })?;
    jobs.sort_by_key(|job| (job.run_at, job.id));
    Ok(jobs)
}

/// What becomes of a claimed job.
#[derive(Debug)]
pub enum End<'a> {
    Done,
    /// Back into the queue, to be tried again after the delay.
    Again(Duration, &'a str),
    /// Back into the queue as if it had not been claimed.
    Unclaimed(Duration),
    Dead(&'a str),
}

/// Writes the end down, if the job is still this worker's. `false`: the lease was lost and somebody else has the job.
pub fn finish(app: &App, job: &Claimed, end: &End<'_>) -> Result<bool, Problem> {
    let set = match end {
        End::Done => "state = 'done', finished_at = now(), last_error = NULL, leased_until = NULL",
        End::Dead(_) => "state = 'dead', finished_at = now(), last_error = $4, leased_until = NULL",
        End::Again(..) => {
            "run_at = now() + $5 * interval '1 second', last_error = $4, leased_until = NULL"
        }
        End::Unclaimed(_) => {
            "run_at = greatest(run_at, now() + $5 * interval '1 second'), attempts = attempts - 1, leased_until = NULL"
        }
    };
    let (error, delay) = match end {
        End::Done => ("", Duration::ZERO),
        End::Again(delay, error) => (*error, *delay),
        End::Unclaimed(delay) => ("", *delay),
        End::Dead(error) => (*error, Duration::ZERO),
    };
    // Mentioned once in a condition that always holds, so that every variant has the same five parameters.
    let text = format!(
        "UPDATE jobs SET {set} WHERE id = $1 AND attempts = $2 AND leased_until = $3 AND state = 'ready' \
         AND $4::text IS NOT NULL AND $5::float8 >= 0"
    );
    let changed = app.jobs.write_blocking(|tx| {
        Ok(diesel::sql_query(&text)
            .bind::<BigInt, _>(job.id)
            .bind::<Integer, _>(job.attempts)
            .bind::<Timestamptz, _>(job.leased_until)
            .bind::<Text, _>(error)
            .bind::<Double, _>(delay.as_secs_f64())
            .execute(&mut **tx)?)
    })?;
    Ok(changed == 1)
}
