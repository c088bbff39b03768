//! Tickets: raising, finding and moving them. The front door is [`load`]: every ticket id from outside goes through it.

mod actions;
mod lists;
pub mod model;
pub mod policy;
mod queries;
mod ranges;
mod routes;
mod search;
mod views;
mod wire;

use std::str::FromStr;

use diesel::{pg::Pg, prelude::*, sql_types::Bool};

use crate::{
    auth::Actor,
    db::{Tx, ids::TicketId, schema::tickets},
    http::etag::IfMatch,
    problem::{Code, Problem},
};

pub use actions::{announce, audience, change};
pub use model::{Kind, Priority, Ticket, number_text};
pub use policy::{Action, allows, visible_to};
pub use queries::{PersonRow, is_active_agent, list_people, mark_read};
pub use routes::routes;
pub use views::{PersonRef, PresentPerson, TicketCounts, TicketSummary, TicketView};
pub use wire::Empty;

use model::{Illegal, Move, Status};

/// A condition on tickets, as SQL.
type Condition = Box<dyn BoxableExpression<tickets::table, Pg, SqlType = Bool>>;

/// How the API names a ticket: by its id or by its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TicketRef {
    Id(TicketId),
    Number(i64),
}

impl FromStr for TicketRef {
    type Err = Problem;

    fn from_str(text: &str) -> Result<Self, Problem> {
        if let Some(number) = model::parse_number(text) {
            return Ok(Self::Number(number));
        }
        text.parse().map(Self::Id).map_err(|_| Problem::not_found())
    }
}

impl TicketRef {
    fn condition(self) -> Condition {
        match self {
            Self::Id(id) => Box::new(tickets::id.eq(id)),
            Self::Number(number) => Box::new(tickets::number.eq(number)),
        }
    }
}

/// The ticket, when the actor sees it (else 404) and may do this with it (else 403).
pub fn load(
    conn: &mut PgConnection,
    actor: &Actor,
    reference: TicketRef,
    action: Action,
) -> Result<Ticket, Problem> {
    let ticket = queries::find(conn, reference.condition(), visible_to(actor))?
        .ok_or_else(Problem::not_found)?;
    permit(actor, &ticket, action)?;
    Ok(ticket)
}

/// [`load`], locked until the transaction ends and at the version the caller believes in (else 412).
pub fn load_for_change(
    tx: &mut Tx<'_>,
    actor: &Actor,
    reference: TicketRef,
    action: Action,
    if_match: IfMatch,
) -> Result<Ticket, Problem> {
    let ticket = queries::lock(tx, reference.condition(), visible_to(actor))?
        .ok_or_else(Problem::not_found)?;
    permit(actor, &ticket, action)?;
    if_match.check(ticket.version)?;
    Ok(ticket)
}

/// 403 when the actor, who sees the ticket, may not do this with it.
fn permit(actor: &Actor, ticket: &Ticket, action: Action) -> Result<(), Problem> {
    if allows(actor, ticket, action) {
        return Ok(());
    }
    Err(Problem::forbidden(match action {
        Action::View => "This ticket is not yours to see.",
        Action::Follow => "Conversations are between the customer and the agent.",
        Action::Make(Move::Message) => {
            "Only the customer and the agent who owns the ticket can write here."
        }
        Action::Make(Move::Assign) => "Only admins assign tickets.",
        Action::Make(Move::Take) => "Only agents take tickets.",
        Action::Make(Move::SetStatus(_)) => "Only the agent who owns the ticket sets its status.",
        Action::Make(Move::SetPriority) => {
            "Only the agent who owns the ticket, or an admin, sets its priority."
        }
        Action::Make(_) => "Only the customer who raised the ticket can do this.",
    }))
}

/// The status after the move, or why it cannot be made now.
pub fn next(ticket: &Ticket, actor: &Actor, mv: Move) -> Result<Status, Problem> {
    ticket.next(mv, actor.role).map_err(|why| match why {
        Illegal::Role => Problem::forbidden("Someone in another role does this."),
        Illegal::Final(status) if mv == Move::Message => Problem::conflict(match status {
            Status::Withdrawn => {
                "This ticket was withdrawn, so messages are closed. The customer can reopen it."
            }
            _ => "This ticket is closed, so messages are closed. The customer can reopen it.",
        }),
        Illegal::Final(status) => Problem::new(
            Code::IllegalMove,
            format!(
                "The ticket is {}; it has to be reopened first.",
                spoken(status)
            ),
        ),
        Illegal::Already(status) => Problem::new(
            Code::IllegalMove,
            format!("The ticket is {} already.", spoken(status)),
        ),
        Illegal::From(status) => Problem::new(
            Code::IllegalMove,
            format!(
                "This cannot be done while the ticket is {}.",
                spoken(status)
            ),
        ),
        Illegal::To(status) => Problem::new(
            Code::IllegalMove,
            format!("Agents do not set a ticket to {}.", spoken(status)),
        ),
        Illegal::ReopenWindowOver => Problem::new(
            Code::ReopenWindowOver,
            "The time to reopen this ticket is over. Please raise a new one.",
        ),
    })
}

fn spoken(status: Status) -> &'static str {
    match status {
        Status::OnHold => "on hold",
        other => other.as_str(),
    }
}
