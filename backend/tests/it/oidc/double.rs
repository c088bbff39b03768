//! A provider that does as it is told: right by default, wrong in one point at a time. It has no pages; the test is the
//! browser that comes back from it.

use std::{
    collections::HashMap,
    net::TcpListener,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread::JoinHandle,
};

use actix_web::{
    App, HttpRequest, HttpResponse, HttpServer,
    dev::ServerHandle,
    rt::System,
    web::{self, Data, Form},
};
use care::auth::secrets;
use reqwest::Url;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::{Back, CLIENT_ID, CLIENT_SECRET, keys::Key, query};

/// How the ID token is signed.
#[derive(Clone, Copy, Default)]
pub enum Seal {
    #[default]
    Right,
    /// A header that promises a signature, and none.
    Empty,
    /// `alg: none`.
    None,
    /// With the client's secret, which is no secret between the two.
    Shared,
    /// With another key that says it is this one.
    Forged,
}

/// How an endpoint answers.
#[derive(Clone, Copy, Default)]
pub enum Reply {
    #[default]
    Right,
    Huge,
    Never,
    /// 302 to another address.
    Elsewhere,
    Broken,
}

pub struct Manner {
    /// Changes the right claims.
    pub claims: fn(&mut Value),
    pub seal: Seal,
    pub keys: Reply,
    pub token: Reply,
    pub userinfo: Value,
    /// LinkedIn's: secret in the body, an error for PKCE, no nonce, and claims of unusual types.
    pub linkedin: bool,
}

impl Default for Manner {
    fn default() -> Self {
        Self {
            claims: |_| {},
            seal: Seal::default(),
            keys: Reply::default(),
            token: Reply::default(),
            userinfo: Value::Null,
            linkedin: false,
        }
    }
}

struct Grant {
    nonce: Option<String>,
    challenge: Option<String>,
    redirect_uri: String,
    subject: String,
}

pub struct Inside {
    issuer: String,
    manner: Mutex<Manner>,
    key: Mutex<Key>,
    grants: Mutex<HashMap<String, Grant>>,
    tokens: Mutex<Vec<String>>,
    keys_asked: AtomicUsize,
}

pub struct Double {
    pub issuer: String,
    inside: Arc<Inside>,
    server: ServerHandle,
    thread: Option<JoinHandle<()>>,
}

impl Double {
    pub fn start() -> Self {
        let socket = TcpListener::bind("127.0.0.1:0").unwrap();
        let issuer = format!("http://{}", socket.local_addr().unwrap());
        let inside = Arc::new(Inside {
            issuer: issuer.clone(),
            manner: Mutex::default(),
            key: Mutex::new(Key::new()),
            grants: Mutex::default(),
            tokens: Mutex::default(),
            keys_asked: AtomicUsize::new(0),
        });
        let (tell, told) = std::sync::mpsc::channel();
        let served = Data::from(inside.clone());
        let thread = std::thread::spawn(move || {
            System::new().block_on(async move {
                let server = HttpServer::new(move || {
                    App::new()
                        .app_data(served.clone())
                        .route(
                            "/.well-known/openid-configuration",
                            web::get().to(discovery),
                        )
                        .route("/keys", web::get().to(keys))
                        .route("/token", web::post().to(token))
                        .route("/userinfo", web::get().to(userinfo))
                })
                .workers(1)
                .disable_signals()
                .listen(socket)
                .unwrap()
                .run();
                tell.send(server.handle()).unwrap();
                server.await.unwrap();
            });
        });
        Self {
            issuer,
            inside,
            server: told.recv().unwrap(),
            thread: Some(thread),
        }
    }

    pub fn behaves(&self, manner: Manner) {
        *self.inside.manner.lock().unwrap() = manner;
    }

    /// From now on it signs with a new key.
    pub fn rotates_its_key(&self) {
        *self.inside.key.lock().unwrap() = Key::new();
    }

    /// How often its keys were asked for.
    pub fn keys_asked(&self) -> usize {
        self.inside.keys_asked.load(Ordering::Relaxed)
    }

    /// Every token it gave out, newest last.
    pub fn tokens(&self) -> Vec<String> {
        self.inside.tokens.lock().unwrap().clone()
    }

    /// Somebody signs in on its page; what the browser brings back.
    pub fn visit(&self, authorization: &Url, subject: &str) -> Back {
        assert!(authorization.as_str().starts_with(&self.issuer));
        assert_eq!(query(authorization, "client_id").unwrap(), CLIENT_ID);
        assert_eq!(query(authorization, "response_type").unwrap(), "code");
        let grant = Grant {
            nonce: query(authorization, "nonce"),
            challenge: query(authorization, "code_challenge"),
            redirect_uri: query(authorization, "redirect_uri").unwrap(),
            subject: subject.to_owned(),
        };
        let code = secrets::encode(&secrets::random::<16>());
        self.inside
            .grants
            .lock()
            .unwrap()
            .insert(code.clone(), grant);
        let state = query(authorization, "state").unwrap();
        Back(json!({ "state": state, "code": code }))
    }
}

