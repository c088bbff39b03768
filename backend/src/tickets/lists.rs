//! SQL of the ticket lists and counts: every page is a range of one index, however deep.

use chrono::{DateTime, Utc};
use diesel::{
    dsl::{count_star, exists, not},
    pg::Pg,
    prelude::*,
    sql_types::{Record, Timestamptz, Uuid},
};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    auth::Actor,
    db::{
        ids::{ServiceId, TicketId, UserId},
        schema::{ticket_reads, tickets},
    },
    http::{Cursor, page::LiteralLimit},
};

use super::{
    model::{Kind, Priority, Side, Status},
    policy::{self, Scope},
    search::{Newest, Search},
};

/// The time that orders a list, newest first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Sort {
    #[default]
    Updated,
    Created,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Assignee {
    Nobody,
    Person(UserId),
}

/// Which tickets, of those one sees.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    pub statuses: Vec<Status>,
    pub kind: Option<Kind>,
    pub service_id: Option<ServiceId>,
    pub assignee: Option<Assignee>,
    pub customer_id: Option<UserId>,
    pub priority: Option<Priority>,
    pub search: Option<Search>,
    pub created_from: Option<DateTime<Utc>>,
    pub created_to: Option<DateTime<Utc>>,
    pub sort: Sort,
}

/// A ticket in a list.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = tickets, check_for_backend(Pg))]
pub struct SummaryRow {
    pub id: TicketId,
    pub number: i64,
    pub kind: Kind,
    pub status: Status,
    pub priority: Priority,
    pub subject: String,
    pub service_id: Option<ServiceId>,
    pub customer_id: UserId,
    pub assignee_id: Option<UserId>,
    pub last_seq: i32,
    pub last_message_side: Option<Side>,
    pub last_message_excerpt: Option<String>,
    pub last_message_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub version: i32,
}

impl SummaryRow {
    /// Where a list in this order goes on after it.
    pub fn cursor(&self, sort: Sort) -> Cursor {
        let at = match sort {
            Sort::Updated => self.updated_at,
            Sort::Created => self.created_at,
        };
        Cursor { at, id: self.id.0 }
    }
}

type Boxed<'a> = diesel::dsl::IntoBoxed<
    'a,
    diesel::dsl::Select<tickets::table, diesel::dsl::AsSelect<SummaryRow, Pg>>,
    Pg,
>;

/// The first `limit` rows after the cursor that the actor sees and the filter lets through.
///
/// An agent sees two sets: what they own and what nobody has. Each is a range of an index; an OR of both would be none.
pub fn list_tickets(
    conn: &mut PgConnection,
    actor: &Actor,
    filter: &Filter,
    after: Option<Cursor>,
    limit: i64,
) -> QueryResult<Vec<SummaryRow>> {
    let mut rows = Vec::new();
    for scope in policy::scopes(actor) {
        let never = match filter.assignee {
            Some(Assignee::Nobody) => matches!(scope, Scope::AssignedTo(_)),
            Some(Assignee::Person(_)) => scope == Scope::Unassigned,
            None => false,
        };
        if !never {
            rows.extend(list_scope(conn, scope, filter, after, limit)?);
        }
    }
    rows.sort_by_key(|row: &SummaryRow| {
        let cursor = row.cursor(filter.sort);
        std::cmp::Reverse((cursor.at, cursor.id))
    });
    rows.truncate(usize::try_from(limit).unwrap_or_default());
    Ok(rows)
}

fn list_scope(
    conn: &mut PgConnection,
    scope: Scope,
    filter: &Filter,
    after: Option<Cursor>,
    limit: i64,
) -> QueryResult<Vec<SummaryRow>> {
    let Some(search) = &filter.search else {
        return ordered(scope, filter, after)
            .literal_limit(limit)
            .load(conn);
    };
    let newest = Newest {
        list: ordered(scope, filter, after),
        search: search.clone(),
        order: match filter.sort {
            Sort::Updated => "updated_at DESC, id DESC",
            Sort::Created => "created_at DESC, id DESC",
        },
        limit,
    };
    let rows: Vec<SummaryRow> = newest.load(conn)?;
    if rows.len() as i64 == limit {
        return Ok(rows);
    }
    ordered(scope, filter, after)
        .filter(search.clone())
        .literal_limit(limit)
        .load(conn)
}

fn ordered<'a>(scope: Scope, filter: &Filter, after: Option<Cursor>) -> Boxed<'a> {
    let query = filtered(scope, filter);
    // Row comparison: an OR of two comparisons would read the index from its start.
    match filter.sort {
        Sort::Updated => {
            let query = query.order((tickets::updated_at.desc(), tickets::id.desc()));
            match after {
                Some(after) => query.filter(
                    (tickets::updated_at, tickets::id)
                        .into_sql::<Record<(Timestamptz, Uuid)>>()
                        .lt((after.at, after.id)),
                ),
                None => query,
            }
        }
        Sort::Created => {
            let query = query.order((tickets::created_at.desc(), tickets::id.desc()));
            match after {
                Some(after) => query.filter(
                    (tickets::created_at, tickets::id)
                        .into_sql::<Record<(Timestamptz, Uuid)>>()
                        .lt((after.at, after.id)),
                ),
                None => query,
            }
        }
    }
}

fn filtered<'a>(scope: Scope, filter: &Filter) -> Boxed<'a> {
    let mut query = tickets::table
        .select(SummaryRow::as_select())
        .into_boxed::<Pg>();
    if scope != Scope::All {
        query = query.filter(scope.condition());
    }
    query = match filter.statuses.as_slice() {
        [] => query,
        [one] => query.filter(tickets::status.eq(*one)),
        several => query.filter(tickets::status.eq_any(several.to_vec())),
    };
    query = match filter.assignee {
        None => query,
        Some(Assignee::Nobody) => query.filter(tickets::assignee_id.is_null()),
        Some(Assignee::Person(id)) => query.filter(tickets::assignee_id.eq(id)),
    };
    if let Some(kind) = filter.kind {
        query = query.filter(tickets::kind.eq(kind));
    }
    if let Some(id) = filter.service_id {
        query = query.filter(tickets::service_id.eq(id));
    }
    if let Some(id) = filter.customer_id {
        query = query.filter(tickets::customer_id.eq(id));
    }
    if let Some(priority) = filter.priority {
        query = query.filter(tickets::priority.eq(priority));
    }
    if let Some(from) = filter.created_from {
        // What was raised later was also changed later: this ends the walk through the index of changes.
        query = query
            .filter(tickets::created_at.ge(from))
            .filter(tickets::updated_at.ge(from));
    }
    if let Some(to) = filter.created_to {
        query = query.filter(tickets::created_at.lt(to));
    }
    query
}

/// How many tickets of each status there are in a set.
pub fn count_by_status(conn: &mut PgConnection, scope: Scope) -> QueryResult<Vec<(Status, i64)>> {
    tickets::table
        .filter(scope.condition())
        .group_by(tickets::status)
        .select((tickets::status, count_star()))
        .load(conn)
}

/// How many tickets of a set have something that this person has not seen.
pub fn count_unread(conn: &mut PgConnection, scope: Scope, reader: UserId) -> QueryResult<i64> {
    let seen = ticket_reads::table
        .filter(ticket_reads::ticket_id.eq(tickets::id))
        .filter(ticket_reads::user_id.eq(reader))
        .filter(ticket_reads::seq.ge(tickets::last_seq));
    tickets::table
        .filter(scope.condition())
        .filter(not(exists(seen)))
        .select(count_star())
        .first(conn)
}
