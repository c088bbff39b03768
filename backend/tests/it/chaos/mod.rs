//! Nothing acknowledged is lost, nothing comes twice, and both sides read the same order, while servers and PostgreSQL
//! are killed under twenty people who are talking.
//!
//! `CARE_SEED=… cargo test -p care --test it chaos` repeats a run's choices (not its timing).

mod client;
mod ledger;
mod random;
mod reader;
mod shutdown;

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use care::{auth::token::Tokens, config::Secret};
use care_postgres::{Cluster, Options};
use diesel::{Connection as _, PgConnection};

use crate::harness::{Folder, PUBLIC_URL, Person, SECRET, Server, Ticket, rows};
use client::Client;
use ledger::Ledger;
use random::Random;
use reader::Reader;

const TICKETS: usize = 10;
/// Everything, kills and checks included: half a minute on two quiet cores.
const LIMIT: Duration = Duration::from_secs(120);

struct World {
    postgres: Cluster,
    servers: [Server; 2],
    random: Random,
}

/// One conversation: its ticket, and the two who write in it.
struct Pair {
    ticket: Ticket,
    people: [Person; 2],
}

impl World {
    fn start(folder: &Folder, random: Random) -> Self {
        let mut options = Options::new(format!("{}/postgres", folder.path()));
        options.notify = |_| {};
        let postgres = Cluster::start(options).unwrap_or_else(|e| panic!("{e}"));
        let url = postgres.url("care");
        let mut servers =
            [0, 1].map(|n| Server::start(&url, format!("{}/server-{n}.log", folder.path()), &[]));
        for server in &mut servers {
            server.wait_until_ready();
        }
        Self {
            postgres,
            servers,
            random,
        }
    }

    fn connection(&self) -> PgConnection {
        PgConnection::establish(&self.postgres.url("care")).unwrap()
    }

    async fn pairs(&self) -> Vec<Pair> {
        let tokens = Tokens::new(&Secret::new(SECRET), PUBLIC_URL, Duration::from_secs(900));
        let (conn, api) = (&mut self.connection(), &self.servers[0].api);
        let admin = Person::signed_in(conn, &tokens, api, "Cleo", "admin").unwrap();
        let mut pairs = Vec::new();
        for n in 0..TICKETS {
            let customer =
                Person::signed_in(conn, &tokens, api, &format!("Customer {n}"), "customer")
                    .unwrap();
            let agent =
                Person::signed_in(conn, &tokens, api, &format!("Agent {n}"), "agent").unwrap();
            let ticket = customer.opens_a_ticket().await;
            let ticket = admin.assigns(&ticket, &agent).await;
            pairs.push(Pair {
                ticket,
                people: [customer, agent],
            });
        }
        pairs
    }

    /// Kills each kind of process, alone and together, at moments that the seed chooses.
    async fn do_harm(&mut self) {
        for _ in 0..4 {
            self.pause(200, 900).await;
            let one = self.random.below(2);
            self.kill_servers(&[one]).await;
        }
        self.pause(200, 900).await;
        self.kill_servers(&[0, 1]).await;
        for server in [None, Some(0), Some(1)] {
            self.pause(300, 1200).await;
            self.kill_postgres();
            if let Some(n) = server {
                self.kill_servers(&[n]).await;
            }
            self.wait_for_all();
        }
        self.pause(300, 600).await;
    }

    async fn pause(&mut self, from: u64, to: u64) {
        let time = from + self.random.below((to - from) as usize) as u64;
        tokio::time::sleep(Duration::from_millis(time)).await;
    }

    async fn kill_servers(&mut self, which: &[usize]) {
        for n in which {
            self.servers[*n].kill();
        }
        self.pause(0, 400).await;
        for n in which {
            self.servers[*n].spawn();
        }
    }

