//! C01: what a provider, or somebody between us and it, can do wrong. Each is refused, makes no session and no account,
//! and leaves everybody else alone.

use std::time::{Duration, Instant};

use care::jobs::{self, NewJob};
use serde_json::{Value, json};

use super::{
    Browser, app_with,
    double::{Double, Manner, Reply, Seal},
    query, refused,
};
use crate::harness::{Answer, TestApp};

async fn app(double: &Double) -> TestApp {
    app_with(&[("google", &double.issuer)], &[]).await
}

async fn visit(app: &TestApp, double: &Double) -> Answer {
    let mut browser = Browser::new(app);
    let back = double.visit(&browser.starts("google").await, "asha");
    browser.finishes("google", &back).await
}

#[tokio::test]
async fn c01_a_state_that_is_absent_or_made_up() {
    let double = Double::start();
    let app = app(&double).await;
    let mut browser = Browser::new(&app);
    let back = double.visit(&browser.starts("google").await, "asha");
    let mut without = back.clone();
    without.0.as_object_mut().unwrap().remove("state");
    let answer = browser.finishes("google", &without).await;
    assert_eq!(answer.status, 422, "{}", answer.text());
    for state in ["", "x", &"A".repeat(64), &"A".repeat(8000)] {
        let answer = browser.finishes("google", &back.with("state", state)).await;
        refused(&app, &answer, state);
    }
    // The cookie's value proves the browser, not the way.
    let cookie = browser.cookie.split_once('=').unwrap().1.to_owned();
    let answer = browser
        .finishes("google", &back.with("state", cookie))
        .await;
    refused(&app, &answer, "the cookie as state");
    // None of this used up the right one.
    assert_eq!(browser.finishes("google", &back).await.status, 202);
}

#[tokio::test]
async fn c01_a_state_works_once() {
    let double = Double::start();
    let app = app(&double).await;
    double.behaves(Manner {
        seal: Seal::Forged,
        ..Manner::default()
    });
    let mut browser = Browser::new(&app);
    let page = browser.starts("google").await;
    let back = double.visit(&page, "asha");
    let answer = browser.finishes("google", &back).await;
    refused(&app, &answer, "forged");
    // Even with a fresh, good code.
    double.behaves(Manner::default());
    let back = double.visit(&page, "asha");
    let answer = browser.finishes("google", &back).await;
    refused(&app, &answer, "again");
}

#[tokio::test]
async fn c01_parallel_returns_of_one_state_count_once() {
    let double = Double::start();
    let app = app(&double).await;
    let mut browser = Browser::new(&app);
    let page = browser.starts("google").await;
    let backs = [(); 4].map(|()| double.visit(&page, "asha"));
    let returns = backs.iter().map(|back| {
        let mut browser = Browser {
            person: browser.person.clone(),
            cookie: browser.cookie.clone(),
        };
        async move { browser.finishes("google", back).await.status }
    });
    let mut statuses = futures_util::future::join_all(returns).await;
    statuses.sort_unstable();
    assert_eq!(statuses, [202, 422, 422, 422]);
}

#[tokio::test]
async fn c01_a_state_of_another_browser() {
    let double = Double::start();
    let app = app(&double).await;
    let (mut hers, mut other) = (Browser::new(&app), Browser::new(&app));
    let back = double.visit(&hers.starts("google").await, "asha");
    let without = Browser::new(&app).finishes("google", &back).await;
    refused(&app, &without, "no cookie");
    other.starts("google").await;
    let answer = other.finishes("google", &back).await;
    refused(&app, &answer, "the cookie of another trip");
    // A page that is not ours cannot send it either, cookie or not.
    let foreign = app.anyone();
    let foreign = foreign.post("/auth/providers/google/finish", back.0.clone());
    let foreign = foreign
        .header("cookie", &hers.cookie)
        .header("x-care-csrf", "1")
        .header("origin", "https://evil.test");
    foreign.problem(403).await;
    assert_eq!(hers.finishes("google", &back).await.status, 202);
}

#[tokio::test]
async fn c01_a_way_that_took_too_long() {
    let double = Double::start();
    let app = app(&double).await;
    let mut browser = Browser::new(&app);
    let back = double.visit(&browser.starts("google").await, "asha");
    app.sql("UPDATE provider_trips SET expires_at = now()");
    let answer = browser.finishes("google", &back).await;
    refused(&app, &answer, "late");
    // Nothing of it stays.
    app.sql("UPDATE provider_trips SET expires_at = now() - interval '2 days'");
    let sweep = || NewJob::now("sweep", json!({}));
    let jobs = &app.app.jobs;
    jobs.write_blocking(|tx| jobs::enqueue(tx, sweep()))
        .unwrap();
    app.run_jobs();
    assert!(app.rows("SELECT id FROM provider_trips").is_empty());
}

