//! Background work: once, in its time, whatever happens to who does it.

use std::time::{Duration, Instant};

use care::{
    background,
    events::bell::Bell,
    http::request_log::METRICS,
    jobs::{self, NewJob, Wake, Workers},
    problem::Problem,
};
use prometheus::proto::MetricFamily;
use serde_json::{Value, json};

use crate::harness::TestApp;

fn enqueue(app: &TestApp, job: impl Fn() -> NewJob) {
    app.app
        .jobs
        .write_blocking(|tx| jobs::enqueue(tx, job()))
        .unwrap();
}

/// A kind of job that does no harm.
fn sweep() -> NewJob {
    NewJob::now("sweep", json!({}))
}

fn rows(app: &TestApp) -> Vec<Value> {
    app.rows(
        "SELECT kind, state, attempts, dedup_key, leased_until, last_error FROM jobs ORDER BY id",
    )
}

/// Waits until the query finds nothing more: for what other threads do.
fn until_none(app: &TestApp, query: &str) {
    let patience = Instant::now() + Duration::from_secs(20);
    loop {
        let left = app.rows(query);
        if left.is_empty() {
            return;
        }
        assert!(Instant::now() < patience, "still: {left:#?}");
        std::thread::yield_now();
    }
}

#[actix_web::test]
async fn a_job_stands_and_falls_with_its_transaction() {
    let app = TestApp::start().await;
    let undone = app.app.jobs.write_blocking(|tx| {
        jobs::enqueue(tx, sweep())?;
        Err::<(), _>(Problem::conflict("no"))
    });
    assert!(undone.is_err() && rows(&app).is_empty());
    enqueue(&app, sweep);
    assert_eq!(app.run_jobs(), 1);
    assert_eq!(app.run_jobs(), 0);
    assert_eq!(rows(&app)[0]["state"], "done");
}

#[actix_web::test]
async fn a_delayed_job_waits_for_its_time() {
    let app = TestApp::start().await;
    enqueue(&app, || NewJob {
        delay: Duration::from_secs(3600),
        ..sweep()
    });
    assert_eq!(app.run_jobs(), 0);
    app.sql("UPDATE jobs SET run_at = run_at - interval '1 hour'");
    assert_eq!(app.run_jobs(), 1);
}

#[actix_web::test]
async fn of_jobs_with_one_key_one_waits_and_a_running_one_does_not_count() {
    let app = TestApp::start().await;
    let keyed = || NewJob {
        dedup_key: Some("once".into()),
        ..sweep()
    };
    enqueue(&app, keyed);
    enqueue(&app, keyed);
    assert_eq!(rows(&app).len(), 1);
    // Claimed by somebody: what it has read may be old already, so a new job must not be swallowed.
    app.sql("UPDATE jobs SET dedup_key = NULL, attempts = 1, leased_until = now() + interval '1 minute'");
    enqueue(&app, keyed);
    assert_eq!(rows(&app).len(), 2);
    assert_eq!(app.run_jobs(), 1);
    assert_eq!(
        rows(&app)[1]["dedup_key"],
        Value::Null,
        "given up when it starts"
    );
    app.sql("DELETE FROM jobs");
}

/// Whoever counts on a job that waits already must not find that it ran before their own change was there to be seen.
#[actix_web::test]
async fn a_waiting_job_does_not_begin_before_who_counts_on_it_has_committed() {
    let app = TestApp::start().await;
    let keyed = || NewJob {
        dedup_key: Some("once".into()),
        ..sweep()
    };
    enqueue(&app, keyed);
    let meanwhile = app.app.jobs.write_blocking(|tx| {
        jobs::enqueue(tx, keyed())?;
        Ok(app.run_jobs())
    });
    assert_eq!(meanwhile.unwrap(), 0);
    assert_eq!(app.run_jobs(), 1);
}

