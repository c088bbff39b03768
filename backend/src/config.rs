//! Everything that can be set, read once from the environment. All mistakes are reported together.
//!
//! The table in `backend/CONFIG.md` is written from [`VARIABLES`] and held by a test.

use std::{collections::BTreeMap, fmt, net::SocketAddr, path::PathBuf, time::Duration};

/// Every variable: name, default as text, what it does. The reader below refuses names that are not here.
pub const VARIABLES: &[(&str, &str, &str)] = &[
    (
        "DATABASE_URL",
        "",
        "libpq URL of the PostgreSQL to use; empty: a private PostgreSQL is started in CARE_DATA",
    ),
    (
        "CARE_DATA",
        "",
        "folder for the private PostgreSQL; default /var/lib/care for root, else ~/.local/share/care",
    ),
    (
        "CARE_PG_BIN",
        "",
        "folder with `initdb` and `postgres`, when they are in none of the usual places",
    ),
    (
        "CARE_LISTEN",
        "127.0.0.1:8080",
        "address and port to serve on",
    ),
    (
        "CARE_METRICS_LISTEN",
        "127.0.0.1:9464",
        "internal address for Prometheus metrics; off: none",
    ),
    (
        "CARE_PUBLIC_URL",
        "http://127.0.0.1:8080",
        "where people reach the SPA; the only base of links in mails",
    ),
    (
        "CARE_API_URL",
        "",
        "where integrators reach the API; default: CARE_PUBLIC_URL",
    ),
    (
        "CARE_NAME",
        "Customer Care Registry",
        "name shown in the SPA and in mails",
    ),
    (
        "CARE_SECRET",
        "",
        "at least 32 random characters that all keys are derived from; required outside demo mode",
    ),
    (
        "CARE_DEMO",
        "0",
        "1: demo mode, with demo accounts, sample tickets and a mailbox page; never for real use",
    ),
    (
        "CARE_SPA_DIR",
        "",
        "folder of the built SPA; empty: the copy in the binary if it was built with one",
    ),
    (
        "CARE_CORS_ORIGINS",
        "",
        "further exact origins (comma-separated) the SPA may be served from",
    ),
    (
        "CARE_TRUSTED_PROXIES",
        "",
        "exact addresses (comma-separated) whose X-Forwarded-For is believed",
    ),
    (
        "CARE_MAIL",
        "",
        "smtp://[user:pass@]host:port, smtps://…, file:FOLDER or memory; required outside demo mode",
    ),
    (
        "CARE_MAIL_FROM",
        "care@localhost",
        "sender address of all mails",
    ),
    (
        "CARE_MAIL_TIMEOUT",
        "20",
        "seconds one SMTP conversation may take",
    ),
    (
        "CARE_AWAY_MAIL_AFTER",
        "60",
        "seconds a message may stay unread before its reader is mailed",
    ),
    (
        "CARE_WORKERS",
        "1",
        "HTTP worker threads; the work is in the database",
    ),
    (
        "CARE_DB_POOL",
        "8",
        "database connections for requests; two to four per core",
    ),
    (
        "CARE_DB_WAIT",
        "3",
        "seconds a request waits for a database connection before it is told 503",
    ),
    (
        "CARE_STATEMENT_TIMEOUT",
        "10",
        "seconds one SQL statement may take",
    ),
    ("CARE_LOCK_TIMEOUT", "5", "seconds to wait for a row lock"),
    (
        "CARE_JOB_WORKERS",
        "2",
        "threads that send mail and do other background work",
    ),
    ("CARE_BCRYPT_COST", "12", "bcrypt work factor, 4 to 16"),
    (
        "CARE_PASSWORD_THREADS",
        "2",
        "how many passwords are hashed at a time",
    ),
    (
        "CARE_ACCESS_TOKEN_TTL",
        "600",
        "seconds an access token is good for, at most 900",
    ),
    (
        "CARE_SESSION_TTL",
        "2592000",
        "seconds a session lives after its last use",
    ),
    (
        "CARE_REFRESH_GRACE",
        "45",
        "seconds in which a used refresh token still gives its one successor",
    ),
    (
        "CARE_CODE_TTL",
        "600",
        "seconds a one-time code is good for",
    ),
    (
        "CARE_LINK_TTL",
        "604800",
        "seconds an invitation is good for",
    ),
    (
        "CARE_CODE_ATTEMPTS",
        "5",
        "wrong guesses a one-time code allows",
    ),
    (
        "CARE_CODE_RESEND_WAIT",
        "60",
        "seconds between two codes to one person",
    ),
    (
        "CARE_SIGN_IN_ATTEMPTS",
        "10",
        "wrong passwords before an account is locked for the window",
    ),
    ("CARE_SIGN_IN_WINDOW", "900", "seconds of that window"),
    (
        "CARE_IP_SIGN_INS_PER_MINUTE",
        "60",
        "sign-ins, codes and registrations one address may try in a minute",
    ),
    (
        "CARE_WRITES_PER_MINUTE",
        "240",
        "changes one person may make in a minute",
    ),
    (
        "CARE_REOPEN_DAYS",
        "14",
        "days in which a customer may reopen a ticket",
    ),
    ("CARE_BODY_LIMIT", "262144", "bytes of a request body"),
    (
        "CARE_HEARTBEAT",
        "10",
        "seconds between heartbeats of a live stream, at most 15",
    ),
    (
        "CARE_SHUTDOWN_TIMEOUT",
        "20",
        "seconds running requests have to finish on shutdown",
    ),
    (
        "CARE_LOG",
        "info",
        "log filter, as of the tracing-subscriber EnvFilter",
    ),
    ("CARE_LOG_JSON", "0", "1: one JSON object per log line"),
];

