//! Response headers that protect people's browsers.

use crate::harness::{Answer, Folder, TestApp};
use reqwest::Method;

fn assert_protected(answer: &Answer) {
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "same-origin"),
        ("cross-origin-opener-policy", "same-origin"),
    ] {
        assert_eq!(answer.header(name), value);
    }
    let policy = answer.header("content-security-policy");
    assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
    assert!(policy.contains("default-src 'none'") || policy.contains("default-src 'self'"));
    assert!(!policy.contains("unsafe-eval"), "{policy}");
    let scripts = policy.split(';').find(|d| d.contains("script-src"));
    assert!(
        !scripts.unwrap_or_default().contains("unsafe-inline"),
        "{policy}"
    );
    assert!(answer.headers.get("server").is_none());
    assert!(answer.header("x-request-id").len() >= 16);
}

fn spa() -> Folder {
    let folder = Folder::new("spa");
    folder.write(
        "200.html",
        "<!doctype html><script>start()</script><p>care</p>",
    );
    folder.write(
        "index.html",
        "<!doctype html><script>start()</script><p>home</p>",
    );
    folder.write(
        "tickets/new.html",
        "<!doctype html><script>start('..')</script><p>new</p>",
    );
    folder.write("_app/immutable/start.abc.js", "export {}");
    folder.write("_app/version.json", "{}");
    folder
}

#[tokio::test]
async fn every_answer_carries_them() {
    let folder = spa();
    let app = TestApp::with([("CARE_SPA_DIR", folder.path())]).await;
    for (path, status) in [
        ("/api/v1/meta", 200),
        ("/api/v1/nothing", 404),
        ("/api/v1/me", 401),
        ("/healthz", 200),
        ("/readyz", 200),
        ("/docs/", 200),
        ("/docs/swagger-ui.css", 200),
        ("/", 200),
        ("/sign-in", 200),
        ("/_app/immutable/start.abc.js", 200),
        ("/_app/immutable/gone.js", 404),
    ] {
        assert_protected(&app.api.get(path).answered(status).await);
    }
}

#[tokio::test]
async fn the_pages_may_run_their_own_scripts_only() {
    use base64::{Engine, engine::general_purpose::STANDARD};
    use sha2::Digest;
    let folder = spa();
    let app = TestApp::with([("CARE_SPA_DIR", folder.path())]).await;
    let page = app.api.get("/any/page").answered(200).await;
    let policy = page.header("content-security-policy");
    let scripts = policy.split(';').find(|d| d.contains("script-src"));
    for script in ["start()", "start('..')"] {
        let hash = STANDARD.encode(sha2::Sha256::digest(script));
        let source = format!(" 'sha256-{hash}'");
        let times = scripts.unwrap_or_default().matches(&source).count();
        assert_eq!(times, 1, "{policy}");
    }
    assert!(policy.contains("object-src 'none'") && policy.contains("base-uri 'none'"));
    assert_eq!(page.header("cache-control"), "no-cache");
    assert!(page.header("content-type").starts_with("text/html"));
    let script = app
        .api
        .get("/_app/immutable/start.abc.js")
        .answered(200)
        .await;
    assert!(script.header("cache-control").contains("immutable"));
    assert!(script.header("content-type").contains("javascript"));
}

#[tokio::test]
async fn addresses_have_pages_of_their_own_or_the_one_of_all() {
    let folder = spa();
    let app = TestApp::with([("CARE_SPA_DIR", folder.path())]).await;
    for (path, shown) in [
        ("/", "home"),
        ("/tickets/new", "new"),
        ("/tickets/new?kind=question", "new"),
        ("/tickets/1", "care"),
        ("/tickets/new/", "care"),
        ("/200", "care"),
    ] {
        let page = app.api.get(path).answered(200).await;
        assert!(page.text().contains(&format!("<p>{shown}</p>")), "{path}");
        assert_eq!(page.header("cache-control"), "no-cache", "{path}");
        assert!(page.header("content-type").starts_with("text/html"));
    }
    for file in ["/200.html", "/index.html", "/tickets/new.html"] {
        app.api.get(file).problem(404).await;
    }
}

#[tokio::test]
async fn the_page_is_revalidated_by_its_tag() {
    let folder = spa();
    let app = TestApp::with([("CARE_SPA_DIR", folder.path())]).await;
    let page = app.api.get("/").answered(200).await;
    let again = app
        .api
        .get("/")
        .header("if-none-match", page.header("etag"));
    let kept = again.answered(304).await;
    assert_protected(&kept);
    // Browsers put the headers of a 304 on the page they kept.
    for name in ["content-security-policy", "cache-control", "etag"] {
        assert_eq!(kept.header(name), page.header(name), "{name}");
    }
    let head = app.api.call(Method::HEAD, "/", None).answered(200).await;
    assert!(head.body.is_empty());
}

#[tokio::test]
async fn files_outside_the_folder_stay_outside() {
    let folder = spa();
    let app = TestApp::with([("CARE_SPA_DIR", folder.path())]).await;
    for path in [
        "/_app/../../Cargo.toml",
        "/..%2fCargo.toml",
        "/%2e%2e/Cargo.toml",
        "/_app/%2e%2e/%2e%2e/etc/passwd.txt",
    ] {
        let answer = app.api.get(path).send().await;
        assert!(
            !answer.text().contains("[package]") && !answer.text().contains("root:"),
            "{path}"
        );
    }
    app.api.get("/200.html.map").problem(404).await;
}

#[tokio::test]
async fn private_answers_are_not_kept() {
    let app = TestApp::start().await;
    let ann = app.customer("Ann");
    for path in ["/me", "/tickets", "/tickets/counts"] {
        let answer = ann.get(path).answered(200).await;
        assert_eq!(answer.header("cache-control"), "no-store", "{path}");
    }
}

#[tokio::test]
async fn over_https_browsers_are_told_to_stay_there() {
    let app = TestApp::with([("CARE_PUBLIC_URL", "https://care.test")]).await;
    let answer = app.api.get("/api/v1/meta").answered(200).await;
    assert!(
        answer
            .header("strict-transport-security")
            .contains("max-age=31536000")
    );
    let app = TestApp::start().await;
    let answer = app.api.get("/api/v1/meta").answered(200).await;
    assert_eq!(answer.header("strict-transport-security"), "");
}

/// The documentation must work in a network without the Internet, and under a policy without exceptions.
#[tokio::test]
async fn the_documentation_is_whole() {
    let app = TestApp::start().await;
    let moved = app.api.get("/docs").answered(308).await;
    assert_eq!(moved.header("location"), "/docs/");
    let page = app.api.get("/docs/").answered(200).await.text();
    let mut files = 0;
    for attribute in ["src=\"", "href=\""] {
        for target in page.split(attribute).skip(1) {
            let target = target.split('"').next().unwrap();
            assert!(!target.contains("//"), "{target} is elsewhere");
            let path = format!(
                "/docs/{}",
                target.trim_start_matches("./").trim_start_matches("/docs/")
            );
            assert!(!app.api.get(&path).answered(200).await.body.is_empty());
            files += 1;
        }
    }
    assert!(files >= 3, "{page}");
    assert!(
        !page.contains("<script>"),
        "inline scripts do not run under our policy"
    );
    let document = app
        .api
        .get("/api/v1/openapi.json")
        .answered(200)
        .await
        .json();
    assert_eq!(document["openapi"], "3.1.0");
}