#[actix_web::test]
async fn a_leased_job_is_left_alone_until_the_lease_is_over() {
    let app = TestApp::start().await;
    enqueue(&app, sweep);
    app.sql("UPDATE jobs SET attempts = 1, leased_until = now() + interval '1 minute'");
    assert_eq!(app.run_jobs(), 0);
    app.sql("UPDATE jobs SET leased_until = now() - interval '1 second'");
    assert_eq!(app.run_jobs(), 1);
    let job = &rows(&app)[0];
    assert_eq!(
        (&job["state"], &job["attempts"]),
        (&json!("done"), &json!(2))
    );
}

#[actix_web::test]
async fn a_job_that_kills_its_workers_is_given_up() {
    let app = TestApp::start().await;
    app.failing_jobs_are_expected();
    enqueue(&app, || NewJob {
        max_attempts: 3,
        ..sweep()
    });
    app.sql("UPDATE jobs SET attempts = 3, leased_until = now() - interval '1 second'");
    app.run_jobs();
    let job = &rows(&app)[0];
    assert_eq!(job["state"], "dead");
    assert!(job["last_error"].as_str().unwrap().contains("never ended"));
}

#[actix_web::test]
async fn a_failing_job_comes_back_later_and_dies_in_the_end() {
    let app = TestApp::start().await;
    app.failing_jobs_are_expected();
    enqueue(&app, || NewJob {
        max_attempts: 3,
        ..NewJob::now("send_mail", json!({}))
    });
    let mut waits = Vec::new();
    for _ in 0..3 {
        assert_eq!(app.run_jobs(), 1);
        let wait = app.rows("SELECT extract(epoch FROM run_at - now())::float8 AS wait FROM jobs");
        waits.push(wait[0]["wait"].as_f64().unwrap());
        app.sql("UPDATE jobs SET run_at = now() WHERE state = 'ready'");
    }
    assert!(
        (3.0..7.0).contains(&waits[0]) && (7.0..13.0).contains(&waits[1]),
        "{waits:?}"
    );
    let job = &rows(&app)[0];
    assert_eq!(
        (&job["state"], &job["attempts"]),
        (&json!("dead"), &json!(3))
    );
    assert_eq!(app.run_jobs(), 0);
}

#[actix_web::test]
async fn a_job_of_a_newer_version_is_left_for_it() {
    let app = TestApp::start().await;
    enqueue(&app, || NewJob::now("from_the_future", json!({})));
    app.run_jobs();
    let job = &rows(&app)[0];
    assert_eq!(
        (&job["state"], &job["attempts"]),
        (&json!("ready"), &json!(0))
    );
    app.sql("DELETE FROM jobs");
}

#[actix_web::test]
async fn workers_do_everything_once_and_stop_cleanly() {
    let app = TestApp::with([("CARE_JOB_WORKERS", "3")]).await;
    let (ann, count) = (app.customer("Ann"), 40);
    for n in 0..count {
        app.sql(&format!(
            "WITH e AS (INSERT INTO events (kind, user_id) VALUES ('user.password_changed', '{}') RETURNING id) \
             INSERT INTO jobs (kind, payload) SELECT 'fan_out', jsonb_build_object('event_id', id, 'n', {n}) FROM e",
            ann.id
        ));
    }
    let wake = Wake::default();
    let workers = Workers::start(&app.app, wake.clone()).unwrap();
    wake.all();
    until_none(&app, "SELECT kind, state FROM jobs WHERE state <> 'done'");
    workers.stop();
    let mut ids: Vec<String> = app
        .app
        .mailer
        .memory()
        .into_iter()
        .map(|m| m.message_id)
        .collect();
    assert_eq!(ids.len(), count);
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), count, "none twice");
    let worked = rows(&app);
    assert!(
        worked
            .iter()
            .all(|j| j["leased_until"].is_null() && j["attempts"] == 1),
        "{worked:#?}"
    );
}

