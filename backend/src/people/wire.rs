//! Bodies of the profile and of the people lists.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{
    auth::Role,
    check::Check,
    db::ids::UserId,
    http::{Cursor, PageQuery},
    locale::Locale,
    problem::{FieldCode, Problem},
    profile::avatar,
};

use super::model::{self, Invitation, ProfileChanges, User};

/// The signed-in person.
#[derive(Debug, Serialize, ToSchema)]
pub struct Me {
    pub id: UserId,
    pub role: Role,
    #[schema(example = "Ann Kovalenko")]
    pub name: String,
    #[schema(example = "ann@example.org")]
    pub email: String,
    #[schema(example = "+49 30 1234567")]
    pub phone: Option<String>,
    /// Whether a code by text message proved the number.
    pub phone_confirmed: bool,
    /// Where the picture is; null without one.
    #[schema(
        example = "/api/v1/people/019c7a54-c7f0-7d10-8a3e-3f1d2c5b6a70/avatar?v=0c6f5b1d2a3948576a7b8c9d0e1f2a3b"
    )]
    pub avatar: Option<String>,
    pub locale: Locale,
    /// An IANA time zone.
    #[schema(example = "Asia/Kolkata")]
    pub time_zone: String,
    pub email_confirmed: bool,
    /// False until a password has been set: ask for one, without the current password.
    pub has_password: bool,
    /// When the account will be deleted, if the person asked for that; until then it can be undone.
    pub deletion_due_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
    pub version: i32,
}

impl From<User> for Me {
    fn from(user: User) -> Self {
        Self {
            email_confirmed: user.is_confirmed(),
            has_password: user.password_hash.is_some(),
            deletion_due_at: user.deletion_due_at,
            phone_confirmed: user.phone_confirmed_at.is_some(),
            avatar: avatar::address(user.id, user.avatar.as_deref()),
            id: user.id,
            role: user.role,
            name: user.name,
            email: user.email,
            phone: user.phone,
            locale: user.locale,
            time_zone: user.time_zone,
            created_at: user.created_at,
            version: user.version,
        }
    }
}

/// A field that may be absent (leave it), null (clear it) or a value.
fn present<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// What to change; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateMe {
    #[schema(min_length = 1, max_length = 200, example = "Ann Kovalenko")]
    pub name: Option<String>,
    /// Null removes the number.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>, max_length = 32, example = "+49 30 1234567")]
    pub phone: Option<Option<String>>,
    pub locale: Option<Locale>,
    /// An IANA time zone.
    #[schema(max_length = 64, example = "Asia/Kolkata")]
    pub time_zone: Option<String>,
}

impl UpdateMe {
    pub fn check(&self) -> Result<ProfileChanges, Problem> {
        let mut check = Check::new();
        let changes = ProfileChanges {
            name: self.name.as_ref().map(|n| check.line("/name", n, 1, 200)),
            phone: self
                .phone
                .as_ref()
                .map(|p| check.optional_phone("/phone", p.as_deref())),
            locale: self.locale,
            time_zone: self
                .time_zone
                .as_ref()
                .map(|z| check.line("/time_zone", z, 1, 64)),
        };
        check.done()?;
        Ok(changes)
    }
}

/// The problem of a time zone nobody knows.
pub fn unknown_time_zone() -> Problem {
    Problem::field(
        "/time_zone",
        FieldCode::Unknown,
        "Use the name of an IANA time zone, such as Asia/Kolkata.",
    )
}

/// A customer, for admins.
#[derive(Debug, Serialize, ToSchema)]
pub struct CustomerRow {
    pub id: UserId,
    #[schema(example = "Ann Kovalenko")]
    pub name: String,
    #[schema(example = "ann@example.org")]
    pub email: String,
    /// Where the picture is; null without one.
    pub avatar: Option<String>,
    pub phone: Option<String>,
    pub email_confirmed: bool,
    pub disabled: bool,
    /// Tickets the customer ever raised.
    pub tickets_raised: i64,
    /// Of these, resolved or closed.
    pub tickets_resolved: i64,
    /// Mails we sent to the customer.
    pub notifications_sent: i64,
    pub last_seen_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
}

