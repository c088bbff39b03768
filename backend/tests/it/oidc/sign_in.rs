//! Signing in through a certified provider.

use reqwest::Url;
use serde_json::{Value, json};

use super::{Browser, app_with, leads_to, query, real::RealProvider, refused};
use crate::{
    auth::{digits, events, holder, last_mail},
    harness::{PASSWORD, PUBLIC_URL, TestApp},
};

async fn app(provider: &RealProvider) -> TestApp {
    app_with(&[("google", &provider.issuer)], &[]).await
}

/// Comes back from the provider's pages, signed in there by this name.
async fn visit(browser: &mut Browser, provider: &RealProvider, login: &str) -> (u16, Value) {
    let page = browser.starts("google").await;
    let back = provider.visit(page, login).await;
    let answer = browser.finishes("google", &back).await;
    (answer.status, answer.json())
}

#[tokio::test]
async fn the_first_visit_proves_the_address_and_the_next_just_signs_in() {
    let provider = RealProvider::start();
    let app = app(&provider).await;
    let mut browser = Browser::new(&app);
    let (status, answer) = visit(&mut browser, &provider, "asha").await;
    assert_eq!(status, 202, "{answer}");
    assert_eq!(
        answer,
        json!({ "status": "prove_address", "email": "asha@example.org", "retry_after_seconds": 60 })
    );

    let mail = last_mail(&app, "asha@example.org");
    let session = browser.proves(&digits(&mail)).await;
    assert_eq!(session.status, 200, "{}", session.text());
    assert_eq!(session.header("cache-control"), "no-store");
    let asha = holder(&app, &session.json());
    let me = asha.get("/me").expect(200).await;
    assert_eq!(me["name"], "asha of the provider");
    assert_eq!(me["role"], "customer");
    assert_eq!(me["has_password"], false);
    let linked = asha.get("/me/identities").expect(200).await;
    let linked = &linked["items"][0];
    assert_eq!(
        (&linked["provider"], &linked["label"], &linked["email"]),
        (
            &json!("google"),
            &json!("Google"),
            &json!("asha@example.org")
        )
    );
    assert_eq!(
        last_mail(&app, "asha@example.org").subject,
        "You can now sign in with Google"
    );

    // From anywhere, as the same person, who is told of the new browser and asked for nothing.
    let mails = app.mails().len();
    let (status, answer) = visit(&mut Browser::new(&app), &provider, "asha").await;
    assert_eq!(status, 200, "{answer}");
    assert_eq!(answer["user"]["id"], asha.id.to_string());
    assert_eq!(app.mails().len(), mails + 1);
    let told = last_mail(&app, "asha@example.org");
    assert!(told.subject.contains("New sign-in"), "{}", told.subject);
    let history = asha.get("/me/sign-ins").expect(200).await;
    for sign_in in history["items"].as_array().unwrap() {
        let how = (&sign_in["method"], &sign_in["provider"]);
        assert_eq!(how, (&json!("provider"), &json!("google")));
    }
    assert_eq!(
        events(&app),
        [
            "user.registered",
            "code.issued",
            "user.email_confirmed",
            "user.identity_linked",
            "session.started",
            "session.started",
            "session.new_device",
        ]
    );
}

/// A provider that names itself always does (RFC 9207 section 2.4): an answer without a name is not its own.
#[tokio::test]
async fn c01_an_answer_that_hides_its_issuer() {
    let provider = RealProvider::start();
    let app = app(&provider).await;
    let mut browser = Browser::new(&app);
    let page = browser.starts("google").await;
    let mut back = provider.visit(page, "asha").await;
    assert_eq!(back.0["iss"], provider.issuer);
    back.0.as_object_mut().unwrap().remove("iss");
    let answer = browser.finishes("google", &back).await;
    refused(&app, &answer, "without issuer");
}

