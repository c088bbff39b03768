//! Writing messages.

use serde_json::{Value, json};

use crate::harness::{Person, TestApp, Ticket};

async fn conversation(app: &TestApp) -> (Person, Person, Ticket) {
    let (ann, bob) = (app.customer("Ann"), app.agent("Bob"));
    let ticket = ann.opens_a_ticket().await;
    let ticket = bob.takes(&ticket).await;
    (ann, bob, ticket)
}

#[tokio::test]
async fn both_sides_write_in_one_numbered_order() {
    let app = TestApp::start().await;
    let (ann, bob, ticket) = conversation(&app).await;
    let hello = ann.says(&ticket, "Hello,\n**where** is it?").await;
    assert_eq!(hello["type"], "message");
    assert_eq!(hello["seq"], 3);
    assert_eq!(hello["side"], "customer");
    assert_eq!(hello["actor"]["name"], "Ann");
    assert_eq!(hello["redacted"], false);
    let html = "<p>Hello,<br>\n<strong>where</strong> is it?</p>\n";
    assert_eq!(hello["body_html"], html);
    let answer = bob.says(&ticket, "Here.").await;
    assert_eq!(
        (&answer["seq"], &answer["side"]),
        (&json!(4), &json!("agent"))
    );

    let now = ann.sees(&ticket).await;
    assert_eq!(now.json["last_seq"], 4);
    assert_eq!(now.status(), "open");
    assert!(now.version > ticket.version);
    let page = bob.get("/tickets").expect(200).await;
    let last = &page["items"][0]["last_message"];
    assert_eq!(
        (&last["side"], &last["excerpt"]),
        (&json!("agent"), &json!("Here."))
    );

    // The first reply's time stays, and is the agent's.
    let first = app.rows("SELECT first_reply_at FROM tickets");
    assert_eq!(
        first[0]["first_reply_at"].as_str().unwrap()[..19],
        answer["at"].as_str().unwrap()[..19]
    );
    bob.says(&ticket, "Anything else?").await;
    assert_eq!(app.rows("SELECT first_reply_at FROM tickets"), first);

    let events = app.rows("SELECT seq, data, audience, to_agents FROM events WHERE kind = 'message.posted' ORDER BY id");
    assert_eq!(events.len(), 3);
    assert_eq!(
        events[0],
        json!({ "seq": 3, "data": { "side": "customer", "version": 3 }, "audience": [ann.id, bob.id], "to_agents": false })
    );
}

#[tokio::test]
async fn a_customers_message_reopens() {
    let app = TestApp::start().await;
    let (ann, bob, ticket) = conversation(&app).await;
    for status in ["pending", "resolved"] {
        bob.moves(&ticket, status).await;
        bob.says(&ticket, "An agent's message changes nothing.")
            .await;
        assert_eq!(bob.sees(&ticket).await.status(), status);
        let said = ann.says(&ticket, "Wait!").await;
        let now = ann.sees(&ticket).await;
        assert_eq!(now.status(), "open");
        assert_eq!(now.json["resolved_at"], Value::Null);
        // The message first, then what it led to.
        let path = ticket.path(&format!(
            "/timeline?after={}",
            said["seq"].as_i64().unwrap() - 1
        ));
        let timeline = bob.get(&path).expect(200).await;
        assert_eq!(timeline["items"][0], said);
        let moved = &timeline["items"][1];
        assert_eq!(moved["type"], "status_changed");
        assert_eq!(
            moved["seq"].as_i64().unwrap(),
            said["seq"].as_i64().unwrap() + 1
        );
        assert_eq!(
            (&moved["from"], &moved["to"]),
            (&json!(status), &json!("open"))
        );
        assert_eq!(moved["actor"]["name"], "Ann");
        assert_eq!(timeline["last_seq"], moved["seq"]);
        assert_eq!(now.json["my_read_seq"], moved["seq"]);
    }
    let moved = app.rows("SELECT data FROM events WHERE kind = 'ticket.status_changed' AND data->>'to' = 'open' ORDER BY id");
    assert_eq!(moved[0]["data"]["from"], "pending");
    assert_eq!(moved[1]["data"]["from"], "resolved");

    bob.moves(&ticket, "on_hold").await;
    ann.says(&ticket, "And?").await;
    assert_eq!(ann.sees(&ticket).await.status(), "on_hold");
}

#[tokio::test]
async fn a_closed_ticket_takes_no_messages_and_says_why() {
    let app = TestApp::start().await;
    let (ann, bob, ticket) = conversation(&app).await;
    bob.moves(&ticket, "resolved").await;
    ann.post(&ticket.path("/confirm"), json!({}))
        .expect(200)
        .await;
    for person in [&ann, &bob] {
        for (verb, body) in [
            ("/messages", json!({ "body": "One more" })),
            ("/typing", json!({})),
        ] {
            let problem = person.post(&ticket.path(verb), body).problem(409).await;
            assert_eq!(problem.code, "conflict");
            assert!(problem.detail.contains("closed"), "{}", problem.detail);
        }
    }
    assert!(app.rows("SELECT id FROM messages").is_empty());
}

