//! The CANARY oracle: what opens a door stands in no log line, in no row of the database, and in no address that a mail
//! leads to, but for the fragment, which browsers send to nobody.
//!
//! Everything of that kind that passes through the harness is remembered: passwords, codes, answers, tokens and cookies of
//! requests and answers, codes and links of mails, and the secrets among the settings. At its end each application, and
//! each server process, is searched for them.

use std::{
    collections::BTreeSet,
    io,
    sync::{Mutex, Once, PoisonError},
};

use care::mail::Sent;
use diesel::{PgConnection, RunQueryDsl as _, sql_types::Text};
use reqwest::header::HeaderMap;
use serde_json::Value;
use tracing_subscriber::{EnvFilter, Layer as _, filter::Targets, layer::SubscriberExt as _};

/// Members of a request's body that are secrets, or hold some.
const ASKED: [&str; 12] = [
    "password",
    "password_confirmation",
    "current_password",
    "code",
    "state",
    "token",
    "refresh_token",
    "registration_token",
    "challenge_token",
    "recovery_code",
    "answer",
    "answers",
];

/// Members of an answer.
const ANSWERED: [&str; 8] = [
    "access_token",
    "refresh_token",
    "device_token",
    "registration_token",
    "challenge_token",
    "recovery_codes",
    "secret",
    "otpauth_url",
];

/// Shorter ones stand everywhere by chance. A code of six digits is looked for as a word of its own.
const SHORTEST: usize = 8;
const DIGITS: usize = 6;

/// The secrets that one application, or several on one database, know.
#[derive(Default)]
pub struct Canaries(Mutex<BTreeSet<String>>);

impl Canaries {
    pub fn note(&self, secret: &str) {
        let compact = secret.replace(' ', "");
        if is_code(&compact) {
            self.insert(compact);
        } else if secret.len() >= SHORTEST {
            self.insert(secret.to_owned());
        }
    }

    fn insert(&self, secret: String) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(secret);
    }

    /// The secrets in what the server answered.
    pub fn note_answer(&self, headers: &HeaderMap, body: &Value) {
        for secret in members(body, &ANSWERED) {
            self.note(&secret);
        }
        for cookie in headers.get_all("set-cookie") {
            let pair = cookie.to_str().unwrap().split(';').next();
            if let Some((_, value)) = pair.and_then(|p| p.split_once('=')) {
                self.note(value);
            }
        }
    }

    /// The code and the link of a mail.
    fn note_mail(&self, mail: &Sent) {
        for line in mail.text.lines().filter(|l| is_code(&l.replace(' ', ""))) {
            self.note(line);
        }
        for after in mail.text.split("#token=").skip(1) {
            self.note(after.split_whitespace().next().unwrap_or_default());
        }
    }

    /// The secrets among the settings.
    pub fn note_settings<'a>(&self, settings: impl Iterator<Item = (&'a str, &'a str)>) {
        for (name, value) in settings {
            if name.ends_with("SECRET") || name.ends_with("_TOKEN") {
                self.note(value);
            }
        }
    }

    /// Those that the text holds.
    pub fn within(&self, text: &str) -> Vec<String> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let found = known.iter().filter(|secret| holds(text, secret));
        found.cloned().collect()
    }

    /// Where a secret stands in the database, the log since `from`, or the mails.
    pub fn leaks(&self, conn: &mut PgConnection, from: usize, mails: &[Sent]) -> Vec<String> {
        mails.iter().for_each(|mail| self.note_mail(mail));
        let mut leaks = Vec::new();
        let links: Vec<&str> = mails
            .iter()
            .flat_map(|mail| addresses(&mail.text))
            .collect();
        for (place, text) in [
            ("the table", rows(conn).join("\n")),
            ("the log", log_since(from)),
            ("the address", links.join("\n")),
        ] {
            for secret in self.within(&text) {
                let lines = text.lines().filter(|line| holds(line, &secret));
                leaks.extend(lines.map(|line| format!("{secret} in {place}: {line}")));
            }
        }
        leaks
    }
}

fn is_code(text: &str) -> bool {
    text.len() == DIGITS && text.bytes().all(|b| b.is_ascii_digit())
}

