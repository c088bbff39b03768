//! Bodies of signing in through providers.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    auth::{self, SessionBy},
    challenge::ChallengeView,
    check::Check,
    config::Secret,
    db::ids::IdentityId,
    problem::Problem,
};

use super::model::Identity;

/// A provider people may sign in with.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProviderView {
    /// Goes into the paths.
    #[schema(example = "google")]
    pub name: String,
    /// The word on the button.
    #[schema(example = "Google")]
    pub label: String,
}

/// The configured providers; empty when there are none.
#[derive(Debug, Serialize, ToSchema)]
pub struct Providers {
    pub items: Vec<ProviderView>,
}

/// Where to send the browser.
#[derive(Serialize, ToSchema)]
pub struct Departure {
    /// The provider's page; it comes back to `{public_url}/callback/{provider}` with `state`, `code` and perhaps `iss`, or with
    /// `error` when the person changed their mind.
    #[schema(example = "https://accounts.google.com/o/oauth2/v2/auth?…")]
    pub authorization_url: String,
}

/// What the provider's page brought back, in the query of the callback's address.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProviderReturn {
    #[schema(value_type = String)]
    pub state: Secret,
    #[schema(value_type = String)]
    pub code: Secret,
    /// The issuer, when the provider names itself (RFC 9207).
    #[schema(example = "https://accounts.google.com")]
    pub iss: Option<String>,
    /// How the session shall travel. Of no meaning when linking.
    pub session: Option<SessionBy>,
}

/// The first visit with this identity: type the code we mailed.
#[derive(Serialize, ToSchema)]
pub struct AddressToProve {
    /// Always `prove_address`.
    #[schema(example = "prove_address")]
    pub status: &'static str,
    /// Where the code went.
    #[schema(example = "asha@example.org")]
    pub email: String,
    /// How long to wait before asking for another mail.
    #[schema(example = 60)]
    pub retry_after_seconds: u64,
}

/// What is left to do before there is a session.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub enum OneMoreStep {
    Address(AddressToProve),
    Challenge(ChallengeView),
}

/// The mailed code of a first visit.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProveAddress {
    /// Six digits; spaces do not matter.
    #[schema(value_type = String, example = "042 042")]
    pub code: Secret,
    /// How the session shall travel.
    pub session: Option<SessionBy>,
}

impl ProveAddress {
    pub fn digits(&self) -> Result<Secret, Problem> {
        let mut check = Check::new();
        let digits = auth::check_digits(&mut check, Some(&self.code));
        check.done().map(|()| digits)
    }
}

/// The password once more: a new way to sign in outlives the session.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LinkIdentity {
    /// Required unless `has_password` is false.
    #[schema(value_type = Option<String>, format = Password)]
    pub current_password: Option<Secret>,
}

/// An identity linked to the account.
#[derive(Debug, Serialize, ToSchema)]
pub struct IdentityView {
    pub id: IdentityId,
    #[schema(example = "google")]
    pub provider: String,
    /// The word on the provider's button; its name when it is configured no longer.
    #[schema(example = "Google")]
    pub label: String,
    /// The address the provider named, to tell identities apart.
    #[schema(example = "asha@example.org")]
    pub email: Option<String>,
    pub linked_at: DateTime<Utc>,
    pub last_used_at: Option<DateTime<Utc>>,
}

impl IdentityView {
    pub fn new(row: Identity, label: String) -> Self {
        Self {
            id: row.id,
            provider: row.provider,
            label,
            email: row.email,
            linked_at: row.linked_at,
            last_used_at: row.last_used_at,
        }
    }
}

/// The caller's linked identities.
#[derive(Debug, Serialize, ToSchema)]
pub struct Identities {
    pub items: Vec<IdentityView>,
}
