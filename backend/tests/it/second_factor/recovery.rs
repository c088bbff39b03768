//! Recovery codes: each once, however it is typed; new ones replace the old.

use serde_json::json;

use super::{ANN, both, challenged, enrolled, pass};
use crate::{
    auth::{UNHURRIED, last_mail},
    harness::TestApp,
};

#[tokio::test]
async fn a_recovery_code_works_once() {
    let app = TestApp::with([UNHURRIED]).await;
    let (ann, anyone) = (app.customer("Ann"), app.anyone());
    let phone = enrolled(&app, &ann).await;
    let typed = phone.recovery[3].to_uppercase().replace('-', " ");
    let token = challenged(&anyone, ANN).await;
    pass(&anyone, &token, "recovery_code", "aaaa-bbbb-cccc")
        .problem(422)
        .await;
    pass(&anyone, &token, "recovery_code", &typed)
        .expect(200)
        .await;
    let mail = last_mail(&app, ANN);
    let mails = app.mails_to(ANN);
    let told = mails
        .iter()
        .find(|m| m.subject == "A recovery code was used");
    assert!(told.unwrap().text.contains("left: 9"), "{}", mail.text);
    let view = ann.get("/me/second-factor").expect(200).await;
    assert_eq!(view["recovery_codes_left"], 9);
    let token = challenged(&anyone, ANN).await;
    pass(&anyone, &token, "recovery_code", &typed)
        .problem(422)
        .await;
    // Two at once: one of them.
    let code = phone.recovery[0].as_str();
    let calls = (0..8).map(|_| pass(&anyone, &token, "recovery_code", code).attempt());
    let answers = futures_util::future::join_all(calls).await;
    let passed = answers.iter().filter(|a| a.as_ref().unwrap().status == 200);
    assert_eq!(passed.count(), 1);
}

#[tokio::test]
async fn new_ones_replace_the_old() {
    let app = TestApp::with([UNHURRIED]).await;
    let (ann, anyone) = (app.customer("Ann"), app.anyone());
    let phone = enrolled(&app, &ann).await;
    both(&ann, "recovery-codes", "123456").problem(422).await;
    // With one of themselves, for want of the app.
    let shown = both(&ann, "recovery-codes", &phone.recovery[9])
        .expect(200)
        .await;
    let fresh = shown["recovery_codes"].as_array().unwrap();
    assert_eq!(fresh.len(), 10);
    assert!(
        fresh
            .iter()
            .all(|code| !phone.recovery.iter().any(|old| *code == json!(old)))
    );
    let subjects: Vec<_> = app.mails_to(ANN).into_iter().map(|m| m.subject).collect();
    assert!(subjects.contains(&"Your recovery codes were replaced".to_owned()));
    let view = ann.get("/me/second-factor").expect(200).await;
    assert_eq!(view["recovery_codes_left"], 10);
    let token = challenged(&anyone, ANN).await;
    pass(&anyone, &token, "recovery_code", &phone.recovery[0])
        .problem(422)
        .await;
    let code = fresh[0].as_str().unwrap();
    pass(&anyone, &token, "recovery_code", code)
        .expect(200)
        .await;
}
