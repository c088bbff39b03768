//! Admins among themselves (D05): there is always one left.

use serde_json::json;

use super::{account, disable, path};
use crate::harness::TestApp;

const ACTIVE: &str = "SELECT name FROM users WHERE role = 'admin' AND disabled_at IS NULL AND email_confirmed_at IS NOT NULL";

#[tokio::test]
async fn d05_the_last_admin_stays() {
    let app = TestApp::start().await;
    let (cleo, dora) = (app.admin("Cleo"), app.admin("Dora"));
    // One who never proved the address, and one who is off, do not count.
    let (_, gone) = (app.admin("Unproven"), app.admin("Gone"));
    app.sql("UPDATE users SET email_confirmed_at = NULL WHERE name = 'Unproven'");
    disable(&cleo, &gone).expect(200).await;
    disable(&cleo, &dora).expect(200).await;
    let problem = disable(&cleo, &cleo).problem(409).await;
    assert_eq!(problem.code, "conflict");
    cleo.get("/me").expect(200).await;
    // With another one, also the own account.
    cleo.patch(&path(&dora), json!({ "disabled": false }))
        .expect(200)
        .await;
    disable(&cleo, &cleo).expect(200).await;
    cleo.get("/me").problem(401).await;
    assert_eq!(app.rows(ACTIVE), [json!({ "name": "Dora" })]);
}

/// Two who switch each other off at once, on two servers: one wins.
#[tokio::test]
async fn d05_two_last_admins_can_not_disable_each_other() {
    let app = TestApp::start().await;
    let second = app.replica().await;
    for round in 0..10 {
        let one = app.admin(&format!("Cleo {round}"));
        let two = app.admin(&format!("Dora {round}"));
        let there = two.at(&second.api);
        let (a, b) = tokio::join!(disable(&one, &two).send(), disable(&there, &one).send());
        let mut statuses = [a.status, b.status];
        statuses.sort_unstable();
        // The loser is told why, or is signed out already.
        assert!(
            matches!(statuses, [200, 401 | 409]),
            "{statuses:?} {} {}",
            a.text(),
            b.text()
        );
        assert_eq!(app.rows(ACTIVE).len(), 1);
        app.sql("UPDATE users SET disabled_at = now() WHERE role = 'admin'");
    }
}

/// What admins do to agents goes by the same rule as the agents' own page.
#[tokio::test]
async fn an_agent_is_the_same_account_in_both_places() {
    let app = TestApp::start().await;
    let (bob, cleo) = (app.agent("Bob"), app.admin("Cleo"));
    cleo.patch(&format!("/agents/{}", bob.id), json!({ "disabled": true }))
        .expect(200)
        .await;
    assert_eq!(account(&cleo, &bob).await["disabled"], true);
    let page = cleo.get("/agents").expect(200).await;
    assert_eq!(page["items"][0]["disabled"], true);
    let problem = cleo
        .patch(&path(&bob), json!({ "role": "admin" }))
        .problem(422)
        .await;
    assert_eq!(problem.fields[0].0, "/role");
}

/// D05: no body raises anybody, oneself or a peer; the role is no member of any.
#[tokio::test]
async fn d05_no_body_raises_a_role() {
    let app = TestApp::start().await;
    let (ann, bob, cleo) = (app.customer("Ann"), app.agent("Bob"), app.admin("Cleo"));
    let roles = "SELECT name, role FROM users ORDER BY name";
    let before = app.rows(roles);
    for person in [&ann, &bob, &cleo] {
        for target in [&ann, &bob] {
            for path in [
                "/me".to_owned(),
                path(target),
                format!("/agents/{}", target.id),
            ] {
                for member in ["role", "is_admin", "roles"] {
                    let call = person.patch(&path, json!({ member: "admin" }));
                    let answer = call.send().await;
                    assert!(matches!(answer.status, 403 | 404 | 422), "{path} {member}");
                }
            }
        }
        let body = json!({ "name": "Dan", "email": "dan@example.org", "role": "admin" });
        let answer = person.post("/agents", body).send().await;
        assert!(matches!(answer.status, 403 | 422), "{}", answer.text());
    }
    assert_eq!(app.rows(roles), before);
}
