//! Changing one's address (A11): the password again, proof at the new address, a warning at the old one, and a way back.

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::{
    auth::{NEW, NO_WAIT, UNHURRIED, digits, forgot, last_mail, other_than, reset, sign_in, token},
    harness::{PASSWORD, Person, TestApp},
    second_factor::{enrolled, pass},
};

const ANN: &str = "ann@example.org";
const TO: &str = "ann.new@example.net";
const CHANGE: &str = "/me/email-change";
const CONFIRM: &str = "/me/email-change/confirm";
const UNDO: &str = "/auth/undo-email-change";

fn wanted(email: &str) -> Value {
    json!({ "email": email, "current_password": PASSWORD })
}

async fn asks(person: &Person, email: &str) {
    person.post(CHANGE, wanted(email)).expect(202).await;
}

/// Moves the person, and what the old address got.
async fn moves(app: &TestApp, person: &Person, email: &str) -> care::mail::Sent {
    let old = person.get("/me").expect(200).await["email"].clone();
    asks(person, email).await;
    let body = json!({ "code": digits(&last_mail(app, email)) });
    person.post(CONFIRM, body).expect(200).await;
    last_mail(app, old.as_str().unwrap())
}

#[tokio::test]
async fn a11_a_new_address_is_proven_and_the_old_one_told() {
    let app = TestApp::with([UNHURRIED, NO_WAIT]).await;
    let ann = app.customer("Ann");
    let elsewhere = sign_in(&app.anyone(), ANN, PASSWORD).expect(200).await;
    let spare = forgot(&app, ANN).await;
    let nothing = json!({ "pending": null });
    assert_eq!(ann.get(CHANGE).expect(200).await, nothing);

    let state = ann.post(CHANGE, wanted(TO)).expect(202).await;
    assert_eq!(state["pending"]["email"], TO);
    assert_eq!(ann.get(CHANGE).expect(200).await, state);
    let warning = last_mail(&app, ANN);
    assert_eq!(warning.subject, "Your email address is about to change");
    assert!(warning.text.contains("/forgot"));
    let proof = last_mail(&app, TO);
    assert!(!proof.text.contains("Ann") && !proof.html.contains("Ann"));
    // Nothing changed yet.
    assert_eq!(ann.get("/me").expect(200).await["email"], ANN);
    sign_in(&app.anyone(), TO, PASSWORD).problem(401).await;

    let me = ann
        .post(CONFIRM, json!({ "code": digits(&proof) }))
        .expect(200)
        .await;
    assert_eq!((&me["email"], &me["version"]), (&json!(TO), &json!(2)));
    assert_eq!(ann.get(CHANGE).expect(200).await, nothing);
    assert_eq!(
        last_mail(&app, ANN).subject,
        "Your email address was changed"
    );
    sign_in(&app.anyone(), TO, PASSWORD).expect(200).await;
    sign_in(&app.anyone(), ANN, PASSWORD).problem(401).await;
    // Elsewhere it is over, and what was mailed to the old address opens nothing.
    let held = json!({ "refresh_token": elsewhere["refresh_token"] });
    app.anyone().post("/auth/refresh", held).problem(401).await;
    for email in [ANN, TO] {
        let body = reset(email, &digits(&spare), NEW);
        app.anyone()
            .post("/auth/reset-password", body)
            .problem(422)
            .await;
    }
    ann.post(CONFIRM, json!({ "code": digits(&proof) }))
        .problem(422)
        .await;
    // From now on mails go to the new one.
    assert_eq!(forgot(&app, TO).await.to, TO);
    let kinds = app.rows("SELECT kind FROM events WHERE kind LIKE 'user.email%' ORDER BY id");
    assert_eq!(kinds.len(), 2, "{kinds:?}");
    let data = app.rows("SELECT data::text AS data FROM events");
    assert!(
        !json!(data).to_string().contains("example."),
        "no address in the trail"
    );
}

#[tokio::test]
async fn a11_a_stolen_session_alone_moves_nothing() {
    let app = TestApp::with([UNHURRIED, NO_WAIT, ("CARE_SIGN_IN_ATTEMPTS", "3")]).await;
    let ann = app.customer("Ann");
    for password in [Value::Null, json!(""), json!("not this one")] {
        let body = json!({ "email": TO, "current_password": password });
        let problem = ann.post(CHANGE, body).problem(422).await;
        assert_eq!(problem.field("/current_password"), "mismatch");
    }
    ann.post(CHANGE, wanted(TO)).problem(429).await;
    assert!(app.mails().is_empty());
}

