//! What admins do with accounts (B05, D05, N02).

mod acts;
mod admins;
mod password;
mod trail;

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{Call, Person};

pub fn path(person: &Person) -> String {
    format!("/accounts/{}", person.id)
}

pub async fn account(admin: &Person, person: &Person) -> Value {
    admin.get(&path(person)).expect(200).await
}

pub fn disable<'a>(admin: &'a Person, person: &Person) -> Call<'a> {
    admin.patch(&path(person), json!({ "disabled": true }))
}

/// An act without a body: `unlock`, `sign-out`, `require-password-change`.
pub fn act<'a>(admin: &'a Person, person: &Person, what: &str) -> Call<'a> {
    admin.call(Method::POST, &format!("{}/{what}", path(person)))
}
