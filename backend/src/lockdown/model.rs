//! A lockdown.

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use crate::db::schema::lockdowns;

/// One that is on.
#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = lockdowns)]
pub struct Lockdown {
    pub reason: String,
    pub started_at: DateTime<Utc>,
}
