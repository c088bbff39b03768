//! Setting up, signing in with it, turning it off.

use serde_json::{Value, json};

use super::{ANN, Phone, begin, both, challenged, confirm, enrolled, forget_steps, pass};
use crate::{
    auth::{UNHURRIED, events, holder, last_mail, other_than, sign_in},
    harness::{PASSWORD, TestApp},
};

#[tokio::test]
async fn an_app_is_set_up_and_sign_ins_need_it() {
    let app = TestApp::with([UNHURRIED]).await;
    let (ann, anyone) = (app.customer("Ann"), app.anyone());
    let off = ann.get("/me/second-factor").expect(200).await;
    let expected =
        json!({ "enabled": false, "required": false, "since": null, "recovery_codes_left": 0 });
    assert_eq!(off, expected);
    for wrong in [Value::Null, json!("not this one")] {
        let body = json!({ "current_password": wrong });
        let problem = ann.post("/me/second-factor/begin", body).problem(422).await;
        assert_eq!(problem.field("/current_password"), "mismatch");
    }
    let problem = confirm(&ann, "123456").problem(409).await;
    assert_eq!(problem.code, "conflict");

    let given_up = begin(&ann).expect(200).await;
    let answer = begin(&ann).answered(200).await;
    assert_eq!(answer.header("cache-control"), "no-store");
    let setup = answer.json();
    assert_ne!(setup["secret"], given_up["secret"]);
    assert!(setup["qr_svg"].as_str().unwrap().contains("<svg"));
    let url = setup["otpauth_url"].as_str().unwrap();
    assert!(url.contains(setup["secret"].as_str().unwrap()));
    let phone = Phone::scan(&setup);
    // Nothing has changed yet.
    sign_in(&anyone, ANN, PASSWORD).expect(200).await;
    let old = Phone::scan(&given_up).shows(&app, 0);
    let now = phone.shows(&app, 0);
    for wrong in [old, other_than(&now)] {
        let problem = confirm(&ann, &wrong).problem(422).await;
        assert_eq!(problem.code, "code_wrong_or_expired");
    }
    let shown = confirm(&ann, &now).expect(200).await;
    assert_eq!(shown["recovery_codes"].as_array().unwrap().len(), 10);
    let on = ann.get("/me/second-factor").expect(200).await;
    assert_eq!(
        (&on["enabled"], &on["recovery_codes_left"]),
        (&json!(true), &json!(10))
    );
    assert_eq!(
        last_mail(&app, ANN).subject,
        "Your account now needs a second factor"
    );
    begin(&ann).problem(409).await;

    sign_in(&anyone, ANN, "not this one").problem(401).await;
    let challenge = sign_in(&anyone, ANN, PASSWORD).answered(202).await;
    assert_eq!(challenge.header("cache-control"), "no-store");
    assert!(challenge.headers.get("set-cookie").is_none());
    let challenge = challenge.json();
    assert_eq!(challenge["methods"], json!(["totp", "recovery_code"]));
    assert_eq!(challenge["expires_in"], 600);
    let token = challenge["challenge_token"].as_str().unwrap();
    // The code that confirmed it does not work again.
    pass(&anyone, token, "totp", &now).problem(422).await;
    let next = phone.shows(&app, 1);
    let session = pass(&anyone, token, "totp", &next).expect(200).await;
    holder(&app, &session).get("/me").expect(200).await;
    pass(&anyone, token, "totp", &next).problem(401).await;
    let history = ann.get("/me/sign-ins").expect(200).await;
    let outcomes = history["items"].as_array().unwrap().iter();
    let outcomes: Vec<_> = outcomes.map(|i| i["outcome"].as_str().unwrap()).collect();
    assert_eq!(
        outcomes[..4],
        ["signed_in", "wrong_code", "challenged", "wrong_password"]
    );
    let started = app.rows(
        "SELECT data->>'passed' AS passed FROM events WHERE kind = 'session.started' ORDER BY id DESC LIMIT 1",
    );
    assert_eq!(started[0]["passed"], "totp");
}

/// A06: of the step now, before and after, each once, on whichever server.
#[tokio::test]
async fn a06_a_code_works_once() {
    let app = TestApp::with([UNHURRIED]).await;
    let second = app.replica().await;
    let ann = app.customer("Ann");
    let phone = enrolled(&app, &ann).await;
    for steps in [-3, 3] {
        let token = challenged(&app.anyone(), ANN).await;
        let code = phone.shows(&app, steps);
        pass(&app.anyone(), &token, "totp", &code)
            .problem(422)
            .await;
    }
    let code = phone.shows(&app, 0);
    let token = challenged(&app.anyone(), ANN).await;
    let (one, two) = (app.anyone(), second.anyone());
    let calls = (0..10)
        .map(|n| pass(if n % 2 == 0 { &one } else { &two }, &token, "totp", &code).attempt());
    let answers = futures_util::future::join_all(calls).await;
    let passed = answers.iter().filter(|a| a.as_ref().unwrap().status == 200);
    assert_eq!(passed.count(), 1);
    // Not for another sign-in either, nor one of a step before it.
    for code in [code, phone.shows(&app, -1)] {
        let token = challenged(&one, ANN).await;
        let problem = pass(&one, &token, "totp", &code).problem(422).await;
        assert_eq!(problem.code, "code_wrong_or_expired");
    }
}

