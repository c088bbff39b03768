//! Who is told by mail of what happened. Actions only say what happened; the rule of whom to tell stands here alone.
//!
//! Nobody is mailed about what they did themselves, except the receipt for a new ticket. Mails go to the account's own
//! address, which has been proved; the contact address of a ticket has not.

use std::time::Duration;

use diesel::prelude::*;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    app::App,
    db::{
        Tx,
        ids::{CodeId, SessionId, TicketId, UserId},
        schema::{email_changes, events, mails, messages, sessions, ticket_reads, tickets, users},
    },
    jobs::{self, NewJob, Outcome},
    mail::{self, NewMail, Template},
    problem::Problem,
    profile,
    sessions::Agent,
};

use super::EventKind;

diesel::define_sql_function! {
    fn lower(text: diesel::sql_types::Text) -> Text;
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = events, check_for_backend(diesel::pg::Pg))]
struct Happened {
    id: i64,
    kind: String,
    actor_id: Option<UserId>,
    ticket_id: Option<TicketId>,
    user_id: Option<UserId>,
    data: Value,
}

impl Happened {
    fn text(&self, name: &str) -> Option<&str> {
        self.data.get(name)?.as_str()
    }

    fn id<T: std::str::FromStr>(&self, name: &str) -> Option<T> {
        self.text(name)?.parse().ok()
    }
}

/// The job `fan_out {event_id}`. Safe to run twice: a mail is unique per event, person and template.
pub fn run(app: &App, payload: &Value) -> Result<Outcome, Problem> {
    let id = payload.get("event_id").and_then(Value::as_i64);
    let id = id.ok_or_else(|| Problem::internal("no event_id in the job"))?;
    app.jobs.write_blocking(|tx| {
        let event: Option<Happened> = events::table
            .find(id)
            .select(Happened::as_select())
            .first(&mut **tx)
            .optional()?;
        if let Some(event) = event {
            Teller {
                app,
                tx,
                event: &event,
            }
            .tell()?;
        }
        Ok(Outcome::Done)
    })
}

struct Teller<'a, 'tx> {
    app: &'a App,
    tx: &'a mut Tx<'tx>,
    event: &'a Happened,
}

impl Teller<'_, '_> {
    fn tell(mut self) -> Result<(), Problem> {
        use EventKind as K;
        match EventKind::parse(&self.event.kind) {
            Some(K::CodeIssued) if self.event.text("purpose") == Some("change_email") => {
                self.new_address()
            }
            // By text message, which has a job of its own.
            Some(K::CodeIssued) if self.event.text("purpose") == Some("confirm_phone") => Ok(()),
            Some(K::CodeIssued) => {
                let template = match self.event.text("purpose") {
                    Some("confirm_email") => Template::ConfirmEmail,
                    Some("link_identity") => Template::LinkIdentity,
                    Some("reset_password") => Template::ResetPassword,
                    Some("invitation") => Template::Invitation,
                    Some("sign_in") => Template::SignInCode,
                    _ => return Err(Problem::internal("a code without a known purpose")),
                };
                self.mail(self.event.user_id, template, json!({}))
            }
            Some(K::RegistrationRepeated) => self.plain(Template::AlreadyRegistered),
            Some(K::IdentityLinked) => self.identity(Template::IdentityLinked),
            Some(K::IdentityUnlinked) => self.identity(Template::IdentityUnlinked),
            Some(K::EmailChangeAsked) => {
                self.mail(self.event.user_id, Template::EmailChangeAsked, json!({}))
            }
            Some(K::EmailChanged) => self.email_changed(),
            Some(K::EmailChangeUndone) => {
                self.mail(self.event.user_id, Template::EmailChangeUndone, json!({}))
            }
            Some(K::SecurityQuestionsChanged) => {
                let template = Template::SecurityQuestionsChanged;
                self.mail(self.event.user_id, template, json!({}))
            }
            Some(K::ExportReady) => {
                let params = json!({ "days": self.app.config.privacy.export_days });
                self.mail(self.event.user_id, Template::ExportReady, params)
            }
            Some(K::DeletionAsked) => {
                let params = json!({ "due_at": self.event.text("due_at") });
                self.mail(self.event.user_id, Template::DeletionAsked, params)
            }
            Some(K::NewDevice | K::NewPlace) => self.new_sign_in(),
            Some(K::ChallengeFailed) => self.plain(Template::ChallengeFailed),
            Some(K::SecondFactorOn) => self.plain(Template::SecondFactorOn),
            Some(K::SecondFactorOff) => self.plain(Template::SecondFactorOff),
            Some(K::RecoveryCodesRenewed) => self.plain(Template::RecoveryCodesRenewed),
            Some(K::RecoveryCodeUsed) => {
                let params = json!({ "left": self.event.data.get("left") });
                self.mail(self.event.user_id, Template::RecoveryCodeUsed, params)
            }
            Some(K::PasswordChanged) => self.plain(Template::PasswordChanged),
            Some(K::AccountLocked) => {
                let minutes = self.app.config.auth.sign_in_window.as_secs().div_ceil(60);
                let params = json!({ "minutes": minutes });
                self.mail(self.event.user_id, Template::AccountLocked, params)
            }
            Some(K::TicketCreated) => {
                let (customer, _) = self.parties()?;
                self.mail(customer, Template::TicketCreated, json!({}))
            }
            Some(K::TicketAssigned) => self.assigned(),
            Some(K::TicketStatusChanged) => self.moved(),
            _ => Ok(()),
        }
    }

