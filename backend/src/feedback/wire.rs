//! Feedback as it goes over the wire.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{
    check::Check,
    db::ids::{TicketId, UserId},
    problem::Problem,
    tickets::PersonRef,
};

use super::model::FeedbackRow;

/// What the customer says about a resolved or closed ticket.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GiveFeedback {
    /// How happy with the outcome: 1 not at all, 5 very.
    #[schema(minimum = 1, maximum = 5, example = 5)]
    pub outcome_rating: i16,
    /// How happy with the agent; only when an agent owned the ticket.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 5, example = 4)]
    pub agent_rating: Option<i16>,
    #[serde(default)]
    #[schema(max_length = 2000, example = "Quick and kind. Thank you!")]
    pub comment: Option<String>,
}

impl GiveFeedback {
    pub fn checked(mut self) -> Result<Self, Problem> {
        let mut check = Check::new();
        check.range("/outcome_rating", self.outcome_rating.into(), 1, 5);
        if let Some(rating) = self.agent_rating {
            check.range("/agent_rating", rating.into(), 1, 5);
        }
        self.comment = check.optional_text("/comment", self.comment.as_deref(), 2000);
        check.done()?;
        Ok(self)
    }
}

/// What the customer said about a ticket.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Feedback)]
pub struct FeedbackView {
    #[schema(minimum = 1, maximum = 5)]
    pub outcome_rating: i16,
    #[schema(minimum = 1, maximum = 5)]
    pub agent_rating: Option<i16>,
    pub comment: Option<String>,
    /// Who owned the ticket when it was rated.
    pub agent: Option<PersonRef>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

impl FeedbackView {
    pub fn new(row: FeedbackRow, agent: Option<PersonRef>) -> Self {
        Self {
            outcome_rating: row.outcome_rating,
            agent_rating: row.agent_rating,
            comment: row.comment,
            agent,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

/// A ticket by number and subject.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RatedTicket {
    pub id: TicketId,
    #[schema(example = "CCR-1042")]
    pub number: String,
    pub subject: String,
}

/// Feedback in a list.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FeedbackItem {
    pub ticket: RatedTicket,
    pub customer: PersonRef,
    /// Who owned the ticket when it was rated.
    pub agent: Option<PersonRef>,
    #[schema(minimum = 1, maximum = 5)]
    pub outcome_rating: i16,
    #[schema(minimum = 1, maximum = 5)]
    pub agent_rating: Option<i16>,
    pub comment: Option<String>,
    pub created_at: DateTime<Utc>,
}

#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct ListFeedback {
    /// Only with this rating of the outcome.
    #[param(minimum = 1, maximum = 5)]
    pub rating: Option<i16>,
    /// Only about this agent. Agents see their own anyway.
    #[param(value_type = Option<uuid::Uuid>)]
    pub agent_id: Option<UserId>,
    /// How many items at most, 1 to 100; 50 when left out.
    #[param(minimum = 1, maximum = 100)]
    pub limit: Option<i64>,
    /// The `next` of the page before. Opaque; good only for the same filters.
    pub cursor: Option<String>,
}