/// The table of [`VARIABLES`] as `backend/CONFIG.md` holds it.
pub fn as_markdown() -> String {
    let head = "# Settings\n\nWritten by `care config`; do not edit. All settings are environment variables; \
                mistakes are reported together and stop the start.\n\n| variable | default | what it does |\n| --- | --- | --- |\n";
    let rows = VARIABLES.iter().map(|(name, default, what)| {
        let default = if default.is_empty() {
            String::new()
        } else {
            format!("`{default}`")
        };
        format!("| `{name}` | {default} | {what} |\n")
    });
    std::iter::once(head.to_owned()).chain(rows).collect()
}

/// A value that must not be printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    pub fn new(value: impl Into<String>) -> Self {
        Self(value.into())
    }
    /// The bytes, for the one place that needs them.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MailTransport {
    Smtp(Secret),
    File(PathBuf),
    Memory,
}

#[derive(Debug, Clone)]
pub struct Database {
    pub url: Option<Secret>,
    pub data: PathBuf,
    pub pg_bin: Option<PathBuf>,
    pub pool: u32,
    pub settings: crate::db::Settings,
}

#[derive(Debug, Clone)]
pub struct Http {
    pub listen: SocketAddr,
    pub metrics_listen: Option<SocketAddr>,
    pub public_url: String,
    pub api_url: String,
    pub spa_dir: Option<PathBuf>,
    pub cors_origins: Vec<String>,
    pub trusted_proxies: Vec<std::net::IpAddr>,
    pub workers: usize,
    pub body_limit: usize,
    pub heartbeat: Duration,
    pub shutdown_timeout: Duration,
}

impl Http {
    /// Whether people reach us over TLS: decides the cookie's prefix and Secure flag.
    pub fn is_https(&self) -> bool {
        self.api_url.starts_with("https://")
    }
}

#[derive(Debug, Clone)]
pub struct Auth {
    pub secret: Secret,
    pub bcrypt_cost: u32,
    pub password_threads: usize,
    pub access_token_ttl: Duration,
    pub session_ttl: Duration,
    pub refresh_grace: Duration,
    pub code_ttl: Duration,
    pub link_ttl: Duration,
    pub code_attempts: i32,
    pub code_resend_wait: Duration,
    pub sign_in_attempts: i32,
    pub sign_in_window: Duration,
    pub ip_sign_ins_per_minute: i32,
    pub writes_per_minute: i32,
}

