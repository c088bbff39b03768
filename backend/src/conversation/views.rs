//! What the API shows of a conversation, as its reader may see it.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::PgConnection;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    auth::{Actor, Role},
    db::ids::{MessageId, TicketId, UserId},
    markdown,
    problem::Problem,
    text_enum,
    tickets::{
        PersonRef, PersonRow, list_people,
        model::{MoveKind, Priority, Side, Status},
    },
};

use super::{
    actions::text,
    model::{Message, MoveRow},
    queries,
};

/// How long an excerpt is at most.
pub const EXCERPT: usize = 140;

macro_rules! types {
    ($($name:ident = $text:tt,)*) => {$(
        text_enum! {
            /// What kind of entry it is.
            pub enum $name { Only = $text }
        }
    )*};
}

types! {
    CreatedType = "created",
    MessageType = "message",
    StatusChangedType = "status_changed",
    AssignedType = "assigned",
    PriorityChangedType = "priority_changed",
    ContactChangedType = "contact_changed",
    FeedbackGivenType = "feedback_given",
}

/// Who did something.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct TimelineActor {
    pub id: UserId,
    #[schema(example = "Ann Perera")]
    pub name: String,
    pub role: Role,
    /// Where the picture is; null without one.
    pub avatar: Option<String>,
}

/// The message that another one answers to.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Quoted {
    pub id: MessageId,
    pub seq: i32,
    pub author_name: String,
    /// Plain text, at most 140 characters; null for admins.
    pub excerpt: Option<String>,
}

/// The ticket was raised: always the first entry.
#[derive(Debug, Serialize, ToSchema)]
pub struct CreatedEntry {
    #[serde(rename = "type")]
    #[schema(inline)]
    pub is: CreatedType,
    /// The place in the ticket's timeline, from 1.
    pub seq: i32,
    pub at: DateTime<Utc>,
    pub actor: Option<TimelineActor>,
}

/// Somebody wrote.
#[derive(Debug, Serialize, ToSchema)]
pub struct MessageEntry {
    #[serde(rename = "type")]
    #[schema(inline)]
    pub is: MessageType,
    /// The place in the ticket's timeline, from 1.
    pub seq: i32,
    pub at: DateTime<Utc>,
    pub actor: Option<TimelineActor>,
    pub id: MessageId,
    pub side: Side,
    /// Markdown; null when redacted.
    pub body: Option<String>,
    /// The body as HTML that is safe to show; null when redacted.
    pub body_html: Option<String>,
    /// Whether the text is kept from this reader: admins do not read conversations.
    pub redacted: bool,
    pub quoted: Option<Quoted>,
    /// The author's own name for it, if one was sent along; only the author sees it.
    pub client_id: Option<Uuid>,
}

/// The status changed.
#[derive(Debug, Serialize, ToSchema)]
pub struct StatusChangedEntry {
    #[serde(rename = "type")]
    #[schema(inline)]
    pub is: StatusChangedType,
    /// The place in the ticket's timeline, from 1.
    pub seq: i32,
    pub at: DateTime<Utc>,
    pub actor: Option<TimelineActor>,
    pub from: Status,
    pub to: Status,
    pub reason: Option<String>,
}

/// The ticket went from one agent, or nobody, to another.
#[derive(Debug, Serialize, ToSchema)]
pub struct AssignedEntry {
    #[serde(rename = "type")]
    #[schema(inline)]
    pub is: AssignedType,
    /// The place in the ticket's timeline, from 1.
    pub seq: i32,
    pub at: DateTime<Utc>,
    pub actor: Option<TimelineActor>,
    pub from: Option<PersonRef>,
    pub to: Option<PersonRef>,
    /// A word to the agent; always null for customers.
    pub note: Option<String>,
}

/// The priority changed.
#[derive(Debug, Serialize, ToSchema)]
pub struct PriorityChangedEntry {
    #[serde(rename = "type")]
    #[schema(inline)]
    pub is: PriorityChangedType,
    /// The place in the ticket's timeline, from 1.
    pub seq: i32,
    pub at: DateTime<Utc>,
    pub actor: Option<TimelineActor>,
    pub from: Priority,
    pub to: Priority,
}

