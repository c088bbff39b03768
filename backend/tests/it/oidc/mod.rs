//! Signing in through identity providers: against a certified one, and against one that misbehaves in every way the
//! security standard lists (C01).

mod account;
mod c01;
mod double;
mod keys;
mod link;
mod real;
mod resend;
mod second_factor;
mod sign_in;

use reqwest::{Method, Url};
use serde_json::{Value, json};

use crate::harness::{Answer, Person, TestApp};

/// What we are called at the providers.
pub const CLIENT_ID: &str = "care";
pub const CLIENT_SECRET: &str = "s3cr3t-of+the/client";

/// What a provider's page brings back to ours.
#[derive(Debug, Clone)]
pub struct Back(pub Value);

impl Back {
    /// From the address that the browser is sent to.
    pub fn of(url: &Url) -> Self {
        let pairs = url.query_pairs().map(|(k, v)| (k.into(), v.into()));
        Self(Value::Object(pairs.collect()))
    }

    pub fn with(&self, name: &str, value: impl Into<Value>) -> Self {
        let mut changed = self.clone();
        changed.0[name] = value.into();
        changed
    }
}

/// Somebody at one of our pages.
pub struct Browser {
    pub person: Person,
    /// The cookie of the trip, as the server set it.
    pub cookie: String,
}

impl Browser {
    pub fn of(person: &Person) -> Self {
        Self {
            person: person.clone(),
            cookie: String::new(),
        }
    }

    pub fn new(app: &TestApp) -> Self {
        Self::of(&app.anyone())
    }

    async fn send(&mut self, path: &str, body: Value) -> Answer {
        let call = self.person.call(Method::POST, path).json(&body);
        let call = call.header("x-care-csrf", "1");
        let answer = call.header("cookie", &self.cookie).send().await;
        let cookies = answer.headers.get_all("set-cookie").iter();
        for cookie in cookies.map(|c| c.to_str().unwrap()) {
            if let Some(trip) = cookie
                .split(';')
                .next()
                .filter(|c| c.starts_with("care_trip="))
            {
                assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"));
                self.cookie = trip.to_owned();
            }
        }
        answer
    }

    /// Where the provider's page is.
    pub async fn starts(&mut self, provider: &str) -> Url {
        leads_to(&self.tries(provider).await)
    }

    /// [`Browser::starts`], whatever the answer is.
    pub async fn tries(&mut self, provider: &str) -> Answer {
        let path = format!("/auth/providers/{provider}/start");
        self.send(&path, json!({})).await
    }

    pub async fn starts_linking(&mut self, provider: &str, password: Option<&str>) -> Answer {
        let path = format!("/me/identities/{provider}/start");
        self.send(&path, json!({ "current_password": password }))
            .await
    }

    pub async fn finishes(&mut self, provider: &str, back: &Back) -> Answer {
        let path = format!("/auth/providers/{provider}/finish");
        self.send(&path, back.0.clone()).await
    }

    pub async fn finishes_linking(&mut self, provider: &str, back: &Back) -> Answer {
        let path = format!("/me/identities/{provider}/finish");
        self.send(&path, back.0.clone()).await
    }

    pub async fn proves(&mut self, code: &str) -> Answer {
        let body = json!({ "code": code });
        self.send("/auth/providers/prove-address", body).await
    }

    pub async fn asks_again(&mut self) -> Answer {
        let path = "/auth/providers/prove-address/resend";
        self.send(path, json!({})).await
    }
}

pub fn leads_to(answer: &Answer) -> Url {
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()["authorization_url"]
        .as_str()
        .unwrap()
        .parse()
        .unwrap()
}

/// The refusal of everything that a provider's answer can have wrong with it, and nothing came of it.
pub fn refused(app: &TestApp, answer: &Answer, why: &str) {
    assert_eq!(answer.status, 422, "{why}: {}", answer.text());
    assert_eq!(answer.json()["code"], "provider_refused", "{why}");
    for table in ["users", "sessions", "identities", "one_time_codes"] {
        let rows = app.rows(&format!("SELECT * FROM {table}"));
        assert!(rows.is_empty(), "{why}: {table} {rows:?}");
    }
}

/// One value of an address's query.
pub fn query(url: &Url, name: &str) -> Option<String> {
    let mut pairs = url.query_pairs();
    pairs.find(|(k, _)| k == name).map(|(_, v)| v.into_owned())
}

/// The settings of a provider with this name at this issuer.
pub fn settings(name: &str, issuer: &str) -> Vec<(String, String)> {
    let of = |part: &str| format!("CARE_OIDC_{}_{part}", name.to_uppercase());
    vec![
        (of("ISSUER"), issuer.to_owned()),
        (of("CLIENT_ID"), CLIENT_ID.into()),
        (of("CLIENT_SECRET"), CLIENT_SECRET.into()),
    ]
}

/// An application with these providers (name, issuer).
pub async fn app_with(providers: &[(&str, &str)], more: &[(&str, &str)]) -> TestApp {
    let names: Vec<&str> = providers.iter().map(|(name, _)| *name).collect();
    let hosts = providers
        .iter()
        .map(|(_, issuer)| issuer.trim_start_matches("http://"));
    let hosts: Vec<&str> = hosts.collect();
    let mut all = vec![
        ("CARE_OIDC_PROVIDERS".to_owned(), names.join(",")),
        ("CARE_OUTBOUND_ALLOW".to_owned(), hosts.join(",")),
        (
            "CARE_IP_SIGN_INS_PER_MINUTE".to_owned(),
            "100000".to_owned(),
        ),
    ];
    for (name, issuer) in providers {
        all.extend(settings(name, issuer));
    }
    let more = more.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned()));
    all.extend(more);
    let all = all.iter().map(|(k, v)| (k.as_str(), v.as_str()));
    TestApp::with_all(&all.collect::<Vec<_>>()).await
}
