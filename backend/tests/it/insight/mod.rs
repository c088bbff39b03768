//! The numbers on an admin's dashboard.

use serde_json::{Value, json};

use crate::harness::TestApp;

#[tokio::test]
async fn an_empty_desk_has_numbers_too() {
    let app = TestApp::start().await;
    let cleo = app.admin("Cleo");
    let board = cleo.get("/dashboard").expect(200).await;
    for name in ["new", "waiting", "resolved"] {
        assert_eq!(
            (&board[name]["value"], &board[name]["previous"]),
            (&json!(0), &json!(0))
        );
        assert_eq!(board[name]["series"].as_array().unwrap().len(), 30);
    }
    assert_eq!(board["satisfaction"]["value"], Value::Null);
    assert_eq!(board["first_reply_minutes_median"], Value::Null);
    assert_eq!(board["by_status"].as_array().unwrap().len(), 6);
    assert_eq!(board["backlog_by_age"].as_array().unwrap().len(), 4);

    for days in ["0", "366", "x"] {
        let problem = cleo
            .get(&format!("/dashboard?days={days}"))
            .problem(422)
            .await;
        assert_eq!(problem.fields[0].0, "?days");
    }
    for person in [app.customer("Ann"), app.agent("Bob")] {
        person.get("/dashboard").problem(403).await;
    }
}

#[tokio::test]
async fn the_numbers_are_those_of_the_tickets() {
    let app = TestApp::start().await;
    let (ann, cleo) = (app.customer("Ann"), app.admin("Cleo"));
    let (bob, _ben) = (app.agent("Bob"), app.agent("Ben"));
    let cards = json!({ "name": "Cards", "icon": "card" });
    let cards = cleo.post("/services", cards).expect(201).await;
    let raise = async |days: i32| {
        let mut body = ann.new_ticket();
        body["service_id"] = cards["id"].clone();
        let id = ann.post("/tickets", body).expect(201).await["number"].clone();
        let number = id.as_str().unwrap().trim_start_matches("CCR-").to_owned();
        app.sql(&format!(
            "UPDATE tickets SET created_at = date_trunc('day', now(), 'UTC') - interval '{days} days' WHERE number = {number}"
        ));
        format!("/tickets/CCR-{number}")
    };
    // Two of ten days ago: one resolved nine days ago and rated, one withdrawn today.
    let (old, gone) = (raise(9).await, raise(9).await);
    // Two of the week: on Bob's desk, one of them pending and replied to after half an hour.
    let (open, pending) = (raise(2).await, raise(4).await);
    // One from the period before, nobody's; and one of today.
    raise(12).await;
    raise(0).await;

    for path in [&old, &open, &pending] {
        bob.post(&format!("{path}/take"), json!({}))
            .expect(200)
            .await;
    }
    bob.post(&format!("{old}/status"), json!({ "status": "resolved" }))
        .expect(200)
        .await;
    app.sql("UPDATE tickets SET resolved_at = date_trunc('day', now(), 'UTC') - interval '8 days' WHERE status = 'resolved'");
    ann.put(&format!("{old}/feedback"), json!({ "outcome_rating": 4 }))
        .expect(200)
        .await;
    ann.post(&format!("{gone}/withdraw"), json!({}))
        .expect(200)
        .await;
    bob.post(&format!("{pending}/status"), json!({ "status": "pending" }))
        .expect(200)
        .await;
    bob.post(
        &format!("{pending}/messages"),
        json!({ "body": "Which card?" }),
    )
    .expect(201)
    .await;
    app.sql("UPDATE tickets SET first_reply_at = created_at + interval '30 minutes' WHERE first_reply_at IS NOT NULL");

    let board = cleo.get("/dashboard?days=10").expect(200).await;
    let values = |name: &str| {
        let series = board[name]["series"].as_array().unwrap().iter();
        series
            .map(|d| d["value"].as_i64().unwrap())
            .collect::<Vec<_>>()
    };
    assert_eq!(board["new"]["value"], 5);
    assert_eq!(board["new"]["previous"], 1);
    assert_eq!(values("new"), [2, 0, 0, 0, 0, 1, 0, 1, 0, 1]);
    assert_eq!(board["resolved"]["value"], 1);
    assert_eq!(values("resolved"), [0, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
    // Withdrawn ones wait no more, but are not resolved.
    assert_eq!(board["waiting"]["value"], 4);
    assert_eq!(board["waiting"]["previous"], 1);
    assert_eq!(values("waiting"), [3, 2, 2, 2, 2, 3, 3, 4, 4, 4]);
    assert_eq!(board["satisfaction"]["value"], 4.0);
    assert_eq!(board["satisfaction"]["previous"], Value::Null);
    assert_eq!(board["first_reply_minutes_median"], 30.0);
    let ages: Vec<_> = board["backlog_by_age"]
        .as_array()
        .unwrap()
        .iter()
        .map(|a| a["count"].as_i64().unwrap())
        .collect();
    assert_eq!(ages, [1, 1, 1, 1]);
    let by_status = board["by_status"].as_array().unwrap();
    assert_eq!(by_status[0], json!({ "status": "open", "count": 3 }));
    assert_eq!(by_status[5], json!({ "status": "withdrawn", "count": 1 }));
    assert_eq!(board["by_service"][0]["count"], 5);
    assert_eq!(board["by_service"][0]["service"]["name"], "Cards");
    let workload = board["workload"].as_array().unwrap();
    assert_eq!(workload.len(), 2);
    assert_eq!(workload[0]["agent"]["name"], "Bob");
    assert_eq!(
        (&workload[0]["open"], &workload[0]["pending"]),
        (&json!(1), &json!(1))
    );
    assert_eq!(workload[1]["open"], 0);
}
