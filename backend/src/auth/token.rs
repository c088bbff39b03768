//! Access tokens: JWT (RFC 7519), HS256 only, short-lived. A token names a session; whether that session still holds is
//! asked of the database at every request, so signing out, disabling and demoting bite at once.

use std::{sync::Once, time::Duration};

use hmac::{Hmac, KeyInit, Mac};
use jsonwebtoken::{
    Algorithm, DecodingKey, EncodingKey, Header, Validation,
    crypto::{CryptoProvider, JwtSigner, JwtVerifier, KeyUtils},
    errors::{Error as JwtError, ErrorKind},
    signature::{Error as SignatureError, Signer, Verifier},
};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use crate::{
    clock,
    config::Secret,
    db::ids::{SessionId, UserId},
};

use super::secrets;

const ISSUER: &str = "care";
const PURPOSE: &str = "access";

/// What an access token says. Deliberately not the role: that is the database's.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Claims {
    pub iss: String,
    pub aud: String,
    pub exp: i64,
    pub iat: i64,
    pub sub: UserId,
    pub sid: SessionId,
    pub purpose: String,
}

/// Signs and checks access tokens.
#[derive(Clone)]
pub struct Tokens {
    encoding: EncodingKey,
    decoding: DecodingKey,
    validation: Validation,
    audience: String,
    ttl: Duration,
}

impl Tokens {
    pub fn new(secret: &Secret, audience: &str, ttl: Duration) -> Self {
        install_hs256();
        let key = secrets::key(secret, "access token");
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[audience]);
        validation.leeway = 5;
        Self {
            encoding: EncodingKey::from_secret(&key),
            decoding: DecodingKey::from_secret(&key),
            validation,
            audience: audience.into(),
            ttl,
        }
    }

    /// A new token and its life in seconds.
    pub fn issue(&self, user: UserId, session: SessionId) -> Result<(String, u64), JwtError> {
        let now = clock::now().timestamp();
        let claims = Claims {
            iss: ISSUER.into(),
            aud: self.audience.clone(),
            exp: now + self.ttl.as_secs() as i64,
            iat: now,
            sub: user,
            sid: session,
            purpose: PURPOSE.into(),
        };
        Ok((
            jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &self.encoding)?,
            self.ttl.as_secs(),
        ))
    }

    /// The claims of a good token.
    pub fn check(&self, token: &str) -> Option<Claims> {
        let claims = jsonwebtoken::decode::<Claims>(token, &self.decoding, &self.validation)
            .ok()?
            .claims;
        (claims.purpose == PURPOSE).then_some(claims)
    }
}

/// HS256 for jsonwebtoken from the hmac crate: its own providers bring RSA and elliptic curves that we never use.
static HS256: CryptoProvider = CryptoProvider {
    signer_factory: signer,
    verifier_factory: verifier,
    key_utils: KeyUtils::new_unimplemented(),
};

fn install_hs256() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // Fails only when one is installed already, which then is ours.
        let _ = HS256.install_default();
    });
}

struct Hs256(Hmac<Sha256>);

fn mac(algorithm: &Algorithm, key: &[u8]) -> Result<Hs256, JwtError> {
    match algorithm {
        Algorithm::HS256 => Hmac::new_from_slice(key)
            .map(Hs256)
            .map_err(|_| ErrorKind::InvalidKeyFormat.into()),
        _ => Err(ErrorKind::InvalidAlgorithm.into()),
    }
}

fn signer(algorithm: &Algorithm, key: &EncodingKey) -> Result<Box<dyn JwtSigner>, JwtError> {
    Ok(Box::new(mac(algorithm, key.as_bytes())?))
}

fn verifier(algorithm: &Algorithm, key: &DecodingKey) -> Result<Box<dyn JwtVerifier>, JwtError> {
    Ok(Box::new(mac(algorithm, key.try_get_as_bytes()?)?))
}

impl Signer<Vec<u8>> for Hs256 {
    fn try_sign(&self, message: &[u8]) -> Result<Vec<u8>, SignatureError> {
        Ok(self
            .0
            .clone()
            .chain_update(message)
            .finalize()
            .into_bytes()
            .to_vec())
    }
}

impl Verifier<Vec<u8>> for Hs256 {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> Result<(), SignatureError> {
        self.0
            .clone()
            .chain_update(message)
            .verify_slice(signature)
            .map_err(|_| SignatureError::new())
    }
}

impl JwtSigner for Hs256 {
    fn algorithm(&self) -> Algorithm {
        Algorithm::HS256
    }
}

impl JwtVerifier for Hs256 {
    fn algorithm(&self) -> Algorithm {
        Algorithm::HS256
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens() -> Tokens {
        Tokens::new(
            &Secret::new("9f3kD02mvLq8Zt61bWx7Rc5NyPe4HsUa"),
            "http://care.test",
            Duration::from_secs(600),
        )
    }

    #[test]
    fn a_token_says_who_and_which_session() {
        let (user, session) = (UserId::new(), SessionId::new());
        let (token, seconds) = tokens().issue(user, session).unwrap();
        let claims = tokens().check(&token).unwrap();
        assert_eq!((claims.sub, claims.sid, seconds), (user, session, 600));
    }

    #[test]
    fn tampered_foreign_and_unsigned_tokens_are_refused() {
        let (token, _) = tokens().issue(UserId::new(), SessionId::new()).unwrap();
        let mut parts: Vec<&str> = token.split('.').collect();
        let none = secrets::encode(br#"{"alg":"none","typ":"JWT"}"#);
        parts[0] = &none;
        assert!(tokens().check(&parts.join(".")).is_none());
        parts[2] = "";
        assert!(tokens().check(&parts.join(".")).is_none());
        assert!(tokens().check(&format!("{token}A")).is_none());
        let other = Tokens::new(
            &Secret::new("another secret, long enough for it"),
            "http://care.test",
            Duration::from_secs(600),
        );
        assert!(other.check(&token).is_none());
    }
}