impl From<model::CustomerRow> for CustomerRow {
    fn from(row: model::CustomerRow) -> Self {
        Self {
            email_confirmed: row.user.is_confirmed(),
            disabled: row.user.is_disabled(),
            avatar: avatar::address(row.user.id, row.user.avatar.as_deref()),
            id: row.user.id,
            name: row.user.name,
            email: row.user.email,
            phone: row.user.phone,
            tickets_raised: row.raised,
            tickets_resolved: row.resolved,
            notifications_sent: row.notified,
            last_seen_at: row.user.last_seen_at,
            created_at: row.user.created_at,
        }
    }
}

/// An agent, for admins.
#[derive(Debug, Serialize, ToSchema)]
pub struct AgentRow {
    pub id: UserId,
    #[schema(example = "Ravi Chandran")]
    pub name: String,
    #[schema(example = "ravi@example.org")]
    pub email: String,
    /// Where the picture is; null without one.
    pub avatar: Option<String>,
    pub disabled: bool,
    pub invitation: Invitation,
    /// Assigned and not finished: open, pending or on hold. They stay assigned when the agent is disabled.
    pub open_tickets: i64,
    pub resolved_tickets: i64,
    /// Mean of the agent's ratings, 1 to 5; null without any.
    #[schema(example = 4.6)]
    pub average_rating: Option<f64>,
    pub online: bool,
    pub last_seen_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
    pub version: i32,
}

impl From<model::AgentRow> for AgentRow {
    fn from(row: model::AgentRow) -> Self {
        Self {
            disabled: row.user.is_disabled(),
            avatar: avatar::address(row.user.id, row.user.avatar.as_deref()),
            id: row.user.id,
            name: row.user.name,
            email: row.user.email,
            invitation: row.invitation,
            open_tickets: row.open,
            resolved_tickets: row.resolved,
            average_rating: row.rating,
            online: row.online,
            last_seen_at: row.user.last_seen_at,
            created_at: row.user.created_at,
            version: row.user.version,
        }
    }
}

/// Whom to invite.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InviteAgent {
    #[schema(min_length = 1, max_length = 200, example = "Ravi Chandran")]
    pub name: String,
    #[schema(max_length = 254, example = "ravi@example.org")]
    pub email: String,
}

impl InviteAgent {
    /// Name and address, checked.
    pub fn check(&self) -> Result<(String, String), Problem> {
        let mut check = Check::new();
        let name = check.line("/name", &self.name, 1, 200);
        let email = check.email("/email", &self.email);
        check.done()?;
        Ok((name, email))
    }
}

/// What to change about an agent; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateAgent {
    #[schema(min_length = 1, max_length = 200)]
    pub name: Option<String>,
    /// True ends the agent's sessions at once and refuses new ones; tickets stay assigned.
    pub disabled: Option<bool>,
}

/// Checked changes to an agent.
#[derive(Debug, Clone)]
pub struct AgentChanges {
    pub name: Option<String>,
    pub disabled: Option<bool>,
}

impl UpdateAgent {
    pub fn check(&self) -> Result<AgentChanges, Problem> {
        let mut check = Check::new();
        let name = self.name.as_ref().map(|n| check.line("/name", n, 1, 200));
        check.done()?;
        Ok(AgentChanges {
            name,
            disabled: self.disabled,
        })
    }
}

/// An empty object.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

/// Something is on its way by mail.
#[derive(Debug, Serialize, ToSchema)]
pub struct InvitationSent {
    #[schema(example = "sent")]
    pub status: &'static str,
}

/// Which people to list, newest first.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PeopleQuery {
    /// How many items at most, 1 to 100; 50 when left out.
    #[param(minimum = 1, maximum = 100)]
    pub limit: Option<i64>,
    /// The `next` of the page before. Opaque; good only for the same filters.
    pub cursor: Option<String>,
    /// The beginning of a name, of a further word of it, or of an email address; case does not matter.
    #[param(max_length = 200)]
    pub q: Option<String>,
}

/// A checked [`PeopleQuery`].
#[derive(Debug, Clone)]
pub struct PeopleFilter {
    pub limit: i64,
    pub cursor: Option<Cursor>,
    pub q: Option<String>,
}

impl PeopleQuery {
    pub fn check(self) -> Result<PeopleFilter, Problem> {
        let mut check = Check::new();
        let q = check.optional_line("?q", self.q.as_deref(), 200);
        check.done()?;
        let page = PageQuery {
            limit: self.limit,
            cursor: self.cursor,
        };
        let (limit, cursor) = page.check()?;
        Ok(PeopleFilter { limit, cursor, q })
    }
}
