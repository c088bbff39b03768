//! Bodies of signing up, signing in and everything around passwords.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    check::Check,
    config::Secret,
    locale::Locale,
    people::Me,
    problem::{FieldCode, Problem},
};

use super::codes::Proof;

/// How the refresh token travels.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SessionBy {
    /// In an HttpOnly cookie, for pages in a browser. Send the header `X-Care-CSRF: 1`.
    Cookie,
    /// In the answer's body, for programs.
    #[default]
    Token,
}

/// A new session.
#[derive(Serialize, ToSchema)]
pub struct Session {
    /// Send it as `Authorization: Bearer …`.
    pub access_token: String,
    /// Seconds the access token is good for.
    #[schema(example = 600)]
    pub expires_in: u64,
    /// Exchange it at `/auth/refresh` for the next pair; each works once. Only with `session: "token"`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<String>,
    /// Show it at the next sign-in: a device that is known is not told by mail. Only at a sign-in with `session: "token"`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub device_token: Option<String>,
    /// Only when true: the role needs a second factor and there is none. Until one is set up with `/me/second-factor/begin`,
    /// everything but `/me`, `/me/second-factor` and signing out is answered 403 `second_factor_due`.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[schema(required = false)]
    pub second_factor_due: bool,
    pub user: Me,
}

/// Who wants to register.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Register {
    #[schema(min_length = 1, max_length = 200, example = "Ann Kovalenko")]
    pub name: String,
    #[schema(max_length = 254, example = "ann@example.org")]
    pub email: String,
    /// At least 8 characters, at most 72 bytes; not a common one, not your name.
    #[schema(value_type = String, format = Password, min_length = 8, example = "purple lamps hum")]
    pub password: Secret,
    #[schema(value_type = String, format = Password, example = "purple lamps hum")]
    pub password_confirmation: Secret,
    /// The language of pages and mails. When left out, what `Accept-Language` asks for, or English.
    pub locale: Option<Locale>,
}

/// The same answer whether or not the address has an account already.
#[derive(Serialize, ToSchema)]
pub struct Registered {
    #[schema(example = "confirmation_sent")]
    pub status: &'static str,
    /// How long to wait before asking for another mail.
    #[schema(example = 60)]
    pub retry_after_seconds: u64,
    /// Proof that you are the one who registered. Send it with the confirmation, else the chosen password is dropped. A
    /// browser need not: the same is in an HttpOnly cookie.
    pub registration_token: String,
}

/// Proof of an address: `token` from the link in the mail, or `email` and the six digits in `code`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConfirmEmail {
    /// From the link.
    #[schema(value_type = Option<String>)]
    pub token: Option<Secret>,
    #[schema(example = "ann@example.org")]
    pub email: Option<String>,
    /// Six digits; spaces do not matter.
    #[schema(value_type = Option<String>, example = "042 042")]
    pub code: Option<Secret>,
    /// What registering answered. Without it the address is confirmed, but the password chosen then is dropped: whoever
    /// chose it may not be who reads the mail.
    #[schema(value_type = Option<String>)]
    pub registration_token: Option<Secret>,
    pub session: Option<SessionBy>,
}

impl ConfirmEmail {
    pub fn proof(&self) -> Result<Proof, Problem> {
        let mut check = Check::new();
        let proof = proof(
            &mut check,
            self.token.as_ref(),
            self.email.as_deref(),
            self.code.as_ref(),
        );
        check.done()?;
        Ok(proof)
    }
}

/// A token, or an address with six digits. Malformed ones are refused before anything is looked up.
fn proof(
    check: &mut Check,
    token: Option<&Secret>,
    email: Option<&str>,
    code: Option<&Secret>,
) -> Proof {
    if let Some(token) = token {
        if email.is_some() || code.is_some() {
            check.fail(
                "/token",
                FieldCode::NotAllowed,
                "Send either a token, or email and code.",
            );
        }
        return Proof::Token(self::token(check, token));
    }
    let email = check.email("/email", email.unwrap_or_default());
    Proof::Digits {
        email,
        code: digits(check, code),
    }
}

/// The token of a link.
pub fn token(check: &mut Check, token: &Secret) -> Secret {
    if token.reveal().is_empty() || token.reveal().len() > 200 {
        check.fail(
            "/token",
            FieldCode::Malformed,
            "Use the link from the mail as it is.",
        );
    }
    token.clone()
}

/// The six digits as somebody typed them, wherever they came from: a mail, a phone, an app.
pub fn digits(check: &mut Check, code: Option<&Secret>) -> Secret {
    let typed = code.map(Secret::reveal).unwrap_or_default();
    let digits: String = typed.chars().filter(|c| !c.is_whitespace()).collect();
    if digits.is_empty() {
        check.fail("/code", FieldCode::Required, "Enter the six digits.");
    } else if digits.len() != 6 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        check.fail("/code", FieldCode::Malformed, "The code has six digits.");
    }
    Secret::new(digits)
}

/// An address to send something to.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Address {
    #[schema(max_length = 254, example = "ann@example.org")]
    pub email: String,
}

impl Address {
    pub fn check(&self) -> Result<String, Problem> {
        let mut check = Check::new();
        let email = check.email("/email", &self.email);
        check.done()?;
        Ok(email)
    }
}

