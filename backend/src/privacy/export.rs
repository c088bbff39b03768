//! The job `export {user_id, request}`: everything we hold about a person, in one archive.

use std::io::{Cursor, Write};

use diesel::{
    prelude::*,
    sql_types::{Bytea, Integer, Text, Uuid as SqlUuid},
};
use serde_json::{Map, Value, json};
use uuid::Uuid;
use zip::{ZipWriter, write::SimpleFileOptions};

use crate::{
    app::App,
    db::ids::UserId,
    events::{self, Event, EventKind},
    http::Origin,
    jobs::Outcome,
    places::Places,
    problem::Problem,
};

/// What each file holds: name, what it is, and the rows as SQL, where `$1` is the person. Columns are named one by one: no
/// key, hash or salt, and nothing about others but the names they go by in the person's own tickets.
const FILES: &[(&str, &str, &str)] = &[
    (
        "profile.json",
        "your account",
        "SELECT id, role, name, email, email_confirmed_at, phone, phone_confirmed_at, locale, time_zone, created_at, last_seen_at, \
         deletion_due_at FROM users WHERE id = $1",
    ),
    (
        "tickets.json",
        "the tickets you raised, with their conversations and what happened to them",
        "SELECT 'CCR-' || t.number AS number, t.kind, t.status, t.priority, t.subject, t.description, s.name AS service, \
         a.name AS assignee, t.contact_name, t.contact_email, t.contact_phone, t.contact_channel, t.against, \
         t.incident_date, t.reference, t.wanted_outcome, t.created_at, t.resolved_at, t.closed_at, \
         (SELECT coalesce(jsonb_agg(jsonb_build_object('seq', m.seq, 'side', m.side, 'author', u.name, 'body', m.body, \
           'created_at', m.created_at) ORDER BY m.seq), '[]') \
          FROM messages m JOIN users u ON u.id = m.author_id WHERE m.ticket_id = t.id) AS messages, \
         (SELECT coalesce(jsonb_agg(jsonb_build_object('seq', v.seq, 'kind', v.kind, 'data', v.data - 'note', \
           'created_at', v.created_at) ORDER BY v.seq), '[]') FROM moves v WHERE v.ticket_id = t.id) AS moves \
         FROM tickets t LEFT JOIN services s ON s.id = t.service_id LEFT JOIN users a ON a.id = t.assignee_id \
         WHERE t.customer_id = $1 ORDER BY t.number",
    ),
    (
        "messages.json",
        "every message you wrote",
        "SELECT 'CCR-' || t.number AS ticket, m.seq, m.body, m.created_at FROM messages m \
         JOIN tickets t ON t.id = m.ticket_id WHERE m.author_id = $1 ORDER BY m.created_at, m.seq",
    ),
    (
        "feedback.json",
        "ratings you gave or got",
        "SELECT 'CCR-' || t.number AS ticket, f.customer_id = $1 AS given_by_you, f.outcome_rating, f.agent_rating, \
         f.comment, f.created_at FROM feedback f JOIN tickets t ON t.id = f.ticket_id \
         WHERE f.customer_id = $1 OR f.agent_id = $1 ORDER BY f.created_at",
    ),
    (
        "read_marks.json",
        "up to where you have read",
        "SELECT 'CCR-' || t.number AS ticket, r.seq, r.read_at FROM ticket_reads r JOIN tickets t ON t.id = r.ticket_id \
         WHERE r.user_id = $1 ORDER BY t.number",
    ),
    (
        "sign_ins.json",
        "how you signed in, and attempts that failed",
        "SELECT created_at, outcome, method, provider, new_device, ip, user_agent FROM sign_ins \
         WHERE user_id = $1 ORDER BY created_at",
    ),
    (
        "sessions.json",
        "where you are and were signed in",
        "SELECT created_at, last_seen_at, expires_at, revoked_at, revoked_reason, method, provider, ip, user_agent \
         FROM sessions WHERE user_id = $1 ORDER BY created_at",
    ),
    (
        "devices.json",
        "browsers and programs we know you by",
        "SELECT first_seen_at, last_seen_at, forgotten_at FROM devices WHERE user_id = $1 ORDER BY first_seen_at",
    ),
    (
        "identities.json",
        "accounts elsewhere that sign you in here",
        "SELECT provider, issuer, subject, email, linked_at, last_used_at FROM identities \
         WHERE user_id = $1 ORDER BY linked_at",
    ),
    (
        "email_changes.json",
        "changes of your address",
        "SELECT old_email, new_email, created_at, changed_at, undone_at FROM email_changes \
         WHERE user_id = $1 ORDER BY created_at",
    ),
    (
        "security_questions.json",
        "your security questions; of the answers we have hashes only",
        "SELECT question, created_at FROM security_answers WHERE user_id = $1 ORDER BY position",
    ),
    (
        "second_factor.json",
        "your authenticator app, if you set one up",
        "SELECT confirmed_at AS since, bit_count(recovery_left::bit(32)) AS recovery_codes_left FROM second_factors \
         WHERE user_id = $1 AND confirmed_at IS NOT NULL",
    ),
    (
        "texts.json",
        "text messages we sent you",
        "SELECT phone, state, created_at, sent_at FROM texts WHERE user_id = $1 ORDER BY created_at",
    ),
    (
        "notifications.json",
        "what you chose to hear of",
        "SELECT topic, channel, enabled, updated_at FROM notification_choices WHERE user_id = $1 ORDER BY topic, channel",
    ),
    (
        "mails.json",
        "mails we sent you",
        "SELECT m.template, m.to_email, 'CCR-' || t.number AS ticket, m.state, m.created_at, m.sent_at \
         FROM mails m LEFT JOIN tickets t ON t.id = m.ticket_id WHERE m.user_id = $1 ORDER BY m.created_at",
    ),
    (
        "activity.json",
        "what you did here and what happened to your account",
        "SELECT id, kind, actor_id = $1 AS by_you, ticket_id, data, CASE WHEN actor_id = $1 THEN ip END AS ip, created_at \
         FROM events WHERE actor_id = $1 OR user_id = $1 ORDER BY id",
    ),
];

