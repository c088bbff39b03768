//! The handle that handlers have to everything live.

use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use crate::{
    config::Secret,
    db::ids::{TicketId, UserId},
};

use super::{bell::Bell, hub::Hub};

/// Whispers that may wait to be sent.
const WAITING: usize = 1000;
/// People one whisper may name: it has to fit in a NOTIFY payload (8000 bytes).
const NAMED: usize = 100;

/// Something fleeting that is told but never stored. Only ever whispered after the commit it is about.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Whisper {
    #[serde(flatten)]
    pub what: Fleeting,
    /// Who hears it, at most 100 people.
    pub to: Vec<UserId>,
    /// Whether all admins hear it too.
    pub admins: bool,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum Fleeting {
    /// Somebody writes in a conversation.
    Typing {
        ticket_id: TicketId,
        user_id: UserId,
        name: String,
    },
    /// Somebody has read a conversation up to `seq`.
    Read {
        ticket_id: TicketId,
        user_id: UserId,
        seq: i32,
    },
    /// Somebody came online or went offline.
    Presence { user_id: UserId },
}

impl Whisper {
    /// `name` writes in the ticket's conversation; `to` are the others in it.
    pub fn typing(ticket_id: TicketId, user_id: UserId, name: &str, to: Vec<UserId>) -> Self {
        let name = name.chars().take(200).collect();
        Self::new(
            Fleeting::Typing {
                ticket_id,
                user_id,
                name,
            },
            to,
            false,
        )
    }

    /// The person has read up to `seq`; `to` are all in the conversation, the person's other devices included.
    pub fn read(ticket_id: TicketId, user_id: UserId, seq: i32, to: Vec<UserId>) -> Self {
        Self::new(
            Fleeting::Read {
                ticket_id,
                user_id,
                seq,
            },
            to,
            false,
        )
    }

    pub(super) fn presence(user_id: UserId, to: Vec<UserId>) -> Self {
        Self::new(Fleeting::Presence { user_id }, to, true)
    }

    fn new(what: Fleeting, mut to: Vec<UserId>, admins: bool) -> Self {
        to.truncate(NAMED);
        Self { what, to, admins }
    }
}

/// Cheap to clone.
#[derive(Clone)]
pub struct Live(Arc<Inner>);

struct Inner {
    hub: Hub,
    whispers: Mutex<Vec<Whisper>>,
    bell: Bell,
    url: Secret,
}

impl Live {
    pub fn new(url: &str, bell: Bell) -> Self {
        Self(Arc::new(Inner {
            hub: Hub::default(),
            whispers: Mutex::default(),
            bell,
            url: Secret::new(url),
        }))
    }

    /// Sends a whisper to the streams of every replica. Call it after the commit, never inside a transaction. It is lost
    /// when the database is away, as whispers may be.
    pub fn whisper(&self, whisper: Whisper) {
        let mut waiting = self
            .0
            .whispers
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if waiting.len() < WAITING {
            waiting.push(whisper);
        }
        drop(waiting);
        self.0.bell.tell();
    }

    pub(super) fn take_whispers(&self) -> Vec<Whisper> {
        std::mem::take(
            &mut *self
                .0
                .whispers
                .lock()
                .unwrap_or_else(PoisonError::into_inner),
        )
    }

    pub(super) fn hub(&self) -> &Hub {
        &self.0.hub
    }

    /// Wakes the listener, for a new stream.
    pub(super) fn ring(&self) {
        self.0.bell.tell();
    }

    pub(super) fn url(&self) -> &str {
        self.0.url.reveal()
    }

    /// Says `bye` on every stream and takes no more. The first thing to do when the server stops: streams would
    /// otherwise keep it waiting.
    pub fn shut(&self) {
        self.0.hub.shut();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_whisper_fits_in_a_notification() {
        let people = vec![UserId::new(); 500];
        let whisper = Whisper::typing(TicketId::new(), UserId::new(), &"😀".repeat(500), people);
        assert!(serde_json::to_string(&whisper).unwrap().len() < 7900);
    }
}
