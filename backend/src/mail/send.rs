//! The job `send_mail`: gathers the facts, renders, hands over, writes down that it left.

use std::time::Duration;

use chrono::{DateTime, Utc};
use diesel::{
    prelude::*,
    sql_types::{
        BigInt, Bool, Bytea, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid,
    },
};
use serde_json::Value;
use uuid::Uuid;

use crate::{
    app::App,
    auth::codes,
    db::ids::{CodeId, MailId},
    jobs::Outcome,
    locale::Locale,
    problem::Problem,
};

use super::{
    Template,
    message::{Line, Mail, MessageId},
    render::{self, Cause, Code, Facts, Recipient, Said, Site, Ticket},
    transport::Failure,
    words,
};

/// How many unread messages one mail shows, and how much of each.
const MESSAGES_SHOWN: usize = 5;
const MESSAGE_CHARS: usize = 2000;

/// What the outbox and its surroundings say about one mail.
#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    message_id: String,
    #[diesel(sql_type = Text)]
    to_email: String,
    #[diesel(sql_type = Text)]
    template: String,
    #[diesel(sql_type = Jsonb)]
    params: Value,
    #[diesel(sql_type = Text)]
    state: String,
    #[diesel(sql_type = Timestamptz)]
    created_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Text>)]
    name: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    locale: Option<Locale>,
    #[diesel(sql_type = Bool)]
    disabled: bool,
    #[diesel(sql_type = Bool)]
    is_customer: bool,
    #[diesel(sql_type = Bool)]
    waits: bool,
    #[diesel(sql_type = Nullable<Text>)]
    thread: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    actor: Option<String>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    happened_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Text>)]
    reason: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    note: Option<String>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    ticket_id: Option<Uuid>,
    #[diesel(sql_type = Nullable<BigInt>)]
    number: Option<i64>,
    #[diesel(sql_type = Nullable<Text>)]
    kind: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    subject: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    priority: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    customer: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    service: Option<String>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    raised_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    reopen_until: Option<DateTime<Utc>>,
    #[diesel(sql_type = Bool)]
    wants_code: bool,
    #[diesel(sql_type = Nullable<Bytea>)]
    salt: Option<Vec<u8>>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    code_id: Option<CodeId>,
    #[diesel(sql_type = Nullable<Integer>)]
    code_seconds: Option<i32>,
}

/// One row with everything the templates may say. A code that is used, replaced or expired has no salt here: the mail is
/// dropped. `waits`: an earlier mail of the same conversation to the same person has not left yet.
const FIND: &str = "\
SELECT m.message_id, m.to_email, m.template, m.params, m.state, m.created_at, \
 u.name, u.locale, coalesce(u.disabled_at IS NOT NULL, false) AS disabled, coalesce(t.customer_id = m.user_id, false) AS is_customer, \
 EXISTS (SELECT 1 FROM mails e WHERE e.ticket_id = m.ticket_id AND e.user_id = m.user_id AND e.state = 'queued' \
  AND (e.created_at, e.id) < (m.created_at, m.id)) AS waits, \
 (SELECT e.message_id FROM mails e WHERE e.ticket_id = m.ticket_id AND e.user_id = m.user_id AND e.state <> 'dropped' \
  AND (e.created_at, e.id) < (m.created_at, m.id) ORDER BY e.created_at, e.id LIMIT 1) AS thread, \
 a.name AS actor, ev.created_at AS happened_at, \
 t.id AS ticket_id, t.number, t.kind, t.subject, t.priority, c.name AS customer, s.name AS service, \
 t.created_at AS raised_at, t.reopen_until, mv.data->>'reason' AS reason, mv.data->>'note' AS note, \
 m.template IN ('confirm_email', 'reset_password', 'invitation', 'link_identity', 'change_email', 'email_changed', 'sign_in_code') AS wants_code, o.salt, o.id AS code_id, \
 extract(epoch FROM coalesce(ec.undo_until, o.expires_at) - now())::int AS code_seconds \
FROM mails m LEFT JOIN users u ON u.id = m.user_id LEFT JOIN events ev ON ev.id = m.event_id \
 LEFT JOIN users a ON a.id = ev.actor_id LEFT JOIN tickets t ON t.id = m.ticket_id \
 LEFT JOIN users c ON c.id = t.customer_id LEFT JOIN services s ON s.id = t.service_id \
 LEFT JOIN moves mv ON mv.ticket_id = ev.ticket_id AND mv.seq = ev.seq \
 LEFT JOIN email_changes ec ON ec.code_id = m.code_id AND m.template = 'email_changed' AND ec.undone_at IS NULL \
  AND ec.undo_until > now() \
 LEFT JOIN one_time_codes o ON o.id = m.code_id AND CASE WHEN m.template = 'email_changed' THEN ec.code_id IS NOT NULL \
  ELSE o.used_at IS NULL AND o.voided_at IS NULL AND o.expires_at > now() END \
WHERE m.id = $1";