    fn kill_postgres(&self) {
        let pid = self.postgres.postmaster_pid().expect("PostgreSQL runs");
        let pid = nix::unistd::Pid::from_raw(pid);
        nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGKILL).unwrap();
    }

    fn wait_for_all(&mut self) {
        self.servers.iter_mut().for_each(Server::wait_until_ready);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_message_is_lost_doubled_or_reordered() {
    let (seed, random) = Random::from_environment();
    println!("CARE_SEED={seed}");
    let folder = Folder::new("chaos");
    let run = tokio::time::timeout(LIMIT, chaos(&folder, random));
    assert!(run.await.is_ok(), "not done within {LIMIT:?}");
}

async fn chaos(folder: &Folder, mut random: Random) {
    let started = Instant::now();
    let mut world = World::start(folder, random.fork());
    let apis = world.servers.each_ref().map(|s| s.api.clone());
    let pairs = world.pairs().await;
    let stop = Arc::new(AtomicBool::new(false));

    let mut writing = Vec::new();
    let mut reading = Vec::new();
    for pair in &pairs {
        for person in &pair.people {
            let at_both = apis.each_ref().map(|api| person.at(api));
            let client = Client::new(at_both.clone(), pair.ticket.clone(), random.fork());
            writing.push(tokio::spawn(client.run(stop.clone())));
            reading.push(Reader::start(at_both, pair.ticket.clone(), random.fork()));
        }
    }
    world.do_harm().await;
    stop.store(true, Ordering::SeqCst);
    let mut ledgers = Vec::new();
    for client in writing {
        ledgers.push(client.await.expect("a client ran to its end"));
    }

    let mut seen = Seen::default();
    for (n, pair) in pairs.iter().enumerate() {
        let stored = stored(&mut world.connection(), &pair.ticket);
        Ledger::check(&ledgers[2 * n..2 * n + 2], &stored);
        for (k, person) in pair.people.iter().enumerate() {
            let read = person.at(&apis[k]);
            assert_eq!(
                reader::timeline(&read, &pair.ticket, 0).await.unwrap(),
                stored
            );
            // Hints alone brought the reader here; the last one may still be on its way.
            reading[2 * n + k].reaches(&stored).await;
        }
        seen.messages += stored.len();
        seen.acknowledged += ledgers[2 * n..2 * n + 2]
            .iter()
            .map(Ledger::acknowledged)
            .sum::<usize>();
    }
    let dead = rows(
        &mut world.connection(),
        "SELECT kind, last_error FROM jobs WHERE state = 'dead'",
    );
    assert!(dead.is_empty(), "{dead:#?}");
    for server in &world.servers {
        let log = server.log();
        assert!(!log.contains("panicked"), "{log}");
    }
    let retries: usize = ledgers.iter().map(|l| l.retries).sum();
    println!(
        "{} messages, {} acknowledged, {retries} repeated requests, {:?}",
        seen.messages,
        seen.acknowledged,
        started.elapsed()
    );
    assert!(
        retries > 0 && seen.acknowledged > 100,
        "too little happened to show anything"
    );
}

#[derive(Default)]
struct Seen {
    messages: usize,
    acknowledged: usize,
}

/// The ticket's messages as (seq, text), after checking that its numbers have neither gap nor double.
fn stored(conn: &mut PgConnection, ticket: &Ticket) -> Vec<(i64, String)> {
    let id = &ticket.id;
    let entries = rows(
        conn,
        &format!(
            "SELECT seq, body FROM messages WHERE ticket_id = '{id}' UNION ALL
             SELECT seq, NULL FROM moves WHERE ticket_id = '{id}' ORDER BY seq"
        ),
    );
    let numbers: Vec<i64> = entries.iter().map(|e| e["seq"].as_i64().unwrap()).collect();
    let last = rows(
        conn,
        &format!("SELECT last_seq FROM tickets WHERE id = '{id}'"),
    );
    let last = last[0]["last_seq"].as_i64().unwrap();
    assert_eq!(
        numbers,
        (1..=last).collect::<Vec<_>>(),
        "the numbers of {}",
        ticket.number
    );
    let messages = entries
        .iter()
        .filter_map(|e| Some((e["seq"].as_i64()?, e["body"].as_str()?)));
    messages.map(|(seq, body)| (seq, body.to_owned())).collect()
}
