//! A new password, because an admin asks for one: the old one alone opens nothing any more.

use serde_json::{Value, json};

use super::{account, act};
use crate::{
    auth::{NEW, NO_WAIT, UNHURRIED, digits, last_mail, reset, sign_in},
    harness::{PASSWORD, TestApp},
};

const ANN: &str = "ann@example.org";

#[tokio::test]
async fn the_old_password_gets_a_mail_sent_and_nothing_else() {
    let app = TestApp::with([UNHURRIED, NO_WAIT]).await;
    let (ann, cleo) = (app.customer("Ann"), app.admin("Cleo"));
    let anyone = app.anyone();
    act(&cleo, &ann, "require-password-change")
        .expect(204)
        .await;
    assert_eq!(account(&cleo, &ann).await["password_change_required"], true);
    // Who is signed in stays so.
    ann.get("/me").expect(200).await;
    assert!(app.mails().is_empty());
    let problem = sign_in(&anyone, ANN, "not this one").problem(401).await;
    assert_eq!(problem.code, "wrong_credentials");
    assert!(app.mails().is_empty());
    let problem = sign_in(&anyone, ANN, PASSWORD).problem(403).await;
    assert_eq!(problem.code, "password_change_required");
    assert_eq!(account(&cleo, &ann).await["sessions"], 1);
    let history = ann.get("/me/sign-ins").expect(200).await;
    assert_eq!(history["items"][0]["outcome"], "password_change_required");

    let code = digits(&last_mail(&app, ANN));
    let body = reset(ANN, &code, NEW);
    anyone.post("/auth/reset-password", body).expect(204).await;
    assert_eq!(
        account(&cleo, &ann).await["password_change_required"],
        false
    );
    sign_in(&anyone, ANN, NEW).expect(200).await;
    sign_in(&anyone, ANN, PASSWORD).problem(401).await;
}

/// The right password is not counted as a wrong one, however often.
#[tokio::test]
async fn asking_again_locks_nobody_out_and_floods_no_mailbox() {
    let app = TestApp::with([UNHURRIED, ("CARE_SIGN_IN_ATTEMPTS", "2")]).await;
    let (ann, cleo) = (app.customer("Ann"), app.admin("Cleo"));
    act(&cleo, &ann, "require-password-change")
        .expect(204)
        .await;
    for _ in 0..4 {
        let problem = sign_in(&app.anyone(), ANN, PASSWORD).problem(403).await;
        assert_eq!(problem.code, "password_change_required");
    }
    assert_eq!(app.mails_to(ANN).len(), 1);
    assert_eq!(account(&cleo, &ann).await["locked_until"], Value::Null);
}

/// Someone signed in, who knows the current one, changes it in the profile.
#[tokio::test]
async fn a_change_in_the_profile_will_do() {
    let app = TestApp::with([UNHURRIED]).await;
    let (ann, cleo) = (app.customer("Ann"), app.admin("Cleo"));
    act(&cleo, &ann, "require-password-change")
        .expect(204)
        .await;
    let body =
        json!({ "current_password": PASSWORD, "password": NEW, "password_confirmation": NEW });
    ann.post("/me/password", body).expect(204).await;
    sign_in(&app.anyone(), ANN, NEW).expect(200).await;
}

#[tokio::test]
async fn without_a_password_there_is_none_to_change() {
    let app = TestApp::start().await;
    let (ann, cleo) = (app.customer("Ann"), app.admin("Cleo"));
    app.sql("UPDATE users SET password_hash = NULL WHERE name = 'Ann'");
    let problem = act(&cleo, &ann, "require-password-change")
        .problem(409)
        .await;
    assert_eq!(problem.code, "conflict");
}
