//! Turning what came over the wire into values that may be stored. Every text enters through here: bounded, trimmed, NFC,
//! without control characters. All mistakes of a request are reported together, each with its field.

use unicode_normalization::UnicodeNormalization;

use crate::problem::{FieldCode, FieldError, Problem};

/// Collects the mistakes of one request.
#[derive(Default)]
pub struct Check {
    errors: Vec<FieldError>,
}

impl Check {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn fail(&mut self, pointer: &str, code: FieldCode, detail: impl Into<String>) {
        self.errors.push(FieldError {
            pointer: pointer.into(),
            code,
            detail: detail.into(),
        });
    }

    /// One line of `min..=max` characters.
    pub fn line(&mut self, pointer: &str, value: &str, min: usize, max: usize) -> String {
        let clean = clean(value, false);
        self.bounded(pointer, (value, &clean), min, max);
        clean
    }

    /// Several lines of `min..=max` characters.
    pub fn text(&mut self, pointer: &str, value: &str, min: usize, max: usize) -> String {
        let clean = clean(value, true);
        self.bounded(pointer, (value, &clean), min, max);
        clean
    }

    /// A line that may be left out; blank counts as left out.
    pub fn optional_line(
        &mut self,
        pointer: &str,
        value: Option<&str>,
        max: usize,
    ) -> Option<String> {
        value
            .map(|v| self.line(pointer, v, 0, max))
            .filter(|v| !v.is_empty())
    }

    /// Several lines that may be left out; blank counts as left out.
    pub fn optional_text(
        &mut self,
        pointer: &str,
        value: Option<&str>,
        max: usize,
    ) -> Option<String> {
        value
            .map(|v| self.text(pointer, v, 0, max))
            .filter(|v| !v.is_empty())
    }

    /// One email address: a single addr-spec (RFC 5321 lengths, no quoting, no comments), kept as typed but for its
    /// surrounding space. Look-alikes stay apart: only ASCII is taken.
    pub fn email(&mut self, pointer: &str, value: &str) -> String {
        let value = value.trim();
        if value.is_empty() {
            self.fail(pointer, FieldCode::Required, "Enter an email address.");
        } else if value.len() > 254 {
            self.fail(
                pointer,
                FieldCode::TooLong,
                "An email address has at most 254 characters.",
            );
        } else if !is_email(value) {
            self.fail(
                pointer,
                FieldCode::Malformed,
                "That does not look like an email address.",
            );
        }
        value.to_owned()
    }

    /// A phone number as people write it: digits, spaces, `+ - ( ) . /`, at least four digits.
    pub fn optional_phone(&mut self, pointer: &str, value: Option<&str>) -> Option<String> {
        let phone = self.optional_line(pointer, value, 32)?;
        let digits = phone.chars().filter(char::is_ascii_digit).count();
        if digits < 4
            || !phone
                .chars()
                .all(|c| c.is_ascii_digit() || " +-()./".contains(c))
        {
            self.fail(
                pointer,
                FieldCode::Malformed,
                "Enter a phone number with at least four digits.",
            );
        }
        Some(phone)
    }

    pub fn range(&mut self, pointer: &str, value: i64, min: i64, max: i64) {
        if !(min..=max).contains(&value) {
            self.fail(
                pointer,
                FieldCode::OutOfRange,
                format!("Choose a value from {min} to {max}."),
            );
        }
    }

    /// Ok when nothing was wrong.
    pub fn done(self) -> Result<(), Problem> {
        if self.errors.is_empty() {
            Ok(())
        } else {
            Err(Problem::invalid(self.errors))
        }
    }

    /// Nothing is too long for the store, nor for the API's description, which counts what was sent.
    fn bounded(&mut self, pointer: &str, (sent, clean): (&str, &str), min: usize, max: usize) {
        let length = clean.chars().count();
        if length == 0 && min > 0 {
            self.fail(pointer, FieldCode::Required, "Please fill this in.");
        } else if length < min {
            self.fail(
                pointer,
                FieldCode::TooShort,
                format!("Use at least {min} characters."),
            );
        } else if length.max(sent.chars().count()) > max {
            self.fail(
                pointer,
                FieldCode::TooLong,
                format!("Use at most {max} characters."),
            );
        }
    }
}

/// NFC, trimmed, without characters that only serve to deceive: controls (but for line breaks and tabs where lines are
/// allowed), and the bidirectional overrides of Unicode TR 36.
fn clean(value: &str, lines: bool) -> String {
    let value = value.replace("\r\n", "\n");
    let kept = value.nfc().filter_map(|c| match c {
        '\n' | '\t' if lines => Some(c),
        '\n' | '\r' | '\t' | '\u{2028}' | '\u{2029}' => Some(if lines { '\n' } else { ' ' }),
        c if c.is_control() => None,
        '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}' => None,
        c => Some(c),
    });
    kept.collect::<String>().trim().to_owned()
}

fn is_email(value: &str) -> bool {
    let Some((local, domain)) = value.rsplit_once('@') else {
        return false;
    };
    let atom = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+/=?^_`{|}~-".contains(c);
    let local_ok = !local.is_empty()
        && local.len() <= 64
        && local
            .split('.')
            .all(|part| !part.is_empty() && part.chars().all(atom));
    let label = |l: &str| {
        !l.is_empty()
            && l.len() <= 63
            && l.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
            && !l.starts_with('-')
            && !l.ends_with('-')
    };
    local_ok && domain.contains('.') && domain.split('.').all(label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn email_takes_one_plain_address_only() {
        for good in [
            "a@b.co",
            "first.last+tag@sub.example.org",
            "o'neil@example.ie",
        ] {
            assert!(is_email(good), "{good}");
        }
        for bad in [
            "a@b",
            "a b@c.de",
            "a@b.de, v@x.de",
            "\"a\r\nRCPT TO:<v>\"@x.de",
            "a@@b.de",
            "a@b..de",
            "ａ@b.de",
            "\u{212A}@b.de",
            "",
        ] {
            assert!(!is_email(bad), "{bad}");
        }
    }

    #[test]
    fn text_is_normalised_and_cannot_deceive() {
        assert_eq!(clean(" e\u{301}\u{0}\u{202E}x\r\ny ", true), "éx\ny");
        assert_eq!(clean("a\r\nBcc: x", false), "a Bcc: x");
    }
}