/// How we prove to a provider who we are (RFC 6749 section 2.3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClientAuth {
    Basic,
    Post,
}

/// One identity provider.
#[derive(Debug, Clone)]
pub struct OidcProvider {
    /// Lower case; part of the callback's URL.
    pub name: String,
    pub label: String,
    pub issuer: String,
    pub client_id: String,
    pub client_secret: Secret,
    pub pkce: bool,
    pub nonce: bool,
    pub client_auth: ClientAuth,
    pub scopes: String,
}

#[derive(Debug, Clone)]
pub struct Outbound {
    pub allow: Vec<(String, u16)>,
    pub timeout: Duration,
}

#[derive(Debug, Clone)]
pub struct Mail {
    pub transport: MailTransport,
    pub from: String,
    pub timeout: Duration,
    pub away_after: Duration,
}

#[derive(Debug, Clone)]
pub struct Config {
    pub name: String,
    pub demo: bool,
    pub reopen_days: i32,
    pub job_workers: usize,
    pub log: String,
    pub log_json: bool,
    pub database: Database,
    pub http: Http,
    pub auth: Auth,
    pub mail: Mail,
    pub oidc: Vec<OidcProvider>,
    pub outbound: Outbound,
}

/// Secrets that turn up in examples all over the web, and ours.
const NO_SECRETS: &[&str] = &[
    "secret",
    "changeme",
    "change-me",
    "password",
    "default",
    "example",
    "0123456789abcdef",
];

/// Whether the name is in [`VARIABLES`], where `<NAME>` stands for a provider's name.
fn is_known(variable: &str) -> bool {
    VARIABLES
        .iter()
        .any(|(name, ..)| match name.split_once("<NAME>") {
            Some((start, end)) => {
                variable.starts_with(start)
                    && variable.ends_with(end)
                    && variable.len() > name.len() - 6
            }
            None => *name == variable,
        })
}

/// Reads variables and keeps the mistakes.
struct Reader {
    values: BTreeMap<String, String>,
    mistakes: Vec<String>,
}

impl Reader {
    fn text(&mut self, name: &'static str) -> String {
        match VARIABLES.iter().find(|(n, ..)| *n == name) {
            Some((_, default, _)) => {
                let set = self
                    .values
                    .get(name)
                    .map(|v| v.trim())
                    .filter(|v| !v.is_empty());
                set.unwrap_or(default).to_owned()
            }
            None => {
                self.mistakes
                    .push(format!("{name} is read but not documented"));
                String::new()
            }
        }
    }

    fn optional(&mut self, name: &'static str) -> Option<String> {
        Some(self.text(name)).filter(|v| !v.is_empty())
    }

    fn list(&mut self, name: &'static str) -> Vec<String> {
        self.text(name)
            .split(',')
            .map(str::trim)
            .filter(|v| !v.is_empty())
            .map(str::to_owned)
            .collect()
    }

    fn number(&mut self, name: &'static str, min: u64, max: u64) -> u64 {
        let text = self.text(name);
        match text.parse::<u64>() {
            Ok(n) if (min..=max).contains(&n) => n,
            _ => {
                self.mistakes.push(format!(
                    "{name}={text:?}: expected a number from {min} to {max}"
                ));
                min
            }
        }
    }

    fn seconds(&mut self, name: &'static str, min: u64, max: u64) -> Duration {
        Duration::from_secs(self.number(name, min, max))
    }

    fn flag(&mut self, name: &'static str) -> bool {
        self.number(name, 0, 1) == 1
    }

    fn parsed<T: std::str::FromStr>(&mut self, name: &'static str, what: &str, fallback: T) -> T {
        let text = self.text(name);
        text.parse().unwrap_or_else(|_| {
            self.mistakes
                .push(format!("{name}={text:?}: expected {what}"));
            fallback
        })
    }

