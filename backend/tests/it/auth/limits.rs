//! Budgets per address and per person, with an honest 429.

use serde_json::json;

use super::{NEW, registration, sign_in};
use crate::harness::{PASSWORD, Problem, TestApp};

fn wait(problem: &Problem) -> u32 {
    assert_eq!(problem.code, "rate_limited");
    problem.headers["retry-after"]
        .to_str()
        .unwrap()
        .parse()
        .unwrap()
}

/// Everything that knocks at accounts shares one budget per address; what is signed in goes on.
#[tokio::test]
async fn one_address_has_one_budget() {
    let app = TestApp::with([("CARE_IP_SIGN_INS_PER_MINUTE", "6")]).await;
    let ann = app.customer("Ann");
    let anyone = app.anyone();
    let email = json!({ "email": "ann@example.org" });
    sign_in(&anyone, "ann@example.org", PASSWORD)
        .expect(200)
        .await;
    anyone
        .post("/auth/register", registration("eve@example.org", NEW))
        .expect(202)
        .await;
    anyone
        .post("/auth/forgot-password", email.clone())
        .expect(202)
        .await;
    anyone
        .post("/auth/confirm-email/resend", email.clone())
        .expect(202)
        .await;
    anyone
        .post("/auth/confirm-email", json!({ "token": "x" }))
        .problem(422)
        .await;
    let body = json!({ "token": "x", "password": NEW, "password_confirmation": NEW });
    anyone
        .post("/auth/reset-password", body.clone())
        .problem(422)
        .await;

    for call in [
        sign_in(&anyone, "ann@example.org", PASSWORD),
        anyone.post("/auth/register", registration("kim@example.org", NEW)),
        anyone.post("/auth/forgot-password", email.clone()),
        anyone.post("/auth/confirm-email/resend", email),
        anyone.post("/auth/confirm-email", json!({ "token": "x" })),
        anyone.post("/auth/reset-password", body),
    ] {
        assert!((1..=60).contains(&wait(&call.problem(429).await)));
    }
    ann.get("/me").expect(200).await;
    app.sql(
        "UPDATE rate_counters SET window_started_at = window_started_at - interval '61 seconds'",
    );
    sign_in(&anyone, "ann@example.org", PASSWORD)
        .expect(200)
        .await;
}

/// The budget is shared by all servers and survives a restart.
#[tokio::test]
async fn two_servers_share_the_budget() {
    let app = TestApp::with([("CARE_IP_SIGN_INS_PER_MINUTE", "4")]).await;
    let second = app.replica().await;
    let (one, two) = (app.anyone(), second.anyone());
    let calls =
        (0..20).map(|n| sign_in(if n % 2 == 0 { &one } else { &two }, "x@example.org", "x").send());
    let answers = futures_util::future::join_all(calls).await;
    assert_eq!(answers.iter().filter(|a| a.status == 401).count(), 4);
    assert_eq!(answers.iter().filter(|a| a.status == 429).count(), 16);
}

/// One person changes so much a minute; reading is free, and others are not held up.
#[tokio::test]
async fn one_person_has_a_budget_of_changes() {
    let app = TestApp::with([("CARE_WRITES_PER_MINUTE", "3")]).await;
    let (ann, bea) = (app.customer("Ann"), app.customer("Bea"));
    let mut refused = 0;
    for _ in 0..6 {
        let answer = ann.patch("/me", json!({ "locale": "ta" })).send().await;
        if answer.status == 429 {
            refused += 1;
            let seconds: u32 = answer.header("retry-after").parse().unwrap();
            assert!((1..=20).contains(&seconds));
        }
    }
    // A slow machine may earn one back on the way.
    assert!((2..=3).contains(&refused), "{refused}");
    for _ in 0..10 {
        ann.get("/me").expect(200).await;
    }
    bea.patch("/me", json!({ "locale": "ta" }))
        .expect(200)
        .await;
}