/// State, nonce and PKCE (S256) go along, and the one address of ours, whatever the request says of hosts (A09).
#[tokio::test]
async fn the_provider_is_told_where_to_send_people_by_us_alone() {
    let provider = RealProvider::start();
    let app = app(&provider).await;
    let anyone = app.anyone();
    let call = anyone.call(reqwest::Method::POST, "/auth/providers/google/start");
    let call = call
        .header("x-care-csrf", "1")
        .header("host", "evil.test")
        .header("x-forwarded-host", "evil.test");
    let url: Url = leads_to(&call.send().await);
    assert_eq!(
        query(&url, "redirect_uri").unwrap(),
        format!("{PUBLIC_URL}/callback/google")
    );
    assert_eq!(query(&url, "code_challenge_method").unwrap(), "S256");
    assert_eq!(query(&url, "code_challenge").unwrap().len(), 43);
    assert_eq!(query(&url, "scope").unwrap(), "openid profile email");
    let (state, nonce) = (query(&url, "state"), query(&url, "nonce"));
    assert!(state.is_some_and(|s| s.len() >= 43) && nonce.is_some_and(|n| n.len() >= 43));
}

/// C03: nothing in the flow takes an address to go to afterwards, so nothing can be led astray.
#[tokio::test]
async fn c03_no_address_to_return_to_is_taken() {
    let provider = RealProvider::start();
    let app = app(&provider).await;
    let mut browser = Browser::new(&app);
    let page = browser.starts("google").await;
    let back = provider.visit(page, "asha").await;
    for name in ["return_to", "next", "redirect_uri"] {
        let answer = browser
            .finishes("google", &back.with(name, "https://evil.test/"))
            .await;
        assert!(matches!(answer.status, 400 | 422), "{name}");
        assert_ne!(answer.json()["code"], "provider_refused", "{name}");
    }
    assert_eq!(browser.finishes("google", &back).await.status, 202);
}

/// The session is the one that the password gives: by cookie it stays out of scripts, and it is carried on.
#[tokio::test]
async fn the_session_is_the_same_as_by_password() {
    let provider = RealProvider::start();
    let app = app(&provider).await;
    let ann = app.customer("Ann");
    let mut browser = Browser::of(&ann);
    let page = leads_to(&browser.starts_linking("google", Some(PASSWORD)).await);
    let back = provider.visit(page, "ann").await;
    assert_eq!(browser.finishes_linking("google", &back).await.status, 204);

    let by_password = app
        .anyone()
        .post(
            "/auth/sign-in",
            json!({ "email": ann.email, "password": PASSWORD }),
        )
        .expect(200)
        .await;
    let (_, by_provider) = visit(&mut Browser::new(&app), &provider, "ann").await;
    let names = |value: &Value| {
        let object = value.as_object().unwrap();
        object.keys().cloned().collect::<Vec<_>>()
    };
    assert_eq!(names(&by_provider), names(&by_password));
    assert_eq!(by_provider["user"], by_password["user"]);

    let mut browser = Browser::new(&app);
    let page = browser.starts("google").await;
    let back = provider.visit(page, "ann").await;
    let answer = browser
        .finishes("google", &back.with("session", "cookie"))
        .await;
    assert_eq!(answer.json()["refresh_token"], Value::Null);
    let cookie = answer.header("set-cookie");
    assert!(cookie.starts_with("care_refresh=") && cookie.contains("HttpOnly"));
    let refresh = app.anyone();
    let refresh = refresh.post("/auth/refresh", json!({}));
    let refresh = refresh.header("x-care-csrf", "1");
    let refresh = refresh.header("cookie", cookie.split(';').next().unwrap());
    assert_eq!(refresh.expect(200).await["user"]["id"], ann.id.to_string());
}

#[tokio::test]
async fn without_providers_there_are_no_buttons() {
    let app = TestApp::start().await;
    let list = app.anyone().get("/auth/providers").expect(200).await;
    assert_eq!(list, json!({ "items": [] }));
    let anyone = app.anyone();
    let call = anyone.call(reqwest::Method::POST, "/auth/providers/google/start");
    call.header("x-care-csrf", "1").problem(404).await;
}
