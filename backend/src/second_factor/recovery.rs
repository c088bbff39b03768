//! Recovery codes: ten for the day the app is lost, each good once. Derived like everything that opens a door.

use crate::{auth::secrets, config::Secret, db::ids::UserId};

use super::totp::base32;

pub const CODES: u32 = 10;
/// A bit for each.
pub const ALL: i32 = (1 << CODES) - 1;
const LETTERS: usize = 12;

/// One code: twelve letters and digits, 60 bits, lower case.
fn code(secret: &Secret, user: UserId, salt: &[u8], number: u32) -> String {
    let key = secrets::key(secret, "recovery code");
    let mac = secrets::hmac(&key, &[salt, user.0.as_bytes(), &number.to_be_bytes()]);
    let mut text = base32(mac.first_chunk::<8>().map_or(&[][..], |bytes| bytes));
    text.truncate(LETTERS);
    text.to_lowercase()
}

/// All ten as they are shown: in groups of four.
pub fn codes(secret: &Secret, user: UserId, salt: &[u8]) -> Vec<String> {
    let all = (0..CODES).map(|number| code(secret, user, salt, number));
    all.map(|code| {
        let (first, rest) = code.split_at(4);
        let (second, third) = rest.split_at(4);
        format!("{first}-{second}-{third}")
    })
    .collect()
}

/// The bit of the code that was typed, whatever the case, spaces and hyphens.
pub fn bit_of(secret: &Secret, user: UserId, salt: &[u8], typed: &Secret) -> Option<i32> {
    let typed = typed.reveal().chars().filter(|c| c.is_alphanumeric());
    let typed = typed.collect::<String>().to_lowercase();
    let mut found = None;
    for number in 0..CODES {
        let right = code(secret, user, salt, number);
        if secrets::same(right.as_bytes(), typed.as_bytes()) {
            found = Some(1 << number);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_code_has_its_bit_however_it_is_typed() {
        let secret = Secret::new("9f3kD02mvLq8Zt61bWx7Rc5NyPe4HsUa");
        let (user, salt) = (UserId::new(), b"salt");
        let all = codes(&secret, user, salt);
        assert_eq!(all.len(), 10);
        for (n, code) in all.iter().enumerate() {
            assert_eq!(code.len(), 14);
            let typed = Secret::new(code.to_uppercase().replace('-', " "));
            assert_eq!(bit_of(&secret, user, salt, &typed), Some(1 << n));
        }
        for typed in ["", "-", "aaaa-aaaa-aaaa", all[0].get(..9).unwrap()] {
            assert_eq!(bit_of(&secret, user, salt, &Secret::new(typed)), None);
        }
        let other = codes(&secret, user, b"other");
        assert!(all.iter().all(|code| !other.contains(code)));
    }
}
