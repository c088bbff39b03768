//! Authenticator apps: time-based one-time passwords (RFC 6238) with the values that every app knows: SHA-1, six digits,
//! thirty seconds.
//!
//! The secret is derived from the account's salt and a server key, so the database alone makes no code.

use hmac::{Hmac, KeyInit, Mac};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use qrcode::{EcLevel, QrCode, render::svg};
use sha1::Sha1;

use crate::{auth::secrets, config::Secret, db::ids::UserId, problem::Problem};

/// Seconds one code is shown.
pub const STEP_SECONDS: i64 = 30;
/// How far the app's clock may be off, in steps each way (RFC 6238 section 5.2 advises at most one).
const DRIFT: i64 = 1;
/// As long as the hash (RFC 4226 section 4, R6).
const SECRET_BYTES: usize = 20;

/// What the app and we share.
pub struct Key([u8; SECRET_BYTES]);

impl Key {
    pub fn derive(secret: &Secret, user: UserId, salt: &[u8]) -> Self {
        let key = secrets::key(secret, "authenticator app");
        let mac = secrets::hmac(&key, &[salt, user.0.as_bytes()]);
        let mut bytes = [0; SECRET_BYTES];
        bytes.copy_from_slice(
            mac.first_chunk::<SECRET_BYTES>()
                .unwrap_or(&[0; SECRET_BYTES]),
        );
        Self(bytes)
    }

    /// The six digits of a time step (RFC 4226 section 5.3).
    pub fn digits(&self, step: i64) -> String {
        // HMAC takes a key of any length; the error type is for other MACs.
        let Ok(mut mac) = Hmac::<Sha1>::new_from_slice(&self.0) else {
            return String::new();
        };
        mac.update(&step.to_be_bytes());
        let hash = mac.finalize().into_bytes();
        let offset = usize::from(hash.last().copied().unwrap_or_default() & 0x0f);
        let four = hash.get(offset..).and_then(|tail| tail.first_chunk::<4>());
        let number = four.map_or(0, |bytes| u32::from_be_bytes(*bytes)) & 0x7fff_ffff;
        format!("{:06}", number % 1_000_000)
    }

    /// The step that these digits are of, if it is about `now`.
    pub fn step_of(&self, digits: &Secret, now: i64) -> Option<i64> {
        let mut found = None;
        for step in now - DRIFT..=now + DRIFT {
            if secrets::same(self.digits(step).as_bytes(), digits.reveal().as_bytes()) {
                found = Some(step);
            }
        }
        found
    }

    /// For typing into the app: base 32 (RFC 4648 section 6).
    pub fn text(&self) -> String {
        base32(&self.0)
    }

    /// What the app reads from the picture: the key URI that all of them understand
    /// (<https://github.com/google/google-authenticator/wiki/Key-Uri-Format>).
    pub fn url(&self, issuer: &str, email: &str) -> String {
        let (issuer, email) = (encoded(issuer), encoded(email));
        let secret = self.text();
        format!(
            "otpauth://totp/{issuer}:{email}?secret={secret}&issuer={issuer}&algorithm=SHA1&digits=6&period={STEP_SECONDS}"
        )
    }
}

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

/// A text as a QR code (ISO/IEC 18004): an SVG picture, dark on white.
pub fn picture(text: &str) -> Result<String, Problem> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M).map_err(Problem::internal)?;
    Ok(code
        .render::<svg::Color<'_>>()
        .min_dimensions(232, 232)
        .build())
}

/// RFC 4648 section 6, without padding.
pub fn base32(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let mut text = String::new();
    let (mut waiting, mut bits) = (0u32, 0);
    for byte in bytes {
        waiting = (waiting << 8) | u32::from(*byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            let letter = ALPHABET.get((waiting >> bits) as usize & 31);
            text.extend(letter.map(|l| char::from(*l)));
        }
    }
    if bits > 0 {
        let letter = ALPHABET.get((waiting << (5 - bits)) as usize & 31);
        text.extend(letter.map(|l| char::from(*l)));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238 appendix B, SHA-1; its eight digits end in our six.
    #[test]
    fn the_digits_are_those_of_the_standard() {
        let key = Key(*b"12345678901234567890");
        for (seconds, digits) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(key.digits(seconds / STEP_SECONDS), digits);
        }
    }

    #[test]
    fn a_step_is_found_within_the_drift_only() {
        let key = Key(*b"12345678901234567890");
        let digits = Secret::new(key.digits(1000));
        for now in 999..=1001 {
            assert_eq!(key.step_of(&digits, now), Some(1000));
        }
        for now in [998, 1002] {
            assert_eq!(key.step_of(&digits, now), None);
        }
    }

    /// RFC 4648 section 10.
    #[test]
    fn base32_is_that_of_the_standard() {
        for (plain, text) in [
            ("", ""),
            ("f", "MY"),
            ("fo", "MZXQ"),
            ("foo", "MZXW6"),
            ("foob", "MZXW6YQ"),
            ("fooba", "MZXW6YTB"),
            ("foobar", "MZXW6YTBOI"),
        ] {
            assert_eq!(base32(plain.as_bytes()), text);
        }
    }

    #[test]
    fn each_account_and_salt_has_its_own_secret() {
        let secret = Secret::new("9f3kD02mvLq8Zt61bWx7Rc5NyPe4HsUa");
        let (ann, bob) = (UserId::new(), UserId::new());
        let key = |user, salt: &[u8]| Key::derive(&secret, user, salt).text();
        assert_eq!(key(ann, b"a"), key(ann, b"a"));
        assert_ne!(key(ann, b"a"), key(bob, b"a"));
        assert_ne!(key(ann, b"a"), key(ann, b"b"));
        assert_eq!(key(ann, b"a").len(), 32);
    }

    #[test]
    fn the_picture_is_an_svg_of_the_address() {
        let key = Key(*b"12345678901234567890");
        let url = key.url("Care & Co", "ann@example.org");
        assert!(url.starts_with("otpauth://totp/Care%20%26%20Co:ann%40example%2Eorg?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&"));
        assert!(picture(&url).unwrap().contains("<svg"));
    }
}
