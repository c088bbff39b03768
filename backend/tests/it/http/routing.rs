//! Paths and methods.

use crate::harness::{TestApp, contract::OPERATIONS};
use reqwest::Method;
use serde_json::json;

#[tokio::test]
async fn health_and_readiness() {
    let app = TestApp::start().await;
    assert_eq!(app.api.get("/healthz").answered(200).await.text(), "ok");
    assert_eq!(app.api.get("/readyz").answered(200).await.text(), "ready");
}

#[tokio::test]
async fn unknown_paths_are_not_found() {
    let app = TestApp::start().await;
    for path in [
        "/nothing",
        "/",
        "//meta",
        "/meta/",
        "/meta/x",
        "/%2e%2e/meta",
        "/%ff%fe",
        "/meta%00",
        "/..%2f..%2fetc%2fpasswd",
    ] {
        let problem = app.anyone().get(path).problem(404).await;
        assert_eq!(problem.code, "not_found", "{path}");
    }
}

#[tokio::test]
async fn what_is_no_id_names_nothing() {
    let app = TestApp::start().await;
    let ann = app.customer("Ann");
    for id in [
        "x",
        "0",
        "-1",
        "CCR-",
        "CCR-0",
        "CCR-99999999999999999999",
        "00000000-0000-0000-0000-000000000000",
        "%00",
        "%F0%9F%90%9B",
        "'%20OR%201=1--",
    ] {
        ann.get(&format!("/tickets/{id}")).problem(404).await;
    }
}

#[tokio::test]
async fn wrong_methods_name_the_right_ones() {
    let app = TestApp::start().await;
    let all = [
        "GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "TRACE", "QUERY",
    ];
    let token = app.admin("Cleo").token;
    for operation in OPERATIONS.iter() {
        let same_path = OPERATIONS.iter().filter(|o| o.path == operation.path);
        let known: Vec<&str> = same_path.map(|o| o.method.as_str()).collect();
        // `counts` in `/tickets/counts` is also a wrong id, where a method is known for ids.
        let fits = |method: &str| {
            let mut others = OPERATIONS.iter().filter(|o| o.method == method);
            others.any(|o| o.fit(&operation.path).is_some())
        };
        // Ids that no other, literal path has.
        let path = operation
            .path
            .replace("{id}", "019c7a54-c7f0-7d10-8000-000000000000");
        for method in all.iter().filter(|m| !fits(m)) {
            let method: Method = method.parse().unwrap();
            let call = app.api.call(method.clone(), &path, token.as_deref());
            let answer = call.answered(405).await;
            let allowed: Vec<&str> = answer.header("allow").split(", ").collect();
            for name in &known {
                assert!(allowed.contains(name), "{method} {path}: {allowed:?}");
            }
        }
    }
}

#[tokio::test]
async fn methods_cannot_be_overridden_by_a_header() {
    let app = TestApp::start().await;
    for header in [
        "x-http-method-override",
        "x-http-method",
        "x-method-override",
    ] {
        let call = app.api.call(Method::POST, "/api/v1/meta", None);
        call.json(&json!({}))
            .header(header, "GET")
            .answered(405)
            .await;
    }
}

/// Whatever is outside the API answers like the API when it cannot help.
#[tokio::test]
async fn paths_outside_the_api_are_problems_too() {
    let app = TestApp::start().await;
    for (method, path, status) in [
        (Method::GET, "/nothing", 404),
        (Method::POST, "/", 405),
        (Method::POST, "/nothing", 405),
        (Method::DELETE, "/healthz", 405),
        (Method::POST, "/readyz", 405),
        (Method::PUT, "/docs/", 405),
    ] {
        let problem = app.api.call(method, path, None).problem(status).await;
        assert!(!problem.detail.is_empty(), "{path}");
    }
}

/// C03: no answer leads to another host, sets a header of the asker's choice, or takes an address to go to afterwards.
#[tokio::test]
async fn c03_no_answer_leads_astray() {
    let app = TestApp::start().await;
    let long = format!("/{}", "a".repeat(8000));
    for path in [
        "//evil.test",
        "//evil.test/..",
        "/%2f/evil.test",
        "/\\evil.test",
        "/%5cevil.test",
        "/%09/evil.test",
        "/%0d%0aSet-Cookie:%20x=y",
        "/.evil.test",
        "/docs//evil.test",
        "/docs/%2e%2e/%2e%2e//evil.test",
        "/?next=//evil.test",
        "/login?next=javascript:alert(1)",
        "/login?next=https://care.test@evil.test",
        long.as_str(),
    ] {
        let head = format!("GET {path} HTTP/1.1\r\nHost: care.test\r\nConnection: close\r\n\r\n");
        let answer = app.api.raw(head.as_bytes()).text.to_lowercase();
        let head = answer.split("\r\n\r\n").next().unwrap();
        for name in ["location:", "refresh:", "set-cookie:"] {
            assert!(!head.contains(&format!("\n{name}")), "{path:.40}: {head}");
        }
    }
    // The one redirect is ours from beginning to end.
    let answer = app.api.get("/docs?next=//evil.test").send().await;
    assert_eq!(answer.header("location"), "/docs/");
    for operation in OPERATIONS.iter() {
        let answers = operation.json["responses"].as_object().unwrap();
        let elsewhere = answers.keys().any(|s| s.starts_with('3') && s != "304");
        assert!(!elsewhere, "{}", operation.id);
        let text =
            operation.json["parameters"].to_string() + &operation.json["requestBody"].to_string();
        for name in [
            "next",
            "return_to",
            "return_url",
            "redirect",
            "redirect_uri",
            "redirect_url",
        ] {
            assert!(
                !text.contains(&format!("\"{name}\"")),
                "{}: {name}",
                operation.id
            );
        }
    }
}
