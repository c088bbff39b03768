//! The job `forget {user_id}`: nothing that says who the person was is left.
//!
//! What belongs to the person alone (every row that would go with theirs, so also of tables made later) is deleted. What
//! others need stays, by "Deleted person": tickets with their numbers and times, messages, ratings, events. In the texts
//! of their tickets the words that name them are struck out; what else somebody wrote stays, because the other side wrote
//! or relied on it.

use diesel::{
    prelude::*,
    sql_types::{Text, Uuid as SqlUuid},
};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use uuid::Uuid;

use crate::{
    app::App,
    db::{Tx, ids::UserId},
    events::{self, Event, EventKind},
    http::Origin,
    jobs::Outcome,
    problem::Problem,
};

/// Tables that hold rows of a person and outlive them, without what names them.
const KEPT: &str = "'mails', 'ticket_reads'";

/// Everything by which the person was known, wherever they wrote it down.
const NAMES: &str = "\
SELECT name AS text FROM users WHERE id = $1 UNION SELECT email FROM users WHERE id = $1 \
UNION SELECT phone FROM users WHERE id = $1 \
UNION SELECT contact_name FROM tickets WHERE customer_id = $1 UNION SELECT contact_email FROM tickets WHERE customer_id = $1 \
UNION SELECT contact_phone FROM tickets WHERE customer_id = $1 \
UNION SELECT phone FROM texts WHERE user_id = $1 \
UNION SELECT email FROM identities WHERE user_id = $1 \
UNION SELECT old_email FROM email_changes WHERE user_id = $1 UNION SELECT new_email FROM email_changes WHERE user_id = $1 \
UNION SELECT to_email FROM mails WHERE user_id = $1";

/// Tickets whose texts may name the person: raised by them, or worked on.
const THEIRS: &str = "\
SELECT id FROM tickets WHERE customer_id = $1 OR assignee_id = $1 \
UNION SELECT ticket_id FROM messages WHERE author_id = $1 UNION SELECT ticket_id FROM moves WHERE actor_id = $1";

/// The person's row. Only when it is time, and once.
const PERSON: &str = "\
UPDATE users SET name = 'Deleted person', email = 'deleted+' || id || '@invalid', phone = NULL, phone_confirmed_at = NULL, avatar = NULL, \
 password_hash = NULL, locale = 'en', time_zone = 'UTC', failed_sign_ins = 0, failed_window_started_at = NULL, \
 password_change_required_at = NULL, last_seen_at = NULL, disabled_at = coalesce(disabled_at, now()), \
 anonymised_at = now(), deletion_due_at = NULL, updated_at = now(), version = version + 1 WHERE id = $1";

/// Texts of the person's tickets, with `$1` the person and `$2` what names them. What takes the place of a name is never
/// longer than it was, so that every limit still holds.
const TEXTS: &[&str] = &[
    "UPDATE tickets SET subject = regexp_replace(subject, $2, '[…]', 'gi'), \
     description = regexp_replace(description, $2, '[…]', 'gi'), \
     wanted_outcome = regexp_replace(wanted_outcome, $2, '[…]', 'gi'), \
     last_message_excerpt = regexp_replace(last_message_excerpt, $2, '[…]', 'gi'), version = version + 1 \
     WHERE id IN (THEIRS)",
    "UPDATE messages SET body = regexp_replace(body, $2, '[…]', 'gi') WHERE ticket_id IN (THEIRS) AND body ~* $2",
    "UPDATE moves SET data = data || jsonb_strip_nulls(jsonb_build_object(\
     'reason', regexp_replace(data->>'reason', $2, '[…]', 'gi'), \
     'note', regexp_replace(data->>'note', $2, '[…]', 'gi'))) \
     WHERE ticket_id IN (THEIRS) AND data ?| ARRAY['reason', 'note']",
    "UPDATE feedback SET comment = regexp_replace(comment, $2, '[…]', 'gi') WHERE ticket_id IN (THEIRS)",
    "UPDATE tickets SET contact_name = 'Deleted person', contact_email = 'deleted@invalid', contact_phone = NULL, \
     contact_channel = 'email', reference = NULL WHERE customer_id = $1 AND $2 <> ''",
];

/// Traces elsewhere, likewise.
const TRACES: &[&str] = &[
    "UPDATE mails SET to_email = 'deleted@invalid', params = '{}', \
     state = CASE WHEN state = 'queued' THEN 'dropped' ELSE state END WHERE user_id = $1 AND $2 <> ''",
    "UPDATE mails SET params = params - 'agent' WHERE template = 'ticket_assigned_customer' AND params->>'agent' ~* $2 \
     AND $1 IS NOT NULL",
    "DELETE FROM idempotency_keys WHERE actor_id = $1 OR response::text ~* $2",
    "DELETE FROM email_changes WHERE user_id = $1 OR old_email ~* $2 OR new_email ~* $2",
    "DELETE FROM provider_trips WHERE user_id = $1 OR email ~* $2",
    "DELETE FROM rate_counters WHERE subject = $1::text OR subject ~* $2",
    "UPDATE jobs SET last_error = NULL WHERE last_error ~* $2 AND $1 IS NOT NULL",
    "UPDATE events SET ip = NULL WHERE actor_id = $1 AND ip IS NOT NULL AND $2 <> ''",
];

