//! Who may see and do what with a ticket. One rule in two languages: [`Scope`] as Rust and as SQL.
//!
//! A customer sees their own tickets; an agent those assigned to them and those nobody has; an admin all of them, but
//! not the conversation: message text is for the customer and the agent.

use diesel::{prelude::*, sql_types::Bool};

use crate::{
    auth::{Actor, Role},
    db::{ids::UserId, schema::tickets::dsl},
};

use super::{
    Condition,
    model::{Move, Side, Ticket},
};

/// Something to do with one ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Know that it exists, see its facts and what happened to it.
    View,
    /// Take part as a reader: read marks.
    Follow,
    Make(Move),
}

/// A set of tickets that somebody sees. The sets of one person do not overlap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    All,
    RaisedBy(UserId),
    AssignedTo(UserId),
    Unassigned,
}

impl Scope {
    pub fn holds(self, ticket: &Ticket) -> bool {
        match self {
            Self::All => true,
            Self::RaisedBy(id) => ticket.customer_id == id,
            Self::AssignedTo(id) => ticket.assignee_id == Some(id),
            Self::Unassigned => ticket.assignee_id.is_none(),
        }
    }

    pub fn condition(self) -> Condition {
        match self {
            Self::All => Box::new(true.into_sql::<Bool>()),
            Self::RaisedBy(id) => Box::new(dsl::customer_id.eq(id)),
            Self::AssignedTo(id) => Box::new(
                dsl::assignee_id
                    .is_not_null()
                    .and(dsl::assignee_id.assume_not_null().eq(id)),
            ),
            Self::Unassigned => Box::new(dsl::assignee_id.is_null()),
        }
    }
}

/// All that the actor sees.
pub fn scopes(actor: &Actor) -> Vec<Scope> {
    match actor.role {
        Role::Customer => vec![Scope::RaisedBy(actor.id)],
        Role::Agent => vec![Scope::AssignedTo(actor.id), Scope::Unassigned],
        Role::Admin => vec![Scope::All],
    }
}

/// All that the actor sees, as SQL: the same rule as [`allows`] with [`Action::View`].
pub fn visible_to(actor: &Actor) -> Condition {
    let mut conditions = scopes(actor).into_iter().map(Scope::condition);
    let first = conditions.next();
    conditions.fold(
        first.unwrap_or_else(|| Box::new(false.into_sql::<Bool>())),
        |all, one| Box::new(all.or(one)),
    )
}

/// Whether the actor may do this with the ticket at all; whether it is possible now says [`Ticket::next`].
pub fn allows(actor: &Actor, ticket: &Ticket, action: Action) -> bool {
    let seen = scopes(actor).into_iter().any(|s| s.holds(ticket));
    seen && match action {
        Action::View => true,
        Action::Follow => reads_messages(actor),
        Action::Make(mv) => mv.roles().contains(&actor.role) && is_theirs(actor, ticket, mv),
    }
}

/// An agent works on what they own, and takes what nobody has.
fn is_theirs(actor: &Actor, ticket: &Ticket, mv: Move) -> bool {
    match (actor.role, mv) {
        (Role::Customer, _) => ticket.customer_id == actor.id,
        (Role::Agent, Move::Take) => ticket.assignee_id.is_none_or(|id| id == actor.id),
        (Role::Agent, _) => ticket.assignee_id == Some(actor.id),
        (Role::Admin, _) => true,
    }
}

/// Admins manage tickets but do not read conversations.
pub fn reads_messages(actor: &Actor) -> bool {
    Side::of(actor.role).is_some()
}

/// Possible now and allowed: what the `can` flags say.
pub fn can(actor: &Actor, ticket: &Ticket, mv: Move) -> bool {
    allows(actor, ticket, Action::Make(mv)) && ticket.next(mv, actor.role).is_ok()
}
