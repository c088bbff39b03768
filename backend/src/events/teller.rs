//! From what happened to what a stream says.

use actix_web::web::Bytes;

use crate::db::ids::{TicketId, UserId};

use super::{
    EventKind,
    hub::{Hub, Reach},
    live::{Fleeting, Whisper},
    reader::Happened,
    wire::{self, Hint, Typing},
};

/// Hands the event's hint to its audience.
pub fn happened(hub: &Hub, event: &Happened) {
    // An unknown kind is a newer version's, in a rolling update.
    let Some(kind) = EventKind::parse(&event.kind).and_then(wire::hint_kind) else {
        return;
    };
    let people: Vec<UserId> = event
        .audience
        .iter()
        .flatten()
        .map(|id| UserId(*id))
        .collect();
    let reach = Reach {
        people: &people,
        agents: event.to_agents,
        admins: event.to_admins,
        everyone: event.to_everyone,
    };
    let hint = Hint {
        kind,
        ticket_id: event.ticket_id.map(TicketId),
        seq: event.seq,
        version: event.version,
        user_id: event.user_id.map(UserId),
    };
    hub.tell(reach, &frame("hint", &hint));
}

/// Hands a whisper to those it names. What can not be read is a newer version's.
pub fn whispered(hub: &Hub, payload: &str) {
    let Ok(whisper) = serde_json::from_str::<Whisper>(payload) else {
        return;
    };
    let hint = |kind, ticket_id, seq, user_id| {
        let hint = Hint {
            kind,
            ticket_id,
            seq,
            version: None,
            user_id: Some(user_id),
        };
        frame("hint", &hint)
    };
    let frame = match &whisper.what {
        Fleeting::Typing {
            ticket_id,
            user_id,
            name,
        } => {
            let typing = Typing {
                ticket_id: *ticket_id,
                user_id: *user_id,
                name,
            };
            frame("typing", &typing)
        }
        Fleeting::Read {
            ticket_id,
            user_id,
            seq,
        } => hint("message.read", Some(*ticket_id), Some(*seq), *user_id),
        Fleeting::Presence { user_id } => hint("presence.changed", None, None, *user_id),
    };
    let reach = Reach {
        people: &whisper.to,
        agents: false,
        admins: whisper.admins,
        everyone: false,
    };
    hub.tell(reach, &frame);
}

fn frame(event: &str, data: &impl serde::Serialize) -> Bytes {
    wire::frame(event, data).into()
}

/// Whether one of the events turned the switch of a lockdown.
pub fn is_about_lockdown(events: &[Happened]) -> bool {
    let turns = [EventKind::LockdownStarted, EventKind::LockdownEnded];
    events
        .iter()
        .any(|e| turns.iter().any(|turn| e.kind == turn.as_str()))
}

/// Those whose session, role or account one of the events may have ended.
pub fn people_whose_rights_may_have_changed(events: &[Happened]) -> Vec<UserId> {
    let touches = |e: &&Happened| e.kind.starts_with("user.") || e.kind.starts_with("session.");
    let people = events.iter().filter(touches);
    people.filter_map(|e| e.user_id).map(UserId).collect()
}
