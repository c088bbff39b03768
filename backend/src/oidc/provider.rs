//! Talking to one provider: discovery (OpenID Connect Discovery 1.0), its keys, and the code exchange (RFC 6749 section
//! 4.1.3 with PKCE, RFC 7636). Documents are kept for an hour; unknown keys make us ask again, at most once a minute.

use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use openidconnect::core::CoreJsonWebKeySet;
use reqwest::{Method, Request, Url, header};
use serde::Deserialize;

use crate::{
    clock,
    config::{ClientAuth, OidcProvider},
    outbound::{Answer, Outbound},
    problem::{Code, Problem},
};

use super::verify::{self, Bad, Claims, Expected};

const KEEP: Duration = Duration::from_secs(3600);
const ASK_AGAIN: Duration = Duration::from_secs(60);

/// The part of the discovery document we use.
#[derive(Debug, Clone, Deserialize)]
struct Discovery {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    userinfo_endpoint: Option<String>,
    jwks_uri: String,
}

struct Known {
    at: Instant,
    discovery: Discovery,
    keys: CoreJsonWebKeySet,
}

/// A configured provider and what is known of it.
pub struct Provider {
    pub config: OidcProvider,
    outbound: Outbound,
    known: Mutex<Option<Arc<Known>>>,
}

#[derive(Deserialize)]
struct TokenAnswer {
    access_token: Option<String>,
    id_token: Option<String>,
}

#[derive(Deserialize)]
struct UserInfo {
    sub: String,
    email: Option<String>,
    #[serde(default)]
    email_verified: serde_json::Value,
    name: Option<String>,
}

/// What a round trip through the browser is bound to; all derived from the flow's salt.
pub struct Binding {
    pub state: String,
    pub nonce: String,
    pub pkce_verifier: String,
}

