//! Where one request ends and the next begins: no reading of ours may differ from a proxy's in front of us.

use crate::harness::TestApp;

const HOST: &str = "Host: care.test\r\n";
/// A request that must not be seen when it hides in another one's body.
const HIDDEN: &str = "GET /healthz HTTP/1.1\r\nHost: care.test\r\n\r\n";
/// The last of several requests.
const LAST: &str = "GET /healthz HTTP/1.1\r\nHost: care.test\r\nConnection: close\r\n\r\n";

fn answers(text: &str) -> Vec<u16> {
    let lines = text.split("HTTP/1.").skip(1);
    lines.map(|l| l[2..5].parse().unwrap()).collect()
}

#[tokio::test]
async fn ambiguous_lengths_are_refused() {
    let app = TestApp::start().await;
    for (name, head, body) in [
        (
            "both",
            "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n",
            "0\r\n\r\n",
        ),
        (
            "both, swapped",
            "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n",
            "0\r\n\r\n",
        ),
        (
            "two lengths",
            "Content-Length: 4\r\nContent-Length: 5\r\n",
            "abcd",
        ),
        (
            "one length twice",
            "Content-Length: 4\r\nContent-Length: 4\r\n",
            "abcd",
        ),
        ("a list", "Content-Length: 4, 4\r\n", "abcd"),
        ("plus", "Content-Length: +4\r\n", "abcd"),
        ("minus", "Content-Length: -4\r\n", "abcd"),
        ("hexadecimal", "Content-Length: 0x4\r\n", "abcd"),
        (
            "too big",
            "Content-Length: 99999999999999999999999\r\n",
            "abcd",
        ),
        (
            "unknown coding",
            "Transfer-Encoding: xchunked\r\n",
            "0\r\n\r\n",
        ),
        (
            "chunked is not last",
            "Transfer-Encoding: chunked, identity\r\n",
            "0\r\n\r\n",
        ),
        (
            "chunked twice",
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
            "0\r\n\r\n",
        ),
        ("space before the colon", "Content-Length : 4\r\n", "abcd"),
        ("folded", "Content-Length: 4\r\n X: y\r\n", "abcd"),
    ] {
        let request = format!("POST /api/v1/meta HTTP/1.1\r\n{HOST}{head}\r\n{body}{HIDDEN}");
        let answer = app.api.raw(request.as_bytes());
        assert_eq!(answers(&answer.text), [400], "{name}: {}", answer.text);
        assert!(answer.closed, "{name}: the connection must not go on");
    }
}

#[tokio::test]
async fn broken_heads_are_refused() {
    let app = TestApp::start().await;
    for (name, head) in [
        ("two hosts", "Host: care.test\r\nHost: evil.example\r\n"),
        ("no host", ""),
        ("a fold", "Host: care.test\r\nX-A: a\r\n b\r\n"),
        ("space before the colon", "Host: care.test\r\nX-A : a\r\n"),
        ("NUL", "Host: care.test\r\nX-A: a\0b\r\n"),
        ("a bare CR", "Host: care.test\r\nX-A: a\rb\r\n"),
        ("no name", "Host: care.test\r\n: a\r\n"),
    ] {
        let answer = app
            .api
            .raw(format!("GET /healthz HTTP/1.1\r\n{head}\r\n{HIDDEN}").as_bytes());
        assert_eq!(answers(&answer.text), [400], "{name}: {}", answer.text);
        assert!(answer.closed, "{name}");
    }
    for rubbish in [
        &b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n"[..],
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ] {
        let answer = app.api.raw(rubbish);
        assert_eq!(answers(&answer.text), [400], "{rubbish:?}");
        assert!(answer.closed);
    }
}

#[tokio::test]
async fn heads_have_a_limit() {
    let app = TestApp::start().await;
    let many: String = (0..200).map(|n| format!("x-{n}: y\r\n")).collect();
    let long = "a".repeat(300_000);
    for head in [
        format!("GET /healthz HTTP/1.1\r\n{HOST}{many}\r\n"),
        format!("GET /{long} HTTP/1.1\r\n{HOST}\r\n"),
        format!("GET /healthz HTTP/1.1\r\n{HOST}x: {long}\r\n\r\n"),
    ] {
        let answer = app.api.raw(head.as_bytes());
        assert_eq!(answers(&answer.text), [431], "{:.60}", head);
        assert!(answer.closed);
    }
}

#[tokio::test]
async fn as_many_answers_as_requests() {
    let app = TestApp::live().await;
    let three = app.api.raw((HIDDEN.repeat(2) + LAST).as_bytes());
    assert_eq!(answers(&three.text), [200; 3]);
    // A body that no handler reads does not become the next request.
    let body = format!(
        "POST /api/v1/meta HTTP/1.1\r\n{HOST}Content-Length: {}\r\n\r\n{HIDDEN}{LAST}",
        HIDDEN.len()
    );
    assert_eq!(answers(&app.api.raw(body.as_bytes()).text), [405, 200]);
    let chunk = format!("{:x}\r\n{HIDDEN}\r\n0\r\n\r\n", HIDDEN.len());
    let chunked = format!(
        "POST /api/v1/meta HTTP/1.1\r\n{HOST}Transfer-Encoding: chunked\r\n\r\n{chunk}{LAST}"
    );
    assert_eq!(answers(&app.api.raw(chunked.as_bytes()).text), [405, 200]);
}

#[tokio::test]
async fn broken_chunks_end_the_connection() {
    // As servers run: nothing is asked of the database before the body is read.
    let app = TestApp::live().await;
    for chunk in [
        "zz\r\n\r\n",
        "fffffffffffffffff\r\n",
        "-1\r\n\r\n",
        "5\r\nabc\r\n0\r\n\r\n",
    ] {
        let request = format!(
            "POST /api/v1/auth/sign-in HTTP/1.1\r\n{HOST}Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n{chunk}{HIDDEN}"
        );
        let answer = app.api.raw(request.as_bytes());
        assert_eq!(answers(&answer.text), [400], "{chunk:?}: {}", answer.text);
        assert!(answer.closed, "{chunk:?}");
    }
}
