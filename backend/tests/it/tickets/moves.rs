//! The status, and who moves it.

use serde_json::{Value, json};

use crate::harness::{Person, TestApp, Ticket};

async fn act(person: &Person, ticket: &Ticket, verb: &str, body: Value) -> Ticket {
    Ticket::of(person.post(&ticket.path(verb), body).expect(200).await)
}

#[tokio::test]
async fn from_open_to_closed_and_back() {
    let app = TestApp::start().await;
    let (ann, bob) = (app.customer("Ann"), app.agent("Bob"));
    let ticket = ann.opens_a_ticket().await;
    bob.takes(&ticket).await;
    bob.moves(&ticket, "pending").await;
    let body = json!({ "status": "on_hold", "reason": "Waiting for the bank." });
    act(&bob, &ticket, "/status", body).await;
    let resolved = bob.moves(&ticket, "resolved").await;
    assert_ne!(resolved.json["resolved_at"], Value::Null);
    assert_eq!(resolved.json["messages_open"], true);

    let closed = act(&ann, &ticket, "/confirm", json!({})).await;
    assert_eq!(closed.status(), "closed");
    assert_eq!(closed.json["messages_open"], false);
    assert_eq!(closed.json["closed_reason"], "closed");
    assert_ne!(closed.json["reopen_until"], Value::Null);
    assert_eq!(closed.json["can"]["reply"], false);
    assert_eq!(closed.json["can"]["reopen"], true);

    let reopened = act(&ann, &ticket, "/reopen", json!({ "reason": "It is back." })).await;
    assert_eq!(reopened.status(), "open");
    for time in ["resolved_at", "closed_at", "reopen_until", "closed_reason"] {
        assert_eq!(reopened.json[time], Value::Null, "{time}");
    }

    let timeline = bob.get(&ticket.path("/timeline")).expect(200).await;
    let moves: Vec<_> = timeline["items"].as_array().unwrap()[2..]
        .iter()
        .map(|e| format!("{} {} {} {}", e["seq"], e["from"], e["to"], e["reason"]))
        .collect();
    assert_eq!(
        moves,
        [
            r#"3 "open" "pending" null"#,
            r#"4 "pending" "on_hold" "Waiting for the bank.""#,
            r#"5 "on_hold" "resolved" null"#,
            r#"6 "resolved" "closed" null"#,
            r#"7 "closed" "open" "It is back.""#,
        ]
    );
    // Each move is an event; reasons stay in the timeline.
    let events = app.rows(
        "SELECT kind, seq, data, audience FROM events WHERE ticket_id IS NOT NULL ORDER BY id",
    );
    let kinds: Vec<_> = events.iter().map(|e| e["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds[..2], ["ticket.created", "ticket.assigned"]);
    assert!(kinds[2..].iter().all(|k| *k == "ticket.status_changed") && kinds.len() == 7);
    assert_eq!(
        events[3]["data"],
        json!({ "from": "pending", "to": "on_hold", "version": 4 })
    );
    assert_eq!(events[3]["audience"], json!([ann.id, bob.id]));
}

#[tokio::test]
async fn a_withdrawn_ticket_says_why_it_is_closed() {
    let app = TestApp::start().await;
    let (ann, bob) = (app.customer("Ann"), app.agent("Bob"));
    let ticket = ann.opens_a_ticket().await;
    bob.takes(&ticket).await;
    let gone = act(&ann, &ticket, "/withdraw", json!({ "reason": "Solved." })).await;
    assert_eq!(gone.status(), "withdrawn");
    assert_eq!(gone.json["closed_reason"], "withdrawn");
    let path = ticket.path("/messages");
    for person in [&ann, &bob] {
        let problem = person
            .post(&path, json!({ "body": "Hello?" }))
            .problem(409)
            .await;
        assert_eq!(problem.code, "conflict");
        assert!(problem.detail.contains("withdrawn"), "{}", problem.detail);
    }
    let problem = bob
        .post(&ticket.path("/status"), json!({ "status": "open" }))
        .problem(409)
        .await;
    assert_eq!(problem.code, "illegal_move");
    act(&ann, &ticket, "/reopen", json!({})).await;
    ann.says(&ticket, "I am back.").await;
}

#[tokio::test]
async fn moves_that_are_not_possible_change_nothing() {
    let app = TestApp::start().await;
    let (ann, bob) = (app.customer("Ann"), app.agent("Bob"));
    let ticket = ann.opens_a_ticket().await;
    let ticket = bob.takes(&ticket).await;
    for (person, verb, body) in [
        (&ann, "/confirm", json!({})),
        (&ann, "/reopen", json!({})),
        (&bob, "/status", json!({ "status": "open" })),
    ] {
        let problem = person.post(&ticket.path(verb), body).problem(409).await;
        assert_eq!(problem.code, "illegal_move");
    }
    for status in ["closed", "withdrawn", "done"] {
        let body = json!({ "status": status });
        bob.post(&ticket.path("/status"), body).problem(422).await;
    }
    assert_eq!(ann.sees(&ticket).await.version, ticket.version);
    bob.moves(&ticket, "resolved").await;
    let problem = ann
        .post(&ticket.path("/withdraw"), json!({}))
        .problem(409)
        .await;
    assert_eq!(problem.code, "illegal_move");
}

#[tokio::test]
async fn reopening_has_its_time() {
    let app = TestApp::start().await;
    let (ann, bob) = (app.customer("Ann"), app.agent("Bob"));
    let ticket = ann.opens_a_ticket().await;
    bob.takes(&ticket).await;
    bob.moves(&ticket, "resolved").await;
    act(&ann, &ticket, "/confirm", json!({})).await;
    app.sql("UPDATE tickets SET reopen_until = now() - interval '1 second'");
    let problem = ann
        .post(&ticket.path("/reopen"), json!({}))
        .problem(409)
        .await;
    assert_eq!(problem.code, "reopen_window_over");
    assert_eq!(ann.sees(&ticket).await.json["can"]["reopen"], false);

    // With no days at all a closed ticket stays closed, but a resolved one is not closed yet.
    let app = TestApp::with([("CARE_REOPEN_DAYS", "0")]).await;
    let (ann, bob) = (app.customer("Ann"), app.agent("Bob"));
    let ticket = ann.opens_a_ticket().await;
    bob.takes(&ticket).await;
    bob.moves(&ticket, "resolved").await;
    act(&ann, &ticket, "/reopen", json!({})).await;
    act(&ann, &ticket, "/withdraw", json!({})).await;
    let problem = ann
        .post(&ticket.path("/reopen"), json!({}))
        .problem(409)
        .await;
    assert_eq!(problem.code, "reopen_window_over");
}

#[tokio::test]
async fn each_move_belongs_to_its_side() {
    let app = TestApp::start().await;
    let (ann, bob, cleo) = (app.customer("Ann"), app.agent("Bob"), app.admin("Cleo"));
    let ticket = ann.opens_a_ticket().await;
    // Nobody's ticket: agents see it, but do not work on it before they take it.
    let body = json!({ "status": "pending" });
    bob.post(&ticket.path("/status"), body.clone())
        .problem(403)
        .await;
    bob.takes(&ticket).await;
    for person in [&ann, &cleo] {
        person
            .post(&ticket.path("/status"), body.clone())
            .problem(403)
            .await;
    }
    for person in [&bob, &cleo] {
        for verb in ["/withdraw", "/confirm", "/reopen"] {
            person
                .post(&ticket.path(verb), json!({}))
                .problem(403)
                .await;
        }
    }
    let (ada, ben) = (app.customer("Ada"), app.agent("Ben"));
    for person in [&ada, &ben] {
        for verb in [
            "/status",
            "/withdraw",
            "/confirm",
            "/reopen",
            "/assign",
            "/take",
        ] {
            let body = match verb {
                "/status" => body.clone(),
                "/assign" => json!({ "assignee_id": null }),
                _ => json!({}),
            };
            person.post(&ticket.path(verb), body).problem(404).await;
        }
    }
}

#[tokio::test]
async fn a_change_based_on_an_old_version_is_refused() {
    let app = TestApp::start().await;
    let (ann, bob, cleo) = (app.customer("Ann"), app.agent("Bob"), app.admin("Cleo"));
    let seen = ann.opens_a_ticket().await;
    let taken = bob.takes(&seen).await;
    let body = json!({ "assignee_id": null });
    let stale = cleo
        .post(&seen.path("/assign"), body.clone())
        .if_match(seen.version);
    assert_eq!(stale.problem(412).await.code, "stale_version");
    let stale = ann
        .post(&seen.path("/withdraw"), json!({}))
        .header("if-match", "rubbish");
    stale.problem(412).await;
    let stale = ann.patch(&seen.path(""), json!({})).if_match(seen.version);
    stale.problem(412).await;
    let fresh = cleo
        .post(&seen.path("/assign"), body)
        .if_match(taken.version);
    assert_eq!(fresh.answered(200).await.header("etag"), "\"3\"");
}

#[tokio::test]
async fn of_two_moves_at_once_the_second_sees_the_first() {
    let app = TestApp::start().await;
    let (ann, bob) = (app.customer("Ann"), app.agent("Bob"));
    for _ in 0..10 {
        let ticket = ann.opens_a_ticket().await;
        bob.takes(&ticket).await;
        bob.moves(&ticket, "resolved").await;
        let (confirm, reopen) = (ticket.path("/confirm"), ticket.path("/reopen"));
        let (closed, opened) = tokio::join!(
            ann.post(&confirm, json!({})).send(),
            ann.post(&reopen, json!({})).send()
        );
        let now = ann.sees(&ticket).await;
        match (closed.status, opened.status) {
            // Closed first, then reopened.
            (200, 200) => assert_eq!(now.status(), "open"),
            // Reopened first: there is nothing to confirm.
            (409, 200) => assert_eq!(now.status(), "open"),
            other => panic!("{other:?}"),
        }
        let timeline = ann.get(&ticket.path("/timeline")).expect(200).await;
        let seqs: Vec<_> = timeline["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|e| e["seq"].as_i64().unwrap())
            .collect();
        assert_eq!(seqs, (1..=seqs.len() as i64).collect::<Vec<_>>());
    }
}
