//! Topics and channels, and which mail belongs to which.

use crate::{auth::Role, mail::Template, text_enum};

text_enum! {
    /// What a notification is about. `security`: sign-ins, passwords, addresses, invitations. `receipts`: a ticket was
    /// raised. `progress`: somebody has it, it is resolved, closed, reopened. `messages`: what was written while one was
    /// away. `assignments`: a ticket is yours to work on.
    pub enum Topic {
        Security = "security",
        Receipts = "receipts",
        Progress = "progress",
        Messages = "messages",
        Assignments = "assignments",
    }
}

text_enum! {
    /// How a notification travels.
    pub enum NoticeChannel { Mail = "mail" }
}

impl Topic {
    /// The topics that a person with this role ever hears of.
    pub fn of(role: Role) -> &'static [Self] {
        match role {
            Role::Customer => &[
                Self::Security,
                Self::Receipts,
                Self::Progress,
                Self::Messages,
            ],
            Role::Agent => &[
                Self::Security,
                Self::Assignments,
                Self::Progress,
                Self::Messages,
            ],
            Role::Admin => &[Self::Security],
        }
    }

    /// Whether it can not be turned off.
    pub fn is_fixed(self) -> bool {
        self == Self::Security
    }

    /// What a mail is about. What is not about a ticket concerns the account.
    pub fn of_mail(template: Template) -> Self {
        match template {
            Template::TicketCreated => Self::Receipts,
            Template::TicketAssignedCustomer
            | Template::TicketResolved
            | Template::TicketClosed
            | Template::TicketReopened
            | Template::TicketWithdrawn => Self::Progress,
            Template::NewMessage => Self::Messages,
            Template::TicketAssignedAgent => Self::Assignments,
            _ => Self::Security,
        }
    }
}

/// One choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Choice {
    pub topic: Topic,
    pub channel: NoticeChannel,
    pub enabled: bool,
}
