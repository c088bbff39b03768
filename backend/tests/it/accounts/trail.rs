//! The trail of what matters (N02).

use reqwest::Method;
use serde_json::{Value, json};

use super::{disable, path};
use crate::{
    auth::{NEW, NO_WAIT, UNHURRIED, digits, forgot, holder, reset, sign_in},
    harness::{PASSWORD, TestApp, contract::OPERATIONS},
};

const ANN: &str = "ann@example.org";

/// Who, about whom, and from where; nothing that is secret (the harness looks for that), and nothing to change it with.
#[tokio::test]
async fn n02_what_matters_is_written_down_with_who_and_from_where() {
    let settings = [UNHURRIED, NO_WAIT, ("CARE_SIGN_IN_ATTEMPTS", "2")];
    let app = TestApp::with(settings).await;
    let (ann, cleo, anyone) = (app.customer("Ann"), app.admin("Cleo"), app.anyone());
    let proof = json!({ "current_password": PASSWORD });
    ann.post("/me/export", proof.clone()).expect(202).await;
    ann.post("/me/deletion", proof).expect(202).await;
    ann.call(Method::DELETE, "/me/deletion").expect(204).await;
    for _ in 0..2 {
        sign_in(&anyone, ANN, "not this one").problem(401).await;
    }
    sign_in(&anyone, "nobody@example.org", "not this one")
        .problem(401)
        .await;
    app.run_jobs();
    let code = digits(&forgot(&app, ANN).await);
    anyone
        .post("/auth/reset-password", reset(ANN, &code, NEW))
        .expect(204)
        .await;
    let session = sign_in(&anyone, ANN, NEW).expect(200).await;
    let me = holder(&app, &session);
    let body =
        json!({ "current_password": NEW, "password": PASSWORD, "password_confirmation": PASSWORD });
    me.post("/me/password", body).expect(204).await;
    me.call(Method::POST, "/auth/sign-out").expect(204).await;
    let dan = json!({ "name": "Dan", "email": "dan@example.org" });
    let dan = cleo.post("/agents", dan).expect(201).await["id"].clone();
    let service = json!({ "name": "Cards", "icon": "card" });
    cleo.post("/services", service).expect(201).await;
    disable(&cleo, &ann).expect(200).await;
    cleo.patch(&path(&ann), json!({ "disabled": false }))
        .expect(200)
        .await;
    for to in ["start", "end"] {
        let body = json!({ "reason": "A drill.", "current_password": PASSWORD });
        cleo.post(&format!("/lockdown/{to}"), body)
            .expect(200)
            .await;
    }

    let rows = app.rows("SELECT kind, actor_id, user_id, ip, request_id FROM events ORDER BY id");
    let (nobody, ann, cleo) = (Value::Null, json!(ann.id), json!(cleo.id));
    for (kind, who, whom) in [
        ("user.export_asked", &ann, &ann),
        ("user.deletion_asked", &ann, &ann),
        ("user.deletion_undone", &ann, &ann),
        ("session.refused", &nobody, &ann),
        ("session.refused", &nobody, &nobody),
        ("user.locked", &nobody, &ann),
        ("code.issued", &nobody, &ann),
        ("user.password_changed", &nobody, &ann),
        ("session.started", &ann, &ann),
        ("user.password_changed", &ann, &ann),
        ("session.ended", &ann, &ann),
        ("agent.invited", &cleo, &dan),
        ("service.created", &cleo, &nobody),
        ("user.disabled", &cleo, &ann),
        ("user.enabled", &cleo, &ann),
        ("lockdown.started", &cleo, &nobody),
        ("lockdown.ended", &cleo, &nobody),
    ] {
        let found = rows
            .iter()
            .find(|row| row["kind"] == kind && row["actor_id"] == *who && row["user_id"] == *whom);
        let found = found.unwrap_or_else(|| panic!("{kind} of {who} about {whom}: {rows:#?}"));
        assert_eq!(found["ip"], "127.0.0.1", "{kind}");
        assert!(found["request_id"].is_string(), "{kind}");
    }
    // Only what the system does by itself has no request.
    let untraced = rows.iter().filter(|row| row["request_id"].is_null());
    let kinds: Vec<_> = untraced.map(|row| &row["kind"]).collect();
    assert!(kinds.iter().all(|k| *k == "user.export_ready"), "{kinds:?}");
    for operation in OPERATIONS.iter() {
        let path = &operation.path;
        assert!(!path.contains("event") && !path.contains("audit"), "{path}");
    }
}
