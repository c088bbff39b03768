//! Signing in: one uniform answer, counted before it is judged.

use care::config::Secret;
use serde_json::json;

use super::{
    NEW, NO_WAIT, UNHURRIED, digits, events, forgot, holder, registration, reset, sign_in,
};
use crate::harness::{Answer, PASSWORD, TestApp};

const ANN: &str = "ann@example.org";

#[tokio::test]
async fn the_right_password_signs_in() {
    let app = TestApp::start().await;
    let ann = app.customer("Ann");
    let session = sign_in(&app.anyone(), " ANN@example.org ", PASSWORD)
        .expect(200)
        .await;
    assert_eq!(session["user"]["id"], ann.id.to_string());
    assert_eq!(session["expires_in"], 600);
    assert!(session["refresh_token"].is_string());
    let me = holder(&app, &session).get("/me").expect(200).await;
    assert_eq!(me["role"], "customer");
    assert_eq!(events(&app), ["session.started"]);
}

/// The body of a refusal, without the request's id.
fn said(answer: &Answer) -> (u16, serde_json::Value) {
    let mut body = answer.json();
    body["instance"].take();
    (answer.status, body)
}

/// Absent, wrong, locked, disabled, without a password: one answer.
#[tokio::test]
async fn a04_every_refusal_is_the_same() {
    let app = TestApp::with([UNHURRIED]).await;
    for name in ["Ann", "Locked", "Disabled", "Passwordless"] {
        app.customer(name);
    }
    app.sql("UPDATE users SET failed_sign_ins = 10, failed_window_started_at = now() WHERE name = 'Locked'");
    app.sql("UPDATE users SET disabled_at = now() WHERE name = 'Disabled'");
    app.sql("UPDATE users SET password_hash = NULL WHERE name = 'Passwordless'");
    let mut answers = Vec::new();
    for (who, password) in [
        ("ann", "not this one"),
        ("nobody", PASSWORD),
        ("locked", PASSWORD),
        ("disabled", PASSWORD),
        ("passwordless", PASSWORD),
        ("passwordless", "x"),
    ] {
        let email = format!("{who}@example.org");
        let answer = sign_in(&app.anyone(), &email, password).answered(401).await;
        answers.push(said(&answer));
    }
    assert!(answers.iter().all(|a| *a == answers[0]), "{answers:#?}");
}

/// A04: N wrong passwords lock for a window; everything else goes on.
#[tokio::test]
async fn a04_a_lock_is_no_weapon() {
    let settings = [UNHURRIED, NO_WAIT, ("CARE_SIGN_IN_ATTEMPTS", "3")];
    let app = TestApp::with(settings).await;
    let ann = app.customer("Ann");
    let anyone = app.anyone();
    for _ in 0..3 {
        sign_in(&anyone, ANN, "not this one").problem(401).await;
    }
    let wrong = said(&sign_in(&anyone, ANN, "not this one").answered(401).await);
    let right = said(&sign_in(&anyone, ANN, PASSWORD).answered(401).await);
    assert_eq!(right, wrong, "a lock looks like a wrong password");
    // Another server on the same database, started later, knows.
    let second = app.replica().await;
    sign_in(&second.anyone(), ANN, PASSWORD).problem(401).await;
    // The owner hears once.
    assert_eq!(app.mails_to(ANN).len(), 1);
    assert_eq!(
        events(&app).iter().filter(|k| *k == "user.locked").count(),
        1
    );
    // The live session is unharmed, and so is resetting, which unlocks.
    ann.get("/me").expect(200).await;
    let code = digits(&forgot(&app, ANN).await);
    anyone
        .post("/auth/reset-password", reset(ANN, &code, NEW))
        .expect(204)
        .await;
    sign_in(&anyone, ANN, NEW).expect(200).await;
}

#[tokio::test]
async fn a04_a_lock_opens_after_its_window() {
    let app = TestApp::with([UNHURRIED, ("CARE_SIGN_IN_ATTEMPTS", "3")]).await;
    app.customer("Ann");
    let anyone = app.anyone();
    for _ in 0..5 {
        sign_in(&anyone, ANN, "not this one").problem(401).await;
    }
    let back = |minutes: u32| {
        format!(
            "UPDATE users SET failed_window_started_at = failed_window_started_at - interval '{minutes} minutes'"
        )
    };
    app.sql(&back(14));
    sign_in(&anyone, ANN, PASSWORD).problem(401).await;
    app.sql(&back(2));
    sign_in(&anyone, ANN, PASSWORD).expect(200).await;
    // A success starts a new count.
    for _ in 0..2 {
        sign_in(&anyone, ANN, "not this one").problem(401).await;
    }
    sign_in(&anyone, ANN, PASSWORD).expect(200).await;
}

/// 60 parallel wrong passwords on two servers: no more than N are looked at, and the right one comes too late.
#[tokio::test]
async fn a04_parallel_guesses_are_counted_across_servers() {
    let app = TestApp::with([UNHURRIED]).await;
    app.customer("Ann");
    let second = app.replica().await;
    let (one, two) = (app.anyone(), second.anyone());
    let calls = (0..60).map(|n| {
        let who = if n % 2 == 0 { &one } else { &two };
        sign_in(who, ANN, "not this one").send()
    });
    for answer in futures_util::future::join_all(calls).await {
        assert!(matches!(answer.status, 401 | 429), "{}", answer.text());
    }
    let looked = "SELECT count(*) AS n FROM events WHERE kind = 'session.refused' AND data->>'locked' = 'false'";
    assert!(app.rows(looked)[0]["n"].as_i64().unwrap() <= 10);
    sign_in(&one, ANN, PASSWORD).problem(401).await;
}

