//! Bodies of proving a number.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    auth,
    check::Check,
    config::Secret,
    problem::{FieldCode, Problem},
};

/// The number to prove.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProvePhone {
    /// With the country, as in E.164; spaces, hyphens, dots and brackets do not matter.
    #[schema(max_length = 32, example = "+49 30 1234567")]
    pub phone: String,
}

impl ProvePhone {
    /// The number as E.164 writes it.
    pub fn check(&self) -> Result<String, Problem> {
        let mut check = Check::new();
        let line = check.line("/phone", &self.phone, 1, 32);
        let plain: String = line.chars().filter(|c| !" -()./".contains(*c)).collect();
        let digits = plain.strip_prefix('+').unwrap_or_default();
        let good = (7..=15).contains(&digits.len())
            && digits.bytes().all(|b| b.is_ascii_digit())
            && !digits.starts_with('0');
        if !good && !line.is_empty() {
            check.fail(
                "/phone",
                FieldCode::Malformed,
                "Enter the number with its country, such as +49 30 1234567.",
            );
        }
        check.done()?;
        Ok(plain)
    }
}

/// Where proving a number stands.
#[derive(Debug, Serialize, ToSchema)]
pub struct PhoneProof {
    /// Null when no number waits to be proven.
    pub pending: Option<PendingPhone>,
}

/// A number that waits to be proven.
#[derive(Debug, Serialize, ToSchema)]
pub struct PendingPhone {
    #[schema(example = "+49301234567")]
    pub phone: String,
    /// Until when the code is good; wrong guesses may end it earlier.
    pub expires_at: DateTime<Utc>,
    /// The text could not be sent. Check the number, or try again later.
    pub failed: bool,
}

/// The code from the text.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConfirmPhone {
    /// Six digits; spaces do not matter.
    #[schema(value_type = String, example = "042 042")]
    pub code: Secret,
}

impl ConfirmPhone {
    pub fn check(&self) -> Result<Secret, Problem> {
        let mut check = Check::new();
        let code = auth::check_digits(&mut check, Some(&self.code));
        check.done()?;
        Ok(code)
    }
}
