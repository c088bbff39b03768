//! A challenge as stored, and what comes of a sign-in.

use std::time::Duration;

use diesel::prelude::*;

use crate::{
    auth::Opened,
    config::Secret,
    db::{
        ids::{ChallengeId, CodeId, UserId},
        schema::sign_in_challenges,
    },
    second_factor::Step,
    sessions::SignInMethod,
};

#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = sign_in_challenges)]
pub struct Pending {
    pub id: ChallengeId,
    pub user_id: UserId,
    pub salt: Vec<u8>,
    /// The mailed code; none when the second factor is asked for.
    pub code_id: Option<CodeId>,
    pub method: SignInMethod,
    pub provider: Option<String>,
    pub attempts: i32,
}

impl Pending {
    /// What may be typed.
    pub fn steps(&self) -> &'static [Step] {
        steps(self.code_id.is_some())
    }
}

pub fn steps(mailed: bool) -> &'static [Step] {
    if mailed {
        &[Step::EmailCode]
    } else {
        &[Step::Totp, Step::RecoveryCode]
    }
}

/// What somebody has to pass before there is a session.
pub struct Challenge {
    pub token: Secret,
    pub steps: &'static [Step],
    /// Until it is over.
    pub ttl: Duration,
    /// Until another code can be mailed; none when none was.
    pub wait: Option<Duration>,
}

/// What a right password leads to.
pub enum Admission {
    Opened(Box<Opened>),
    Challenged(Challenge),
}

/// What became of a typed code.
pub enum Verdict {
    Right(Box<Opened>),
    Wrong,
    /// There is no such challenge any more.
    Over,
}
