//! Demo mode: what it fills an empty database with, and that nothing of it exists elsewhere.

use std::time::{Duration, Instant};

use care::{config::Secret, demo};
use serde_json::{Value, json};

use crate::harness::TestApp;

async fn filled() -> TestApp {
    let app = TestApp::with([("CARE_DEMO", "1")]).await;
    assert!(demo::fill_when_empty(&app.app).await.unwrap());
    app
}

/// Fails with the rows of a query that must find none.
fn none(app: &TestApp, query: &str) {
    let rows = app.rows(query);
    assert!(rows.is_empty(), "{query}\n{rows:#?}");
}

#[actix_web::test]
async fn outside_a_demo_there_is_nothing() {
    let app = TestApp::start().await;
    app.anyone().get("/demo").problem(404).await;
    app.anyone().get("/demo/mailbox").problem(404).await;
    assert!(!demo::fill_when_empty(&app.app).await.unwrap());
    none(&app, "SELECT id FROM users");
}

#[actix_web::test]
async fn an_empty_database_is_filled_quickly_and_once() {
    let app = TestApp::with([("CARE_DEMO", "1")]).await;
    let started = Instant::now();
    let (a, b) = tokio::join!(
        demo::fill_when_empty(&app.app),
        demo::fill_when_empty(&app.app)
    );
    assert!(
        started.elapsed() < Duration::from_secs(2),
        "{:?}",
        started.elapsed()
    );
    assert_ne!(a.unwrap(), b.unwrap(), "one of two at once");
    let counts = app.rows(
        "SELECT (SELECT count(*) FROM users WHERE role = 'agent') AS agents, \
         (SELECT count(*) FROM users WHERE role = 'admin') AS admins, (SELECT count(*) FROM services) AS services, \
         (SELECT count(*) FROM tickets) AS tickets, (SELECT count(DISTINCT status) FROM tickets) AS statuses, \
         (SELECT count(*) FROM feedback) AS feedback",
    );
    let n = |name: &str| counts[0][name].as_i64().unwrap();
    assert_eq!((n("agents"), n("admins"), n("statuses")), (2, 1, 6));
    assert!(
        n("services") >= 8 && n("tickets") >= 60 && n("feedback") >= 10,
        "{counts:?}"
    );
    assert!(
        !demo::fill_when_empty(&app.app).await.unwrap(),
        "it is not empty any more"
    );
}

#[actix_web::test]
async fn every_ticket_agrees_with_its_own_history() {
    let app = filled().await;
    none(
        &app,
        "SELECT t.number FROM tickets t JOIN (SELECT ticket_id, count(*) AS n, count(DISTINCT seq) AS d, max(seq) AS last, \
         max(created_at) AS at FROM (SELECT ticket_id, seq, created_at FROM messages \
         UNION ALL SELECT ticket_id, seq, created_at FROM moves) e GROUP BY 1) e ON e.ticket_id = t.id \
         WHERE e.n <> t.last_seq OR e.d <> t.last_seq OR e.last <> t.last_seq OR e.at <> t.updated_at",
    );
    none(
        &app,
        "SELECT t.number FROM tickets t LEFT JOIN LATERAL (SELECT side, created_at FROM messages WHERE ticket_id = t.id \
         ORDER BY seq DESC LIMIT 1) m ON true \
         WHERE t.last_message_side IS DISTINCT FROM m.side OR t.last_message_at IS DISTINCT FROM m.created_at",
    );
    none(
        &app,
        "SELECT t.number FROM tickets t LEFT JOIN LATERAL (SELECT data->>'to' AS status FROM moves WHERE ticket_id = t.id \
         AND kind = 'status_changed' ORDER BY seq DESC LIMIT 1) m ON true WHERE t.status <> coalesce(m.status, 'open')",
    );
    none(
        &app,
        "SELECT t.number FROM tickets t WHERE (t.status IN ('resolved', 'closed') AND t.resolved_at IS NULL) \
         OR (t.status IN ('closed', 'withdrawn')) <> (t.closed_at IS NOT NULL) \
         OR (t.status IN ('closed', 'withdrawn')) <> (t.reopen_until IS NOT NULL) \
         OR t.updated_at > now() OR t.created_at < now() - interval '61 days'",
    );
    none(
        &app,
        "SELECT t.number FROM ticket_reads r JOIN tickets t ON t.id = r.ticket_id WHERE r.seq > t.last_seq \
         OR r.user_id NOT IN (t.customer_id, t.assignee_id)",
    );
    none(
        &app,
        "SELECT m.id FROM messages m JOIN tickets t ON t.id = m.ticket_id \
         WHERE m.author_id <> CASE m.side WHEN 'customer' THEN t.customer_id ELSE t.assignee_id END \
         OR m.body ~ '[{}]'",
    );
    none(
        &app,
        "SELECT f.ticket_id FROM feedback f JOIN tickets t ON t.id = f.ticket_id \
         WHERE t.status <> 'closed' OR f.agent_id IS DISTINCT FROM t.assignee_id",
    );
    none(
        &app,
        "SELECT a.number FROM tickets a JOIN tickets b ON a.number < b.number AND a.created_at > b.created_at",
    );
    none(
        &app,
        "SELECT d FROM generate_series(0, 7) d WHERE NOT EXISTS (SELECT 1 FROM tickets \
         WHERE created_at BETWEEN now() - (d + 1) * interval '8 days' AND now() - d * interval '8 days') AND d < 7",
    );
}

