//! Roles that can not do without (D06, N02).

use reqwest::Method;
use serde_json::{Value, json};

use super::{Phone, begin, both, confirm, enrolled};
use crate::{
    auth::{UNHURRIED, holder, sign_in},
    harness::{Call, PASSWORD, Person, TestApp},
};

const BOB: &str = "bob@example.org";

fn require<'a>(admin: &'a Person, roles: &[&str]) -> Call<'a> {
    let body = json!({ "required_for": roles, "current_password": PASSWORD });
    admin.put("/settings/second-factor", body)
}

#[tokio::test]
async fn whoever_needs_one_does_nothing_else_first() {
    let app = TestApp::live().await;
    let (bob, cleo) = (app.agent("Bob"), app.admin("Cleo"));
    let policy = require(&cleo, &["agent"]).expect(200).await;
    assert_eq!(policy["required_for"], json!(["agent"]));
    // Who is signed in goes on, until the next sign-in.
    bob.get("/tickets").expect(200).await;
    let session = sign_in(&app.anyone(), BOB, PASSWORD).expect(200).await;
    assert_eq!(session["second_factor_due"], true);
    let due = holder(&app, &session);
    for path in ["/tickets", "/stream", "/me/sessions", "/feedback"] {
        let problem = due.get(path).problem(403).await;
        assert_eq!(problem.code, "second_factor_due", "{path}");
    }
    for (method, path, body) in [
        (Method::PATCH, "/me", json!({ "name": "Bob" })),
        (Method::POST, "/me/password", json!({})),
        (Method::POST, "/me/identities/google/start", json!({})),
        (Method::PUT, "/services/order", json!({})),
    ] {
        let call = due.call(method, path).json(&body);
        let answer = call.attempt().await.unwrap();
        assert!(
            [403, 404, 405].contains(&answer.status),
            "{path}: {}",
            answer.text()
        );
    }
    due.get("/me").expect(200).await;
    let view = due.get("/me/second-factor").expect(200).await;
    assert_eq!(
        (&view["required"], &view["enabled"]),
        (&json!(true), &json!(false))
    );
    // A fresh access token changes nothing.
    let body = json!({ "refresh_token": session["refresh_token"] });
    let next = app.anyone().post("/auth/refresh", body).expect(200).await;
    assert_eq!(next["second_factor_due"], true);
    let due = holder(&app, &next);
    due.get("/tickets").problem(403).await;

    let phone = Phone::scan(&begin(&due).expect(200).await);
    confirm(&due, &phone.shows(&app, 0)).expect(200).await;
    due.get("/tickets").expect(200).await;
    let body = json!({ "refresh_token": next["refresh_token"] });
    let next = app.anyone().post("/auth/refresh", body).expect(200).await;
    assert_eq!(next["second_factor_due"], Value::Null);
    // It stays, as long as the role needs it.
    both(&due, "turn-off", &phone.shows(&app, 1))
        .problem(409)
        .await;
    require(&cleo, &[]).expect(200).await;
    both(&due, "turn-off", &phone.shows(&app, 1))
        .expect(204)
        .await;
    let session = sign_in(&app.anyone(), BOB, PASSWORD).expect(200).await;
    assert_eq!(session["second_factor_due"], Value::Null);
}

/// Signing out is always possible.
#[tokio::test]
async fn whoever_will_not_may_leave() {
    let app = TestApp::with([UNHURRIED]).await;
    let cleo = app.admin("Cleo");
    app.agent("Bob");
    require(&cleo, &["agent"]).expect(200).await;
    let session = sign_in(&app.anyone(), BOB, PASSWORD).expect(200).await;
    let due = holder(&app, &session);
    due.call(Method::POST, "/auth/sign-out").expect(204).await;
    due.get("/me").problem(401).await;
}

#[tokio::test]
async fn d06_admins_alone_decide_with_their_password_and_their_own_first() {
    let app = TestApp::with([UNHURRIED]).await;
    let (ann, bob, cleo) = (app.customer("Ann"), app.agent("Bob"), app.admin("Cleo"));
    for person in [&ann, &bob] {
        require(person, &["agent"]).problem(403).await;
        person.get("/settings/second-factor").problem(403).await;
    }
    for wrong in [Value::Null, json!("not this one")] {
        let body = json!({ "required_for": ["agent"], "current_password": wrong });
        let problem = cleo.put("/settings/second-factor", body).problem(422).await;
        assert_eq!(problem.field("/current_password"), "mismatch");
    }
    let problem = require(&cleo, &["root"]).problem(422).await;
    assert_eq!(problem.fields[0].0, "/required_for/0");
    require(&cleo, &["agent", "admin"]).problem(409).await;
    let policy = cleo.get("/settings/second-factor").expect(200).await;
    assert_eq!(policy["required_for"], json!([]));
    enrolled(&app, &cleo).await;
    let policy = require(&cleo, &["agent", "admin", "agent"])
        .expect(200)
        .await;
    assert_eq!(policy["required_for"], json!(["admin", "agent"]));
}

/// N02: who changed it, from what to what; what changes nothing is not written.
#[tokio::test]
async fn n02_the_setting_is_written_down() {
    let app = TestApp::start().await;
    let cleo = app.admin("Cleo");
    for _ in 0..2 {
        require(&cleo, &["customer"]).expect(200).await;
    }
    require(&cleo, &["agent"]).expect(200).await;
    let rows = app.rows(
        "SELECT actor_id, data FROM events WHERE kind = 'settings.second_factor' ORDER BY id",
    );
    let row = |from: &[&str], to: &[&str]| json!({ "actor_id": cleo.id, "data": { "from": from, "to": to } });
    assert_eq!(
        rows,
        [row(&[], &["customer"]), row(&["customer"], &["agent"])]
    );
}
