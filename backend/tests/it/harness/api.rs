//! Requests and answers, and the oracles that look at every one of them.

use std::{
    io::{ErrorKind, Read, Write},
    net::{SocketAddr, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use reqwest::{Client, Method, RequestBuilder, header::HeaderMap, redirect::Policy};
use serde_json::Value;

use super::{Canaries, canary, contract};

/// The application as seen from outside.
pub struct Api {
    pub address: SocketAddr,
    pub faults_expected: AtomicBool,
    /// The secrets that went to and fro.
    pub canaries: Arc<Canaries>,
    client: Client,
}

impl Api {
    pub fn new(address: SocketAddr) -> Self {
        let client = Client::builder()
            .no_proxy()
            .redirect(Policy::none())
            .connect_timeout(Duration::from_secs(5));
        Self {
            address,
            faults_expected: AtomicBool::new(false),
            canaries: Arc::default(),
            client: client.build().unwrap(),
        }
    }

    /// The same, which tells its secrets to these.
    pub fn telling(self, canaries: Arc<Canaries>) -> Self {
        Self { canaries, ..self }
    }

    /// Any path of the server; under `/api/v1` the oracles watch.
    pub fn call(&self, method: Method, path: &str, token: Option<&str>) -> Call<'_> {
        let url = format!("http://{}{path}", self.address);
        let mut request = self.client.request(method.clone(), url);
        let mut secrets = Vec::new();
        if let Some(token) = token {
            request = request.bearer_auth(token);
            secrets.push(token.to_owned());
        }
        Call {
            api: self,
            method,
            path: path.to_owned(),
            request,
            secrets,
        }
    }

    pub fn get(&self, path: &str) -> Call<'_> {
        self.call(Method::GET, path, None)
    }

    /// Sends these bytes as they are, and reads until the server closes. Where it is right to go on, the last request is to
    /// say `Connection: close`.
    pub fn raw(&self, request: &[u8]) -> Raw {
        self.try_raw(request).unwrap()
    }

    /// [`Api::raw`] to a server that may be away.
    pub fn try_raw(&self, request: &[u8]) -> std::io::Result<Raw> {
        let mut stream = TcpStream::connect(self.address)?;
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        // The server may refuse and close before it has read everything.
        let _ = stream.write_all(request);
        let mut bytes = Vec::new();
        let closed = match stream.read_to_end(&mut bytes) {
            Ok(_) => true,
            Err(error) => !matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut),
        };
        let text = String::from_utf8_lossy(&bytes).into_owned();
        Ok(Raw { text, closed })
    }
}

/// Far longer than any answer takes; only one that never comes waits for it.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// What came back for raw bytes.
pub struct Raw {
    pub text: String,
    /// Whether the server ended the connection.
    pub closed: bool,
}

/// A request that has not been sent yet.
pub struct Call<'a> {
    api: &'a Api,
    method: Method,
    path: String,
    request: RequestBuilder,
    /// Those among what it says.
    secrets: Vec<String>,
}

impl<'a> Call<'a> {
    fn map(mut self, f: impl FnOnce(RequestBuilder) -> RequestBuilder) -> Self {
        self.request = f(self.request);
        self
    }

    /// Gives up after this time.
    pub fn within(self, limit: Duration) -> Self {
        self.map(|r| r.timeout(limit))
    }

    pub fn json(mut self, body: &Value) -> Self {
        self.secrets.extend(canary::asked(body));
        self.map(|r| r.json(body))
    }

    pub fn body(self, body: impl Into<reqwest::Body>) -> Self {
        self.map(|r| r.body(body))
    }

    pub fn header(self, name: &str, value: impl AsRef<str>) -> Self {
        self.map(|r| r.header(name, value.as_ref()))
    }

    /// `Idempotency-Key`.
    pub fn key(self, key: &str) -> Self {
        self.header("idempotency-key", key)
    }

    /// `If-Match` with the version that the caller saw.
    pub fn if_match(self, version: i64) -> Self {
        self.header("if-match", format!("\"{version}\""))
    }

    /// The answer, whatever it is; 5xx fails unless the test declared faults.
    pub async fn send(self) -> Answer {
        let expected = self.api.faults_expected.load(Ordering::Relaxed);
        let answer = self.answer().await;
        let status = answer.status;
        assert!(
            status < 500 || expected,
            "NO-5XX: {status} {}",
            answer.text()
        );
        answer
    }

    /// The JSON (null when there is none) of an answer that must have this status.
    pub async fn expect(self, status: u16) -> Value {
        self.answered(status).await.json()
    }

