//! Who has seen what, and who is writing.

use serde_json::{Value, json};

use crate::harness::{Person, TestApp, Ticket};

async fn marks(person: &Person, ticket: &Ticket) -> (Value, Value) {
    let now = person.sees(ticket).await;
    (
        now.json["my_read_seq"].clone(),
        now.json["their_read_seq"].clone(),
    )
}

#[tokio::test]
async fn each_side_sees_how_far_the_other_has_read() {
    let app = TestApp::start().await;
    let (ann, bob, cleo) = (app.customer("Ann"), app.agent("Bob"), app.admin("Cleo"));
    let ticket = ann.opens_a_ticket().await;
    bob.takes(&ticket).await;
    bob.says(&ticket, "Hello").await;
    bob.says(&ticket, "Are you there?").await;
    assert_eq!(marks(&bob, &ticket).await, (json!(4), json!(1)));
    assert_eq!(marks(&ann, &ticket).await, (json!(1), json!(4)));

    let path = ticket.path("/read");
    ann.post(&path, json!({ "seq": 3 })).expect(204).await;
    assert_eq!(marks(&bob, &ticket).await, (json!(4), json!(3)));
    // It never goes back, and never beyond the end.
    ann.post(&path, json!({ "seq": 1 })).expect(204).await;
    assert_eq!(marks(&ann, &ticket).await, (json!(3), json!(4)));
    ann.post(&path, json!({ "seq": i32::MAX }))
        .expect(204)
        .await;
    assert_eq!(marks(&ann, &ticket).await, (json!(4), json!(4)));
    for seq in [json!(-1), json!(i64::MAX), json!("1")] {
        ann.post(&path, json!({ "seq": seq })).problem(422).await;
    }

    // Reading is for those in the conversation.
    cleo.post(&path, json!({ "seq": 1 })).problem(403).await;
    assert_eq!(marks(&cleo, &ticket).await, (json!(0), json!(0)));
    for stranger in [app.customer("Ada"), app.agent("Ben")] {
        stranger.post(&path, json!({ "seq": 1 })).problem(404).await;
        stranger
            .post(&ticket.path("/typing"), json!({}))
            .problem(404)
            .await;
    }
    cleo.post(&ticket.path("/typing"), json!({}))
        .problem(403)
        .await;
    // A mark is no change of the ticket.
    assert_eq!(ann.sees(&ticket).await.version, 4);
}

#[tokio::test]
async fn marks_and_typing_are_whispered_to_the_other_side() {
    let app = TestApp::live().await;
    let (ann, bob, ada) = (app.customer("Ann"), app.agent("Bob"), app.customer("Ada"));
    let ticket = ann.opens_a_ticket().await;
    bob.takes(&ticket).await;
    let (mut hers, mut adas) = (ann.listens().await, ada.listens().await);
    bob.post(&ticket.path("/typing"), json!({}))
        .expect(204)
        .await;
    loop {
        let event = hers.next().await.unwrap();
        if event.name == "typing" {
            let told = json!({ "ticket_id": ticket.id, "user_id": bob.id, "name": "Bob" });
            assert_eq!(event.data, told);
            break;
        }
    }
    bob.post(&ticket.path("/read"), json!({ "seq": 2 }))
        .expect(204)
        .await;
    ann.says(&ticket, "I see you.").await;
    bob.post(&ticket.path("/read"), json!({ "seq": 3 }))
        .expect(204)
        .await;
    loop {
        let event = hers.next().await.unwrap();
        if event.data["kind"] == "message.read" {
            assert_eq!(
                (&event.data["ticket_id"], &event.data["seq"]),
                (&json!(ticket.id), &json!(3))
            );
            break;
        }
    }
    // Nobody else hears of it: the next thing Ada hears is about her own ticket.
    let own = ada.opens_a_ticket().await;
    loop {
        let event = adas.next().await.unwrap();
        assert_ne!(event.name, "typing");
        assert_ne!(event.data["ticket_id"], json!(ticket.id));
        if event.data["ticket_id"] == json!(own.id) {
            break;
        }
    }
}
