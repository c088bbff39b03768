//! Proving an address.

use serde_json::json;

use super::{
    NEW, NO_WAIT, UNHURRIED, digits, forgot, holder, last_mail, other_than, registration, sign_in,
    token,
};
use crate::harness::TestApp;

const EVE: &str = "eve@example.org";

async fn register(app: &TestApp, password: &str) -> String {
    let answer = app
        .anyone()
        .post("/auth/register", registration(EVE, password))
        .expect(202)
        .await;
    answer["registration_token"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn the_code_or_the_link_confirms_and_signs_in() {
    for by_link in [true, false] {
        let app = TestApp::start().await;
        let receipt = register(&app, NEW).await;
        let mail = last_mail(&app, EVE);
        let mut body = if by_link {
            json!({ "token": token(&mail) })
        } else {
            let code = digits(&mail);
            json!({ "email": "EVE@example.org", "code": format!("{} {}", &code[..3], &code[3..]) })
        };
        body["registration_token"] = receipt.into();
        let session = app
            .anyone()
            .post("/auth/confirm-email", body.clone())
            .expect(200)
            .await;
        assert_eq!(session["user"]["email_confirmed"], true);
        assert_eq!(session["user"]["has_password"], true);
        let me = holder(&app, &session).get("/me").expect(200).await;
        assert_eq!(me, session["user"]);
        sign_in(&app.anyone(), EVE, NEW).expect(200).await;
        // Once only.
        let again = app
            .anyone()
            .post("/auth/confirm-email", body)
            .problem(422)
            .await;
        assert_eq!(again.code, "code_wrong_or_expired");
    }
}

/// An unconfirmed account can do nothing; that it is unconfirmed is told after the right password only.
#[tokio::test]
async fn a11_an_unconfirmed_account_can_only_confirm() {
    let app = TestApp::start().await;
    register(&app, NEW).await;
    let problem = sign_in(&app.anyone(), EVE, "not this one")
        .problem(401)
        .await;
    assert_eq!(problem.code, "wrong_credentials");
    let problem = sign_in(&app.anyone(), EVE, NEW).problem(403).await;
    assert_eq!(problem.code, "email_unconfirmed");
    assert!(app.rows("SELECT id FROM sessions").is_empty());
}

/// A11: an attacker registers the victim's address; the victim proves it with the mail the attacker caused.
#[tokio::test]
async fn a11_the_attackers_password_does_not_survive_the_owners_proof() {
    for by_link in [true, false] {
        let app = TestApp::start().await;
        register(&app, "the attacker chose it").await;
        let mail = last_mail(&app, EVE);
        let body = if by_link {
            json!({ "token": token(&mail) })
        } else {
            json!({ "email": EVE, "code": digits(&mail) })
        };
        let session = app
            .anyone()
            .post("/auth/confirm-email", body)
            .expect(200)
            .await;
        assert_eq!(session["user"]["has_password"], false);
        sign_in(&app.anyone(), EVE, "the attacker chose it")
            .problem(401)
            .await;
        // The owner chooses a password; there is no current one to ask for.
        let victim = holder(&app, &session);
        victim
            .post(
                "/me/password",
                json!({ "password": NEW, "password_confirmation": NEW }),
            )
            .expect(204)
            .await;
        sign_in(&app.anyone(), EVE, NEW).expect(200).await;
    }
}

/// A11: the same when the owner registered too, before or after the attacker.
#[tokio::test]
async fn a11_the_last_registration_does_not_lend_its_password_to_an_older_receipt() {
    for attacker_first in [true, false] {
        let app = TestApp::with([UNHURRIED, NO_WAIT]).await;
        let bad = "the attacker chose it";
        let receipt = if attacker_first {
            register(&app, bad).await;
            register(&app, NEW).await
        } else {
            let receipt = register(&app, NEW).await;
            register(&app, bad).await;
            receipt
        };
        let code = digits(&last_mail(&app, EVE));
        let body = json!({ "email": EVE, "code": code, "registration_token": receipt });
        let session = app
            .anyone()
            .post("/auth/confirm-email", body)
            .expect(200)
            .await;
        // Only when nothing came between registering and confirming is the password known to be the owner's.
        assert_eq!(session["user"]["has_password"], attacker_first);
        sign_in(&app.anyone(), EVE, bad).problem(401).await;
    }
}

/// A11: resetting the password proves the address too, and leaves nothing of the attacker.
#[tokio::test]
async fn a11_a_reset_takes_an_unconfirmed_account_over() {
    let app = TestApp::start().await;
    let receipt = register(&app, "the attacker chose it").await;
    let confirmation = token(&last_mail(&app, EVE));
    let code = digits(&forgot(&app, EVE).await);
    app.anyone()
        .post("/auth/reset-password", super::reset(EVE, &code, NEW))
        .expect(204)
        .await;
    sign_in(&app.anyone(), EVE, NEW).expect(200).await;
    sign_in(&app.anyone(), EVE, "the attacker chose it")
        .problem(401)
        .await;
    let body = json!({ "token": confirmation, "registration_token": receipt });
    app.anyone()
        .post("/auth/confirm-email", body)
        .problem(422)
        .await;
}

#[tokio::test]
async fn asking_again_replaces_the_code_and_tells_nothing() {
    let app = TestApp::with([UNHURRIED]).await;
    let receipt = register(&app, NEW).await;
    app.customer("Ann");
    let first = digits(&last_mail(&app, EVE));
    let mut answers = Vec::new();
    for email in [EVE, "ann@example.org", "nobody@example.org"] {
        let body = json!({ "email": email });
        let call = app
            .anyone()
            .post("/auth/confirm-email/resend", body)
            .expect(202)
            .await;
        answers.push(call);
    }
    assert!(answers.iter().all(|a| *a == answers[0]), "{answers:?}");
    assert_eq!(app.mails().len(), 1, "the wait is not over");

    app.sql("UPDATE one_time_codes SET created_at = created_at - interval '61 seconds'");
    app.anyone()
        .post("/auth/confirm-email/resend", json!({ "email": EVE }))
        .expect(202)
        .await;
    assert_eq!(app.mails().len(), 2);
    let second = digits(&last_mail(&app, EVE));
    let body = |code: &str| json!({ "email": EVE, "code": code, "registration_token": receipt });
    if first != second {
        app.anyone()
            .post("/auth/confirm-email", body(&first))
            .problem(422)
            .await;
    }
    let session = app
        .anyone()
        .post("/auth/confirm-email", body(&second))
        .expect(200)
        .await;
    assert_eq!(
        session["user"]["has_password"], true,
        "the receipt outlives the code"
    );
}

/// Malformed proofs are refused before anything is looked up or counted.
#[tokio::test]
async fn malformed_proofs_name_their_field() {
    let app = TestApp::start().await;
    register(&app, NEW).await;
    for (body, pointer, code) in [
        (json!({}), "/email", "required"),
        (json!({ "email": EVE }), "/code", "required"),
        (json!({ "email": EVE, "code": "   " }), "/code", "required"),
        (
            json!({ "email": EVE, "code": "12345" }),
            "/code",
            "malformed",
        ),
        (
            json!({ "email": EVE, "code": "1234567" }),
            "/code",
            "malformed",
        ),
        (
            json!({ "email": EVE, "code": "١٢٣٤٥٦" }),
            "/code",
            "malformed",
        ),
        (
            json!({ "email": EVE, "code": 123456 }),
            "/code",
            "malformed",
        ),
        (json!({ "token": "" }), "/token", "malformed"),
        (
            json!({ "token": "x", "email": EVE, "code": "123456" }),
            "/token",
            "not_allowed",
        ),
        (
            json!({ "token": "x", "session": "both" }),
            "/session",
            "malformed",
        ),
    ] {
        let problem = app
            .anyone()
            .post("/auth/confirm-email", body)
            .problem(422)
            .await;
        assert_eq!(problem.field(pointer), code, "{problem:?}");
    }
    let counted = app.rows("SELECT sum(attempts)::int AS n FROM one_time_codes");
    assert_eq!(counted[0]["n"], 0);
    let right = digits(&last_mail(&app, EVE));
    app.anyone()
        .post(
            "/auth/confirm-email",
            json!({ "email": EVE, "code": other_than(&right) }),
        )
        .problem(422)
        .await;
    let counted = app.rows("SELECT sum(attempts)::int AS n FROM one_time_codes");
    assert_eq!(counted[0]["n"], 1);
}
