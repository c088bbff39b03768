//! The switch on the wire.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{check::Check, config::Secret, problem::Problem};

use super::model::Lockdown;

const REASON_CHARS: usize = 500;

/// How the switch stands.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Lockdown)]
pub struct LockdownView {
    pub on: bool,
    pub since: Option<DateTime<Utc>>,
    /// Why, for admins.
    #[schema(example = "Somebody walks through our accounts.")]
    pub reason: Option<String>,
    /// Who started it; null when it is off, and when it was started on the server's command line.
    #[schema(example = "Cleo Winter")]
    pub started_by: Option<String>,
}

impl LockdownView {
    pub fn new(found: Option<(Lockdown, Option<String>)>) -> Self {
        match found {
            None => Self {
                on: false,
                since: None,
                reason: None,
                started_by: None,
            },
            Some((row, started_by)) => Self {
                on: true,
                since: Some(row.started_at),
                reason: Some(row.reason),
                started_by,
            },
        }
    }
}

/// Why the switch is turned, and the password once more.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TurnSwitch {
    /// For the audit trail.
    #[schema(
        min_length = 1,
        max_length = 500,
        example = "Somebody walks through our accounts."
    )]
    pub reason: String,
    /// Required unless `has_password` is false.
    #[schema(value_type = Option<String>, format = Password)]
    pub current_password: Option<Secret>,
}

impl TurnSwitch {
    pub fn check(&self) -> Result<String, Problem> {
        let mut check = Check::new();
        let reason = reason(&mut check, &self.reason);
        check.done()?;
        Ok(reason)
    }
}

pub fn reason(check: &mut Check, text: &str) -> String {
    check.line("/reason", text, 1, REASON_CHARS)
}
