//! Filling: 50,000 customers, 200 agents, a million tickets with a message and a first move each, by SQL.

use std::process::Command;
use std::time::Instant;

use care_postgres::Cluster;

use crate::{Outcome, repo, server, shell};

const CUSTOMERS: u64 = 50_000;
const AGENTS: u64 = 200;

pub fn fill(cluster: &Cluster, url: &str, tickets: u64) -> Outcome {
    if count(cluster, url) == Some(tickets) {
        shell::step("the database of the last run is still there");
        return Ok(());
    }
    shell::step("migrating");
    let mut migrate = Command::new(repo::target().join("ship/care"));
    server::without_settings(&mut migrate)
        .arg("migrate")
        .env("DATABASE_URL", url)
        .env("CARE_SECRET", "b3nch-0nly-9f3kD02mvLq8Zt61bWx7Rc5NyPe4")
        .env("CARE_MAIL", "memory");
    shell::run(&mut migrate)?;
    shell::step(&format!("filling in {tickets} tickets (a few minutes)"));
    let start = Instant::now();
    for sql in [&*script(tickets), "VACUUM ANALYZE", "CHECKPOINT"] {
        query(cluster, url, sql)?;
    }
    shell::step(&format!("filled in {:.0} s", start.elapsed().as_secs_f64()));
    Ok(())
}

fn count(cluster: &Cluster, url: &str) -> Option<u64> {
    query(cluster, url, "SELECT count(*) FROM tickets")
        .ok()?
        .trim()
        .parse()
        .ok()
}

/// The script's output, unaligned, tuples only.
pub fn query(cluster: &Cluster, url: &str, sql: &str) -> Outcome<String> {
    let output = Command::new(cluster.bin_dir().join("psql"))
        .args([
            "-X",
            "-q",
            "-A",
            "-t",
            "-v",
            "ON_ERROR_STOP=1",
            "-c",
            sql,
            url,
        ])
        .output()
        .map_err(|e| format!("psql could not be run: {e}"))?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Ids are time-ordered like the product's own (UUIDv7); rows are spread over a year; three in ten tickets are open.
fn script(tickets: u64) -> String {
    format!(
        "SET synchronous_commit = off;
CREATE FUNCTION pg_temp.v7(at timestamptz) RETURNS uuid LANGUAGE sql VOLATILE AS $$
    SELECT (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '7' || substr(md5(random()::text), 1, 3)
            || 'a' || substr(md5(random()::text), 1, 15))::uuid $$;
TRUNCATE users, sessions, services, tickets, messages, moves, events, jobs, mails, feedback CASCADE;
INSERT INTO users (id, role, name, email, email_confirmed_at, password_hash, created_at)
SELECT pg_temp.v7(now() - interval '400 days' + n * interval '10 minutes'),
       CASE WHEN n = 0 THEN 'admin' WHEN n <= {AGENTS} THEN 'agent' ELSE 'customer' END,
       'Person ' || n, 'person' || n || '@bench.test', now(), '{hash}',
       now() - interval '400 days' + n * interval '10 minutes'
FROM generate_series(0, {AGENTS} + {CUSTOMERS}) n;
INSERT INTO services (id, name, position) SELECT pg_temp.v7(now()), 'Service ' || n, n FROM generate_series(1, 12) n;
CREATE TEMP TABLE agent_ids AS SELECT row_number() OVER (ORDER BY id) - 1 AS n, id FROM users WHERE role = 'agent';
CREATE TEMP TABLE customer_ids AS SELECT row_number() OVER (ORDER BY id) - 1 AS n, id, name, email FROM users WHERE role = 'customer';
CREATE TEMP TABLE service_ids AS SELECT row_number() OVER (ORDER BY id) - 1 AS n, id FROM services;
INSERT INTO tickets (id, number, kind, status, priority, subject, description, service_id, customer_id, assignee_id,
    contact_name, contact_email, last_seq, last_message_side, last_message_excerpt, last_message_at, created_at, updated_at)
SELECT pg_temp.v7(t.at), 1000 + t.n, (ARRAY['question', 'request', 'complaint'])[1 + t.n % 3],
       CASE WHEN t.n % 10 < 3 THEN 'open' WHEN t.n % 10 = 3 THEN 'pending' WHEN t.n % 10 = 4 THEN 'on_hold'
            WHEN t.n % 10 = 5 THEN 'resolved' ELSE 'closed' END,
       (ARRAY['normal', 'normal', 'high', 'low', 'urgent'])[1 + t.n % 5],
       'Charged twice for order ' || t.n, repeat('The amount was taken from my account twice. ', 8),
       s.id, c.id, CASE WHEN t.n % 20 = 0 THEN NULL ELSE a.id END, c.name, c.email, 2, 'customer',
       'Could you look into this, please?', t.at, t.at, t.at + interval '1 hour'
FROM (SELECT n, now() - interval '365 days' + n * (interval '364 days' / {tickets}) AS at
      FROM generate_series(1, {tickets}) n) t
-- The rounds shift, so that nobody has tickets of one status only.
JOIN service_ids s ON s.n = t.n / 7 % 12
JOIN customer_ids c ON c.n = (t.n::bigint * 7919 + t.n / {CUSTOMERS}) % {CUSTOMERS}
JOIN agent_ids a ON a.n = (t.n * 31 + t.n / {AGENTS}) % {AGENTS};
INSERT INTO moves (ticket_id, seq, kind, actor_id, created_at)
SELECT id, 1, 'created', customer_id, created_at FROM tickets;
INSERT INTO messages (id, ticket_id, seq, author_id, side, body, created_at)
SELECT pg_temp.v7(created_at), id, 2, customer_id, 'customer', 'Could you look into this, please?', created_at FROM tickets;
SELECT setval('ticket_numbers', 2000 + {tickets});",
        hash = super::load::PASSWORD_HASH,
    )
}
