//! Every way in and the ways to stay safe: named after the rows of the security standard they hold (A02, B04, …).

mod codes;
mod confirm;
mod cookies;
mod limits;
mod mails;
mod passwords;
mod register;
mod revoke;
mod sessions;
mod sign_in;
mod storm;
mod sweep;
mod timing;

use care::mail::Sent;
use serde_json::{Value, json};

use crate::harness::{Call, Person, TestApp};

/// A password nobody has yet.
pub const NEW: &str = "nine green bottles";

/// Budgets out of the way, for tests about something else.
pub const UNHURRIED: (&str, &str) = ("CARE_IP_SIGN_INS_PER_MINUTE", "100000");
/// Two codes right after one another.
pub const NO_WAIT: (&str, &str) = ("CARE_CODE_RESEND_WAIT", "0");

/// The six digits of a mail.
pub fn digits(mail: &Sent) -> String {
    let line = mail.text.lines().map(str::trim).find(|line| {
        let digits = line.replace(' ', "");
        digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_digit())
    });
    let line = line.unwrap_or_else(|| panic!("no code in {}", mail.text));
    line.replace(' ', "")
}

/// The token of the link in a mail.
pub fn token(mail: &Sent) -> String {
    let after = mail.text.split("#token=").nth(1);
    let after = after.unwrap_or_else(|| panic!("no link in {}", mail.text));
    after.split_whitespace().next().unwrap().to_owned()
}

/// Six digits that are not these.
pub fn other_than(code: &str) -> String {
    let n: u32 = code.parse().unwrap();
    format!("{:06}", (n + 1) % 1_000_000)
}

pub fn registration(email: &str, password: &str) -> Value {
    json!({ "name": "Eve Adler", "email": email, "password": password, "password_confirmation": password })
}

pub fn sign_in<'a>(anyone: &'a Person, email: &str, password: &str) -> Call<'a> {
    anyone.post(
        "/auth/sign-in",
        json!({ "email": email, "password": password }),
    )
}

/// Who holds this session.
pub fn holder(app: &TestApp, session: &Value) -> Person {
    let mut person = app.anyone();
    person.token = Some(session["access_token"].as_str().unwrap().to_owned());
    person.id = session["user"]["id"].as_str().unwrap().parse().unwrap();
    person.email = session["user"]["email"].as_str().unwrap().to_owned();
    person
}

/// The newest mail to this address.
pub fn last_mail(app: &TestApp, email: &str) -> Sent {
    let mails = app.mails_to(email);
    mails.last().cloned().expect("a mail was sent")
}

/// Asks for a reset and reads the mail.
pub async fn forgot(app: &TestApp, email: &str) -> Sent {
    app.anyone()
        .post("/auth/forgot-password", json!({ "email": email }))
        .expect(202)
        .await;
    last_mail(app, email)
}

pub fn reset(email: &str, code: &str, password: &str) -> Value {
    json!({ "email": email, "code": code, "password": password, "password_confirmation": password })
}

/// The kinds of all events, oldest first.
pub fn events(app: &TestApp) -> Vec<String> {
    let rows = app.rows("SELECT kind FROM events ORDER BY id");
    let kinds = rows.iter().map(|r| r["kind"].as_str().unwrap().to_owned());
    kinds.collect()
}
