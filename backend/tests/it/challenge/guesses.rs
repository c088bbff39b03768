//! What a half-done sign-in is good for, how long, and how often one may guess.

use serde_json::{Value, json};

use crate::{
    auth::{NEW, NO_WAIT, UNHURRIED, digits, forgot, other_than, reset, sign_in},
    harness::TestApp,
    second_factor::{ANN, challenged, enrolled, pass},
};

/// B02: the token of a challenge opens nothing else, and nothing else opens a challenge.
#[tokio::test]
async fn b02_a_challenge_is_no_session() {
    let app = TestApp::with([UNHURRIED]).await;
    let ann = app.customer("Ann");
    let phone = enrolled(&app, &ann).await;
    let token = challenged(&app.anyone(), ANN).await;
    let mut half = app.anyone();
    half.token = Some(token.clone());
    for path in ["/me", "/tickets", "/me/second-factor", "/stream"] {
        half.get(path).problem(401).await;
    }
    let anyone = app.anyone();
    let body = json!({ "refresh_token": token });
    anyone.post("/auth/refresh", body).problem(401).await;
    let body = json!({ "token": token });
    anyone.post("/auth/confirm-email", body).problem(422).await;
    let body = json!({ "token": token, "password": NEW, "password_confirmation": NEW });
    anyone.post("/auth/reset-password", body).problem(422).await;
    let access = ann.token.clone().unwrap();
    let code = phone.shows(&app, 0);
    let cut = &token[..token.len() - 2];
    for other in [access.as_str(), "", "x", cut, &"A".repeat(64)] {
        let problem = pass(&anyone, other, "totp", &code).problem(401).await;
        assert_eq!(problem.code, "challenge_over", "{other}");
    }
    // Half-done, nothing is listed and nothing signed in.
    let sessions = ann.get("/me/sessions").expect(200).await;
    assert_eq!(sessions["items"].as_array().unwrap().len(), 1);
    pass(&anyone, &token, "totp", &code).expect(200).await;
}

/// A06: a hundred wrong ones at once on each of two servers; five are looked at, and the right one comes too late.
#[tokio::test]
async fn a06_guesses_are_counted_before_they_are_judged() {
    let app = TestApp::with([UNHURRIED]).await;
    let second = app.replica().await;
    let ann = app.customer("Ann");
    let phone = enrolled(&app, &ann).await;
    let (one, two) = (app.anyone(), second.anyone());
    let token = challenged(&one, ANN).await;
    let code = phone.shows(&app, 0);
    let wrong = other_than(&other_than(&code));
    let calls = (0..200).map(|n| pass([&one, &two][n % 2], &token, "totp", &wrong).attempt());
    let answers = futures_util::future::join_all(calls).await;
    let judged = answers.iter().filter(|a| a.as_ref().unwrap().status == 422);
    assert_eq!(judged.count(), 5);
    for who in [&one, &two] {
        let problem = pass(who, &token, "totp", &code).problem(401).await;
        assert_eq!(problem.code, "challenge_over");
    }
    let mails = app.mails_to(ANN);
    let told = mails
        .iter()
        .filter(|m| m.subject == "Somebody tried to sign in to your account");
    assert_eq!(told.count(), 1);
    // Nobody is locked out by that: not who is signed in, not the next sign-in.
    ann.get("/me").expect(200).await;
    let token = challenged(&two, ANN).await;
    pass(&two, &token, "totp", &code).expect(200).await;
}

/// However many challenges there are, a day allows so many guesses of six digits, and a new password no more: patience
/// does not make up for the app, not even with the mailbox. Recovery codes are too long to guess, and go on working.
#[tokio::test]
async fn a06_a_day_allows_few_guesses_over_all_challenges() {
    let settings = [UNHURRIED, ("CARE_CODE_ATTEMPTS_PER_DAY", "7")];
    let app = TestApp::with(settings).await;
    let (ann, anyone) = (app.customer("Ann"), app.anyone());
    let phone = enrolled(&app, &ann).await;
    let wrong = other_than(&other_than(&phone.shows(&app, 0)));
    for guesses in [4, 3] {
        let token = challenged(&anyone, ANN).await;
        for _ in 0..guesses {
            pass(&anyone, &token, "totp", &wrong).problem(422).await;
        }
    }
    let token = challenged(&anyone, ANN).await;
    let answer = pass(&anyone, &token, "totp", &phone.shows(&app, 0))
        .answered(429)
        .await;
    let wait: u64 = answer.header("retry-after").parse().unwrap();
    assert!((86_000..=86_400).contains(&wait), "{wait} s");
    let detail = answer.json()["detail"].clone();
    assert_eq!(detail, "That was often. Please try again in 24 hours.");
    ann.get("/me").expect(200).await;
    let link = crate::auth::token(&forgot(&app, ANN).await);
    let body = json!({ "token": link, "password": NEW, "password_confirmation": NEW });
    anyone.post("/auth/reset-password", body).expect(204).await;
    let again = async || {
        let challenge = sign_in(&anyone, ANN, NEW).expect(202).await;
        challenge["challenge_token"].as_str().unwrap().to_owned()
    };
    let token = again().await;
    pass(&anyone, &token, "totp", &phone.shows(&app, 0))
        .answered(429)
        .await;
    pass(&anyone, &token, "recovery_code", &phone.recovery[0])
        .expect(200)
        .await;
    // Who has shown that starts anew.
    pass(&anyone, &again().await, "totp", &phone.shows(&app, 0))
        .expect(200)
        .await;
}

