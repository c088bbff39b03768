//! What happens to tickets: one function per verb, inside the transaction its caller opened.

use serde_json::{Value, json};

use crate::{
    auth::Actor,
    db::{
        Tx,
        ids::{TicketId, UserId},
    },
    events::{self, Audience, Event, EventKind},
    http::etag::IfMatch,
    problem::{FieldCode, Problem},
    services,
};

use super::{
    TicketRef, load_for_change,
    model::{Move, MoveKind, NewTicket, Ticket, TicketChanges},
    next, permit,
    policy::Action,
    queries,
    wire::{Assign, CreateTicket, UpdateTicket},
};

/// Raises a ticket; its first timeline entry says so.
pub fn raise(tx: &mut Tx<'_>, actor: &Actor, body: &CreateTicket) -> Result<Ticket, Problem> {
    if let Some(id) = body.service_id
        && !services::is_offered(tx, id)?
    {
        return Err(Problem::field(
            "/service_id",
            FieldCode::Unknown,
            "Choose one of the services on offer.",
        ));
    }
    let complaint = body.complaint.clone().unwrap_or_default();
    let ticket = queries::insert_ticket(
        tx,
        &NewTicket {
            id: TicketId::new(),
            kind: body.kind,
            subject: &body.subject,
            description: &body.description,
            service_id: body.service_id,
            customer_id: actor.id,
            contact_name: &body.contact.name,
            contact_email: &body.contact.email,
            contact_phone: body.contact.phone.as_deref(),
            contact_channel: body.contact.preferred_channel,
            against: complaint.against.as_deref(),
            incident_date: complaint.incident_date,
            reference: complaint.reference.as_deref(),
            wanted_outcome: complaint.wanted_outcome.as_deref(),
            last_seq: 1,
        },
    )?;
    record(tx, actor, &ticket, MoveKind::Created, &json!({}))?;
    let data = json!({ "kind": ticket.kind, "number": ticket.number_text() });
    announce(tx, actor, EventKind::TicketCreated, &ticket, None, data)?;
    Ok(ticket)
}

/// Changes priority, contact details or both; each is an entry of its own.
pub fn update(
    tx: &mut Tx<'_>,
    actor: &Actor,
    reference: TicketRef,
    body: &UpdateTicket,
    if_match: IfMatch,
) -> Result<Ticket, Problem> {
    let mut ticket = load_for_change(tx, actor, reference, Action::View, if_match)?;
    if let Some(to) = body.priority {
        permit(actor, &ticket, Action::Make(Move::SetPriority))?;
        next(&ticket, actor, Move::SetPriority)?;
        let from = ticket.priority;
        if from != to {
            let changes = TicketChanges {
                priority: Some(to),
                ..TicketChanges::default()
            };
            let data = json!({ "from": from, "to": to });
            ticket = change(
                tx,
                actor,
                &ticket,
                &changes,
                MoveKind::PriorityChanged,
                &data,
            )?;
            let data = json!({ "priority": data });
            announce(tx, actor, EventKind::TicketChanged, &ticket, None, data)?;
        }
    }
    if let Some(contact) = &body.contact {
        permit(actor, &ticket, Action::Make(Move::EditContact))?;
        next(&ticket, actor, Move::EditContact)?;
        let fields = [
            ("name", ticket.contact_name != contact.name),
            ("email", ticket.contact_email != contact.email),
            ("phone", ticket.contact_phone != contact.phone),
            (
                "preferred_channel",
                ticket.contact_channel != contact.preferred_channel,
            ),
        ];
        let fields: Vec<&str> = fields.iter().filter(|f| f.1).map(|f| f.0).collect();
        if !fields.is_empty() {
            let changes = TicketChanges {
                contact_name: Some(contact.name.clone()),
                contact_email: Some(contact.email.clone()),
                contact_phone: Some(contact.phone.clone()),
                contact_channel: Some(contact.preferred_channel),
                ..TicketChanges::default()
            };
            let data = json!({ "fields": fields });
            ticket = change(
                tx,
                actor,
                &ticket,
                &changes,
                MoveKind::ContactChanged,
                &data,
            )?;
            let data = json!({ "contact": fields });
            announce(tx, actor, EventKind::TicketChanged, &ticket, None, data)?;
        }
    }
    Ok(ticket)
}

/// Makes a move that changes the status: the agent's word, withdrawing, confirming, reopening.
pub fn move_to_next_status(
    tx: &mut Tx<'_>,
    actor: &Actor,
    reference: TicketRef,
    mv: Move,
    reason: Option<&str>,
    if_match: IfMatch,
    reopen_days: i32,
) -> Result<Ticket, Problem> {
    let before = load_for_change(tx, actor, reference, Action::Make(mv), if_match)?;
    let to = next(&before, actor, mv)?;
    let from = before.status;
    let changes = TicketChanges::to_status(&before, to, reopen_days);
    let data = json!({ "from": from, "to": to, "reason": reason });
    let ticket = change(tx, actor, &before, &changes, MoveKind::StatusChanged, &data)?;
    let data = json!({ "from": from, "to": to });
    announce(
        tx,
        actor,
        EventKind::TicketStatusChanged,
        &ticket,
        None,
        data,
    )?;
    Ok(ticket)
}

