//! One's own profile.

use serde_json::{Value, json};

use crate::harness::TestApp;

#[tokio::test]
async fn a_profile_changes_in_parts() {
    let app = TestApp::start().await;
    let ann = app.customer("Ann");
    let answer = ann.get("/me").answered(200).await;
    assert_eq!(answer.header("etag"), "\"1\"");
    let before = answer.json();
    assert_eq!(before["phone"], Value::Null);
    let changes =
        json!({ "phone": "+49 30 1234567", "locale": "ta", "time_zone": "Asia/Calcutta" });
    let after = ann.patch("/me", changes).if_match(1).expect(200).await;
    assert_eq!(after["name"], "Ann", "what is left out stays");
    assert_eq!(after["phone"], "+49 30 1234567");
    assert_eq!(after["locale"], "ta");
    assert_eq!(after["version"], 2);
    let after = ann
        .patch("/me", json!({ "phone": null, "name": "  Ann\tKovalenko " }))
        .expect(200)
        .await;
    assert_eq!(after["phone"], Value::Null, "null clears");
    assert_eq!(after["name"], "Ann Kovalenko");
    assert_eq!(after["time_zone"], "Asia/Calcutta");
    assert_eq!(ann.get("/me").expect(200).await, after);
    let named = app.rows("SELECT data FROM events WHERE kind = 'user.changed' ORDER BY id");
    assert_eq!(named[1]["data"], json!({ "fields": ["name", "phone"] }));
}

#[tokio::test]
async fn a_stale_version_is_told() {
    let app = TestApp::start().await;
    let ann = app.customer("Ann");
    ann.patch("/me", json!({ "locale": "ta" }))
        .if_match(1)
        .expect(200)
        .await;
    let problem = ann
        .patch("/me", json!({ "locale": "en" }))
        .if_match(1)
        .problem(412)
        .await;
    assert_eq!(problem.code, "stale_version");
    assert_eq!(ann.get("/me").expect(200).await["locale"], "ta");
    // Nothing to change is no change.
    let same = ann.patch("/me", json!({})).expect(200).await;
    assert_eq!(same["version"], 2);
}

#[tokio::test]
async fn values_are_checked_and_roles_do_not_change() {
    let app = TestApp::start().await;
    let ann = app.customer("Ann");
    for (body, pointer, code) in [
        (json!({ "name": "" }), "/name", "required"),
        (json!({ "name": " \u{202e} " }), "/name", "required"),
        (json!({ "name": "x".repeat(201) }), "/name", "too_long"),
        (
            json!({ "name": null, "phone": "12" }),
            "/phone",
            "malformed",
        ),
        (json!({ "phone": "call me" }), "/phone", "malformed"),
        (json!({ "locale": "de" }), "/locale", "malformed"),
        (json!({ "time_zone": "Mars/Base" }), "/time_zone", "unknown"),
        (
            json!({ "time_zone": "UTC'; DROP TABLE users" }),
            "/time_zone",
            "unknown",
        ),
        (json!({ "role": "admin" }), "/role", "unknown"),
        (json!({ "email": "eve@example.org" }), "/email", "unknown"),
        (json!({ "disabled": false }), "/disabled", "unknown"),
    ] {
        let problem = ann.patch("/me", body).problem(422).await;
        assert_eq!(problem.field(pointer), code, "{problem:?}");
    }
    assert_eq!(ann.get("/me").expect(200).await["version"], 1);
}
