//! Switching off and on, unlocking, signing out; and that each act is written down.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{account, act, disable, path};
use crate::{
    auth::{UNHURRIED, digits, forgot, holder, reset, sign_in},
    harness::{PASSWORD, TestApp},
};

const ANN: &str = "ann@example.org";

#[tokio::test]
async fn an_admin_finds_everybody() {
    let app = TestApp::start().await;
    let (ann, bob, cleo) = (app.customer("Ann"), app.agent("Bob"), app.admin("Cleo"));
    let names = async |query: &str| {
        let page = cleo.get(&format!("/accounts?{query}")).expect(200).await;
        let items = page["items"].as_array().unwrap().clone();
        let names = items.iter().map(|a| a["name"].as_str().unwrap().to_owned());
        names.collect::<Vec<_>>()
    };
    assert_eq!(names("").await, ["Cleo", "Bob", "Ann"]);
    assert_eq!(names("role=admin").await, ["Cleo"]);
    assert_eq!(names("q=b").await, ["Bob"]);
    assert_eq!(names("q=bob&role=customer").await, Vec::<String>::new());
    assert_eq!(names("limit=1").await, ["Cleo"]);
    let problem = cleo.get("/accounts?role=root").problem(422).await;
    assert_eq!(problem.fields[0].0, "?role");
    let seen = account(&cleo, &ann).await;
    for (name, value) in [
        ("role", json!("customer")),
        ("email", json!(ANN)),
        ("email_confirmed", json!(true)),
        ("has_password", json!(true)),
        ("disabled", json!(false)),
        ("locked_until", Value::Null),
        ("password_change_required", json!(false)),
        ("sessions", json!(1)),
    ] {
        assert_eq!(seen[name], value, "{name}");
    }
    bob.get(&path(&ann)).problem(403).await;
    let nobody = uuid::Uuid::now_v7();
    cleo.get(&format!("/accounts/{nobody}")).problem(404).await;
}

/// B05: within a second the next request is refused on both servers, and live streams end.
#[tokio::test]
async fn b05_disabling_bites_at_once_everywhere_whatever_the_role() {
    let app = TestApp::live().await;
    let second = app.replica().await;
    let cleo = app.admin("Cleo");
    for person in [app.customer("Ann"), app.agent("Bob"), app.admin("Dora")] {
        let there = person.at(&second.api);
        let anyone = app.anyone();
        let session = sign_in(&anyone, &person.email, PASSWORD).expect(200).await;
        let stream = there.listens().await;
        let start = Instant::now();
        let row = disable(&cleo, &person).if_match(1).expect(200).await;
        assert_eq!(
            (&row["disabled"], &row["sessions"]),
            (&json!(true), &json!(0))
        );
        for who in [&person, &there, &holder(&app, &session)] {
            who.get("/me").problem(401).await;
        }
        let last = stream.rest().await.pop().unwrap();
        assert_eq!(last.data["reason"], "session_ended");
        assert!(start.elapsed() < Duration::from_secs(1));
        let body = json!({ "refresh_token": session["refresh_token"] });
        anyone.post("/auth/refresh", body).problem(401).await;
        sign_in(&anyone, &person.email, PASSWORD).problem(401).await;
        // Back again; what had ended stays ended.
        disable(&cleo, &person).if_match(1).problem(412).await;
        let body = json!({ "disabled": false });
        let row = cleo.patch(&path(&person), body).expect(200).await;
        assert_eq!(row["disabled"], false);
        person.get("/me").problem(401).await;
        sign_in(&anyone, &person.email, PASSWORD).expect(200).await;
    }
}

#[tokio::test]
async fn an_unlocked_account_need_not_wait() {
    let app = TestApp::with([UNHURRIED, ("CARE_SIGN_IN_ATTEMPTS", "2")]).await;
    let (ann, cleo) = (app.customer("Ann"), app.admin("Cleo"));
    let anyone = app.anyone();
    for _ in 0..2 {
        sign_in(&anyone, ANN, "not this one").problem(401).await;
    }
    sign_in(&anyone, ANN, PASSWORD).problem(401).await;
    let until = account(&cleo, &ann).await["locked_until"].clone();
    let left = app.rows(&format!(
        "SELECT timestamptz '{}' BETWEEN now() AND now() + interval '15 minutes' AS good",
        until.as_str().unwrap()
    ));
    assert_eq!(left[0]["good"], true, "{until}");
    act(&cleo, &ann, "unlock").expect(204).await;
    assert_eq!(account(&cleo, &ann).await["locked_until"], Value::Null);
    sign_in(&anyone, ANN, PASSWORD).expect(200).await;
}

