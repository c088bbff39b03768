//! That the CANARY oracle of the harness finds what it looks for.

use care::mail::Sent;
use diesel::sql_types::Text;
use serde_json::json;

use crate::{
    auth::{digits, forgot, sign_in, token},
    harness::{PASSWORD, TestApp},
};

const ANN: &str = "ann@example.org";

fn mail(text: String) -> Sent {
    Sent {
        message_id: String::new(),
        thread: None,
        to: ANN.into(),
        subject: String::new(),
        text,
        html: String::new(),
        wire: String::new(),
        at: chrono::Utc::now(),
    }
}

/// One secret of each kind, one place at a time.
#[tokio::test]
async fn a_secret_is_found_wherever_it_stands() {
    let app = TestApp::start().await;
    app.leaks_are_expected();
    app.customer("Ann");
    let session = sign_in(&app.anyone(), ANN, PASSWORD).expect(200).await;
    let mailed = forgot(&app, ANN).await;
    let (code, link) = (digits(&mailed), token(&mailed));
    let refresh = session["refresh_token"].as_str().unwrap();
    assert_eq!(app.leaks(), Vec::<String>::new());

    let mut found = 0;
    let mut finds = |secret: &str, place: &str| {
        let leaks = app.leaks();
        found += 1;
        assert_eq!(leaks.len(), found, "{leaks:#?}");
        assert!(
            leaks
                .iter()
                .any(|leak| leak.starts_with(secret) && leak.contains(place)),
            "{secret} in {place}: {leaks:#?}"
        );
    };
    let plant = |statement: &str, secret: &str| {
        use diesel::RunQueryDsl;
        let planted =
            diesel::sql_query(statement).bind::<Text, _>(json!({ "of": secret }).to_string());
        planted.execute(&mut app.connection()).unwrap();
    };
    plant(
        "INSERT INTO jobs (kind, payload, state) VALUES ('sweep', $1::jsonb, 'done')",
        &code,
    );
    finds(&code, "jobs");
    plant(
        "INSERT INTO events (kind, data) VALUES ('session.ended', $1::jsonb)",
        refresh,
    );
    finds(refresh, "events");
    plant(
        "INSERT INTO idempotency_keys (actor_id, route, key, body_hash, status, response)
         SELECT id, 'x', 'x', '', 201, $1::jsonb FROM users",
        &link,
    );
    finds(&link, "idempotency_keys");
    // One that no other test knows: all of them write into one log.
    let device = session["device_token"].as_str().unwrap();
    tracing::debug!(target: "care::auth", "the device is {device}");
    finds(device, "log");
}

/// In a link, the fragment is the one place for it.
#[tokio::test]
async fn a_secret_may_stand_behind_the_hash_of_a_link_only() {
    let app = TestApp::start().await;
    app.customer("Ann");
    let link = token(&forgot(&app, ANN).await);
    let conn = &mut app.connection();
    let good = mail(format!("Follow http://care.test/reset#token={link} soon."));
    let canaries = &app.api.canaries;
    let end = crate::harness::canary::log_end();
    assert_eq!(canaries.leaks(conn, end, &[good]), Vec::<String>::new());
    let bad = mail(format!("Follow http://care.test/reset?token={link} soon."));
    assert_eq!(canaries.leaks(conn, end, &[bad]).len(), 1);
}
