//! What people hear of: the fan-out does as they chose, but for what protects the account.

use serde_json::{Value, json};

use crate::{
    auth::NEW,
    harness::{PASSWORD, Person, TestApp},
};

const CHOICES: &str = "/me/notifications";

fn choice(topic: &str, enabled: bool) -> Value {
    json!({ "choices": [{ "topic": topic, "channel": "mail", "enabled": enabled }] })
}

async fn chooses(person: &Person, topic: &str, enabled: bool) -> Value {
    person
        .patch(CHOICES, choice(topic, enabled))
        .expect(200)
        .await
}

/// (topic, enabled, fixed) of what is shown.
fn shown(choices: &Value) -> Vec<(String, bool, bool)> {
    let items = choices["items"].as_array().unwrap();
    let row = |i: &Value| {
        assert_eq!(i["channel"], "mail");
        let topic = i["topic"].as_str().unwrap().to_owned();
        (topic, i["enabled"] == true, i["fixed"] == true)
    };
    items.iter().map(row).collect()
}

fn subjects(app: &TestApp, person: &Person) -> Vec<String> {
    let mails = app.mails_to(&person.email).into_iter();
    mails.map(|m| m.subject).collect()
}

#[tokio::test]
async fn everything_is_on_until_it_is_turned_off() {
    let app = TestApp::start().await;
    let (ann, bob, cleo) = (app.customer("Ann"), app.agent("Bob"), app.admin("Cleo"));
    let topics = |rows: Vec<(String, bool, bool)>| -> String {
        assert!(rows.iter().all(|(_, enabled, _)| *enabled));
        let fixed = rows.iter().filter(|(_, _, fixed)| *fixed).count();
        assert_eq!((fixed, rows[0].2), (1, true));
        let names: Vec<_> = rows.into_iter().map(|(topic, ..)| topic).collect();
        names.join(" ")
    };
    for (person, expected) in [
        (&ann, "security receipts progress messages"),
        (&bob, "security assignments progress messages"),
        (&cleo, "security"),
    ] {
        let choices = person.get(CHOICES).expect(200).await;
        assert_eq!(topics(shown(&choices)), expected);
    }
    let after = chooses(&ann, "receipts", false).await;
    assert_eq!(shown(&after)[1], ("receipts".into(), false, false));
    assert_eq!(ann.get(CHOICES).expect(200).await, after);
    let after = chooses(&ann, "receipts", true).await;
    assert!(shown(&after).iter().all(|(_, enabled, _)| *enabled));
}

#[tokio::test]
async fn customers_get_what_they_chose() {
    let app = TestApp::with([("CARE_AWAY_MAIL_AFTER", "0")]).await;
    let (ann, ada, bob) = (app.customer("Ann"), app.customer("Ada"), app.agent("Bob"));
    for topic in ["receipts", "progress", "messages"] {
        chooses(&ann, topic, false).await;
    }
    for person in [&ann, &ada] {
        let ticket = person.opens_a_ticket().await;
        let ticket = bob.takes(&ticket).await;
        bob.says(&ticket, "We look into it.").await;
        app.run_jobs();
        bob.moves(&ticket, "resolved").await;
    }
    assert_eq!(subjects(&app, &ada).len(), 4, "{:?}", subjects(&app, &ada));
    assert!(
        subjects(&app, &ann).is_empty(),
        "{:?}",
        subjects(&app, &ann)
    );
    // Only what was turned off: back on, the next one arrives.
    chooses(&ann, "receipts", true).await;
    ann.opens_a_ticket().await;
    assert_eq!(subjects(&app, &ann).len(), 1);
}

#[tokio::test]
async fn agents_get_what_they_chose() {
    let app = TestApp::start().await;
    let (ann, bob, cleo) = (app.customer("Ann"), app.agent("Bob"), app.admin("Cleo"));
    chooses(&bob, "assignments", false).await;
    let ticket = ann.opens_a_ticket().await;
    let ticket = cleo.assigns(&ticket, &bob).await;
    assert!(subjects(&app, &bob).is_empty());
    // Progress is another topic.
    ann.post(&ticket.path("/withdraw"), json!({}))
        .expect(200)
        .await;
    assert_eq!(subjects(&app, &bob).len(), 1);
}

/// A thief would turn these off first.
#[tokio::test]
async fn what_protects_the_account_is_always_told() {
    let app = TestApp::start().await;
    let ann = app.customer("Ann");
    let problem = ann
        .patch(CHOICES, choice("security", false))
        .problem(422)
        .await;
    assert_eq!(problem.field("/choices/0/enabled"), "not_allowed");
    chooses(&ann, "security", true).await;
    for topic in ["receipts", "progress", "messages"] {
        chooses(&ann, topic, false).await;
    }
    let new =
        json!({ "current_password": PASSWORD, "password": NEW, "password_confirmation": NEW });
    ann.post("/me/password", new).expect(204).await;
    assert_eq!(subjects(&app, &ann), ["Your password was changed"]);
}

#[tokio::test]
async fn choices_are_checked() {
    let app = TestApp::start().await;
    let (ann, bob) = (app.customer("Ann"), app.agent("Bob"));
    let problem = bob
        .patch(CHOICES, choice("receipts", false))
        .problem(422)
        .await;
    assert_eq!(problem.field("/choices/0/topic"), "not_allowed");
    for body in [
        choice("weather", false),
        json!({ "choices": [{ "topic": "receipts", "channel": "pigeon", "enabled": false }] }),
        json!({ "choices": [{ "topic": "receipts", "channel": "mail", "enabled": false, "user_id": bob.id }] }),
        json!({ "choices": vec![choice("receipts", true)["choices"][0].clone(); 21] }),
        json!({}),
    ] {
        ann.patch(CHOICES, body).problem(422).await;
    }
    // All or nothing.
    let mixed = json!({ "choices": [
        { "topic": "receipts", "channel": "mail", "enabled": false },
        { "topic": "security", "channel": "mail", "enabled": false },
    ] });
    ann.patch(CHOICES, mixed).problem(422).await;
    assert!(
        app.rows("SELECT topic FROM notification_choices")
            .is_empty()
    );
}
