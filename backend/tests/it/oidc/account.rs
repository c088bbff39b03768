//! How an identity comes to an account: only with our own proof of the address, whatever the provider says of it.

use serde_json::json;

use super::{
    Browser, app_with,
    double::{Double, Manner},
    real::RealProvider,
    refused,
};
use crate::{
    auth::{NEW, digits, events, holder, last_mail, other_than, registration, sign_in},
    harness::{Answer, TestApp},
};

async fn app(double: &Double) -> TestApp {
    let more = [("CARE_CODE_ATTEMPTS", "3")];
    app_with(&[("google", &double.issuer)], &more).await
}

async fn visit(browser: &mut Browser, double: &Double, subject: &str) -> Answer {
    let back = double.visit(&browser.starts("google").await, subject);
    browser.finishes("google", &back).await
}

fn identities(app: &TestApp) -> usize {
    app.rows("SELECT id FROM identities").len()
}

/// Two people at the provider with one address: the claim, verified or not, opens nothing.
#[tokio::test]
async fn a_claimed_address_opens_no_account() {
    let provider = RealProvider::start();
    let app = app_with(&[("google", &provider.issuer)], &[]).await;
    let ann = app.customer("Ann");
    let sessions = app.rows("SELECT id FROM sessions").len();
    for login in ["ann", "eve=ann@example.org"] {
        let mut browser = Browser::new(&app);
        let page = browser.starts("google").await;
        let back = provider.visit(page, login).await;
        let answer = browser.finishes("google", &back).await;
        assert_eq!(answer.status, 202, "{login}: {}", answer.text());
    }
    assert_eq!(identities(&app), 0);
    assert_eq!(app.rows("SELECT id FROM sessions").len(), sessions);
    // One mail, to the account's own address, and it tells nobody's name.
    let mails = app.mails();
    assert_eq!(mails.len(), 1);
    assert_eq!(mails[0].to, ann.email);
    assert!(!mails[0].text.contains("Ann") && !mails[0].text.contains("eve="));
}

/// With the code, the account of the address is the one signed in to; its password and role stay.
#[tokio::test]
async fn the_mailed_code_joins_the_identity_to_the_account() {
    let double = Double::start();
    let app = app(&double).await;
    let ann = app.customer("Ann");
    let mut browser = Browser::new(&app);
    assert_eq!(visit(&mut browser, &double, "ann").await.status, 202);
    let session = browser.proves(&digits(&last_mail(&app, &ann.email))).await;
    assert_eq!(session.status, 200, "{}", session.text());
    assert_eq!(holder(&app, &session.json()).id, ann.id);
    ann.get("/me").expect(200).await;
    // The trip is over, and so is the code.
    let again = browser.proves("123456").await;
    assert_eq!(again.status, 422, "{}", again.text());
    // One identity of a provider for each account.
    let mut other = Browser::new(&app);
    double.behaves(Manner {
        claims: |claims| claims["email"] = "Ann@Example.org".into(),
        ..Manner::default()
    });
    app.sql("UPDATE one_time_codes SET created_at = created_at - interval '1 hour'");
    assert_eq!(visit(&mut other, &double, "eve").await.status, 202);
    let conflict = other.proves(&digits(&last_mail(&app, &ann.email))).await;
    assert_eq!(conflict.status, 409, "{}", conflict.text());
    assert_eq!(identities(&app), 1);
}

#[tokio::test]
async fn guesses_of_the_code_are_counted_before_they_are_judged() {
    let double = Double::start();
    let app = app(&double).await;
    let mut browser = Browser::new(&app);
    assert_eq!(visit(&mut browser, &double, "asha").await.status, 202);
    let code = digits(&last_mail(&app, "asha@example.org"));
    for _ in 0..3 {
        let answer = browser.proves(&other_than(&code)).await;
        assert_eq!(answer.json()["code"], "code_wrong_or_expired");
    }
    let answer = browser.proves(&code).await;
    assert_eq!(answer.json()["code"], "code_wrong_or_expired");
    assert_eq!(identities(&app), 0);
}

/// The code alone is not enough: it takes the browser that came back from the provider, and only its own trip.
#[tokio::test]
async fn the_code_works_in_the_browser_of_the_trip_only() {
    let double = Double::start();
    let app = app(&double).await;
    let (mut hers, mut other) = (Browser::new(&app), Browser::new(&app));
    assert_eq!(visit(&mut hers, &double, "asha").await.status, 202);
    assert_eq!(visit(&mut other, &double, "eve").await.status, 202);
    let code = digits(&last_mail(&app, "asha@example.org"));
    for answer in [
        other.proves(&code).await,
        Browser::new(&app).proves(&code).await,
    ] {
        assert_eq!(answer.status, 422, "{}", answer.text());
    }
    app.sql("UPDATE provider_trips SET expires_at = now()");
    let late = hers.proves(&code).await;
    assert_eq!(late.json()["code"], "provider_refused");
    assert_eq!(identities(&app), 0);
}

