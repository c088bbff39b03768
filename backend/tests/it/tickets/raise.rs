//! Raising a ticket.

use serde_json::{Value, json};

use crate::harness::{TestApp, Ticket};

#[tokio::test]
async fn a_ticket_gets_its_number_at_once() {
    let app = TestApp::start().await;
    let (ann, cleo) = (app.customer("Ann"), app.admin("Cleo"));
    let service = json!({ "name": "Transfers", "icon": "transfer" });
    let service = cleo.post("/services", service).expect(201).await;
    let body = json!({
        "kind": "complaint",
        "service_id": service["id"],
        "subject": "  Charged   twice ",
        "description": "I was charged **twice**.\n<script>alert(1)</script>",
        "contact": {
            "name": "Ann", "email": "ann@example.org", "phone": "+44 20 7946 0958", "preferred_channel": "phone"
        },
        "complaint": {
            "against": "Card services", "incident_date": "2026-03-02", "reference": "INV-1", "wanted_outcome": "A refund."
        },
    });
    let answer = ann.post("/tickets", body).answered(201).await;
    let ticket = answer.json();
    assert_eq!(answer.header("etag"), "\"1\"");
    assert_eq!(ticket["number"], "CCR-1001");
    assert_eq!(ticket["status"], "open");
    assert_eq!(ticket["priority"], "normal");
    assert_eq!(ticket["subject"], "Charged   twice");
    assert_eq!(ticket["service"]["name"], "Transfers");
    assert_eq!(ticket["assignee"], Value::Null);
    assert_eq!(ticket["complaint"]["incident_date"], "2026-03-02");
    assert_eq!(ticket["contact"]["preferred_channel"], "phone");
    let html = ticket["description_html"].as_str().unwrap();
    assert!(html.contains("<strong>twice</strong>") && !html.contains("<script"));
    assert_eq!(ticket["last_seq"], 1);
    assert_eq!(ticket["my_read_seq"], 1);
    assert_eq!(ticket["messages_open"], true);
    assert_eq!(ticket["can"]["reply"], true);
    assert_eq!(ticket["can"]["withdraw"], true);
    assert_eq!(ticket["can"]["reopen"], false);

    // The number names it as well as the id does, in any case.
    for name in ["CCR-1001", "ccr-1001"] {
        let again = ann.get(&format!("/tickets/{name}")).expect(200).await;
        assert_eq!(again, ticket);
    }
    let timeline = ann.get("/tickets/CCR-1001/timeline").expect(200).await;
    assert_eq!(timeline["items"][0]["type"], "created");
    assert_eq!(timeline["items"][0]["actor"]["name"], "Ann");

    let events = app.rows(
        "SELECT kind, seq, data, to_agents, audience FROM events WHERE ticket_id IS NOT NULL",
    );
    assert_eq!(events.len(), 1);
    assert_eq!(events[0]["kind"], "ticket.created");
    assert_eq!(events[0]["to_agents"], true);
    assert_eq!(events[0]["audience"], json!([ann.id]));
}

#[tokio::test]
async fn all_mistakes_are_told_at_once() {
    let app = TestApp::start().await;
    let ann = app.customer("Ann");
    let body = json!({
        "kind": "question",
        "subject": " a ",
        "description": "",
        "contact": { "name": "", "email": "ann", "phone": "12", "preferred_channel": "email" },
        "complaint": {},
    });
    let problem = ann.post("/tickets", body).problem(422).await;
    let field = |pointer: &str, code: &str| (pointer.to_owned(), code.to_owned());
    assert_eq!(
        problem.fields,
        [
            field("/subject", "too_short"),
            field("/description", "required"),
            field("/contact/name", "required"),
            field("/contact/email", "malformed"),
            field("/contact/phone", "malformed"),
            field("/complaint", "not_allowed"),
        ]
    );

    let mut late = ann.new_ticket();
    late["complaint"] = json!({ "incident_date": "2999-01-01", "reference": "x".repeat(101) });
    late["contact"]["preferred_channel"] = json!("phone");
    let problem = ann.post("/tickets", late).problem(422).await;
    assert_eq!(
        problem.fields,
        [
            field("/contact/phone", "required"),
            field("/complaint/reference", "too_long"),
            field("/complaint/incident_date", "out_of_range"),
        ]
    );
    assert!(app.rows("SELECT id FROM tickets").is_empty());
}

