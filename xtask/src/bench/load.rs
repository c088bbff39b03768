//! The server under wrk against the same statements under pgbench, in turn on the same database.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use care_postgres::Cluster;
use serde_json::json;

use super::report::Report;
use super::{CLIENTS, CONNECTIONS, ROUNDS, Running, fill};
use crate::{Outcome, http, repo, shell};

pub const PASSWORD: &str = "bench bench bench";
/// bcrypt, cost 4, of [`PASSWORD`]: signing people in must not dominate the run.
pub const PASSWORD_HASH: &str = "$2b$04$zohhWKkXbmWNLc8ou9oHke9I/s3S.6OW32iSeGcZa8GLdGMwm0GTu";

/// The page of the list as one statement with its joins, at a random place.
const LIST_SQL: &str = "\\set days random(1, 360)
SELECT t.id, t.number, t.kind, t.status, t.priority, t.subject, t.last_seq, t.last_message_side, t.last_message_excerpt,
       t.last_message_at, t.created_at, t.updated_at, t.version, c.id, c.name, a.id, a.name, s.id, s.name, s.icon
FROM tickets t JOIN users c ON c.id = t.customer_id LEFT JOIN users a ON a.id = t.assignee_id
LEFT JOIN services s ON s.id = t.service_id
WHERE t.status = 'open' AND (t.updated_at, t.id) < (now() - :days * interval '1 day', 'ffffffff-ffff-ffff-ffff-ffffffffffff')
ORDER BY t.updated_at DESC, t.id DESC LIMIT 51;
";

/// The three statements of the server for a page of the list: the caller's session, the page after a cursor, and the names
/// on it. `{…}` is filled in for a place.
const PAGE_SQL: &str = include_str!("page.sql");

/// Items on a page of the list, when nobody asks for another number.
const PAGE: u64 = 50;

/// What the server runs for one message, in one transaction.
const POST_SQL: &str = include_str!("post.sql");

/// An agent with some of their tickets.
pub struct Agent {
    pub token: String,
    pub tickets: Vec<String>,
}

pub struct People {
    pub admin: String,
    pub agents: Vec<Agent>,
    /// A customer's token and ticket, for the live hint; the ticket is the first of `agents[0]`.
    pub customer: String,
}

impl People {
    pub fn sign_in(running: &Running, url: &str, cluster: &Cluster) -> Outcome<Self> {
        let token = |n: u64| -> Outcome<String> {
            let body = json!({ "email": format!("person{n}@bench.test"), "password": PASSWORD });
            let answer = http::post_json(running.address, "/api/v1/auth/sign-in", &body);
            let body = answer.map(|a| a.body).unwrap_or_default();
            let json: serde_json::Value = serde_json::from_str(&body).unwrap_or_default();
            json.get("access_token")
                .and_then(|t| t.as_str())
                .map(str::to_owned)
                .ok_or_else(|| format!("Sign-in failed: {body}"))
        };
        let mut agents = Vec::new();
        for n in 1..=20 {
            let sql = format!(
                "SELECT t.id FROM tickets t JOIN users a ON a.id = t.assignee_id
                 WHERE a.email = 'person{n}@bench.test' AND t.status = 'open' ORDER BY t.updated_at DESC LIMIT 200"
            );
            let tickets = fill::query(cluster, url, &sql)?
                .lines()
                .map(str::to_owned)
                .collect();
            agents.push(Agent {
                token: token(n)?,
                tickets,
            });
        }
        let first = agents
            .first()
            .and_then(|a| a.tickets.first())
            .cloned()
            .unwrap_or_default();
        let sql = format!(
            "SELECT substr(c.email, 7, position('@' in c.email) - 7) FROM tickets t
                           JOIN users c ON c.id = t.customer_id WHERE t.id = '{first}'"
        );
        let customer = fill::query(cluster, url, &sql)?
            .trim()
            .parse()
            .map_err(|_| "No open ticket.".to_owned())?;
        Ok(Self {
            admin: token(0)?,
            agents,
            customer: token(customer)?,
        })
    }
}

/// One round of requests.
struct Rate {
    per_second: f64,
    p50_ms: f64,
    p99_ms: f64,
}

