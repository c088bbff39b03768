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

/// Neither does the request line, and two hosts are no request at all.
#[tokio::test]
async fn a09_an_absolute_target_and_two_hosts_change_no_link() {
    let app = TestApp::with([NO_WAIT]).await;
    app.customer("Ann");
    let body = r#"{"email":"ann@example.org"}"#;
    let asks = |target: &str, hosts: &str| {
        let length = body.len();
        let head = format!(
            "POST {target}/api/v1/auth/forgot-password HTTP/1.1\r\n{hosts}Content-Type: application/json\r\n\
             Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
        );
        app.api.raw(head.as_bytes()).text
    };
    let two = asks("", "Host: care.test\r\nHost: evil.test\r\n");
    assert!(two.starts_with("HTTP/1.1 400"), "{two}");
    for target in ["", "http://evil.test", "http://care.test@evil.test"] {
        let answer = asks(target, "Host: evil.test\r\n");
        let refused = answer.starts_with("HTTP/1.1 400") || answer.starts_with("HTTP/1.1 404");
        assert!(refused || answer.starts_with("HTTP/1.1 202"), "{answer}");
        assert!(!answer.contains("evil"), "{answer}");
    }
    let mails = app.mails();
    assert!(!mails.is_empty());
    for mail in mails {
        assert!(mail.text.contains(PUBLIC_URL) && !mail.wire.contains("evil"));
    }
}

#[tokio::test]
async fn a09_the_document_names_the_configured_address() {
    let app = TestApp::start().await;
    for (name, value) in FORGED {
        let call = app.api.get("/api/v1/openapi.json").header(name, value);
        let answer = call.attempt().await.unwrap();
        if answer.status == 200 {
            assert_eq!(answer.json()["servers"][0]["url"], PUBLIC_URL, "{name}");
            assert!(!answer.text().contains("evil"), "{name}");
        }
    }
}
