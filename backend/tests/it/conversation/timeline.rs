//! Reading the timeline in parts.

use serde_json::Value;

use crate::harness::{Person, TestApp, Ticket};

fn seqs(part: &Value) -> Vec<i64> {
    let items = part["items"].as_array().unwrap().iter();
    items.map(|e| e["seq"].as_i64().unwrap()).collect()
}

async fn read(person: &Person, ticket: &Ticket, query: &str) -> Value {
    let path = ticket.path(&format!("/timeline{query}"));
    person.get(&path).expect(200).await
}

#[tokio::test]
async fn parts_join_without_gaps() {
    let app = TestApp::start().await;
    let (ann, bob) = (app.customer("Ann"), app.agent("Bob"));
    let ticket = ann.opens_a_ticket().await;
    bob.takes(&ticket).await;
    for n in 0..4 {
        bob.moves(&ticket, "pending").await;
        ann.says(&ticket, &format!("Message {n}")).await;
    }
    // created, assigned, then four times: pending, message, open.
    let all: Vec<i64> = (1..=14).collect();
    let whole = read(&ann, &ticket, "").await;
    assert_eq!(
        (seqs(&whole), &whole["more"], &whole["last_seq"]),
        (all.clone(), &false.into(), &14.into())
    );

    for limit in [1, 3, 5, 14] {
        let (mut forward, mut after) = (Vec::new(), 0);
        loop {
            let part = read(&ann, &ticket, &format!("?after={after}&limit={limit}")).await;
            forward.extend(seqs(&part));
            if part["more"] == false {
                break;
            }
            after = *forward.last().unwrap();
        }
        assert_eq!(forward, all, "forward by {limit}");
        let (mut backward, mut part) = (
            Vec::new(),
            read(&ann, &ticket, &format!("?limit={limit}")).await,
        );
        loop {
            backward.splice(0..0, seqs(&part));
            if part["more"] == false {
                break;
            }
            let query = format!("?before={}&limit={limit}", backward[0]);
            part = read(&ann, &ticket, &query).await;
        }
        assert_eq!(backward, all, "backward by {limit}");
    }
    let nothing = read(&ann, &ticket, "?after=14").await;
    assert_eq!((seqs(&nothing), &nothing["more"]), (vec![], &false.into()));
    let nothing = read(&ann, &ticket, "?before=1").await;
    assert_eq!((seqs(&nothing), &nothing["more"]), (vec![], &false.into()));
}

#[tokio::test]
async fn wrong_parameters_are_named() {
    let app = TestApp::start().await;
    let ann = app.customer("Ann");
    let ticket = ann.opens_a_ticket().await;
    for (query, pointer, code) in [
        ("after=-1", "?after", "out_of_range"),
        ("before=-1", "?before", "out_of_range"),
        ("after=x", "?after", "malformed"),
        ("after=99999999999", "?after", "malformed"),
        ("limit=0", "?limit", "out_of_range"),
        ("limit=101", "?limit", "out_of_range"),
        ("after=1&before=2", "?before", "not_allowed"),
        ("since=1", "?since", "unknown"),
    ] {
        let path = ticket.path(&format!("/timeline?{query}"));
        let problem = ann.get(&path).problem(422).await;
        assert_eq!(problem.fields, [(pointer.into(), code.into())], "{query}");
    }
}
