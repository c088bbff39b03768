//! Domain events: the audit trail, the outbox and the source of live hints in one append-only table.
//!
//! Actions say what happened with [`emit`], inside the transaction of the change; [`fan_out`] decides who is told how.
//! Invariant: an event exists if and only if its change was committed. Events hold ids and small facts, never message
//! text and never a secret.

pub mod bell;
pub mod fan_out;
mod hub;
pub mod listener;
mod live;
pub mod presence;
mod reader;
mod recheck;
mod routes;
mod teller;
mod wire;

use diesel::prelude::*;
use serde_json::{Value, json};

use crate::{
    db::{
        Tx,
        ids::{TicketId, UserId},
        schema::events,
    },
    http::Origin,
    jobs,
    problem::Problem,
    text_enum,
};

pub use live::{Live, Whisper};
pub use routes::routes;

text_enum! {
    /// What happened. What `data` holds is said where a reader depends on it; `user_id` is the person it is about.
    pub enum EventKind {
        /// Someone registered, or did so again before confirming.
        UserRegistered = "user.registered",
        /// Somebody registered with the address of `user_id` again. Mailed.
        RegistrationRepeated = "user.registration_repeated",
        /// A one-time code for `user_id`. `data`: `code_id`, `purpose` ("confirm_email", "reset_password",
        /// "link_identity", "change_email", "confirm_phone" (by text message), "invitation" or "sign_in"). Mailed; the code
        /// itself is derived when the mail is rendered.
        CodeIssued = "code.issued",
        /// `data`: `password_kept`, whether the one who confirmed is the one who registered.
        EmailConfirmed = "user.email_confirmed",
        /// `data`: `session_id`, `method`, `passed`, the further step if there was one.
        SignedIn = "session.started",
        /// Beside `session.started`, in a browser that was not known before. `data`: `session_id`. Mailed.
        NewDevice = "session.new_device",
        /// Beside `session.started`, in a known browser, but from a country that no sign-in before came from. `data`:
        /// `session_id`. Mailed.
        NewPlace = "session.new_place",
        /// The password or the provider's word was right, and a code is asked for, too. `data`: `method`, `steps`.
        SignInChallenged = "session.challenged",
        /// Once per challenge, after its last wrong code. Mailed.
        ChallengeFailed = "session.challenge_failed",
        /// `user_id` is null when there is no such account. `data`: `locked`, whether the password was not even looked at;
        /// `step`, when it was a code that was wrong.
        SignInFailed = "session.refused",
        /// `data`: `session_id`.
        SignedOut = "session.ended",
        /// Ended from another place, by their owner or an admin. `data`: `session_id` when it was one, `sessions`, how many.
        SessionsRevoked = "session.revoked",
        /// An old refresh token was used: the session is over. `data`: `session_id`.
        SessionReuseDetected = "session.reuse_detected",
        /// Once per lock. `data`: `minutes` until it opens by itself. Mailed.
        AccountLocked = "user.locked",
        /// `data`: `how` ("changed", "reset", or "set" for the first one). Mailed.
        PasswordChanged = "user.password_changed",
        /// `data`: `provider`, the name of the identity provider. Mailed.
        IdentityLinked = "user.identity_linked",
        /// `data`: `provider`. Mailed.
        IdentityUnlinked = "user.identity_unlinked",
        /// Somebody signed in wants another address. `data`: `code_id`. Mailed to the address it is now, besides the code
        /// that goes to the new one.
        EmailChangeAsked = "user.email_change_asked",
        /// The new address is proven and is the account's. `data`: `code_id`. Mailed to the old one.
        EmailChanged = "user.email_changed",
        /// The old address took the change back. `data`: `code_id`. Mailed.
        EmailChangeUndone = "user.email_change_undone",
        /// Mailed.
        SecondFactorOn = "user.second_factor_on",
        /// By its owner, or an admin. Mailed.
        SecondFactorOff = "user.second_factor_off",
        /// Mailed.
        RecoveryCodesRenewed = "user.recovery_codes_renewed",
        /// `data`: `left`, how many are. Mailed.
        RecoveryCodeUsed = "user.recovery_code_used",
        /// Which roles need a second factor. `data`: `from`, `to`.
        SecondFactorRequired = "settings.second_factor",
        /// `data`: `fields`, the names of what changed (never the values: they are personal).
        ProfileChanged = "user.changed",
        /// `data`: `again`, whether it is not the first time. The mail goes out with the `code.issued` beside it.
        AgentInvited = "agent.invited",
        AgentJoined = "agent.joined",
        /// `data`: `questions`, how many there are now. Mailed.
        SecurityQuestionsChanged = "user.security_questions_changed",
        /// A telephone number was proven.
        PhoneConfirmed = "user.phone_confirmed",
        /// Somebody wants a copy of their data.
        ExportAsked = "user.export_asked",
        /// It can be downloaded. Mailed.
        ExportReady = "user.export_ready",
        /// `data`: `due_at`, when the account will be deleted. Mailed.
        DeletionAsked = "user.deletion_asked",
        DeletionUndone = "user.deletion_undone",
        /// The account was deleted: from here on nobody knows who `user_id` was.
        UserAnonymised = "user.anonymised",
        UserDisabled = "user.disabled",
        UserEnabled = "user.enabled",
        /// An admin had wrong passwords and codes forgotten.
        UserUnlocked = "user.unlocked",
        /// An admin asked for a new password before the next sign-in.
        PasswordChangeRequired = "user.password_change_required",
        AdminCreated = "admin.created",
        /// All sessions ended, but the actor's. `data`: `reason`, `sessions`, how many.
        LockdownStarted = "lockdown.started",
        /// `data`: `reason`.
        LockdownEnded = "lockdown.ended",
        ServiceCreated = "service.created",
        ServiceChanged = "service.changed",
        /// Mailed to the customer as a receipt.
        TicketCreated = "ticket.created",
        /// `data {from, to}` with status names; a reason is in the move with this `seq`. Mailed when resolved, closed, withdrawn or reopened.
        TicketStatusChanged = "ticket.status_changed",
        /// `data {from, to}` with user ids or null; a note is in the move with this `seq`. Mailed to the customer and the new assignee.
        TicketAssigned = "ticket.assigned",
        TicketChanged = "ticket.changed",
        /// `seq` is the message's. Mailed when its reader stays away.
        MessagePosted = "message.posted",
        FeedbackGiven = "feedback.given",
    }
}

