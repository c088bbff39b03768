//! Bodies of changing one's address.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    auth,
    check::Check,
    config::Secret,
    problem::{FieldCode, Problem},
};

/// Which address somebody wants, and the password again.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeEmail {
    #[schema(max_length = 254, example = "ann.new@example.org")]
    pub email: String,
    /// Required unless `has_password` is false.
    #[schema(value_type = Option<String>, format = Password, example = "purple lamps hum")]
    pub current_password: Option<Secret>,
}

impl ChangeEmail {
    pub fn check(&self) -> Result<String, Problem> {
        let mut check = Check::new();
        let email = check.email("/email", &self.email);
        check.done()?;
        Ok(email)
    }
}

/// Where a change of address stands.
#[derive(Debug, Serialize, ToSchema)]
pub struct EmailChange {
    /// Null when no change waits to be proven.
    pub pending: Option<PendingEmail>,
}

/// An address that waits to be proven. Until then the account's is the one before.
#[derive(Debug, Serialize, ToSchema)]
pub struct PendingEmail {
    #[schema(example = "ann.new@example.org")]
    pub email: String,
    /// Until when the code that was mailed there is good; wrong guesses may end it earlier.
    pub expires_at: DateTime<Utc>,
}

/// Proof of the new address: `token` from the link in the mail, or the six digits in `code`.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConfirmEmailChange {
    /// From the link.
    #[schema(value_type = Option<String>)]
    pub token: Option<Secret>,
    /// Six digits; spaces do not matter.
    #[schema(value_type = Option<String>, example = "042 042")]
    pub code: Option<Secret>,
}

impl ConfirmEmailChange {
    pub fn check(self) -> Result<Self, Problem> {
        let mut check = Check::new();
        let shown = match (&self.token, &self.code) {
            (Some(_), Some(_)) => {
                let detail = "Send either a token or a code.";
                check.fail("/token", FieldCode::NotAllowed, detail);
                self
            }
            (Some(token), None) => Self {
                token: Some(auth::check_token(&mut check, token)),
                code: None,
            },
            (None, code) => Self {
                token: None,
                code: Some(auth::check_digits(&mut check, code.as_ref())),
            },
        };
        check.done()?;
        Ok(shown)
    }
}

/// The token of the link that the old address got.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UndoEmailChange {
    #[schema(value_type = String)]
    pub token: Secret,
}

impl UndoEmailChange {
    pub fn check(&self) -> Result<Secret, Problem> {
        let mut check = Check::new();
        let token = auth::check_token(&mut check, &self.token);
        check.done()?;
        Ok(token)
    }
}
