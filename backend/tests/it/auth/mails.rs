//! Links in mails (A09): from the configured address only, whatever a request claims to be for.

use reqwest::Method;
use serde_json::json;

use super::{NEW, NO_WAIT, registration};
use crate::harness::{PUBLIC_URL, TestApp};

const FORGED: &[(&str, &str)] = &[
    ("host", "evil.test"),
    ("host", "good:80@evil.test"),
    ("x-forwarded-host", "evil.test"),
    ("x-forwarded-server", "evil.test"),
    ("x-original-host", "evil.test"),
    ("forwarded", "host=evil.test;proto=https"),
    ("x-forwarded-proto", "https"),
    ("origin", "https://evil.test"),
    ("referer", "https://evil.test/login"),
];

#[tokio::test]
async fn a09_links_lead_to_the_configured_address() {
    let app = TestApp::with([NO_WAIT]).await;
    let cleo = app.admin("Cleo");
    app.customer("Ann");
    let anyone = app.anyone();
    for (n, (name, value)) in FORGED.iter().enumerate() {
        let eve = format!("eve-{n}@example.org");
        let calls = [
            (anyone.clone(), "/auth/register", registration(&eve, NEW)),
            (
                anyone.clone(),
                "/auth/confirm-email/resend",
                json!({ "email": eve }),
            ),
            (
                anyone.clone(),
                "/auth/forgot-password",
                json!({ "email": "ann@example.org" }),
            ),
            (
                cleo.clone(),
                "/agents",
                json!({ "name": "Dan", "email": format!("dan-{n}@example.org") }),
            ),
        ];
        for (who, path, body) in calls {
            // The server may refuse a strange Host; it may not believe it.
            let call = who.call(Method::POST, path).json(&body).header(name, value);
            let answer = call.send().await;
            assert!(
                matches!(answer.status, 201 | 202 | 400),
                "{name}: {}",
                answer.text()
            );
        }
    }
    let mails = app.mails();
    // A code that was replaced is not sent.
    assert!(mails.len() > 15, "{}", mails.len());
    let mut links = 0;
    for mail in mails {
        assert!(!mail.wire.contains("evil"), "{}", mail.wire);
        let html = mail.html.replace("&#x2f;", "/");
        for text in [&mail.text, &html] {
            for link in text.match_indices("http").map(|(at, _)| &text[at..]) {
                assert!(link.starts_with(PUBLIC_URL), "{:.60}", link);
                links += 1;
            }
        }
    }
    assert!(links > 20);
}
