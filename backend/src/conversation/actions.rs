//! Writing and reading a conversation.

use std::time::Duration;

use diesel::{PgConnection, RunQueryDsl};
use serde_json::json;

use crate::{
    auth::Actor,
    db::{
        Tx,
        ids::{MessageId, TicketId},
    },
    events::{self, Event, EventKind, fan_out},
    markdown,
    problem::{FieldCode, Problem},
    tickets::{
        self, Action, TicketRef,
        model::{Move, Side, Status},
        policy::reads_messages,
    },
};

use super::{
    model::{Message, MoveRow, Text, Window},
    post::{Post, Posted},
    queries,
    views::EXCERPT,
    wire::PostMessage,
};

/// Messages and moves of a part of a timeline, and what else the answer says.
pub struct Part {
    pub ticket: tickets::Ticket,
    pub messages: Vec<Message>,
    pub moves: Vec<MoveRow>,
    pub more: bool,
}

/// Admins do not read conversations: for them text does not even leave the database.
pub fn text(reader: &Actor) -> Text {
    if reads_messages(reader) {
        Text::Read
    } else {
        Text::LeftOut
    }
}

/// Reads a part of the timeline.
pub fn read(
    conn: &mut PgConnection,
    actor: &Actor,
    reference: TicketRef,
    window: Window,
    limit: i64,
) -> Result<Part, Problem> {
    let ticket = tickets::load(conn, actor, reference, Action::View)?;
    let (id, last) = (ticket.id, ticket.last_seq);
    let mut messages = queries::list_messages(conn, id, text(actor), window, last, limit + 1)?;
    let mut moves = queries::list_moves(conn, id, window, last, limit + 1)?;
    // Both lists are sorted the same way; together they give the first `limit` numbers.
    let mut seqs: Vec<i32> = messages.iter().map(|m| m.seq).collect();
    seqs.extend(moves.iter().map(|m| m.seq));
    match window {
        Window::After(_) => seqs.sort_unstable(),
        Window::Before(_) => seqs.sort_unstable_by_key(|seq| std::cmp::Reverse(*seq)),
    }
    let limit = usize::try_from(limit).unwrap_or_default();
    let more = seqs.len() > limit;
    seqs.truncate(limit);
    if let Some(last) = seqs.last().copied() {
        let within = |seq: i32| match window {
            Window::After(_) => seq <= last,
            Window::Before(_) => seq >= last,
        };
        messages.retain(|m| within(m.seq));
        moves.retain(|m| within(m.seq));
    }
    Ok(Part {
        ticket,
        messages,
        moves,
        more,
    })
}

/// Posts a message. Written by the customer it leads a pending or resolved ticket back to open: that move has the number
/// after the message's. Who has not read it `away_after` gets a mail.
pub fn post(
    tx: &mut Tx<'_>,
    actor: &Actor,
    reference: TicketRef,
    body: &PostMessage,
    away_after: Duration,
) -> Result<(TicketId, Message), Problem> {
    let action = Action::Make(Move::Message);
    let ticket_id = match reference {
        TicketRef::Id(id) => id,
        TicketRef::Number(_) => tickets::load(tx, actor, reference, action)?.id,
    };
    let Some(side) = Side::of(actor.role) else {
        // An admin: the front door says what they may know.
        tickets::load(tx, actor, reference, action)?;
        return Err(Problem::not_found());
    };
    let (writable, reopens) = Post::rule(actor.role);
    let excerpt = markdown::excerpt(&body.body, EXCERPT);
    let id = MessageId::new();
    let post = Post {
        id,
        ticket_id,
        author_id: actor.id,
        side,
        body: &body.body,
        excerpt: &excerpt,
        quoted_message_id: body.quoted_message_id,
        client_key: body.client_id,
        writable,
        reopens,
    };
    if let Some(id) = body.quoted_message_id {
        tickets::load(tx, actor, reference, action)?;
        if queries::list_quoted(tx, ticket_id, Text::LeftOut, &[id])?.is_empty() {
            return Err(Problem::field(
                "/quoted_message_id",
                FieldCode::Unknown,
                "That message is not in this conversation.",
            ));
        }
    }
    let posted: Vec<Posted> = post.load(&mut **tx)?;
    let Some(posted) = posted.into_iter().next() else {
        let ticket = tickets::load(tx, actor, reference, action)?;
        tickets::next(&ticket, actor, Move::Message)?;
        return Err(Problem::conflict(
            "The ticket changed at the same moment. Please try again.",
        ));
    };
    let audience = || tickets::audience(posted.customer_id, [posted.assignee_id].into_iter());
    let version = posted.version;
    let event = |kind, seq, data| Event {
        kind,
        ticket_id: Some(ticket_id),
        user_id: None,
        seq: Some(seq),
        data,
        audience: audience(),
    };
    let said = event(
        EventKind::MessagePosted,
        posted.seq,
        json!({ "side": side, "version": version }),
    );
    events::emit(tx, &actor.origin, said)?;
    let reader = match side {
        Side::Customer => posted.assignee_id,
        Side::Agent => Some(posted.customer_id),
    };
    if let Some(reader) = reader {
        fan_out::remind(tx, ticket_id, reader, away_after)?;
    }
    if posted.reopened {
        let data = json!({ "from": posted.from, "to": Status::Open, "version": version });
        let moved = event(EventKind::TicketStatusChanged, posted.seq + 1, data);
        events::emit(tx, &actor.origin, moved)?;
    }
    let message = Message {
        id,
        seq: posted.seq,
        author_id: actor.id,
        side,
        body: Some(body.body.clone()),
        quoted_message_id: body.quoted_message_id,
        client_key: body.client_id,
        created_at: posted.created_at,
    };
    Ok((ticket_id, message))
}