/// A04: who knows only the address may guess at the codes we mail, and keeps nobody from signing in by that.
#[tokio::test]
async fn a04_guesses_at_mailed_codes_use_up_none_of_the_second_step() {
    let settings = [UNHURRIED, NO_WAIT, ("CARE_CODE_ATTEMPTS_PER_DAY", "7")];
    let app = TestApp::with(settings).await;
    let (ann, anyone) = (app.customer("Ann"), app.anyone());
    let phone = enrolled(&app, &ann).await;
    for _ in 0..2 {
        let wrong = other_than(&digits(&forgot(&app, ANN).await));
        for _ in 0..5 {
            let body = reset(ANN, &wrong, NEW);
            anyone.post("/auth/reset-password", body).problem(422).await;
        }
    }
    let token = challenged(&anyone, ANN).await;
    pass(&anyone, &token, "totp", &phone.shows(&app, 0))
        .expect(200)
        .await;
}

#[tokio::test]
async fn a_challenge_ends_in_time_and_with_the_next_one() {
    let app = TestApp::with([UNHURRIED]).await;
    let (ann, anyone) = (app.customer("Ann"), app.anyone());
    let phone = enrolled(&app, &ann).await;
    let first = challenged(&anyone, ANN).await;
    let second = challenged(&anyone, ANN).await;
    let code = phone.shows(&app, 0);
    pass(&anyone, &first, "totp", &code).problem(401).await;
    app.sql("UPDATE sign_in_challenges SET expires_at = now()");
    pass(&anyone, &second, "totp", &code).problem(401).await;
    let body = json!({ "challenge_token": second });
    anyone
        .post("/auth/challenge/resend", body)
        .problem(401)
        .await;
    let third = challenged(&anyone, ANN).await;
    // What it does not ask for is refused, and not counted.
    for _ in 0..6 {
        let problem = pass(&anyone, &third, "email_code", &code)
            .problem(422)
            .await;
        assert_eq!(problem.field("/method"), "not_allowed");
    }
    let problem = pass(&anyone, &third, "totp", "12345").problem(422).await;
    assert_eq!(problem.field("/code"), "malformed");
    pass(&anyone, &third, "totp", &code).expect(200).await;
}

/// A10: with the password, what was begun with it dies; and with the account.
#[tokio::test]
async fn a10_a_challenge_dies_with_its_password() {
    let app = TestApp::with([UNHURRIED]).await;
    let (ann, cleo, anyone) = (app.customer("Ann"), app.admin("Cleo"), app.anyone());
    let phone = enrolled(&app, &ann).await;
    let token = challenged(&anyone, ANN).await;
    let code = digits(&forgot(&app, ANN).await);
    let body = reset(ANN, &code, NEW);
    anyone.post("/auth/reset-password", body).expect(204).await;
    pass(&anyone, &token, "totp", &phone.shows(&app, 0))
        .problem(401)
        .await;
    let challenge = sign_in(&anyone, ANN, NEW).expect(202).await;
    let token = challenge["challenge_token"].as_str().unwrap();
    let path = format!("/accounts/{}", ann.id);
    cleo.patch(&path, json!({ "disabled": true }))
        .expect(200)
        .await;
    cleo.patch(&path, json!({ "disabled": false }))
        .expect(200)
        .await;
    pass(&anyone, token, "totp", &phone.shows(&app, 0))
        .problem(401)
        .await;
    let left: Vec<Value> = app.rows("SELECT id FROM sessions WHERE revoked_at IS NULL");
    assert_eq!(left.len(), 1, "the admin's");
}
