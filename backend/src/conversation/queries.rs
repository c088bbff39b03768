//! SQL of the timeline.

use diesel::{pg::Pg, prelude::*};

use crate::{
    db::{
        ids::{MessageId, TicketId},
        schema::{messages, moves},
    },
    http::page::LiteralLimit,
};

use super::model::{Message, MoveRow, Window};

/// Messages of this part of the timeline, up to and with `last_seq`.
///
/// The bound makes two reads agree: what had a number when the ticket was read is there for both of them.
pub fn list_messages(
    conn: &mut PgConnection,
    id: TicketId,
    window: Window,
    last_seq: i32,
    limit: i64,
) -> QueryResult<Vec<Message>> {
    let query = messages::table
        .filter(messages::ticket_id.eq(id))
        .filter(messages::seq.le(last_seq))
        .select(Message::as_select())
        .into_boxed::<Pg>();
    match window {
        Window::After(seq) => query
            .filter(messages::seq.gt(seq))
            .order(messages::seq.asc())
            .literal_limit(limit)
            .load(conn),
        Window::Before(seq) => query
            .filter(messages::seq.lt(seq))
            .order(messages::seq.desc())
            .literal_limit(limit)
            .load(conn),
    }
}

/// Moves of this part of the timeline, up to and with `last_seq`.
pub fn list_moves(
    conn: &mut PgConnection,
    id: TicketId,
    window: Window,
    last_seq: i32,
    limit: i64,
) -> QueryResult<Vec<MoveRow>> {
    let query = moves::table
        .filter(moves::ticket_id.eq(id))
        .filter(moves::seq.le(last_seq))
        .select(MoveRow::as_select())
        .into_boxed::<Pg>();
    match window {
        Window::After(seq) => query
            .filter(moves::seq.gt(seq))
            .order(moves::seq.asc())
            .literal_limit(limit)
            .load(conn),
        Window::Before(seq) => query
            .filter(moves::seq.lt(seq))
            .order(moves::seq.desc())
            .literal_limit(limit)
            .load(conn),
    }
}

/// These messages of this ticket; ids of other tickets find nothing.
pub fn list_quoted(
    conn: &mut PgConnection,
    id: TicketId,
    ids: &[MessageId],
) -> QueryResult<Vec<Message>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    messages::table
        .filter(messages::ticket_id.eq(id))
        .filter(messages::id.eq_any(ids))
        .select(Message::as_select())
        .load(conn)
}
