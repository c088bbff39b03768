//! Reading requests. The framework's own extractors answer in their own shapes; these answer problems that name the field.

use std::{future::Future, net::IpAddr, ops::Deref, pin::Pin, sync::Arc, time::Duration};

use actix_web::{
    FromRequest, HttpMessage, HttpRequest, Responder,
    dev::Payload,
    http::header,
    web::{self, BytesMut},
};
use futures_util::{StreamExt, future::LocalBoxFuture};
use serde::{Serialize, de::DeserializeOwned};
use tokio::sync::Semaphore;

use crate::{
    app::App,
    db::ids::UserId,
    locale::Locale,
    places::Places,
    problem::{Code, FieldCode, Problem},
};

use super::request_log::RequestId;

/// A JSON body, both ways.
#[derive(Debug)]
pub struct Json<T>(pub T);

impl<T> Deref for Json<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: Serialize> Responder for Json<T> {
    type Body = actix_web::body::BoxBody;
    fn respond_to(self, _: &HttpRequest) -> actix_web::HttpResponse {
        actix_web::HttpResponse::Ok().json(self.0)
    }
}

impl<T: DeserializeOwned + 'static> FromRequest for Json<T> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let media = req.content_type().to_ascii_lowercase();
        let encoded = req.headers().contains_key(header::CONTENT_ENCODING);
        let http = req.app_data::<web::Data<App>>().map(|app| &app.config.http);
        let limit = http.map_or(65_536, |http| http.body_limit);
        let read = body(req, payload, limit);
        let read = async move {
            if media != "application/json" || encoded {
                return Err(Problem::new(
                    Code::UnsupportedMediaType,
                    "Send the body as application/json, without content encoding.",
                ));
            }
            from_json(&read.await?).map(Json)
        };
        after_sign_in(req, read)
    }
}

/// A body as it is, of at most `LIMIT` bytes, whatever it says it is.
pub struct Upload<const LIMIT: usize>(pub Vec<u8>);

impl<const LIMIT: usize> FromRequest for Upload<LIMIT> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let encoded = req.headers().contains_key(header::CONTENT_ENCODING);
        let read = body(req, payload, LIMIT);
        after_sign_in(req, async move {
            if encoded {
                return Err(Problem::new(
                    Code::UnsupportedMediaType,
                    "Send the body without content encoding.",
                ));
            }
            Ok(Self(read.await?.to_vec()))
        })
    }
}

/// The whole body, within the limit and in time.
fn body(
    req: &HttpRequest,
    payload: &mut Payload,
    limit: usize,
) -> impl Future<Output = Result<BytesMut, Problem>> + 'static {
    let http = req.app_data::<web::Data<App>>().map(|app| &app.config.http);
    let patience = http.map_or(Duration::from_secs(20), |http| http.request_timeout);
    let declared = req
        .headers()
        .get(header::CONTENT_LENGTH)
        .and_then(|v| v.to_str().ok()?.parse::<usize>().ok());
    let mut payload = payload.take();
    async move {
        if declared.is_some_and(|n| n > limit) {
            return Err(too_large(limit));
        }
        match tokio::time::timeout(patience, whole(&mut payload, limit)).await {
            Ok(body) => body,
            Err(_) => Err(Problem::new(
                Code::BadRequest,
                "The body took too long to arrive.",
            )),
        }
    }
}

