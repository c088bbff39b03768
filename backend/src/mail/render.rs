//! Facts in, text and HTML out. Each template is one file that is rendered twice, so the two never say different things;
//! `parts.txt` and `parts.html` know how a paragraph or a button looks, `layout.*` put the frame around.

use std::sync::LazyLock;

use minijinja::{Environment, Error, ErrorKind, Value, context, value::Serde};
use serde::Serialize;

use super::{
    Template,
    message::{Line, SUBJECT_CHARS},
};

/// What every template may say.
#[derive(Debug, Serialize)]
pub struct Facts {
    pub site: Site,
    pub recipient: Recipient,
    pub ticket: Option<Ticket>,
    pub code: Option<Code>,
    pub event: Cause,
    /// New messages, oldest first; `unread` may count more than are shown.
    pub messages: Vec<Said>,
    pub unread: usize,
    /// What fan-out noted: small facts of the event.
    pub params: serde_json::Value,
}

#[derive(Debug, Serialize)]
pub struct Site {
    pub name: String,
    /// The configured public address: the only base of links.
    pub url: String,
}

#[derive(Debug, Serialize)]
pub struct Recipient {
    pub name: String,
    /// `customer` for the one who raised the ticket, else `agent`.
    pub side: &'static str,
}

#[derive(Debug, Serialize)]
pub struct Ticket {
    pub number: String,
    pub kind: String,
    pub subject: String,
    pub priority: String,
    pub customer: String,
    pub service: Option<String>,
    pub created: String,
    pub reopen_until: Option<String>,
    pub url: String,
}

#[derive(Debug, Serialize)]
pub struct Code {
    pub digits: String,
    pub token: String,
    pub minutes: i64,
    pub days: i64,
}

#[derive(Debug, Serialize)]
pub struct Cause {
    pub actor: Option<String>,
    pub at: String,
    /// What its author gave as the reason, or noted for the agent.
    pub reason: Option<String>,
    pub note: Option<String>,
}

#[derive(Debug, Serialize)]
pub struct Said {
    pub author: String,
    pub at: String,
    pub text: String,
}

/// A mail's contents.
#[derive(Debug)]
pub struct Rendered {
    pub subject: Line,
    pub text: String,
    pub html: String,
}

/// Renders the mail.
pub fn render(template: Template, facts: &Facts) -> Result<Rendered, Error> {
    let (subject, text) = one(template, facts, "txt")?;
    let (_, html) = one(template, facts, "html")?;
    Ok(Rendered {
        subject: Line::tamed(&subject, SUBJECT_CHARS),
        text,
        html,
    })
}

fn one(template: Template, facts: &Facts, format: &str) -> Result<(String, String), Error> {
    let env = ENVIRONMENT
        .as_ref()
        .map_err(|e| Error::new(ErrorKind::SyntaxError, e.clone()))?;
    let facts = Value::from(Serde(facts));
    let named = env.get_template(&format!("{template}.{format}"))?;
    let mut captured = named.render_captured(context! { format, ..facts.clone() })?;
    let mut block = |name: &str| captured.with_state_mut(|state| state.render_block(name));
    let subject = block("subject")?;
    // What the blocks give is escaped already where it has to be.
    let safe = |text: String| match format {
        "html" => Value::from_safe_string(text),
        _ => Value::from(text),
    };
    let parts = context! {
        subject => safe(block("subject")?),
        heading => safe(block("heading")?),
        preview => safe(block("preview")?),
        why => safe(block("why")?),
        body => safe(block("body")?),
    };
    let layout = env.get_template(&format!("layout.{format}"))?;
    Ok((subject, layout.render(context! { ..parts, ..facts })?))
}

static ENVIRONMENT: LazyLock<Result<Environment<'static>, String>> =
    LazyLock::new(|| environment().map_err(|e| format!("{e:#}")));

fn environment() -> Result<Environment<'static>, Error> {
    let mut env = Environment::new();
    env.add_filter("wrap", |text: &str| wrap(text, ""));
    env.add_filter("quoted", |text: &str| wrap(text, "> "));
    env.add_filter("broken_lines", broken_lines);
    env.add_template("layout.txt", include_str!("templates/layout.txt"))?;
    env.add_template("layout.html", include_str!("templates/layout.html"))?;
    env.add_template("parts.txt", include_str!("templates/parts.txt"))?;
    env.add_template("parts.html", include_str!("templates/parts.html"))?;
    for template in Template::ALL {
        for format in ["txt", "html"] {
            env.add_template_owned(format!("{template}.{format}"), source(*template))?;
        }
    }
    Ok(env)
}

