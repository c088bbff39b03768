//! The key that the double signs with, and the ways to sign wrongly.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use care::auth::secrets;
use openidconnect::{
    JsonWebKeyId, PrivateSigningKey as _,
    core::{CoreEdDsaPrivateSigningKey, CoreHmacKey, CoreJwsSigningAlgorithm},
};
use serde_json::{Value, json};

use super::{CLIENT_SECRET, double::Seal};

pub struct Key {
    id: String,
    signing: CoreEdDsaPrivateSigningKey,
}

/// What stands before the 32 bytes of an Ed25519 key in PKCS #8 (RFC 8410 section 7).
const PKCS8: [u8; 16] = [
    0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
];

impl Key {
    pub fn new() -> Self {
        Self::named(secrets::encode(&secrets::random::<6>()))
    }

    fn named(id: String) -> Self {
        let der = [&PKCS8[..], &secrets::random::<32>()].concat();
        let label = "PRIVATE KEY";
        let pem = format!(
            "-----BEGIN {label}-----\n{}\n-----END {label}-----\n",
            STANDARD.encode(der)
        );
        let name = Some(JsonWebKeyId::new(id.clone()));
        let signing = CoreEdDsaPrivateSigningKey::from_ed25519_pem(&pem, name).unwrap();
        Self { id, signing }
    }

    /// As the provider publishes it.
    pub fn public(&self) -> Value {
        serde_json::to_value(self.signing.as_verification_key()).unwrap()
    }

    /// An ID token.
    pub fn seal(&self, claims: &Value, seal: Seal) -> String {
        use CoreJwsSigningAlgorithm as A;
        let alg = match seal {
            Seal::None => "none",
            Seal::Shared => "HS256",
            _ => "EdDSA",
        };
        let header = json!({ "alg": alg, "kid": self.id, "typ": "JWT" });
        let part = |value: &Value| secrets::encode(value.to_string().as_bytes());
        let message = format!("{}.{}", part(&header), part(claims));
        let bytes = message.as_bytes();
        let signature = match seal {
            Seal::Right => self.signing.sign(&A::EdDsa, bytes).unwrap(),
            Seal::Forged => Self::named(self.id.clone())
                .signing
                .sign(&A::EdDsa, bytes)
                .unwrap(),
            Seal::Shared => CoreHmacKey::new(CLIENT_SECRET)
                .sign(&A::HmacSha256, bytes)
                .unwrap(),
            Seal::Empty | Seal::None => Vec::new(),
        };
        format!("{message}.{}", secrets::encode(&signature))
    }
}
