//! Authenticator apps and recovery codes (A06, B02, N02), against an independent implementation of RFC 6238.

mod policy;
mod recovery;
mod setup;

use serde_json::{Value, json};
use totp_rs::Totp;

use crate::{
    auth::sign_in,
    harness::{Call, PASSWORD, Person, TestApp},
};

pub const ANN: &str = "ann@example.org";

/// Somebody's phone.
pub struct Phone {
    totp: Totp,
    /// Ten, as they were shown.
    pub recovery: Vec<String>,
}

impl Phone {
    /// What the app reads from the picture.
    pub fn scan(setup: &Value) -> Self {
        let totp = Totp::from_url(setup["otpauth_url"].as_str().unwrap()).unwrap();
        Self {
            totp,
            recovery: Vec::new(),
        }
    }

    /// The digits of now, of the step before (-1) or after (1), by the database's clock.
    pub fn shows(&self, app: &TestApp, steps: i64) -> String {
        let now = app.rows("SELECT floor(extract(epoch FROM now()))::bigint AS s");
        let seconds = now[0]["s"].as_i64().unwrap() + 30 * steps;
        self.totp.generate(seconds as u64).to_string()
    }
}

pub fn begin(person: &Person) -> Call<'_> {
    let body = json!({ "current_password": PASSWORD });
    person.post("/me/second-factor/begin", body)
}

pub fn confirm<'a>(person: &'a Person, code: &str) -> Call<'a> {
    person.post("/me/second-factor/confirm", json!({ "code": code }))
}

pub fn both<'a>(person: &'a Person, what: &str, code: &str) -> Call<'a> {
    let body = json!({ "current_password": PASSWORD, "code": code });
    person.post(&format!("/me/second-factor/{what}"), body)
}

/// The person gets a second factor; the code that was used for it can be typed again.
pub async fn enrolled(app: &TestApp, person: &Person) -> Phone {
    let mut phone = Phone::scan(&begin(person).expect(200).await);
    let shown = confirm(person, &phone.shows(app, 0)).expect(200).await;
    let codes = shown["recovery_codes"].as_array().unwrap().iter();
    phone.recovery = codes.map(|c| c.as_str().unwrap().to_owned()).collect();
    forget_steps(app);
    phone
}

/// As if the last code was typed long ago.
pub fn forget_steps(app: &TestApp) {
    app.sql("UPDATE second_factors SET last_step = 0");
}

/// The token of the challenge that the right password leads to.
pub async fn challenged(anyone: &Person, email: &str) -> String {
    let challenge = sign_in(anyone, email, PASSWORD).expect(202).await;
    assert_eq!(challenge["status"], "challenge");
    challenge["challenge_token"].as_str().unwrap().to_owned()
}

pub fn pass<'a>(anyone: &'a Person, token: &str, method: &str, code: &str) -> Call<'a> {
    let body = json!({ "challenge_token": token, "method": method, "code": code });
    anyone.post("/auth/challenge", body)
}
