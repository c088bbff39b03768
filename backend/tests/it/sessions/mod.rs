//! Where people are signed in, how they came in, and which browsers and countries are known (B05, A12, N02).

mod devices;
mod history;
mod list;
mod places;

use serde_json::Value;

use crate::harness::{Call, PASSWORD, Person};

pub const ANN: &str = "ann@example.org";
pub const FIREFOX: &str =
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0";
pub const SAFARI: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1";

/// Signing in as Ann with this browser.
pub fn sign_in_with<'a>(anyone: &'a Person, agent: &str) -> Call<'a> {
    crate::auth::sign_in(anyone, ANN, PASSWORD).header("user-agent", agent)
}

/// The items of a list.
pub async fn items(person: &Person, path: &str) -> Vec<Value> {
    let page = person.get(path).expect(200).await;
    page["items"].as_array().unwrap().clone()
}
