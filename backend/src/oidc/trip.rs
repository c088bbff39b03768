//! One trip to a provider and back, bound to one browser, one provider, one purpose and a few minutes.
//!
//! Everything the trip needs to remember is derived from its random salt, so the row alone completes nothing:
//! `state` (against forged callbacks), the browser's cookie (against using somebody else's), `nonce` (against replayed ID
//! tokens) and the PKCE verifier (against stolen codes).

use crate::{
    auth::secrets,
    config::Secret,
    db::ids::TripId,
    problem::{Code, Problem},
};

use super::provider::Binding;

/// The row's id and salt.
#[derive(Debug, Clone)]
pub struct Trip {
    pub id: TripId,
    pub salt: Vec<u8>,
}

/// The answer to every callback that does not belong to a trip of this browser.
pub fn lost() -> Problem {
    Problem::new(
        Code::ProviderRefused,
        "That sign-in was started in another browser, was used already, or took too long. Please start again.",
    )
}

impl Trip {
    pub fn new() -> Self {
        Self {
            id: TripId::new(),
            salt: secrets::random::<32>().to_vec(),
        }
    }

    fn derive(&self, secret: &Secret, what: &str) -> secrets::Key {
        secrets::hmac(
            &secrets::key(secret, "provider trip"),
            &[what.as_bytes(), self.id.0.as_bytes(), &self.salt],
        )
    }

    /// What goes to the provider.
    pub fn binding(&self, secret: &Secret) -> Binding {
        Binding {
            state: self.token(secret, "state"),
            nonce: secrets::encode(&self.derive(secret, "nonce")),
            pkce_verifier: secrets::encode(&self.derive(secret, "pkce")),
        }
    }

    /// A token that names the trip and proves `what`.
    pub fn token(&self, secret: &Secret, what: &str) -> String {
        secrets::encode(&[self.id.0.as_bytes().as_slice(), &self.derive(secret, what)].concat())
    }

    /// The cookie that ties the trip to the browser that began it.
    pub fn cookie(&self, secret: &Secret) -> Secret {
        Secret::new(self.token(secret, "browser"))
    }

    pub fn fits(&self, secret: &Secret, what: &str, presented: &str) -> bool {
        secrets::same(self.token(secret, what).as_bytes(), presented.as_bytes())
    }
}

/// The trip a token names, unproven.
pub fn id_of(token: &str) -> Option<TripId> {
    let bytes = secrets::decode(token)?;
    let (id, proof) = bytes.split_first_chunk::<16>()?;
    (proof.len() == 32).then(|| TripId(uuid::Uuid::from_bytes(*id)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_of_one_trip_do_not_stand_for_another_purpose() {
        let secret = Secret::new("9f3kD02mvLq8Zt61bWx7Rc5NyPe4HsUa");
        let trip = Trip::new();
        let binding = trip.binding(&secret);
        assert!(trip.fits(&secret, "state", &binding.state));
        assert!(!trip.fits(&secret, "browser", &binding.state));
        assert!(!Trip::new().fits(&secret, "state", &binding.state));
        assert_eq!(id_of(&binding.state), Some(trip.id));
        // RFC 7636 section 4.1: 43 to 128 unreserved characters.
        assert_eq!(binding.pkce_verifier.len(), 43);
    }
}
