//! One type per kind of id, so that a ticket's can not stand where a person's belongs. All are UUIDv7 (RFC 9562): they
//! sort by time and say nothing else.

use diesel::{
    deserialize::{self, FromSql, FromSqlRow},
    expression::AsExpression,
    pg::{Pg, PgValue},
    serialize::{self, Output, ToSql},
    sql_types,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, AsExpression,
            FromSqlRow, ToSchema)]
        #[diesel(sql_type = sql_types::Uuid)]
        #[serde(transparent)]
        #[schema(value_type = Uuid)]
        pub struct $name(pub Uuid);

        impl $name {
            /// A new id, later than any made before in this process.
            #[allow(clippy::new_without_default)]
            pub fn new() -> Self { Self(Uuid::now_v7()) }
        }
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { self.0.fmt(f) }
        }
        impl std::str::FromStr for $name {
            type Err = uuid::Error;
            fn from_str(s: &str) -> Result<Self, Self::Err> { s.parse().map(Self) }
        }
        impl ToSql<sql_types::Uuid, Pg> for $name {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
                ToSql::<sql_types::Uuid, Pg>::to_sql(&self.0, out)
            }
        }
        impl FromSql<sql_types::Uuid, Pg> for $name {
            fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
                <Uuid as FromSql<sql_types::Uuid, Pg>>::from_sql(value).map(Self)
            }
        }
    )*};
}

ids! {
    /// A person, whatever the role.
    UserId,
    /// A sign-in on one device.
    SessionId,
    /// A browser that somebody signs in with.
    DeviceId,
    /// One line of somebody's sign-in history.
    SignInId,
    /// An account at an identity provider, linked to one of ours.
    IdentityId,
    /// A trip to an identity provider and back.
    TripId,
    /// A sign-in that needs one more step.
    ChallengeId,
    /// A one-time code or link.
    CodeId,
    /// Something the organisation offers.
    ServiceId,
    /// A complaint, question or request.
    TicketId,
    /// A message in a conversation.
    MessageId,
    /// A mail in the outbox.
    MailId,
}
