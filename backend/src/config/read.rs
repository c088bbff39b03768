//! Reading single settings, and keeping every mistake.

use std::{collections::BTreeMap, time::Duration};

use super::{ClientAuth, MailTransport, OidcProvider, Secret, Sms, variables::VARIABLES};

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

/// Reads variables and keeps the mistakes.
pub struct Reader {
    pub values: BTreeMap<String, String>,
    pub mistakes: Vec<String>,
}

impl Reader {
    pub fn text(&mut self, name: &'static str) -> String {
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

    pub fn optional(&mut self, name: &'static str) -> Option<String> {
        Some(self.text(name)).filter(|v| !v.is_empty())
    }

    pub fn list(&mut self, name: &'static str) -> Vec<String> {
        self.text(name)
            .split(',')
            .map(str::trim)
            .filter(|v| !v.is_empty())
            .map(str::to_owned)
            .collect()
    }

    pub fn number(&mut self, name: &'static str, min: u64, max: u64) -> u64 {
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

    pub fn seconds(&mut self, name: &'static str, min: u64, max: u64) -> Duration {
        Duration::from_secs(self.number(name, min, max))
    }

    pub fn flag(&mut self, name: &'static str) -> bool {
        self.number(name, 0, 1) == 1
    }

    pub fn parsed<T: std::str::FromStr>(
        &mut self,
        name: &'static str,
        what: &str,
        fallback: T,
    ) -> T {
        let text = self.text(name);
        text.parse().unwrap_or_else(|_| {
            self.mistakes
                .push(format!("{name}={text:?}: expected {what}"));
            fallback
        })
    }

    pub fn url(&mut self, name: &'static str) -> String {
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

pub fn oidc_providers(r: &mut Reader) -> Vec<OidcProvider> {
    let mut names: Vec<String> = r.list("CARE_OIDC_PROVIDERS");
    names
        .iter_mut()
        .for_each(|name| name.make_ascii_lowercase());
    let distinct: std::collections::BTreeSet<_> = names.iter().collect();
    if distinct.len() < names.len() {
        r.mistakes
            .push("CARE_OIDC_PROVIDERS names a provider twice".into());
    }
    names.iter().map(|name| oidc_provider(r, name)).collect()
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
    let mut of = |part: &str, default: &str, known: &[&str]| {
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
        } else if !known.is_empty() && !known.contains(&value.as_str()) {
            let known = known.join(" or ");
            r.mistakes
                .push(format!("{variable}={value:?}: expected {known}"));
        }
        value
    };
    let switch = ["0", "1"];
    OidcProvider {
        name: name.to_owned(),
        label: of("LABEL", &label, &[]),
        issuer: of("ISSUER", issuer, &[]),
        client_id: of("CLIENT_ID", "", &[]),
        client_secret: Secret::new(of("CLIENT_SECRET", "", &[])),
        pkce: of("PKCE", strict, &switch) == "1",
        nonce: of("NONCE", strict, &switch) == "1",
        client_auth: if of("CLIENT_AUTH", auth, &["basic", "post"]) == "post" {
            ClientAuth::Post
        } else {
            ClientAuth::Basic
        },
        scopes: of("SCOPES", "openid profile email", &[]),
    }
}

pub fn sms(r: &mut Reader) -> Option<Sms> {
    let mut limit = |name| r.number(name, 1, 10_000_000) as i32;
    let per_person = limit("CARE_SMS_PER_PERSON");
    let per_number = limit("CARE_SMS_PER_NUMBER");
    let per_address = limit("CARE_SMS_PER_ADDRESS");
    let per_day = limit("CARE_SMS_PER_DAY");
    let url = r.url("CARE_SMS_URL");
    let account = r.optional("CARE_SMS_ACCOUNT")?;
    if !account.bytes().all(|b| b.is_ascii_alphanumeric()) {
        r.mistakes
            .push("CARE_SMS_ACCOUNT may have letters and digits only".into());
    }
    let mut needed = |name: &'static str| {
        let value = r.text(name);
        if value.is_empty() {
            r.mistakes
                .push(format!("{name} is not set, but CARE_SMS_ACCOUNT is"));
        }
        value
    };
    Some(Sms {
        token: Secret::new(needed("CARE_SMS_TOKEN")),
        from: needed("CARE_SMS_FROM"),
        url,
        account,
        per_person,
        per_number,
        per_address,
        per_day,
    })
}

pub fn outbound_allow(r: &mut Reader) -> Vec<(String, u16)> {
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

pub fn proxies(r: &mut Reader) -> Vec<std::net::IpAddr> {
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

pub fn secret(r: &mut Reader, demo: bool) -> Secret {
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

pub fn mail_transport(r: &mut Reader, demo: bool) -> MailTransport {
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

pub fn mail_from(r: &mut Reader) -> String {
    let from = r.text("CARE_MAIL_FROM");
    if from.parse::<lettre::Address>().is_err() {
        r.mistakes.push(format!(
            "CARE_MAIL_FROM={from:?}: expected an email address"
        ));
    }
    from
}
