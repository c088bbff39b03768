//! The list of sessions, and ending them (B05).

use reqwest::Method;
use serde_json::{Value, json};

use super::{ANN, FIREFOX, SAFARI, items, sign_in_with};
use crate::{
    auth::{UNHURRIED, events, holder},
    harness::{Call, Person, TestApp},
};

fn end<'a>(person: &'a Person, id: &Value) -> Call<'a> {
    let path = format!("/me/sessions/{}", id.as_str().unwrap());
    person.call(Method::DELETE, &path)
}

#[tokio::test]
async fn everybody_sees_their_own_sessions() {
    let app = TestApp::start().await;
    let ann = app.customer("Ann");
    let anyone = app.anyone();
    let first = sign_in_with(&anyone, FIREFOX).expect(200).await;
    let second = sign_in_with(&anyone, SAFARI).expect(200).await;
    app.sql("UPDATE sessions SET last_seen_at = now() - interval '1 day' WHERE user_agent = ''");
    let list = items(&holder(&app, &first), "/me/sessions").await;
    let seen: Vec<_> = list
        .iter()
        .map(|s| (s["device"].clone(), s["current"].clone()))
        .collect();
    let expected = [
        (
            json!({ "browser": "Safari", "system": "iPhone" }),
            json!(false),
        ),
        (
            json!({ "browser": "Firefox", "system": "Windows" }),
            json!(true),
        ),
        (json!({ "browser": null, "system": null }), json!(false)),
    ];
    assert_eq!(seen, expected);
    assert_eq!(list[0]["method"], "password");
    assert_eq!(list[0]["ip"], "127.0.0.1");
    assert_eq!(list[0]["provider"], Value::Null);
    // Ended and expired ones are gone; nobody sees those of others.
    holder(&app, &second)
        .call(Method::POST, "/auth/sign-out")
        .expect(204)
        .await;
    app.sql("UPDATE sessions SET expires_at = now() WHERE user_agent = ''");
    assert_eq!(items(&holder(&app, &first), "/me/sessions").await.len(), 1);
    ann.get("/me/sessions").problem(401).await;
    assert_eq!(items(&app.customer("Bea"), "/me/sessions").await.len(), 1);
}

#[tokio::test]
async fn b05_an_ended_session_is_over_everywhere_at_once() {
    let app = TestApp::with([UNHURRIED]).await;
    app.customer("Ann");
    let second = app.replica().await;
    let anyone = app.anyone();
    let here = sign_in_with(&anyone, FIREFOX).expect(200).await;
    let there = sign_in_with(&anyone, SAFARI).expect(200).await;
    let (me, thief) = (holder(&app, &here), holder(&app, &there));
    let list = items(&me, "/me/sessions").await;
    let other = list.iter().find(|s| s["device"]["browser"] == "Safari");
    let stream = thief.at(&second.api).listens().await;
    end(&me, &other.unwrap()["id"]).expect(204).await;
    let last = stream.rest().await.pop().unwrap();
    assert_eq!(last.data["reason"], "session_ended");
    thief.get("/me").problem(401).await;
    thief.at(&second.api).get("/me").problem(401).await;
    let body = json!({ "refresh_token": there["refresh_token"] });
    anyone.post("/auth/refresh", body).problem(401).await;
    me.get("/me").expect(200).await;
    assert_eq!(events(&app).last().unwrap(), "session.revoked");
    end(&me, &other.unwrap()["id"]).problem(404).await;
}

#[tokio::test]
async fn nobody_ends_the_session_of_another() {
    let app = TestApp::start().await;
    let (ann, bea) = (app.customer("Ann"), app.customer("Bea"));
    let list = items(&ann, "/me/sessions").await;
    end(&bea, &list[0]["id"]).problem(404).await;
    end(&app.admin("Cleo"), &list[0]["id"]).problem(404).await;
    ann.get("/me").expect(200).await;
    assert!(events(&app).is_empty());
}

#[tokio::test]
async fn b05_all_others_end_and_this_one_goes_on() {
    let app = TestApp::with([UNHURRIED]).await;
    let ann = app.customer("Ann");
    let bea = app.customer("Bea");
    let anyone = app.anyone();
    let here = sign_in_with(&anyone, FIREFOX).expect(200).await;
    let there = sign_in_with(&anyone, SAFARI).expect(200).await;
    let me = holder(&app, &here);
    me.call(Method::DELETE, "/me/sessions").expect(204).await;
    for other in [&ann, &holder(&app, &there)] {
        other.get("/me").problem(401).await;
    }
    assert_eq!(items(&me, "/me/sessions").await.len(), 1);
    bea.get("/me").expect(200).await;
    let told = app.rows("SELECT data FROM events WHERE kind = 'session.revoked'");
    assert_eq!(
        told,
        [json!({ "data": { "session_id": null, "sessions": 2 } })]
    );
    // There are none left, so nothing happens.
    me.call(Method::DELETE, "/me/sessions").expect(204).await;
    assert_eq!(
        app.rows("SELECT id FROM events WHERE kind = 'session.revoked'")
            .len(),
        1
    );
    assert_eq!(app.mails_to(ANN).len(), 1, "of the second browser");
}
