//! Feedback as it is stored.

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use crate::{
    db::{
        ids::{TicketId, UserId},
        schema::feedback,
    },
    tickets::Ticket,
};

#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = feedback, check_for_backend(diesel::pg::Pg))]
pub struct FeedbackRow {
    pub ticket_id: TicketId,
    pub customer_id: UserId,
    /// Who owned the ticket when it was rated.
    pub agent_id: Option<UserId>,
    pub outcome_rating: i16,
    pub agent_rating: Option<i16>,
    pub comment: Option<String>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

/// Once given, it can be changed until the ticket is final for good: while resolved, and while it could be reopened.
pub fn is_editable(ticket: &Ticket, given: Option<&FeedbackRow>) -> bool {
    given.is_none() || !ticket.status.is_final() || ticket.is_reopen_window_open()
}

/// What the customer says now.
#[derive(Debug, Insertable, AsChangeset)]
#[diesel(table_name = feedback, treat_none_as_null = true)]
pub struct Rating {
    pub agent_id: Option<UserId>,
    pub outcome_rating: i16,
    pub agent_rating: Option<i16>,
    pub comment: Option<String>,
}
