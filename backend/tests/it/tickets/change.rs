//! Changing priority and contact details.

use serde_json::json;

use crate::harness::TestApp;

#[tokio::test]
async fn staff_set_the_priority() {
    let app = TestApp::start().await;
    let (ann, bob, cleo) = (app.customer("Ann"), app.agent("Bob"), app.admin("Cleo"));
    let ticket = ann.opens_a_ticket().await;
    let (path, body) = (ticket.path(""), json!({ "priority": "high" }));
    ann.patch(&path, body.clone()).problem(403).await;
    // Nobody's: an agent takes it first.
    bob.patch(&path, body.clone()).problem(403).await;
    let changed = cleo.patch(&path, body.clone()).expect(200).await;
    assert_eq!(changed["priority"], "high");
    assert_eq!(changed["version"], 2);
    // The same again is no change.
    assert_eq!(cleo.patch(&path, body).expect(200).await["version"], 2);
    bob.takes(&ticket).await;
    bob.patch(&path, json!({ "priority": "low" }))
        .expect(200)
        .await;

    let timeline = ann.get(&ticket.path("/timeline")).expect(200).await;
    assert_eq!(timeline["items"][1]["type"], "priority_changed");
    assert_eq!(timeline["items"][1]["from"], "normal");
    assert_eq!(timeline["items"][3]["to"], "low");
}

#[tokio::test]
async fn the_customer_edits_how_to_be_reached() {
    let app = TestApp::start().await;
    let (ann, bob) = (app.customer("Ann"), app.agent("Bob"));
    let ticket = ann.opens_a_ticket().await;
    bob.takes(&ticket).await;
    let contact = json!({
        "name": "Ann P", "email": "ann@example.org", "phone": "020 7946 0958", "preferred_channel": "phone"
    });
    let (path, body) = (ticket.path(""), json!({ "contact": contact }));
    bob.patch(&path, body.clone()).problem(403).await;
    let changed = ann.patch(&path, body.clone()).expect(200).await;
    assert_eq!(changed["contact"], contact);
    let timeline = bob.get(&ticket.path("/timeline")).expect(200).await;
    let entry = &timeline["items"][2];
    assert_eq!(entry["type"], "contact_changed");
    assert_eq!(
        entry["fields"],
        json!(["name", "phone", "preferred_channel"])
    );
    // What it was and is now stands in no event.
    let events = app.rows("SELECT data FROM events WHERE kind = 'ticket.changed'");
    assert!(!events[0].to_string().contains("7946"));

    // All or nothing: the priority is not hers to set.
    let both = json!({ "priority": "urgent", "contact": ann.new_ticket()["contact"] });
    ann.patch(&path, both).problem(403).await;
    assert_eq!(ann.sees(&ticket).await.json["contact"], contact);

    ann.post(&ticket.path("/withdraw"), json!({}))
        .expect(200)
        .await;
    assert_eq!(
        ann.patch(&path, body).problem(409).await.code,
        "illegal_move"
    );
    assert_eq!(ann.sees(&ticket).await.json["can"]["edit_contact"], false);
}
