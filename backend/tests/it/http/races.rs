//! The same request many times at once, and many changes to one thing.

use futures_util::future::join_all;
use serde_json::json;

use crate::harness::TestApp;

const MANY: usize = 20;

#[tokio::test]
async fn one_key_has_one_effect_however_often_it_is_sent_at_once() {
    let app = TestApp::start().await;
    let ann = app.customer("Ann");
    let send = || {
        ann.post("/tickets", ann.new_ticket())
            .key("the one")
            .expect(201)
    };
    let answers = join_all((0..MANY).map(|_| send())).await;
    assert!(
        answers.iter().all(|a| *a == answers[0]),
        "all get the same answer"
    );
    assert_eq!(app.rows("SELECT 1 FROM tickets").len(), 1);
    assert_eq!(app.mails_to(&ann.email).len(), 1);
}

#[tokio::test]
async fn a_key_belongs_to_a_person_a_route_and_a_body() {
    let app = TestApp::start().await;
    let (ann, bea) = (app.customer("Ann"), app.customer("Bea"));
    let first = ann
        .post("/tickets", ann.new_ticket())
        .key("k")
        .expect(201)
        .await;
    let other = bea
        .post("/tickets", bea.new_ticket())
        .key("k")
        .expect(201)
        .await;
    assert_ne!(first["id"], other["id"]);
    let mut changed = ann.new_ticket();
    changed["subject"] = json!("Something else entirely");
    let problem = ann.post("/tickets", changed).key("k").problem(422).await;
    assert_eq!(problem.code, "idempotency_mismatch");
    let path = format!("/tickets/{}/messages", first["id"].as_str().unwrap());
    ann.post(&path, json!({ "body": "Hello" }))
        .key("k")
        .expect(201)
        .await;
}

/// What failed may be corrected and sent again under its key.
#[tokio::test]
async fn a_refusal_is_not_remembered() {
    let app = TestApp::start().await;
    let ann = app.customer("Ann");
    let mut wrong = ann.new_ticket();
    wrong["subject"] = json!("");
    ann.post("/tickets", wrong).key("k").problem(422).await;
    ann.post("/tickets", ann.new_ticket())
        .key("k")
        .expect(201)
        .await;
}

#[tokio::test]
async fn of_many_changes_to_one_version_one_wins() {
    let app = TestApp::start().await;
    let (ann, cleo) = (app.customer("Ann"), app.admin("Cleo"));
    let ticket = ann.opens_a_ticket().await;
    let change = |n: usize| {
        let priority = if n.is_multiple_of(2) {
            "high"
        } else {
            "urgent"
        };
        let call = cleo.call(reqwest::Method::PATCH, &ticket.path(""));
        call.json(&json!({ "priority": priority }))
            .if_match(ticket.version)
            .send()
    };
    let answers = join_all((0..MANY).map(change)).await;
    let won = answers.iter().filter(|a| a.status == 200).count();
    let stale = answers.iter().filter(|a| a.status == 412).count();
    assert_eq!((won, stale), (1, MANY - 1));
}