    /// The answer, which must have this status.
    pub async fn answered(self, status: u16) -> Answer {
        let what = format!("{} {}", self.method, self.path);
        let answer = self.answer().await;
        assert_eq!(answer.status, status, "{what}: {}", answer.text());
        answer
    }

    /// The problem, which must have this status.
    pub async fn problem(self, status: u16) -> Problem {
        let answer = self.answered(status).await;
        Problem::of(&answer)
    }

    /// The answer while it is still coming, for streams. No oracle looks at it.
    pub async fn open(self) -> Result<reqwest::Response, reqwest::Error> {
        self.request.send().await
    }

    async fn answer(self) -> Answer {
        let what = format!("{} {}", self.method, self.path);
        let answer = self.attempt().await;
        answer.unwrap_or_else(|e| panic!("{what}: {e:?}"))
    }

    /// The answer, or why there is none: for tests that take the server away.
    pub async fn attempt(self) -> Result<Answer, reqwest::Error> {
        let (method, path, canaries) = (self.method, self.path, &self.api.canaries);
        let response = self.request.send().await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = response.bytes().await?;
        let answer = Answer {
            status,
            headers,
            body: body.to_vec(),
        };
        // What was refused for its form is no secret, or not yet.
        if !matches!(status, 400 | 422) {
            self.secrets.iter().for_each(|secret| canaries.note(secret));
        }
        let is_json = answer
            .header("content-type")
            .starts_with("application/json");
        let told = if is_json { answer.json() } else { Value::Null };
        canaries.note_answer(&answer.headers, &told);
        if path.starts_with("/api/") {
            if status >= 400 && method != Method::HEAD {
                Problem::of(&answer);
            }
            contract::check(&method, &path, &answer);
        }
        Ok(answer)
    }
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    /// A header's value, empty when it is absent.
    pub fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name).map(|v| v.to_str().unwrap());
        value.unwrap_or_default()
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// Null when the body is empty.
    pub fn json(&self) -> Value {
        if self.body.is_empty() {
            return Value::Null;
        }
        serde_json::from_slice(&self.body).unwrap_or_else(|e| panic!("{e}: {}", self.text()))
    }
}

/// A problem that passed the oracle.
#[derive(Debug)]
pub struct Problem {
    pub code: String,
    pub detail: String,
    /// (pointer, code) of each field to change.
    pub fields: Vec<(String, String)>,
    pub headers: HeaderMap,
}

/// Words of our inside that no answer may hold.
const INSIDES: [&str; 16] = [
    "SELECT ",
    "INSERT ",
    "UPDATE ",
    "pg_",
    "diesel",
    "postgres",
    "constraint",
    "relation ",
    "column",
    "struct ",
    "enum ",
    "::",
    ".rs",
    "panicked",
    "serde",
    "actix",
];

impl Problem {
    /// The PROBLEM oracle.
    pub fn of(answer: &Answer) -> Self {
        let text = answer.text();
        let media = answer.header("content-type");
        assert_eq!(
            media, "application/problem+json",
            "{} {text}",
            answer.status
        );
        let body = answer.json();
        assert_eq!(body["status"], answer.status, "{text}");
        for member in ["type", "title", "detail", "code"] {
            assert!(
                body[member].as_str().is_some_and(|t| !t.is_empty()),
                "{member}: {text}"
            );
        }
        let instance = body["instance"].as_str().unwrap_or_default();
        let id = answer.header("x-request-id");
        assert_eq!(
            instance,
            format!("urn:request:{id}"),
            "the instance is the request id"
        );
        assert!(id.len() >= 16, "{text}");
        assert_eq!(answer.header("cache-control"), "no-store", "{text}");
        if let Some(word) = INSIDES.iter().find(|word| text.contains(**word)) {
            panic!("PROBLEM: {word:?} in {text}");
        }
        match answer.status {
            401 => assert_eq!(answer.header("www-authenticate"), "Bearer"),
            405 => assert!(!answer.header("allow").is_empty(), "405 without Allow"),
            429 | 503 => assert!(answer.header("retry-after").parse::<u32>().unwrap() > 0),
            _ => {}
        }
        let word = |value: &Value| value.as_str().unwrap().to_owned();
        let errors = body["errors"].as_array().expect("errors is a list");
        Self {
            code: word(&body["code"]),
            detail: word(&body["detail"]),
            fields: errors
                .iter()
                .map(|e| (word(&e["pointer"]), word(&e["code"])))
                .collect(),
            headers: answer.headers.clone(),
        }
    }

    /// The code of the field at this pointer.
    pub fn field(&self, pointer: &str) -> &str {
        let found = self.fields.iter().find(|(p, _)| p == pointer);
        let found = found.unwrap_or_else(|| panic!("nothing about {pointer} in {self:?}"));
        &found.1
    }
}
