//! More work than the database has seats for: bounded waits, honest answers, and nothing left behind.

use std::{
    io::{ErrorKind, Read, Write},
    net::TcpStream,
    time::Duration,
};

use diesel::connection::SimpleConnection;
use serde_json::json;

use crate::harness::{PATIENCE, TestApp};

#[tokio::test]
async fn a_busy_database_makes_nobody_wait_for_ever() {
    let app = TestApp::with([("CARE_DB_POOL", "2"), ("CARE_DB_WAIT", "3")]).await;
    let (ann, bea) = (app.customer("Ann"), app.customer("Bea"));
    let ticket = ann.opens_a_ticket().await;
    let conn = &mut app.connection();
    let lock = format!(
        "BEGIN; SELECT 1 FROM tickets WHERE id = '{}' FOR UPDATE",
        ticket.id
    );
    conn.batch_execute(&lock).unwrap();

    // Both seats wait for the ticket.
    let path = ticket.path("/messages");
    let seats = [1, 2].map(|n| {
        let (ann, path) = (ann.clone(), path.clone());
        let body = json!({ "body": format!("message {n}") });
        tokio::spawn(async move { ann.post(&path, body).expect(201).await })
    });
    let waiting = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    while app.rows(waiting).len() < 2 {
        tokio::task::yield_now().await;
    }

    // The wait has a limit: the seats are still taken when the answer comes.
    let problem = bea.get("/me").within(PATIENCE).problem(503).await;
    assert_eq!(problem.code, "unavailable");
    // Liveness needs no seat: it would be refused, too.
    app.api.get("/healthz").answered(200).await;
    app.api.get("/api/v1/meta").answered(200).await;
    assert_eq!(app.rows(waiting).len(), 2);

    conn.batch_execute("COMMIT").unwrap();
    for seat in seats {
        seat.await.unwrap();
    }
    bea.get("/me").expect(200).await;
}

/// A lock that is held too long is an honest 503 as well, not a fault.
#[tokio::test]
async fn a_lock_is_not_waited_for_longer_than_set() {
    let app = TestApp::with([("CARE_LOCK_TIMEOUT", "1")]).await;
    let ann = app.customer("Ann");
    let ticket = ann.opens_a_ticket().await;
    let conn = &mut app.connection();
    let lock = format!(
        "BEGIN; SELECT 1 FROM tickets WHERE id = '{}' FOR UPDATE",
        ticket.id
    );
    conn.batch_execute(&lock).unwrap();
    let message = || {
        ann.post(&ticket.path("/messages"), json!({ "body": "Hello" }))
            .key("once")
    };
    message().problem(503).await;
    conn.batch_execute("COMMIT").unwrap();
    message().expect(201).await;
}

/// The client that goes away takes nothing with it: its request ends as it would have.
#[tokio::test]
async fn clients_that_hang_up_leave_nothing_behind() {
    let app = TestApp::start().await;
    let ann = app.customer("Ann");
    for n in 0..20 {
        let call = ann
            .post("/tickets", ann.new_ticket())
            .key(&format!("key {n}"));
        let _ = call.within(Duration::from_micros(300 * n)).attempt().await;
    }
    for n in 0..20 {
        let call = ann
            .post("/tickets", ann.new_ticket())
            .key(&format!("key {n}"));
        call.expect(201).await;
    }
    let count = app.rows("SELECT count(*) AS n FROM tickets");
    assert_eq!(count[0]["n"], 20);
}

/// Connections that sent half a request each: of every other one the rest of the body is missing, else that of the head.
fn half_sent(app: &TestApp) -> Vec<TcpStream> {
    let half = [
        "GET /healthz HTTP/1.1\r\nHost: care.test\r\nX-",
        "POST /api/v1/auth/sign-in HTTP/1.1\r\nHost: care.test\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{",
    ];
    let requests = half.iter().cycle().take(40);
    let streams = requests.map(|request| {
        let mut stream = TcpStream::connect(app.api.address).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream
    });
    streams.collect()
}

/// While none of them is cut off.
#[tokio::test]
async fn nobody_waits_for_slow_senders() {
    let app = TestApp::with([("CARE_REQUEST_TIMEOUT", "60")]).await;
    let slow = half_sent(&app);
    let asked = app.api.get("/readyz").within(PATIENCE);
    asked.answered(200).await;
    for stream in slow {
        stream.set_nonblocking(true).unwrap();
        let nothing = stream.peek(&mut [0]).unwrap_err();
        assert_eq!(nothing.kind(), ErrorKind::WouldBlock);
    }
}

/// Half a request is not kept for ever, whether its head or its body is missing.
#[tokio::test]
async fn slow_senders_are_cut_off() {
    let app = TestApp::with([("CARE_REQUEST_TIMEOUT", "1")]).await;
    for (n, mut stream) in half_sent(&app).into_iter().enumerate() {
        let mut answer = String::new();
        stream
            .read_to_string(&mut answer)
            .expect("the server ends it");
        let status = if n % 2 == 0 { "408" } else { "400" };
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status}")),
            "{answer}"
        );
    }
}