/// The job. Safe to run twice: a mail that is not queued any more is left alone, and the Message-ID is the same.
pub fn run(app: &App, payload: &Value) -> Result<Outcome, Problem> {
    let Some(id) = mail_id(payload) else {
        return Err(Problem::internal("no mail_id in the job"));
    };
    let found: Option<Row> = app.jobs.read_blocking(|conn| {
        Ok(diesel::sql_query(FIND)
            .bind::<SqlUuid, _>(id)
            .get_result(conn)
            .optional()?)
    })?;
    let Some(row) = found else {
        return Ok(Outcome::Done);
    };
    if !matches!(row.state.as_str(), "queued" | "failed") {
        return Ok(Outcome::Done);
    }
    if let Some(why) = row.why_not() {
        tracing::info!(mail = %id.0, template = row.template, why, "a mail is dropped");
        return mark(app, id, "dropped");
    }
    if row.waits {
        return Ok(Outcome::Later(Duration::from_secs(5)));
    }
    let mail = match compose(app, id, row) {
        Ok(mail) => mail,
        Err(Refused::Drop(why)) => {
            tracing::warn!(mail = %id.0, why, "a mail can not be written and is dropped");
            return mark(app, id, "dropped");
        }
        Err(Refused::Failed(problem)) => return Err(problem),
    };
    match app.mailer.send(&mail) {
        Ok(()) => mark(app, id, "sent"),
        Err(Failure::Never(why)) => {
            tracing::warn!(mail = %id.0, why, "the mail server refuses a mail for good");
            mark(app, id, "failed")
        }
        Err(Failure::Later(why)) => Err(Problem::unavailable(why)),
    }
}

/// After the last attempt: those behind it need not wait any longer.
pub fn give_up(app: &App, payload: &Value) -> Result<(), Problem> {
    match mail_id(payload) {
        Some(id) => mark(app, id, "failed").map(drop),
        None => Ok(()),
    }
}

fn mail_id(payload: &Value) -> Option<MailId> {
    payload.get("mail_id")?.as_str()?.parse().ok()
}

fn mark(app: &App, id: MailId, state: &str) -> Result<Outcome, Problem> {
    app.jobs.write_blocking(|tx| {
        diesel::sql_query(
            "UPDATE mails SET state = $2, sent_at = CASE WHEN $2 = 'sent' THEN now() END \
             WHERE id = $1 AND state IN ('queued', 'failed')",
        )
        .bind::<SqlUuid, _>(id)
        .bind::<Text, _>(state)
        .execute(&mut **tx)?;
        Ok(Outcome::Done)
    })
}

impl Row {
    fn why_not(&self) -> Option<&'static str> {
        if self.disabled {
            Some("the account is disabled")
        } else if self.wants_code && self.salt.is_none() {
            Some("its code is used, replaced or expired")
        } else {
            None
        }
    }
}

enum Refused {
    Drop(String),
    Failed(Problem),
}

impl From<Problem> for Refused {
    fn from(problem: Problem) -> Self {
        Self::Failed(problem)
    }
}

fn compose(app: &App, id: MailId, row: Row) -> Result<Mail, Refused> {
    let drop = |why: String| Refused::Drop(why);
    let template = Template::parse(&row.template)
        .ok_or_else(|| Refused::Failed(Problem::internal("a template of another version")))?;
    let to = row
        .to_email
        .parse()
        .map_err(|e| drop(format!("the address can not be used: {e}")))?;
    let message_id = MessageId::parse(&row.message_id).map_err(drop)?;
    let thread = row
        .thread
        .as_deref()
        .map(MessageId::parse)
        .transpose()
        .map_err(drop)?;
    let (messages, unread) = match template {
        Template::NewMessage => messages(app, &row)?,
        _ => (Vec::new(), 0),
    };
    if template == Template::NewMessage && messages.is_empty() {
        return Err(drop("its messages are gone".into()));
    }
    let name = row.name.clone().unwrap_or_default();
    let facts = facts(app, template, row, messages, unread);
    let rendered = render::render(template, &facts).map_err(|e| {
        tracing::error!(mail = %id.0, error = format!("{e:#}"), "a mail template is broken");
        Problem::internal(e.to_string())
    })?;
    // Until its owner has proved it, an address gets nothing that somebody else typed, not even a name.
    let to_name = match template {
        Template::ConfirmEmail | Template::LinkIdentity | Template::ChangeEmail => String::new(),
        _ => name,
    };
    Ok(Mail {
        message_id,
        thread,
        to,
        to_name: Line::tamed(&to_name, 100),
        subject: rendered.subject,
        text: rendered.text,
        html: rendered.html,
    })
}

