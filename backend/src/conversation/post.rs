//! The statement that posts a message: the busiest write of all, so it is one round trip.
//!
//! It locks the ticket, sees that the author may write (owner or assignee) and that messages are open, gives out the
//! next number (two when the message reopens the ticket: the message comes first, the move after it), writes message,
//! move and the author's read mark. When it answers no row, nothing was written and [`crate::tickets`] says why.

use chrono::{DateTime, Utc};
use diesel::{
    pg::Pg,
    prelude::*,
    query_builder::{AstPass, Query, QueryFragment, QueryId},
    sql_types::{Array, Bool, Integer, Nullable, Text, Timestamptz, Uuid},
};

use crate::{
    auth::Role,
    db::ids::{MessageId, TicketId, UserId},
    tickets::model::{Circumstances, Move, Side, Status, next},
};

/// A message on its way into the database.
pub struct Post<'a> {
    pub id: MessageId,
    pub ticket_id: TicketId,
    pub author_id: UserId,
    pub side: Side,
    pub body: &'a str,
    pub excerpt: &'a str,
    pub quoted_message_id: Option<MessageId>,
    pub client_key: Option<uuid::Uuid>,
    /// From which statuses this side can write; [`Post::rule`].
    pub writable: Vec<Status>,
    /// From which of them a message leads back to open.
    pub reopens: Vec<Status>,
}

/// What came of it.
#[derive(Debug, Queryable)]
pub struct Posted {
    /// The number of the message.
    pub seq: i32,
    /// The status before.
    pub from: Status,
    /// Whether it leads back to open, under the number after the message's.
    pub reopened: bool,
    pub customer_id: UserId,
    pub assignee_id: Option<UserId>,
    /// The ticket's, after it.
    pub version: i32,
    pub created_at: DateTime<Utc>,
}

impl Post<'_> {
    /// The state machine's answers for this side, as sets: where it can write, and where that reopens.
    pub fn rule(role: Role) -> (Vec<Status>, Vec<Status>) {
        let when = Circumstances {
            role,
            reopen_window_open: false,
        };
        let after = |from: Status| next(from, Move::Message, when);
        let all = Status::ALL.iter().copied();
        let writable = all.clone().filter(|s| after(*s).is_ok()).collect();
        let reopens = all
            .filter(|s| *s != Status::Open && after(*s) == Ok(Status::Open))
            .collect();
        (writable, reopens)
    }
}

const LOCK: &str = "WITH before AS (SELECT id, status FROM tickets WHERE id = ";
const MAY_WRITE: &str = " AND CASE WHEN ";
const WHOSE: &str = " = 'customer' THEN customer_id ELSE assignee_id END = ";
const IN_STATUS: &str = " AND status = ANY (";
const TICKET: &str = ") FOR UPDATE), ticket AS (UPDATE tickets SET \
    version = version + 1, updated_at = now(), last_message_at = now(), \
    last_seq = last_seq + CASE WHEN before.status = ANY (";
const STATUS: &str = ") THEN 2 ELSE 1 END, status = CASE WHEN before.status = ANY (";
const RESOLVED_AT: &str =
    ") THEN 'open' ELSE tickets.status END, resolved_at = CASE WHEN before.status = ANY (";
const SIDE: &str = ") THEN NULL ELSE resolved_at END, last_message_side = ";
const EXCERPT: &str = ", last_message_excerpt = ";
const FIRST_REPLY: &str = ", first_reply_at = CASE WHEN ";
const FROM: &str = " = 'agent' THEN COALESCE(first_reply_at, now()) ELSE first_reply_at END \
    FROM before WHERE tickets.id = before.id \
    RETURNING tickets.id, tickets.last_seq, tickets.version, tickets.customer_id, tickets.assignee_id, \
    before.status AS from_status, before.status = ANY (";
const MESSAGE: &str = ") AS reopened), message AS (INSERT INTO messages \
    (id, ticket_id, seq, author_id, side, body, quoted_message_id, client_key) SELECT ";