#[tokio::test]
async fn a11_the_link_works_in_the_account_that_asked_only() {
    let app = TestApp::with([UNHURRIED, NO_WAIT]).await;
    let (ann, eve) = (app.customer("Ann"), app.customer("Eve"));
    // Eve would like Ann's new address to become hers by Ann's click.
    asks(&eve, TO).await;
    let link = token(&last_mail(&app, TO));
    ann.post(CONFIRM, json!({ "token": link }))
        .problem(422)
        .await;
    app.anyone()
        .post(CONFIRM, json!({ "token": link }))
        .problem(401)
        .await;
    let confirm = json!({ "token": link });
    app.anyone()
        .post("/auth/confirm-email", confirm)
        .problem(422)
        .await;
    assert_eq!(ann.get("/me").expect(200).await["email"], ANN);
    // It was not used up by that.
    eve.post(CONFIRM, json!({ "token": link }))
        .expect(200)
        .await;
}

#[tokio::test]
async fn a_taken_address_gets_the_same_answer_and_its_owner_a_mail() {
    let app = TestApp::with([UNHURRIED, NO_WAIT]).await;
    let (ann, bea) = (app.customer("Ann"), app.customer("Bea"));
    let free = ann.post(CHANGE, wanted(TO)).answered(202).await;
    let before = json!({ "code": digits(&last_mail(&app, TO)) });
    let taken = ann
        .post(CHANGE, wanted("BEA@example.org"))
        .answered(202)
        .await;
    let shape = |answer: &crate::harness::Answer| {
        let mut body = answer.json();
        body["pending"] = json!(
            body["pending"]
                .as_object()
                .unwrap()
                .keys()
                .collect::<Vec<_>>()
        );
        body
    };
    assert_eq!(shape(&free), shape(&taken));
    let mail = last_mail(&app, &bea.email);
    assert_eq!(mail.subject, "Somebody wanted to use your address");
    assert!(!mail.text.contains("#token="));
    // The change before was replaced.
    ann.post(CONFIRM, before).problem(422).await;
    let own = ann
        .post(CHANGE, wanted("Ann@Example.org"))
        .problem(422)
        .await;
    assert_eq!(own.field("/email"), "not_allowed");
}

/// Two accounts prove the same address at once: one gets it, the other hears that it is taken.
#[tokio::test]
async fn of_two_who_prove_an_address_at_once_one_gets_it() {
    let app = TestApp::with([UNHURRIED, NO_WAIT]).await;
    let (ann, bea) = (app.customer("Ann"), app.customer("Bea"));
    let mut codes = Vec::new();
    for person in [&ann, &bea] {
        asks(person, TO).await;
        codes.push(json!({ "code": digits(&last_mail(&app, TO)) }));
    }
    let calls = [
        ann.post(CONFIRM, codes[0].clone()),
        bea.post(CONFIRM, codes[1].clone()),
    ];
    let answers = join_all(calls.map(|call| call.send())).await;
    let mut statuses: Vec<u16> = answers.iter().map(|a| a.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409]);
    let rows = app.rows(&format!("SELECT id FROM users WHERE email = '{TO}'"));
    assert_eq!(rows.len(), 1);
}

/// Design rule 9: the right code after too many wrong ones is wrong too, also when they come at once.
#[tokio::test]
async fn guesses_of_the_code_are_counted_before_they_are_judged() {
    let app = TestApp::with([UNHURRIED, NO_WAIT]).await;
    let ann = app.customer("Ann");
    asks(&ann, TO).await;
    let code = digits(&last_mail(&app, TO));
    let wrong = json!({ "code": other_than(&code) });
    join_all((0..8).map(|_| ann.post(CONFIRM, wrong.clone()).problem(422))).await;
    let counted = app.rows("SELECT attempts FROM one_time_codes");
    assert_eq!(counted[0]["attempts"], 5);
    ann.post(CONFIRM, json!({ "code": code }))
        .problem(422)
        .await;
    assert_eq!(ann.get("/me").expect(200).await["email"], ANN);
}

