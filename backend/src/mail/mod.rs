//! The mail outbox. [`queue`] writes down what to say to whom; the job `send_mail` renders and sends it later.
//!
//! Invariants: links start with the configured public address; codes are derived when a mail is rendered and stand
//! nowhere; nothing is sent while a database connection is held; a mail's Message-ID never changes.

/// Every mail we can send, with the name of its template: what is made of them is up to the macro that is named.
macro_rules! templates {
    ($make:ident) => {
        $make! {
            ConfirmEmail = "confirm_email",
            AlreadyRegistered = "already_registered",
            ResetPassword = "reset_password",
            PasswordChanged = "password_changed",
            LinkIdentity = "link_identity",
            IdentityLinked = "identity_linked",
            IdentityUnlinked = "identity_unlinked",
            ChangeEmail = "change_email",
            EmailInUse = "email_in_use",
            EmailChangeAsked = "email_change_asked",
            EmailChanged = "email_changed",
            EmailChangeUndone = "email_change_undone",
            SecurityQuestionsChanged = "security_questions_changed",
            ExportReady = "export_ready",
            DeletionAsked = "deletion_asked",
            NewSignIn = "new_sign_in",
            SignInCode = "sign_in_code",
            ChallengeFailed = "challenge_failed",
            SecondFactorOn = "second_factor_on",
            SecondFactorOff = "second_factor_off",
            RecoveryCodesRenewed = "recovery_codes_renewed",
            RecoveryCodeUsed = "recovery_code_used",
            AccountLocked = "account_locked",
            Invitation = "invitation",
            TicketCreated = "ticket_created",
            TicketAssignedCustomer = "ticket_assigned_customer",
            TicketAssignedAgent = "ticket_assigned_agent",
            NewMessage = "new_message",
            TicketResolved = "ticket_resolved",
            TicketClosed = "ticket_closed",
            TicketReopened = "ticket_reopened",
            TicketWithdrawn = "ticket_withdrawn",
        }
    };
}

pub mod message;
pub mod render;
pub mod send;
pub mod transport;
mod words;

use diesel::prelude::*;
use serde_json::{Value, json};

use crate::{
    db::{
        Tx,
        ids::{CodeId, MailId, TicketId, UserId},
        schema::mails,
    },
    jobs,
    problem::Problem,
    text_enum,
};

pub use transport::{Mailer, Sent};

macro_rules! template_enum {
    ($($list:tt)*) => {
        text_enum! {
            /// Every mail we can send.
            pub enum Template { $($list)* }
        }
    };
}
templates!(template_enum);

/// A mail to one person.
#[derive(Debug)]
pub struct NewMail {
    pub template: Template,
    pub user_id: UserId,
    pub to_email: String,
    pub ticket_id: Option<TicketId>,
    pub event_id: Option<i64>,
    /// The code to be derived when the mail is rendered.
    pub code_id: Option<CodeId>,
    /// Small facts for the template: ids and names, never message text, never a secret.
    pub params: Value,
}

/// Writes the mail down, once per (event, person, template), and the job that sends it. `domain` is the right side of
/// the Message-ID (RFC 5322 section 3.6.4), which is fixed here so that a repeated sending is recognised.
pub fn queue(tx: &mut Tx<'_>, domain: &str, mail: NewMail) -> Result<Option<MailId>, Problem> {
    let id = MailId::new();
    let inserted = diesel::insert_into(mails::table)
        .values((
            mails::id.eq(id),
            mails::message_id.eq(format!("<{}@{domain}>", id.0.simple())),
            mails::user_id.eq(mail.user_id),
            mails::ticket_id.eq(mail.ticket_id),
            mails::event_id.eq(mail.event_id),
            mails::code_id.eq(mail.code_id),
            mails::to_email.eq(mail.to_email),
            mails::template.eq(mail.template.as_str()),
            mails::params.eq(mail.params),
        ))
        .on_conflict_do_nothing()
        .execute(&mut **tx)?;
    if inserted == 0 {
        return Ok(None);
    }
    // About half a day of attempts: a mail server may be down for a night.
    let job = jobs::NewJob {
        max_attempts: 22,
        ..jobs::NewJob::now("send_mail", json!({ "mail_id": id }))
    };
    jobs::enqueue(tx, job)?;
    Ok(Some(id))
}