/// The same answer whether or not there was anything to send.
#[derive(Serialize, ToSchema)]
pub struct Sent {
    #[schema(example = "sent")]
    pub status: &'static str,
    /// How long to wait before asking again.
    #[schema(example = 60)]
    pub retry_after_seconds: u64,
}

impl Sent {
    pub fn after(wait: std::time::Duration) -> Self {
        Self {
            status: "sent",
            retry_after_seconds: wait.as_secs(),
        }
    }
}

/// Address and password.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    #[schema(max_length = 254, example = "ann@example.org")]
    pub email: String,
    #[schema(value_type = String, format = Password, example = "purple lamps hum")]
    pub password: Secret,
    /// Of an earlier session. A browser need not send it: the same is in an HttpOnly cookie.
    #[schema(value_type = Option<String>)]
    pub device_token: Option<Secret>,
    pub session: Option<SessionBy>,
}

impl SignIn {
    pub fn check(&self) -> Result<String, Problem> {
        let mut check = Check::new();
        let email = check.email("/email", &self.email);
        if self.password.reveal().is_empty() {
            check.fail("/password", FieldCode::Required, "Enter your password.");
        }
        check.done()?;
        Ok(email)
    }
}

/// A refresh token in the body, or nothing when it is in the cookie.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Refresh {
    #[schema(value_type = Option<String>)]
    pub refresh_token: Option<Secret>,
    /// How the next one shall travel; as this one did when left out. One from a cookie stays in the cookie.
    pub session: Option<SessionBy>,
}

/// The code or token from the mail, and the new password.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ResetPassword {
    /// From the link; instead of `email` and `code`.
    #[schema(value_type = Option<String>)]
    pub token: Option<Secret>,
    #[schema(example = "ann@example.org")]
    pub email: Option<String>,
    /// Six digits; spaces do not matter.
    #[schema(value_type = Option<String>, example = "042 042")]
    pub code: Option<Secret>,
    #[schema(value_type = String, format = Password, min_length = 8, example = "purple lamps hum")]
    pub password: Secret,
    #[schema(value_type = String, format = Password, example = "purple lamps hum")]
    pub password_confirmation: Secret,
    /// Of the security questions, when the account has some.
    #[schema(value_type = Option<Vec<String>>, max_items = 3)]
    pub answers: Option<Vec<Secret>>,
}

impl ResetPassword {
    /// The proof, and that the password will do as far as can be said without knowing whose it is.
    pub fn check(&self, product: &str) -> Result<Proof, Problem> {
        let mut check = Check::new();
        let proof = proof(
            &mut check,
            self.token.as_ref(),
            self.email.as_deref(),
            self.code.as_ref(),
        );
        let mut personal = vec![product];
        personal.extend(self.email.as_deref());
        super::rules::check(
            &mut check,
            &self.password,
            &self.password_confirmation,
            &personal,
        );
        check.done()?;
        Ok(proof)
    }
}

/// The token from the invitation, one's name, and a password.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AcceptInvitation {
    #[schema(value_type = String)]
    pub token: Secret,
    #[schema(min_length = 1, max_length = 200, example = "Ravi Chandran")]
    pub name: String,
    #[schema(value_type = String, format = Password, min_length = 8, example = "purple lamps hum")]
    pub password: Secret,
    #[schema(value_type = String, format = Password, example = "purple lamps hum")]
    pub password_confirmation: Secret,
    pub session: Option<SessionBy>,
}

impl AcceptInvitation {
    /// The proof and the name.
    pub fn check(&self, product: &str) -> Result<(Proof, String), Problem> {
        let mut check = Check::new();
        let proof = proof(&mut check, Some(&self.token), None, None);
        let name = check.line("/name", &self.name, 1, 200);
        let personal = [name.as_str(), product];
        super::rules::check(
            &mut check,
            &self.password,
            &self.password_confirmation,
            &personal,
        );
        check.done()?;
        Ok((proof, name))
    }
}

impl Register {
    /// Name and address.
    pub fn check(&self, product: &str) -> Result<(String, String), Problem> {
        let mut check = Check::new();
        let name = check.line("/name", &self.name, 1, 200);
        let email = check.email("/email", &self.email);
        let personal = [name.as_str(), email.as_str(), product];
        super::rules::check(
            &mut check,
            &self.password,
            &self.password_confirmation,
            &personal,
        );
        check.done()?;
        Ok((name, email))
    }
}

/// The current password and the new one.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangePassword {
    /// Required unless `has_password` is false.
    #[schema(value_type = Option<String>, format = Password)]
    pub current_password: Option<Secret>,
    #[schema(value_type = String, format = Password, min_length = 8, example = "purple lamps hum")]
    pub password: Secret,
    #[schema(value_type = String, format = Password, example = "purple lamps hum")]
    pub password_confirmation: Secret,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Codes come by mail, by text message and from apps, and nobody is sent to look in the wrong place.
    #[test]
    fn missing_digits_are_asked_for_wherever_they_come_from() {
        let mut check = Check::new();
        digits(&mut check, None);
        let problem = check.done().unwrap_err();
        let field = problem.fields.first().unwrap();
        assert_eq!(
            (field.pointer.as_str(), field.code, field.detail.as_str()),
            ("/code", FieldCode::Required, "Enter the six digits.")
        );
    }
}
