//! What opens a door stands in no line that a server logs. The integration tests look for the very secrets that pass through
//! them; here a browser holds those, so the lines are searched for what such secrets look like.

/// What the browser tests type as passwords, right or wrong, and the server's secret at the identity provider.
const TYPED: [&str; 4] = [
    "kind words for everyone",
    "violet harbour tandem 41",
    "not the right words",
    super::provider::CLIENT_SECRET,
];

/// The first secret in the log: what it is, and the line it stands in.
pub fn find(log: &str) -> Option<String> {
    let mut lines = log.lines().zip(1..);
    lines.find_map(|(line, number)| {
        let what = secret(line)?;
        Some(format!("line {number} holds {what}: {line}"))
    })
}

/// What kind of secret the line holds.
fn secret(line: &str) -> Option<&'static str> {
    if TYPED.iter().any(|typed| line.contains(typed)) {
        return Some("what was typed");
    }
    if line.contains("otpauth:") {
        return Some("the picture of an authenticator's key");
    }
    if ["$2a$", "$2b$", "$2y$"].iter().any(|v| line.contains(v)) {
        return Some("the hash of a password");
    }
    if codes(line) {
        return Some("a one-time code");
    }
    let in_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    line.split(|c| !in_word(c)).find_map(word)
}

/// What kind of secret the word is: one of letters, digits, `_` and `-`, as base64url has (RFC 4648 section 5).
fn word(word: &str) -> Option<&'static str> {
    let has = |kind: fn(&char) -> bool| word.chars().any(|c| kind(&c));
    let digit = has(char::is_ascii_digit);
    // `{"` in base64: where a JSON Web Token begins.
    if word.starts_with("eyJ") && word.len() >= 20 {
        return Some("an access token");
    }
    let mixed = has(char::is_ascii_lowercase) && has(char::is_ascii_uppercase) && digit;
    // Of 256 bits or more. Identifiers are in hexadecimal, of one case.
    if mixed && word.len() >= 43 {
        return Some("the token of a session, a link or a device");
    }
    if digit && word.len() == 32 && word.chars().all(|c| matches!(c, 'A'..='Z' | '2'..='7')) {
        return Some("an authenticator's key");
    }
    let groups: Vec<&str> = word.split('-').collect();
    let lower = |c: char| matches!(c, 'a'..='z' | '2'..='7');
    let group = |text: &&str| text.len() == 4 && text.chars().all(lower);
    if digit && groups.len() == 3 && groups.iter().all(group) {
        return Some("a recovery code");
    }
    None
}

/// Whether six digits stand there as a word: not within an id, a fraction of a second or a ticket's number.
fn codes(line: &str) -> bool {
    let inner = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
    let mut words = line.split(|c| !inner(c)).map(|w| w.trim_end_matches('.'));
    words.any(|word| word.len() == 6 && word.bytes().all(|b| b.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const REQUEST: &str = r#"2026-11-22T09:07:15.870115Z  INFO request request_id="01a202827d127427beb8d54e2cce718a" method="GET" route="/readyz" status=200 ms=11"#;

    /// What servers say every day.
    const INNOCENT: [&str; 8] = [
        REQUEST,
        r#"2026-11-22T09:07:15.365797Z  INFO migrated step="20261121000001""#,
        r#"INFO ready url="http://127.0.0.1:38517" listen=127.0.0.1:38517"#,
        "WARN the gateway refuses a text for good code=0195d1a2-7c3e-7b1a-a234-2f6d123456ab",
        "INFO a mail is dropped mail=01a202827d127427beb8d54e2cce718a why=\"its code is used, replaced or expired\"",
        "moved CCR-100042 in 0.123456 s, for a well-read-soul and its well-read-self",
        "etag=\"4f2d0c6a9b1e8d7745aa0192c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f6\"",
        r#"thread 'main' panicked at /builds/registry/src/index.crates.io-1949cf8c6b5b557f/actix-web-4.11.0/src/lib.rs:12:5"#,
    ];

    #[test]
    fn what_servers_say_every_day_is_no_secret() {
        for line in INNOCENT {
            assert_eq!(find(line), None);
        }
    }

    #[test]
    fn a_secret_of_each_kind_is_found_and_its_line_named() {
        let secrets = [
            (
                "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJjYXJlIn0.c2ln",
                "access token",
            ),
            (
                "AZ0hWl5zc2Fs-W50cm9kdWN0aW9uX3RvX3RoZV9zZXNzaW9uX29mX2Fubg",
                "a session",
            ),
            ("AZ0hWl5zc2FsW50cm9kdWN0aW9uX3RvX3RoZV9zZXNz", "a session"),
            ("$2b$06$4nF0rOvqkEJh8Z0Xr5Zl5u", "hash"),
            ("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", "authenticator's key"),
            ("otpauth://totp/Care:ann", "authenticator's key"),
            ("k4fa-2mwq-7xbe", "recovery code"),
            ("042133", "one-time code"),
            ("kind words for everyone", "typed"),
            ("s3cr3t-of+the/client", "typed"),
        ];
        for (secret, what) in secrets {
            for line in [
                format!("INFO signed in with={secret}"),
                format!("WARN refused body={{\"code\":\"{secret}\"}}"),
                format!("GET /confirm?token={secret}&x=1"),
                format!("INFO it was {secret}."),
            ] {
                let log = format!("{}\n{line}\n{REQUEST}\n", INNOCENT.join("\n"));
                let found = find(&log).unwrap_or_default();
                assert!(found.starts_with("line 9 holds "), "{line}: {found}");
                assert!(found.contains(what) && found.ends_with(&line), "{found}");
            }
        }
    }

    /// So that nobody changes what is typed without changing what is looked for.
    #[test]
    fn the_browser_tests_type_these() {
        let folder = crate::repo::frontend().join("tests/e2e");
        let read = |file: &str| std::fs::read_to_string(folder.join(file)).unwrap_or_default();
        let people = read("fixtures/people.ts") + &read("auth/sessions.spec.ts");
        for typed in &TYPED[..3] {
            assert!(people.contains(&format!("'{typed}'")), "{typed}");
        }
        assert_eq!(people.matches("PASSWORD = '").count(), 2);
    }
}
