//! The mailed code for a browser or program that was not known before (A06, A12).

use care::config::Config;
use serde_json::{Value, json};

use crate::{
    auth::{NEW, NO_WAIT, UNHURRIED, digits, forgot, holder, last_mail, other_than, sign_in},
    harness::{Call, PASSWORD, Person, SECRET, TestApp},
    second_factor::{ANN, pass},
};

const ON: (&str, &str) = ("CARE_NEW_DEVICE_CODE", "1");

fn known<'a>(anyone: &'a Person, device: &Value) -> Call<'a> {
    let body = json!({ "email": ANN, "password": PASSWORD, "device_token": device });
    anyone.post("/auth/sign-in", body)
}

async fn challenge(anyone: &Person) -> String {
    let challenge = sign_in(anyone, ANN, PASSWORD).expect(202).await;
    assert_eq!(challenge["methods"], json!(["email_code"]));
    challenge["challenge_token"].as_str().unwrap().to_owned()
}

fn codes(app: &TestApp) -> usize {
    let mails = app.mails_to(ANN);
    let codes = mails.iter().filter(|m| m.subject == "Your code to sign in");
    codes.count()
}

#[test]
fn it_is_asked_for_unless_switched_off() {
    let config = |more: &[(&str, &str)]| {
        let all = [("CARE_SECRET", SECRET), ("CARE_MAIL", "memory")];
        let all = all.iter().chain(more);
        let all = all.map(|(k, v)| ((*k).to_owned(), (*v).to_owned()));
        Config::from_map(all.collect())
            .unwrap()
            .auth
            .new_device_code
    };
    assert!(config(&[]));
    assert!(!config(&[("CARE_NEW_DEVICE_CODE", "0")]));
    assert!(!config(&[("CARE_DEMO", "1")]));
    assert!(config(&[("CARE_DEMO", "1"), ON]));
}

#[tokio::test]
async fn a12_a_new_device_needs_a_mailed_code() {
    let app = TestApp::with([UNHURRIED, ON]).await;
    let (_, anyone) = (app.customer("Ann"), app.anyone());
    // There is nothing to compare the first with.
    let first = sign_in(&anyone, ANN, PASSWORD).expect(200).await;
    assert_eq!(codes(&app), 0);
    known(&anyone, &first["device_token"]).expect(200).await;
    sign_in(&anyone, ANN, "not this one").problem(401).await;
    let token = challenge(&anyone).await;
    let mail = last_mail(&app, ANN);
    assert_eq!(mail.subject, "Your code to sign in");
    assert!(!mail.text.contains(&token) && !mail.text.contains("#token="));
    let code = digits(&mail);
    let problem = pass(&anyone, &token, "email_code", &other_than(&code))
        .problem(422)
        .await;
    assert_eq!(problem.code, "code_wrong_or_expired");
    for other in ["totp", "recovery_code"] {
        let problem = pass(&anyone, &token, other, &code).problem(422).await;
        assert_eq!(problem.field("/method"), "not_allowed");
    }
    let session = pass(&anyone, &token, "email_code", &code).expect(200).await;
    holder(&app, &session).get("/me").expect(200).await;
    pass(&anyone, &token, "email_code", &code)
        .problem(401)
        .await;
    // From now on it is known.
    known(&anyone, &session["device_token"]).expect(200).await;
    assert_eq!(codes(&app), 1);
    let rubbish = json!("AAAA");
    known(&anyone, &rubbish).expect(202).await;
}

