//! Answers as people mean them.

use unicode_normalization::UnicodeNormalization;

use crate::{auth::secrets, config::Secret};

/// A question with the hash of its answer.
#[derive(Debug, Clone)]
pub struct Question {
    pub question: String,
    pub answer_hash: String,
}

/// One answer typed in two ways is one answer: compatibility forms, case and space make no difference (Unicode NFKC).
pub fn normal(answer: &str) -> String {
    let folded: String = answer.nfkc().flat_map(char::to_lowercase).collect();
    // Lower case may need composing again.
    let composed: String = folded.nfkc().collect();
    let words: Vec<&str> = composed.split_whitespace().collect();
    words.join(" ")
}

/// What is hashed and compared: of one length, so that bcrypt's limit cuts nothing off, and useless without our key.
pub fn keyed(secret: &Secret, answer: &str) -> Secret {
    let key = secrets::key(secret, "security answer");
    let hash = secrets::hmac(&key, &[normal(answer).as_bytes()]);
    Secret::new(secrets::encode(&hash))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_answer_typed_in_several_ways() {
        for typed in [
            "Miss  Piggy ",
            "miss piggy",
            "MISS\u{a0}PIGGY",
            "Ｍｉｓｓ　Ｐｉｇｇｙ",
            "mi\u{17f}s piggy",
        ] {
            assert_eq!(normal(typed), "miss piggy", "{typed}");
        }
        assert_eq!(normal("e\u{301}cole"), normal("École"));
        assert_ne!(normal("miss piggy"), normal("misspiggy"));
        assert_eq!(normal(" \t\u{3000}"), "");
    }

    #[test]
    fn the_end_of_a_long_answer_counts() {
        let secret = Secret::new("9f3kD02mvLq8Zt61bWx7Rc5NyPe4HsUa");
        let long = "ப".repeat(100);
        let (one, other) = (keyed(&secret, &long), keyed(&secret, &format!("{long}x")));
        assert_ne!(one.reveal(), other.reveal());
        assert!(one.reveal().len() < 72);
    }
}
