//! How customers rate outcomes and agents.

use serde_json::{Value, json};

use crate::harness::{Person, TestApp, Ticket};

async fn resolved(ann: &Person, bob: &Person) -> Ticket {
    let ticket = ann.opens_a_ticket().await;
    bob.takes(&ticket).await;
    bob.moves(&ticket, "resolved").await
}

#[tokio::test]
async fn a_customer_rates_once_and_may_think_again() {
    let app = TestApp::start().await;
    let (ann, bob, cleo) = (app.customer("Ann"), app.agent("Bob"), app.admin("Cleo"));
    let ticket = ann.opens_a_ticket().await;
    let path = ticket.path("/feedback");
    let body = json!({ "outcome_rating": 4, "agent_rating": 5, "comment": " Quick. " });
    let problem = ann.put(&path, body.clone()).problem(409).await;
    assert_eq!(problem.code, "illegal_move");
    bob.takes(&ticket).await;
    bob.moves(&ticket, "resolved").await;
    assert_eq!(ann.sees(&ticket).await.json["can"]["rate"], true);

    let given = ann.put(&path, body).expect(200).await;
    assert_eq!(
        (&given["outcome_rating"], &given["agent_rating"]),
        (&json!(4), &json!(5))
    );
    assert_eq!(
        (&given["comment"], &given["agent"]["name"]),
        (&json!("Quick."), &json!("Bob"))
    );
    for person in [&ann, &bob, &cleo] {
        assert_eq!(person.sees(&ticket).await.json["feedback"], given);
    }
    // Another comment is no news for the timeline; another rating is.
    let body = json!({ "outcome_rating": 4, "agent_rating": 5 });
    let again = ann.put(&path, body).expect(200).await;
    assert_eq!(again["comment"], Value::Null);
    ann.put(&path, json!({ "outcome_rating": 2 }))
        .expect(200)
        .await;
    let timeline = ann.get(&ticket.path("/timeline?after=3")).expect(200).await;
    let entries = timeline["items"].as_array().unwrap();
    assert!(entries.iter().all(|e| e["type"] == "feedback_given") && entries.len() == 2);
    assert_eq!(entries[1]["outcome_rating"], 2);
    assert_eq!(entries[1]["agent_rating"], Value::Null);
    assert_eq!(app.rows("SELECT * FROM feedback").len(), 1);
    let events = app.rows("SELECT data FROM events WHERE kind = 'feedback.given'");
    assert_eq!(events.len(), 3);

    // While it can be reopened it can be changed; then it stands.
    ann.post(&ticket.path("/confirm"), json!({}))
        .expect(200)
        .await;
    ann.put(&path, json!({ "outcome_rating": 3 }))
        .expect(200)
        .await;
    app.sql("UPDATE tickets SET reopen_until = now() - interval '1 second'");
    let problem = ann
        .put(&path, json!({ "outcome_rating": 1 }))
        .problem(409)
        .await;
    assert_eq!(problem.code, "illegal_move");
    assert_eq!(ann.sees(&ticket).await.json["can"]["rate"], false);
}

#[tokio::test]
async fn a_late_first_rating_is_welcome() {
    let app = TestApp::with([("CARE_REOPEN_DAYS", "0")]).await;
    let (ann, bob) = (app.customer("Ann"), app.agent("Bob"));
    let ticket = resolved(&ann, &bob).await;
    ann.post(&ticket.path("/confirm"), json!({}))
        .expect(200)
        .await;
    let path = ticket.path("/feedback");
    ann.put(&path, json!({ "outcome_rating": 5 }))
        .expect(200)
        .await;
    ann.put(&path, json!({ "outcome_rating": 4 }))
        .problem(409)
        .await;
}