    /// To whom it is about, with nothing more to say than the template does.
    fn plain(&mut self, template: Template) -> Result<(), Problem> {
        self.mail(self.event.user_id, template, json!({}))
    }

    fn identity(&mut self, template: Template) -> Result<(), Problem> {
        let name = self.event.text("provider").unwrap_or_default();
        let provider = self.app.config.oidc.iter().find(|p| p.name == name);
        let params = json!({ "provider": provider.map_or(name, |p| p.label.as_str()) });
        self.mail(self.event.user_id, template, params)
    }

    /// The change of address that the event is about: the old address and the new one.
    fn addresses(&mut self) -> Result<Option<(String, String)>, Problem> {
        let Some(code_id) = self.event.id::<CodeId>("code_id") else {
            return Ok(None);
        };
        Ok(email_changes::table
            .find(code_id)
            .select((email_changes::old_email, email_changes::new_email))
            .first(&mut **self.tx)
            .optional()?)
    }

    /// The code to prove a new address goes there; when it is somebody's already, they are told instead.
    fn new_address(&mut self) -> Result<(), Problem> {
        let Some((_, new)) = self.addresses()? else {
            return Ok(());
        };
        let holder: Option<UserId> = users::table
            .filter(lower(users::email).eq(lower(&new)))
            .filter(users::email_confirmed_at.is_not_null())
            .select(users::id)
            .first(&mut **self.tx)
            .optional()?;
        match holder {
            Some(_) => self.mail(holder, Template::EmailInUse, json!({})),
            None => self.mail_at(Template::ChangeEmail, new),
        }
    }

    fn email_changed(&mut self) -> Result<(), Problem> {
        match self.addresses()? {
            Some((old, _)) => self.mail_at(Template::EmailChanged, old),
            None => Ok(()),
        }
    }

    /// To the person the event is about, at an address that is not, or no longer, the account's.
    fn mail_at(&mut self, template: Template, to_email: String) -> Result<(), Problem> {
        let Some(user_id) = self.event.user_id else {
            return Ok(());
        };
        let mail = NewMail {
            template,
            user_id,
            to_email,
            ticket_id: None,
            event_id: Some(self.event.id),
            code_id: self.event.id::<CodeId>("code_id"),
            params: json!({}),
        };
        mail::queue(self.tx, self.app.mailer.domain(), mail).map(drop)
    }

    fn new_sign_in(&mut self) -> Result<(), Problem> {
        let Some(id) = self.event.id::<SessionId>("session_id") else {
            return Ok(());
        };
        let found: Option<(String, String)> = sessions::table
            .find(id)
            .select((sessions::user_agent, sessions::ip))
            .first(&mut **self.tx)
            .optional()?;
        let (agent, ip) = found.unwrap_or_default();
        let (Agent { browser, system }, place) = (Agent::read(&agent), self.app.places.name(&ip));
        let params = json!({ "browser": browser, "system": system, "ip": ip, "place": place });
        self.mail(self.event.user_id, Template::NewSignIn, params)
    }

    /// The ticket's customer and assignee now.
    fn parties(&mut self) -> Result<(Option<UserId>, Option<UserId>), Problem> {
        let Some(id) = self.event.ticket_id else {
            return Ok((None, None));
        };
        let found: Option<(UserId, Option<UserId>)> = tickets::table
            .find(id)
            .select((tickets::customer_id, tickets::assignee_id))
            .first(&mut **self.tx)
            .optional()?;
        Ok(found.map_or((None, None), |(customer, assignee)| {
            (Some(customer), assignee)
        }))
    }

    fn assigned(&mut self) -> Result<(), Problem> {
        let Some(to) = self.event.id::<UserId>("to") else {
            return Ok(());
        };
        let agent: Option<String> = users::table
            .find(to)
            .select(users::name)
            .first(&mut **self.tx)
            .optional()?;
        let (customer, _) = self.parties()?;
        self.mail(
            customer,
            Template::TicketAssignedCustomer,
            json!({ "agent": agent }),
        )?;
        if self.event.actor_id == Some(to) {
            return Ok(());
        }
        self.mail(Some(to), Template::TicketAssignedAgent, json!({}))
    }

    fn moved(&mut self) -> Result<(), Problem> {
        let template = match (self.event.text("from"), self.event.text("to")) {
            (_, Some("resolved")) => Template::TicketResolved,
            (_, Some("closed")) => Template::TicketClosed,
            (_, Some("withdrawn")) => Template::TicketWithdrawn,
            (Some("resolved" | "closed" | "withdrawn"), Some("open")) => Template::TicketReopened,
            _ => return Ok(()),
        };
        let (customer, assignee) = self.parties()?;
        let people = match template {
            Template::TicketResolved => [customer, None],
            _ => [customer, assignee],
        };
        for person in people {
            if person != self.event.actor_id {
                self.mail(person, template, json!({}))?;
            }
        }
        Ok(())
    }

