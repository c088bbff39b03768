//! Registering: neutral to the caller, telling to the owner of the address.

use serde_json::{Value, json};

use super::{NEW, NO_WAIT, UNHURRIED, events, last_mail, registration, sign_in};
use crate::harness::{PASSWORD, TestApp};

#[tokio::test]
async fn registering_sends_a_code_and_a_link() {
    let app = TestApp::start().await;
    let answer = app
        .anyone()
        .post("/auth/register", registration("eve@example.org", NEW))
        .expect(202)
        .await;
    assert_eq!(answer["status"], "confirmation_sent");
    assert_eq!(answer["retry_after_seconds"], 60);
    let mail = last_mail(&app, "eve@example.org");
    super::digits(&mail);
    super::token(&mail);
    let users = app.rows("SELECT role, email_confirmed_at FROM users");
    assert_eq!(
        users,
        [json!({ "role": "customer", "email_confirmed_at": null })]
    );
}

/// Registration is always as customer: no field raises the role.
#[tokio::test]
async fn b08_nobody_registers_as_anything_but_a_customer() {
    let app = TestApp::start().await;
    for extra in ["role", "is_admin", "id", "email_confirmed_at"] {
        let mut body = registration("eve@example.org", NEW);
        body[extra] = "admin".into();
        let problem = app.anyone().post("/auth/register", body).problem(422).await;
        assert_eq!(problem.field(&format!("/{extra}")), "unknown");
    }
    assert!(app.rows("SELECT id FROM users").is_empty());
}

#[tokio::test]
async fn a_taken_address_gets_the_same_answer_and_its_owner_a_mail() {
    let app = TestApp::start().await;
    app.customer("Ann");
    let mut shapes = Vec::new();
    for email in ["ANN@example.org", "new@example.org"] {
        let answer = app
            .anyone()
            .post("/auth/register", registration(email, NEW))
            .answered(202)
            .await;
        let cookie = answer.header("set-cookie").to_owned();
        let mut body = answer.json();
        let receipt = body["registration_token"].take();
        shapes.push((
            body,
            receipt.as_str().unwrap().len(),
            cookie.len(),
            cookie.split('=').next().unwrap().to_owned(),
        ));
    }
    assert_eq!(shapes[0], shapes[1], "the answers tell nothing apart");
    let mail = last_mail(&app, "ann@example.org");
    assert!(!mail.text.contains("#token="), "no code for what exists");
    sign_in(&app.anyone(), "ann@example.org", PASSWORD)
        .expect(200)
        .await;
    sign_in(&app.anyone(), "ann@example.org", NEW)
        .problem(401)
        .await;
}

/// Whoever knocks does not flood the owner with mails.
#[tokio::test]
async fn the_owner_is_told_once_per_wait() {
    let app = TestApp::start().await;
    app.customer("Ann");
    for _ in 0..5 {
        app.anyone()
            .post("/auth/register", registration("ann@example.org", NEW))
            .expect(202)
            .await;
        app.anyone()
            .post("/auth/register", registration("new@example.org", NEW))
            .expect(202)
            .await;
    }
    assert_eq!(app.mails_to("ann@example.org").len(), 1);
    assert_eq!(app.mails_to("new@example.org").len(), 1);
    app.sql(
        "UPDATE rate_counters SET window_started_at = window_started_at - interval '2 minutes'",
    );
    app.sql("UPDATE one_time_codes SET created_at = created_at - interval '2 minutes'");
    for email in ["ann@example.org", "new@example.org"] {
        app.anyone()
            .post("/auth/register", registration(email, NEW))
            .expect(202)
            .await;
        assert_eq!(app.mails_to(email).len(), 2);
    }
}

/// I04: one account, whatever the case and however many at once.
#[tokio::test]
async fn i04_parallel_registrations_make_one_account() {
    let app = TestApp::with([UNHURRIED, NO_WAIT]).await;
    let anyone = app.anyone();
    let calls = (0..30).map(|n| {
        let email = if n % 2 == 0 {
            "eve@example.org"
        } else {
            "Eve@Example.ORG"
        };
        anyone
            .post("/auth/register", registration(email, NEW))
            .expect(202)
    });
    futures_util::future::join_all(calls).await;
    assert_eq!(app.rows("SELECT id FROM users").len(), 1);
    let live = "SELECT id FROM one_time_codes WHERE used_at IS NULL AND voided_at IS NULL";
    assert_eq!(app.rows(live).len(), 1, "the newest code only");
}

/// A07: one plain address or nothing; look-alikes are other addresses.
#[tokio::test]
async fn a07_an_address_is_one_plain_address() {
    let app = TestApp::with([UNHURRIED]).await;
    app.customer("Ann");
    for path in [
        "/auth/forgot-password",
        "/auth/confirm-email/resend",
        "/auth/register",
    ] {
        for email in [
            json!(["ann@example.org", "evil@example.org"]),
            json!("ann@example.org,evil@example.org"),
            json!("ann@example.org evil@example.org"),
            json!("ann@example.org\r\nBcc: evil@example.org"),
            json!("ann@example.org\0"),
            json!("<ann@example.org>"),
            json!("ann@ex\u{212A}mple.org"),
            json!("\u{0131}nn@example.org"),
            json!({ "address": "ann@example.org" }),
            json!(null),
            json!(""),
        ] {
            let mut body = match path {
                "/auth/register" => registration("x@example.org", NEW),
                _ => json!({}),
            };
            body["email"] = email;
            let problem = app.anyone().post(path, body).problem(422).await;
            assert!(
                problem.fields.iter().any(|(p, _)| p.starts_with("/email")),
                "{problem:?}"
            );
        }
    }
    let twice = r#"{"email":"ann@example.org","email":"evil@example.org"}"#;
    app.anyone()
        .call(reqwest::Method::POST, "/auth/forgot-password")
        .header("content-type", "application/json")
        .body(twice)
        .problem(422)
        .await;
    assert!(app.mails().is_empty());
    // Another case finds the account; the mail goes to the stored address. A tag is another address.
    for email in ["ANN@EXAMPLE.ORG", "ann+x@example.org"] {
        app.anyone()
            .post("/auth/forgot-password", json!({ "email": email }))
            .expect(202)
            .await;
    }
    let to: Vec<_> = app.mails().into_iter().map(|m| m.to).collect();
    assert_eq!(to, ["ann@example.org"]);
}

/// Events hold no address, no name and no secret: they outlive the person.
#[tokio::test]
async fn events_say_nothing_personal() {
    let app = TestApp::with([UNHURRIED, NO_WAIT]).await;
    for _ in 0..2 {
        app.anyone()
            .post("/auth/register", registration("canary@example.org", NEW))
            .expect(202)
            .await;
    }
    sign_in(&app.anyone(), "canary@example.org", "canary password")
        .problem(401)
        .await;
    sign_in(&app.anyone(), "nobody-canary@example.org", NEW)
        .problem(401)
        .await;
    assert_eq!(
        events(&app),
        [
            "user.registered",
            "code.issued",
            "user.registered",
            "code.issued",
            "session.refused",
            "session.refused"
        ]
    );
    let rows = app.rows("SELECT data FROM events UNION ALL SELECT payload FROM jobs");
    let text = Value::Array(rows).to_string();
    for secret in ["canary", "Eve", "Adler", NEW] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
}
