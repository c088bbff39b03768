//! Rows of sign-ins and one-time codes, and the answers of the actions that change them.

use diesel::prelude::*;

use crate::{
    config::Secret,
    db::{
        ids::{CodeId, SessionId, UserId},
        schema::one_time_codes,
    },
    people::User,
    text_enum,
};

text_enum! {
    /// What a one-time code is good for; it opens nothing else.
    pub enum Purpose {
        ConfirmEmail = "confirm_email",
        ResetPassword = "reset_password",
        Invitation = "invitation",
        LinkIdentity = "link_identity",
        ChangeEmail = "change_email",
        ConfirmPhone = "confirm_phone",
        SignIn = "sign_in",
    }
}

text_enum! {
    /// Why a session is over.
    pub enum Ended {
        SignedOut = "signed_out",
        PasswordChanged = "password_changed",
        ReuseDetected = "reuse_detected",
        Disabled = "disabled",
        Revoked = "revoked",
    }
}

/// A one-time code as stored: a salt, from which code and link token are derived with a key the database lacks.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = one_time_codes)]
pub struct Code {
    pub id: CodeId,
    pub user_id: UserId,
    pub purpose: Purpose,
    pub salt: Vec<u8>,
}

/// A session that has just been started or carried on.
pub struct Opened {
    pub user: User,
    pub session_id: SessionId,
    pub refresh_token: Secret,
    /// When it has just been started: what the browser shows next time, to be known.
    pub device_token: Option<Secret>,
    /// Whether a second factor has to be set up before anything else.
    pub second_factor_due: bool,
}

/// What became of a presented refresh token.
pub enum Rotation {
    /// It was the newest, or used a moment ago: here is its one successor.
    Next(Box<Opened>),
    /// It opens nothing; when it was an old one, its session has been ended.
    Refused,
}

/// How a person may be told apart before the password is looked at.
pub enum Attempt {
    /// No account, or locked: do the same work and refuse.
    Refused { user: Option<UserId>, locked: bool },
    /// The password decides. `last` is the attempt that locks the account if it is wrong.
    Weigh { user: Box<User>, last: bool },
}