#[tokio::test]
async fn nothing_about_it_can_be_forged() {
    let app = TestApp::start().await;
    let ann = app.customer("Ann");
    for name in [
        "customer_id",
        "assignee_id",
        "status",
        "priority",
        "number",
        "created_at",
        "id",
    ] {
        let mut body = ann.new_ticket();
        body[name] = json!("open");
        let problem = ann.post("/tickets", body).problem(422).await;
        assert_eq!(problem.fields, [(format!("/{name}"), "unknown".into())]);
    }
}

#[tokio::test]
async fn only_services_on_offer_can_be_chosen() {
    let app = TestApp::start().await;
    let (ann, cleo) = (app.customer("Ann"), app.admin("Cleo"));
    let service = json!({ "name": "Loans", "icon": "loan" });
    let service = cleo.post("/services", service).expect(201).await;
    let mut body = ann.new_ticket();
    body["service_id"] = service["id"].clone();
    let raised = Ticket::of(ann.post("/tickets", body.clone()).expect(201).await);

    let path = format!("/services/{}", service["id"].as_str().unwrap());
    cleo.patch(&path, json!({ "retired": true }))
        .expect(200)
        .await;
    for id in [
        service["id"].clone(),
        json!("019c7a54-c7f0-7d10-8f3e-2b1a5c9d4e6f"),
    ] {
        body["service_id"] = id;
        let problem = ann.post("/tickets", body.clone()).problem(422).await;
        assert_eq!(problem.fields, [("/service_id".into(), "unknown".into())]);
    }
    // Tickets keep the service they were raised from.
    assert_eq!(ann.sees(&raised).await.json["service"]["name"], "Loans");
}

#[tokio::test]
async fn only_customers_raise_tickets() {
    let app = TestApp::start().await;
    for person in [app.agent("Bob"), app.admin("Cleo")] {
        person
            .post("/tickets", person.new_ticket())
            .problem(403)
            .await;
    }
    let nobody = app.anyone();
    nobody
        .post("/tickets", nobody.new_ticket())
        .problem(401)
        .await;
}

#[tokio::test]
async fn a_repeat_with_the_same_key_raises_nothing() {
    let app = TestApp::start().await;
    let (ann, ada) = (app.customer("Ann"), app.customer("Ada"));
    let body = ann.new_ticket();
    let first = ann
        .post("/tickets", body.clone())
        .key("k1")
        .answered(201)
        .await;
    let again = ann
        .post("/tickets", body.clone())
        .key("k1")
        .answered(201)
        .await;
    assert_eq!(first.json(), again.json());
    assert_eq!(first.header("etag"), again.header("etag"));

    let mut other = body.clone();
    other["subject"] = json!("Something else");
    let problem = ann.post("/tickets", other).key("k1").problem(422).await;
    assert_eq!(problem.code, "idempotency_mismatch");
    // Somebody else's key is somebody else's.
    ada.post("/tickets", ada.new_ticket())
        .key("k1")
        .expect(201)
        .await;
    assert_eq!(app.rows("SELECT id FROM tickets").len(), 2);

    // Twenty at once are one.
    let posts = (0..20).map(|_| ann.post("/tickets", body.clone()).key("k2").expect(201));
    let tickets = futures_util::future::join_all(posts).await;
    assert!(tickets.iter().all(|t| t["id"] == tickets[0]["id"]));
    assert_eq!(app.rows("SELECT id FROM tickets").len(), 3);
}
