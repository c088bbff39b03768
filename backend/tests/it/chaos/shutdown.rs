//! Told to stop (SIGTERM), a server finishes what it has begun, says goodbye on its streams, and ends well.

use std::time::{Duration, Instant};

use care::{auth::token::Tokens, config::Secret};
use diesel::connection::SimpleConnection;
use nix::sys::signal::Signal;
use serde_json::json;

use crate::harness::{Database, Folder, PUBLIC_URL, Person, SECRET, Server, rows};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stopping_server_finishes_what_it_has_begun() {
    let folder = Folder::new("shutdown");
    let database = Database::new();
    let mut server = Server::start(&database.url, format!("{}/log", folder.path()), &[]);
    server.wait_until_ready();
    let tokens = Tokens::new(&Secret::new(SECRET), PUBLIC_URL, Duration::from_secs(900));
    let conn = &mut database.connect();
    let ann = Person::signed_in(conn, &tokens, &server.api, "Ann", "customer").unwrap();
    let ticket = ann.opens_a_ticket().await;
    let mut stream = ann.listens().await;

    // A request that cannot end before we let it: its ticket is locked.
    let id = &ticket.id;
    conn.batch_execute(&format!(
        "BEGIN; SELECT 1 FROM tickets WHERE id = '{id}' FOR UPDATE"
    ))
    .unwrap();
    let path = ticket.path("/messages");
    let writer = ann.clone();
    let message = tokio::spawn(async move {
        writer
            .post(&path, json!({ "body": "Wait for me" }))
            .expect(201)
            .await
    });
    let other = &mut database.connect();
    let waiting = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    eventually(|| !rows(other, waiting).is_empty()).await;

    server.signal(Signal::SIGTERM);
    assert_eq!(stream.event("bye").await["reason"], "shutdown");
    assert!(stream.next().await.is_none(), "nothing comes after bye");
    eventually(|| std::net::TcpStream::connect(server.api.address).is_err()).await;
    conn.batch_execute("COMMIT").unwrap();
    assert_eq!(message.await.unwrap()["body"], "Wait for me");
    assert!(server.wait().success(), "{}", server.log());
    let ours = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'care%'";
    eventually(|| rows(other, ours).is_empty()).await;
}

async fn eventually(mut happened: impl FnMut() -> bool) {
    let started = Instant::now();
    while !happened() {
        assert!(
            started.elapsed() < Duration::from_secs(10),
            "it did not happen"
        );
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
