//! What the API shows of tickets: rows, with the names that belong to them, as the reader may see them.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use diesel::{PgConnection, QueryResult};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    auth::Actor,
    db::ids::{TicketId, UserId},
    feedback::{self, FeedbackView},
    problem::Problem,
    profile::avatar,
    services::{self, ServiceRef},
    text_enum,
};

use super::{
    lists::{Names, SummaryRow, count_by_status, count_unread, names},
    model::{Channel, Kind, Move, Priority, Side, Status, Ticket, number_text},
    policy::{self, Scope},
    queries::{self, PersonRow},
};

/// A person by name.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PersonRef {
    pub id: UserId,
    #[schema(example = "Ann Perera")]
    pub name: String,
    /// Where the picture is; null without one.
    pub avatar: Option<String>,
}

/// A person by name, and whether they are here now.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PresentPerson {
    pub id: UserId,
    #[schema(example = "Ann Perera")]
    pub name: String,
    /// Where the picture is; null without one.
    pub avatar: Option<String>,
    /// Whether a page of theirs is connected.
    pub online: bool,
}

impl From<&PersonRow> for PersonRef {
    fn from(row: &PersonRow) -> Self {
        Self {
            id: row.id,
            name: row.name.clone(),
            avatar: row.avatar(),
        }
    }
}

impl From<&PersonRow> for PresentPerson {
    fn from(row: &PersonRow) -> Self {
        Self {
            id: row.id,
            name: row.name.clone(),
            avatar: row.avatar(),
            online: row.is_online(),
        }
    }
}

/// How to reach the customer.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = ContactDetails)]
pub struct ContactView {
    pub name: String,
    pub email: String,
    pub phone: Option<String>,
    pub preferred_channel: Channel,
}

/// What only a complaint has.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = ComplaintDetails)]
pub struct ComplaintView {
    /// The person or department it is about.
    pub against: Option<String>,
    pub incident_date: Option<NaiveDate>,
    /// A bill, order or account number.
    pub reference: Option<String>,
    /// What would put it right.
    pub wanted_outcome: Option<String>,
}

text_enum! {
    /// Why no more messages can be written.
    pub enum ClosedReason { Closed = "closed", Withdrawn = "withdrawn" }
}

/// What the reader can do with the ticket now. The same rules decide when it is tried.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Can {
    pub reply: bool,
    pub withdraw: bool,
    pub resolve: bool,
    pub confirm: bool,
    pub reopen: bool,
    pub assign: bool,
    pub take: bool,
    pub set_pending: bool,
    pub set_on_hold: bool,
    pub set_open: bool,
    pub rate: bool,
    pub set_priority: bool,
    pub edit_contact: bool,
}

impl Can {
    fn of(actor: &Actor, ticket: &Ticket, feedback: Option<&feedback::FeedbackRow>) -> Self {
        let can = |mv| policy::can(actor, ticket, mv);
        Self {
            reply: can(Move::Message),
            withdraw: can(Move::Withdraw),
            resolve: can(Move::SetStatus(Status::Resolved)),
            confirm: can(Move::Confirm),
            reopen: can(Move::Reopen),
            assign: can(Move::Assign),
            take: can(Move::Take) && ticket.assignee_id.is_none(),
            set_pending: can(Move::SetStatus(Status::Pending)),
            set_on_hold: can(Move::SetStatus(Status::OnHold)),
            set_open: can(Move::SetStatus(Status::Open)),
            rate: can(Move::Rate) && feedback::is_editable(ticket, feedback),
            set_priority: can(Move::SetPriority),
            edit_contact: can(Move::EditContact),
        }
    }
}