#[tokio::test]
async fn mistakes_are_told() {
    let app = TestApp::start().await;
    let (ann, bob, cleo) = (app.customer("Ann"), app.agent("Bob"), app.admin("Cleo"));
    let ticket = resolved(&ann, &bob).await;
    let path = ticket.path("/feedback");
    for (body, pointer, code) in [
        (
            json!({ "outcome_rating": 0 }),
            "/outcome_rating",
            "out_of_range",
        ),
        (
            json!({ "outcome_rating": 6 }),
            "/outcome_rating",
            "out_of_range",
        ),
        (
            json!({ "outcome_rating": 4.5 }),
            "/outcome_rating",
            "malformed",
        ),
        (json!({ "agent_rating": 4 }), "/outcome_rating", "required"),
        (
            json!({ "outcome_rating": 5, "agent_rating": 9 }),
            "/agent_rating",
            "out_of_range",
        ),
        (
            json!({ "outcome_rating": 5, "comment": "x".repeat(2001) }),
            "/comment",
            "too_long",
        ),
        (
            json!({ "outcome_rating": 5, "agent_id": cleo.id }),
            "/agent_id",
            "unknown",
        ),
    ] {
        let problem = ann.put(&path, body).problem(422).await;
        assert_eq!(problem.fields, [(pointer.into(), code.into())]);
    }
    let body = json!({ "outcome_rating": 5 });
    for person in [&bob, &cleo] {
        person.put(&path, body.clone()).problem(403).await;
    }
    app.customer("Ada")
        .put(&path, body.clone())
        .problem(404)
        .await;

    // Nobody worked on it: there is no agent to rate.
    cleo.post(&ticket.path("/assign"), json!({ "assignee_id": null }))
        .expect(200)
        .await;
    let rated = json!({ "outcome_rating": 5, "agent_rating": 5 });
    let problem = ann.put(&path, rated).problem(422).await;
    assert_eq!(
        problem.fields,
        [("/agent_rating".into(), "not_allowed".into())]
    );
    let given = ann.put(&path, body).expect(200).await;
    assert_eq!(given["agent"], Value::Null);
}

#[tokio::test]
async fn admins_see_all_of_it_and_agents_their_own() {
    let app = TestApp::start().await;
    let (ann, cleo) = (app.customer("Ann"), app.admin("Cleo"));
    let (bob, ben) = (app.agent("Bob"), app.agent("Ben"));
    for (agent, rating) in [(&bob, 5), (&ben, 2), (&bob, 3)] {
        let ticket = resolved(&ann, agent).await;
        let body = json!({ "outcome_rating": rating, "comment": "As it was." });
        ann.put(&ticket.path("/feedback"), body).expect(200).await;
    }
    let ratings = async |person: &Person, query: &str| {
        let page = person.get(&format!("/feedback{query}")).expect(200).await;
        let items = page["items"].as_array().unwrap().iter();
        items
            .map(|f| f["outcome_rating"].as_i64().unwrap())
            .collect::<Vec<_>>()
    };
    assert_eq!(ratings(&cleo, "").await, [3, 2, 5]);
    assert_eq!(ratings(&cleo, "?rating=2").await, [2]);
    assert_eq!(
        ratings(&cleo, &format!("?agent_id={}", bob.id)).await,
        [3, 5]
    );
    assert_eq!(ratings(&bob, "").await, [3, 5]);
    assert_eq!(ratings(&ben, &format!("?agent_id={}", ben.id)).await, [2]);
    ben.get(&format!("/feedback?agent_id={}", bob.id))
        .problem(403)
        .await;
    ann.get("/feedback").problem(403).await;
    cleo.get("/feedback?rating=6").problem(422).await;

    let first = cleo.get("/feedback?limit=2").expect(200).await;
    let item = &first["items"][0];
    assert_eq!(item["ticket"]["number"], "CCR-1003");
    assert_eq!(
        (&item["customer"]["name"], &item["agent"]["name"]),
        (&json!("Ann"), &json!("Bob"))
    );
    assert_eq!(item["comment"], "As it was.");
    let next = format!("?limit=2&cursor={}", first["next"].as_str().unwrap());
    assert_eq!(ratings(&cleo, &next).await, [5]);
}
