//! Answers of the demo.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use crate::auth::Role;

/// The demo and its accounts.
#[derive(Debug, Serialize, ToSchema)]
pub struct Demo {
    pub enabled: bool,
    pub accounts: Vec<DemoAccount>,
}

/// An account anybody may use.
#[derive(Debug, Serialize, ToSchema)]
pub struct DemoAccount {
    pub role: Role,
    #[schema(example = "Maya Fernando")]
    pub name: &'static str,
    #[schema(example = "customer@demo.example")]
    pub email: &'static str,
    pub password: &'static str,
}

/// The mails this process has sent, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct DemoMailbox {
    pub items: Vec<DemoMail>,
}

/// A mail as its reader gets it.
#[derive(Debug, Serialize, ToSchema)]
pub struct DemoMail {
    /// The Message-ID without its brackets.
    #[schema(example = "019c7a54c7f07d108a3e3f1d2c5b6a70@care.example")]
    pub id: String,
    pub to: String,
    pub subject: String,
    pub text: String,
    /// Show it in a sandboxed frame only.
    pub html: String,
    pub at: DateTime<Utc>,
}