/// Somebody else's code in one's own way (RFC 9700 section 4.5): the verifier does not fit.
#[tokio::test]
async fn c01_an_injected_code() {
    let double = Double::start();
    let app = app(&double).await;
    let (mut victim, mut thief) = (Browser::new(&app), Browser::new(&app));
    let stolen = double.visit(&victim.starts("google").await, "asha");
    let own = double.visit(&thief.starts("google").await, "eve");
    let answer = thief
        .finishes("google", &own.with("code", stolen.0["code"].clone()))
        .await;
    refused(&app, &answer, "injected");
}

#[tokio::test]
async fn c01_a_replayed_code() {
    let double = Double::start();
    let app = app(&double).await;
    let mut browser = Browser::new(&app);
    let page = browser.starts("google").await;
    assert!(query(&page, "code_challenge").is_some());
    let back = double.visit(&page, "asha");
    assert_eq!(browser.finishes("google", &back).await.status, 202);
    let again = browser.finishes("google", &back).await;
    let next = double.visit(&browser.starts("google").await, "asha");
    let next = next.with("code", back.0["code"].clone());
    let elsewhere = browser.finishes("google", &next).await;
    for answer in [again, elsewhere] {
        assert_eq!(answer.json()["code"], "provider_refused");
    }
    assert_eq!(double.tokens().len(), 1);
    assert!(app.rows("SELECT id FROM sessions").is_empty());
}

