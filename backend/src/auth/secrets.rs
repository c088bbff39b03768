//! Keys and one-time secrets. Everything derives from the one configured secret, so nothing that opens a door is stored:
//! a refresh token or a code is HMAC-SHA-256 (RFC 2104) of a random salt that the database keeps, under a key it lacks.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;

use crate::config::Secret;

pub type Key = [u8; 32];

/// HMAC-SHA-256.
pub fn hmac(key: &[u8], message: &[&[u8]]) -> Key {
    // HMAC takes a key of any length; the error type is for other MACs.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else {
        return [0; 32];
    };
    for part in message {
        // Length first, so that no two messages run together.
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

/// The key for one purpose.
pub fn key(secret: &Secret, purpose: &str) -> Key {
    hmac(secret.reveal().as_bytes(), &[b"care", purpose.as_bytes()])
}

/// Random bytes from the operating system.
pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    // A machine without randomness must not hand out secrets.
    if getrandom::fill(&mut bytes).is_err() {
        std::process::abort();
    }
    bytes
}

pub fn same(a: &[u8], b: &[u8]) -> bool {
    a.ct_eq(b).into()
}

pub fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

pub fn decode(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

/// The six digits a person types. The tiny bias of the modulus (2^64 mod 10^6) is below 10^-13.
pub fn six_digits(key: &Key, salt: &[u8]) -> String {
    let mac = hmac(key, &[b"digits", salt]);
    let n = mac.first_chunk::<8>().map_or(0, |b| u64::from_be_bytes(*b));
    format!("{:06}", n % 1_000_000)
}

/// What a link carries: 256 bits.
pub fn link_token(key: &Key, salt: &[u8]) -> Key {
    hmac(key, &[b"link", salt])
}