#[actix_web::test]
async fn a_commit_wakes_the_workers_of_another_replica() {
    let app = TestApp::live().await;
    let other = TestApp::on(&app.url, [("CARE_JOB_WORKERS", "1")]).await;
    let (_silent, ear) = Bell::new();
    let background = background::start(&other.app, ear).unwrap();
    let ann = app.customer("Ann");
    ann.opens_a_ticket().await;
    // This replica has no workers: it only says that there is something to do.
    until_none(
        &app,
        "SELECT kind FROM jobs WHERE kind <> 'sweep' AND state <> 'done'",
    );
    background.stop();
    assert_eq!(other.app.mailer.memory().len(), 1);
}

#[actix_web::test]
async fn chores_start_once_per_hour_whatever_the_number_of_replicas() {
    let app = TestApp::start().await;
    for _ in 0..3 {
        jobs::schedule::tick(&app.app).unwrap();
    }
    assert_eq!(rows(&app).len(), 1);
    app.run_jobs();
    app.sql("UPDATE rate_counters SET window_started_at = now() - interval '5 hours' WHERE bucket = 'schedule'");
    jobs::schedule::tick(&app.app).unwrap();
    jobs::schedule::tick(&app.app).unwrap();
    assert_eq!(rows(&app).len(), 2, "what was missed is made up for once");
}

#[actix_web::test]
async fn the_sweep_deletes_what_has_served_its_time_and_nothing_else() {
    let app = TestApp::start().await;
    let ann = app.customer("Ann");
    let id = ann.id;
    app.sql(
        "INSERT INTO jobs (kind, payload, state, finished_at) VALUES ('sweep', '{\"age\": \"old\"}', 'done', now() - interval '4 days'), \
         ('sweep', '{\"age\": \"new\"}', 'done', now()), ('sweep', '{\"age\": \"dead\"}', 'dead', now() - interval '1 year')",
    );
    app.sql(&format!(
        "INSERT INTO idempotency_keys (actor_id, route, key, body_hash, status, response, created_at) \
         VALUES ('{id}', 'r', 'old', '', 201, '{{}}', now() - interval '49 hours'), ('{id}', 'r', 'new', '', 201, '{{}}', now())"
    ));
    app.sql(
        "INSERT INTO rate_counters (bucket, subject, window_started_at) VALUES ('b', 'old', now() - interval '2 days'), \
         ('b', 'new', now()), ('schedule', 'old', now() - interval '2 days')",
    );
    app.sql(&format!(
        "INSERT INTO one_time_codes (id, user_id, purpose, salt, expires_at, used_at) \
         SELECT gen_random_uuid(), '{id}', 'reset_password', '', now() - d * interval '1 day', now() FROM unnest(ARRAY[31, 1]) d"
    ));
    enqueue(&app, sweep);
    app.run_jobs();
    let left = app.rows(
        "SELECT (SELECT count(*) FROM jobs WHERE payload ? 'age') AS jobs, \
         (SELECT string_agg(key, ' ') FROM idempotency_keys) AS keys, \
         (SELECT string_agg(bucket || ' ' || subject, ', ' ORDER BY bucket) FROM rate_counters) AS counters, \
         (SELECT count(*) FROM one_time_codes) AS codes",
    );
    let expected =
        json!({ "jobs": 2, "keys": "new", "counters": "b new, schedule old", "codes": 1 });
    assert_eq!(left[0], expected);
}

#[actix_web::test]
async fn the_queue_is_measured() {
    let app = TestApp::start().await;
    enqueue(&app, sweep);
    app.sql("UPDATE jobs SET run_at = now() - interval '5 minutes'");
    app.sql("INSERT INTO jobs (kind, payload, state, finished_at) VALUES ('sweep', '{}', 'dead', now())");
    jobs::gauges::refresh(&app.app).await.unwrap();
    let names: Vec<String> = METRICS
        .gather()
        .iter()
        .map(|f: &MetricFamily| f.name().to_owned())
        .collect();
    for name in [
        "care_jobs_ready",
        "care_jobs_oldest_ready_seconds",
        "care_jobs_dead",
        "care_jobs_died_total",
    ] {
        assert!(names.iter().any(|n| n == name), "{name} in {names:?}");
    }
}
