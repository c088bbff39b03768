//! Known browsers and programs: the owner hears of a sign-in from any other (A12).

use reqwest::Method;
use serde_json::{Value, json};

use super::{ANN, FIREFOX, SAFARI, items, sign_in_with};
use crate::{
    auth::{NEW, NO_WAIT, UNHURRIED, holder, last_mail, registration, sign_in, token},
    harness::{Answer, PASSWORD, Person, TestApp},
};

fn with_token(device: &Value) -> Value {
    json!({ "email": ANN, "password": PASSWORD, "device_token": device })
}

fn alerts(app: &TestApp) -> usize {
    let mails = app.mails_to(ANN);
    let alerts = mails.iter().filter(|m| m.subject.contains("New sign-in"));
    alerts.count()
}

/// `name=value` of the cookie with this name.
fn cookie(answer: &Answer, name: &str) -> String {
    let all = answer.headers.get_all("set-cookie");
    let all = all.iter().map(|v| v.to_str().unwrap());
    let found = all
        .filter_map(|v| v.split(';').next())
        .find(|v| v.starts_with(name));
    found.unwrap_or_else(|| panic!("no {name}")).to_owned()
}

async fn in_browser(anyone: &Person, cookies: &str) -> Answer {
    let body = json!({ "email": ANN, "password": PASSWORD, "session": "cookie" });
    let call = anyone
        .post("/auth/sign-in", body)
        .header("x-care-csrf", "1");
    call.header("cookie", cookies).answered(200).await
}

#[tokio::test]
async fn a12_a_new_device_is_told_once() {
    let app = TestApp::with([UNHURRIED]).await;
    app.customer("Ann");
    let anyone = app.anyone();
    let first = sign_in_with(&anyone, FIREFOX).expect(200).await;
    assert_eq!(
        alerts(&app),
        0,
        "there is nothing to compare the first with"
    );
    let second = sign_in_with(&anyone, SAFARI).expect(200).await;
    assert_eq!(alerts(&app), 1);
    let mail = last_mail(&app, ANN);
    assert!(mail.text.contains("Safari on iPhone"), "{}", mail.text);
    assert!(mail.text.contains("127.0.0.1"), "{}", mail.text);
    assert!(!mail.text.contains("#token="));
    for session in [first, second] {
        let body = with_token(&session["device_token"]);
        anyone.post("/auth/sign-in", body).expect(200).await;
    }
    assert_eq!(alerts(&app), 1);
}

#[tokio::test]
async fn a12_the_alert_holds_no_text_of_the_request() {
    let app = TestApp::with([UNHURRIED]).await;
    app.customer("Ann");
    let anyone = app.anyone();
    sign_in_with(&anyone, FIREFOX).expect(200).await;
    sign_in_with(
        &anyone,
        "Mozilla/5.0 <a href=//evil.test>Your bank</a> Firefox/1",
    )
    .header("x-forwarded-for", "<b>evil.test</b>")
    .header("cf-connecting-ip", "<a href=//evil.test>")
    .expect(200)
    .await;
    assert_eq!(alerts(&app), 1);
    let mail = last_mail(&app, ANN);
    assert!(!mail.wire.contains("evil") && !mail.wire.contains("bank"));
}

#[tokio::test]
async fn h09_a_browser_is_known_by_a_cookie_no_script_reads() {
    for (url, name, secure) in [
        ("http://care.test", "care_device", false),
        ("https://care.test", "__Host-care_device", true),
    ] {
        let app = TestApp::with([UNHURRIED, ("CARE_PUBLIC_URL", url)]).await;
        app.customer("Ann");
        app.customer("Bea");
        let anyone = app.anyone();
        let answer = in_browser(&anyone, "x=1").await;
        assert_eq!(answer.json()["device_token"], Value::Null);
        let device = cookie(&answer, name);
        let whole = answer.headers.get_all("set-cookie").iter();
        let whole = whole
            .map(|v| v.to_str().unwrap())
            .find(|v| v.starts_with(&device));
        for part in ["HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=15552000"] {
            assert!(whole.unwrap().contains(part), "{part} in {whole:?}");
        }
        assert_eq!(whole.unwrap().contains("Secure"), secure);
        let again = in_browser(&anyone, &device).await;
        assert_eq!(cookie(&again, name), device, "the same one, for longer");
        assert_eq!(alerts(&app), 0);
        // A family's computer: known for each of them, by one cookie.
        let body = json!({ "email": "bea@example.org", "password": PASSWORD, "session": "cookie" });
        let call = anyone
            .post("/auth/sign-in", body)
            .header("x-care-csrf", "1");
        let answer = call.header("cookie", &device).answered(200).await;
        assert_eq!(cookie(&answer, name), device);
        in_browser(&anyone, &device).await;
        assert_eq!(alerts(&app), 0);
        // Refreshing says nothing about the device.
        let refresh = cookie(&again, name.replace("device", "refresh").as_str());
        let call = anyone.post("/auth/refresh", json!({}));
        let answer = call
            .header("x-care-csrf", "1")
            .header("cookie", refresh)
            .answered(200)
            .await;
        assert_eq!(answer.headers.get_all("set-cookie").iter().count(), 1);
    }
}

