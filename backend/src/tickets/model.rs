//! What a ticket is, and the one function that says which moves are legal.

#[cfg(test)]
mod tests;

use chrono::{DateTime, NaiveDate, Utc};
use diesel::{prelude::*, sql_types::Timestamptz};

use crate::{
    auth::Role,
    db::{
        ids::{ServiceId, TicketId, UserId},
        schema::tickets,
    },
    text_enum,
};

text_enum! {
    /// What the customer wants: to complain, to know, or to have something done.
    pub enum Kind { Complaint = "complaint", Question = "question", Request = "request" }
}

text_enum! {
    /// Where a ticket stands. `open` waits for us, `pending` for the customer, `on_hold` for a third party; `resolved` is
    /// done in the agent's eyes, `closed` is final, `withdrawn` was taken back by the customer.
    pub enum Status {
        Open = "open",
        Pending = "pending",
        OnHold = "on_hold",
        Resolved = "resolved",
        Closed = "closed",
        Withdrawn = "withdrawn",
    }
}

text_enum! {
    /// How soon somebody should look at it.
    pub enum Priority { Low = "low", Normal = "normal", High = "high", Urgent = "urgent" }
}

text_enum! {
    /// How the customer prefers to be reached.
    pub enum Channel { Email = "email", Phone = "phone", Chat = "chat" }
}

text_enum! {
    /// Who speaks in a conversation.
    pub enum Side { Customer = "customer", Agent = "agent" }
}

impl Side {
    pub fn of(role: Role) -> Option<Self> {
        match role {
            Role::Customer => Some(Self::Customer),
            Role::Agent => Some(Self::Agent),
            Role::Admin => None,
        }
    }
}

impl Status {
    /// Somebody still has to do something: we, the customer or a third party.
    pub fn is_unfinished(self) -> bool {
        matches!(self, Self::Open | Self::Pending | Self::OnHold)
    }

    /// No more messages and no more work; only reopening leads out.
    pub fn is_final(self) -> bool {
        matches!(self, Self::Closed | Self::Withdrawn)
    }
}

/// Something a person does to a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Move {
    /// Writing a message.
    Message,
    /// The agent says where it stands.
    SetStatus(Status),
    Withdraw,
    /// The customer agrees that it is resolved.
    Confirm,
    Reopen,
    /// An admin gives it to an agent, or to nobody.
    Assign,
    /// An agent takes one that nobody has.
    Take,
    SetPriority,
    EditContact,
    Rate,
}

impl Move {
    /// The roles that make this kind of move at all; whose ticket it must be besides is policy.
    pub fn roles(self) -> &'static [Role] {
        match self {
            Self::Message => &[Role::Customer, Role::Agent],
            Self::SetStatus(_) | Self::Take => &[Role::Agent],
            Self::Withdraw | Self::Confirm | Self::Reopen | Self::EditContact | Self::Rate => {
                &[Role::Customer]
            }
            Self::Assign => &[Role::Admin],
            Self::SetPriority => &[Role::Agent, Role::Admin],
        }
    }
}

/// What a move depends on besides status and kind of move.
#[derive(Debug, Clone, Copy)]
pub struct Circumstances {
    pub role: Role,
    /// Whether a closed or withdrawn ticket may still be reopened.
    pub reopen_window_open: bool,
}

/// Why a move cannot be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Illegal {
    /// Another role makes this move.
    Role,
    /// The ticket is closed or withdrawn.
    Final(Status),
    /// It is in this status already.
    Already(Status),
    /// It cannot be made from this status.
    From(Status),
    /// Agents do not set this status.
    To(Status),
    ReopenWindowOver,
}

/// The status after a move. The only place that knows which moves are legal.
pub fn next(status: Status, mv: Move, when: Circumstances) -> Result<Status, Illegal> {
    use Status as S;
    if !mv.roles().contains(&when.role) {
        return Err(Illegal::Role);
    }
    match (mv, status) {
        (Move::Reopen, S::Resolved) => Ok(S::Open),
        (Move::Reopen, S::Closed | S::Withdrawn) if when.reopen_window_open => Ok(S::Open),
        (Move::Reopen, S::Closed | S::Withdrawn) => Err(Illegal::ReopenWindowOver),
        (Move::Reopen, from) => Err(Illegal::From(from)),

        (Move::Rate, S::Resolved | S::Closed) => Ok(status),
        (Move::Rate, from) => Err(Illegal::From(from)),

        (_, S::Closed | S::Withdrawn) => Err(Illegal::Final(status)),

        (Move::Message, S::Pending | S::Resolved) if when.role == Role::Customer => Ok(S::Open),
        (Move::Message | Move::Assign | Move::Take | Move::SetPriority | Move::EditContact, _) => {
            Ok(status)
        }

        (Move::SetStatus(to @ (S::Closed | S::Withdrawn)), _) => Err(Illegal::To(to)),
        (Move::SetStatus(to), from) if to == from => Err(Illegal::Already(from)),
        (Move::SetStatus(to), _) => Ok(to),

        (Move::Withdraw, S::Open | S::Pending | S::OnHold) => Ok(S::Withdrawn),
        (Move::Confirm, S::Resolved) => Ok(S::Closed),
        (Move::Withdraw | Move::Confirm, from) => Err(Illegal::From(from)),
    }
}

