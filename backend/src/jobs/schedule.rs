//! Chores that come round by the clock. Which replica starts one is decided by a conditional update, so a slot is used
//! once; a slot missed while nothing ran is made up for once.

use diesel::{
    prelude::*,
    sql_types::{BigInt, Integer, Text},
};
use serde_json::{Value, json};

use crate::{app::App, problem::Problem};

use super::{NewJob, Outcome, enqueue};

/// Job kind and seconds from one run to the next.
const CHORES: &[(&str, i64)] = &[("sweep", 3600)];

/// Enqueues the chores whose time has come.
pub fn tick(app: &App) -> Result<(), Problem> {
    for &(kind, seconds) in CHORES {
        let due: bool = app.jobs.read_blocking(|conn| {
            let fresh: i64 = diesel::sql_query(
                "SELECT count(*) AS n FROM rate_counters WHERE bucket = 'schedule' AND subject = $1 \
                 AND window_started_at > now() - $2 * interval '1 second'",
            )
            .bind::<Text, _>(kind)
            .bind::<BigInt, _>(seconds)
            .get_result::<Count>(conn)?
            .n;
            Ok(fresh == 0)
        })?;
        if due {
            app.jobs.write_blocking(|tx| {
                let won = diesel::sql_query(
                    "INSERT INTO rate_counters (bucket, subject) VALUES ('schedule', $1) \
                     ON CONFLICT (bucket, subject) DO UPDATE SET window_started_at = now(), hits = rate_counters.hits + 1 \
                     WHERE rate_counters.window_started_at <= now() - $2 * interval '1 second'",
                )
                .bind::<Text, _>(kind)
                .bind::<BigInt, _>(seconds)
                .execute(&mut **tx)?;
                if won == 1 {
                    enqueue(tx, NewJob::now(kind, json!({})))?;
                }
                Ok(())
            })?;
        }
    }
    Ok(())
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    n: i64,
}

/// Rows that one statement deletes at most.
const BATCH: usize = 2000;

/// What has served its time, in statements that touch a bounded number of rows each. Of a
/// person's devices the last one stays, so that a new one is seen to be new however long the person was away.
const SWEEPS: &[&str] = &[
    "DELETE FROM jobs WHERE id = ANY (ARRAY(SELECT id FROM jobs WHERE state = 'done' \
     AND finished_at < now() - interval '3 days' ORDER BY finished_at LIMIT 2000))",
    "DELETE FROM idempotency_keys WHERE ctid = ANY (ARRAY(SELECT ctid FROM idempotency_keys \
     WHERE created_at < now() - interval '48 hours' ORDER BY created_at LIMIT 2000))",
    "DELETE FROM rate_counters WHERE ctid = ANY (ARRAY(SELECT ctid FROM rate_counters \
     WHERE bucket <> 'schedule' AND window_started_at < now() - interval '1 day' LIMIT 2000))",
    "DELETE FROM one_time_codes WHERE id = ANY (ARRAY(SELECT id FROM one_time_codes \
     WHERE expires_at < now() - interval '30 days' LIMIT 2000))",
    "DELETE FROM provider_trips WHERE id = ANY (ARRAY(SELECT id FROM provider_trips \
     WHERE expires_at < now() - interval '1 day' LIMIT 2000))",
    "DELETE FROM sessions WHERE id = ANY (ARRAY(SELECT id FROM sessions \
     WHERE least(expires_at, revoked_at) < now() - interval '30 days' LIMIT 2000))",
    "DELETE FROM devices WHERE ctid = ANY (ARRAY(SELECT d.ctid FROM devices d \
     WHERE d.last_seen_at < now() - interval '180 days' AND EXISTS (SELECT FROM devices later \
      WHERE later.user_id = d.user_id AND (later.last_seen_at, later.device) > (d.last_seen_at, d.device)) LIMIT 2000))",
    "DELETE FROM exports WHERE user_id = ANY (ARRAY(SELECT user_id FROM exports WHERE expires_at < now() LIMIT 2000))",
    // Said twice: the one who confirms just now is locked, and stays.
    "DELETE FROM users WHERE email_confirmed_at IS NULL AND id = ANY (ARRAY(SELECT u.id FROM users u \
     WHERE u.role = 'customer' AND u.email_confirmed_at IS NULL AND u.disabled_at IS NULL \
     AND u.updated_at < now() - interval '30 days' \
     AND NOT EXISTS (SELECT FROM tickets t WHERE t.customer_id = u.id) LIMIT 2000))",
];

/// The sign-in history, as long as it is kept.
const FORGET_SIGN_INS: &str = "DELETE FROM sign_ins WHERE id = ANY (ARRAY(SELECT id FROM sign_ins \
     WHERE created_at < now() - $1 * interval '1 day' ORDER BY created_at LIMIT 2000))";

/// The chore `sweep`: deletes what nobody will ask for again.
pub fn sweep(app: &App, _: &Value) -> Result<Outcome, Problem> {
    for statement in SWEEPS {
        while app
            .jobs
            .write_blocking(|tx| Ok(diesel::sql_query(*statement).execute(&mut **tx)?))?
            >= BATCH
        {}
    }
    let days = app.config.auth.sign_in_history_days;
    while app.jobs.write_blocking(|tx| {
        let forget = diesel::sql_query(FORGET_SIGN_INS).bind::<Integer, _>(days);
        Ok(forget.execute(&mut **tx)?)
    })? >= BATCH
    {}
    Ok(Outcome::Done)
}