/// Only our own tokens count, and none stands for another purpose.
#[tokio::test]
async fn b02_a_made_up_token_makes_no_device_known() {
    let app = TestApp::with([UNHURRIED]).await;
    app.customer("Ann");
    let anyone = app.anyone();
    let session = sign_in_with(&anyone, FIREFOX).expect(200).await;
    let known = app.rows("SELECT device FROM devices")[0]["device"].clone();
    for (n, bad) in [
        json!(""),
        json!("x"),
        known,
        session["refresh_token"].clone(),
        session["access_token"].clone(),
    ]
    .iter()
    .enumerate()
    {
        anyone
            .post("/auth/sign-in", with_token(bad))
            .expect(200)
            .await;
        assert_eq!(alerts(&app), n + 1, "{bad}");
    }
    // And the token of a device opens nothing.
    let device = session["device_token"].as_str().unwrap();
    let mut thief = app.anyone();
    thief.token = Some(device.to_owned());
    thief.get("/me").problem(401).await;
    let body = json!({ "refresh_token": device });
    anyone.post("/auth/refresh", body).problem(401).await;
    let stored = app.rows("SELECT * FROM devices");
    assert!(stored.iter().all(|row| !row.to_string().contains(device)));
}

/// The browser in which the address was confirmed is known; another one is not.
#[tokio::test]
async fn whoever_confirmed_is_known() {
    let app = TestApp::with([UNHURRIED]).await;
    let anyone = app.anyone();
    let receipt = anyone
        .post("/auth/register", registration(ANN, NEW))
        .expect(202)
        .await;
    let body = json!({
        "token": token(&last_mail(&app, ANN)), "registration_token": receipt["registration_token"],
    });
    let session = anyone.post("/auth/confirm-email", body).expect(200).await;
    let body = json!({
        "email": ANN, "password": NEW, "device_token": session["device_token"],
    });
    anyone.post("/auth/sign-in", body).expect(200).await;
    assert_eq!(alerts(&app), 0);
    sign_in(&anyone, ANN, NEW).expect(200).await;
    assert_eq!(alerts(&app), 1);
}

/// Out of sight, out of mind: a browser that was thrown out, or not seen for half a year, is new again.
#[tokio::test]
async fn a_browser_thrown_out_is_new_again() {
    let app = TestApp::with([UNHURRIED, NO_WAIT]).await;
    app.customer("Ann");
    let anyone = app.anyone();
    let here = sign_in_with(&anyone, FIREFOX).expect(200).await;
    let there = sign_in_with(&anyone, SAFARI).expect(200).await;
    assert_eq!(alerts(&app), 1);
    let me = holder(&app, &here);
    // Twice on this browser: ending the other session there does not make it a stranger.
    let body = with_token(&here["device_token"]);
    anyone.post("/auth/sign-in", body.clone()).expect(200).await;
    me.call(Method::DELETE, "/me/sessions").expect(204).await;
    anyone.post("/auth/sign-in", body.clone()).expect(200).await;
    assert_eq!(alerts(&app), 1);
    let old = with_token(&there["device_token"]);
    let back = anyone.post("/auth/sign-in", old.clone()).expect(200).await;
    assert_eq!(alerts(&app), 2);
    assert_ne!(back["device_token"], there["device_token"]);
    anyone.post("/auth/sign-in", old).expect(200).await;
    assert_eq!(alerts(&app), 3, "the old token stays what it is");
    app.sql("UPDATE devices SET last_seen_at = now() - interval '181 days'");
    anyone.post("/auth/sign-in", body).expect(200).await;
    assert_eq!(alerts(&app), 4);
    assert_eq!(items(&me, "/me/sign-ins").await[0]["new_device"], true);
}
