//! An account as admins see it.

use chrono::{DateTime, Utc};

use crate::people::User;

/// An account with what is counted about it.
pub struct Account {
    pub user: User,
    /// Until when no password is looked at.
    pub locked_until: Option<DateTime<Utc>>,
    /// Sessions that hold.
    pub sessions: i64,
    /// Sign-ins need a second factor.
    pub second_factor: bool,
}
