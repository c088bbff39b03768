//! How a mail leaves: SMTP, a file per mail, or a ring in memory (tests and the demo's mailbox page).

use std::{
    collections::VecDeque,
    fs,
    io::Write,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use chrono::{DateTime, Utc};
use lettre::{
    Address, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    transport::smtp::response::Severity,
};

use crate::{clock, config};

use super::message::{Line, Mail};

/// How many mails memory keeps.
const RING: usize = 500;

/// Sends mails; cheap to clone.
#[derive(Clone)]
pub struct Mailer {
    way: Way,
    /// Copies of what was sent, newest last; only filled in memory and demo mode.
    ring: Option<Arc<Mutex<VecDeque<Sent>>>>,
    from: Address,
    from_name: Line,
    timeout: Duration,
}

#[derive(Clone)]
enum Way {
    Smtp(AsyncSmtpTransport<Tokio1Executor>),
    File(PathBuf),
    Memory,
}

/// A mail that left, as memory keeps it.
#[derive(Debug, Clone)]
pub struct Sent {
    pub message_id: String,
    /// What `In-Reply-To` and `References` name.
    pub thread: Option<String>,
    pub to: String,
    pub subject: String,
    pub text: String,
    pub html: String,
    /// The whole message as it would go over the wire.
    pub wire: String,
    pub at: DateTime<Utc>,
}

/// Why a mail did not leave.
#[derive(Debug, PartialEq, Eq)]
pub enum Failure {
    /// Trying again later may help.
    Later(String),
    /// The other side will never take this mail.
    Never(String),
}

impl Mailer {
    pub fn new(config: &config::Config) -> Result<Self, String> {
        let mail = &config.mail;
        let way = match &mail.transport {
            config::MailTransport::Smtp(url) => Way::Smtp(smtp(url.reveal(), mail.timeout)?),
            config::MailTransport::File(dir) => {
                fs::create_dir_all(dir)
                    .map_err(|e| format!("cannot use {}: {e}", dir.display()))?;
                Way::File(dir.clone())
            }
            config::MailTransport::Memory => Way::Memory,
        };
        let keeps = config.demo || matches!(way, Way::Memory);
        Ok(Self {
            way,
            ring: keeps.then(Arc::default),
            from: mail
                .from
                .parse()
                .map_err(|e| format!("CARE_MAIL_FROM: {e}"))?,
            from_name: Line::tamed(&config.name, 100),
            timeout: mail.timeout,
        })
    }

    /// The right side of our Message-IDs.
    pub fn domain(&self) -> &str {
        self.from.domain()
    }

    /// The mails that memory keeps, oldest first; empty unless the transport is memory or this is a demo.
    pub fn memory(&self) -> Vec<Sent> {
        self.ring.as_ref().map_or_else(Vec::new, |ring| {
            let ring = ring.lock().unwrap_or_else(PoisonError::into_inner);
            ring.iter().cloned().collect()
        })
    }

    /// Hands the mail over, on the calling thread, within the configured time. Call it without a database connection.
    pub fn send(&self, mail: &Mail) -> Result<(), Failure> {
        let message = mail
            .to_message(&self.from, &self.from_name)
            .map_err(Failure::Never)?;
        match &self.way {
            Way::Smtp(smtp) => self.over_smtp(smtp, &message)?,
            Way::File(dir) => to_file(dir, mail, &message)
                .map_err(|e| Failure::Later(format!("cannot write the mail: {e}")))?,
            Way::Memory => {}
        }
        if let Some(ring) = &self.ring {
            let mut ring = ring.lock().unwrap_or_else(PoisonError::into_inner);
            if ring.len() == RING {
                ring.pop_front();
            }
            ring.push_back(Sent {
                message_id: mail.message_id.as_str().into(),
                thread: mail.thread.as_ref().map(|id| id.as_str().into()),
                to: mail.to.to_string(),
                subject: mail.subject.as_str().into(),
                text: mail.text.clone(),
                html: mail.html.clone(),
                wire: String::from_utf8_lossy(&message.formatted()).into_owned(),
                at: clock::now(),
            });
        }
        Ok(())
    }

    /// One SMTP conversation, on a thread of its own so that it works from anywhere; the time limit is for all of it, where
    /// lettre's own is for each step.
    fn over_smtp(
        &self,
        smtp: &AsyncSmtpTransport<Tokio1Executor>,
        message: &Message,
    ) -> Result<(), Failure> {
        let converse = || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .map_err(|e| Failure::Later(e.to_string()))?;
            let sent = runtime.block_on(async {
                tokio::time::timeout(self.timeout, smtp.send(message.clone())).await
            });
            match sent {
                Ok(Ok(_)) => Ok(()),
                Ok(Err(error)) => Err(judge(&error)),
                Err(_) => Err(Failure::Later("the mail server took too long".into())),
            }
        };
        std::thread::scope(|scope| scope.spawn(converse).join())
            .unwrap_or_else(|_| Err(Failure::Later("the SMTP client panicked".into())))
    }
}

/// A refusal of this recipient or this text is final; anything else (refused sign-in included) may be mended by somebody.
fn judge(error: &lettre::transport::smtp::Error) -> Failure {
    let said = format!("SMTP: {error}");
    match error.status() {
        Some(code)
            if code.severity == Severity::PermanentNegativeCompletion
                && matches!(u16::from(code), 501 | 510 | 511 | 550..=556) =>
        {
            Failure::Never(said)
        }
        _ => Failure::Later(said),
    }
}

fn smtp(url: &str, timeout: Duration) -> Result<AsyncSmtpTransport<Tokio1Executor>, String> {
    // STARTTLS whenever the server offers it; `?tls=required` insists.
    let url = if url.starts_with("smtp://") && !url.contains("tls=") {
        let join = if url.contains('?') { '&' } else { '?' };
        let port = if has_port(url) { "" } else { ":25" };
        let end = url.find(['?']).unwrap_or(url.len());
        let (address, query) = url.split_at(end);
        let address = address.trim_end_matches('/');
        format!("{address}{port}{query}{join}tls=opportunistic")
    } else {
        url.to_owned()
    };
    // The address may hold a password: say what is wrong, not what was given.
    let builder = AsyncSmtpTransport::<Tokio1Executor>::from_url(&url)
        .map_err(|_| "CARE_MAIL: not a usable smtp:// or smtps:// address".to_owned())?;
    Ok(builder.timeout(Some(timeout)).build())
}

fn has_port(url: &str) -> bool {
    let rest = url.split("://").nth(1).unwrap_or_default();
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    host.rsplit(':')
        .next()
        .is_some_and(|port| port != host && port.chars().all(|c| c.is_ascii_digit()))
}

/// `<id>.eml`, complete or not there: written aside, synced, renamed.
fn to_file(dir: &Path, mail: &Mail, message: &Message) -> std::io::Result<()> {
    let name: String = mail
        .message_id
        .as_str()
        .chars()
        .take_while(|c| *c != '@')
        .filter(char::is_ascii_alphanumeric)
        .collect();
    let aside = dir.join(format!(".{name}.tmp"));
    let mut file = fs::File::create(&aside)?;
    file.write_all(&message.formatted())?;
    file.sync_all()?;
    fs::rename(&aside, dir.join(format!("{name}.eml")))
}
