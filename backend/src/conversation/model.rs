//! Messages and moves as they are stored.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde_json::Value;
use uuid::Uuid;

use crate::{
    db::{
        ids::{MessageId, UserId},
        schema::moves,
    },
    tickets::model::{MoveKind, Side},
};

/// Whether message text is read from the database at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Text {
    Read,
    /// For admins.
    LeftOut,
}

#[derive(Debug, Clone, Queryable)]
pub struct Message {
    pub id: MessageId,
    pub seq: i32,
    pub author_id: UserId,
    pub side: Side,
    /// None when it was left out.
    pub body: Option<String>,
    pub quoted_message_id: Option<MessageId>,
    pub client_key: Option<Uuid>,
    pub created_at: DateTime<Utc>,
}

/// What happened besides messages.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = moves, check_for_backend(diesel::pg::Pg))]
pub struct MoveRow {
    pub seq: i32,
    pub kind: MoveKind,
    pub actor_id: Option<UserId>,
    pub data: Value,
    pub created_at: DateTime<Utc>,
}

/// A part of the timeline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Window {
    /// What came after this number, oldest first.
    After(i32),
    /// What came before this number, newest first.
    Before(i32),
}
