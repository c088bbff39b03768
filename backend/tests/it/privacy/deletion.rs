//! Asking to be deleted: the password, time to think, and who has to stay for now (D05).

use reqwest::Method;
use serde_json::{Value, json};

use super::with_password;
use crate::{
    auth::{UNHURRIED, last_mail},
    harness::TestApp,
};

const DELETION: &str = "/me/deletion";

#[tokio::test]
async fn a_deletion_is_asked_for_told_and_undone() {
    let app = TestApp::with([UNHURRIED]).await;
    let ann = app.customer("Ann");
    for body in [json!({}), json!({ "current_password": "not this one" })] {
        let problem = ann.post(DELETION, body).problem(422).await;
        assert_eq!(problem.field("/current_password"), "mismatch");
    }
    assert_eq!(ann.get(DELETION).expect(200).await["due_at"], Value::Null);
    let asked = ann.post(DELETION, with_password()).expect(202).await;
    assert_eq!(asked["grace_days"], 14);
    assert_eq!(
        (&asked["open_tickets"], &asked["only_admin"]),
        (&json!(0), &json!(false))
    );
    let days =
        "SELECT round(extract(epoch FROM deletion_due_at - now()) / 86400)::int AS n FROM users";
    assert_eq!(app.rows(days)[0]["n"], 14);
    assert_eq!(ann.get(DELETION).expect(200).await, asked);
    assert_eq!(
        ann.get("/me").expect(200).await["deletion_due_at"],
        asked["due_at"]
    );
    assert_eq!(
        last_mail(&app, &ann.email).subject,
        "Your account will be deleted"
    );
    // Again is the same; the account works until then.
    let again = ann.post(DELETION, with_password()).expect(202).await;
    assert_eq!(again, asked);
    ann.opens_a_ticket().await;
    for _ in 0..2 {
        ann.call(Method::DELETE, DELETION).expect(204).await;
    }
    assert_eq!(ann.get(DELETION).expect(200).await["due_at"], Value::Null);
    // The job that was made for it finds nothing to do.
    app.sql("UPDATE jobs SET run_at = now() WHERE kind = 'forget'");
    app.run_jobs();
    assert_eq!(ann.get("/me").expect(200).await["name"], "Ann");
    let kinds = app.rows("SELECT kind FROM events WHERE kind LIKE 'user.deletion%' ORDER BY id");
    assert_eq!(kinds.len(), 2, "{kinds:?}");
}

/// The job of a request that was undone does not serve the next one early.
#[tokio::test]
async fn every_request_has_its_own_time() {
    let app = TestApp::with([UNHURRIED]).await;
    let ann = app.customer("Ann");
    ann.post(DELETION, with_password()).expect(202).await;
    ann.call(Method::DELETE, DELETION).expect(204).await;
    ann.post(DELETION, with_password()).expect(202).await;
    app.sql("UPDATE jobs SET run_at = now() WHERE kind = 'forget'");
    app.run_jobs();
    assert_eq!(ann.get("/me").expect(200).await["name"], "Ann");
}

#[tokio::test]
async fn agents_hand_over_first() {
    let app = TestApp::with([UNHURRIED]).await;
    let (ann, bob, ben, cleo) = (
        app.customer("Ann"),
        app.agent("Bob"),
        app.agent("Ben"),
        app.admin("Cleo"),
    );
    let ticket = bob.takes(&ann.opens_a_ticket().await).await;
    let problem = bob.post(DELETION, with_password()).problem(409).await;
    assert!(problem.detail.contains("1 open"), "{problem:?}");
    assert_eq!(bob.get(DELETION).expect(200).await["open_tickets"], 1);
    cleo.assigns(&ticket, &ben).await;
    bob.post(DELETION, with_password()).expect(202).await;
    // And gets no new ones meanwhile.
    let next = ann.opens_a_ticket().await;
    let body = json!({ "assignee_id": bob.id });
    cleo.post(&next.path("/assign"), body).problem(422).await;
    bob.post(&next.path("/take"), json!({})).problem(409).await;
    bob.call(Method::DELETE, DELETION).expect(204).await;
    bob.takes(&next).await;
}

#[tokio::test]
async fn d05_one_active_admin_always_stays() {
    let app = TestApp::with([UNHURRIED]).await;
    let cleo = app.admin("Cleo");
    cleo.post(DELETION, with_password()).problem(409).await;
    assert_eq!(cleo.get(DELETION).expect(200).await["only_admin"], true);
    let dora = app.admin("Dora");
    // Both at once: one stays.
    let (one, other) = tokio::join!(
        cleo.post(DELETION, with_password()).send(),
        dora.post(DELETION, with_password()).send()
    );
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [202, 409]);
    // Whoever stays can not be switched off while the other one leaves.
    let (stays, leaves) = match one.status {
        409 => (&cleo, &dora),
        _ => (&dora, &cleo),
    };
    let path = format!("/accounts/{}", stays.id);
    leaves
        .patch(&path, json!({ "disabled": true }))
        .problem(409)
        .await;
    // An admin who is switched off does not count.
    let eva = app.admin("Eva");
    app.sql("UPDATE users SET disabled_at = now() WHERE name = 'Eva'");
    stays.post(DELETION, with_password()).problem(409).await;
    eva.get("/me").problem(401).await;
}
