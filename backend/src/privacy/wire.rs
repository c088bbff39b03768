//! Bodies of one's data and of deleting one's account.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::config::Secret;

use super::model::{Export, ExportState};

/// The password again: a stolen session alone must not be enough.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WithPassword {
    /// Required unless `has_password` is false.
    #[schema(value_type = Option<String>, format = Password, example = "purple lamps hum")]
    pub current_password: Option<Secret>,
}

/// The copy of one's data.
#[derive(Debug, Serialize, ToSchema)]
pub struct MyExport {
    /// Null when none was asked for, or when it is gone.
    pub export: Option<ExportView>,
}

/// Where it stands.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DataExport)]
pub struct ExportView {
    /// `preparing`: a mail tells when it is `ready`. `failed`: ask again.
    pub state: ExportState,
    pub created_at: DateTime<Utc>,
    pub ready_at: Option<DateTime<Utc>>,
    /// Until when it can be downloaded.
    pub expires_at: Option<DateTime<Utc>>,
    /// Bytes of the archive, once it is ready.
    #[schema(example = 48_213)]
    pub size: Option<i32>,
}

impl From<Option<Export>> for MyExport {
    fn from(found: Option<Export>) -> Self {
        Self {
            export: found.map(|e| ExportView {
                state: e.state,
                created_at: e.created_at,
                ready_at: e.ready_at,
                expires_at: e.expires_at,
                size: e.size,
            }),
        }
    }
}

/// Whether the account is about to be deleted, and what is in the way of asking for that.
#[derive(Debug, Serialize, ToSchema)]
pub struct Deletion {
    /// When it will be; until then it can be undone. Null when nobody asked for it.
    pub due_at: Option<DateTime<Utc>>,
    /// Days to think it over, between asking and deleting.
    #[schema(example = 14)]
    pub grace_days: u64,
    /// Unfinished tickets that are the caller's to work on: they are handed over first.
    pub open_tickets: i64,
    /// No other admin is active: another one is made first.
    pub only_admin: bool,
}
