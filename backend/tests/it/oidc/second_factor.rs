//! An account with a second factor asks for it whoever vouches for its owner.

use serde_json::json;

use super::{Browser, app_with, double::Double};
use crate::{
    auth::{digits, holder, last_mail},
    second_factor::{ANN, enrolled, forget_steps, pass},
};

#[tokio::test]
async fn a_provider_does_not_stand_in_for_the_second_factor() {
    let double = Double::start();
    // The mailed code of new devices is about passwords: the provider has looked after that.
    let more = [("CARE_NEW_DEVICE_CODE", "1")];
    let app = app_with(&[("google", &double.issuer)], &more).await;
    let ann = app.customer("Ann");
    let phone = enrolled(&app, &ann).await;
    let sessions = || app.rows("SELECT id FROM sessions").len();
    let mut browser = Browser::new(&app);
    let back = double.visit(&browser.starts("google").await, "ann");
    let answer = browser.finishes("google", &back).await;
    assert_eq!(answer.json()["status"], "prove_address");
    let answer = browser.proves(&digits(&last_mail(&app, ANN))).await;
    for visit in 0..2 {
        let answer = if visit == 0 {
            answer.json()
        } else {
            let back = double.visit(&browser.starts("google").await, "ann");
            let answer = browser.finishes("google", &back).await;
            assert_eq!(answer.status, 202);
            assert_eq!(answer.header("cache-control"), "no-store");
            answer.json()
        };
        assert_eq!(
            (&answer["status"], &answer["methods"]),
            (&json!("challenge"), &json!(["totp", "recovery_code"]))
        );
        let before = sessions();
        let token = answer["challenge_token"].as_str().unwrap();
        let anyone = app.anyone();
        let session = pass(&anyone, token, "totp", &phone.shows(&app, 0))
            .expect(200)
            .await;
        assert_eq!(sessions(), before + 1);
        let listed = holder(&app, &session).get("/me/sessions").expect(200).await;
        let current = listed["items"].as_array().unwrap().iter();
        let current = current.clone().find(|s| s["current"] == true).unwrap();
        assert_eq!(
            (&current["method"], &current["provider"]),
            (&json!("provider"), &json!("google"))
        );
        forget_steps(&app);
    }
}
