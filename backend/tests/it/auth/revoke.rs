//! What dies when (A10, B05): passwords changed and reset, accounts disabled, sessions signed out.

use serde_json::json;

use super::{NEW, NO_WAIT, UNHURRIED, digits, forgot, holder, last_mail, reset, sign_in, token};
use crate::harness::{PASSWORD, TestApp};

const ANN: &str = "ann@example.org";

#[tokio::test]
async fn a10_a_reset_ends_every_session_and_spare_code() {
    let app = TestApp::with([UNHURRIED, NO_WAIT]).await;
    let ann = app.customer("Ann");
    let anyone = app.anyone();
    let mut sessions = Vec::new();
    for _ in 0..3 {
        sessions.push(sign_in(&anyone, ANN, PASSWORD).expect(200).await);
    }
    let spare = forgot(&app, ANN).await;
    let mail = forgot(&app, ANN).await;
    anyone
        .post("/auth/reset-password", reset(ANN, &digits(&mail), NEW))
        .expect(204)
        .await;
    ann.get("/me").problem(401).await;
    for session in &sessions {
        holder(&app, session).get("/me").problem(401).await;
        let body = json!({ "refresh_token": session["refresh_token"] });
        anyone.post("/auth/refresh", body).problem(401).await;
    }
    let body =
        json!({ "token": token(&spare), "password": PASSWORD, "password_confirmation": PASSWORD });
    anyone.post("/auth/reset-password", body).problem(422).await;
    let notice = last_mail(&app, ANN);
    assert!(!notice.text.contains("#token="), "a notice, no code");
    assert!(notice.subject.contains("password"), "{}", notice.subject);
}

#[tokio::test]
async fn a10_a_change_ends_the_other_sessions_and_codes() {
    let app = TestApp::with([UNHURRIED]).await;
    app.customer("Ann");
    let anyone = app.anyone();
    let here = sign_in(&anyone, ANN, PASSWORD).expect(200).await;
    let there = sign_in(&anyone, ANN, PASSWORD).expect(200).await;
    let code = forgot(&app, ANN).await;
    let me = holder(&app, &here);
    let body =
        json!({ "current_password": PASSWORD, "password": NEW, "password_confirmation": NEW });
    me.post("/me/password", body).expect(204).await;
    me.get("/me").expect(200).await;
    holder(&app, &there).get("/me").problem(401).await;
    let body = json!({ "refresh_token": there["refresh_token"] });
    anyone.post("/auth/refresh", body).problem(401).await;
    let body =
        json!({ "token": token(&code), "password": PASSWORD, "password_confirmation": PASSWORD });
    anyone.post("/auth/reset-password", body).problem(422).await;
    let body = json!({ "refresh_token": here["refresh_token"] });
    anyone.post("/auth/refresh", body).expect(200).await;
}

/// B05: on both servers the next request is refused.
#[tokio::test]
async fn b05_disabling_an_agent_bites_at_once_everywhere() {
    let app = TestApp::with([UNHURRIED]).await;
    let (bob, cleo) = (app.agent("Bob"), app.admin("Cleo"));
    let second = app.replica().await;
    let anyone = app.anyone();
    let session = sign_in(&anyone, "bob@example.org", PASSWORD)
        .expect(200)
        .await;
    let mut there = second.anyone();
    there.token.clone_from(&bob.token);
    there.get("/me").expect(200).await;
    let code = token(&forgot(&app, "bob@example.org").await);

    let path = format!("/agents/{}", bob.id);
    let row = cleo
        .patch(&path, json!({ "disabled": true }))
        .expect(200)
        .await;
    assert_eq!(row["disabled"], true);
    bob.get("/me").problem(401).await;
    there.get("/me").problem(401).await;
    holder(&app, &session).get("/me").problem(401).await;
    let body = json!({ "refresh_token": session["refresh_token"] });
    anyone.post("/auth/refresh", body).problem(401).await;
    sign_in(&anyone, "bob@example.org", PASSWORD)
        .problem(401)
        .await;
    let body = json!({ "token": code, "password": NEW, "password_confirmation": NEW });
    anyone.post("/auth/reset-password", body).problem(422).await;

    // Back again, old sessions stay dead.
    cleo.patch(&path, json!({ "disabled": false }))
        .expect(200)
        .await;
    bob.get("/me").problem(401).await;
    sign_in(&anyone, "bob@example.org", PASSWORD)
        .expect(200)
        .await;
}

#[tokio::test]
async fn signing_out_ends_this_session_only() {
    let app = TestApp::start().await;
    app.customer("Ann");
    let anyone = app.anyone();
    let here = sign_in(&anyone, ANN, PASSWORD).expect(200).await;
    let there = sign_in(&anyone, ANN, PASSWORD).expect(200).await;
    let me = holder(&app, &here);
    let answer = me
        .call(reqwest::Method::POST, "/auth/sign-out")
        .answered(204)
        .await;
    assert!(answer.header("set-cookie").contains("Max-Age=0"));
    me.get("/me").problem(401).await;
    let body = json!({ "refresh_token": here["refresh_token"] });
    let problem = anyone.post("/auth/refresh", body).problem(401).await;
    assert_eq!(problem.code, "session_ended");
    holder(&app, &there).get("/me").expect(200).await;
}

/// A10: and the live streams, on every server.
#[tokio::test]
async fn a10_streams_die_with_the_password() {
    let app = TestApp::live().await;
    let second = app.replica().await;
    let (ann, anyone) = (app.customer("Ann"), app.anyone());
    let here = sign_in(&anyone, ANN, PASSWORD).expect(200).await;
    let me = holder(&app, &here);
    let mut own = me.at(&second.api).listens().await;
    let other = ann.at(&second.api).listens().await;
    let body =
        json!({ "current_password": PASSWORD, "password": NEW, "password_confirmation": NEW });
    me.post("/me/password", body).expect(204).await;
    let last = other.rest().await.pop().unwrap();
    assert_eq!(last.data["reason"], "session_ended");
    // Who changed it goes on, until somebody resets it by mail.
    let body = json!({ "locale": "ta" });
    me.patch("/me", body).expect(200).await;
    own.hint("user.changed").await;
    let code = digits(&forgot(&app, ANN).await);
    let body = reset(ANN, &code, "a phrase of my own");
    anyone.post("/auth/reset-password", body).expect(204).await;
    let last = own.rest().await.pop().unwrap();
    assert_eq!(last.data["reason"], "session_ended");
}
