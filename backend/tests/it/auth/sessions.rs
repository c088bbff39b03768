//! Refresh tokens: rotation, reuse, races (B02, B03, B04).

use serde_json::{Value, json};

use super::{digits, events, forgot, holder, sign_in, token};
use crate::harness::{Call, PASSWORD, Person, TestApp};

const ANN: &str = "ann@example.org";

fn refresh<'a>(anyone: &'a Person, token: &str) -> Call<'a> {
    anyone.post("/auth/refresh", json!({ "refresh_token": token }))
}

fn next(session: &Value) -> String {
    session["refresh_token"].as_str().unwrap().to_owned()
}

/// Lets the grace for repeats run out.
fn after_the_grace(app: &TestApp) {
    app.sql("UPDATE sessions SET rotated_at = rotated_at - interval '2 minutes'");
}

#[tokio::test]
async fn a_session_goes_on_with_each_successor() {
    let app = TestApp::start().await;
    app.customer("Ann");
    let anyone = app.anyone();
    let mut session = sign_in(&anyone, ANN, PASSWORD).expect(200).await;
    let first = holder(&app, &session);
    for _ in 0..3 {
        let before = next(&session);
        session = refresh(&anyone, &before).expect(200).await;
        assert_ne!(next(&session), before);
        holder(&app, &session).get("/me").expect(200).await;
    }
    first.get("/me").expect(200).await;
    let lives = app.rows("SELECT id FROM sessions WHERE generation = 4");
    assert_eq!(lives.len(), 1, "one row per sign-in");
}

/// B02: each secret opens its own door only.
#[tokio::test]
async fn b02_no_secret_stands_in_for_another() {
    let app = TestApp::start().await;
    app.customer("Ann");
    let anyone = app.anyone();
    let session = sign_in(&anyone, ANN, PASSWORD).expect(200).await;
    let access = session["access_token"].as_str().unwrap().to_owned();
    let mail = forgot(&app, ANN).await;
    for bearer in [next(&session), token(&mail), digits(&mail)] {
        let mut thief = app.anyone();
        thief.token = Some(bearer);
        thief.get("/me").problem(401).await;
    }
    for wrong in [access.as_str(), &token(&mail), &digits(&mail), "", "x"] {
        let problem = refresh(&anyone, wrong).problem(401).await;
        assert_eq!(problem.code, "session_ended");
    }
    for wrong in [access.as_str(), &next(&session)] {
        let body = json!({ "token": wrong });
        anyone.post("/auth/confirm-email", body).problem(422).await;
    }
    refresh(&anyone, &next(&session)).expect(200).await;
}

/// B03: a refresh token used again after the grace ends the session, whoever holds its newest one.
#[tokio::test]
async fn b03_reuse_ends_the_family() {
    let app = TestApp::start().await;
    app.customer("Ann");
    let anyone = app.anyone();
    let first = sign_in(&anyone, ANN, PASSWORD).expect(200).await;
    let other = sign_in(&anyone, ANN, PASSWORD).expect(200).await;
    let second = refresh(&anyone, &next(&first)).expect(200).await;
    after_the_grace(&app);
    let problem = refresh(&anyone, &next(&first)).problem(401).await;
    assert_eq!(problem.code, "session_ended");
    refresh(&anyone, &next(&second)).problem(401).await;
    holder(&app, &second).get("/me").problem(401).await;
    assert!(events(&app).contains(&"session.reuse_detected".into()));
    let why = app.rows("SELECT revoked_reason FROM sessions WHERE revoked_at IS NOT NULL");
    assert_eq!(why, [json!({ "revoked_reason": "reuse_detected" })]);
    // Another sign-in of the same person is another family.
    refresh(&anyone, &next(&other)).expect(200).await;
}

/// Two generations back is reuse even within the grace.
#[tokio::test]
async fn b03_the_grace_reaches_back_one_step() {
    let app = TestApp::start().await;
    app.customer("Ann");
    let anyone = app.anyone();
    let first = sign_in(&anyone, ANN, PASSWORD).expect(200).await;
    let second = refresh(&anyone, &next(&first)).expect(200).await;
    let third = refresh(&anyone, &next(&second)).expect(200).await;
    refresh(&anyone, &next(&first)).problem(401).await;
    refresh(&anyone, &next(&third)).problem(401).await;
}

/// B04: 20 at once on two servers: everyone gets the same successor, and the chain goes on.
#[tokio::test]
async fn b04_racing_tabs_stay_signed_in() {
    let app = TestApp::start().await;
    app.customer("Ann");
    let second = app.replica().await;
    let (one, two) = (app.anyone(), second.anyone());
    let mut session = sign_in(&one, ANN, PASSWORD).expect(200).await;
    let first = next(&session);
    for _ in 0..4 {
        let before = next(&session);
        let calls =
            (0..20).map(|n| refresh(if n % 2 == 0 { &one } else { &two }, &before).expect(200));
        let answers = futures_util::future::join_all(calls).await;
        for answer in &answers {
            assert_eq!(next(answer), next(&answers[0]), "one successor");
            holder(&app, answer).get("/me").expect(200).await;
        }
        session = answers[0].clone();
    }
    assert_eq!(
        app.rows("SELECT id FROM sessions WHERE generation = 5")
            .len(),
        1
    );
    after_the_grace(&app);
    refresh(&two, &first).problem(401).await;
    refresh(&one, &next(&session)).problem(401).await;
}

/// A forged token neither opens nor ends anything.
#[tokio::test]
async fn forged_tokens_do_no_harm() {
    let app = TestApp::start().await;
    app.customer("Ann");
    let anyone = app.anyone();
    let session = sign_in(&anyone, ANN, PASSWORD).expect(200).await;
    let good = next(&session);
    for at in [0, 10, 22, 25, 40, 69] {
        let mut forged = good.clone().into_bytes();
        forged[at] = if forged[at] == b'A' { b'Q' } else { b'A' };
        let forged = String::from_utf8(forged).unwrap();
        refresh(&anyone, &forged).problem(401).await;
    }
    refresh(&anyone, &good).expect(200).await;
}

#[tokio::test]
async fn sessions_end_when_unused() {
    let app = TestApp::with([("CARE_SESSION_TTL", "3600")]).await;
    app.customer("Ann");
    let anyone = app.anyone();
    let session = sign_in(&anyone, ANN, PASSWORD).expect(200).await;
    app.sql("UPDATE sessions SET expires_at = expires_at - interval '50 minutes'");
    let session = refresh(&anyone, &next(&session)).expect(200).await;
    let left = app.rows(
        "SELECT max(expires_at - now()) > interval '59 minutes' AS renewed FROM sessions WHERE generation = 2",
    );
    assert_eq!(left[0]["renewed"], true, "its use prolongs it");
    app.sql("UPDATE sessions SET expires_at = now() - interval '1 second'");
    refresh(&anyone, &next(&session)).problem(401).await;
}

/// A copy of the table opens nothing.
#[tokio::test]
async fn the_database_holds_no_token() {
    let app = TestApp::start().await;
    app.customer("Ann");
    let session = sign_in(&app.anyone(), ANN, PASSWORD).expect(200).await;
    let secrets = [
        next(&session),
        session["access_token"].as_str().unwrap().to_owned(),
    ];
    for table in ["sessions", "events", "jobs", "rate_counters", "users"] {
        for row in app.rows(&format!("SELECT * FROM {table}")) {
            for secret in &secrets {
                assert!(!row.to_string().contains(secret), "{table}");
            }
        }
    }
}