pub struct Run<'a> {
    pub cluster: &'a Cluster,
    pub url: &'a str,
    pub server: &'a Running,
    pub people: &'a People,
    pub tickets: u64,
    pub seconds: u64,
}

impl Run<'_> {
    /// The ticket list at random places.
    pub fn list(&self, report: &mut Report) -> Outcome {
        let cursors = self.cursors("random() < 0.02 LIMIT 2000")?;
        let paths: Vec<String> = cursors
            .iter()
            .map(|c| format!("/api/v1/tickets?status=open&limit=50&cursor={c}"))
            .collect();
        let lua = self.file("list.lua", &lua_get(&paths, &self.people.admin))?;
        let joined = vec![self.file("list.sql", LIST_SQL)?];
        let against = [
            ("GET list : pgbench, same statements", 0.60, self.places()?),
            ("GET list : pgbench, one joined statement", 0.75, joined),
        ];
        let tails = self.rounds("GET list", &lua, &against, report)?;
        report.add(
            "p99 : p50 of GET list, 32 clients",
            median(tails),
            "<=",
            6.0,
            "",
        );
        Ok(())
    }

    /// A message into a random ticket.
    pub fn post(&self, report: &mut Report) -> Outcome {
        let mut pairs = Vec::new();
        for agent in &self.people.agents {
            pairs.extend(
                agent
                    .tickets
                    .iter()
                    .map(|t| (agent.token.as_str(), t.as_str())),
            );
        }
        let lua = self.file("post.lua", &lua_post(&pairs))?;
        fill::query(
            self.cluster,
            self.url,
            "DROP TABLE IF EXISTS bench_tickets;
             CREATE TABLE bench_tickets AS SELECT row_number() OVER () AS n, t.* FROM (SELECT t.id, t.assignee_id, t.customer_id
                FROM tickets t JOIN users a ON a.id = t.assignee_id WHERE a.role = 'agent' AND t.status = 'open'
                ORDER BY t.updated_at DESC LIMIT 4000) t;
             CREATE UNIQUE INDEX ON bench_tickets (n);
             ANALYZE bench_tickets",
        )?;
        let same = vec![self.file("post.sql", POST_SQL)?];
        let against = [("POST message : pgbench, same statements", 0.70, same)];
        self.rounds("POST message", &lua, &against, report)?;
        Ok(())
    }

    /// The first page against the ten-thousandth (of few tickets: the one in the middle), one request at a time.
    pub fn depth(&self, report: &mut Report) -> Outcome {
        let page = (self.tickets / PAGE / 2).min(10_000);
        shell::step(&format!("page 1 and page {page}"));
        let deep = self.cursors(&format!(
            "true ORDER BY updated_at DESC, id DESC OFFSET {} LIMIT 1",
            (page - 1) * PAGE - 1
        ))?;
        let deep = deep
            .first()
            .ok_or("There are too few tickets for a second page.")?;
        let first = "/api/v1/tickets?limit=50".to_owned();
        let deep = format!("{first}&cursor={deep}");
        let mut times = [Vec::new(), Vec::new()];
        for _ in 0..300 {
            for (path, times) in [&first, &deep].into_iter().zip(&mut times) {
                let start = Instant::now();
                let answer = http::get_as(self.server.address, path, &self.people.admin);
                if answer.is_none_or(|a| a.status != 200) {
                    return Err(format!("{path} failed."));
                }
                times.push(start.elapsed().as_secs_f64() * 1e3);
            }
        }
        let [shallow, deep] = times.map(median);
        report.add(
            &format!("page {page} : page 1, median time"),
            deep / shallow,
            "<=",
            1.5,
            &format!("{deep:.2} ms : {shallow:.2} ms"),
        );
        Ok(())
    }

    fn cursors(&self, which: &str) -> Outcome<Vec<String>> {
        let sql = format!(
            "SELECT replace(translate(encode(int8send((extract(epoch FROM updated_at) * 1000000)::bigint) || uuid_send(id),
             'base64'), '+/=', '-_'), E'\\n', '') FROM tickets WHERE {which}"
        );
        Ok(fill::query(self.cluster, self.url, &sql)?
            .lines()
            .map(str::to_owned)
            .collect())
    }

    fn file(&self, name: &str, text: &str) -> Outcome<PathBuf> {
        let path = repo::target().join(format!("bench-{name}"));
        fs::write(&path, text).map_err(|e| format!("{}: {e}", path.display()))?;
        Ok(path)
    }

    /// [`PAGE_SQL`] at some places of the list, each with the names that its page mentions.
    fn places(&self) -> Outcome<Vec<PathBuf>> {
        let pages = fill::query(
            self.cluster,
            self.url,
            "SELECT p.updated_at, p.id, array_agg(DISTINCT t.customer_id) || array_agg(DISTINCT t.assignee_id)
                    FILTER (WHERE t.assignee_id IS NOT NULL), array_agg(DISTINCT t.service_id)
             FROM (SELECT updated_at, id FROM tickets WHERE status = 'open' ORDER BY random() LIMIT 24) p
             CROSS JOIN LATERAL (SELECT customer_id, assignee_id, service_id FROM tickets
                 WHERE status = 'open' AND (updated_at, id) < (p.updated_at, p.id)
                 ORDER BY updated_at DESC, id DESC LIMIT 51) t GROUP BY 1, 2",
        )?;
        let session = fill::query(
            self.cluster,
            self.url,
            "SELECT s.id || '|' || s.user_id FROM sessions s JOIN users u ON u.id = s.user_id WHERE u.role = 'admin' LIMIT 1",
        )?;
        let (session, user) = session
            .trim()
            .split_once('|')
            .ok_or("The admin has no session.")?;
        let place = |(n, page): (usize, &str)| {
            let mut parts = page.split('|');
            let mut sql = PAGE_SQL
                .replace("{session}", session)
                .replace("{user}", user);
            for name in ["{at}", "{id}", "{people}", "{services}"] {
                sql = sql.replace(name, parts.next().unwrap_or_default());
            }
            self.file(&format!("page-{n}.sql"), &sql)
        };
        pages.lines().enumerate().map(place).collect()
    }

    /// The server's rate and then pgbench's on each of the scripts, in turn. The ratios go into the report; gives p99 : p50 of
    /// each round.
    fn rounds(
        &self,
        what: &str,
        lua: &std::path::Path,
        against: &[(&str, f64, Vec<PathBuf>)],
        report: &mut Report,
    ) -> Outcome<Vec<f64>> {
        let (mut ours, mut micros) = (Vec::new(), Vec::new());
        let mut theirs = vec![Vec::new(); against.len()];
        shell::step(&format!("{what}, {ROUNDS} rounds"));
        self.wrk(lua, 2)?;
        for _ in 0..ROUNDS {
            self.drained()?;
            let cpu = self.server.cpu_seconds();
            let rate = self.wrk(lua, self.seconds)?;
            let requests = rate.per_second * self.seconds as f64;
            micros.push((self.server.cpu_seconds() - cpu) * 1e6 / requests);
            ours.push(rate);
            for ((_, _, scripts), rates) in against.iter().zip(&mut theirs) {
                rates.push(self.pgbench(scripts)?);
            }
        }
        let of = |value: fn(&Rate) -> f64| median(ours.iter().map(value).collect());
        let served = format!(
            "{:.0}/s (p50 {:.1} ms, p99 {:.1} ms, {:.0} us server CPU)",
            of(|rate| rate.per_second),
            of(|rate| rate.p50_ms),
            of(|rate| rate.p99_ms),
            median(micros),
        );
        for ((name, bar, _), theirs) in against.iter().zip(theirs) {
            let mut ratios: Vec<f64> = ours
                .iter()
                .zip(&theirs)
                .map(|(ours, theirs)| ours.per_second / theirs)
                .collect();
            ratios.sort_by(f64::total_cmp);
            let (least, most) = (ratios.first(), ratios.last());
            let detail = format!(
                "{:.2} to {:.2}; {served} : {:.0}/s",
                least.unwrap_or(&f64::NAN),
                most.unwrap_or(&f64::NAN),
                median(theirs)
            );
            report.add(name, median(ratios), ">=", *bar, &detail);
        }
        Ok(ours.iter().map(|rate| rate.p99_ms / rate.p50_ms).collect())
    }

    /// Waits until the server has done the work that earlier rounds left to it.
    fn drained(&self) -> Outcome {
        let due = "SELECT count(*) FROM jobs WHERE state = 'ready' AND run_at <= now()";
        while fill::query(self.cluster, self.url, due)?.trim() != "0" {
            std::thread::sleep(Duration::from_millis(100));
        }
        Ok(())
    }

    fn wrk(&self, lua: &std::path::Path, seconds: u64) -> Outcome<Rate> {
        let mut command = Command::new("wrk");
        command
            .args(["-t2", "--latency", "--timeout", "10s"])
            .arg(format!("-c{CLIENTS}"))
            .arg(format!("-d{seconds}s"));
        let output = command
            .arg("-s")
            .arg(lua)
            .arg(format!("http://{}", self.server.address))
            .output();
        let text = String::from_utf8_lossy(
            &output
                .map_err(|e| format!("wrk could not be run: {e}"))?
                .stdout,
        )
        .into_owned();
        if text.contains("Non-2xx") {
            return Err(format!("The server answered errors:\n{text}"));
        }
        let after = |word: &str| {
            text.lines()
                .find_map(|l| l.trim().strip_prefix(word))
                .map(|v| v.trim().to_owned())
                .unwrap_or_default()
        };
        Ok(Rate {
            per_second: after("Requests/sec:")
                .parse()
                .map_err(|_| format!("wrk said:\n{text}"))?,
            p50_ms: milliseconds(&after("50%")),
            p99_ms: milliseconds(&after("99%")),
        })
    }

    /// Transactions per second; each runs one of the scripts.
    fn pgbench(&self, scripts: &[PathBuf]) -> Outcome<f64> {
        let mut pgbench = Command::new(self.cluster.bin_dir().join("pgbench"));
        pgbench
            .args(["-n", "-M", "prepared", "-j", "2"])
            .args(["-c", &CONNECTIONS.to_string()])
            .args(["-T", &self.seconds.to_string()]);
        for script in scripts {
            pgbench.arg("-f").arg(script);
        }
        let output = pgbench
            .arg(self.url)
            .env(
                "PGOPTIONS",
                "-c plan_cache_mode=force_generic_plan -c enable_memoize=off",
            )
            .output()
            .map_err(|e| format!("pgbench could not be run: {e}"))?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let tps = text
            .lines()
            .filter(|_| output.status.success())
            .find_map(|l| l.strip_prefix("tps = "))
            .and_then(|l| l.split(' ').next()?.parse().ok());
        tps.ok_or_else(|| {
            format!(
                "pgbench said:\n{text}{}",
                String::from_utf8_lossy(&output.stderr)
            )
        })
    }
}

