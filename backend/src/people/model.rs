//! A person as stored, and what admins see counted about one.

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use crate::{auth::Role, db::ids::UserId, db::schema::users, locale::Locale, text_enum};

/// A person, whatever the role.
#[derive(Clone, Queryable, Selectable)]
#[diesel(table_name = users)]
pub struct User {
    pub id: UserId,
    pub role: Role,
    pub name: String,
    pub email: String,
    pub email_confirmed_at: Option<DateTime<Utc>>,
    pub phone: Option<String>,
    /// When the number was proven, if it was.
    pub phone_confirmed_at: Option<DateTime<Utc>>,
    /// The tag of the picture.
    pub avatar: Option<String>,
    pub locale: Locale,
    pub time_zone: String,
    pub password_hash: Option<String>,
    pub disabled_at: Option<DateTime<Utc>>,
    /// When the account will be deleted, if its owner asked for that.
    pub deletion_due_at: Option<DateTime<Utc>>,
    /// When it was.
    pub anonymised_at: Option<DateTime<Utc>>,
    pub last_seen_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
    pub version: i32,
    /// Since when the password no longer signs anybody in.
    pub password_change_required_at: Option<DateTime<Utc>>,
}

impl User {
    pub fn is_confirmed(&self) -> bool {
        self.email_confirmed_at.is_some()
    }

    pub fn is_disabled(&self) -> bool {
        self.disabled_at.is_some()
    }

    /// Whether the account was deleted at its owner's wish: for everybody it is no more.
    pub fn is_anonymised(&self) -> bool {
        self.anonymised_at.is_some()
    }

    pub fn must_change_password(&self) -> bool {
        self.password_change_required_at.is_some()
    }
}

/// What a person may change about themselves; `None` leaves it as it is.
#[derive(Default, Clone, AsChangeset)]
#[diesel(table_name = users)]
pub struct ProfileChanges {
    pub name: Option<String>,
    pub phone: Option<Option<String>>,
    pub locale: Option<Locale>,
    pub time_zone: Option<String>,
}

impl ProfileChanges {
    /// The names of what changes: never the values, events outlive the person's wish to be forgotten.
    pub fn fields(&self) -> Vec<&'static str> {
        let all = [
            ("name", self.name.is_some()),
            ("phone", self.phone.is_some()),
            ("locale", self.locale.is_some()),
            ("time_zone", self.time_zone.is_some()),
        ];
        all.iter()
            .filter(|(_, changes)| *changes)
            .map(|(name, _)| *name)
            .collect()
    }
}

text_enum! {
    /// Where an agent's invitation stands. `none`: the agent was not invited by mail.
    pub enum Invitation { None = "none", Pending = "pending", Accepted = "accepted", Expired = "expired" }
}

/// A customer with what is counted about them.
pub struct CustomerRow {
    pub user: User,
    pub raised: i64,
    pub resolved: i64,
    pub notified: i64,
}

/// An agent with what is counted about them.
pub struct AgentRow {
    pub user: User,
    pub invitation: Invitation,
    pub open: i64,
    pub resolved: i64,
    pub rating: Option<f64>,
    pub online: bool,
}