    fn mail(
        &mut self,
        person: Option<UserId>,
        template: Template,
        params: Value,
    ) -> Result<(), Problem> {
        let Some(user_id) = person else {
            return Ok(());
        };
        let code_id = self.event.id::<CodeId>("code_id");
        let event = (self.event.id, self.event.ticket_id, code_id);
        queue(self.app, self.tx, user_id, template, event, params)
    }
}

/// Queues a mail to the person's own address, unless the account is disabled or its owner does not want such mails.
fn queue(
    app: &App,
    tx: &mut Tx<'_>,
    user_id: UserId,
    template: Template,
    (event_id, ticket_id, code_id): (i64, Option<TicketId>, Option<CodeId>),
    params: Value,
) -> Result<(), Problem> {
    let email: Option<String> = users::table
        .find(user_id)
        .filter(users::disabled_at.is_null())
        .select(users::email)
        .first(&mut **tx)
        .optional()?;
    if let Some(to_email) = email
        && profile::wants_mail(tx, user_id, template)?
    {
        let mail = NewMail {
            template,
            user_id,
            to_email,
            ticket_id,
            event_id: Some(event_id),
            code_id,
            params,
        };
        mail::queue(tx, app.mailer.domain(), mail)?;
    }
    Ok(())
}

/// A message waits for this reader: who has not seen it after the delay gets a mail. Part of the message's own transaction,
/// and one job for all messages that come meanwhile, because nothing happens as often.
pub fn remind(
    tx: &mut Tx<'_>,
    ticket_id: TicketId,
    reader: UserId,
    delay: Duration,
) -> Result<(), Problem> {
    let payload = json!({ "ticket_id": ticket_id, "user_id": reader });
    let job = NewJob {
        delay,
        dedup_key: Some(format!("away_mail:{ticket_id}:{reader}")),
        ..NewJob::now("away_mail", payload)
    };
    jobs::enqueue(tx, job)
}

/// The job `away_mail {ticket_id, user_id}`: one mail for all messages that the person has neither read nor been mailed.
/// Safe to run twice: the mail belongs to the newest message's event, and says up to where it goes.
pub fn away_mail(app: &App, payload: &Value) -> Result<Outcome, Problem> {
    let id = |name: &str| payload.get(name)?.as_str()?.parse::<Uuid>().ok();
    let (Some(ticket), Some(user)) = (id("ticket_id"), id("user_id")) else {
        return Err(Problem::internal("no ticket_id or user_id in the job"));
    };
    let (ticket_id, user_id) = (TicketId(ticket), UserId(user));
    app.jobs.write_blocking(|tx| {
        away(app, tx, ticket_id, user_id)?;
        Ok(Outcome::Done)
    })
}

fn away(app: &App, tx: &mut Tx<'_>, ticket_id: TicketId, user_id: UserId) -> Result<(), Problem> {
    let parties: Option<(UserId, Option<UserId>)> = tickets::table
        .find(ticket_id)
        .select((tickets::customer_id, tickets::assignee_id))
        .first(&mut **tx)
        .optional()?;
    let other_side = match parties {
        Some((customer, _)) if customer == user_id => "agent",
        Some((_, assignee)) if assignee == Some(user_id) => "customer",
        // No longer theirs.
        _ => return Ok(()),
    };
    let read: Option<i32> = ticket_reads::table
        .find((ticket_id, user_id))
        .select(ticket_reads::seq)
        .first(&mut **tx)
        .optional()?;
    let earlier: Vec<Value> = mails::table
        .filter(mails::ticket_id.eq(ticket_id))
        .filter(mails::user_id.eq(user_id))
        .filter(mails::template.eq(Template::NewMessage.as_str()))
        .select(mails::params)
        .load(&mut **tx)?;
    let mailed = earlier.iter().filter_map(|p| p.get("upto")?.as_i64()).max();
    let mailed = mailed.and_then(|n| i32::try_from(n).ok()).unwrap_or(0);
    let after = read.unwrap_or(0).max(mailed);
    let newest: Option<(i32, i64)> = messages::table
        .inner_join(
            events::table.on(events::ticket_id
                .eq(messages::ticket_id.nullable())
                .and(events::seq.eq(messages::seq.nullable()))
                .and(events::kind.eq(EventKind::MessagePosted.as_str()))),
        )
        .filter(messages::ticket_id.eq(ticket_id))
        .filter(messages::side.eq(other_side))
        .filter(messages::seq.gt(after))
        .order(messages::seq.desc())
        .select((messages::seq, events::id))
        .first(&mut **tx)
        .optional()?;
    let Some((upto, event_id)) = newest else {
        return Ok(());
    };
    let params = json!({ "after": after, "upto": upto });
    let event = (event_id, Some(ticket_id), None);
    queue(app, tx, user_id, Template::NewMessage, event, params)
}