/// The ID token in every wrong shape.
#[tokio::test]
async fn c01_forged_and_foreign_id_tokens() {
    let double = Double::start();
    let app = app(&double).await;
    for (why, seal) in [
        ("unsigned", Seal::Empty),
        ("alg none", Seal::None),
        ("signed with the client's secret", Seal::Shared),
        ("another key", Seal::Forged),
    ] {
        double.behaves(Manner {
            seal,
            ..Manner::default()
        });
        refused(&app, &visit(&app, &double).await, why);
    }
    type Lie = (&'static str, fn(&mut Value));
    let lies: [Lie; 13] = [
        ("another issuer", |c| c["iss"] = "https://evil.test".into()),
        ("no issuer", |c| c["iss"] = Value::Null),
        ("another audience", |c| c["aud"] = "other".into()),
        ("no audience", |c| c["aud"] = json!([])),
        ("two audiences, nobody's", |c| {
            c["aud"] = json!(["care", "other"]);
        }),
        ("another party", |c| c["azp"] = "other".into()),
        ("expired", |c| c["exp"] = json!(1_700_000_000)),
        ("never expires", |c| c["exp"] = Value::Null),
        ("from the future", |c| {
            c["iat"] = json!(c["iat"].as_i64().unwrap() + 3600);
        }),
        ("another nonce", |c| c["nonce"] = "other".into()),
        ("no nonce", |c| c["nonce"] = Value::Null),
        ("no subject", |c| c["sub"] = "".into()),
        ("an endless subject", |c| c["sub"] = "x".repeat(256).into()),
    ];
    for (why, claims) in lies {
        double.behaves(Manner {
            claims,
            ..Manner::default()
        });
        refused(&app, &visit(&app, &double).await, why);
    }
    // The test can tell a good one.
    double.behaves(Manner::default());
    assert_eq!(visit(&app, &double).await.status, 202);
}

/// One provider's answer at another's callback, and an answer that names another issuer (RFC 9207).
#[tokio::test]
async fn c01_a_mix_up_of_providers() {
    let (google, linkedin) = (Double::start(), Double::start());
    linkedin.behaves(Manner {
        linkedin: true,
        ..Manner::default()
    });
    let providers = [
        ("google", google.issuer.as_str()),
        ("linkedin", &linkedin.issuer),
    ];
    let app = app_with(&providers, &[]).await;
    let mut browser = Browser::new(&app);
    let page = browser.starts("linkedin").await;
    assert!(
        query(&page, "redirect_uri")
            .unwrap()
            .ends_with("/callback/linkedin")
    );
    let back = linkedin.visit(&page, "asha");
    let answer = browser.finishes("google", &back).await;
    refused(&app, &answer, "LinkedIn's at Google's");
    let named = back.with("iss", google.issuer.as_str());
    let answer = browser.finishes("linkedin", &named).await;
    refused(&app, &answer, "names Google");
    assert!(google.tokens().is_empty() && linkedin.tokens().is_empty());

    let back = linkedin.visit(&browser.starts("linkedin").await, "asha");
    let named = back.with("iss", linkedin.issuer.as_str());
    assert_eq!(browser.finishes("linkedin", &named).await.status, 202);
}

/// A new key works at once; keys that fit nothing are asked for again, but not at everybody's wish.
#[tokio::test]
async fn c01_rotated_keys() {
    let double = Double::start();
    let app = app(&double).await;
    assert_eq!(visit(&app, &double).await.status, 202);
    assert_eq!(double.keys_asked(), 1);
    double.rotates_its_key();
    assert_eq!(visit(&app, &double).await.status, 202);
    assert_eq!(double.keys_asked(), 2);
    double.behaves(Manner {
        seal: Seal::Forged,
        ..Manner::default()
    });
    for _ in 0..3 {
        assert_eq!(visit(&app, &double).await.status, 422);
    }
    assert_eq!(double.keys_asked(), 2);
}

/// Endless, hanging, broken or leading elsewhere: a bounded wait, a refusal, and nobody else notices.
#[tokio::test]
async fn c01_answers_without_end_or_sense() {
    let double = Double::start();
    for (why, keys, token) in [
        ("10 MB of keys", Reply::Huge, Reply::Right),
        ("keys elsewhere", Reply::Elsewhere, Reply::Right),
        ("broken keys", Reply::Broken, Reply::Right),
        ("10 MB of tokens", Reply::Right, Reply::Huge),
        ("tokens elsewhere", Reply::Right, Reply::Elsewhere),
        ("broken tokens", Reply::Right, Reply::Broken),
    ] {
        double.behaves(Manner {
            keys,
            token,
            ..Manner::default()
        });
        let app = app(&double).await;
        let mut browser = Browser::new(&app);
        let answer = browser.tries("google").await;
        let answer = match answer.status {
            200 => {
                let back = double.visit(&super::leads_to(&answer), "asha");
                browser.finishes("google", &back).await
            }
            _ => answer,
        };
        refused(&app, &answer, why);
        app.anyone().get("/auth/providers").expect(200).await;
    }
}

#[tokio::test]
async fn c01_a_hanging_provider_holds_nobody_up() {
    let double = Double::start();
    double.behaves(Manner {
        keys: Reply::Never,
        ..Manner::default()
    });
    let more = [("CARE_OUTBOUND_TIMEOUT", "2")];
    let app = app_with(&[("google", &double.issuer)], &more).await;
    let begun = Instant::now();
    let waits = (0..8).map(|_| async {
        let answer = Browser::new(&app).tries("google").await;
        (answer, begun.elapsed())
    });
    // More of them than there are connections to the database, and the others are served meanwhile.
    let others = async {
        let ann = app.customer("Ann");
        for _ in 0..5 {
            ann.get("/me").expect(200).await;
        }
        begun.elapsed()
    };
    let (stuck, others) = tokio::join!(futures_util::future::join_all(waits), others);
    for (answer, after) in &stuck {
        assert_eq!(answer.status, 422, "{}", answer.text());
        assert!(*after < Duration::from_secs(10), "{after:?}");
        assert!(others < *after, "{others:?} of others, {after:?} stuck");
    }
}

/// Claims of somebody else from the second source of claims.
#[tokio::test]
async fn c01_userinfo_about_another() {
    let double = Double::start();
    let app = app(&double).await;
    let without_email: fn(&mut Value) = |claims| claims["email"] = Value::Null;
    for (sub, status) in [("eve", 422), ("asha", 202)] {
        double.behaves(Manner {
            claims: without_email,
            userinfo: json!({ "sub": sub, "email": "ann@example.org" }),
            ..Manner::default()
        });
        assert_eq!(visit(&app, &double).await.status, status, "{sub}");
    }
}

/// B02: what a provider signed is for us to read, and no session of ours.
#[tokio::test]
async fn b02_a_providers_token_opens_nothing() {
    let double = Double::start();
    let app = app(&double).await;
    assert_eq!(visit(&app, &double).await.status, 202);
    let tokens = double.tokens();
    assert_eq!(tokens.len(), 1);
    for token in [tokens[0].as_str(), "at-9d1f"] {
        let mut thief = app.anyone();
        thief.token = Some(token.to_owned());
        thief.get("/me").problem(401).await;
        let body = json!({ "refresh_token": token });
        app.anyone().post("/auth/refresh", body).problem(401).await;
        let body = json!({ "token": token });
        app.anyone()
            .post("/auth/confirm-email", body)
            .problem(422)
            .await;
    }
}