/// A11: whoever registered a foreign address keeps nothing when its owner comes through a provider.
#[tokio::test]
async fn a11_a_password_chosen_before_the_proof_dies() {
    let double = Double::start();
    let app = app(&double).await;
    app.anyone()
        .post("/auth/register", registration("asha@example.org", NEW))
        .expect(202)
        .await;
    let mut browser = Browser::new(&app);
    assert_eq!(visit(&mut browser, &double, "asha").await.status, 202);
    // The registration's code is no code for this.
    let mails = app.mails_to("asha@example.org");
    let wrong = browser.proves(&digits(&mails[0])).await;
    assert_eq!(wrong.json()["code"], "code_wrong_or_expired");
    let session = browser.proves(&digits(&mails[1])).await;
    assert_eq!(session.status, 200, "{}", session.text());
    sign_in(&app.anyone(), "asha@example.org", NEW)
        .problem(401)
        .await;
    let confirm = json!({ "email": "asha@example.org", "code": digits(&mails[0]) });
    let confirm = app
        .anyone()
        .post("/auth/confirm-email", confirm)
        .send()
        .await;
    assert_eq!(confirm.status, 422, "the code of the registration is void");
}

#[tokio::test]
async fn a_disabled_account_stays_closed() {
    let double = Double::start();
    let app = app(&double).await;
    let mut browser = Browser::new(&app);
    visit(&mut browser, &double, "asha").await;
    browser
        .proves(&digits(&last_mail(&app, "asha@example.org")))
        .await;
    app.sql("UPDATE users SET disabled_at = now()");
    app.sql("DELETE FROM sessions");
    let answer = visit(&mut Browser::new(&app), &double, "asha").await;
    assert_eq!(answer.status, 422, "{}", answer.text());
    assert!(app.rows("SELECT id FROM sessions").is_empty());
    assert_eq!(events(&app).last().unwrap(), "session.refused");

    // Unlinked, it looks like any other address, and gets no mail.
    app.sql("DELETE FROM identities");
    app.sql("UPDATE one_time_codes SET created_at = created_at - interval '1 hour'");
    let mails = app.mails().len();
    let answer = visit(&mut Browser::new(&app), &double, "asha").await;
    assert_eq!(answer.status, 202, "{}", answer.text());
    assert_eq!(app.mails().len(), mails);
}

/// An invitation is accepted with its own link, name and password.
#[tokio::test]
async fn an_invited_agent_gets_no_code() {
    let double = Double::start();
    let app = app(&double).await;
    app.admin("Cleo")
        .post(
            "/agents",
            json!({ "name": "Dan", "email": "dan@example.org" }),
        )
        .expect(201)
        .await;
    let mails = app.mails().len();
    let answer = visit(&mut Browser::new(&app), &double, "dan").await;
    assert_eq!(answer.status, 202, "{}", answer.text());
    assert_eq!(app.mails().len(), mails);
}

/// What a provider says is text like any other: bounded and free of control characters, or not taken.
#[tokio::test]
async fn claims_are_checked_like_any_input() {
    let double = Double::start();
    let app = app(&double).await;
    let visits: [fn(&mut serde_json::Value); 5] = [
        |claims| claims["email"] = serde_json::Value::Null,
        |claims| claims["email"] = "a@b, v@x.test".into(),
        |claims| claims["email"] = "a\r\nBcc: v@x.test".into(),
        |claims| claims["email"] = format!("{}@example.org", "a".repeat(250)).into(),
        |claims| claims["sub"] = "a\u{0}b".into(),
    ];
    for claims in visits {
        double.behaves(Manner {
            claims,
            userinfo: json!({ "sub": "asha" }),
            ..Manner::default()
        });
        let answer = visit(&mut Browser::new(&app), &double, "asha").await;
        refused(&app, &answer, "a bad claim");
    }
    double.behaves(Manner {
        claims: |claims| claims["name"] = "x\u{0}".repeat(300).into(),
        ..Manner::default()
    });
    let answer = visit(&mut Browser::new(&app), &double, "asha").await;
    assert_eq!(answer.status, 202, "{}", answer.text());
    let users = app.rows("SELECT name FROM users");
    assert_eq!(users[0]["name"], "asha");
}