#[tokio::test]
async fn a_change_can_be_given_up_and_runs_out() {
    let app = TestApp::with([UNHURRIED, NO_WAIT]).await;
    let ann = app.customer("Ann");
    asks(&ann, TO).await;
    let given_up = json!({ "code": digits(&last_mail(&app, TO)) });
    ann.call(reqwest::Method::DELETE, CHANGE).expect(204).await;
    ann.post(CONFIRM, given_up).problem(422).await;
    asks(&ann, TO).await;
    app.sql("UPDATE one_time_codes SET expires_at = now() - interval '1 second'");
    assert_eq!(ann.get(CHANGE).expect(200).await["pending"], Value::Null);
    let late = json!({ "code": digits(&last_mail(&app, TO)) });
    ann.post(CONFIRM, late).problem(422).await;
}

/// What the warning at the old address says: a new password stops it.
#[tokio::test]
async fn a_new_password_stops_a_change() {
    let app = TestApp::with([UNHURRIED, NO_WAIT]).await;
    let ann = app.customer("Ann");
    asks(&ann, TO).await;
    let link = token(&last_mail(&app, TO));
    let code = digits(&forgot(&app, ANN).await);
    let anyone = app.anyone();
    anyone
        .post("/auth/reset-password", reset(ANN, &code, NEW))
        .expect(204)
        .await;
    let session = sign_in(&anyone, ANN, NEW).expect(200).await;
    let thief = crate::auth::holder(&app, &session);
    thief
        .post(CONFIRM, json!({ "token": link }))
        .problem(422)
        .await;
}

#[tokio::test]
async fn mails_to_foreign_addresses_have_an_end() {
    let app = TestApp::with([UNHURRIED, NO_WAIT]).await;
    let ann = app.customer("Ann");
    for n in 0..10 {
        asks(&ann, &format!("victim{n}@example.net")).await;
    }
    ann.post(CHANGE, wanted("victim@example.net"))
        .problem(429)
        .await;
    // And without NO_WAIT, one a minute.
    let app = TestApp::with([UNHURRIED]).await;
    let ann = app.customer("Ann");
    asks(&ann, TO).await;
    ann.post(CHANGE, wanted(TO)).problem(429).await;
}

#[tokio::test]
async fn the_old_address_takes_the_change_back() {
    let app = TestApp::with([UNHURRIED, NO_WAIT]).await;
    let thief = app.customer("Ann");
    let mail = moves(&app, &thief, "thief@example.net").await;
    let link = json!({ "token": token(&mail) });
    app.sql(
        "INSERT INTO identities (id, user_id, provider, issuer, subject)
         SELECT gen_random_uuid(), id, 'google', 'https://g.test', 'thief' FROM users",
    );
    // What the thief does next does not help.
    moves(&app, &thief, "thief2@example.net").await;
    let new =
        json!({ "current_password": PASSWORD, "password": NEW, "password_confirmation": NEW });
    thief.post("/me/password", new).expect(204).await;

    let anyone = app.anyone();
    anyone.post(UNDO, link.clone()).expect(204).await;
    assert_eq!(app.rows("SELECT email FROM users")[0]["email"], ANN);
    thief.get("/me").problem(401).await;
    for password in [PASSWORD, NEW] {
        sign_in(&anyone, ANN, password).problem(401).await;
    }
    assert!(app.rows("SELECT id FROM identities").is_empty());
    assert_eq!(last_mail(&app, ANN).subject, "Your email address is back");
    // Once; and what followed can not be taken back to.
    anyone.post(UNDO, link).problem(422).await;
    let later = last_mail(&app, "thief@example.net");
    anyone
        .post(UNDO, json!({ "token": token(&later) }))
        .problem(422)
        .await;
    // The owner is let in by mail.
    let code = digits(&forgot(&app, ANN).await);
    anyone
        .post(
            "/auth/reset-password",
            reset(ANN, &code, "a phrase of my own"),
        )
        .expect(204)
        .await;
    sign_in(&anyone, ANN, "a phrase of my own")
        .expect(200)
        .await;
}

