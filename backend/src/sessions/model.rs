//! Rows of sessions and of the sign-in history.

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use crate::{
    db::{
        ids::{SessionId, SignInId},
        schema::{sessions, sign_ins},
    },
    text_enum,
};

text_enum! {
    /// How somebody signed in. `provider`: through an identity provider; `confirmation`: with the mail that confirms the
    /// address; `invitation`: with an agent's invitation.
    pub enum SignInMethod {
        Password = "password",
        Provider = "provider",
        Confirmation = "confirmation",
        Invitation = "invitation",
    }
}

text_enum! {
    /// How an attempt to sign in ended. `locked`: the password was not even looked at; `unconfirmed`: it was right, but the
    /// address is not proven yet; `disabled`: the account is switched off; `password_change_required`: it was right, but an
    /// admin asked for a new one; `challenged`: it was right, or the provider's word was, and a code was asked for, too;
    /// `wrong_code`: that code was wrong.
    pub enum SignInOutcome {
        SignedIn = "signed_in",
        WrongPassword = "wrong_password",
        Locked = "locked",
        Unconfirmed = "unconfirmed",
        Disabled = "disabled",
        PasswordChangeRequired = "password_change_required",
        Challenged = "challenged",
        WrongCode = "wrong_code",
    }
}

/// A session that still holds.
#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = sessions)]
pub struct Session {
    pub id: SessionId,
    pub method: SignInMethod,
    pub provider: Option<String>,
    pub ip: String,
    pub user_agent: String,
    pub created_at: DateTime<Utc>,
    pub last_seen_at: DateTime<Utc>,
}

/// One line of the history.
#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = sign_ins)]
pub struct SignIn {
    pub id: SignInId,
    pub outcome: SignInOutcome,
    pub method: SignInMethod,
    pub provider: Option<String>,
    pub new_device: bool,
    pub ip: String,
    pub user_agent: String,
    pub created_at: DateTime<Utc>,
}