fn facts(app: &App, template: Template, row: Row, messages: Vec<Said>, unread: usize) -> Facts {
    let http = &app.config.http;
    let locale = row.locale.unwrap_or_default();
    let day = |at| words::day(at, locale);
    let side = if row.is_customer { "customer" } else { "agent" };
    let ticket = row.number.map(|number| {
        let number = format!("CCR-{number}");
        let room = if row.is_customer { "" } else { "/agent" };
        Ticket {
            url: format!("{}{room}/tickets/{number}", http.public_url),
            number,
            kind: words::code(&row.kind.unwrap_or_default(), locale),
            subject: row.subject.unwrap_or_default(),
            priority: words::code(&row.priority.unwrap_or_default(), locale),
            customer: row.customer.unwrap_or_default(),
            service: row.service,
            created: row.raised_at.map(day).unwrap_or_default(),
            reopen_until: row.reopen_until.map(day),
        }
    });
    let code = row.salt.zip(row.code_id).map(|(salt, id)| {
        let seconds = i64::from(row.code_seconds.unwrap_or_default());
        let secret = &app.config.auth.secret;
        Code {
            digits: codes::digits(secret, id, &salt),
            token: match template {
                Template::EmailChanged => codes::undo_token(secret, id, &salt),
                _ => codes::token(secret, id, &salt),
            },
            minutes: (seconds + 59) / 60,
            days: (seconds + 43_200) / 86_400,
        }
    });
    Facts {
        locale,
        site: Site {
            name: app.config.name.clone(),
            url: http.public_url.clone(),
        },
        recipient: Recipient {
            name: row.name.unwrap_or_default(),
            side,
        },
        ticket,
        code,
        event: Cause {
            actor: row.actor,
            at: words::minute(row.happened_at.unwrap_or(row.created_at), locale),
            reason: row.reason,
            note: row.note,
        },
        messages,
        unread,
        params: in_words(row.params, locale),
    }
}

/// What fan-out noted, with words for what was left to the language: when an account is deleted, and on what device
/// somebody signed in.
fn in_words(mut params: Value, locale: Locale) -> Value {
    let text = |name: &str| params.get(name).and_then(Value::as_str);
    let due = text("due_at").and_then(|at| at.parse().ok());
    let due = due.map(|at| words::day(at, locale));
    let device = words::device(text("browser"), text("system"), locale);
    if let Value::Object(params) = &mut params {
        params.insert("due".into(), due.into());
        params.insert("device".into(), device.into());
    }
    params
}

#[derive(QueryableByName)]
struct Message {
    #[diesel(sql_type = Text)]
    author: String,
    #[diesel(sql_type = Timestamptz)]
    created_at: DateTime<Utc>,
    #[diesel(sql_type = Text)]
    body: String,
}

/// The messages a `new_message` mail is about: of the other side, after `params.after`, up to `params.upto`.
fn messages(app: &App, row: &Row) -> Result<(Vec<Said>, usize), Problem> {
    let Some(ticket_id) = row.ticket_id else {
        return Ok((Vec::new(), 0));
    };
    let number = |name: &str| {
        let n = row.params.get(name).and_then(Value::as_i64);
        i32::try_from(n.unwrap_or_default()).unwrap_or_default()
    };
    let (after, upto) = (number("after"), number("upto"));
    let side = if row.is_customer { "agent" } else { "customer" };
    let found: Vec<Message> = app.jobs.read_blocking(|conn| {
        Ok(diesel::sql_query(
            "SELECT u.name AS author, m.created_at, m.body FROM messages m JOIN users u ON u.id = m.author_id \
             WHERE m.ticket_id = $1 AND m.seq > $2 AND m.seq <= $3 AND m.side = $4 ORDER BY m.seq",
        )
        .bind::<SqlUuid, _>(ticket_id)
        .bind::<Integer, _>(after)
        .bind::<Integer, _>(upto)
        .bind::<Text, _>(side)
        .load(conn)?)
    })?;
    let (unread, locale) = (found.len(), row.locale.unwrap_or_default());
    let shown = found.into_iter().take(MESSAGES_SHOWN).map(|m| Said {
        author: m.author,
        at: words::minute(m.created_at, locale),
        text: shortened(&m.body),
    });
    Ok((shown.collect(), unread))
}

fn shortened(body: &str) -> String {
    if body.chars().count() <= MESSAGE_CHARS {
        return body.to_owned();
    }
    let cut: String = body.chars().take(MESSAGE_CHARS).collect();
    format!("{}…", cut.trim_end())
}
