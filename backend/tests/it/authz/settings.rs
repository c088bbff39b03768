//! D06: settings are the operator's alone. They stand in the environment; nothing reads them back, nothing writes them.
//! The one that admins have is no secret and names no host: which roles need a second factor
//! (`second_factor::policy::d06_admins_alone_decide_with_their_password_and_their_own_first`).

use crate::harness::{TestApp, contract::OPERATIONS};

const SECRETS: [&str; 3] = [
    "canary-of-the-gateway",
    "canary-of-the-provider",
    crate::harness::SECRET,
];

#[tokio::test]
async fn d06_no_answer_holds_a_setting_that_is_secret() {
    let settings = [
        ("CARE_SMS_ACCOUNT", "AC0123456789abcdef0123456789abcdef"),
        ("CARE_SMS_TOKEN", SECRETS[0]),
        ("CARE_SMS_FROM", "+15005550006"),
        ("CARE_OIDC_PROVIDERS", "google"),
        ("CARE_OIDC_GOOGLE_CLIENT_ID", "care"),
        ("CARE_OIDC_GOOGLE_CLIENT_SECRET", SECRETS[1]),
    ];
    let app = TestApp::with(settings).await;
    let people = [
        app.anyone(),
        app.customer("Ann"),
        app.agent("Bob"),
        app.admin("Cleo"),
    ];
    let mut read = 0;
    for operation in OPERATIONS.iter() {
        let path = operation.path.trim_start_matches("/api/v1");
        if operation.method != "GET" || path.contains('{') || path == "/stream" {
            continue;
        }
        for person in &people {
            let answer = person.get(path).send().await;
            let found = SECRETS
                .iter()
                .find(|secret| answer.text().contains(**secret));
            assert_eq!(found, None, "{path} to {}", person.name);
            read += 1;
        }
    }
    assert!(read > 60, "{read}");
}

#[test]
fn d06_no_operation_touches_a_setting() {
    for operation in OPERATIONS.iter() {
        let path = &operation.path;
        if path == "/api/v1/settings/second-factor" {
            continue;
        }
        for word in [
            "setting", "smtp", "webhook", "backup", "template", "issuer", "brand", "config",
        ] {
            assert!(!path.contains(word), "{path}");
        }
    }
}
