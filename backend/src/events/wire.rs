//! What goes over a live stream.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::db::ids::{TicketId, UserId};

use super::EventKind;

/// `hello`: the stream stands. Fetch what is on screen once more.
#[derive(Debug, Serialize, ToSchema)]
pub struct Hello {
    pub connection_id: Uuid,
}

/// `hint`: something changed. Fetch it; a hint never says what it is now.
#[derive(Debug, Serialize, ToSchema)]
pub struct Hint {
    /// `ticket.created`, `ticket.changed`, `ticket.assigned`, `message.posted`, `message.read`, `feedback.given`,
    /// `presence.changed`, `service.changed` or `user.changed`.
    #[schema(example = "message.posted")]
    pub kind: &'static str,
    pub ticket_id: Option<TicketId>,
    /// The place in the ticket's timeline.
    pub seq: Option<i32>,
    pub version: Option<i64>,
    /// The person it is about, when it is about one.
    pub user_id: Option<UserId>,
}

/// `typing`: somebody writes in a conversation; good for about five seconds.
#[derive(Debug, Serialize, ToSchema)]
pub struct Typing<'a> {
    pub ticket_id: TicketId,
    pub user_id: UserId,
    pub name: &'a str,
}

/// `bye`: the last event of a stream.
#[derive(Debug, Serialize, ToSchema)]
pub struct Goodbye {
    /// `shutdown`, `token_expired`: come back, with a fresh token. `session_ended`, `role_changed`: sign in again.
    /// `too_many_streams`, `too_slow`: close another one first.
    pub reason: &'static str,
}

/// The word of the hint for an event; none for what nobody's screen shows.
pub fn hint_kind(kind: EventKind) -> Option<&'static str> {
    use EventKind as K;
    Some(match kind {
        K::TicketCreated => "ticket.created",
        K::TicketStatusChanged | K::TicketChanged => "ticket.changed",
        K::TicketAssigned => "ticket.assigned",
        K::MessagePosted => "message.posted",
        K::FeedbackGiven => "feedback.given",
        K::ServiceCreated | K::ServiceChanged => "service.changed",
        K::UserRegistered
        | K::EmailConfirmed
        | K::EmailChanged
        | K::EmailChangeUndone
        | K::PhoneConfirmed
        | K::ExportReady
        | K::DeletionAsked
        | K::DeletionUndone
        | K::UserAnonymised
        | K::ProfileChanged
        | K::AgentInvited
        | K::AgentJoined
        | K::UserDisabled
        | K::UserEnabled
        | K::UserUnlocked
        | K::PasswordChangeRequired
        | K::SecondFactorOn
        | K::SecondFactorOff
        | K::AdminCreated => "user.changed",
        K::RegistrationRepeated
        | K::CodeIssued
        | K::EmailChangeAsked
        | K::ExportAsked
        | K::SecurityQuestionsChanged
        | K::SignedIn
        | K::NewDevice
        | K::NewPlace
        | K::SessionsRevoked
        | K::LockdownStarted
        | K::LockdownEnded
        | K::SignInChallenged
        | K::ChallengeFailed
        | K::RecoveryCodesRenewed
        | K::RecoveryCodeUsed
        | K::SecondFactorRequired
        | K::SignInFailed
        | K::SignedOut
        | K::SessionReuseDetected
        | K::AccountLocked
        | K::IdentityLinked
        | K::IdentityUnlinked
        | K::PasswordChanged => return None,
    })
}

/// One event as the stream carries it. JSON has no raw line break, so one `data` line is enough.
pub fn frame(event: &str, data: &impl Serialize) -> Vec<u8> {
    let data = serde_json::to_string(data).unwrap_or_else(|_| "{}".into());
    format!("event: {event}\ndata: {data}\n\n").into_bytes()
}