impl EventKind {
    /// Whether somebody is told by mail, so that a fan-out job is due.
    fn is_announced(self) -> bool {
        matches!(
            self,
            Self::RegistrationRepeated
                | Self::CodeIssued
                | Self::NewDevice
                | Self::NewPlace
                | Self::AccountLocked
                | Self::PasswordChanged
                | Self::IdentityLinked
                | Self::IdentityUnlinked
                | Self::EmailChangeAsked
                | Self::EmailChanged
                | Self::EmailChangeUndone
                | Self::ExportReady
                | Self::SecurityQuestionsChanged
                | Self::DeletionAsked
                | Self::ChallengeFailed
                | Self::SecondFactorOn
                | Self::SecondFactorOff
                | Self::RecoveryCodesRenewed
                | Self::RecoveryCodeUsed
                | Self::TicketCreated
                | Self::TicketStatusChanged
                | Self::TicketAssigned
        )
    }
}

/// Who gets the live hint, besides all admins.
#[derive(Debug, Clone, Default)]
pub struct Audience {
    pub users: Vec<UserId>,
    pub agents: bool,
    pub everyone: bool,
}

/// Something that happened.
#[derive(Debug, Clone)]
pub struct Event {
    pub kind: EventKind,
    pub ticket_id: Option<TicketId>,
    /// The person it is about, when it is about one.
    pub user_id: Option<UserId>,
    /// The place in the ticket's timeline.
    pub seq: Option<i32>,
    /// Small before/after facts.
    pub data: Value,
    pub audience: Audience,
}

impl Event {
    /// About no account we have; only admins get a hint.
    pub fn about_nobody(kind: EventKind, data: Value) -> Self {
        Self {
            kind,
            ticket_id: None,
            user_id: None,
            seq: None,
            data,
            audience: Audience::default(),
        }
    }

    pub fn about_user(kind: EventKind, user_id: UserId, data: Value) -> Self {
        let audience = Audience {
            users: vec![user_id],
            ..Audience::default()
        };
        Self {
            kind,
            ticket_id: None,
            user_id: Some(user_id),
            seq: None,
            data,
            audience,
        }
    }
}

/// Appends the event and, when someone must be told, the job that tells them. Both stand or fall with the transaction.
pub fn emit(tx: &mut Tx<'_>, origin: &Origin, event: Event) -> Result<i64, Problem> {
    let audience: Vec<Option<uuid::Uuid>> =
        event.audience.users.iter().map(|id| Some(id.0)).collect();
    let id: i64 = diesel::insert_into(events::table)
        .values((
            events::kind.eq(event.kind.as_str()),
            events::actor_id.eq(origin.actor_id),
            events::ticket_id.eq(event.ticket_id),
            events::user_id.eq(event.user_id),
            events::seq.eq(event.seq),
            events::data.eq(event.data),
            events::audience.eq(audience),
            events::to_agents.eq(event.audience.agents),
            events::to_everyone.eq(event.audience.everyone),
            events::request_id.eq(some(&origin.request_id)),
            events::ip.eq(some(&origin.ip)),
        ))
        .returning(events::id)
        .get_result(&mut **tx)?;
    if event.kind.is_announced() {
        jobs::enqueue(tx, jobs::NewJob::now("fan_out", json!({ "event_id": id })))?;
    }
    tx.tell_after_commit();
    Ok(id)
}

fn some(text: &str) -> Option<&str> {
    Some(text).filter(|t| !t.is_empty())
}