fn source(template: Template) -> &'static str {
    match template {
        Template::ConfirmEmail => include_str!("templates/confirm_email.jinja"),
        Template::AlreadyRegistered => include_str!("templates/already_registered.jinja"),
        Template::ResetPassword => include_str!("templates/reset_password.jinja"),
        Template::PasswordChanged => include_str!("templates/password_changed.jinja"),
        Template::LinkIdentity => include_str!("templates/link_identity.jinja"),
        Template::IdentityLinked => include_str!("templates/identity_linked.jinja"),
        Template::IdentityUnlinked => include_str!("templates/identity_unlinked.jinja"),
        Template::ChangeEmail => include_str!("templates/change_email.jinja"),
        Template::EmailInUse => include_str!("templates/email_in_use.jinja"),
        Template::EmailChangeAsked => include_str!("templates/email_change_asked.jinja"),
        Template::EmailChanged => include_str!("templates/email_changed.jinja"),
        Template::EmailChangeUndone => include_str!("templates/email_change_undone.jinja"),
        Template::SecurityQuestionsChanged => {
            include_str!("templates/security_questions_changed.jinja")
        }
        Template::ExportReady => include_str!("templates/export_ready.jinja"),
        Template::DeletionAsked => include_str!("templates/deletion_asked.jinja"),
        Template::NewSignIn => include_str!("templates/new_sign_in.jinja"),
        Template::SignInCode => include_str!("templates/sign_in_code.jinja"),
        Template::ChallengeFailed => include_str!("templates/challenge_failed.jinja"),
        Template::SecondFactorOn => include_str!("templates/second_factor_on.jinja"),
        Template::SecondFactorOff => include_str!("templates/second_factor_off.jinja"),
        Template::RecoveryCodesRenewed => include_str!("templates/recovery_codes_renewed.jinja"),
        Template::RecoveryCodeUsed => include_str!("templates/recovery_code_used.jinja"),
        Template::AccountLocked => include_str!("templates/account_locked.jinja"),
        Template::Invitation => include_str!("templates/invitation.jinja"),
        Template::TicketCreated => include_str!("templates/ticket_created.jinja"),
        Template::TicketAssignedCustomer => {
            include_str!("templates/ticket_assigned_customer.jinja")
        }
        Template::TicketAssignedAgent => include_str!("templates/ticket_assigned_agent.jinja"),
        Template::NewMessage => include_str!("templates/new_message.jinja"),
        Template::TicketResolved => include_str!("templates/ticket_resolved.jinja"),
        Template::TicketClosed => include_str!("templates/ticket_closed.jinja"),
        Template::TicketReopened => include_str!("templates/ticket_reopened.jinja"),
        Template::TicketWithdrawn => include_str!("templates/ticket_withdrawn.jinja"),
    }
}