async fn whole(payload: &mut Payload, limit: usize) -> Result<BytesMut, Problem> {
    let mut body = BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let chunk =
            chunk.map_err(|_| Problem::new(Code::BadRequest, "The body ended too early."))?;
        if body.len() + chunk.len() > limit {
            return Err(too_large(limit));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

fn too_large(limit: usize) -> Problem {
    Problem::new(
        Code::PayloadTooLarge,
        format!("A request body may have at most {limit} bytes."),
    )
}

/// Parses, telling broken JSON (400) from a wrong value (422, with its pointer).
fn from_json<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    let mut deserializer = serde_json::Deserializer::from_slice(body);
    let value = serde_path_to_error::deserialize::<_, T>(&mut deserializer).map_err(|error| {
        let pointer = pointer(error.path());
        let inner = error.into_inner();
        if inner.is_data() {
            let text = inner.to_string();
            let code = if text.starts_with("missing field") {
                FieldCode::Required
            } else if text.starts_with("unknown field") {
                FieldCode::Unknown
            } else {
                FieldCode::Malformed
            };
            let pointer =
                named_in(&text).map_or_else(|| pointer.clone(), |field| with(&pointer, field));
            Problem::field(&pointer, code, sentence(&text))
        } else {
            Problem::new(Code::BadRequest, "The body is not well-formed JSON.")
        }
    })?;
    deserializer
        .end()
        .map_err(|_| Problem::new(Code::BadRequest, "There is something after the JSON value."))?;
    // serde would take a list for an object whose fields it names in order.
    if body.trim_ascii_start().starts_with(b"[") {
        return Err(Problem::field("", FieldCode::Malformed, "Use an object."));
    }
    Ok(value)
}

/// serde's finding for a person, without the names of our types.
fn sentence(text: &str) -> String {
    if text.starts_with("missing field") {
        return "This field is required.".into();
    }
    if text.starts_with("unknown field") {
        return "There is no such field here.".into();
    }
    if text.starts_with("duplicate field") {
        return "This field is given twice.".into();
    }
    let expected = text.split("expected ").nth(1).unwrap_or_default();
    if text.starts_with("unknown variant") {
        let choices = expected.split(" at line ").next().unwrap_or_default();
        return format!("Use {}.", choices.replace('`', "\""));
    }
    let kinds = [
        ("a string", "text"),
        ("a boolean", "true or false"),
        ("struct", "an object"),
        ("a sequence", "a list"),
        ("i", "a whole number"),
        ("u", "a whole number"),
        ("f", "a number"),
    ];
    match kinds.iter().find(|(start, _)| expected.starts_with(start)) {
        Some((_, kind)) => format!("This has to be {kind}."),
        None => "This value does not have the right form.".into(),
    }
}

/// serde names a missing, unknown or doubled field only in its text, in backticks.
fn named_in(text: &str) -> Option<&str> {
    let is_about_field = ["missing field", "unknown field", "duplicate field"]
        .iter()
        .any(|start| text.starts_with(start));
    is_about_field.then(|| text.split('`').nth(1)).flatten()
}

fn with(pointer: &str, field: &str) -> String {
    let field = field.replace('~', "~0").replace('/', "~1");
    // serde_path_to_error already ends in the unknown field itself.
    if pointer.ends_with(&format!("/{field}")) {
        pointer.to_owned()
    } else {
        format!("{pointer}/{field}")
    }
}

fn pointer(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment as S;
    path.iter()
        .map(|segment| match segment {
            S::Seq { index } => format!("/{index}"),
            S::Map { key } => format!("/{key}"),
            S::Enum { variant } => format!("/{variant}"),
            S::Unknown => String::new(),
        })
        .collect()
}

/// Path parameters; what does not parse names nothing, so it is 404.
pub struct Path<T>(pub T);

impl<T: DeserializeOwned + 'static> FromRequest for Path<T> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let parsed = web::Path::<T>::extract(req).into_inner();
        let parsed = parsed
            .map(|p| Self(p.into_inner()))
            .map_err(|_| super::routing::no_such_id(req));
        after_sign_in(req, std::future::ready(parsed))
    }
}

/// Query parameters; a wrong one is named as `?name`.
pub struct Query<T>(pub T);

impl<T: DeserializeOwned + 'static> FromRequest for Query<T> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let parsed = from_query(req.query_string()).map(Self);
        after_sign_in(req, std::future::ready(parsed))
    }
}

fn from_query<T: DeserializeOwned>(query: &str) -> Result<T, Problem> {
    let pairs = form_urlencoded::parse(query.as_bytes());
    let deserializer = serde_urlencoded::Deserializer::new(pairs);
    serde_path_to_error::deserialize(deserializer).map_err(|error| {
        let path = error.path().to_string();
        let text = error.into_inner().to_string();
        let name = named_in(&text).unwrap_or(&path).trim_start_matches('.');
        let code = if text.starts_with("unknown field") {
            FieldCode::Unknown
        } else {
            FieldCode::Malformed
        };
        Problem::field(&format!("?{name}"), code, sentence(&text))
    })
}

/// Put into the request by whoever finds out who is asking; closed when that is known.
#[derive(Clone)]
pub struct Deciding(Arc<Semaphore>);

impl Deciding {
    /// Call it before the first await; dropping the guard ends the wait.
    pub fn begin(req: &HttpRequest) -> DecidingGuard {
        let gate = Arc::new(Semaphore::new(0));
        req.extensions_mut().insert(Self(gate.clone()));
        DecidingGuard(gate)
    }
}

pub struct DecidingGuard(Arc<Semaphore>);

impl Drop for DecidingGuard {
    fn drop(&mut self) {
        self.0.close();
    }
}

