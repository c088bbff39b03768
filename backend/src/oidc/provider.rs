//! Talking to one provider: discovery (OpenID Connect Discovery 1.0), its keys, and the code exchange (RFC 6749 section
//! 4.1.3 with PKCE, RFC 7636). Documents are kept for an hour; a signature that fits no key makes us ask again, at most
//! once a minute.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
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

use super::{
    model::Profile,
    verify::{self, Bad, Claims, Expected},
};

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
    /// RFC 9207 section 3.
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
}

struct Known {
    at: Instant,
    discovery: Discovery,
    keys: CoreJsonWebKeySet,
}

#[derive(Default)]
struct Memory {
    known: Option<Arc<Known>>,
    /// When a signature last made us ask before the hour was over.
    asked_again: Option<Instant>,
}

/// A configured provider and what is known of it.
pub struct Provider {
    pub config: OidcProvider,
    /// The only address it sends the browser back to: a page of the SPA, one per provider (RFC 9700 section 4.4.2.2).
    redirect_uri: String,
    outbound: Outbound,
    memory: Mutex<Memory>,
}

/// What the provider's page brought back.
pub struct Returned<'a> {
    pub code: &'a str,
    pub issuer: Option<&'a str>,
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
    pub fn new(config: OidcProvider, public_url: &str, outbound: Outbound) -> Self {
        Self {
            redirect_uri: format!("{public_url}/callback/{}", config.name),
            config,
            outbound,
            memory: Mutex::default(),
        }
    }

    /// Where to send the browser.
    pub async fn authorization_url(&self, binding: &Binding) -> Result<String, Problem> {
        let known = self.known().await?;
        let mut url: Url = known
            .discovery
            .authorization_endpoint
            .parse()
            .ok()
            .filter(|url: &Url| matches!(url.scheme(), "https" | "http"))
            .ok_or_else(|| refused("the authorization endpoint is no web address"))?;
        {
            let mut query = url.query_pairs_mut();
            query
                .append_pair("response_type", "code")
                .append_pair("client_id", &self.config.client_id)
                .append_pair("redirect_uri", &self.redirect_uri)
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

    /// Exchanges the code and checks the ID token: who came back.
    pub async fn exchange(
        &self,
        returned: Returned<'_>,
        binding: &Binding,
    ) -> Result<Profile, Problem> {
        let known = self.known().await?;
        let issuer = &known.discovery.issuer;
        // RFC 9207 section 2.4: the answer of another provider is not for this one (mix-up).
        let named = returned.issuer.is_some()
            || known
                .discovery
                .authorization_response_iss_parameter_supported;
        if named && returned.issuer != Some(issuer.as_str()) {
            return Err(refused("the answer is of another issuer"));
        }
        let tokens = self.token(&known.discovery, returned.code, binding).await?;
        let id_token = tokens.id_token.ok_or_else(|| refused("no id_token"))?;
        let mut claims = match self.check(&id_token, &known, binding) {
            Err(Bad::Signature) => {
                let newer = self.known_again(known.clone()).await?;
                self.check(&id_token, &newer, binding)
            }
            other => other,
        }
        .map_err(|bad| refused(format!("{bad:?}")))?;
        if claims.email.is_none() {
            self.fill_from_userinfo(&known.discovery, tokens.access_token, &mut claims)
                .await?;
        }
        Ok(Profile::new(issuer, claims))
    }

    fn check(&self, id_token: &str, known: &Known, binding: &Binding) -> Result<Claims, Bad> {
        let expected = Expected {
            issuer: &known.discovery.issuer,
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
        binding: &Binding,
    ) -> Result<TokenAnswer, Problem> {
        let (id, secret) = (
            self.config.client_id.as_str(),
            self.config.client_secret.reveal(),
        );
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("grant_type", "authorization_code")
            .append_pair("code", code)
            .append_pair("redirect_uri", &self.redirect_uri);
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
        claims.name = claims.name.take().or(info.name);
        Ok(())
    }

    /// Discovery and keys, not older than an hour.
    async fn known(&self) -> Result<Arc<Known>, Problem> {
        let kept = self.memory().known.clone();
        match kept.filter(|known| known.at.elapsed() < KEEP) {
            Some(known) => Ok(known),
            None => self.ask().await,
        }
    }

    /// The same, when a signature fits none of these keys.
    async fn known_again(&self, old: Arc<Known>) -> Result<Arc<Known>, Problem> {
        {
            let mut memory = self.memory();
            if memory
                .asked_again
                .is_some_and(|at| at.elapsed() < ASK_AGAIN)
            {
                return Ok(memory.known.clone().unwrap_or(old));
            }
            memory.asked_again = Some(Instant::now());
        }
        self.ask().await
    }

    async fn ask(&self) -> Result<Arc<Known>, Problem> {
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
        self.memory().known = Some(known.clone());
        Ok(known)
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
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
