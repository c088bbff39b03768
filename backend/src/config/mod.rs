//! Everything that can be set, read once from the environment. All mistakes are reported together.
//!
//! The table in `backend/CONFIG.md` is written from [`VARIABLES`] and held by a test.

mod read;
mod variables;

use std::{collections::BTreeMap, fmt, net::SocketAddr, path::PathBuf, time::Duration};

use read::Reader;
use variables::is_known;
pub use variables::{VARIABLES, as_markdown};

/// A value that must not be printed.
#[derive(Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(transparent)]
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
    pub request_timeout: Duration,
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
    pub code_attempts_per_day: i32,
    pub code_resend_wait: Duration,
    pub answer_beat: Duration,
    pub sign_in_attempts: i32,
    pub sign_in_window: Duration,
    pub ip_sign_ins_per_minute: i32,
    pub writes_per_minute: i32,
    pub sign_in_history_days: i32,
    /// Whether a password from a browser or program that was not known before needs a mailed code, too.
    pub new_device_code: bool,
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

/// A gateway for text messages.
#[derive(Debug, Clone)]
pub struct Sms {
    pub url: String,
    pub account: String,
    pub token: Secret,
    pub from: String,
    pub per_person: i32,
    pub per_number: i32,
    pub per_address: i32,
    pub per_day: i32,
}

/// What people may do about their data.
#[derive(Debug, Clone)]
pub struct Privacy {
    pub export_days: i32,
    pub deletion_after: Duration,
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
    pub privacy: Privacy,
    pub sms: Option<Sms>,
    /// A file that says where addresses are.
    pub places: Option<PathBuf>,
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
                trusted_proxies: read::proxies(&mut r),
                workers: r.number("CARE_WORKERS", 1, 64) as usize,
                body_limit: r.number("CARE_BODY_LIMIT", 1024, 64 << 20) as usize,
                request_timeout: r.seconds("CARE_REQUEST_TIMEOUT", 1, 60),
                heartbeat: r.seconds("CARE_HEARTBEAT", 1, 15),
                shutdown_timeout: r.seconds("CARE_SHUTDOWN_TIMEOUT", 1, 300),
            },
            auth: Auth {
                secret: read::secret(&mut r, demo),
                bcrypt_cost: r.number("CARE_BCRYPT_COST", 4, 16) as u32,
                password_threads: r.number("CARE_PASSWORD_THREADS", 1, 32) as usize,
                access_token_ttl: r.seconds("CARE_ACCESS_TOKEN_TTL", 5, 900),
                session_ttl: r.seconds("CARE_SESSION_TTL", 60, 31_536_000),
                refresh_grace: r.seconds("CARE_REFRESH_GRACE", 0, 60),
                code_ttl: r.seconds("CARE_CODE_TTL", 1, 600),
                link_ttl: r.seconds("CARE_LINK_TTL", 1, 2_592_000),
                code_attempts: r.number("CARE_CODE_ATTEMPTS", 1, 20) as i32,
                code_attempts_per_day: r.number("CARE_CODE_ATTEMPTS_PER_DAY", 1, 100_000) as i32,
                code_resend_wait: r.seconds("CARE_CODE_RESEND_WAIT", 0, 3600),
                answer_beat: Duration::from_millis(r.number("CARE_ANSWER_BEAT", 0, 1000)),
                sign_in_attempts: r.number("CARE_SIGN_IN_ATTEMPTS", 1, 1000) as i32,
                sign_in_window: r.seconds("CARE_SIGN_IN_WINDOW", 1, 86_400),
                ip_sign_ins_per_minute: r.number("CARE_IP_SIGN_INS_PER_MINUTE", 1, 1_000_000)
                    as i32,
                writes_per_minute: r.number("CARE_WRITES_PER_MINUTE", 1, 1_000_000) as i32,
                sign_in_history_days: r.number("CARE_SIGN_IN_HISTORY_DAYS", 1, 3650) as i32,
                new_device_code: match r.optional("CARE_NEW_DEVICE_CODE") {
                    None => !demo,
                    Some(_) => r.flag("CARE_NEW_DEVICE_CODE"),
                },
            },
            mail: Mail {
                transport: read::mail_transport(&mut r, demo),
                from: read::mail_from(&mut r),
                timeout: r.seconds("CARE_MAIL_TIMEOUT", 1, 300),
                away_after: r.seconds("CARE_AWAY_MAIL_AFTER", 0, 86_400),
            },
            oidc: read::oidc_providers(&mut r),
            outbound: Outbound {
                allow: read::outbound_allow(&mut r),
                timeout: r.seconds("CARE_OUTBOUND_TIMEOUT", 1, 60),
            },
            sms: read::sms(&mut r),
            places: r.optional("CARE_PLACES").map(PathBuf::from),
            privacy: Privacy {
                export_days: r.number("CARE_EXPORT_DAYS", 1, 365) as i32,
                deletion_after: Duration::from_secs(
                    r.number("CARE_DELETION_DAYS", 0, 365) * 86_400,
                ),
            },
        };
        if r.mistakes.is_empty() {
            Ok(config)
        } else {
            Err(r.mistakes)
        }
    }
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
    fn a_provider_is_taken_as_written_or_not_at_all() {
        let base = [
            ("CARE_SECRET", "9f3kD02mvLq8Zt61bWx7Rc5NyPe4HsUa"),
            ("CARE_MAIL", "memory"),
            ("CARE_OIDC_LINKEDIN_CLIENT_ID", "care"),
            ("CARE_OIDC_LINKEDIN_CLIENT_SECRET", "s3cr3t"),
        ];
        let with = |more: &[(&str, &str)]| read(&[&base, more].concat());
        let linkedin = &with(&[("CARE_OIDC_PROVIDERS", "LinkedIn")]).unwrap().oidc[0];
        assert_eq!(linkedin.issuer, "https://www.linkedin.com/oauth");
        assert!(!linkedin.pkce && !linkedin.nonce);
        assert_eq!(linkedin.client_auth, ClientAuth::Post);
        for (name, value) in [
            ("CARE_OIDC_PROVIDERS", "linkedin,LINKEDIN"),
            ("CARE_OIDC_PROVIDERS", "linked in"),
            ("CARE_OIDC_LINKEDIN_PKCE", "yes"),
            ("CARE_OIDC_LINKEDIN_NONCE", "true"),
            ("CARE_OIDC_LINKEDIN_CLIENT_AUTH", "Basic"),
        ] {
            let mut more = vec![("CARE_OIDC_PROVIDERS", "linkedin")];
            more.push((name, value));
            let mistakes = with(&more).unwrap_err();
            assert!(mistakes.iter().any(|m| m.contains(name)), "{mistakes:?}");
        }
        // A custom one has no presets: everything it needs is asked for at once.
        let mistakes = with(&[("CARE_OIDC_PROVIDERS", "acme")]).unwrap_err();
        assert_eq!(mistakes.len(), 3, "{mistakes:?}");
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
