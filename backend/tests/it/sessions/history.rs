//! The history of sign-ins: the good ones and the others (N02).

use serde_json::{Value, json};

use super::{ANN, FIREFOX, SAFARI, items, sign_in_with};
use crate::{
    auth::{NEW, UNHURRIED, holder, last_mail, registration, sign_in, token},
    harness::{PASSWORD, TestApp},
};

fn outcomes(history: &[Value]) -> Vec<&str> {
    let all = history.iter().map(|s| s["outcome"].as_str().unwrap());
    all.collect()
}

#[tokio::test]
async fn n02_successes_and_failures_are_kept_with_where_from() {
    let app = TestApp::with([UNHURRIED, ("CARE_SIGN_IN_ATTEMPTS", "2")]).await;
    let ann = app.customer("Ann");
    let anyone = app.anyone();
    sign_in_with(&anyone, FIREFOX).expect(200).await;
    sign_in(&anyone, ANN, "not this one")
        .header("user-agent", SAFARI)
        .problem(401)
        .await;
    sign_in_with(&anyone, FIREFOX).expect(200).await;
    for _ in 0..2 {
        sign_in(&anyone, ANN, "not this one").problem(401).await;
    }
    sign_in(&anyone, ANN, PASSWORD).problem(401).await;
    let history = items(&ann, "/me/sign-ins").await;
    let expected = [
        "locked",
        "wrong_password",
        "wrong_password",
        "signed_in",
        "wrong_password",
        "signed_in",
    ];
    assert_eq!(outcomes(&history), expected);
    let failed = &history[4];
    assert_eq!(
        failed["device"],
        json!({ "browser": "Safari", "system": "iPhone" })
    );
    assert_eq!(failed["ip"], "127.0.0.1");
    assert_eq!(failed["method"], "password");
    assert_eq!(failed["new_device"], false);
    assert_eq!(history[3]["new_device"], true);
    // Nobody else's.
    assert!(items(&app.customer("Bea"), "/me/sign-ins").await.is_empty());
}

#[tokio::test]
async fn the_way_in_is_named() {
    let app = TestApp::with([UNHURRIED]).await;
    let anyone = app.anyone();
    let eve = "eve@example.org";
    let receipt = anyone
        .post("/auth/register", registration(eve, NEW))
        .expect(202)
        .await;
    sign_in(&anyone, eve, NEW).problem(403).await;
    let body = json!({
        "token": token(&last_mail(&app, eve)), "registration_token": receipt["registration_token"],
    });
    let session = anyone.post("/auth/confirm-email", body).expect(200).await;
    let history = items(&holder(&app, &session), "/me/sign-ins").await;
    let ways: Vec<_> = history
        .iter()
        .map(|s| {
            (
                s["method"].as_str().unwrap(),
                s["outcome"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        ways,
        [("confirmation", "signed_in"), ("password", "unconfirmed")]
    );

    let body = json!({ "name": "Dan", "email": "dan@example.org" });
    app.admin("Cleo").post("/agents", body).expect(201).await;
    let mail = last_mail(&app, "dan@example.org");
    let body = json!({
        "token": token(&mail), "name": "Dan", "password": NEW, "password_confirmation": NEW,
    });
    let session = anyone
        .post("/auth/accept-invitation", body)
        .expect(200)
        .await;
    let dan = holder(&app, &session);
    assert_eq!(items(&dan, "/me/sign-ins").await[0]["method"], "invitation");
    assert_eq!(items(&dan, "/me/sessions").await[0]["method"], "invitation");
}

#[tokio::test]
async fn pages_hold_every_line_once() {
    let app = TestApp::with([UNHURRIED]).await;
    let ann = app.customer("Ann");
    app.sql(&format!(
        "INSERT INTO sign_ins (id, user_id, outcome, method, ip, user_agent, created_at)
         SELECT gen_random_uuid(), '{}', 'signed_in', 'password', n::text, '', now() - n / 3 * interval '1 minute'
         FROM generate_series(1, 30) n",
        ann.id
    ));
    let (mut seen, mut query) = (Vec::new(), "limit=11".to_owned());
    loop {
        let page = ann.get(&format!("/me/sign-ins?{query}")).expect(200).await;
        let items = page["items"].as_array().unwrap();
        seen.extend(items.iter().map(|s| s["ip"].as_str().unwrap().to_owned()));
        let Some(next) = page["next"].as_str() else {
            break;
        };
        query = format!("limit=11&cursor={next}");
    }
    seen.sort_by_key(|ip| ip.parse::<u32>().unwrap());
    let all: Vec<_> = (1..=30).map(|n: u32| n.to_string()).collect();
    assert_eq!(seen, all);
    ann.get("/me/sign-ins?limit=0").problem(422).await;
}

/// What has served its time goes; a person who was long away still has something to compare with.
#[tokio::test]
async fn old_lines_sessions_and_devices_are_swept() {
    let app = TestApp::with([UNHURRIED, ("CARE_SIGN_IN_HISTORY_DAYS", "10")]).await;
    let ann = app.customer("Ann");
    let anyone = app.anyone();
    for _ in 0..3 {
        sign_in_with(&anyone, FIREFOX).expect(200).await;
    }
    let count = |table: &str| app.rows(&format!("SELECT 1 AS one FROM {table}")).len();
    assert_eq!(
        (count("sign_ins"), count("sessions"), count("devices")),
        (3, 4, 3)
    );
    app.sql(
        "UPDATE sign_ins SET created_at = now() - interval '11 days'
         WHERE id = (SELECT min(id::text)::uuid FROM sign_ins)",
    );
    app.sql(
        "UPDATE sessions SET revoked_at = now() - interval '31 days', revoked_reason = 'signed_out'
         WHERE id = (SELECT max(id::text)::uuid FROM sessions)",
    );
    app.sql("UPDATE devices SET last_seen_at = now() - interval '181 days'");
    app.app
        .jobs
        .write_blocking(|tx| care::jobs::enqueue(tx, care::jobs::NewJob::now("sweep", json!({}))))
        .unwrap();
    app.run_jobs();
    assert_eq!(
        (count("sign_ins"), count("sessions"), count("devices")),
        (2, 3, 1)
    );
    ann.get("/me").expect(200).await;
}
