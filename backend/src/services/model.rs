//! A service as it is stored.

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use crate::{
    db::{ids::ServiceId, schema::services},
    text_enum,
};

text_enum! {
    /// The picture next to a service.
    pub enum Icon {
        Card = "card",
        Loan = "loan",
        Account = "account",
        Transfer = "transfer",
        Phone = "phone",
        Network = "network",
        Delivery = "delivery",
        Insurance = "insurance",
        Billing = "billing",
        Home = "home",
        AccountAccess = "account_access",
        Other = "other",
    }
}

/// The whole catalogue fits in one answer.
pub const MAX_SERVICES: i64 = 200;

#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = services, check_for_backend(diesel::pg::Pg))]
pub struct Service {
    pub id: ServiceId,
    pub name: String,
    pub description: String,
    pub icon: Icon,
    pub position: i32,
    pub retired_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub version: i32,
}

/// What changes in a service; `None` leaves a column as it is.
#[derive(Debug, Clone, Default, AsChangeset)]
#[diesel(table_name = services)]
pub struct ServiceChanges {
    pub name: Option<String>,
    pub description: Option<String>,
    pub icon: Option<Icon>,
    pub position: Option<i32>,
    pub retired_at: Option<Option<DateTime<Utc>>>,
}