    fn url(&mut self, name: &'static str) -> String {
        let text = self.text(name).trim_end_matches('/').to_owned();
        let rest = text
            .strip_prefix("https://")
            .or_else(|| text.strip_prefix("http://"));
        if !rest.is_some_and(|r| !r.is_empty() && !r.contains(['/', '?', '#', '@', ' '])) {
            self.mistakes.push(format!(
                "{name}={text:?}: expected http(s)://host[:port] without a path"
            ));
        }
        text
    }
}

impl Config {
    /// Reads the process environment.
    #[allow(clippy::disallowed_methods)]
    pub fn from_env() -> Result<Self, Vec<String>> {
        Self::from_map(std::env::vars().collect())
    }

    /// Reads the given variables; unknown `CARE_…` names are mistakes, so that a typing error is not ignored.
    pub fn from_map(values: BTreeMap<String, String>) -> Result<Self, Vec<String>> {
        let mistakes = values
            .keys()
            .filter(|k| k.starts_with("CARE_") && !is_known(k))
            .map(|k| format!("{k} is not a setting; see backend/CONFIG.md"))
            .collect();
        let mut r = Reader { values, mistakes };
        let demo = r.flag("CARE_DEMO");
        let public_url = r.url("CARE_PUBLIC_URL");
        let api_url = if r.optional("CARE_API_URL").is_some() {
            r.url("CARE_API_URL")
        } else {
            public_url.clone()
        };
        let listen_default = SocketAddr::from(([127, 0, 0, 1], 8080));
        let config = Self {
            name: r.text("CARE_NAME"),
            demo,
            reopen_days: r.number("CARE_REOPEN_DAYS", 0, 3650) as i32,
            job_workers: r.number("CARE_JOB_WORKERS", 0, 64) as usize,
            log: r.text("CARE_LOG"),
            log_json: r.flag("CARE_LOG_JSON"),
            database: Database {
                url: r.optional("DATABASE_URL").map(Secret::new),
                data: r
                    .optional("CARE_DATA")
                    .map_or_else(care_postgres::default_data_dir, PathBuf::from),
                pg_bin: r.optional("CARE_PG_BIN").map(PathBuf::from),
                pool: r.number("CARE_DB_POOL", 1, 200) as u32,
                settings: crate::db::Settings {
                    wait: r.seconds("CARE_DB_WAIT", 1, 60),
                    statement_timeout: r.seconds("CARE_STATEMENT_TIMEOUT", 1, 600),
                    lock_timeout: r.seconds("CARE_LOCK_TIMEOUT", 1, 600),
                    idle_in_transaction_timeout: Duration::from_secs(15),
                },
            },
            http: Http {
                listen: r.parsed("CARE_LISTEN", "address:port", listen_default),
                metrics_listen: r
                    .optional("CARE_METRICS_LISTEN")
                    .filter(|v| v != "off")
                    .map(|_| {
                        r.parsed("CARE_METRICS_LISTEN", "address:port or off", listen_default)
                    }),
                public_url,
                api_url,
                spa_dir: r.optional("CARE_SPA_DIR").map(PathBuf::from),
                cors_origins: r.list("CARE_CORS_ORIGINS"),
                trusted_proxies: proxies(&mut r),
                workers: r.number("CARE_WORKERS", 1, 64) as usize,
                body_limit: r.number("CARE_BODY_LIMIT", 1024, 64 << 20) as usize,
                heartbeat: r.seconds("CARE_HEARTBEAT", 1, 15),
                shutdown_timeout: r.seconds("CARE_SHUTDOWN_TIMEOUT", 1, 300),
            },
            auth: Auth {
                secret: secret(&mut r, demo),
                bcrypt_cost: r.number("CARE_BCRYPT_COST", 4, 16) as u32,
                password_threads: r.number("CARE_PASSWORD_THREADS", 1, 32) as usize,
                access_token_ttl: r.seconds("CARE_ACCESS_TOKEN_TTL", 5, 900),
                session_ttl: r.seconds("CARE_SESSION_TTL", 60, 31_536_000),
                refresh_grace: r.seconds("CARE_REFRESH_GRACE", 0, 60),
                code_ttl: r.seconds("CARE_CODE_TTL", 1, 600),
                link_ttl: r.seconds("CARE_LINK_TTL", 1, 2_592_000),
                code_attempts: r.number("CARE_CODE_ATTEMPTS", 1, 20) as i32,
                code_resend_wait: r.seconds("CARE_CODE_RESEND_WAIT", 0, 3600),
                sign_in_attempts: r.number("CARE_SIGN_IN_ATTEMPTS", 1, 1000) as i32,
                sign_in_window: r.seconds("CARE_SIGN_IN_WINDOW", 1, 86_400),
                ip_sign_ins_per_minute: r.number("CARE_IP_SIGN_INS_PER_MINUTE", 1, 1_000_000)
                    as i32,
                writes_per_minute: r.number("CARE_WRITES_PER_MINUTE", 1, 1_000_000) as i32,
            },
            mail: Mail {
                transport: mail_transport(&mut r, demo),
                from: mail_from(&mut r),
                timeout: r.seconds("CARE_MAIL_TIMEOUT", 1, 300),
                away_after: r.seconds("CARE_AWAY_MAIL_AFTER", 0, 86_400),
            },
            oidc: oidc_providers(&mut r),
            outbound: Outbound {
                allow: outbound_allow(&mut r),
                timeout: r.seconds("CARE_OUTBOUND_TIMEOUT", 1, 60),
            },
        };
        if r.mistakes.is_empty() {
            Ok(config)
        } else {
            Err(r.mistakes)
        }
    }
}

