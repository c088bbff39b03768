//! Who is there.

use care::db::ids::TicketId;
use serde_json::json;

use crate::harness::{Person, TestApp};

fn ticket_between(app: &TestApp, customer: &Person, agent: &Person) {
    app.sql(&format!(
        "INSERT INTO tickets (id, kind, subject, description, customer_id, assignee_id, contact_name, contact_email) \
         VALUES ('{}', 'question', 'Opening hours', 'When are you open?', '{}', '{}', 'Ann', 'ann@example.org')",
        TicketId::new(),
        customer.id,
        agent.id
    ));
}

#[actix_web::test]
async fn opening_a_stream_makes_online_and_tells_those_in_open_conversations() {
    let app = TestApp::live().await;
    let (ann, ravi, bob) = (app.customer("Ann"), app.agent("Ravi"), app.customer("Bob"));
    ticket_between(&app, &ann, &ravi);
    let mut agent = ravi.listens().await;
    let _other = bob.listens().await;
    let _customer = ann.listens().await;
    let hint = loop {
        let hint = agent.hint("presence.changed").await;
        if hint["user_id"] == json!(ann.id) {
            break hint;
        }
        // Bob is nobody's business here.
        assert_eq!(hint["user_id"], json!(ravi.id));
    };
    assert_eq!(hint["ticket_id"], json!(null));
    let seen = app.rows(&format!(
        "SELECT last_seen_at > now() - interval '40 seconds' AS online FROM users WHERE id = '{}'",
        ann.id
    ));
    assert_eq!(seen[0]["online"], true);
}

#[actix_web::test]
async fn a_second_device_is_no_news() {
    let app = TestApp::live().await;
    let (ann, ravi) = (app.customer("Ann"), app.agent("Ravi"));
    ticket_between(&app, &ann, &ravi);
    let mut agent = ravi.listens().await;
    let first = ann.listens().await;
    while agent.hint("presence.changed").await["user_id"] != json!(ann.id) {}
    // A reload: gone and back within the time that makes somebody away.
    drop(first);
    let _again = ann.listens().await;
    app.sql("INSERT INTO events (kind, to_everyone) VALUES ('service.changed', true)");
    let passed = agent.before("service.changed").await;
    assert!(
        passed.iter().all(|e| e.data["user_id"] != json!(ann.id)),
        "{passed:?}"
    );
}
