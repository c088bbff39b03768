//! One's data: taking a copy, and being forgotten.

mod deletion;
mod export;
mod forgotten;

use serde_json::{Value, json};

use crate::harness::PASSWORD;

/// The body of what needs the password again.
pub fn with_password() -> Value {
    json!({ "current_password": PASSWORD })
}
