//! SQL of the ticket lists and counts: every page is a range of one index, however deep.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use diesel::{
    dsl::{count_star, exists, not},
    pg::Pg,
    prelude::*,
    sql_types::{Nullable, Record, Text, Timestamptz, Uuid},
};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    auth::Actor,
    db::{
        ids::{ServiceId, TicketId, UserId},
        schema::{services, ticket_reads, tickets, users},
    },
    http::Cursor,
    services::{Icon, ServiceRef},
};

use super::{
    model::{Kind, Priority, Side, Status},
    policy::{self, Scope},
    ranges::{Among, Range, Way},
    search::Search,
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

impl Filter {
    /// In one order, without repetition.
    fn status_names(&self) -> Vec<&'static str> {
        let all = Status::ALL.iter().filter(|s| self.statuses.contains(s));
        all.map(|s| s.as_str()).collect()
    }

    /// What people look at all day: one status or all unfinished, anybody's, nobody's or one's own.
    fn is_frequent(&self) -> bool {
        let statuses = self.statuses.len() < 2 || self.statuses.iter().all(|s| s.is_unfinished());
        statuses
            && self.kind.is_none()
            && self.service_id.is_none()
            && self.customer_id.is_none()
            && self.priority.is_none()
            && self.search.is_none()
            && self.created_from.is_none()
            && self.created_to.is_none()
    }
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
    // There is no index of one person's tickets by the time they were raised: they are few enough to be sorted.
    let way = match (filter.sort, scope) {
        (Sort::Created, Scope::RaisedBy(_) | Scope::AssignedTo(_) | Scope::Unassigned) => {
            Way::Sorted
        }
        _ => Way::Ordered,
    };
    let range = |list, way| Range {
        list,
        way,
        order: match filter.sort {
            Sort::Updated => "updated_at DESC, id DESC",
            Sort::Created => "created_at DESC, id DESC",
        },
        limit,
        frequent: filter.is_frequent(),
    };
    let Some(search) = filter.search.clone() else {
        return range(filtered(scope, filter, after), way).load(conn);
    };
    if matches!(scope, Scope::RaisedBy(_) | Scope::AssignedTo(_)) {
        return range(filtered(scope, filter, after), Way::Within(search)).load(conn);
    }
    let newest = Way::Newest(search.clone());
    let rows: Vec<SummaryRow> = range(filtered(scope, filter, after), newest).load(conn)?;
    if rows.len() as i64 >= limit {
        return Ok(rows);
    }
    let found = filtered(scope, filter, after).filter(search);
    range(found, Way::Sorted).load(conn)
}

fn filtered<'a>(scope: Scope, filter: &Filter, after: Option<Cursor>) -> Boxed<'a> {
    let mut query = tickets::table
        .select(SummaryRow::as_select())
        .into_boxed::<Pg>();
    if scope != Scope::All {
        query = query.filter(scope.condition());
    }
    // Row comparison: an OR of two comparisons would read the index from its start.
    query = match (after, filter.sort) {
        (None, _) => query,
        (Some(after), Sort::Updated) => query.filter(
            (tickets::updated_at, tickets::id)
                .into_sql::<Record<(Timestamptz, Uuid)>>()
                .lt((after.at, after.id)),
        ),
        (Some(after), Sort::Created) => query.filter(
            (tickets::created_at, tickets::id)
                .into_sql::<Record<(Timestamptz, Uuid)>>()
                .lt((after.at, after.id)),
        ),
    };
    for (column, names) in [
        ("status", filter.status_names()),
        ("kind", filter.kind.iter().map(|k| k.as_str()).collect()),
        (
            "priority",
            filter.priority.iter().map(|p| p.as_str()).collect(),
        ),
    ] {
        if !names.is_empty() {
            query = query.filter(Among { column, names });
        }
    }
    query = match filter.assignee {
        None => query,
        Some(Assignee::Nobody) => query.filter(tickets::assignee_id.is_null()),
        Some(Assignee::Person(id)) => query.filter(tickets::assignee_id.eq(id)),
    };
    if let Some(id) = filter.service_id {
        query = query.filter(tickets::service_id.eq(id));
    }
    if let Some(id) = filter.customer_id {
        query = query.filter(tickets::customer_id.eq(id));
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

/// What the people and services of a list are called, in one statement.
#[derive(Debug, Default)]
pub struct Names {
    /// With the tags of their pictures.
    pub people: HashMap<UserId, (String, Option<String>)>,
    pub services: HashMap<ServiceId, ServiceRef>,
}

/// The names of all that the rows mention.
pub fn names(conn: &mut PgConnection, rows: &[SummaryRow]) -> QueryResult<Names> {
    let people: BTreeSet<UserId> = rows
        .iter()
        .flat_map(|row| [Some(row.customer_id), row.assignee_id])
        .flatten()
        .collect();
    let offered: BTreeSet<ServiceId> = rows.iter().filter_map(|row| row.service_id).collect();
    let none = None::<&str>.into_sql::<Nullable<Text>>();
    type Named = (uuid::Uuid, String, Option<Icon>, Option<String>);
    let found: Vec<Named> = users::table
        .filter(users::id.eq_any(Vec::from_iter(people)))
        .select((users::id, users::name, none, users::avatar))
        .union_all(
            services::table
                .filter(services::id.eq_any(Vec::from_iter(offered)))
                .select((
                    services::id,
                    services::name,
                    services::icon.nullable(),
                    none,
                )),
        )
        .load(conn)?;
    let mut names = Names::default();
    for (id, name, icon, avatar) in found {
        match icon {
            None => drop(names.people.insert(UserId(id), (name, avatar))),
            Some(icon) => {
                let id = ServiceId(id);
                names.services.insert(id, ServiceRef { id, name, icon });
            }
        }
    }
    Ok(names)
}

/// How many tickets of each status there are in a set.
pub fn count_by_status(conn: &mut PgConnection, scope: Scope) -> QueryResult<Vec<(Status, i64)>> {
    let counts = tickets::table
        .group_by(tickets::status)
        .select((tickets::status, count_star()));
    match scope {
        // A condition, even one that always holds, would keep the index from answering alone.
        Scope::All => counts.load(conn),
        some => counts.filter(some.condition()).load(conn),
    }
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
