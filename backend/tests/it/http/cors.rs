//! Which other origins may call: exactly the configured ones.

use crate::harness::{Answer, PUBLIC_URL, TestApp};
use reqwest::Method;

const PARTNER: &str = "https://desk.example.org";

async fn asked(app: &TestApp, origin: &str) -> Answer {
    app.api
        .get("/api/v1/meta")
        .header("origin", origin)
        .answered(200)
        .await
}

async fn preflight(app: &TestApp, origin: &str, method: &str, headers: &str) -> Answer {
    app.api
        .call(Method::OPTIONS, "/api/v1/meta", None)
        .header("origin", origin)
        .header("access-control-request-method", method)
        .header("access-control-request-headers", headers)
        .send()
        .await
}

#[tokio::test]
async fn listed_origins_are_answered() {
    let app = TestApp::with([("CARE_CORS_ORIGINS", PARTNER)]).await;
    for origin in [PUBLIC_URL, PARTNER] {
        let answer = asked(&app, origin).await;
        assert_eq!(answer.header("access-control-allow-origin"), origin);
        assert_eq!(answer.header("access-control-allow-credentials"), "true");
        assert!(answer.header("vary").to_lowercase().contains("origin"));
        assert!(
            answer
                .header("access-control-expose-headers")
                .contains("etag")
        );

        let headers = "authorization, content-type, idempotency-key, if-match, x-care-csrf";
        let answer = preflight(&app, origin, "PATCH", headers).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("access-control-allow-origin"), origin);
    }
}

#[tokio::test]
async fn other_origins_are_not() {
    let app = TestApp::with([("CARE_CORS_ORIGINS", PARTNER)]).await;
    for origin in [
        "https://evil.example",
        "null",
        "https://desk.example.org.evil.example",
        "https://evildesk.example.org",
        "https://desk.example.orgevil",
        "http://desk.example.org",
        "https://desk.example.org:8443",
        "http://care.test.evil.example",
        "http://sub.care.test",
        "HTTP://CARE.TEST.",
        "*",
    ] {
        let answer = asked(&app, origin).await;
        assert_eq!(answer.header("access-control-allow-origin"), "", "{origin}");
        let answer = preflight(&app, origin, "POST", "authorization").await;
        assert_eq!(answer.header("access-control-allow-origin"), "", "{origin}");
    }
}

#[tokio::test]
async fn other_methods_and_headers_are_not_allowed() {
    let app = TestApp::start().await;
    for (method, headers) in [("TRACE", "authorization"), ("GET", "x-anything")] {
        let answer = preflight(&app, PUBLIC_URL, method, headers).await;
        assert!(
            answer.status >= 400
                || !answer
                    .header("access-control-allow-headers")
                    .contains("x-anything")
        );
        assert!(
            !answer
                .header("access-control-allow-methods")
                .contains("TRACE")
        );
    }
}