/// A12: what a client says about its address counts only behind a configured proxy.
#[tokio::test]
async fn a12_headers_neither_sign_in_nor_dodge_a_budget() {
    let app = TestApp::with([("CARE_IP_SIGN_INS_PER_MINUTE", "5")]).await;
    app.customer("Ann");
    let anyone = app.anyone();
    for n in 0..5 {
        sign_in(&anyone, ANN, "not this one")
            .header("x-forwarded-for", format!("198.51.100.{n}"))
            .header("cf-connecting-ip", "<a href=x>")
            .problem(401)
            .await;
    }
    let problem = sign_in(&anyone, ANN, PASSWORD)
        .header("x-forwarded-for", "198.51.100.77")
        .header("forwarded", "for=198.51.100.78")
        .problem(429)
        .await;
    let wait: u32 = problem.headers["retry-after"]
        .to_str()
        .unwrap()
        .parse()
        .unwrap();
    assert!((1..=60).contains(&wait));
    for name in [
        "x-remote-user",
        "remote-user",
        "x-forwarded-user",
        "x-auth-request-email",
        "x-user-id",
    ] {
        anyone.get("/me").header(name, ANN).problem(401).await;
    }
    for name in [
        "x-http-method-override",
        "x-method-override",
        "x-http-method",
    ] {
        anyone
            .get("/auth/sign-out")
            .header(name, "POST")
            .problem(405)
            .await;
    }
    let from = app.rows("SELECT DISTINCT ip FROM events");
    assert_eq!(from, [json!({ "ip": "127.0.0.1" })]);
}

#[tokio::test]
async fn a12_behind_a_configured_proxy_the_forwarded_address_counts() {
    let settings = [
        ("CARE_IP_SIGN_INS_PER_MINUTE", "2"),
        ("CARE_TRUSTED_PROXIES", "127.0.0.1"),
    ];
    let app = TestApp::with(settings).await;
    let anyone = app.anyone();
    for client in ["198.51.100.1", "198.51.100.2"] {
        for _ in 0..2 {
            sign_in(&anyone, ANN, "x")
                .header("x-forwarded-for", format!("203.0.113.9, {client}"))
                .problem(401)
                .await;
        }
        sign_in(&anyone, ANN, "x")
            .header("x-forwarded-for", format!("203.0.113.10, {client}"))
            .problem(429)
            .await;
    }
}

/// What a browser calls itself is kept as plain text.
#[tokio::test]
async fn a12_the_browsers_name_is_only_text() {
    let app = TestApp::start().await;
    app.customer("Ann");
    let evil = format!("<script>alert(1)</script>\u{7f}{}", "x".repeat(1000));
    sign_in(&app.anyone(), ANN, PASSWORD)
        .header("user-agent", evil.replace('\u{7f}', ""))
        .expect(200)
        .await;
    let kept = app.rows("SELECT user_agent FROM sessions WHERE user_agent <> ''");
    assert_eq!(kept[0]["user_agent"].as_str().unwrap().len(), 300);
}

/// The time tells nothing either: every refusal is exactly the work of one comparison, also for a password that was set
/// when that was less work.
#[tokio::test]
async fn every_refusal_does_the_same_work() {
    let app = TestApp::with([UNHURRIED, ("CARE_BCRYPT_COST", "6")]).await;
    let anyone = app.anyone();
    for name in [
        "ann",
        "locked",
        "unconfirmed",
        "disabled",
        "passwordless",
        "older",
    ] {
        let body = registration(&format!("{name}@example.org"), NEW);
        anyone.post("/auth/register", body).expect(202).await;
    }
    app.sql("UPDATE users SET email_confirmed_at = now() WHERE email NOT LIKE 'unconfirmed%'");
    app.sql("UPDATE users SET failed_sign_ins = 10, failed_window_started_at = now() WHERE email LIKE 'locked%'");
    app.sql("UPDATE users SET disabled_at = now() WHERE email LIKE 'disabled%'");
    app.sql("UPDATE users SET password_hash = NULL WHERE email LIKE 'passwordless%'");
    let hash = care::auth::password::hash(&Secret::new(NEW), 4).unwrap();
    app.sql(&format!(
        "UPDATE users SET password_hash = '{hash}' WHERE email LIKE 'older%'"
    ));
    for name in [
        "ann",
        "locked",
        "unconfirmed",
        "disabled",
        "passwordless",
        "older",
        "nobody",
    ] {
        for password in ["not this one", &"too long ".repeat(20), "n\0l"] {
            let before = app.app.passwords.worked();
            let email = format!("{name}@example.org");
            sign_in(&anyone, &email, password).problem(401).await;
            assert_eq!(
                app.app.passwords.worked() - before,
                1 << 6,
                "{name} {password}"
            );
        }
    }
    let refused = app.rows("SELECT count(*) AS n FROM events WHERE kind = 'session.refused'");
    assert_eq!(refused[0]["n"], 21);
    sign_in(&anyone, "older@example.org", NEW).expect(200).await;
}

/// Fields are checked before anything is counted.
#[tokio::test]
async fn empty_fields_are_named() {
    let app = TestApp::start().await;
    let problem = sign_in(&app.anyone(), "", "").problem(422).await;
    assert_eq!(problem.field("/email"), "required");
    assert_eq!(problem.field("/password"), "required");
    assert!(app.rows("SELECT * FROM rate_counters").is_empty());
}