#[actix_web::test]
async fn the_shown_accounts_work() {
    let app = filled().await;
    let shown = app.anyone().get("/demo").expect(200).await;
    assert_eq!(shown["enabled"], true);
    let accounts = shown["accounts"].as_array().unwrap();
    let roles: Vec<&str> = accounts
        .iter()
        .map(|a| a["role"].as_str().unwrap())
        .collect();
    assert_eq!(roles, ["customer", "agent", "agent", "admin"]);
    for account in accounts {
        let email = account["email"].as_str().unwrap();
        let stored = app.rows(&format!(
            "SELECT role, password_hash FROM users WHERE email = '{email}' AND email_confirmed_at IS NOT NULL"
        ));
        assert_eq!(stored[0]["role"], account["role"]);
        let hash = stored[0]["password_hash"].as_str().unwrap().to_owned();
        let password = Secret::new(account["password"].as_str().unwrap());
        assert!(
            app.app
                .passwords
                .verify(password, Some(hash))
                .await
                .unwrap()
        );
    }
    let with_password = app.rows("SELECT id FROM users WHERE password_hash IS NOT NULL");
    assert_eq!(
        with_password.len(),
        4,
        "the other sample people can not sign in"
    );
}

#[actix_web::test]
async fn the_mailbox_shows_what_was_sent_newest_first() {
    let app = filled().await;
    let empty: Value = app.anyone().get("/demo/mailbox").expect(200).await;
    assert_eq!(empty["items"], json!([]));
    for email in ["customer@demo.example", "agent@demo.example"] {
        app.sql(&format!(
            "WITH e AS (INSERT INTO events (kind, user_id) SELECT 'user.password_changed', id FROM users \
             WHERE email = '{email}' RETURNING id) INSERT INTO jobs (kind, payload) \
             SELECT 'fan_out', jsonb_build_object('event_id', id) FROM e"
        ));
        app.run_jobs();
    }
    let mailbox = app.anyone().get("/demo/mailbox").expect(200).await;
    let items = mailbox["items"].as_array().unwrap();
    let to: Vec<&str> = items.iter().map(|m| m["to"].as_str().unwrap()).collect();
    assert_eq!(to, ["agent@demo.example", "customer@demo.example"]);
    assert!(items[0]["text"].as_str().unwrap().contains("Ravi"));
    assert!(
        items[0]["html"]
            .as_str()
            .unwrap()
            .starts_with("<!doctype html>")
    );
}