/// A ticket, as its reader may see it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Ticket)]
pub struct TicketView {
    pub id: TicketId,
    #[schema(example = "CCR-1042")]
    pub number: String,
    pub kind: Kind,
    pub status: Status,
    pub priority: Priority,
    #[schema(example = "Charged twice for one order")]
    pub subject: String,
    /// Markdown.
    pub description: String,
    /// The description as HTML that is safe to show.
    pub description_html: String,
    pub service: Option<ServiceRef>,
    pub customer: PresentPerson,
    /// The agent who owns it.
    pub assignee: Option<PresentPerson>,
    pub contact: ContactView,
    /// Only when `kind` is `complaint`.
    pub complaint: Option<ComplaintView>,
    /// The number of the newest timeline entry.
    pub last_seq: i32,
    /// The newest entry the reader has seen.
    pub my_read_seq: i32,
    /// The newest entry the other side has seen; always 0 for admins.
    pub their_read_seq: i32,
    /// Whether messages can be written at all, by those in the conversation.
    pub messages_open: bool,
    /// Why not, when messages are not open.
    pub closed_reason: Option<ClosedReason>,
    /// Until when a closed or withdrawn ticket can be reopened.
    pub reopen_until: Option<DateTime<Utc>>,
    pub feedback: Option<FeedbackView>,
    pub can: Can,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub resolved_at: Option<DateTime<Utc>>,
    pub closed_at: Option<DateTime<Utc>>,
    /// Changes with every change; also the `ETag`.
    pub version: i32,
}

/// The newest message, in a few words.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct LastMessage {
    pub side: Side,
    /// Plain text, at most 140 characters.
    pub excerpt: String,
    pub at: DateTime<Utc>,
}

/// A ticket in a list.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct TicketSummary {
    pub id: TicketId,
    #[schema(example = "CCR-1042")]
    pub number: String,
    pub kind: Kind,
    pub status: Status,
    pub priority: Priority,
    #[schema(example = "Charged twice for one order")]
    pub subject: String,
    pub service: Option<ServiceRef>,
    pub customer: PersonRef,
    pub assignee: Option<PersonRef>,
    pub last_seq: i32,
    /// The newest entry the reader has seen.
    pub my_read_seq: i32,
    /// Whether something happened that the reader, as its customer or its agent, has not seen.
    pub unread: bool,
    /// Null when nobody has written yet, and always for admins.
    pub last_message: Option<LastMessage>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub version: i32,
}

/// How many tickets the reader sees of each status, and three numbers to act on.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct TicketCounts {
    pub open: i64,
    pub pending: i64,
    pub on_hold: i64,
    pub resolved: i64,
    pub closed: i64,
    pub withdrawn: i64,
    /// Open, pending or on hold, and nobody's. Always 0 for customers.
    pub unassigned: i64,
    /// Open, pending or on hold, and the reader's: raised by the customer, assigned to the agent. Always 0 for admins.
    pub mine: i64,
    /// The reader's, with something they have not seen. Always 0 for admins.
    pub unread: i64,
}

impl TicketCounts {
    fn add(&mut self, status: Status, count: i64) {
        *match status {
            Status::Open => &mut self.open,
            Status::Pending => &mut self.pending,
            Status::OnHold => &mut self.on_hold,
            Status::Resolved => &mut self.resolved,
            Status::Closed => &mut self.closed,
            Status::Withdrawn => &mut self.withdrawn,
        } += count;
    }
}

/// Counts what the actor sees.
pub fn counts(conn: &mut PgConnection, actor: &Actor) -> QueryResult<TicketCounts> {
    let mut counts = TicketCounts::default();
    for scope in policy::scopes(actor) {
        let mut unfinished = 0;
        for (status, count) in count_by_status(conn, scope)? {
            counts.add(status, count);
            if status.is_unfinished() {
                unfinished += count;
            }
        }
        match scope {
            Scope::All => {
                let nobodys = count_by_status(conn, Scope::Unassigned)?;
                let unfinished = nobodys.iter().filter(|(status, _)| status.is_unfinished());
                counts.unassigned = unfinished.map(|(_, count)| count).sum();
            }
            Scope::Unassigned => counts.unassigned = unfinished,
            Scope::RaisedBy(_) | Scope::AssignedTo(_) => {
                counts.mine = unfinished;
                counts.unread = count_unread(conn, scope, actor.id)?;
            }
        }
    }
    Ok(counts)
}

