//! The list of settings: the one place that names them all.

/// Every variable: name, default as text, what it does. A name that is not here is refused.
#[rustfmt::skip]
pub const VARIABLES: &[(&str, &str, &str)] = &[
    ("DATABASE_URL", "", "libpq URL of the PostgreSQL to use; empty: a private PostgreSQL is started in CARE_DATA"),
    ("CARE_DATA", "", "folder for the private PostgreSQL; default /var/lib/care for root, else ~/.local/share/care"),
    ("CARE_PG_BIN", "", "folder with `initdb` and `postgres`, when they are in none of the usual places"),
    ("CARE_LISTEN", "127.0.0.1:8080", "address and port to serve on"),
    ("CARE_METRICS_LISTEN", "127.0.0.1:9464", "internal address for Prometheus metrics; off: none"),
    ("CARE_PUBLIC_URL", "http://127.0.0.1:8080", "where people reach the SPA; the only base of links in mails"),
    ("CARE_API_URL", "", "where integrators reach the API; default: CARE_PUBLIC_URL"),
    ("CARE_NAME", "Customer Care Registry", "name shown in the SPA and in mails"),
    ("CARE_SECRET", "", "at least 32 random characters that all keys are derived from; required outside demo mode"),
    ("CARE_DEMO", "0", "1: demo mode, with demo accounts, sample tickets and a mailbox page; never for real use"),
    ("CARE_SPA_DIR", "", "folder of the built SPA; empty: the copy in the binary if it was built with one"),
    ("CARE_CORS_ORIGINS", "", "further exact origins (comma-separated) the SPA may be served from"),
    ("CARE_TRUSTED_PROXIES", "", "exact addresses (comma-separated) whose X-Forwarded-For is believed"),
    ("CARE_MAIL", "", "smtp://[user:pass@]host:port, smtps://…, file:FOLDER or memory; required outside demo mode"),
    ("CARE_MAIL_FROM", "care@localhost", "sender address of all mails"),
    ("CARE_MAIL_TIMEOUT", "20", "seconds one SMTP conversation may take"),
    ("CARE_AWAY_MAIL_AFTER", "60", "seconds a message may stay unread before its reader is mailed"),
    ("CARE_WORKERS", "1", "HTTP worker threads; the work is in the database"),
    ("CARE_DB_POOL", "8", "database connections for requests; two to four per core"),
    ("CARE_DB_WAIT", "3", "seconds a request waits for a database connection before it is told 503"),
    ("CARE_STATEMENT_TIMEOUT", "10", "seconds one SQL statement may take"),
    ("CARE_LOCK_TIMEOUT", "5", "seconds to wait for a row lock"),
    ("CARE_JOB_WORKERS", "2", "threads that send mail and do other background work"),
    ("CARE_BCRYPT_COST", "12", "bcrypt work factor, 4 to 16"),
    ("CARE_PASSWORD_THREADS", "2", "how many passwords are hashed at a time"),
    ("CARE_ACCESS_TOKEN_TTL", "600", "seconds an access token is good for, at most 900"),
    ("CARE_SESSION_TTL", "2592000", "seconds a session lives after its last use"),
    ("CARE_REFRESH_GRACE", "45", "seconds in which a used refresh token still gives its one successor"),
    ("CARE_CODE_TTL", "600", "seconds a one-time code is good for"),
    ("CARE_LINK_TTL", "604800", "seconds an invitation is good for"),
    ("CARE_CODE_ATTEMPTS", "5", "wrong guesses a one-time code allows"),
    (
        "CARE_CODE_ATTEMPTS_PER_DAY",
        "30",
        "wrong guesses all codes of one person allow in a day; links in mails go on working",
    ),
    ("CARE_CODE_RESEND_WAIT", "60", "seconds between two codes to one person"),
    ("CARE_ANSWER_BEAT", "100", "milliseconds: answers whose time would tell who has an account come at whole multiples of it"),
    ("CARE_SIGN_IN_ATTEMPTS", "10", "wrong passwords before an account is locked for the window"),
    ("CARE_SIGN_IN_WINDOW", "900", "seconds of that window"),
    (
        "CARE_NEW_DEVICE_CODE",
        "",
        "1: who signs in by password from a browser or program that was not known before is mailed a code; 0: only told; \
         default 1, in demo mode 0",
    ),
    ("CARE_IP_SIGN_INS_PER_MINUTE", "60", "sign-ins, codes and registrations one address may try in a minute"),
    ("CARE_WRITES_PER_MINUTE", "240", "changes one person may make in a minute"),
    ("CARE_SIGN_IN_HISTORY_DAYS", "180", "days that people can look back on their sign-ins"),
    (
        "CARE_PLACES",
        "",
        "file of cities or countries in MaxMind's format (.mmdb), read into memory at the start; with it, people see roughly \
         where they signed in and are told of a sign-in from a country that is new to them; empty: no places",
    ),
    ("CARE_REOPEN_DAYS", "14", "days in which a customer may reopen a ticket"),
    ("CARE_SMS_ACCOUNT", "", "account at an SMS gateway that speaks Twilio's API; empty: no text messages"),
    ("CARE_SMS_TOKEN", "", "its token"),
    ("CARE_SMS_FROM", "", "sender: a number, a name, or a messaging service's id"),
    ("CARE_SMS_URL", "https://api.twilio.com", "the gateway; one that is not public https needs CARE_OUTBOUND_ALLOW"),
    ("CARE_SMS_PER_PERSON", "5", "texts one person may cause in a day"),
    ("CARE_SMS_PER_NUMBER", "5", "texts one number may get in a day"),
    ("CARE_SMS_PER_ADDRESS", "20", "texts one network address may cause in a day"),
    ("CARE_SMS_PER_DAY", "1000", "texts that leave in a day at most"),
    ("CARE_EXPORT_DAYS", "7", "days that a copy of one's data can be downloaded"),
    ("CARE_DELETION_DAYS", "14", "days in which deleting one's account can be undone"),
    ("CARE_BODY_LIMIT", "262144", "bytes of a request body"),
    (
        "CARE_REQUEST_TIMEOUT",
        "20",
        "seconds the head of a request, and then its body, may take to arrive",
    ),
    ("CARE_HEARTBEAT", "10", "seconds between heartbeats of a live stream, at most 15"),
    ("CARE_SHUTDOWN_TIMEOUT", "20", "seconds running requests have to finish on shutdown"),
    ("CARE_OIDC_PROVIDERS", "", "identity providers (comma-separated names): google, linkedin, or any name of yours; register `<CARE_PUBLIC_URL>/callback/<name>` as redirect URI there"),
    ("CARE_OIDC_<NAME>_CLIENT_ID", "", "for each provider: the client id it gave you (needed)"),
    ("CARE_OIDC_<NAME>_CLIENT_SECRET", "", "its client secret (needed)"),
    ("CARE_OIDC_<NAME>_ISSUER", "", "its issuer URL; known for google and linkedin"),
    ("CARE_OIDC_<NAME>_LABEL", "", "the word on its button; known for google and linkedin, else the name"),
    ("CARE_OIDC_<NAME>_PKCE", "1", "0: it refuses PKCE (preset for linkedin)"),
    ("CARE_OIDC_<NAME>_NONCE", "1", "0: it never echoes the nonce (preset for linkedin)"),
    ("CARE_OIDC_<NAME>_CLIENT_AUTH", "basic", "basic or post (preset for linkedin: post)"),
    ("CARE_OIDC_<NAME>_SCOPES", "openid profile email", "what to ask for"),
    ("CARE_OUTBOUND_ALLOW", "", "exact host:port (comma-separated) that may be reached although not public https"),
    ("CARE_OUTBOUND_TIMEOUT", "10", "seconds a request to another host may take"),
    ("CARE_LOG", "info", "log filter, as of the tracing-subscriber EnvFilter"),
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

/// Whether the name is in [`VARIABLES`], where `<NAME>` stands for a provider's name.
pub(super) fn is_known(variable: &str) -> bool {
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