fn holds(text: &str, secret: &str) -> bool {
    if !is_code(secret) {
        return text.contains(secret);
    }
    // Not within an id, a fraction of a second or a ticket's number.
    let inner = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-');
    text.match_indices(secret).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + secret.len()..].chars().next();
        !before.is_some_and(|c| inner(c) || c == '.') && !after.is_some_and(inner)
    })
}

/// The texts of members with these names, however deep.
fn members(value: &Value, names: &[&str]) -> Vec<String> {
    match value {
        Value::Object(map) => {
            let all = map.iter().flat_map(|(name, value)| {
                if names.contains(&name.as_str()) {
                    texts(value)
                } else {
                    members(value, names)
                }
            });
            all.collect()
        }
        Value::Array(list) => list.iter().flat_map(|v| members(v, names)).collect(),
        _ => vec![],
    }
}

fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Array(list) => list.iter().flat_map(texts).collect(),
        Value::Object(map) => map.values().flat_map(texts).collect(),
        _ => vec![],
    }
}

/// The secrets in a request's body.
pub fn asked(body: &Value) -> Vec<String> {
    members(body, &ASKED)
}

/// The links of a text, without their fragments.
fn addresses(text: &str) -> impl Iterator<Item = &str> {
    let links = text.match_indices("http").map(|(at, _)| &text[at..]);
    links.map(|link| link.split(['#', ' ', '\n']).next().unwrap_or_default())
}

/// What an address may cost to read, where a test fills a table.
const ROWS: usize = 3000;

/// The rows of all tables as JSON, each after its table's name. Without the numbers of transactions, which may look like
/// codes. Tables without a file's worth of anything are not even opened: most are like that, and opening takes time.
fn rows(conn: &mut PgConnection) -> Vec<String> {
    #[derive(diesel::QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        row: String,
    }
    let mut load = |query: &str| {
        let rows = diesel::sql_query(query).load::<Row>(conn).unwrap();
        rows.into_iter().map(|r| r.row).collect::<Vec<_>>()
    };
    let tables = load(&format!(
        "SELECT format('(SELECT %L || (to_jsonb(t) - ''xid'')::text AS row FROM %I t LIMIT {ROWS})', \
         relname || ' ', relname) AS row FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' \
         AND (pg_stat_file(pg_relation_filepath(oid))).size > 0"
    ));
    load(&tables.join(" UNION ALL "))
}

/// Everything that was logged in this process so far.
static LOG: Mutex<String> = Mutex::new(String::new());

struct Keeper;

impl io::Write for Keeper {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut log = LOG.lock().unwrap_or_else(PoisonError::into_inner);
        log.push_str(&String::from_utf8_lossy(bytes));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Where the log is now.
pub fn log_end() -> usize {
    LOG.lock().unwrap_or_else(PoisonError::into_inner).len()
}

fn log_since(from: usize) -> String {
    let log = LOG.lock().unwrap_or_else(PoisonError::into_inner);
    log.get(from..).unwrap_or_default().to_owned()
}

/// Keeps what is logged: ours in every detail, the rest as operators have it. On standard error, too, when it is wanted:
/// `RUST_LOG=info cargo test …`.
pub fn keep_log() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let all = Targets::new()
            .with_target("care", tracing::Level::TRACE)
            .with_default(tracing::Level::INFO);
        let kept = tracing_subscriber::fmt::layer()
            .with_ansi(false)
            .with_writer(|| Keeper)
            .with_filter(all);
        let wanted = EnvFilter::try_from_default_env().ok().map(|filter| {
            let shown = tracing_subscriber::fmt::layer().with_writer(io::stderr);
            shown.with_filter(filter)
        });
        let log = tracing_subscriber::registry().with(kept).with(wanted);
        tracing::subscriber::set_global_default(log).unwrap();
    });
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_code_is_a_word_of_its_own() {
        for text in [
            "\"123456\"",
            "code=123456",
            "is 123456.",
            "#123456",
            "123456",
        ] {
            assert!(holds(text, "123456"), "{text}");
        }
        for text in [
            "0.123456",
            "a123456",
            "1234567",
            "CCR-123456",
            "123456-7890",
        ] {
            assert!(!holds(text, "123456"), "{text}");
        }
    }

    #[test]
    fn secrets_are_found_however_deep() {
        let body = json!({ "a": [{ "password": "one" }], "answers": ["two", { "x": "three" }], "name": "Ann" });
        let mut found = asked(&body);
        found.sort();
        assert_eq!(found, ["one", "three", "two"]);
    }
}