/// Gives the ticket to an agent, or to nobody. Giving it to whom it belongs already changes nothing.
pub fn assign(
    tx: &mut Tx<'_>,
    actor: &Actor,
    reference: TicketRef,
    body: &Assign,
    if_match: IfMatch,
) -> Result<Ticket, Problem> {
    let before = load_for_change(tx, actor, reference, Action::Make(Move::Assign), if_match)?;
    next(&before, actor, Move::Assign)?;
    if let Some(id) = body.assignee_id
        && !queries::is_active_agent(tx, id)?
    {
        return Err(Problem::field(
            "/assignee_id",
            FieldCode::NotAllowed,
            "Choose an active agent.",
        ));
    }
    hand_over(tx, actor, &before, body.assignee_id, body.note.as_deref())
}

/// An agent takes a ticket that nobody has. Of two at once one gets it; to the other it is not there any more.
pub fn take(
    tx: &mut Tx<'_>,
    actor: &Actor,
    reference: TicketRef,
    if_match: IfMatch,
) -> Result<Ticket, Problem> {
    let before = load_for_change(tx, actor, reference, Action::Make(Move::Take), if_match)?;
    next(&before, actor, Move::Take)?;
    if !queries::is_active_agent(tx, actor.id)? {
        return Err(Problem::conflict(
            "Your account is about to be deleted. Keep it first.",
        ));
    }
    hand_over(tx, actor, &before, Some(actor.id), None)
}

fn hand_over(
    tx: &mut Tx<'_>,
    actor: &Actor,
    before: &Ticket,
    to: Option<UserId>,
    note: Option<&str>,
) -> Result<Ticket, Problem> {
    let from = before.assignee_id;
    if from == to {
        return Ok(before.clone());
    }
    let changes = TicketChanges {
        assignee_id: Some(to),
        ..TicketChanges::default()
    };
    let data = json!({ "from": from, "to": to, "note": note });
    let ticket = change(tx, actor, before, &changes, MoveKind::Assigned, &data)?;
    let data = json!({ "from": from, "to": to });
    announce(
        tx,
        actor,
        EventKind::TicketAssigned,
        &ticket,
        Some(before),
        data,
    )?;
    Ok(ticket)
}

/// Changes the locked ticket and records the move under its next number; the one who did it has seen it.
pub fn change(
    tx: &mut Tx<'_>,
    actor: &Actor,
    before: &Ticket,
    changes: &TicketChanges,
    kind: MoveKind,
    data: &Value,
) -> Result<Ticket, Problem> {
    let ticket = queries::change_ticket(tx, before.id, changes)?;
    record(tx, actor, &ticket, kind, data)?;
    Ok(ticket)
}

fn record(
    tx: &mut Tx<'_>,
    actor: &Actor,
    ticket: &Ticket,
    kind: MoveKind,
    data: &Value,
) -> Result<(), Problem> {
    queries::insert_move(tx, ticket.id, ticket.last_seq, kind, actor.id, data)?;
    queries::mark_read(tx, ticket.id, actor.id, ticket.last_seq)?;
    Ok(())
}

/// Says what happened to those in the conversation, and to all agents while nobody has the ticket.
pub fn announce(
    tx: &mut Tx<'_>,
    actor: &Actor,
    kind: EventKind,
    ticket: &Ticket,
    before: Option<&Ticket>,
    mut data: Value,
) -> Result<(), Problem> {
    if let Some(data) = data.as_object_mut() {
        data.insert("version".into(), ticket.version.into());
    }
    let assignees = [
        Some(ticket.assignee_id),
        before.map(|before| before.assignee_id),
    ];
    let event = Event {
        kind,
        ticket_id: Some(ticket.id),
        user_id: None,
        seq: Some(ticket.last_seq),
        data,
        audience: audience(ticket.customer_id, assignees.into_iter().flatten()),
    };
    events::emit(tx, &actor.origin, event)?;
    Ok(())
}

/// The customer, the agents who own or owned the ticket, and all agents if one of them is nobody.
pub fn audience(
    customer_id: UserId,
    assignees: impl Iterator<Item = Option<UserId>> + Clone,
) -> Audience {
    let mut users = vec![customer_id];
    users.extend(assignees.clone().flatten());
    users.dedup();
    Audience {
        users,
        agents: assignees.clone().any(|a| a.is_none()),
        everyone: false,
    }
}
