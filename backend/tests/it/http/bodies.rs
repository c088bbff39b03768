//! Bodies and queries that are not what they should be.

use std::{
    io::{Read, Write},
    net::TcpStream,
    time::{Duration, Instant},
};

use crate::harness::{Call, PATIENCE, TestApp, contract::OPERATIONS};
use reqwest::Method;
use serde_json::{Value, json};

const JSON: &str = "application/json";

fn sign_in<'a>(app: &'a TestApp, media: &str, body: impl Into<reqwest::Body>) -> Call<'a> {
    let call = app.api.call(Method::POST, "/api/v1/auth/sign-in", None);
    call.header("content-type", media).body(body)
}

#[tokio::test]
async fn what_is_no_json_is_a_bad_request() {
    let app = TestApp::start().await;
    let deep = "[".repeat(10_000);
    let very_deep = r#"{"a":"#.repeat(40_000);
    let utf16: Vec<u8> = "{}".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let cases: [(&str, Vec<u8>); 10] = [
        ("empty", vec![]),
        ("half", b"{".to_vec()),
        ("rubbish", b"\xff\xfe\x00".to_vec()),
        ("a byte order mark", "\u{feff}{}".into()),
        ("UTF-16", utf16),
        ("broken UTF-8", b"{\"email\":\"\xc3\x28\"}".to_vec()),
        (
            "something after it",
            br#"{"email":"a@b.co","password":"x"} x"#.to_vec(),
        ),
        ("two values", b"{}{}".to_vec()),
        ("10,000 deep", deep.into()),
        ("40,000 deep", very_deep.into()),
    ];
    for (name, body) in cases {
        let started = Instant::now();
        let answer = sign_in(&app, JSON, body).send().await;
        assert!(
            matches!(answer.status, 400 | 422),
            "{name}: {}",
            answer.text()
        );
        assert!(
            started.elapsed() < Duration::from_secs(1),
            "{name} takes long"
        );
    }
}

#[tokio::test]
async fn wrong_types_name_their_field() {
    let app = TestApp::start().await;
    for (body, pointer, code) in [
        (
            json!({"email": ["a@b.co"], "password": "x"}),
            "/email",
            "malformed",
        ),
        (json!({"email": 7, "password": "x"}), "/email", "malformed"),
        (
            json!({"email": null, "password": "x"}),
            "/email",
            "malformed",
        ),
        (json!({"email": "a@b.co"}), "/password", "required"),
        (
            json!({"email": "a@b.co", "password": "x", "role": "admin"}),
            "/role",
            "unknown",
        ),
    ] {
        let problem = sign_in(&app, JSON, body.to_string()).problem(422).await;
        assert_eq!(problem.code, "invalid");
        assert_eq!(problem.field(pointer), code, "{body}");
    }
    let twice = r#"{"email":"a@b.co","email":"victim@b.co","password":"x"}"#;
    sign_in(&app, JSON, twice)
        .problem(422)
        .await
        .field("/email");
    for body in ["null", "[]", "7", "\"x\""] {
        sign_in(&app, JSON, body).problem(422).await;
    }
}

#[tokio::test]
async fn only_json_is_read() {
    let app = TestApp::start().await;
    let body = r#"{"email":"a@b.co","password":"x"}"#;
    for media in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
        "application/jsonp",
        "",
        "*/*",
    ] {
        let problem = sign_in(&app, media, body).problem(415).await;
        assert_eq!(problem.code, "unsupported_media_type", "{media}");
    }
    let packed = sign_in(&app, JSON, body).header("content-encoding", "gzip");
    packed.problem(415).await;
    sign_in(&app, "application/json; charset=utf-8", body)
        .problem(401)
        .await;
}

