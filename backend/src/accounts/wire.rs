//! Accounts on the wire.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{
    auth::Role,
    check::Check,
    db::ids::UserId,
    http::{Cursor, PageQuery},
    problem::Problem,
    profile::avatar,
};

use super::model::Account;

/// An account, for admins.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Account)]
pub struct AccountView {
    pub id: UserId,
    pub role: Role,
    #[schema(example = "Ann Kovalenko")]
    pub name: String,
    #[schema(example = "ann@example.org")]
    pub email: String,
    /// Where the picture is; null without one.
    pub avatar: Option<String>,
    pub email_confirmed: bool,
    pub has_password: bool,
    /// Switched off: no sessions, no sign-in, no mail.
    pub disabled: bool,
    /// After too many wrong passwords: until when none is looked at. Live sessions and resetting the password go on.
    pub locked_until: Option<DateTime<Utc>>,
    /// Its owner has to choose a new password before the next sign-in.
    pub password_change_required: bool,
    /// Sign-ins need a code of its authenticator app.
    pub second_factor: bool,
    /// How many sessions hold.
    pub sessions: i64,
    pub last_seen_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
    pub version: i32,
}

impl From<Account> for AccountView {
    fn from(account: Account) -> Self {
        let Account {
            user,
            locked_until,
            sessions,
            second_factor,
        } = account;
        Self {
            email_confirmed: user.is_confirmed(),
            has_password: user.password_hash.is_some(),
            disabled: user.is_disabled(),
            password_change_required: user.must_change_password(),
            avatar: avatar::address(user.id, user.avatar.as_deref()),
            id: user.id,
            role: user.role,
            name: user.name,
            email: user.email,
            locked_until,
            second_factor,
            sessions,
            last_seen_at: user.last_seen_at,
            created_at: user.created_at,
            version: user.version,
        }
    }
}

/// What to change about an account; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateAccount {
    /// True ends all sessions at once and refuses new ones.
    pub disabled: Option<bool>,
}

/// Which accounts to list, newest first.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AccountQuery {
    /// Only of this role.
    #[param(inline)]
    pub role: Option<Role>,
    /// How many items at most, 1 to 100; 50 when left out.
    #[param(minimum = 1, maximum = 100)]
    pub limit: Option<i64>,
    /// The `next` of the page before. Opaque; good only for the same filters.
    pub cursor: Option<String>,
    /// The beginning of a name, of a further word of it, or of an email address; case does not matter.
    #[param(max_length = 200)]
    pub q: Option<String>,
}

/// A checked [`AccountQuery`].
#[derive(Debug, Clone)]
pub struct AccountFilter {
    pub role: Option<Role>,
    pub limit: i64,
    pub cursor: Option<Cursor>,
    pub q: Option<String>,
}

impl AccountQuery {
    pub fn check(self) -> Result<AccountFilter, Problem> {
        let mut check = Check::new();
        let q = check.optional_line("?q", self.q.as_deref(), 200);
        check.done()?;
        let page = PageQuery {
            limit: self.limit,
            cursor: self.cursor,
        };
        let (limit, cursor) = page.check()?;
        Ok(AccountFilter {
            role: self.role,
            limit,
            cursor,
            q,
        })
    }
}
