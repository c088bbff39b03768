//! How a browser shows that it is the same one again: `base64url(id ‖ HMAC(id))`. The token signs nobody in; it only
//! tells a known browser from a new one, whoever of its people signs in.

use crate::{auth::secrets, config::Secret, db::ids::DeviceId};

/// The browser of a sign-in.
#[derive(Debug, Clone, Copy)]
pub struct Device {
    pub id: DeviceId,
    /// The person was not known to use it.
    pub is_new: bool,
    /// It is new, and there is something to compare it with.
    pub is_strange: bool,
}

fn prove(secret: &Secret, id: DeviceId) -> secrets::Key {
    secrets::hmac(&secrets::key(secret, "device"), &[id.0.as_bytes()])
}

pub fn token(secret: &Secret, id: DeviceId) -> Secret {
    let proof = prove(secret, id);
    Secret::new(secrets::encode(
        &[id.0.as_bytes().as_slice(), &proof].concat(),
    ))
}

/// The device of a token that is ours.
pub fn parse(secret: &Secret, token: &Secret) -> Option<DeviceId> {
    let bytes = secrets::decode(token.reveal())?;
    let (id, proof) = bytes.split_first_chunk::<16>()?;
    let id = DeviceId(uuid::Uuid::from_bytes(*id));
    secrets::same(&prove(secret, id), proof).then_some(id)
}

impl Device {
    pub fn token(&self, secret: &Secret) -> Secret {
        token(secret, self.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_names_one_device_and_can_not_be_made_without_the_secret() {
        let secret = Secret::new("9f3kD02mvLq8Zt61bWx7Rc5NyPe4HsUa");
        let id = DeviceId::new();
        let good = token(&secret, id);
        assert_eq!(parse(&secret, &good), Some(id));
        let other = Secret::new("another secret of some length, 32+");
        assert_eq!(parse(&other, &good), None);
        let bare = secrets::encode(id.0.as_bytes());
        for bad in ["", "x", "%%%%", &bare, &"A".repeat(64)] {
            assert_eq!(parse(&secret, &Secret::new(bad)), None, "{bad}");
        }
    }
}