#[tokio::test]
async fn bodies_have_a_limit() {
    let app = TestApp::with([("CARE_BODY_LIMIT", "2048")]).await;
    let body = |size: usize| {
        let frame = json!({"email": "a@b.co", "password": ""}).to_string().len();
        json!({"email": "a@b.co", "password": "x".repeat(size - frame)}).to_string()
    };
    sign_in(&app, JSON, body(2048)).problem(401).await;
    let problem = sign_in(&app, JSON, body(2049)).problem(413).await;
    assert_eq!(problem.code, "payload_too_large");
    // Not announced, so it is counted while it comes.
    let chunks = (0..64).map(|_| Ok::<_, std::io::Error>(vec![b' '; 1024]));
    let stream = reqwest::Body::wrap_stream(futures_util::stream::iter(chunks));
    sign_in(&app, JSON, stream).problem(413).await;
    // Announced and never sent: refused at once, without waiting for it.
    let head = "POST /api/v1/auth/sign-in HTTP/1.1\r\nHost: care.test\r\nContent-Type: application/json\r\nContent-Length: 99999999\r\n\r\n";
    let mut stream = TcpStream::connect(app.api.address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.write_all(head.as_bytes()).unwrap();
    let mut begin = *b"HTTP/1.1 ...";
    stream.read_exact(&mut begin).unwrap();
    assert_eq!(&begin, b"HTTP/1.1 413");
}

#[tokio::test]
async fn queries_are_checked() {
    let app = TestApp::start().await;
    let ann = app.customer("Ann");
    for (query, pointer, code) in [
        ("limit=0", "?limit", "out_of_range"),
        ("limit=-1", "?limit", "out_of_range"),
        ("limit=101", "?limit", "out_of_range"),
        ("limit=1000000000", "?limit", "out_of_range"),
        ("limit=99999999999999999999", "?limit", "malformed"),
        ("limit=ten", "?limit", "malformed"),
        ("limit=", "?limit", "malformed"),
        ("cursor=", "?cursor", "malformed"),
        ("cursor=AAAA", "?cursor", "malformed"),
        ("cursor=%27%3B--", "?cursor", "malformed"),
        ("sort=password_hash", "?sort", "malformed"),
        ("status=lost", "?status", "malformed"),
        ("order_by=1", "?order_by", "unknown"),
    ] {
        let problem = ann.get(&format!("/tickets?{query}")).problem(422).await;
        assert_eq!(problem.field(pointer), code, "{query}");
    }
    // A cursor is only a place in the order: a forged one shows nothing that is not one's own.
    let forged = "AAZQAAAAAAABnHpUx_B9EIAAAAAAAAAA";
    let page = ann
        .get(&format!("/tickets?cursor={forged}"))
        .expect(200)
        .await;
    assert_eq!(page["items"], json!([]));
}

#[tokio::test]
async fn idempotency_keys_are_checked() {
    let app = TestApp::start().await;
    let ann = app.customer("Ann");
    for key in ["", &"k".repeat(201), "tab\there", "smile\u{263a}"] {
        let call = ann
            .post("/tickets", ann.new_ticket())
            .header("idempotency-key", key);
        call.problem(422).await.field("Idempotency-Key");
    }
}

/// Every operation with a body gets values of every JSON type, for everybody: refused or done, never a fault.
#[tokio::test]
async fn no_body_breaks_an_operation() {
    let app = TestApp::start().await;
    let people = [
        app.anyone(),
        app.customer("Ann"),
        app.agent("Bob"),
        app.admin("Cleo"),
    ];
    let ticket = people[1].opens_a_ticket().await;
    let nul = json!({"email": "a\u{0}@b.co", "name": "\u{0}", "subject": "\u{0}\u{0}\u{0}", "body": "\u{0}", "reason": "\u{0}"});
    let bodies: Vec<Value> = vec![
        json!({}),
        json!([]),
        Value::Null,
        json!(1e308),
        json!("x"),
        nul,
    ];
    for operation in OPERATIONS
        .iter()
        .filter(|o| o.json["requestBody"].is_object())
    {
        let path = operation.path.replace("{id}", &ticket.id);
        for person in &people {
            for body in &bodies {
                let call = app
                    .api
                    .call(operation.method.clone(), &path, person.token.as_deref());
                call.json(body).send().await;
            }
        }
    }
}