/// A second factor of the thief's would keep the owner out, and a deletion would take the account from both. The owner's own
/// second factor stays.
#[tokio::test]
async fn taking_back_removes_what_would_keep_the_owner_out() {
    let app = TestApp::with([UNHURRIED, NO_WAIT]).await;
    let thief = app.customer("Ann");
    let mail = moves(&app, &thief, "thief@example.net").await;
    enrolled(&app, &thief).await;
    let password = json!({ "current_password": PASSWORD });
    thief.post("/me/deletion", password).expect(202).await;
    let anyone = app.anyone();
    let link = json!({ "token": token(&mail) });
    anyone.post(UNDO, link).expect(204).await;
    let kinds = app.rows(
        "SELECT kind FROM events WHERE kind IN ('user.second_factor_off', 'user.deletion_undone') ORDER BY kind",
    );
    assert_eq!(kinds.len(), 2, "{kinds:?}");
    let mails = app.mails_to(ANN);
    let gone = "Your account no longer has a second factor";
    assert_eq!(mails.iter().filter(|m| m.subject == gone).count(), 1);
    let code = digits(&forgot(&app, ANN).await);
    let body = reset(ANN, &code, NEW);
    anyone.post("/auth/reset-password", body).expect(204).await;
    let session = sign_in(&anyone, ANN, NEW).expect(200).await;
    let ann = crate::auth::holder(&app, &session);
    let me = ann.get("/me").expect(200).await;
    assert_eq!(me["deletion_due_at"], Value::Null);
}

#[tokio::test]
async fn taking_back_leaves_the_second_factor_that_was_there() {
    let app = TestApp::with([UNHURRIED, NO_WAIT]).await;
    let ann = app.customer("Ann");
    let phone = enrolled(&app, &ann).await;
    let mail = moves(&app, &ann, TO).await;
    let anyone = app.anyone();
    let link = json!({ "token": token(&mail) });
    anyone.post(UNDO, link).expect(204).await;
    let code = digits(&forgot(&app, ANN).await);
    let body = reset(ANN, &code, NEW);
    anyone.post("/auth/reset-password", body).expect(204).await;
    let challenge = sign_in(&anyone, ANN, NEW).expect(202).await;
    let challenge = challenge["challenge_token"].as_str().unwrap();
    pass(&anyone, challenge, "totp", &phone.shows(&app, 0))
        .expect(200)
        .await;
    assert!(
        app.rows("SELECT id FROM events WHERE kind = 'user.second_factor_off'")
            .is_empty()
    );
}

#[tokio::test]
async fn taking_back_has_its_time_and_its_proof() {
    let app = TestApp::with([UNHURRIED, NO_WAIT]).await;
    let ann = app.customer("Ann");
    asks(&ann, TO).await;
    let proof = last_mail(&app, TO);
    let body = json!({ "token": token(&proof) });
    app.anyone().post(UNDO, body.clone()).problem(422).await;
    ann.post(CONFIRM, body.clone()).expect(200).await;
    // The token that proved the new address does not take it back.
    app.anyone().post(UNDO, body).problem(422).await;
    let link = json!({ "token": token(&last_mail(&app, ANN)) });
    for bad in ["x", "", &"A".repeat(64)] {
        app.anyone()
            .post(UNDO, json!({ "token": bad }))
            .problem(422)
            .await;
    }
    app.sql("UPDATE email_changes SET undo_until = now() - interval '1 second'");
    app.anyone().post(UNDO, link).problem(422).await;
    assert_eq!(ann.get("/me").expect(200).await["email"], TO);
}

/// Somebody registered with the address and never proved it: that keeps nobody out of their own address.
#[tokio::test]
async fn a_registration_that_nobody_proved_makes_way() {
    let app = TestApp::with([UNHURRIED, NO_WAIT]).await;
    let ann = app.customer("Ann");
    let squatter = crate::auth::registration(TO, NEW);
    app.anyone()
        .post("/auth/register", squatter)
        .expect(202)
        .await;
    app.run_jobs();
    asks(&ann, TO).await;
    let code = json!({ "code": digits(&last_mail(&app, TO)) });
    ann.post(CONFIRM, code).expect(200).await;
    assert_eq!(app.rows("SELECT id FROM users").len(), 1);
    sign_in(&app.anyone(), TO, NEW).problem(401).await;
}