/// Extractors run side by side, and the first failure is the answer. Who is not signed in must hear that, and not what
/// is wrong with the rest: refusals wait for the extractor of the caller, which stands before them in every handler.
pub fn after_sign_in<T: 'static>(
    req: &HttpRequest,
    extracted: impl Future<Output = Result<T, Problem>> + 'static,
) -> LocalBoxFuture<'static, Result<T, Problem>> {
    let deciding = req.extensions().get::<Deciding>().cloned();
    Box::pin(async move {
        let result = extracted.await;
        if let (Err(_), Some(Deciding(gate))) = (&result, deciding) {
            // Never given a permit: returns when it is closed.
            let _ = gate.acquire().await;
        }
        result
    })
}

/// Where a request comes from and who makes it: what an event records besides the change.
#[derive(Debug, Clone, Default)]
pub struct Origin {
    /// Filled in once the caller is known.
    pub actor_id: Option<UserId>,
    pub request_id: String,
    pub ip: String,
    pub user_agent: String,
    /// The language it asks for.
    pub locale: Locale,
    /// What says where the address is.
    pub places: Places,
}

impl Origin {
    /// For what the system does by itself: jobs, the command line.
    pub fn system() -> Self {
        Self::default()
    }

    pub fn of(req: &HttpRequest) -> Self {
        let app = req.app_data::<web::Data<App>>();
        let trusted = app.map_or(&[][..], |app| &app.config.http.trusted_proxies);
        let header = |name| req.headers().get(name).and_then(|v| v.to_str().ok());
        let user_agent = header(header::USER_AGENT).unwrap_or_default();
        Self {
            actor_id: None,
            request_id: req
                .extensions()
                .get::<RequestId>()
                .map(|id| id.0.clone())
                .unwrap_or_default(),
            ip: client_ip(req, trusted)
                .map(|ip| ip.to_string())
                .unwrap_or_default(),
            user_agent: user_agent
                .chars()
                .filter(|c| !c.is_control())
                .take(300)
                .collect(),
            locale: Locale::preferred(header(header::ACCEPT_LANGUAGE).unwrap_or_default()),
            places: app.map(|app| app.places.clone()).unwrap_or_default(),
        }
    }
}

/// The TCP peer, or, when the peer is a configured proxy, the nearest address in X-Forwarded-For that is not.
fn client_ip(req: &HttpRequest, trusted: &[IpAddr]) -> Option<IpAddr> {
    let peer = req.peer_addr()?.ip();
    if !trusted.contains(&peer) {
        return Some(peer);
    }
    let forwarded = req
        .headers()
        .get_all("x-forwarded-for")
        .filter_map(|v| v.to_str().ok());
    let chain: Vec<&str> = forwarded
        .flat_map(|v| v.split(','))
        .map(str::trim)
        .collect();
    let nearest = chain
        .iter()
        .rev()
        .map_while(|text| text.parse::<IpAddr>().ok())
        .find(|ip| !trusted.contains(ip));
    nearest.or(Some(peer))
}

impl FromRequest for Origin {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let origin = Self::of(req);
        Box::pin(async move { Ok(origin) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code)]
    struct Body {
        email: String,
        inner: Option<Inner>,
    }
    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code)]
    struct Inner {
        n: u8,
    }

    fn fail(text: &str) -> (Code, Option<String>) {
        let problem = from_json::<Body>(text.as_bytes()).unwrap_err();
        (
            problem.code,
            problem.fields.first().map(|f| f.pointer.clone()),
        )
    }

    #[test]
    fn a_list_is_not_an_object() {
        assert_eq!(
            fail(r#" ["a", null]"#),
            (Code::Invalid, Some(String::new()))
        );
    }

    #[test]
    fn wrong_values_name_their_field() {
        assert_eq!(
            fail(r#"{"email":["a"]}"#),
            (Code::Invalid, Some("/email".into()))
        );
        assert_eq!(
            fail(r#"{"email":"a","role":"admin"}"#),
            (Code::Invalid, Some("/role".into()))
        );
        assert_eq!(
            fail(r#"{"email":"a","email":"b"}"#),
            (Code::Invalid, Some("/email".into()))
        );
        assert_eq!(
            fail(r#"{"email":"a","inner":{"n":300}}"#),
            (Code::Invalid, Some("/inner/n".into()))
        );
        assert_eq!(fail("{}"), (Code::Invalid, Some("/email".into())));
    }

    #[test]
    fn broken_json_is_a_bad_request() {
        for text in [
            "",
            "{",
            "\u{feff}{}",
            r#"{"email":"a"} x"#,
            &"[".repeat(100_000),
        ] {
            let code = fail(text).0;
            assert!(
                matches!(code, Code::BadRequest | Code::Invalid),
                "{text:.20}: {code:?}"
            );
        }
    }
}