fn oidc_providers(r: &mut Reader) -> Vec<OidcProvider> {
    let names = r.list("CARE_OIDC_PROVIDERS");
    names
        .iter()
        .map(|name| oidc_provider(r, &name.to_lowercase()))
        .collect()
}

fn oidc_provider(r: &mut Reader, name: &str) -> OidcProvider {
    // LinkedIn's ways: product documentation of "Sign In with LinkedIn using OpenID Connect".
    let (issuer, label, strict) = match name {
        "google" => ("https://accounts.google.com", "Google", "1"),
        "linkedin" => ("https://www.linkedin.com/oauth", "LinkedIn", "0"),
        other => ("", other, "1"),
    };
    let (label, auth) = (
        label.to_owned(),
        if strict == "0" { "post" } else { "basic" },
    );
    if !name
        .bytes()
        .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
    {
        r.mistakes.push(format!(
            "CARE_OIDC_PROVIDERS: {name:?} may have letters and digits only"
        ));
    }
    let mut of = |part: &str, default: &str| {
        let variable = format!("CARE_OIDC_{}_{part}", name.to_uppercase());
        let value = r
            .values
            .get(&variable)
            .map(|v| v.trim())
            .filter(|v| !v.is_empty())
            .unwrap_or(default)
            .to_owned();
        if value.is_empty() {
            r.mistakes.push(format!("{variable} is not set"));
        }
        value
    };
    OidcProvider {
        name: name.to_owned(),
        label: of("LABEL", &label),
        issuer: of("ISSUER", issuer),
        client_id: of("CLIENT_ID", ""),
        client_secret: Secret::new(of("CLIENT_SECRET", "")),
        pkce: of("PKCE", strict) == "1",
        nonce: of("NONCE", strict) == "1",
        client_auth: if of("CLIENT_AUTH", auth) == "post" {
            ClientAuth::Post
        } else {
            ClientAuth::Basic
        },
        scopes: of("SCOPES", "openid profile email"),
    }
}

fn outbound_allow(r: &mut Reader) -> Vec<(String, u16)> {
    let mut good = Vec::new();
    for text in r.list("CARE_OUTBOUND_ALLOW") {
        match text
            .rsplit_once(':')
            .and_then(|(host, port)| Some((host.to_owned(), port.parse().ok()?)))
        {
            Some(pair) => good.push(pair),
            None => r
                .mistakes
                .push(format!("CARE_OUTBOUND_ALLOW: {text:?} is not host:port")),
        }
    }
    good
}

