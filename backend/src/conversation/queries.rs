//! SQL of the timeline.

use diesel::{
    dsl::{IntoBoxed, Nullable, Select},
    pg::Pg,
    prelude::*,
    sql_types,
};

use crate::{
    db::{
        ids::{MessageId, TicketId},
        schema::{messages, moves},
    },
    http::page::LiteralLimit,
};

use super::model::{Message, MoveRow, Text, Window};

/// Messages, with or without their text.
type Messages<'a> = IntoBoxed<'a, Select<messages::table, Columns>, Pg>;

type Columns = (
    messages::id,
    messages::seq,
    messages::author_id,
    messages::side,
    Nullable<messages::body>,
    messages::quoted_message_id,
    messages::client_key,
    messages::created_at,
);

fn of_ticket<'a>(id: TicketId, text: Text) -> Messages<'a> {
    macro_rules! select {
        ($body:expr) => {
            messages::table
                .select((
                    messages::id,
                    messages::seq,
                    messages::author_id,
                    messages::side,
                    $body,
                    messages::quoted_message_id,
                    messages::client_key,
                    messages::created_at,
                ))
                .into_boxed::<Pg>()
        };
    }
    let query = match text {
        Text::Read => select!(messages::body.nullable()),
        Text::LeftOut => select!(None::<String>.into_sql::<sql_types::Nullable<sql_types::Text>>()),
    };
    query.filter(messages::ticket_id.eq(id))
}

/// Messages of this part of the timeline, up to and with `last_seq`.
///
/// The bound makes two reads agree: what had a number when the ticket was read is there for both of them.
pub fn list_messages(
    conn: &mut PgConnection,
    id: TicketId,
    text: Text,
    window: Window,
    last_seq: i32,
    limit: i64,
) -> QueryResult<Vec<Message>> {
    let query = of_ticket(id, text).filter(messages::seq.le(last_seq));
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
    text: Text,
    ids: &[MessageId],
) -> QueryResult<Vec<Message>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    of_ticket(id, text)
        .filter(messages::id.eq_any(ids))
        .load(conn)
}
