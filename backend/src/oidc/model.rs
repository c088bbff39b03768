//! Rows of identities.

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use crate::{
    check::Check,
    db::{ids::IdentityId, schema::identities},
};

use super::verify::Claims;

/// A linked identity.
#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = identities)]
pub struct Identity {
    pub id: IdentityId,
    pub provider: String,
    pub email: Option<String>,
    pub linked_at: DateTime<Utc>,
    pub last_used_at: Option<DateTime<Utc>>,
}

/// What a provider said about someone. Issuer and subject are who they are; address and name are claims.
#[derive(Debug, Clone)]
pub struct Profile {
    pub issuer: String,
    pub subject: String,
    pub email: Option<String>,
    pub name: Option<String>,
}

impl Profile {
    /// An address or name that breaks our own rules counts as not said.
    pub fn new(issuer: &str, claims: Claims) -> Self {
        let (email, name) = (claims.email, claims.name);
        Self {
            issuer: issuer.to_owned(),
            subject: claims.sub,
            email: email.and_then(|email| checked(|check| check.email("", &email))),
            name: name.and_then(|name| checked(|check| check.line("", &name, 1, 200))),
        }
    }
}

fn checked(read: impl FnOnce(&mut Check) -> String) -> Option<String> {
    let mut check = Check::new();
    let value = read(&mut check);
    check.done().ok().map(|()| value)
}