fn proxies(r: &mut Reader) -> Vec<std::net::IpAddr> {
    let mut good = Vec::new();
    for text in r.list("CARE_TRUSTED_PROXIES") {
        match text.parse() {
            Ok(ip) => good.push(ip),
            Err(_) => r
                .mistakes
                .push(format!("CARE_TRUSTED_PROXIES: {text:?} is no IP address")),
        }
    }
    good
}

fn secret(r: &mut Reader, demo: bool) -> Secret {
    match r.optional("CARE_SECRET") {
        None if demo => Secret::new(random_secret()),
        None => {
            r.mistakes
                .push("CARE_SECRET is not set: give it 32 or more random characters".into());
            Secret::new("")
        }
        Some(s) => {
            let plain = s.to_lowercase();
            let distinct = s.chars().collect::<std::collections::BTreeSet<_>>().len();
            if s.len() < 32 || distinct < 8 || NO_SECRETS.iter().any(|bad| plain.contains(bad)) {
                r.mistakes.push(
                    "CARE_SECRET is short or well known: give it 32 or more random characters"
                        .into(),
                );
            }
            Secret::new(s)
        }
    }
}

/// A demo's sessions end with its process.
fn random_secret() -> String {
    let bytes: [u8; 32] = crate::auth::secrets::random();
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

fn mail_transport(r: &mut Reader, demo: bool) -> MailTransport {
    match r.optional("CARE_MAIL") {
        None if demo => MailTransport::Memory,
        None => {
            r.mistakes.push(
                "CARE_MAIL is not set: smtp://host:port, smtps://user:pass@host, or file:FOLDER"
                    .into(),
            );
            MailTransport::Memory
        }
        Some(v) if v == "memory" => MailTransport::Memory,
        Some(v) if v.starts_with("smtp://") || v.starts_with("smtps://") => {
            MailTransport::Smtp(Secret::new(v))
        }
        Some(v) => match v.strip_prefix("file:") {
            Some(dir) => MailTransport::File(dir.into()),
            None => {
                r.mistakes
                    .push("CARE_MAIL: expected smtp://…, smtps://…, file:FOLDER or memory".into());
                MailTransport::Memory
            }
        },
    }
}

fn mail_from(r: &mut Reader) -> String {
    let from = r.text("CARE_MAIL_FROM");
    if from.parse::<lettre::Address>().is_err() {
        r.mistakes.push(format!(
            "CARE_MAIL_FROM={from:?}: expected an email address"
        ));
    }
    from
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<Config, Vec<String>> {
        Config::from_map(
            pairs
                .iter()
                .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
                .collect(),
        )
    }

    #[test]
    fn all_mistakes_come_at_once() {
        let mistakes = read(&[
            ("CARE_LISTEN", "x"),
            ("CARE_DB_POOL", "0"),
            ("CARE_TYPO", "1"),
        ])
        .unwrap_err();
        for part in [
            "CARE_LISTEN",
            "CARE_DB_POOL",
            "CARE_TYPO",
            "CARE_SECRET",
            "CARE_MAIL",
        ] {
            assert!(
                mistakes.iter().any(|m| m.contains(part)),
                "{part} in {mistakes:?}"
            );
        }
    }

    #[test]
    fn weak_secrets_are_refused() {
        for weak in [
            "short",
            "changeme-changeme-changeme-changeme",
            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        ] {
            let mistakes = read(&[("CARE_SECRET", weak), ("CARE_MAIL", "memory")]).unwrap_err();
            assert_eq!(mistakes.len(), 1, "{weak}: {mistakes:?}");
        }
        assert!(
            read(&[
                ("CARE_SECRET", "9f3kD02mvLq8Zt61bWx7Rc5NyPe4HsUa"),
                ("CARE_MAIL", "memory")
            ])
            .is_ok()
        );
    }

    #[test]
    fn demo_needs_nothing_and_makes_its_own_secret() {
        let (a, b) = (
            read(&[("CARE_DEMO", "1")]).unwrap(),
            read(&[("CARE_DEMO", "1")]).unwrap(),
        );
        assert_ne!(a.auth.secret, b.auth.secret);
        assert!(!format!("{a:?}").contains(a.auth.secret.reveal()));
    }
}