impl Drop for Double {
    fn drop(&mut self) {
        drop(self.server.stop(false));
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

async fn discovery(inside: Data<Inside>) -> HttpResponse {
    let at = |path: &str| format!("{}{path}", inside.issuer);
    HttpResponse::Ok().json(json!({
        "issuer": inside.issuer,
        "authorization_endpoint": at("/authorize"),
        "token_endpoint": at("/token"),
        "userinfo_endpoint": at("/userinfo"),
        "jwks_uri": at("/keys"),
    }))
}

async fn reply(reply: Reply, right: Value) -> HttpResponse {
    match reply {
        Reply::Right => HttpResponse::Ok().json(right),
        Reply::Huge => HttpResponse::Ok().body(vec![b' '; 10 << 20]),
        Reply::Never => std::future::pending().await,
        Reply::Elsewhere => HttpResponse::Found()
            .insert_header(("location", "/elsewhere"))
            .finish(),
        Reply::Broken => HttpResponse::Ok().body("{\"id_token\": 7"),
    }
}

async fn keys(inside: Data<Inside>) -> HttpResponse {
    inside.keys_asked.fetch_add(1, Ordering::Relaxed);
    let keys = json!({ "keys": [inside.key.lock().unwrap().public()] });
    let manner = inside.manner.lock().unwrap().keys;
    reply(manner, keys).await
}

async fn token(
    inside: Data<Inside>,
    request: HttpRequest,
    form: Form<HashMap<String, String>>,
) -> HttpResponse {
    let error = |name: &str| HttpResponse::BadRequest().json(json!({ "error": name }));
    let of = |name: &str| form.get(name).map(String::as_str);
    let linkedin = inside.manner.lock().unwrap().linkedin;
    let known = if linkedin {
        of("client_id") == Some(CLIENT_ID) && of("client_secret") == Some(CLIENT_SECRET)
    } else {
        // RFC 6749 section 2.3.1: form-encoded, then base64.
        let pair = format!("{CLIENT_ID}:s3cr3t-of%2Bthe%2Fclient");
        let wanted = format!("Basic {}", keys_base64(&pair));
        let sent = request.headers().get("authorization");
        sent.is_some_and(|sent| sent.as_bytes() == wanted.as_bytes())
    };
    if !known || (linkedin && of("code_verifier").is_some()) {
        return error("invalid_client");
    }
    let grant = inside.grants.lock().unwrap().remove(of("code").unwrap());
    let Some(grant) = grant else {
        return error("invalid_grant");
    };
    let verifier = of("code_verifier").map(|v| secrets::encode(&Sha256::digest(v)));
    if of("redirect_uri") != Some(&grant.redirect_uri) || verifier != grant.challenge {
        return error("invalid_grant");
    }
    let (id_token, kind) = {
        let manner = inside.manner.lock().unwrap();
        let claims = claims(&inside.issuer, &grant, &manner);
        let key = inside.key.lock().unwrap();
        (key.seal(&claims, manner.seal), manner.token)
    };
    inside.tokens.lock().unwrap().push(id_token.clone());
    let right = json!({ "access_token": "at-9d1f", "token_type": "Bearer", "id_token": id_token });
    reply(kind, right).await
}

fn claims(issuer: &str, grant: &Grant, manner: &Manner) -> Value {
    let now = chrono::Utc::now().timestamp();
    let subject = &grant.subject;
    let mut claims = json!({
        "iss": issuer, "aud": CLIENT_ID, "sub": subject, "iat": now, "exp": now + 300,
        "nonce": grant.nonce, "email": format!("{subject}@example.org"), "email_verified": true,
        "name": "Asha Nair",
    });
    if manner.linkedin {
        claims["nonce"] = Value::Null;
        claims["email_verified"] = "true".into();
        claims["locale"] = json!({ "country": "IN", "language": "ta" });
    }
    (manner.claims)(&mut claims);
    claims
}

async fn userinfo(inside: Data<Inside>, request: HttpRequest) -> HttpResponse {
    let sent = request.headers().get("authorization");
    if sent.is_none_or(|sent| sent != "Bearer at-9d1f") {
        return HttpResponse::Unauthorized().finish();
    }
    HttpResponse::Ok().json(&inside.manner.lock().unwrap().userinfo)
}

fn keys_base64(text: &str) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(text)
}