#[derive(QueryableByName)]
struct Rows {
    #[diesel(sql_type = Text)]
    text: String,
}

/// Safe to run twice: only the request that waits is answered, once.
pub fn run(app: &App, payload: &Value) -> Result<Outcome, Problem> {
    let (user_id, request) = parse(payload)?;
    let waits = "SELECT state AS text FROM exports WHERE user_id = $1 AND request = $2 AND state = 'preparing'";
    let files = app.jobs.write_blocking(|tx| {
        let waiting: Option<Rows> = diesel::sql_query(waits)
            .bind::<SqlUuid, _>(user_id)
            .bind::<SqlUuid, _>(request)
            .get_result(&mut **tx)
            .optional()?;
        match waiting {
            Some(_) => Ok(Some(gather(tx, user_id, &app.places)?)),
            None => Ok(None),
        }
    })?;
    let Some(files) = files else {
        return Ok(Outcome::Done);
    };
    let archive = pack(&files).map_err(Problem::internal)?;
    let days = app.config.privacy.export_days;
    app.jobs.write_blocking(|tx| {
        let kept = diesel::sql_query(
            "UPDATE exports SET state = 'ready', bytes = $3, ready_at = now(), \
             expires_at = now() + $4 * interval '1 day' \
             WHERE user_id = $1 AND request = $2 AND state = 'preparing'",
        )
        .bind::<SqlUuid, _>(user_id)
        .bind::<SqlUuid, _>(request)
        .bind::<Bytea, _>(&archive)
        .bind::<Integer, _>(days)
        .execute(&mut **tx)?;
        if kept == 1 {
            let event = Event::about_user(EventKind::ExportReady, user_id, json!({}));
            events::emit(tx, &Origin::system(), event)?;
        }
        Ok(Outcome::Done)
    })
}

/// After the last attempt: the person may ask again.
pub fn give_up(app: &App, payload: &Value) -> Result<(), Problem> {
    let (user_id, request) = parse(payload)?;
    app.jobs.write_blocking(|tx| {
        diesel::sql_query(
            "UPDATE exports SET state = 'failed' WHERE user_id = $1 AND request = $2 AND state = 'preparing'",
        )
        .bind::<SqlUuid, _>(user_id)
        .bind::<SqlUuid, _>(request)
        .execute(&mut **tx)?;
        Ok(())
    })
}

fn parse(payload: &Value) -> Result<(UserId, Uuid), Problem> {
    let id = |name: &str| payload.get(name)?.as_str()?.parse::<Uuid>().ok();
    match (id("user_id"), id("request")) {
        (Some(user), Some(request)) => Ok((UserId(user), request)),
        _ => Err(Problem::internal("no user_id or request in the job")),
    }
}

/// Name and contents.
type File = (String, Vec<u8>);

fn gather(conn: &mut PgConnection, user_id: UserId, places: &Places) -> Result<Vec<File>, Problem> {
    // A job may take longer than a request.
    diesel::sql_query("SET LOCAL statement_timeout = '60s'").execute(conn)?;
    let mut readme = String::from("Everything we hold about you.\n\n");
    let mut files = Vec::new();
    for (name, what, rows) in FILES {
        let query = format!(
            "SELECT jsonb_pretty(coalesce(jsonb_agg(to_jsonb(q)), '[]')) AS text FROM ({rows}) q"
        );
        let found: Rows = diesel::sql_query(query)
            .bind::<SqlUuid, _>(user_id)
            .get_result(conn)?;
        readme.push_str(&format!("{name}: {what}\n"));
        let text = match *name {
            "sign_ins.json" | "sessions.json" => with_places(&found.text, places)?,
            _ => found.text,
        };
        files.push(((*name).to_owned(), text.into_bytes()));
    }
    let picture: Option<Vec<u8>> = {
        use crate::db::schema::avatars;
        avatars::table
            .find(user_id)
            .select(avatars::bytes)
            .first(conn)
            .optional()?
    };
    if let Some(bytes) = picture {
        readme.push_str("avatar.jpg: your picture\n");
        files.push(("avatar.jpg".into(), bytes));
    }
    readme.push_str(
        "\nTimes are in UTC. Passwords, codes and keys are not in here: we do not have them.\n",
    );
    files.insert(0, ("README.txt".into(), readme.into_bytes()));
    Ok(files)
}

/// The rows, each with the place of its address, as its owner sees it in the application.
fn with_places(rows: &str, places: &Places) -> Result<String, Problem> {
    let mut rows: Vec<Map<String, Value>> =
        serde_json::from_str(rows).map_err(Problem::internal)?;
    for row in &mut rows {
        let place = row
            .get("ip")
            .and_then(Value::as_str)
            .and_then(|ip| places.name(ip));
        row.insert("place".into(), place.into());
    }
    serde_json::to_string_pretty(&rows).map_err(Problem::internal)
}

fn pack(files: &[File]) -> Result<Vec<u8>, zip::result::ZipError> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, contents) in files {
        archive.start_file(name.as_str(), SimpleFileOptions::default())?;
        archive.write_all(contents)?;
    }
    Ok(archive.finish()?.into_inner())
}
