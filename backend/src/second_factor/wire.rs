//! Second factors on the wire.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    auth::{self, Role},
    check::Check,
    config::Secret,
    problem::{FieldCode, Problem},
};

use super::model::Step;

/// How it stands with the caller's second factor.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SecondFactor)]
pub struct SecondFactorView {
    /// Sign-ins need it.
    pub enabled: bool,
    /// The caller's role can not do without.
    pub required: bool,
    /// Since when it is enabled.
    pub since: Option<DateTime<Utc>>,
    /// Recovery codes that were not used yet, of ten.
    #[schema(example = 10)]
    pub recovery_codes_left: u32,
}

/// For the authenticator app. Shown once; begin again for another.
#[derive(Serialize, ToSchema)]
#[schema(as = SecondFactorSetup)]
pub struct Setup {
    /// For typing: base 32 (RFC 4648).
    #[schema(example = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")]
    pub secret: String,
    /// For opening on the same device.
    #[schema(
        example = "otpauth://totp/Customer%20Care%20Registry:ann%40example%2Eorg?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Customer%20Care%20Registry&algorithm=SHA1&digits=6&period=30"
    )]
    pub otpauth_url: String,
    /// The same as a QR code: an SVG document, dark on white, to show as an image.
    #[schema(example = "<?xml version=\"1.0\" standalone=\"yes\"?><svg …>")]
    pub qr_svg: String,
}

/// Ten codes for the day the app is lost, each good once. Shown only now.
#[derive(Serialize, ToSchema)]
pub struct RecoveryCodes {
    #[schema(example = json!(["k3fa-2mwq-7xbe", "p6tz-q4hn-rm2c"]))]
    pub recovery_codes: Vec<String>,
}

/// The password once more.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BeginSecondFactor {
    /// Required unless `has_password` is false.
    #[schema(value_type = Option<String>, format = Password)]
    pub current_password: Option<Secret>,
}

/// The first code of the app.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConfirmSecondFactor {
    /// The six digits that the app shows; spaces do not matter.
    #[schema(value_type = String, example = "042 042")]
    pub code: Secret,
}

impl ConfirmSecondFactor {
    pub fn digits(&self) -> Result<Secret, Problem> {
        let mut check = Check::new();
        let digits = auth::check_digits(&mut check, Some(&self.code));
        check.done().map(|()| digits)
    }
}

/// Both proofs once more: the password, and a code of the app or a recovery code.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProveSecondFactor {
    /// Required unless `has_password` is false.
    #[schema(value_type = Option<String>, format = Password)]
    pub current_password: Option<Secret>,
    /// The six digits that the app shows, or a recovery code; spaces, hyphens and case do not matter.
    #[schema(value_type = String, example = "042 042")]
    pub code: Secret,
}

impl ProveSecondFactor {
    /// What was typed: six digits are the app's.
    pub fn code(&self) -> Result<(Step, Secret), Problem> {
        let mut check = Check::new();
        let typed = typed(&mut check, &self.code);
        check.done().map(|()| typed)
    }
}

const CODE_CHARS: usize = 40;

fn typed(check: &mut Check, code: &Secret) -> (Step, Secret) {
    let plain: String = code
        .reveal()
        .chars()
        .filter(|c| c.is_alphanumeric())
        .collect();
    if plain.is_empty() {
        check.fail("/code", FieldCode::Required, "Enter a code.");
    } else if code.reveal().len() > CODE_CHARS {
        check.fail("/code", FieldCode::TooLong, "That is no code of ours.");
    }
    let is_digits = plain.len() == 6 && plain.bytes().all(|b| b.is_ascii_digit());
    let step = if is_digits {
        Step::Totp
    } else {
        Step::RecoveryCode
    };
    (step, Secret::new(plain))
}

/// The roles whose people need a second factor.
#[derive(Debug, Serialize, ToSchema)]
pub struct SecondFactorPolicy {
    #[schema(example = json!(["admin", "agent"]))]
    pub required_for: Vec<Role>,
}

/// The roles whose people shall need a second factor, and the password once more.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetSecondFactorPolicy {
    /// All of them; who is left out needs none.
    #[schema(example = json!(["admin", "agent"]))]
    pub required_for: Vec<Role>,
    /// Required unless `has_password` is false.
    #[schema(value_type = Option<String>, format = Password)]
    pub current_password: Option<Secret>,
}
