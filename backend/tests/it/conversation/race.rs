//! Many at once: every acknowledged message is there once, in one order, whatever else happens to the ticket.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::harness::{Person, TestApp, Ticket};

async fn timeline(person: &Person, ticket: &Ticket) -> Vec<Value> {
    let mut all = Vec::new();
    loop {
        let after = all.last().map_or(0, |e: &Value| e["seq"].as_i64().unwrap());
        let path = ticket.path(&format!("/timeline?after={after}&limit=100"));
        let part = person.get(&path).expect(200).await;
        all.extend(part["items"].as_array().unwrap().clone());
        if part["more"] == false {
            return all;
        }
    }
}

fn assert_gapless(entries: &[Value]) {
    let seqs: Vec<_> = entries.iter().map(|e| e["seq"].as_i64().unwrap()).collect();
    assert_eq!(seqs, (1..=entries.len() as i64).collect::<Vec<_>>());
}

#[tokio::test]
async fn messages_and_moves_at_once_keep_one_order() {
    let app = TestApp::with([("CARE_WRITES_PER_MINUTE", "100000")]).await;
    let (ann, bob) = (app.customer("Ann"), app.agent("Bob"));
    let ticket = ann.opens_a_ticket().await;
    bob.takes(&ticket).await;
    let path = ticket.path("/messages");
    let posts = (0..60).map(|n| {
        let (person, path) = (if n % 2 == 0 { &ann } else { &bob }, &path);
        async move {
            let said = person
                .post(path, json!({ "body": format!("{n}") }))
                .expect(201)
                .await;
            (said["seq"].as_i64().unwrap(), format!("{n}"))
        }
    });
    let status = ticket.path("/status");
    let moves = (0..20).map(|n| {
        let status = &status;
        let bob = &bob;
        async move {
            let to = ["pending", "on_hold", "resolved"][n % 3];
            // A move to where it is already is refused.
            let answer = bob.post(status, json!({ "status": to })).send().await;
            assert!([200, 409].contains(&answer.status));
        }
    });
    let reader = async {
        // While all that goes on, what is read never has a gap.
        for _ in 0..20 {
            assert_gapless(&timeline(&ann, &ticket).await);
        }
    };
    let (said, _, ()) = tokio::join!(
        futures_util::future::join_all(posts),
        futures_util::future::join_all(moves),
        reader
    );
    let acknowledged: BTreeMap<i64, String> = said.into_iter().collect();
    assert_eq!(acknowledged.len(), 60);

    let entries = timeline(&bob, &ticket).await;
    assert_gapless(&entries);
    assert_eq!(entries, timeline(&ann, &ticket).await);
    let stored = entries.iter().filter(|e| e["type"] == "message");
    let stored: BTreeMap<i64, String> = stored
        .map(|e| {
            (
                e["seq"].as_i64().unwrap(),
                e["body"].as_str().unwrap().to_owned(),
            )
        })
        .collect();
    assert_eq!(stored, acknowledged);

    // The status in the ticket is where the moves lead, one after the other.
    let mut status = "open".to_owned();
    for entry in entries.iter().filter(|e| e["type"] == "status_changed") {
        assert_eq!(entry["from"], status);
        status = entry["to"].as_str().unwrap().to_owned();
    }
    assert_eq!(ann.sees(&ticket).await.status(), status);
    // One event for each entry, with its number.
    let events = app.rows(
        "SELECT count(*) AS count, count(DISTINCT seq) AS seqs FROM events WHERE ticket_id IS NOT NULL",
    );
    assert_eq!(events[0]["count"], entries.len());
    assert_eq!(events[0]["seqs"], entries.len());
}

#[tokio::test]
async fn a_message_and_the_closing_have_an_order() {
    let app = TestApp::start().await;
    let (ann, bob) = (app.customer("Ann"), app.agent("Bob"));
    for _ in 0..12 {
        let ticket = ann.opens_a_ticket().await;
        bob.takes(&ticket).await;
        let (withdraw, messages) = (ticket.path("/withdraw"), ticket.path("/messages"));
        let (gone, said) = tokio::join!(
            ann.post(&withdraw, json!({})).send(),
            bob.post(&messages, json!({ "body": "Hold on" })).send()
        );
        assert_eq!(gone.status, 200);
        let entries = timeline(&ann, &ticket).await;
        assert_gapless(&entries);
        let kinds: Vec<_> = entries[2..]
            .iter()
            .map(|e| e["type"].as_str().unwrap())
            .collect();
        match said.status {
            201 => assert_eq!(kinds, ["message", "status_changed"]),
            409 => assert_eq!(kinds, ["status_changed"]),
            other => panic!("{other}"),
        }
    }
}