#[tokio::test]
async fn only_the_two_sides_write() {
    let app = TestApp::start().await;
    let (ann, ada, cleo) = (app.customer("Ann"), app.customer("Ada"), app.admin("Cleo"));
    let (bob, ben) = (app.agent("Bob"), app.agent("Ben"));
    let ticket = ann.opens_a_ticket().await;
    let (path, body) = (ticket.path("/messages"), json!({ "body": "Hello" }));
    // Nobody's ticket: agents see it but do not answer before they take it.
    bob.post(&path, body.clone()).problem(403).await;
    bob.takes(&ticket).await;
    ben.post(&path, body.clone()).problem(404).await;
    ada.post(&path, body.clone()).problem(404).await;
    cleo.post(&path, body.clone()).problem(403).await;
    app.anyone().post(&path, body.clone()).problem(401).await;
    for name in [
        json!({ "body": "x", "side": "agent" }),
        json!({ "body": "x", "author_id": bob.id }),
    ] {
        ann.post(&path, name).problem(422).await;
    }
    for empty in ["", "  \n ", "\u{0}"] {
        let problem = ann.post(&path, json!({ "body": empty })).problem(422).await;
        assert_eq!(problem.fields, [("/body".into(), "required".into())]);
    }
    let long = "é".repeat(20_001);
    let problem = ann.post(&path, json!({ "body": long })).problem(422).await;
    assert_eq!(problem.fields, [("/body".into(), "too_long".into())]);
    ann.says(&ticket, &"é".repeat(20_000)).await;
    assert_eq!(app.rows("SELECT id FROM messages").len(), 1);
    ann.post("/tickets/CCR-1/messages", body.clone())
        .problem(404)
        .await;
    ann.post(&format!("/tickets/{}/messages", ticket.number), body)
        .expect(201)
        .await;
}

#[tokio::test]
async fn a_message_answers_to_another_of_the_same_conversation() {
    let app = TestApp::start().await;
    let (ann, bob, ticket) = conversation(&app).await;
    let question = ann
        .says(&ticket, &format!("**When?** {}", "now ".repeat(100)))
        .await;
    let body = json!({ "body": "Tomorrow.", "quoted_message_id": question["id"] });
    let answer = bob
        .post(&ticket.path("/messages"), body.clone())
        .expect(201)
        .await;
    let quoted = &answer["quoted"];
    assert_eq!(quoted["id"], question["id"]);
    assert_eq!(quoted["seq"], 3);
    assert_eq!(quoted["author_name"], "Ann");
    let excerpt = quoted["excerpt"].as_str().unwrap();
    assert!(
        excerpt.starts_with("When? now")
            && excerpt.ends_with('…')
            && excerpt.chars().count() <= 140
    );

    // A message of another conversation, even of one's own, is not there.
    let other = ann.opens_a_ticket().await;
    let problem = ann.post(&other.path("/messages"), body).problem(422).await;
    assert_eq!(
        problem.fields,
        [("/quoted_message_id".into(), "unknown".into())]
    );
    let body = json!({ "body": "x", "quoted_message_id": "019c7a54-c7f0-7d10-8f3e-2b1a5c9d4e6f" });
    ann.post(&other.path("/messages"), body.clone())
        .problem(422)
        .await;
    // Whose conversation it is comes first.
    let ada = app.customer("Ada");
    ada.post(&ticket.path("/messages"), body).problem(404).await;
}

#[tokio::test]
async fn a_client_knows_its_own_message() {
    let app = TestApp::start().await;
    let (ann, bob, ticket) = conversation(&app).await;
    let id = "6f9619ff-8b86-4d01-b42d-00c04fc964ff";
    let body = json!({ "body": "Hello", "client_id": id });
    let said = ann.post(&ticket.path("/messages"), body).expect(201).await;
    assert_eq!(said["client_id"], id);
    let last = async |person: &Person| {
        let timeline = person
            .get(&ticket.path("/timeline?after=2"))
            .expect(200)
            .await;
        timeline["items"][0]["client_id"].clone()
    };
    assert_eq!(last(&ann).await, id);
    assert_eq!(last(&bob).await, Value::Null);
}

#[tokio::test]
async fn a_repeat_with_the_same_key_posts_nothing() {
    let app = TestApp::start().await;
    let (ann, _, ticket) = conversation(&app).await;
    let other = ann.opens_a_ticket().await;
    let body = json!({ "body": "Once." });
    let path = ticket.path("/messages");
    let posts = (0..20).map(|_| ann.post(&path, body.clone()).key("k").expect(201));
    let answers = futures_util::future::join_all(posts).await;
    assert!(answers.iter().all(|a| *a == answers[0]));
    assert_eq!(app.rows("SELECT id FROM messages").len(), 1);
    // The same words on another ticket are another request.
    let problem = ann
        .post(&other.path("/messages"), body.clone())
        .key("k")
        .problem(422)
        .await;
    assert_eq!(problem.code, "idempotency_mismatch");
    // A refused request may be put right under its key.
    ann.post(&path, json!({ "body": "" }))
        .key("k2")
        .problem(422)
        .await;
    ann.post(&path, body).key("k2").expect(201).await;
}
