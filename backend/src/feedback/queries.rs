//! SQL of feedback.

use diesel::{
    dsl::now,
    pg::Pg,
    prelude::*,
    sql_types::{Record, Timestamptz, Uuid},
};

use crate::{
    db::{
        ids::{TicketId, UserId},
        schema::{feedback, tickets},
    },
    http::{Cursor, page::LiteralLimit},
};

use super::model::{FeedbackRow, Rating};

/// What was said about this ticket.
pub fn find(conn: &mut PgConnection, id: TicketId) -> QueryResult<Option<FeedbackRow>> {
    feedback::table
        .find(id)
        .select(FeedbackRow::as_select())
        .first(conn)
        .optional()
}

/// Writes it, or writes it anew; the caller holds the ticket's lock.
pub fn save(
    conn: &mut PgConnection,
    id: TicketId,
    customer_id: UserId,
    rating: &Rating,
) -> QueryResult<FeedbackRow> {
    diesel::insert_into(feedback::table)
        .values((
            feedback::ticket_id.eq(id),
            feedback::customer_id.eq(customer_id),
            rating,
        ))
        .on_conflict(feedback::ticket_id)
        .do_update()
        .set((rating, feedback::updated_at.eq(now)))
        .returning(FeedbackRow::as_returning())
        .get_result(conn)
}

/// Which feedback to list.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    pub agent_id: Option<UserId>,
    pub rating: Option<i16>,
}

/// Feedback with the number and subject of its ticket.
pub type Listed = (FeedbackRow, i64, String);

/// The first `limit` after the cursor, newest first.
pub fn list(
    conn: &mut PgConnection,
    filter: &Filter,
    after: Option<Cursor>,
    limit: i64,
) -> QueryResult<Vec<Listed>> {
    let mut query = feedback::table
        .inner_join(tickets::table)
        .select((FeedbackRow::as_select(), tickets::number, tickets::subject))
        .order((feedback::created_at.desc(), feedback::ticket_id.desc()))
        .into_boxed::<Pg>();
    if let Some(id) = filter.agent_id {
        query = query.filter(feedback::agent_id.eq(id));
    }
    if let Some(rating) = filter.rating {
        query = query.filter(feedback::outcome_rating.eq(rating));
    }
    if let Some(after) = after {
        query = query.filter(
            (feedback::created_at, feedback::ticket_id)
                .into_sql::<Record<(Timestamptz, Uuid)>>()
                .lt((after.at, after.id)),
        );
    }
    query.literal_limit(limit).load(conn)
}
