//! Writing the rows: one statement per table.

use chrono::{DateTime, Utc};
use diesel::{
    prelude::*,
    sql_types::{BigInt, Bool, Jsonb, Timestamptz},
};
use serde_json::{Value, json};

use crate::{db::Tx, problem::Problem};

use super::rows::Rows;

/// Whether this transaction is the one to fill the database: it waits for others that try, then looks.
pub fn take_turn(tx: &mut Tx<'_>) -> Result<bool, Problem> {
    #[derive(QueryableByName)]
    struct Empty {
        #[diesel(sql_type = Bool)]
        empty: bool,
    }
    diesel::sql_query("SELECT pg_advisory_xact_lock(7230914417)").execute(&mut **tx)?;
    let found: Empty = diesel::sql_query(
        "SELECT NOT EXISTS (SELECT 1 FROM users) AND NOT EXISTS (SELECT 1 FROM services) AS empty",
    )
    .get_result(&mut **tx)?;
    Ok(found.empty)
}

/// The database's clock.
pub fn now(tx: &mut Tx<'_>) -> Result<DateTime<Utc>, Problem> {
    #[derive(QueryableByName)]
    struct Now {
        #[diesel(sql_type = Timestamptz)]
        now: DateTime<Utc>,
    }
    let row: Now = diesel::sql_query("SELECT now() AS now").get_result(&mut **tx)?;
    Ok(row.now)
}

/// Gives the tickets their numbers, oldest first.
pub fn number(tx: &mut Tx<'_>, rows: &mut Rows) -> Result<(), Problem> {
    #[derive(QueryableByName)]
    struct Number {
        #[diesel(sql_type = BigInt)]
        n: i64,
    }
    let count = i64::try_from(rows.tickets.len()).unwrap_or_default();
    let numbers: Vec<Number> =
        diesel::sql_query("SELECT nextval('ticket_numbers') AS n FROM generate_series(1, $1)")
            .bind::<BigInt, _>(count)
            .load(&mut **tx)?;
    for (ticket, number) in rows.tickets.iter_mut().zip(numbers) {
        if let Some(ticket) = ticket.as_object_mut() {
            ticket.insert("number".into(), json!(number.n));
        }
    }
    Ok(())
}

/// Table and columns with their types; the rows are JSON objects with these names.
const TABLES: [(&str, &str); 8] = [
    (
        "users",
        "id uuid, role text, name text, email text, password_hash text, time_zone text, email_confirmed_at timestamptz, \
         created_at timestamptz, updated_at timestamptz",
    ),
    (
        "services",
        "id uuid, name text, description text, icon text, position integer, created_at timestamptz, updated_at timestamptz",
    ),
    (
        "tickets",
        "id uuid, number bigint, kind text, status text, priority text, subject text, description text, service_id uuid, \
         customer_id uuid, assignee_id uuid, contact_name text, contact_email text, contact_channel text, against text, \
         wanted_outcome text, last_seq integer, last_message_side text, last_message_excerpt text, \
         last_message_at timestamptz, first_reply_at timestamptz, resolved_at timestamptz, closed_at timestamptz, \
         reopen_until timestamptz, created_at timestamptz, updated_at timestamptz, version integer",
    ),
    (
        "messages",
        "id uuid, ticket_id uuid, seq integer, author_id uuid, side text, body text, created_at timestamptz",
    ),
    (
        "moves",
        "ticket_id uuid, seq integer, kind text, actor_id uuid, data jsonb, created_at timestamptz",
    ),
    (
        "ticket_reads",
        "ticket_id uuid, user_id uuid, seq integer, read_at timestamptz",
    ),
    (
        "feedback",
        "ticket_id uuid, customer_id uuid, agent_id uuid, outcome_rating smallint, agent_rating smallint, comment text, \
         created_at timestamptz, updated_at timestamptz",
    ),
    (
        "mails",
        "id uuid, message_id text, user_id uuid, ticket_id uuid, to_email text, template text, params jsonb, state text, \
         created_at timestamptz, sent_at timestamptz",
    ),
];

/// Writes everything.
pub fn insert(tx: &mut Tx<'_>, rows: &Rows) -> Result<(), Problem> {
    let all = [
        &rows.users,
        &rows.services,
        &rows.tickets,
        &rows.messages,
        &rows.moves,
        &rows.reads,
        &rows.feedback,
        &rows.mails,
    ];
    for ((table, columns), rows) in TABLES.iter().zip(all) {
        let names: Vec<&str> = columns
            .split(", ")
            .filter_map(|c| c.split_whitespace().next())
            .collect();
        let names = names.join(", ");
        diesel::sql_query(format!(
            "INSERT INTO {table} ({names}) SELECT {names} FROM jsonb_to_recordset($1) AS r ({columns})"
        ))
        .bind::<Jsonb, _>(Value::Array(rows.clone()))
        .execute(&mut **tx)?;
    }
    Ok(())
}