/// The customer changed how to be reached.
#[derive(Debug, Serialize, ToSchema)]
pub struct ContactChangedEntry {
    #[serde(rename = "type")]
    #[schema(inline)]
    pub is: ContactChangedType,
    /// The place in the ticket's timeline, from 1.
    pub seq: i32,
    pub at: DateTime<Utc>,
    pub actor: Option<TimelineActor>,
    /// Which details: `name`, `email`, `phone`, `preferred_channel`.
    pub fields: Vec<String>,
}

/// The customer rated the outcome, or changed the rating.
#[derive(Debug, Serialize, ToSchema)]
pub struct FeedbackGivenEntry {
    #[serde(rename = "type")]
    #[schema(inline)]
    pub is: FeedbackGivenType,
    /// The place in the ticket's timeline, from 1.
    pub seq: i32,
    pub at: DateTime<Utc>,
    pub actor: Option<TimelineActor>,
    #[schema(minimum = 1, maximum = 5)]
    pub outcome_rating: i16,
    #[schema(minimum = 1, maximum = 5)]
    pub agent_rating: Option<i16>,
}

/// Something that happened to a ticket; `type` says what. `seq` orders the entries of one ticket, without gaps.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub enum Entry {
    Created(CreatedEntry),
    Message(MessageEntry),
    StatusChanged(StatusChangedEntry),
    Assigned(AssignedEntry),
    PriorityChanged(PriorityChangedEntry),
    ContactChanged(ContactChangedEntry),
    FeedbackGiven(FeedbackGivenEntry),
}

/// A part of a timeline, oldest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct Timeline {
    pub items: Vec<Entry>,
    /// The number of the ticket's newest entry.
    pub last_seq: i32,
    /// Whether there is more in the direction asked for: newer with `after`, older otherwise.
    pub more: bool,
}

/// What a move's `data` may hold.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Facts {
    reason: Option<String>,
    note: Option<String>,
    fields: Vec<String>,
    outcome_rating: i16,
    agent_rating: Option<i16>,
}

#[derive(Debug, Deserialize)]
struct FromTo<T> {
    from: T,
    to: T,
}

/// Puts names to messages and moves, and leaves out what the reader may not see.
pub fn entries(
    conn: &mut PgConnection,
    reader: &Actor,
    ticket_id: TicketId,
    messages: Vec<Message>,
    moves: Vec<MoveRow>,
) -> Result<Vec<Entry>, Problem> {
    let quoted: Vec<MessageId> = messages
        .iter()
        .filter_map(|m| m.quoted_message_id)
        .collect();
    let quoted = queries::list_quoted(conn, ticket_id, text(reader), &quoted)?;
    let mut handovers = HashMap::new();
    for row in moves.iter().filter(|row| row.kind == MoveKind::Assigned) {
        handovers.insert(row.seq, facts::<FromTo<Option<UserId>>>(row)?);
    }
    let mut ids: Vec<UserId> = messages
        .iter()
        .chain(&quoted)
        .map(|m| m.author_id)
        .collect();
    ids.extend(moves.iter().filter_map(|m| m.actor_id));
    ids.extend(handovers.values().flat_map(|h| [h.from, h.to]).flatten());
    // The reader is known: posting asks for nobody.
    ids.retain(|id| *id != reader.id);
    ids.sort_unstable();
    ids.dedup();
    let names = Names {
        reader,
        people: list_people(conn, &ids)?,
        quoted: quoted.into_iter().map(|m| (m.id, m)).collect(),
        handovers,
    };
    let mut entries = Vec::with_capacity(messages.len() + moves.len());
    for row in messages {
        entries.push((row.seq, names.message(row)));
    }
    for row in moves {
        entries.push((row.seq, names.of_move(row)?));
    }
    entries.sort_by_key(|(seq, _)| *seq);
    Ok(entries.into_iter().map(|(_, entry)| entry).collect())
}

