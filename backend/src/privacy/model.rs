//! Rows of exports.

use chrono::{DateTime, Utc};
use diesel::{
    prelude::*,
    sql_types::{Bytea, Nullable},
};

use crate::{db::schema::exports, text_enum};

diesel::define_sql_function! {
    fn octet_length(bytes: Nullable<Bytea>) -> Nullable<Integer>;
}

text_enum! {
    /// Where a copy of one's data stands.
    pub enum ExportState { Preparing = "preparing", Ready = "ready", Failed = "failed" }
}

/// A copy of one's data, without its bytes.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = exports)]
pub struct Export {
    pub state: ExportState,
    pub created_at: DateTime<Utc>,
    pub ready_at: Option<DateTime<Utc>>,
    pub expires_at: Option<DateTime<Utc>>,
    /// Bytes of the archive.
    #[diesel(select_expression = octet_length(exports::bytes))]
    pub size: Option<i32>,
}
