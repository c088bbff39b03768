//! Accounts whose address nobody proved do not stay for ever (A11).

use serde_json::json;

use super::{NEW, UNHURRIED, events, last_mail, registration, sign_in, token};
use crate::harness::TestApp;

const EVE: &str = "eve@example.org";

fn sweep(app: &TestApp) {
    app.app
        .jobs
        .write_blocking(|tx| care::jobs::enqueue(tx, care::jobs::NewJob::now("sweep", json!({}))))
        .unwrap();
    app.run_jobs();
}

fn emails(app: &TestApp) -> Vec<String> {
    let rows = app.rows("SELECT email FROM users ORDER BY email");
    let emails = rows.iter().map(|r| r["email"].as_str().unwrap().to_owned());
    emails.collect()
}

#[tokio::test]
async fn a11_an_unproven_account_is_deleted_and_its_trail_stays() {
    let app = TestApp::with([UNHURRIED]).await;
    let cleo = app.admin("Cleo");
    let anyone = app.anyone();
    for email in [EVE, "disabled@example.org", "young@example.org"] {
        let body = registration(email, NEW);
        anyone.post("/auth/register", body).expect(202).await;
    }
    sign_in(&anyone, EVE, NEW).problem(403).await;
    sign_in(&anyone, EVE, "not this one").problem(401).await;
    let body = json!({ "name": "Dan", "email": "dan@example.org" });
    cleo.post("/agents", body).expect(201).await;
    app.customer("Ann");
    let link = token(&last_mail(&app, EVE));
    app.sql(
        "UPDATE users SET updated_at = now() - interval '31 days' WHERE email NOT LIKE 'young%'",
    );
    app.sql("UPDATE users SET disabled_at = now() WHERE email LIKE 'disabled%'");
    let before = events(&app);
    sweep(&app);
    let left = ["ann", "cleo", "dan", "disabled", "young"].map(|n| format!("{n}@example.org"));
    assert_eq!(emails(&app), left);
    assert_eq!(events(&app), before, "what happened, happened");
    let about =
        app.rows("SELECT 1 AS one FROM events WHERE kind = 'user.registered' AND user_id IS NULL");
    assert_eq!(about.len(), 1);
    for table in ["mails", "one_time_codes", "sign_ins", "users"] {
        for row in app.rows(&format!("SELECT * FROM {table}")) {
            assert!(!row.to_string().contains(EVE), "{table}: {row}");
        }
    }
    let body = json!({ "token": link });
    anyone.post("/auth/confirm-email", body).problem(422).await;
    // The address is free again.
    let body = registration(EVE, NEW);
    anyone.post("/auth/register", body).expect(202).await;
    let body = json!({ "token": token(&last_mail(&app, EVE)) });
    anyone.post("/auth/confirm-email", body).expect(200).await;
}

/// Who registers again starts anew.
#[tokio::test]
async fn a_repeated_registration_is_kept() {
    let app = TestApp::with([UNHURRIED]).await;
    let anyone = app.anyone();
    for _ in 0..2 {
        let body = registration(EVE, NEW);
        anyone.post("/auth/register", body).expect(202).await;
        sweep(&app);
        assert_eq!(emails(&app), [EVE]);
        app.sql("UPDATE users SET updated_at = now() - interval '29 days', created_at = now() - interval '90 days'");
    }
}

/// N02: only what a deletion does to a reference may change in the trail.
#[tokio::test]
async fn n02_events_can_not_be_altered() {
    let app = TestApp::start().await;
    let (ann, bea) = (app.customer("Ann"), app.customer("Bea"));
    let body = json!({ "locale": "ta" });
    ann.patch("/me", body).expect(200).await;
    let tries = |statement: &str| {
        use diesel::RunQueryDsl;
        diesel::sql_query(statement).execute(&mut app.connection())
    };
    for set in [
        "kind = 'x'",
        "data = '{}'",
        "ip = NULL",
        "created_at = now()",
        &format!("user_id = '{}'", bea.id),
        &format!("actor_id = '{}'", bea.id),
        "user_id = NULL, ip = '192.0.2.1'",
    ] {
        let refused = tries(&format!("UPDATE events SET {set}")).unwrap_err();
        assert!(
            refused.to_string().contains("append-only"),
            "{set}: {refused}"
        );
    }
    tries("DELETE FROM events").unwrap_err();
    tries("UPDATE events SET user_id = NULL").unwrap();
}
