//! What clients send to a conversation.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::{
    check::Check,
    db::ids::MessageId,
    problem::{FieldCode, Problem},
};

use super::model::Window;

/// A new message.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PostMessage {
    /// Markdown.
    #[schema(
        example = "Thank you, the refund has **arrived**.",
        min_length = 1,
        max_length = 20000
    )]
    pub body: String,
    /// A message of this conversation it answers to.
    #[serde(default)]
    pub quoted_message_id: Option<MessageId>,
    /// The client's own name for it; it comes back in the timeline, so that a client knows its own.
    #[serde(default)]
    pub client_id: Option<Uuid>,
}

impl PostMessage {
    pub fn checked(mut self) -> Result<Self, Problem> {
        let mut check = Check::new();
        self.body = check.text("/body", &self.body, 1, 20_000);
        check.done()?;
        Ok(self)
    }
}

/// How far the reader has seen.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MarkRead {
    /// The newest timeline entry seen. Never goes back; beyond the end means the end.
    #[schema(minimum = 0, example = 7)]
    pub seq: i32,
}

impl MarkRead {
    pub fn checked(self) -> Result<Self, Problem> {
        let mut check = Check::new();
        check.range("/seq", self.seq.into(), 0, i32::MAX.into());
        check.done()?;
        Ok(self)
    }
}

/// Which part of the timeline.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct ReadTimeline {
    /// What came after this entry.
    #[param(minimum = 0)]
    pub after: Option<i32>,
    /// What came before this entry. Not together with `after`.
    #[param(minimum = 0)]
    pub before: Option<i32>,
    /// How many entries at most, 1 to 100; 50 when left out.
    #[param(minimum = 1, maximum = 100)]
    pub limit: Option<i64>,
}

impl ReadTimeline {
    /// Without a bound: the newest entries.
    pub fn checked(&self) -> Result<(Window, i64), Problem> {
        let mut check = Check::new();
        let limit = self.limit.unwrap_or(50);
        check.range("?limit", limit, 1, 100);
        for (pointer, seq) in [("?after", self.after), ("?before", self.before)] {
            check.range(pointer, seq.unwrap_or(0).into(), 0, i32::MAX.into());
        }
        if self.after.is_some() && self.before.is_some() {
            check.fail(
                "?before",
                FieldCode::NotAllowed,
                "Use either `after` or `before`.",
            );
        }
        check.done()?;
        let window = match self.after {
            Some(seq) => Window::After(seq),
            None => Window::Before(self.before.unwrap_or(i32::MAX)),
        };
        Ok((window, limit))
    }
}
