//! A mail as a typed value. What reaches a header has no line break and no NUL, by construction; the address is parsed.

use std::time::SystemTime;

use lettre::{
    Address, Message,
    message::{
        Mailbox, MultiPart,
        header::{HeaderName, HeaderValue},
    },
};

/// Longest subject in characters: it stays on one line of an inbox, and of the header (RFC 5322 section 2.1.1).
pub const SUBJECT_CHARS: usize = 78;

/// One line of header text: no control character, no line separator, no encoded word of somebody else's making.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line(String);

impl Line {
    /// Takes our own text as it is, or refuses it.
    pub fn exactly(text: &str) -> Result<Self, String> {
        match text.chars().find(|c| breaks(*c)) {
            Some(c) => Err(format!("a header can not hold {c:?}")),
            None => Ok(Self(text.to_owned())),
        }
    }

    /// Makes anybody's text fit: controls become spaces, runs of space one, what is too long is cut.
    pub fn tamed(text: &str, max_chars: usize) -> Self {
        let plain: String = text
            .chars()
            .map(|c| if breaks(c) { ' ' } else { c })
            .collect();
        let words: Vec<&str> = plain.split_whitespace().collect();
        // A mail reader would decode `=?…?=` (RFC 2047), line breaks included.
        let line = words.join(" ").replace("=?", "= ?");
        if line.chars().count() <= max_chars {
            return Self(line);
        }
        let cut: String = line.chars().take(max_chars.saturating_sub(1)).collect();
        Self(format!("{}…", cut.trim_end()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Ends a line somewhere, or hides text: controls, line and paragraph separators, bidirectional overrides.
fn breaks(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// A Message-ID, with its angle brackets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageId(String);

impl MessageId {
    pub fn parse(text: &str) -> Result<Self, String> {
        let inner = text
            .strip_prefix('<')
            .and_then(|t| t.strip_suffix('>'))
            .unwrap_or_default();
        let good = |c: char| c.is_ascii_graphic() && !matches!(c, '<' | '>');
        if inner.contains('@') && inner.chars().all(good) {
            Ok(Self(text.to_owned()))
        } else {
            Err(format!("{text:?} is no Message-ID"))
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A mail ready to be sent.
#[derive(Debug, Clone)]
pub struct Mail {
    pub message_id: MessageId,
    /// The first mail of the same conversation to the same person.
    pub thread: Option<MessageId>,
    pub to: Address,
    pub to_name: Line,
    pub subject: Line,
    pub text: String,
    pub html: String,
}

impl Mail {
    /// The wire form. It says that a machine wrote it (RFC 3834 section 5), so that no other machine answers.
    pub fn to_message(&self, from: &Address, from_name: &Line) -> Result<Message, String> {
        let mailbox = |name: &Line, address: &Address| {
            Mailbox::new(
                Some(name.as_str().to_owned()).filter(|n| !n.is_empty()),
                address.clone(),
            )
        };
        let mut message = Message::builder()
            .from(mailbox(from_name, from))
            .to(mailbox(&self.to_name, &self.to))
            .subject(self.subject.as_str())
            .date(SystemTime::now())
            .message_id(Some(self.message_id.as_str().to_owned()));
        if let Some(thread) = &self.thread {
            message = message
                .in_reply_to(thread.as_str().to_owned())
                .references(thread.as_str().to_owned());
        }
        let mut message = message
            .multipart(MultiPart::alternative_plain_html(
                self.text.clone(),
                self.html.clone(),
            ))
            .map_err(|e| e.to_string())?;
        for (name, value) in [
            (
                HeaderName::new_from_ascii_str("Auto-Submitted"),
                "auto-generated",
            ),
            (
                HeaderName::new_from_ascii_str("X-Auto-Response-Suppress"),
                "All",
            ),
        ] {
            message
                .headers_mut()
                .insert_raw(HeaderValue::new(name, value.to_owned()));
        }
        Ok(message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_line_refuses_what_breaks_it() {
        for bad in ["a\r\nBcc: x@y", "a\nb", "a\0b", "a\u{2028}b", "a\u{85}b"] {
            assert!(Line::exactly(bad).is_err(), "{bad:?}");
        }
        assert_eq!(Line::exactly("Zażółć 😀").unwrap().as_str(), "Zażółć 😀");
    }

    #[test]
    fn anybodys_text_is_tamed_to_one_line() {
        let tamed = |text: &str| Line::tamed(text, 20).0;
        assert_eq!(tamed("a\r\nBcc: x@y"), "a Bcc: x@y");
        assert_eq!(tamed("  a \u{2028} b\0 "), "a b");
        assert_eq!(tamed("=?utf-8?q?=0d=0aX?="), "= ?utf-8?q?=0d=0aX?=");
        assert_eq!(tamed(&"x".repeat(10_000)).chars().count(), 20);
        assert_eq!(tamed("exe\u{202e}gpj.exe"), "exe gpj.exe");
    }

    #[test]
    fn a_message_id_is_one_token() {
        assert!(MessageId::parse("<0199@care.test>").is_ok());
        for bad in [
            "0199@care.test",
            "<a b@c>",
            "<a@b>\r\nX: <c@d>",
            "<>",
            "<a>",
        ] {
            assert!(MessageId::parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn the_wire_form_has_the_expected_headers_only() {
        let mail = Mail {
            message_id: MessageId::parse("<2@care.test>").unwrap(),
            thread: Some(MessageId::parse("<1@care.test>").unwrap()),
            to: "ann@x.test".parse().unwrap(),
            to_name: Line::tamed("Ann\r\nBcc: eve@x.test", 200),
            subject: Line::tamed("Grüße\r\nBcc: eve@x.test", SUBJECT_CHARS),
            text: "text".into(),
            html: "<p>html</p>".into(),
        };
        let message = mail
            .to_message(&"care@x.test".parse().unwrap(), &Line::tamed("Care", 200))
            .unwrap();
        assert_eq!(message.envelope().to().len(), 1);
        let wire = String::from_utf8(message.formatted()).unwrap();
        let head = wire.split("\r\n\r\n").next().unwrap();
        let mut names: Vec<&str> = head
            .lines()
            .filter(|l| !l.starts_with([' ', '\t']))
            .map(|l| l.split(':').next().unwrap())
            .collect();
        names.sort_unstable();
        assert_eq!(
            names,
            [
                "Auto-Submitted",
                "Content-Type",
                "Date",
                "From",
                "In-Reply-To",
                "MIME-Version",
                "Message-ID",
                "References",
                "Subject",
                "To",
                "X-Auto-Response-Suppress"
            ]
        );
        assert!(head.contains("In-Reply-To: <1@care.test>"));
    }
}