fn facts<T: serde::de::DeserializeOwned>(row: &MoveRow) -> Result<T, Problem> {
    serde_json::from_value(row.data.clone()).map_err(Problem::internal)
}

struct Names<'a> {
    reader: &'a Actor,
    people: HashMap<UserId, PersonRow>,
    quoted: HashMap<MessageId, Message>,
    handovers: HashMap<i32, FromTo<Option<UserId>>>,
}

impl Names<'_> {
    fn actor(&self, id: UserId) -> Option<TimelineActor> {
        let (name, role, avatar) = if id == self.reader.id {
            let own = self.reader;
            (&own.name, own.role, own.avatar())
        } else {
            self.people
                .get(&id)
                .map(|p| (&p.name, p.role, p.avatar()))?
        };
        Some(TimelineActor {
            id,
            name: name.clone(),
            role,
            avatar,
        })
    }

    fn message(&self, row: Message) -> Entry {
        let quoted = row.quoted_message_id.and_then(|id| self.quoted.get(&id));
        Entry::Message(MessageEntry {
            is: MessageType::Only,
            seq: row.seq,
            at: row.created_at,
            actor: self.actor(row.author_id),
            id: row.id,
            side: row.side,
            body_html: row.body.as_deref().map(markdown::to_html),
            redacted: row.body.is_none(),
            body: row.body,
            quoted: quoted.map(|q| Quoted {
                id: q.id,
                seq: q.seq,
                author_name: self.actor(q.author_id).map(|a| a.name).unwrap_or_default(),
                excerpt: q
                    .body
                    .as_deref()
                    .map(|body| markdown::excerpt(body, EXCERPT)),
            }),
            client_id: row.client_key.filter(|_| row.author_id == self.reader.id),
        })
    }

    fn of_move(&self, row: MoveRow) -> Result<Entry, Problem> {
        let (seq, at) = (row.seq, row.created_at);
        let actor = row.actor_id.and_then(|id| self.actor(id));
        let said: Facts = facts(&row)?;
        Ok(match row.kind {
            MoveKind::Created => Entry::Created(CreatedEntry {
                is: CreatedType::Only,
                seq,
                at,
                actor,
            }),
            MoveKind::StatusChanged => {
                let FromTo { from, to } = facts(&row)?;
                Entry::StatusChanged(StatusChangedEntry {
                    is: StatusChangedType::Only,
                    seq,
                    at,
                    actor,
                    from,
                    to,
                    reason: said.reason,
                })
            }
            MoveKind::Assigned => {
                let person = |id: Option<UserId>| {
                    let TimelineActor {
                        id, name, avatar, ..
                    } = self.actor(id?)?;
                    Some(PersonRef { id, name, avatar })
                };
                let handover = self.handovers.get(&seq);
                Entry::Assigned(AssignedEntry {
                    is: AssignedType::Only,
                    seq,
                    at,
                    actor,
                    from: handover.and_then(|h| person(h.from)),
                    to: handover.and_then(|h| person(h.to)),
                    note: said.note.filter(|_| self.reader.role != Role::Customer),
                })
            }
            MoveKind::PriorityChanged => {
                let FromTo { from, to } = facts(&row)?;
                Entry::PriorityChanged(PriorityChangedEntry {
                    is: PriorityChangedType::Only,
                    seq,
                    at,
                    actor,
                    from,
                    to,
                })
            }
            MoveKind::ContactChanged => Entry::ContactChanged(ContactChangedEntry {
                is: ContactChangedType::Only,
                seq,
                at,
                actor,
                fields: said.fields,
            }),
            MoveKind::FeedbackGiven => Entry::FeedbackGiven(FeedbackGivenEntry {
                is: FeedbackGivenType::Only,
                seq,
                at,
                actor,
                outcome_rating: said.outcome_rating,
                agent_rating: said.agent_rating,
            }),
        })
    }
}