fn refused(why: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Problem {
    tracing::warn!(why = %why.into(), "sign-in through a provider failed");
    Problem::new(
        Code::ProviderRefused,
        "The sign-in with that provider did not work. Please try again, or sign in another way.",
    )
}

impl Provider {
    pub fn new(config: OidcProvider, outbound: Outbound) -> Self {
        Self {
            config,
            outbound,
            known: Mutex::new(None),
        }
    }

    /// Where to send the browser.
    pub async fn authorization_url(
        &self,
        redirect_uri: &str,
        binding: &Binding,
    ) -> Result<String, Problem> {
        let known = self.known(KEEP).await?;
        let mut url: Url = known
            .discovery
            .authorization_endpoint
            .parse()
            .map_err(|_| refused("bad endpoint"))?;
        {
            let mut query = url.query_pairs_mut();
            query
                .append_pair("response_type", "code")
                .append_pair("client_id", &self.config.client_id)
                .append_pair("redirect_uri", redirect_uri)
                .append_pair("scope", &self.config.scopes)
                .append_pair("state", &binding.state);
            if self.config.nonce {
                query.append_pair("nonce", &binding.nonce);
            }
            if self.config.pkce {
                let challenge = openidconnect::PkceCodeVerifier::new(binding.pkce_verifier.clone());
                let challenge =
                    openidconnect::PkceCodeChallenge::from_code_verifier_sha256(&challenge);
                query
                    .append_pair("code_challenge", challenge.as_str())
                    .append_pair("code_challenge_method", challenge.method().as_str());
            }
        }
        Ok(url.into())
    }

    /// Exchanges the code and checks the ID token; the person's verified claims.
    pub async fn exchange(
        &self,
        code: &str,
        redirect_uri: &str,
        binding: &Binding,
    ) -> Result<Claims, Problem> {
        let known = self.known(KEEP).await?;
        let tokens = self
            .token(&known.discovery, code, redirect_uri, binding)
            .await?;
        let id_token = tokens.id_token.ok_or_else(|| refused("no id_token"))?;
        let mut claims = match self.check(&id_token, &known, binding) {
            Err(Bad::UnknownKey) => {
                let fresh = self.known(ASK_AGAIN).await?;
                self.check(&id_token, &fresh, binding)
            }
            other => other,
        }
        .map_err(|bad| refused(format!("{bad:?}")))?;
        if claims.email.is_none() {
            self.fill_from_userinfo(&known.discovery, tokens.access_token, &mut claims)
                .await?;
        }
        Ok(claims)
    }

    fn check(&self, id_token: &str, known: &Known, binding: &Binding) -> Result<Claims, Bad> {
        let expected = Expected {
            issuer: &self.config.issuer,
            client_id: &self.config.client_id,
            nonce: self.config.nonce.then_some(binding.nonce.as_str()),
            now: clock::now().timestamp(),
        };
        verify::check(id_token, &known.keys, &expected)
    }

    async fn token(
        &self,
        discovery: &Discovery,
        code: &str,
        redirect_uri: &str,
        binding: &Binding,
    ) -> Result<TokenAnswer, Problem> {
        let (id, secret) = (
            self.config.client_id.as_str(),
            self.config.client_secret.reveal(),
        );
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("grant_type", "authorization_code")
            .append_pair("code", code)
            .append_pair("redirect_uri", redirect_uri);
        if self.config.pkce {
            form.append_pair("code_verifier", &binding.pkce_verifier);
        }
        if self.config.client_auth == ClientAuth::Post {
            form.append_pair("client_id", id)
                .append_pair("client_secret", secret);
        }
        let mut request = request(Method::POST, &discovery.token_endpoint)?;
        if self.config.client_auth == ClientAuth::Basic {
            // RFC 6749 section 2.3.1: both parts form-encoded before base64.
            let encode =
                |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
            let pair = format!("{}:{}", encode(id), encode(secret));
            let value = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, pair);
            set(
                &mut request,
                header::AUTHORIZATION,
                &format!("Basic {value}"),
            )?;
        }
        set(
            &mut request,
            header::CONTENT_TYPE,
            "application/x-www-form-urlencoded",
        )?;
        *request.body_mut() = Some(form.finish().into());
        self.json(request).await
    }

    async fn fill_from_userinfo(
        &self,
        discovery: &Discovery,
        access_token: Option<String>,
        claims: &mut Claims,
    ) -> Result<(), Problem> {
        let (Some(endpoint), Some(token)) = (&discovery.userinfo_endpoint, access_token) else {
            return Ok(());
        };
        let mut request = request(Method::GET, endpoint)?;
        set(
            &mut request,
            header::AUTHORIZATION,
            &format!("Bearer {token}"),
        )?;
        let info: UserInfo = self.json(request).await?;
        // OpenID Connect Core 5.3.2: otherwise it may be about somebody else.
        if info.sub != claims.sub {
            return Err(refused("userinfo about another subject"));
        }
        claims.email = info.email;
        claims.email_verified = info.email_verified == true || info.email_verified == "true";
        claims.name = claims.name.take().or(info.name);
        Ok(())
    }

    /// Discovery and keys, not older than `age`.
    async fn known(&self, age: Duration) -> Result<Arc<Known>, Problem> {
        let kept = self.known.lock().ok().and_then(|known| known.clone());
        if let Some(known) = kept.filter(|known| known.at.elapsed() < age) {
            return Ok(known);
        }
        let base = self.config.issuer.trim_end_matches('/');
        let discovery: Discovery = self
            .get(&format!("{base}/.well-known/openid-configuration"))
            .await?;
        if discovery.issuer.trim_end_matches('/') != base {
            return Err(refused("the discovery document is of another issuer"));
        }
        let keys: CoreJsonWebKeySet = self.get(&discovery.jwks_uri).await?;
        let known = Arc::new(Known {
            at: Instant::now(),
            discovery,
            keys,
        });
        if let Ok(mut kept) = self.known.lock() {
            *kept = Some(known.clone());
        }
        Ok(known)
    }

    async fn get<T: serde::de::DeserializeOwned>(&self, url: &str) -> Result<T, Problem> {
        self.json(request(Method::GET, url)?).await
    }

    async fn json<T: serde::de::DeserializeOwned>(&self, request: Request) -> Result<T, Problem> {
        let answer: Answer = self.outbound.send(request).await.map_err(refused)?;
        if answer.status != 200 {
            return Err(refused(format!("the provider answered {}", answer.status)));
        }
        // The parser's own message may repeat what it read.
        serde_json::from_slice(&answer.body)
            .map_err(|_| refused("the provider's answer is malformed"))
    }
}

fn request(method: Method, url: &str) -> Result<Request, Problem> {
    let mut request = Request::new(
        method,
        url.parse()
            .map_err(|_| refused("the provider gave a bad URL"))?,
    );
    set(&mut request, header::ACCEPT, "application/json")?;
    Ok(request)
}

fn set(request: &mut Request, name: header::HeaderName, value: &str) -> Result<(), Problem> {
    let mut value = header::HeaderValue::from_str(value)
        .map_err(|_| refused("a value that no header takes"))?;
    value.set_sensitive(true);
    request.headers_mut().insert(name, value);
    Ok(())
}
