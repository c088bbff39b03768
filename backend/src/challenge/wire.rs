//! Challenges on the wire.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    auth::{self, SessionBy},
    check::Check,
    config::Secret,
    problem::{FieldCode, Problem},
    second_factor::Step,
};

use super::model::Challenge;

/// One more step before there is a session. It is no session: the token opens `/auth/challenge` only.
#[derive(Serialize, ToSchema)]
#[schema(as = Challenge)]
pub struct ChallengeView {
    /// Always `challenge`.
    #[schema(example = "challenge")]
    pub status: &'static str,
    /// For `/auth/challenge`. A newer sign-in of the same person replaces it.
    pub challenge_token: String,
    /// What may be typed: `totp` and `recovery_code` when the account has a second factor; `email_code` when a code was
    /// mailed, because the browser or program was not known before.
    #[schema(example = json!(["totp", "recovery_code"]))]
    pub methods: Vec<Step>,
    /// Seconds until it is over.
    #[schema(example = 600)]
    pub expires_in: u64,
    /// How long to wait before asking for another code; null when none is mailed.
    #[schema(example = 60)]
    pub retry_after_seconds: Option<u64>,
}

impl From<Challenge> for ChallengeView {
    fn from(challenge: Challenge) -> Self {
        Self {
            status: "challenge",
            challenge_token: challenge.token.reveal().to_owned(),
            methods: challenge.steps.to_vec(),
            expires_in: challenge.ttl.as_secs(),
            retry_after_seconds: challenge.wait.map(|wait| wait.as_secs()),
        }
    }
}

/// A code for a challenge.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PassChallenge {
    #[schema(value_type = String)]
    pub challenge_token: Secret,
    /// One of the challenge's `methods`.
    pub method: Step,
    /// Six digits, or a recovery code; spaces, hyphens and case do not matter.
    #[schema(value_type = String, example = "042 042")]
    pub code: Secret,
    /// Of an earlier session. A browser need not send it: the same is in an HttpOnly cookie.
    #[schema(value_type = Option<String>)]
    pub device_token: Option<Secret>,
    pub session: Option<SessionBy>,
}

/// Longer than any code as people write it.
const CODE_CHARS: usize = 40;

impl PassChallenge {
    /// The code as it is judged. Malformed ones are refused before anything is looked up.
    pub fn typed(&self) -> Result<Secret, Problem> {
        let mut check = Check::new();
        let typed = match self.method {
            Step::Totp | Step::EmailCode => auth::check_digits(&mut check, Some(&self.code)),
            Step::RecoveryCode => {
                let length = self.code.reveal().len();
                if length == 0 {
                    check.fail("/code", FieldCode::Required, "Enter a recovery code.");
                } else if length > CODE_CHARS {
                    check.fail("/code", FieldCode::TooLong, "That is no code of ours.");
                }
                self.code.clone()
            }
        };
        check.done().map(|()| typed)
    }
}

/// Which challenge to mail another code for.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ResendChallenge {
    #[schema(value_type = String)]
    pub challenge_token: Secret,
}