/// A06: newest only, once, in time, of this account and purpose.
#[tokio::test]
async fn a06_the_mailed_code_is_good_for_its_challenge_only() {
    let app = TestApp::with([UNHURRIED, NO_WAIT, ON]).await;
    let (_, anyone) = (app.customer("Ann"), app.anyone());
    app.customer("Bea");
    for email in [ANN, "bea@example.org"] {
        sign_in(&anyone, email, PASSWORD).expect(200).await;
    }
    let old = challenge(&anyone).await;
    let old_code = digits(&last_mail(&app, ANN));
    let token = challenge(&anyone).await;
    let code = digits(&last_mail(&app, ANN));
    pass(&anyone, &old, "email_code", &code).problem(401).await;
    if old_code != code {
        pass(&anyone, &token, "email_code", &old_code)
            .problem(422)
            .await;
    }
    // Another person's.
    sign_in(&anyone, "bea@example.org", PASSWORD)
        .expect(202)
        .await;
    let beas = digits(&last_mail(&app, "bea@example.org"));
    if beas != code {
        pass(&anyone, &token, "email_code", &beas)
            .problem(422)
            .await;
    }
    // It resets no password.
    let body = crate::auth::reset(ANN, &code, crate::auth::NEW);
    anyone.post("/auth/reset-password", body).problem(422).await;
    app.sql("UPDATE one_time_codes SET expires_at = now() WHERE purpose = 'sign_in'");
    pass(&anyone, &token, "email_code", &code)
        .problem(422)
        .await;
    let body = json!({ "challenge_token": token });
    let sent = anyone
        .post("/auth/challenge/resend", body)
        .expect(202)
        .await;
    assert_eq!(sent["retry_after_seconds"], 0);
    let code = digits(&last_mail(&app, ANN));
    pass(&anyone, &token, "email_code", &code).expect(200).await;
}

/// Asking again and again floods no mailbox; the code that was mailed works for the newest sign-in.
#[tokio::test]
async fn one_mail_in_the_wait() {
    let app = TestApp::with([UNHURRIED, ON]).await;
    let (_, anyone) = (app.customer("Ann"), app.anyone());
    sign_in(&anyone, ANN, PASSWORD).expect(200).await;
    for _ in 0..3 {
        let token = challenge(&anyone).await;
        let body = json!({ "challenge_token": token });
        let sent = anyone
            .post("/auth/challenge/resend", body)
            .expect(202)
            .await;
        assert_eq!(sent["retry_after_seconds"], 60);
    }
    assert_eq!(codes(&app), 1);
    let token = challenge(&anyone).await;
    let code = digits(&last_mail(&app, ANN));
    pass(&anyone, &token, "email_code", &code).expect(200).await;
    // Used up: the next one gets its own at once.
    challenge(&anyone).await;
    assert_eq!(codes(&app), 2);
}

/// A06: as with the second factor, guesses are counted first.
#[tokio::test]
async fn a06_guesses_of_the_mailed_code_are_counted() {
    let app = TestApp::with([UNHURRIED, ON]).await;
    let second = app.replica().await;
    let (_, one, two) = (app.customer("Ann"), app.anyone(), second.anyone());
    sign_in(&one, ANN, PASSWORD).expect(200).await;
    let token = challenge(&one).await;
    let code = digits(&last_mail(&app, ANN));
    let wrong = other_than(&code);
    let calls = (0..60).map(|n| pass([&one, &two][n % 2], &token, "email_code", &wrong).attempt());
    let answers = futures_util::future::join_all(calls).await;
    let judged = answers.iter().filter(|a| a.as_ref().unwrap().status == 422);
    assert_eq!(judged.count(), 5);
    pass(&one, &token, "email_code", &code).problem(401).await;
}

/// Whoever guessed away the day's guesses kept nobody out: with a new password, which takes the mailbox as the code does,
/// there is a new count.
#[tokio::test]
async fn a04_a_new_password_starts_a_new_count() {
    let settings = [UNHURRIED, NO_WAIT, ON, ("CARE_CODE_ATTEMPTS_PER_DAY", "3")];
    let app = TestApp::with(settings).await;
    let (_, anyone) = (app.customer("Ann"), app.anyone());
    sign_in(&anyone, ANN, PASSWORD).expect(200).await;
    let token = challenge(&anyone).await;
    let code = digits(&last_mail(&app, ANN));
    for _ in 0..3 {
        pass(&anyone, &token, "email_code", &other_than(&code))
            .problem(422)
            .await;
    }
    pass(&anyone, &token, "email_code", &code)
        .problem(429)
        .await;
    let link = crate::auth::token(&forgot(&app, ANN).await);
    let body = json!({ "token": link, "password": NEW, "password_confirmation": NEW });
    anyone.post("/auth/reset-password", body).expect(204).await;
    let challenge = sign_in(&anyone, ANN, NEW).expect(202).await;
    let token = challenge["challenge_token"].as_str().unwrap();
    let code = digits(&last_mail(&app, ANN));
    pass(&anyone, token, "email_code", &code).expect(200).await;
}