/// A ticket as it is stored, and the database's time at which it was read.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = tickets, check_for_backend(diesel::pg::Pg))]
pub struct Ticket {
    pub id: TicketId,
    pub number: i64,
    pub kind: Kind,
    pub status: Status,
    pub priority: Priority,
    pub subject: String,
    pub description: String,
    pub service_id: Option<ServiceId>,
    pub customer_id: UserId,
    pub assignee_id: Option<UserId>,
    pub contact_name: String,
    pub contact_email: String,
    pub contact_phone: Option<String>,
    pub contact_channel: Channel,
    pub against: Option<String>,
    pub incident_date: Option<NaiveDate>,
    pub reference: Option<String>,
    pub wanted_outcome: Option<String>,
    pub last_seq: i32,
    pub resolved_at: Option<DateTime<Utc>>,
    pub closed_at: Option<DateTime<Utc>>,
    pub reopen_until: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub version: i32,
    #[diesel(
        select_expression = diesel::dsl::now.into_sql::<Timestamptz>(),
        select_expression_type = diesel::dsl::AsExprOf<diesel::dsl::now, Timestamptz>
    )]
    pub now: DateTime<Utc>,
}

impl Ticket {
    /// The status after a move by someone in this role, now.
    pub fn next(&self, mv: Move, role: Role) -> Result<Status, Illegal> {
        let when = Circumstances {
            role,
            reopen_window_open: self.is_reopen_window_open(),
        };
        next(self.status, mv, when)
    }

    /// Decided by the database's clock.
    pub fn is_reopen_window_open(&self) -> bool {
        self.reopen_until.is_some_and(|until| self.now < until)
    }

    /// The customer and the agent who owns it.
    pub fn participants(&self) -> Vec<UserId> {
        let mut people = vec![self.customer_id];
        people.extend(self.assignee_id);
        people
    }

    pub fn number_text(&self) -> String {
        number_text(self.number)
    }
}

/// The human number: `CCR-1042`.
pub fn number_text(number: i64) -> String {
    format!("CCR-{number}")
}

/// Reads `CCR-1042`, in any case.
pub fn parse_number(text: &str) -> Option<i64> {
    let (prefix, digits) = text.split_at_checked(4)?;
    let plain = (1..=18).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    (prefix.eq_ignore_ascii_case("ccr-") && plain)
        .then(|| digits.parse().ok())
        .flatten()
}

/// A ticket on its way into the database.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = tickets)]
pub struct NewTicket<'a> {
    pub id: TicketId,
    pub kind: Kind,
    pub subject: &'a str,
    pub description: &'a str,
    pub service_id: Option<ServiceId>,
    pub customer_id: UserId,
    pub contact_name: &'a str,
    pub contact_email: &'a str,
    pub contact_phone: Option<&'a str>,
    pub contact_channel: Channel,
    pub against: Option<&'a str>,
    pub incident_date: Option<NaiveDate>,
    pub reference: Option<&'a str>,
    pub wanted_outcome: Option<&'a str>,
    pub last_seq: i32,
}

/// What changes in a ticket; `None` leaves a column as it is. Every change also takes the next `seq`, a new version and
/// the time.
#[derive(Debug, Clone, Default, AsChangeset)]
#[diesel(table_name = tickets)]
pub struct TicketChanges {
    pub status: Option<Status>,
    pub priority: Option<Priority>,
    pub assignee_id: Option<Option<UserId>>,
    pub contact_name: Option<String>,
    pub contact_email: Option<String>,
    pub contact_phone: Option<Option<String>>,
    pub contact_channel: Option<Channel>,
    pub resolved_at: Option<Option<DateTime<Utc>>>,
    pub closed_at: Option<Option<DateTime<Utc>>>,
    pub reopen_until: Option<Option<DateTime<Utc>>>,
}

impl TicketChanges {
    /// The status with the times that belong to it.
    pub fn to_status(ticket: &Ticket, to: Status, reopen_days: i32) -> Self {
        let until = ticket.now + chrono::Duration::days(i64::from(reopen_days));
        let (resolved_at, closed_at, reopen_until) = match to {
            Status::Open | Status::Pending | Status::OnHold => (None, None, None),
            Status::Resolved => (Some(ticket.now), None, None),
            Status::Closed => (ticket.resolved_at, Some(ticket.now), Some(until)),
            Status::Withdrawn => (None, Some(ticket.now), Some(until)),
        };
        Self {
            status: Some(to),
            resolved_at: Some(resolved_at),
            closed_at: Some(closed_at),
            reopen_until: Some(reopen_until),
            ..Self::default()
        }
    }
}

text_enum! {
    /// The kinds of timeline entries besides messages.
    pub enum MoveKind {
        Created = "created",
        StatusChanged = "status_changed",
        Assigned = "assigned",
        PriorityChanged = "priority_changed",
        ContactChanged = "contact_changed",
        FeedbackGiven = "feedback_given",
    }
}
