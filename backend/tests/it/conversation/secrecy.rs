//! Message text is for the two sides: nobody and nothing else gets it.

use serde_json::json;

use crate::harness::TestApp;

const SECRET_WORD: &str = "Xylophone";

#[tokio::test]
async fn an_admin_never_gets_message_text() {
    let app = TestApp::start().await;
    let (ann, bob, cleo) = (app.customer("Ann"), app.agent("Bob"), app.admin("Cleo"));
    let ticket = ann.opens_a_ticket().await;
    bob.takes(&ticket).await;
    let said = ann.says(&ticket, SECRET_WORD).await;
    let body = json!({ "body": SECRET_WORD, "quoted_message_id": said["id"] });
    bob.post(&ticket.path("/messages"), body).expect(201).await;
    bob.moves(&ticket, "resolved").await;

    for path in [
        "/tickets".to_owned(),
        format!("/tickets?q={SECRET_WORD}"),
        "/tickets/counts".into(),
        ticket.path(""),
        ticket.path("/timeline"),
        ticket.path("/timeline?after=2"),
        "/dashboard".into(),
        "/feedback".into(),
    ] {
        let answer = cleo.get(&path).answered(200).await;
        assert!(
            !answer.text().contains(SECRET_WORD),
            "{path}: {}",
            answer.text()
        );
    }
    for (path, body) in [
        (ticket.path("/assign"), json!({ "assignee_id": null })),
        (ticket.path("/assign"), json!({ "assignee_id": bob.id })),
    ] {
        let answer = cleo.post(&path, body).answered(200).await;
        assert!(!answer.text().contains(SECRET_WORD), "{path}");
    }
    // What they see instead: that there are messages, from whom and when.
    let timeline = cleo
        .get(&ticket.path("/timeline?after=2"))
        .expect(200)
        .await;
    let entry = &timeline["items"][1];
    assert_eq!(entry["redacted"], true);
    for name in ["body", "body_html", "client_id"] {
        assert!(entry[name].is_null(), "{name}");
    }
    assert_eq!(entry["quoted"]["author_name"], "Ann");
    assert!(entry["quoted"]["excerpt"].is_null());
    assert_eq!(entry["actor"]["name"], "Bob");
}

#[tokio::test]
async fn text_stands_in_no_event_and_no_job() {
    let app = TestApp::start().await;
    let (ann, bob) = (app.customer("Ann"), app.agent("Bob"));
    let ticket = ann.opens_a_ticket().await;
    bob.takes(&ticket).await;
    ann.says(&ticket, SECRET_WORD).await;
    bob.moves(&ticket, "resolved").await;
    let reason = json!({ "reason": SECRET_WORD });
    ann.post(&ticket.path("/reopen"), reason).expect(200).await;
    for table in ["events", "jobs"] {
        let rows = app.rows(&format!("SELECT * FROM {table}"));
        assert!(!rows.is_empty());
        for row in rows {
            assert!(!row.to_string().contains(SECRET_WORD), "{table}: {row}");
        }
    }
}