/// Safe to run twice. Undone or put off in the meantime: nothing happens, the later request has a job of its own.
pub fn run(app: &App, payload: &Value) -> Result<Outcome, Problem> {
    let id = payload.get("user_id").and_then(Value::as_str);
    let id = id.and_then(|text| text.parse::<Uuid>().ok());
    let id = UserId(id.ok_or_else(|| Problem::internal("no user_id in the job"))?);
    app.jobs.write_blocking(|tx| {
        if is_due(tx, id)? {
            forget(tx, id)?;
        }
        Ok(Outcome::Done)
    })
}

#[derive(QueryableByName)]
struct Word {
    #[diesel(sql_type = Text)]
    text: String,
}

/// Locks the person, so that undoing waits or comes first.
fn is_due(tx: &mut Tx<'_>, id: UserId) -> Result<bool, Problem> {
    let due: Option<Word> = diesel::sql_query(
        "SELECT id::text AS text FROM users WHERE id = $1 AND deletion_due_at <= now() AND anonymised_at IS NULL FOR UPDATE",
    )
    .bind::<SqlUuid, _>(id)
    .get_result(&mut **tx)
    .optional()?;
    Ok(due.is_some())
}

fn forget(tx: &mut Tx<'_>, id: UserId) -> Result<(), Problem> {
    // Somebody may have worked on very many tickets.
    diesel::sql_query("SET LOCAL statement_timeout = '300s'").execute(&mut **tx)?;
    let known: Vec<Word> = diesel::sql_query(format!(
        "SELECT DISTINCT text FROM ({NAMES}) n WHERE text IS NOT NULL"
    ))
    .bind::<SqlUuid, _>(id)
    .load(&mut **tx)?;
    let names = pattern(&known);
    let texts = TEXTS.iter().map(|text| text.replace("THEIRS", THEIRS));
    for statement in texts.chain(TRACES.iter().map(ToString::to_string)) {
        diesel::sql_query(statement)
            .bind::<SqlUuid, _>(id)
            .bind::<Text, _>(&names)
            .execute(&mut **tx)?;
    }
    delete_owned(tx, id)?;
    diesel::sql_query(PERSON)
        .bind::<SqlUuid, _>(id)
        .execute(&mut **tx)?;
    let event = Event::about_user(EventKind::UserAnonymised, id, json!({}));
    events::emit(tx, &Origin::system(), event).map(drop)
}

/// Deletes every row that belongs to the person alone: those that the database would delete with theirs.
fn delete_owned(tx: &mut Tx<'_>, id: UserId) -> Result<(), Problem> {
    let owned: Vec<Word> = diesel::sql_query(format!(
        "SELECT format('DELETE FROM %s WHERE %I = $1', k.conrelid::regclass, a.attname) AS text FROM pg_constraint k \
         JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1] \
         WHERE k.contype = 'f' AND k.confrelid = 'users'::regclass AND k.confdeltype = 'c' \
         AND k.conrelid::regclass::text <> ALL (ARRAY[{KEPT}]) ORDER BY 1"
    ))
    .load(&mut **tx)?;
    for statement in owned {
        diesel::sql_query(statement.text)
            .bind::<SqlUuid, _>(id)
            .execute(&mut **tx)?;
    }
    Ok(())
}

/// What matches the names, addresses and numbers as a whole, and the single words of names. Used without regard to case:
/// somebody called Will loses a few more words than needed, in tickets of theirs only.
fn pattern(known: &[Word]) -> String {
    let mut all = BTreeSet::new();
    for Word { text } in known {
        let text = text.trim();
        if text.chars().count() < 3 {
            continue;
        }
        all.insert(literal(text));
        let digits: Vec<char> = text.chars().filter(char::is_ascii_digit).collect();
        let is_number = text
            .chars()
            .all(|c| c.is_ascii_digit() || " +-()./".contains(c));
        if is_number && digits.len() >= 6 {
            let spaced: Vec<String> = digits.iter().map(char::to_string).collect();
            all.insert(spaced.join("[-+ ()./]{0,2}"));
        } else if !text.contains('@') {
            let parts = text.split_whitespace().filter(|w| w.chars().count() >= 3);
            all.extend(parts.map(|word| format!("\\m{}\\M", literal(word))));
        }
    }
    // Every account has an address, so this is never empty.
    Vec::from_iter(all).join("|")
}

/// The text as a regular expression of PostgreSQL that means it literally.
fn literal(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        if c.is_ascii() && !c.is_ascii_alphanumeric() && !c.is_whitespace() {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_taken_literally() {
        let known = ["Ann (A.) O'Hara", "+49 30 1234567", "a.b@c.de", "Jo"];
        let known = known.map(|text| Word { text: text.into() });
        let pattern = pattern(&known);
        let parts: Vec<&str> = pattern.split('|').collect();
        for part in [
            "Ann \\(A\\.\\) O\\'Hara",
            "\\mAnn\\M",
            "\\mO\\'Hara\\M",
            "a\\.b\\@c\\.de",
        ] {
            assert!(parts.contains(&part), "{part} in {pattern}");
        }
        assert!(pattern.contains("4[-+ ()./]{0,2}9"), "{pattern}");
        assert!(
            !pattern.contains("Jo"),
            "too short to be told from other words"
        );
    }
}