/// Codes that were guessed too often for a day open again too.
#[tokio::test]
async fn an_unlocked_account_may_type_codes_again() {
    let app = TestApp::with([UNHURRIED, ("CARE_CODE_ATTEMPTS_PER_DAY", "1")]).await;
    let (ann, cleo) = (app.customer("Ann"), app.admin("Cleo"));
    let code = digits(&forgot(&app, ANN).await);
    let wrong = crate::auth::other_than(&code);
    let anyone = app.anyone();
    for typed in [&wrong, &code] {
        let body = reset(ANN, typed, crate::auth::NEW);
        anyone.post("/auth/reset-password", body).problem(422).await;
    }
    act(&cleo, &ann, "unlock").expect(204).await;
    let body = reset(ANN, &code, crate::auth::NEW);
    anyone.post("/auth/reset-password", body).expect(204).await;
}

#[tokio::test]
async fn b05_signed_out_everywhere_at_once() {
    let app = TestApp::with([UNHURRIED]).await;
    let second = app.replica().await;
    let (ann, bea, cleo) = (app.customer("Ann"), app.customer("Bea"), app.admin("Cleo"));
    let anyone = app.anyone();
    let session = sign_in(&anyone, ANN, PASSWORD).expect(200).await;
    let stream = ann.at(&second.api).listens().await;
    act(&cleo, &ann, "sign-out").expect(204).await;
    assert_eq!(
        stream.rest().await.pop().unwrap().data["reason"],
        "session_ended"
    );
    for who in [&ann, &ann.at(&second.api), &holder(&app, &session)] {
        who.get("/me").problem(401).await;
    }
    bea.get("/me").expect(200).await;
    sign_in(&anyone, ANN, PASSWORD).expect(200).await;
}

#[tokio::test]
async fn b05_who_signs_oneself_out_everywhere_stays_here() {
    let app = TestApp::with([UNHURRIED]).await;
    let cleo = app.admin("Cleo");
    let anyone = app.anyone();
    let session = sign_in(&anyone, "cleo@example.org", PASSWORD).expect(200);
    let elsewhere = holder(&app, &session.await);
    act(&cleo, &cleo, "sign-out").expect(204).await;
    elsewhere.get("/me").problem(401).await;
    cleo.get("/me").expect(200).await;
}

/// N02: who, what, when and from where; nothing is written that did not happen.
#[tokio::test]
async fn n02_each_act_is_written_down() {
    let app = TestApp::start().await;
    let (ann, bob, cleo) = (app.customer("Ann"), app.agent("Bob"), app.admin("Cleo"));
    for person in [&bob, &ann] {
        disable(person, &ann).problem(403).await;
        for what in ["unlock", "sign-out", "require-password-change"] {
            act(person, &ann, what).problem(403).await;
        }
    }
    assert!(app.rows("SELECT id FROM events").is_empty());
    for what in ["unlock", "sign-out", "require-password-change"] {
        act(&cleo, &ann, what).expect(204).await;
    }
    act(&cleo, &ann, "require-password-change")
        .expect(204)
        .await;
    disable(&cleo, &ann).expect(200).await;
    disable(&cleo, &ann).expect(200).await;
    cleo.patch(&path(&ann), json!({ "disabled": false }))
        .expect(200)
        .await;
    let rows = app.rows(
        "SELECT kind, actor_id, user_id, ip, request_id IS NOT NULL AS traced FROM events ORDER BY id",
    );
    let kinds = [
        "user.unlocked",
        "session.revoked",
        "user.password_change_required",
        "user.disabled",
        "user.enabled",
    ];
    let expected = kinds.map(|kind| {
        json!({ "kind": kind, "actor_id": cleo.id, "user_id": ann.id, "ip": "127.0.0.1", "traced": true })
    });
    assert_eq!(rows, expected);
}