fn lua_get(paths: &[String], token: &str) -> String {
    let list: Vec<String> = paths.iter().map(|p| format!("{p:?}")).collect();
    format!(
        "local paths = {{{}}}\nwrk.headers['Authorization'] = 'Bearer {token}'\n\
         function request() return wrk.format('GET', paths[math.random(#paths)]) end\n",
        list.join(",\n")
    )
}

fn lua_post(pairs: &[(&str, &str)]) -> String {
    let list: Vec<String> = pairs
        .iter()
        .map(|(token, ticket)| format!("{{{token:?},{ticket:?}}}"))
        .collect();
    format!(
        "local pairs = {{{}}}\nlocal body = '{{\"body\":\"Thank you, I have found both payments and will return one today.\"}}'\n\
         local n, run = 0, tostring(math.random(1e9)) .. tostring(os.time())\n\
         function request()\n  local p = pairs[math.random(#pairs)]\n  n = n + 1\n\
           return wrk.format('POST', '/api/v1/tickets/' .. p[2] .. '/messages', {{['Authorization'] = 'Bearer ' .. p[1],\n\
             ['Content-Type'] = 'application/json', ['Idempotency-Key'] = tostring(pairs) .. run .. n}}, body)\nend\n",
        list.join(",\n")
    )
}

fn milliseconds(text: &str) -> f64 {
    let number: String = text
        .chars()
        .take_while(|c| c.is_ascii_digit() || *c == '.')
        .collect();
    let value: f64 = number.parse().unwrap_or(f64::NAN);
    match text.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.') {
        "us" => value / 1e3,
        "s" => value * 1e3,
        _ => value,
    }
}

pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
