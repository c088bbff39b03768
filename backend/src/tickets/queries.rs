//! SQL of single tickets and their moves.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::{dsl::now, prelude::*, query_dsl::methods, sql_types::Timestamptz, upsert::excluded};
use serde_json::Value;

use crate::{
    auth::Role,
    db::{
        ids::{TicketId, UserId},
        schema::{moves, ticket_reads, tickets, users},
    },
    events::presence::ONLINE_SECONDS,
    profile::avatar,
};

use super::{
    Condition,
    model::{MoveKind, NewTicket, Ticket, TicketChanges},
};

/// The ticket of this name, if it is among the visible ones.
pub fn find(
    conn: &mut PgConnection,
    named: Condition,
    visible: Condition,
) -> QueryResult<Option<Ticket>> {
    tickets::table
        .filter(named)
        .filter(visible)
        .select(Ticket::as_select())
        .first(conn)
        .optional()
}

/// [`find`], locked until the transaction ends.
pub fn lock(
    conn: &mut PgConnection,
    named: Condition,
    visible: Condition,
) -> QueryResult<Option<Ticket>> {
    tickets::table
        .filter(named)
        .filter(visible)
        .select(Ticket::as_select())
        .for_update()
        .first(conn)
        .optional()
}

pub fn insert_ticket(conn: &mut PgConnection, new: &NewTicket<'_>) -> QueryResult<Ticket> {
    diesel::insert_into(tickets::table)
        .values(new)
        .returning(Ticket::as_returning())
        .get_result(conn)
}

/// Changes the (locked) ticket: next seq, new version, now. Gives it as it is after.
pub fn change_ticket(
    conn: &mut PgConnection,
    id: TicketId,
    changes: &TicketChanges,
) -> QueryResult<Ticket> {
    diesel::update(tickets::table.find(id))
        .set((
            changes,
            tickets::last_seq.eq(tickets::last_seq + 1),
            tickets::version.eq(tickets::version + 1),
            tickets::updated_at.eq(now),
        ))
        .returning(Ticket::as_returning())
        .get_result(conn)
}

pub fn insert_move(
    conn: &mut PgConnection,
    id: TicketId,
    seq: i32,
    kind: MoveKind,
    actor_id: UserId,
    data: &Value,
) -> QueryResult<usize> {
    diesel::insert_into(moves::table)
        .values((
            moves::ticket_id.eq(id),
            moves::seq.eq(seq),
            moves::kind.eq(kind),
            moves::actor_id.eq(actor_id),
            moves::data.eq(data),
        ))
        .execute(conn)
}

/// Remembers that somebody has seen the timeline up to `seq`. Never goes back. Whether it changed anything.
pub fn mark_read(
    conn: &mut PgConnection,
    id: TicketId,
    user_id: UserId,
    seq: i32,
) -> QueryResult<bool> {
    let upsert = diesel::insert_into(ticket_reads::table)
        .values((
            ticket_reads::ticket_id.eq(id),
            ticket_reads::user_id.eq(user_id),
            ticket_reads::seq.eq(seq),
        ))
        .on_conflict((ticket_reads::ticket_id, ticket_reads::user_id))
        .do_update()
        .set((
            ticket_reads::seq.eq(excluded(ticket_reads::seq)),
            ticket_reads::read_at.eq(now),
        ));
    methods::FilterDsl::filter(upsert, ticket_reads::seq.lt(excluded(ticket_reads::seq)))
        .execute(conn)
        .map(|n| n > 0)
}

/// How far people have read one ticket.
pub fn read_marks(conn: &mut PgConnection, id: TicketId) -> QueryResult<HashMap<UserId, i32>> {
    let rows = ticket_reads::table
        .filter(ticket_reads::ticket_id.eq(id))
        .select((ticket_reads::user_id, ticket_reads::seq))
        .load::<(UserId, i32)>(conn)?;
    Ok(rows.into_iter().collect())
}

/// How far one person has read these tickets.
pub fn my_read_marks(
    conn: &mut PgConnection,
    ids: &[TicketId],
    user_id: UserId,
) -> QueryResult<HashMap<TicketId, i32>> {
    let rows = ticket_reads::table
        .filter(ticket_reads::ticket_id.eq_any(ids))
        .filter(ticket_reads::user_id.eq(user_id))
        .select((ticket_reads::ticket_id, ticket_reads::seq))
        .load::<(TicketId, i32)>(conn)?;
    Ok(rows.into_iter().collect())
}

/// A person as others see them next to a ticket.
#[derive(Debug, Clone, Queryable)]
pub struct PersonRow {
    pub id: UserId,
    pub name: String,
    pub role: Role,
    /// The tag of the picture.
    avatar: Option<String>,
    last_seen_at: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
}

/// A live stream that has not been heard of for this long is gone.
const PRESENT_FOR: chrono::Duration = chrono::Duration::seconds(ONLINE_SECONDS);

impl PersonRow {
    /// Where the picture is.
    pub fn avatar(&self) -> Option<String> {
        avatar::address(self.id, self.avatar.as_deref())
    }

    /// Whether a live stream of theirs was heard of just now, by the database's clock.
    pub fn is_online(&self) -> bool {
        self.last_seen_at
            .is_some_and(|seen| self.now - seen < PRESENT_FOR)
    }
}

/// These people, by id. Repeated and unknown ids do no harm.
pub fn list_people(
    conn: &mut PgConnection,
    ids: &[UserId],
) -> QueryResult<HashMap<UserId, PersonRow>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = users::table
        .filter(users::id.eq_any(ids))
        .select((
            users::id,
            users::name,
            users::role,
            users::avatar,
            users::last_seen_at,
            now.into_sql::<Timestamptz>(),
        ))
        .load::<PersonRow>(conn)?;
    Ok(rows.into_iter().map(|p| (p.id, p)).collect())
}

/// Whether a ticket can be given to this person: an agent who has joined, is not disabled and does not leave. Locks the person against
/// being disabled meanwhile.
pub fn is_active_agent(conn: &mut PgConnection, id: UserId) -> QueryResult<bool> {
    let found = users::table
        .filter(users::id.eq(id))
        .filter(users::role.eq(Role::Agent))
        .filter(users::disabled_at.is_null())
        .filter(users::deletion_due_at.is_null())
        .filter(users::email_confirmed_at.is_not_null())
        .select(users::id)
        .for_share()
        .first::<UserId>(conn)
        .optional()?;
    Ok(found.is_some())
}