const MESSAGE_SEQ: &str =
    ", ticket.id, CASE WHEN reopened THEN ticket.last_seq - 1 ELSE ticket.last_seq END, ";
const MOVE: &str = " FROM ticket RETURNING seq, created_at), move AS (INSERT INTO moves \
    (ticket_id, seq, kind, actor_id, data) SELECT id, last_seq, 'status_changed', ";
const READ: &str = ", jsonb_build_object('from', from_status, 'to', 'open', 'reason', NULL) \
    FROM ticket WHERE reopened), mark AS (INSERT INTO ticket_reads (ticket_id, user_id, seq) SELECT id, ";
const ANSWER: &str = ", last_seq FROM ticket ON CONFLICT (ticket_id, user_id) DO UPDATE \
    SET seq = excluded.seq, read_at = now() WHERE ticket_reads.seq < excluded.seq) \
    SELECT message.seq, from_status, reopened, customer_id, assignee_id, version, message.created_at FROM ticket, message";

impl Query for Post<'_> {
    type SqlType = (
        Integer,
        Text,
        Bool,
        Uuid,
        Nullable<Uuid>,
        Integer,
        Timestamptz,
    );
}

impl diesel::RunQueryDsl<diesel::PgConnection> for Post<'_> {}

/// The text never changes, so the connection keeps the statement prepared.
impl QueryId for Post<'_> {
    type QueryId = Post<'static>;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl QueryFragment<Pg> for Post<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql(LOCK);
        out.push_bind_param::<Uuid, _>(&self.ticket_id)?;
        out.push_sql(MAY_WRITE);
        out.push_bind_param::<Text, _>(&self.side)?;
        out.push_sql(WHOSE);
        out.push_bind_param::<Uuid, _>(&self.author_id)?;
        out.push_sql(IN_STATUS);
        out.push_bind_param::<Array<Text>, _>(&self.writable)?;
        for next in [TICKET, STATUS, RESOLVED_AT] {
            out.push_sql(next);
            out.push_bind_param::<Array<Text>, _>(&self.reopens)?;
        }
        out.push_sql(SIDE);
        out.push_bind_param::<Text, _>(&self.side)?;
        out.push_sql(EXCERPT);
        out.push_bind_param::<Text, _>(self.excerpt)?;
        out.push_sql(FIRST_REPLY);
        out.push_bind_param::<Text, _>(&self.side)?;
        out.push_sql(FROM);
        out.push_bind_param::<Array<Text>, _>(&self.reopens)?;
        out.push_sql(MESSAGE);
        out.push_bind_param::<Uuid, _>(&self.id)?;
        out.push_sql(MESSAGE_SEQ);
        out.push_bind_param::<Uuid, _>(&self.author_id)?;
        out.push_sql(", ");
        out.push_bind_param::<Text, _>(&self.side)?;
        out.push_sql(", ");
        out.push_bind_param::<Text, _>(self.body)?;
        out.push_sql(", ");
        out.push_bind_param::<Nullable<Uuid>, _>(&self.quoted_message_id)?;
        out.push_sql(", ");
        out.push_bind_param::<Nullable<Uuid>, _>(&self.client_key)?;
        out.push_sql(MOVE);
        out.push_bind_param::<Uuid, _>(&self.author_id)?;
        out.push_sql(READ);
        out.push_bind_param::<Uuid, _>(&self.author_id)?;
        out.push_sql(ANSWER);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sets_are_those_of_the_state_machine() {
        use Status::{OnHold, Open, Pending, Resolved};
        let writable = vec![Open, Pending, OnHold, Resolved];
        let customer = (writable.clone(), vec![Pending, Resolved]);
        assert_eq!(Post::rule(Role::Customer), customer);
        assert_eq!(Post::rule(Role::Agent), (writable, vec![]));
        assert_eq!(Post::rule(Role::Admin), (vec![], vec![]));
    }
}
