//! Facts in, text and HTML out. Each template is one file for each language that is rendered twice, so the two never say
//! different things; `parts.txt` and `parts.html` know how a paragraph or a button looks, `layout.*` put the frame around.

use std::sync::LazyLock;

use minijinja::{Environment, Error, ErrorKind, Value, context, value::Serde};
use serde::Serialize;

use crate::locale::Locale;

use super::{
    Template,
    message::{Line, SUBJECT_CHARS},
};

/// What every template may say.
#[derive(Debug, Serialize)]
pub struct Facts {
    /// The language of the recipient.
    pub locale: Locale,
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
    let locale = facts.locale;
    let facts = Value::from(Serde(facts));
    let named = env.get_template(&format!("{locale}/{template}.{format}"))?;
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
    for (locale, template) in all() {
        for format in ["txt", "html"] {
            let name = format!("{locale}/{template}.{format}");
            env.add_template_owned(name, source(template, locale))?;
        }
    }
    Ok(env)
}

/// Every mail in every language.
fn all() -> impl Iterator<Item = (Locale, Template)> {
    let locales = Locale::ALL.iter();
    locales.flat_map(|locale| Template::ALL.iter().map(|template| (*locale, *template)))
}

/// Every template is there in every language, or this does not compile.
macro_rules! sources {
    ($($variant:ident = $file:literal),* $(,)?) => {
        fn source(template: Template, locale: Locale) -> &'static str {
            match (template, locale) {
                $(
                    (Template::$variant, Locale::En) => include_str!(concat!("templates/en/", $file, ".jinja")),
                    (Template::$variant, Locale::Ta) => include_str!(concat!("templates/ta/", $file, ".jinja")),
                )*
            }
        }
    };
}

templates!(sources);

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
    use std::collections::BTreeSet;

    use super::{super::words, *};

    fn facts(locale: Locale) -> Facts {
        let [raised, due] =
            ["2026-11-21T09:30:00Z", "2026-12-05T09:30:00Z"].map(|t| t.parse().unwrap());
        Facts {
            locale,
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
                kind: words::code("complaint", locale),
                subject: "Card charged twice & <not> refunded".into(),
                priority: words::code("high", locale),
                customer: "Ann O’Hara <b>".into(),
                service: Some("Cards".into()),
                created: words::day(raised, locale),
                reopen_until: Some(words::day(due, locale)),
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
                at: words::minute(raised, locale),
                reason: Some("Refund made".into()),
                note: Some("Second charge, see the statement".into()),
            },
            messages: vec![Said {
                author: "Ravi Kumar".into(),
                at: words::minute(raised, locale),
                text: "We found the second charge.\n\nIt is <b>refunded</b> & should show within three working days; \
                       please tell us if it does not."
                    .into(),
            }],
            unread: 3,
            params: serde_json::json!({
                "agent": "Ravi Kumar", "minutes": 15, "days": 7, "due": words::day(due, locale), "provider": "Google",
                "device": words::device(Some("Firefox"), Some("Windows"), locale), "ip": "203.0.113.7",
                "place": "Linköping, Sweden", "left": 9,
            }),
        }
    }

    #[test]
    fn every_template_looks_as_reviewed() {
        for (locale, template) in all() {
            let mail = render(template, &facts(locale))
                .unwrap_or_else(|e| panic!("{locale}/{template}: {e:#}"));
            let name = match locale {
                Locale::En => template.to_string(),
                other => format!("{template}.{other}"),
            };
            insta::assert_snapshot!(
                format!("{name}.txt"),
                format!("Subject: {}\n\n{}", mail.subject.as_str(), mail.text)
            );
            insta::assert_snapshot!(format!("{name}.html"), mail.html);
        }
    }

    #[test]
    fn subjects_fit_lines_fit_and_text_is_literal() {
        for (locale, template) in all() {
            let mut facts = facts(locale);
            if let Some(ticket) = &mut facts.ticket {
                ticket.subject = "{{7*7}}\r\nBcc: eve@x.test ".repeat(100);
            }
            facts.messages[0].text = "<img src=x onerror=alert(1)> {{ 7*7 }} {% for %}".into();
            let mail = render(template, &facts).unwrap();
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
        let unproven = [
            Template::ConfirmEmail,
            Template::LinkIdentity,
            Template::ChangeEmail,
        ];
        for (locale, template) in all().filter(|(_, template)| unproven.contains(template)) {
            let mail = render(template, &facts(locale)).unwrap();
            for text in [mail.subject.as_str(), &mail.text, &mail.html] {
                assert!(!text.contains("Hara"), "{text}");
            }
        }
    }

    #[test]
    fn all_links_start_with_the_public_address() {
        for (locale, template) in all() {
            let mail = render(template, &facts(locale)).unwrap();
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

    /// Whatever the language: the same links, codes, numbers and days, in words of that language.
    #[test]
    fn a_mail_says_the_same_in_every_language() {
        let exact = |text: &str| {
            let links = text.split_whitespace().filter(|word| word.contains("://"));
            let numbers = text.split(|c: char| !c.is_ascii_digit());
            let all = links.chain(numbers).filter(|part| !part.is_empty());
            all.map(str::to_owned).collect::<BTreeSet<_>>()
        };
        for template in Template::ALL {
            for side in ["customer", "agent"] {
                let [english, tamil] = [Locale::En, Locale::Ta].map(|locale| {
                    let mut facts = facts(locale);
                    facts.recipient.side = side;
                    render(*template, &facts).unwrap()
                });
                assert_eq!(exact(&english.text), exact(&tamil.text), "{template}");
                let subjects = [&english, &tamil].map(|mail| exact(mail.subject.as_str()));
                assert_eq!(subjects[0], subjects[1], "{template}");
                assert!(tamil.html.contains("<html lang=\"ta\""), "{template}");
                assert!(english.html.contains("<html lang=\"en\""), "{template}");
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
