//! How soon all servers know: also with many sessions, after a lost connection, and from the first request on.

use std::time::Instant;

use super::{ANN, SOON, change, turn, until};
use crate::{
    auth::{UNHURRIED, sign_in},
    harness::{PASSWORD, TestApp},
};

/// With 100,000 sessions the switch is turned, and heard of everywhere, within two seconds, both ways.
/// `cargo test … -- --nocapture` prints how long it took.
#[tokio::test]
async fn a_hundred_thousand_sessions_end_in_time() {
    let app = TestApp::with([UNHURRIED]).await;
    let second = app.replica().await;
    let (cleo, ann) = (app.admin("Cleo"), app.customer("Ann"));
    app.sql(
        "INSERT INTO users (id, role, name, email, email_confirmed_at) \
         SELECT gen_random_uuid(), 'customer', 'C ' || n, n || '@many.example', now() FROM generate_series(1, 20000) n",
    );
    app.sql(
        "INSERT INTO sessions (id, user_id, salt, expires_at) \
         SELECT gen_random_uuid(), id, '\\x00', now() + interval '1 day' \
         FROM users, generate_series(1, 5) WHERE email LIKE '%@many.example'",
    );
    let there = cleo.at(&second.api);

    let start = Instant::now();
    turn(&cleo, "start").expect(200).await;
    let turned = start.elapsed();
    until(|| change(&there), 503).await;
    ann.at(&second.api).get("/me").problem(401).await;
    let on = start.elapsed();
    assert_eq!(
        app.rows("SELECT user_id FROM sessions WHERE revoked_at IS NULL")
            .len(),
        1
    );

    let start = Instant::now();
    turn(&cleo, "end").expect(200).await;
    let visitor = second.anyone();
    until(|| sign_in(&visitor, ANN, PASSWORD), 200).await;
    let off = start.elapsed();
    println!("100,000 sessions: on after {turned:?}, everywhere after {on:?}; off after {off:?}");
    assert!(
        on < SOON && off < SOON,
        "on after {on:?}, off after {off:?}"
    );
}

/// Whoever begins to serve in a lockdown knows it from the first request on.
#[tokio::test]
async fn a_server_that_starts_later_knows_at_once() {
    let app = TestApp::with([UNHURRIED]).await;
    let cleo = app.admin("Cleo");
    turn(&cleo, "start").expect(200).await;
    let second = app.replica().await;
    change(&cleo.at(&second.api)).problem(503).await;
    let meta = second.anyone().get("/meta").expect(200).await;
    assert!(meta["lockdown_since"].is_string());
}

/// Turned while the server's listening connection is broken: it looks at the switch before it does anything else on a new
/// one, and ends its streams.
#[tokio::test]
async fn a_server_that_lost_its_listening_connection_hears_it_too() {
    let app = TestApp::with([UNHURRIED]).await;
    let second = app.replica().await;
    let (cleo, ann) = (app.admin("Cleo"), app.customer("Ann"));
    let stream = ann.at(&second.api).listens().await;
    let ended = app.rows(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
         WHERE application_name = 'care-live' AND datname = current_database()",
    );
    assert_eq!(ended.len(), 1);
    turn(&cleo, "start").expect(200).await;
    let there = cleo.at(&second.api);
    until(|| change(&there), 503).await;
    let last = stream.rest().await.pop().unwrap();
    assert_eq!(last.data["reason"], "session_ended");
}
