//! What does not open the door, tried at every door.

use std::time::Duration;

use care::{auth::token::Tokens, config::Secret, db::ids::SessionId};
use serde_json::json;

use crate::harness::{PUBLIC_URL, Person, SECRET, TestApp, contract::OPERATIONS};

/// Every protected operation refuses this token.
async fn opens_nothing(app: &TestApp, token: &str, why: &str) {
    for operation in OPERATIONS.iter().filter(|o| o.is_protected()) {
        let path = operation
            .path
            .replace("{id}", "019c7a54-c7f0-7d10-8000-000000000000");
        let call = app.api.call(operation.method.clone(), &path, Some(token));
        let answer = call.json(&json!({})).send().await;
        assert_eq!(
            answer.status,
            401,
            "{why}: {}: {}",
            operation.id,
            answer.text()
        );
    }
}

fn tokens(secret: &str, audience: &str, ttl: u64) -> Tokens {
    Tokens::new(&Secret::new(secret), audience, Duration::from_secs(ttl))
}

#[tokio::test]
async fn rubbish_opens_nothing() {
    let app = TestApp::start().await;
    let ann = app.customer("Ann");
    let good = ann.token.clone().unwrap();
    let [head, body, signature] = good.split('.').collect::<Vec<_>>()[..] else {
        panic!("{good}")
    };
    // {"alg":"none"} and {"alg":"HS512","typ":"JWT"}
    for token in [
        "x".to_owned(),
        "..".to_owned(),
        format!("{head}.{body}."),
        format!("eyJhbGciOiJub25lIn0.{body}."),
        format!("eyJhbGciOiJIUzUxMiIsInR5cCI6IkpXVCJ9.{body}.{signature}"),
        format!("{head}.{body}.{}", signature.to_lowercase()),
        format!("{good}x"),
    ] {
        opens_nothing(&app, &token, &token).await;
    }
}

#[tokio::test]
async fn tokens_of_others_open_nothing() {
    let app = TestApp::start().await;
    let (ann, session) = (app.customer("Ann"), session_of(&app, &app.customer("Bea")));
    let mine = session_of(&app, &ann);
    let key = "aDifferentKey4Z9xWq7LmN2vB5tR8yU1";
    for (why, tokens, session) in [
        ("another key", tokens(key, PUBLIC_URL, 600), mine),
        (
            "another audience",
            tokens(SECRET, "http://other.test", 600),
            mine,
        ),
        (
            "somebody else's session",
            tokens(SECRET, PUBLIC_URL, 600),
            session,
        ),
        (
            "no session",
            tokens(SECRET, PUBLIC_URL, 600),
            SessionId::new(),
        ),
    ] {
        let token = tokens.issue(ann.id, session).unwrap().0;
        opens_nothing(&app, &token, why).await;
    }
    // The test can tell a good one.
    let token = tokens(SECRET, PUBLIC_URL, 600)
        .issue(ann.id, mine)
        .unwrap()
        .0;
    app.api
        .call(reqwest::Method::GET, "/api/v1/me", Some(&token))
        .expect(200)
        .await;
}

fn session_of(app: &TestApp, person: &Person) -> SessionId {
    let rows = app.rows(&format!(
        "SELECT id FROM sessions WHERE user_id = '{}'",
        person.id
    ));
    rows[0]["id"].as_str().unwrap().parse().unwrap()
}

#[tokio::test]
async fn dead_sessions_open_nothing() {
    for (why, change) in [
        (
            "signed out",
            "UPDATE sessions SET revoked_at = now(), revoked_reason = 'signed_out'",
        ),
        (
            "over",
            "UPDATE sessions SET expires_at = now() - interval '1 second'",
        ),
        ("disabled", "UPDATE users SET disabled_at = now()"),
    ] {
        let app = TestApp::start().await;
        let ann = app.customer("Ann");
        ann.get("/me").expect(200).await;
        app.sql(change);
        opens_nothing(&app, ann.token.as_deref().unwrap(), why).await;
    }
}

/// The role is the database's, at every request.
#[tokio::test]
async fn demotion_bites_at_once() {
    let app = TestApp::start().await;
    let cleo = app.admin("Cleo");
    cleo.get("/agents").expect(200).await;
    app.sql("UPDATE users SET role = 'agent'");
    cleo.get("/agents").problem(403).await;
}

#[tokio::test]
async fn tokens_stay_out_of_urls() {
    let app = TestApp::start().await;
    let token = app.customer("Ann").token.unwrap();
    for name in ["access_token", "token", "bearer", "authorization"] {
        app.anyone()
            .get(&format!("/me?{name}={token}"))
            .problem(401)
            .await;
    }
}
