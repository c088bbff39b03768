//! Checking an ID token (OpenID Connect Core 1.0 section 3.1.3.7).
//!
//! The signature is checked by the openidconnect crate; the claims by us, because real providers send claims that its
//! strict types refuse (LinkedIn: `email_verified` as a string, `locale` as an object, no `nonce`). We do not read
//! `email_verified`: an address is proven to us, or it is not (see `actions`).

use openidconnect::{
    JsonWebKey, JsonWebKeyId,
    core::{CoreJsonWebKeySet, CoreJwsSigningAlgorithm},
};
use serde::Deserialize;

use crate::auth::secrets;

/// What we take from a provider about a person.
#[derive(Debug, Clone, Deserialize)]
pub struct Claims {
    iss: String,
    pub sub: String,
    aud: Audience,
    azp: Option<String>,
    exp: i64,
    iat: Option<i64>,
    nonce: Option<String>,
    pub email: Option<String>,
    pub name: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

#[derive(Deserialize)]
struct Header {
    alg: CoreJwsSigningAlgorithm,
    kid: Option<String>,
    crit: Option<serde_json::Value>,
}

/// What a token must say to be for us.
#[derive(Debug)]
pub struct Expected<'a> {
    pub issuer: &'a str,
    pub client_id: &'a str,
    /// `None` only for providers that never echo it.
    pub nonce: Option<&'a str>,
    /// Unix seconds.
    pub now: i64,
}

/// Why a token is refused; for the log.
#[derive(Debug, PartialEq, Eq)]
pub enum Bad {
    /// No key we know of signed it: ask for the provider's keys again, they may have been rotated.
    Signature,
    Token(&'static str),
}

/// Clocks differ by this much at most, in seconds.
const LEEWAY: i64 = 60;

/// The claims of a token that holds.
pub fn check(
    token: &str,
    keys: &CoreJsonWebKeySet,
    expected: &Expected<'_>,
) -> Result<Claims, Bad> {
    let mut parts = token.split('.');
    let (Some(header), Some(payload), Some(signature), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(Bad::Token("not three parts"));
    };
    let decode = |part: &str| secrets::decode(part).ok_or(Bad::Token("not base64url"));
    let head: Header = serde_json::from_slice(&decode(header)?)
        .map_err(|_| Bad::Token("unknown header or algorithm"))?;
    if head.crit.is_some() {
        return Err(Bad::Token("critical header extensions"));
    }
    use CoreJwsSigningAlgorithm as A;
    // Asymmetric only: with HS256 whoever knows the client secret could sign.
    if !matches!(
        head.alg,
        A::RsaSsaPkcs1V15Sha256
            | A::RsaSsaPkcs1V15Sha384
            | A::RsaSsaPkcs1V15Sha512
            | A::RsaSsaPssSha256
            | A::EcdsaP256Sha256
            | A::EcdsaP384Sha384
            | A::EdDsa
    ) {
        return Err(Bad::Token("an algorithm we do not take"));
    }
    let message = token
        .rsplit_once('.')
        .map(|(message, _)| message)
        .unwrap_or_default();
    let signature = decode(signature)?;
    let kid = head.kid.map(JsonWebKeyId::new);
    let mut candidates = keys
        .keys()
        .iter()
        .filter(|key| kid.is_none() || key.key_id() == kid.as_ref());
    if !candidates.any(|key| {
        key.verify_signature(&head.alg, message.as_bytes(), &signature)
            .is_ok()
    }) {
        return Err(Bad::Signature);
    }
    let claims: Claims = serde_json::from_slice(&decode(payload)?)
        .map_err(|_| Bad::Token("claims missing or malformed"))?;
    about_us(&claims, expected)?;
    Ok(claims)
}

fn about_us(claims: &Claims, expected: &Expected<'_>) -> Result<(), Bad> {
    // Old Google tokens leave out the scheme (Google's own documentation allows both).
    if claims.iss != expected.issuer && format!("https://{}", claims.iss) != expected.issuer {
        return Err(Bad::Token("another issuer"));
    }
    let ours = |aud: &String| aud == expected.client_id;
    let (is_ours, others) = match &claims.aud {
        Audience::One(aud) => (ours(aud), false),
        Audience::Many(all) => (all.iter().any(ours), all.len() > 1),
    };
    if !is_ours {
        return Err(Bad::Token("another audience"));
    }
    if (others || claims.azp.is_some())
        && claims
            .azp
            .as_ref()
            .is_none_or(|azp| azp != expected.client_id)
    {
        return Err(Bad::Token("another authorised party"));
    }
    if claims.exp + LEEWAY < expected.now {
        return Err(Bad::Token("expired"));
    }
    if claims.iat.is_some_and(|iat| iat > expected.now + LEEWAY) {
        return Err(Bad::Token("issued in the future"));
    }
    if expected.nonce.is_some() && claims.nonce.as_deref() != expected.nonce {
        return Err(Bad::Token("another nonce"));
    }
    if claims.sub.is_empty() || claims.sub.len() > 255 || claims.sub.contains(char::is_control) {
        return Err(Bad::Token("no usable subject"));
    }
    Ok(())
}