/// Breaks lines at 72 columns between words (a longer word, such as a link, stays whole), each behind `prefix`.
fn wrap(text: &str, prefix: &str) -> String {
    let mut lines = Vec::new();
    for paragraph in text.lines() {
        let mut line = String::new();
        for word in paragraph.split_whitespace() {
            let longer = line.chars().count() + 1 + word.chars().count();
            if !line.is_empty() && longer + prefix.len() > 72 {
                lines.push(std::mem::take(&mut line));
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
        lines.push(line);
    }
    let lines: Vec<String> = lines
        .iter()
        .map(|l| format!("{prefix}{l}").trim_end().to_owned())
        .collect();
    lines.join("\n")
}

/// Escaped text with its line breaks kept, for readers that know no `white-space: pre-line`.
fn broken_lines(text: &str) -> Value {
    let text = escaped(text);
    Value::from_safe_string(text.trim().replace('\n', "<br>\n"))
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\r' => {}
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts() -> Facts {
        Facts {
            site: Site {
                name: "Customer Care Registry".into(),
                url: "https://care.example".into(),
            },
            recipient: Recipient {
                name: "Ann O’Hara <b>".into(),
                side: "customer",
            },
            ticket: Some(Ticket {
                number: "CCR-1042".into(),
                kind: "complaint".into(),
                subject: "Card charged twice & <not> refunded".into(),
                priority: "high".into(),
                customer: "Ann O’Hara <b>".into(),
                service: Some("Cards".into()),
                created: "21 November 2026".into(),
                reopen_until: Some("5 December 2026".into()),
                url: "https://care.example/tickets/CCR-1042".into(),
            }),
            code: Some(Code {
                digits: "042133".into(),
                token: "Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4Zm9vYmFyYmE".into(),
                minutes: 10,
                days: 7,
            }),
            event: Cause {
                actor: Some("Ravi Kumar".into()),
                at: "21 November 2026, 09:30 UTC".into(),
                reason: Some("Refund made".into()),
                note: Some("Second charge, see the statement".into()),
            },
            messages: vec![Said {
                author: "Ravi Kumar".into(),
                at: "21 November 2026, 09:30 UTC".into(),
                text: "We found the second charge.\n\nIt is <b>refunded</b> & should show within three working days; \
                       please tell us if it does not."
                    .into(),
            }],
            unread: 3,
            params: serde_json::json!({
                "agent": "Ravi Kumar", "minutes": 15, "days": 7, "due": "5 December 2026", "provider": "Google",
                "device": "Firefox on Windows", "ip": "203.0.113.7",
                "place": "Linköping, Sweden", "left": 9,
            }),
        }
    }

    #[test]
    fn every_template_looks_as_reviewed() {
        for template in Template::ALL {
            let mail = render(*template, &facts()).unwrap_or_else(|e| panic!("{template}: {e:#}"));
            insta::assert_snapshot!(
                format!("{template}.txt"),
                format!("Subject: {}\n\n{}", mail.subject.as_str(), mail.text)
            );
            insta::assert_snapshot!(format!("{template}.html"), mail.html);
        }
    }

    #[test]
    fn subjects_fit_lines_fit_and_text_is_literal() {
        let mut facts = facts();
        if let Some(ticket) = &mut facts.ticket {
            ticket.subject = "{{7*7}}\r\nBcc: eve@x.test ".repeat(100);
        }
        facts.messages[0].text = "<img src=x onerror=alert(1)> {{ 7*7 }} {% for %}".into();
        for template in Template::ALL {
            let mail = render(*template, &facts).unwrap();
            let subject = mail.subject.as_str();
            assert!(subject.chars().count() <= SUBJECT_CHARS && !subject.contains('\n'));
            assert!(!mail.html.contains("<img"), "{template}");
            assert!(!mail.html.contains("49") && !mail.text.contains("49"));
            let longest = mail.html.lines().map(str::len).max().unwrap_or(0);
            assert!(longest < 20_000, "{template}: {longest}");
            // Fits every reader's column: nothing in the frame is wider than it, the frame gives way.
            assert!(
                mail.html
                    .contains("width=\"100%\" style=\"max-width:600px;")
            );
            assert!(!mail.html.contains("min-width") && !mail.html.contains("<img"));
        }
    }

    #[test]
    fn the_first_mail_to_an_unproven_address_repeats_nothing_of_the_sender() {
        for template in [
            Template::ConfirmEmail,
            Template::LinkIdentity,
            Template::ChangeEmail,
        ] {
            let mail = render(template, &facts()).unwrap();
            for text in [mail.subject.as_str(), &mail.text, &mail.html] {
                assert!(!text.contains("Hara"), "{text}");
            }
        }
    }

    #[test]
    fn all_links_start_with_the_public_address() {
        for template in Template::ALL {
            let mail = render(*template, &facts()).unwrap();
            for text in [&mail.text, &mail.html] {
                for (at, _) in text.match_indices("://") {
                    let from = text[..at]
                        .rfind(|c: char| !c.is_ascii_alphabetic())
                        .map_or(0, |i| i + 1);
                    assert!(
                        text[from..].starts_with("https://care.example"),
                        "{template}"
                    );
                }
            }
        }
    }

    #[test]
    fn lines_are_wrapped_between_words() {
        let text = wrap(&"word ".repeat(40), "> ");
        assert!(
            text.lines()
                .all(|l| l.len() <= 72 && l.starts_with("> word"))
        );
        let link = "x".repeat(100);
        assert_eq!(wrap(&link, ""), link);
        assert_eq!(wrap("a\n\nb", "> "), "> a\n>\n> b");
    }
}