/// What is stored makes no code.
#[tokio::test]
async fn the_database_holds_no_secret_of_the_app() {
    let app = TestApp::with([UNHURRIED]).await;
    let ann = app.customer("Ann");
    let setup = begin(&ann).expect(200).await;
    let mut secrets = vec![setup["secret"].as_str().unwrap().to_owned()];
    let phone = Phone::scan(&setup);
    let shown = confirm(&ann, &phone.shows(&app, 0)).expect(200).await;
    for code in shown["recovery_codes"].as_array().unwrap() {
        secrets.push(code.as_str().unwrap().to_owned());
        secrets.push(code.as_str().unwrap().replace('-', ""));
    }
    secrets.push(challenged(&app.anyone(), ANN).await);
    app.run_jobs();
    let tables = app.rows(
        "SELECT table_name::text AS name FROM information_schema.tables \
         WHERE table_schema = 'public' AND table_type = 'BASE TABLE'",
    );
    assert!(tables.len() > 20);
    for table in tables.iter().map(|t| t["name"].as_str().unwrap()) {
        for row in app.rows(&format!("SELECT * FROM {table}")) {
            let text = row.to_string();
            for secret in &secrets {
                assert!(!text.contains(secret.as_str()), "{table}: {text}");
            }
        }
    }
}

#[tokio::test]
async fn turning_it_off_takes_both_proofs() {
    let app = TestApp::with([UNHURRIED]).await;
    let ann = app.customer("Ann");
    let phone = enrolled(&app, &ann).await;
    let body = json!({ "current_password": "not this one", "code": phone.shows(&app, 0) });
    let problem = ann
        .post("/me/second-factor/turn-off", body)
        .problem(422)
        .await;
    assert_eq!(problem.field("/current_password"), "mismatch");
    let wrong = other_than(&phone.shows(&app, 0));
    let problem = both(&ann, "turn-off", &wrong).problem(422).await;
    assert_eq!(problem.code, "code_wrong_or_expired");
    let problem = both(&ann, "turn-off", "").problem(422).await;
    assert_eq!(problem.field("/code"), "required");
    both(&ann, "turn-off", &phone.shows(&app, 0))
        .expect(204)
        .await;
    assert_eq!(
        last_mail(&app, ANN).subject,
        "Your account no longer has a second factor"
    );
    sign_in(&app.anyone(), ANN, PASSWORD).expect(200).await;
    both(&ann, "turn-off", &phone.shows(&app, 1))
        .problem(409)
        .await;
    // Another one has another secret.
    forget_steps(&app);
    let setup = begin(&ann).expect(200).await;
    assert_ne!(Phone::scan(&setup).shows(&app, 0), phone.shows(&app, 0));
}

/// N02: an admin helps somebody who lost everything; that is told and written down.
#[tokio::test]
async fn n02_an_admin_takes_a_lost_one_away() {
    let app = TestApp::with([UNHURRIED]).await;
    let (ann, cleo) = (app.customer("Ann"), app.admin("Cleo"));
    enrolled(&app, &ann).await;
    enrolled(&app, &cleo).await;
    let path = format!("/accounts/{}", ann.id);
    assert_eq!(cleo.get(&path).expect(200).await["second_factor"], true);
    let remove = |id| {
        let path = format!("/accounts/{id}/second-factor");
        cleo.call(reqwest::Method::DELETE, &path)
    };
    remove(ann.id).expect(204).await;
    remove(ann.id).problem(409).await;
    // One's own takes proof.
    remove(cleo.id).problem(409).await;
    assert_eq!(cleo.get(&path).expect(200).await["second_factor"], false);
    sign_in(&app.anyone(), ANN, PASSWORD).expect(200).await;
    assert_eq!(
        last_mail(&app, ANN).subject,
        "Your account no longer has a second factor"
    );
    assert!(events(&app).contains(&"user.second_factor_off".to_owned()));
    let who = app.rows("SELECT actor_id FROM events WHERE kind = 'user.second_factor_off'");
    assert_eq!(who, [json!({ "actor_id": cleo.id })]);
}
