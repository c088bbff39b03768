//! A second factor as stored.

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use crate::{
    db::{ids::UserId, schema::second_factors},
    text_enum,
};

text_enum! {
    /// What is typed as the second step of a sign-in. `totp`: the six digits that the authenticator app shows;
    /// `recovery_code`: one of the ten that were shown when it was set up; `email_code`: the six digits we mailed.
    pub enum Step { Totp = "totp", RecoveryCode = "recovery_code", EmailCode = "email_code" }
}

/// An authenticator app, set up or being so.
#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = second_factors)]
pub struct SecondFactor {
    pub user_id: UserId,
    pub salt: Vec<u8>,
    pub confirmed_at: Option<DateTime<Utc>>,
    pub recovery_salt: Vec<u8>,
    pub recovery_left: i32,
}