/// The whole ticket for this reader, who has been found to see it.
pub fn ticket_view(
    conn: &mut PgConnection,
    actor: &Actor,
    ticket: Ticket,
) -> Result<TicketView, Problem> {
    let given = feedback::find(conn, ticket.id)?;
    let mut ids = vec![ticket.customer_id];
    ids.extend(ticket.assignee_id);
    ids.extend(given.as_ref().and_then(|f| f.agent_id));
    let people = queries::list_people(conn, &ids)?;
    let service = match ticket.service_id {
        Some(id) => services::refs(conn, &[id])?.remove(&id),
        None => None,
    };
    let read = queries::read_marks(conn, ticket.id)?;
    let read_by = |id: Option<UserId>| id.and_then(|id| read.get(&id)).copied().unwrap_or(0);
    let other_side = if actor.id == ticket.customer_id {
        ticket.assignee_id
    } else {
        Some(ticket.customer_id).filter(|_| policy::reads_messages(actor))
    };
    let present = |id: UserId| people.get(&id).map(PresentPerson::from);
    let complaint = (ticket.kind == Kind::Complaint).then(|| ComplaintView {
        against: ticket.against.clone(),
        incident_date: ticket.incident_date,
        reference: ticket.reference.clone(),
        wanted_outcome: ticket.wanted_outcome.clone(),
    });
    Ok(TicketView {
        id: ticket.id,
        number: ticket.number_text(),
        kind: ticket.kind,
        status: ticket.status,
        priority: ticket.priority,
        description_html: crate::markdown::to_html(&ticket.description),
        service,
        customer: present(ticket.customer_id)
            .ok_or_else(|| Problem::internal("a ticket without a customer"))?,
        assignee: ticket.assignee_id.and_then(present),
        contact: ContactView {
            name: ticket.contact_name.clone(),
            email: ticket.contact_email.clone(),
            phone: ticket.contact_phone.clone(),
            preferred_channel: ticket.contact_channel,
        },
        complaint,
        last_seq: ticket.last_seq,
        my_read_seq: read_by(Some(actor.id)),
        their_read_seq: read_by(other_side),
        messages_open: !ticket.status.is_final(),
        closed_reason: match ticket.status {
            Status::Closed => Some(ClosedReason::Closed),
            Status::Withdrawn => Some(ClosedReason::Withdrawn),
            _ => None,
        },
        reopen_until: ticket.reopen_until,
        can: Can::of(actor, &ticket, given.as_ref()),
        feedback: given.map(|f| {
            let agent = f
                .agent_id
                .and_then(|id| people.get(&id))
                .map(PersonRef::from);
            FeedbackView::new(f, agent)
        }),
        created_at: ticket.created_at,
        updated_at: ticket.updated_at,
        resolved_at: ticket.resolved_at,
        closed_at: ticket.closed_at,
        version: ticket.version,
        subject: ticket.subject,
        description: ticket.description,
    })
}

/// Rows of a list with their names: one query for the people, one for the services, one for the read marks.
pub fn summaries(
    conn: &mut PgConnection,
    actor: &Actor,
    rows: Vec<SummaryRow>,
) -> Result<Vec<TicketSummary>, Problem> {
    let Names { people, services } = names(conn, &rows)?;
    let marks = if policy::reads_messages(actor) {
        let ids: Vec<TicketId> = rows.iter().map(|r| r.id).collect();
        queries::my_read_marks(conn, &ids, actor.id)?
    } else {
        HashMap::new()
    };
    let view = |row: SummaryRow| {
        let my_read_seq = marks.get(&row.id).copied().unwrap_or(0);
        let is_theirs = row.customer_id == actor.id || row.assignee_id == Some(actor.id);
        let person = |id: UserId| {
            let (name, avatar) = people.get(&id)?;
            Some(PersonRef {
                id,
                name: name.clone(),
                avatar: avatar::address(id, avatar.as_deref()),
            })
        };
        Ok(TicketSummary {
            id: row.id,
            number: number_text(row.number),
            kind: row.kind,
            status: row.status,
            priority: row.priority,
            service: row.service_id.and_then(|id| services.get(&id).cloned()),
            customer: person(row.customer_id)
                .ok_or_else(|| Problem::internal("a ticket without a customer"))?,
            assignee: row.assignee_id.and_then(person),
            last_seq: row.last_seq,
            my_read_seq,
            unread: is_theirs && my_read_seq < row.last_seq,
            last_message: last_message(actor, &row),
            created_at: row.created_at,
            updated_at: row.updated_at,
            version: row.version,
            subject: row.subject,
        })
    };
    rows.into_iter().map(view).collect()
}

fn last_message(actor: &Actor, row: &SummaryRow) -> Option<LastMessage> {
    if !policy::reads_messages(actor) {
        return None;
    }
    Some(LastMessage {
        side: row.last_message_side?,
        excerpt: row.last_message_excerpt.clone()?,
        at: row.last_message_at?,
    })
}
