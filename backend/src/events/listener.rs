//! The one thread per process that follows the events: it LISTENs, reads what was committed, hands hints to the hub and
//! tells the other replicas.
//!
//! NOTIFY is only a doorbell: what happened is read from the table, after a cursor that waits for transactions that are
//! still running, so nothing is skipped and nothing is told twice, whoever commits in whatever order, whatever restarts.
//! NOTIFY is never sent inside a transaction of a change: it would take one lock for all commits of the cluster.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use diesel::{
    Connection as _, PgConnection, QueryResult, RunQueryDsl,
    connection::SimpleConnection,
    sql_types::{Array, Integer, Text},
};
use flume::RecvTimeoutError;

use super::{
    bell::Ear,
    live::Live,
    presence::Presence,
    reader::{Cursor, read},
    recheck::recheck,
    teller,
};

/// How often notifications are looked for: libpq has no way to wait for both them and our own bell.
const POLL: Duration = Duration::from_millis(10);
/// Rings of this process go to the others at most this often.
const NOTIFY_EVERY: Duration = Duration::from_millis(20);
/// Events are read at most this often, …
const READ_EVERY: Duration = Duration::from_millis(4);
/// … and at least this often, in case a doorbell was missed.
const READ_AT_LEAST_EVERY: Duration = Duration::from_secs(1);
/// How often the sessions behind all streams are asked for; a revoked one is closed within this and a bit.
const RECHECK_EVERY: Duration = Duration::from_secs(4);

/// How often the thread looks at what its owner wants watched.
const WATCH_EVERY: Duration = Duration::from_millis(500);

/// What else the thread looks at: first of all on every connection, twice a second, and whenever a switch was turned.
/// Answers whether all sessions may have ended.
pub type Watch = Box<dyn FnMut(&mut PgConnection) -> QueryResult<bool> + Send>;

/// The running thread.
pub struct Listener {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<()>,
}

impl Listener {
    /// Follows the events from now on: what is committed after this returns is told. `ear` hears this process's commits.
    /// What is watched has been looked at once.
    pub fn start(live: Live, ear: Ear, mut watch: Watch) -> Result<Self, String> {
        let stop = Arc::new(AtomicBool::new(false));
        let mut conn = connect(live.url())?;
        let cursor = Cursor::now(&mut conn).map_err(|e| e.to_string())?;
        watch(&mut conn).map_err(|e| e.to_string())?;
        let mut following = Following {
            live,
            ear,
            watch,
            stop: stop.clone(),
            cursor,
            notify: false,
            presence: Presence::default(),
        };
        let thread = thread::Builder::new()
            .name("live".into())
            .spawn(move || following.run(conn))
            .map_err(|e| format!("cannot start the live thread: {e}"))?;
        Ok(Self { stop, thread })
    }

    pub fn stop(self) {
        self.stop.store(true, Ordering::SeqCst);
        // It may be waiting for a database that does not answer; the process need not wait with it.
        let patience = Instant::now() + Duration::from_secs(2);
        while !self.thread.is_finished() && Instant::now() < patience {
            thread::sleep(Duration::from_millis(2));
        }
        if self.thread.is_finished() && self.thread.join().is_err() {
            tracing::error!("the live thread had panicked");
        }
    }
}

struct Following {
    live: Live,
    ear: Ear,
    watch: Watch,
    stop: Arc<AtomicBool>,
    /// Up to where events have been told; survives reconnects.
    cursor: Cursor,
    /// Whether the other replicas have to be told that something was committed here.
    notify: bool,
    presence: Presence,
}

impl Following {
    fn stopped(&self) -> bool {
        self.stop.load(Ordering::SeqCst)
    }

    fn run(&mut self, conn: PgConnection) {
        let mut first = Some(conn);
        let mut pause = Duration::from_millis(50);
        while !self.stopped() {
            let connected = Instant::now();
            let conn = first.take().map_or_else(|| connect(self.live.url()), Ok);
            if let Err(error) = conn.and_then(|mut conn| self.follow(&mut conn)) {
                tracing::warn!(%error, "the live thread lost the database and will reconnect");
            }
            pause = if connected.elapsed() > Duration::from_secs(5) {
                Duration::from_millis(50)
            } else {
                (pause * 2).min(Duration::from_secs(1))
            };
            self.rest(pause);
        }
    }

    /// Waits without a database.
    fn rest(&mut self, pause: Duration) {
        let until = Instant::now() + pause;
        while !self.stopped() && Instant::now() < until {
            self.notify |= self.ear.events.recv_timeout(POLL).is_ok();
        }
    }

    fn follow(&mut self, conn: &mut PgConnection) -> Result<(), String> {
        let text = |e: diesel::result::Error| e.to_string();
        self.watch(conn).map_err(text)?;
        let own = own_pid(conn).map_err(text)?;
        let present = Cursor::now(conn).map_err(text)?;
        if self.cursor.is_ahead_of(&present) {
            // Transaction ids went back: this is another cluster, restored from a dump.
            self.live.hub().resync();
            self.cursor = present;
        }
        let long_ago = Instant::now().checked_sub(Duration::from_secs(60));
        let long_ago = long_ago.unwrap_or_else(Instant::now);
        let (mut last_read, mut last_notify, mut last_check) = (long_ago, long_ago, long_ago);
        let mut last_watch = Instant::now();
        let mut look = true;
        while !self.stopped() {
            match self.ear.events.recv_timeout(POLL) {
                Ok(()) => {
                    self.notify = true;
                    look = true;
                }
                Err(RecvTimeoutError::Timeout) => {}
                // No handle to the application is left: only the time goes on.
                Err(RecvTimeoutError::Disconnected) => thread::sleep(POLL),
            }
            let heard: QueryResult<Vec<_>> = conn.notifications_iter().collect();
            for notification in heard.map_err(text)? {
                if !notification.payload.is_empty() {
                    teller::whispered(self.live.hub(), &notification.payload);
                } else if notification.process_id != own {
                    // Perhaps what was committed there left work, and this process has the workers.
                    self.ear.work.all();
                    look = true;
                }
            }
            if last_watch.elapsed() > WATCH_EVERY {
                last_watch = Instant::now();
                self.watch(conn).map_err(text)?;
            }
            if look || last_read.elapsed() > READ_AT_LEAST_EVERY {
                let rest = READ_EVERY.saturating_sub(last_read.elapsed());
                if !rest.is_zero() {
                    thread::sleep(rest);
                }
                last_read = Instant::now();
                // As long as a transaction may still commit an event before one that is there already, look again.
                look = self.read(conn).map_err(text)?;
            }
            if self.notify && last_notify.elapsed() >= NOTIFY_EVERY {
                last_notify = Instant::now();
                diesel::sql_query("SELECT pg_notify('care', '')")
                    .execute(conn)
                    .map_err(text)?;
                self.notify = false;
            }
            self.whisper(conn).map_err(text)?;
            self.presence.tend(conn, &self.live).map_err(text)?;
            if last_check.elapsed() > RECHECK_EVERY {
                last_check = Instant::now();
                recheck(conn, self.live.hub(), None).map_err(text)?;
            }
        }
        Ok(())
    }

    /// Tells what is settled; whether there is more to come.
    fn read(&mut self, conn: &mut PgConnection) -> QueryResult<bool> {
        let batch = read(conn, &self.cursor)?;
        let touched = teller::people_whose_rights_may_have_changed(&batch.events);
        if teller::is_about_lockdown(&batch.events) {
            self.watch(conn)?;
        }
        if !touched.is_empty() {
            // First: a hint must not go to somebody who lost the right to it in the same breath.
            recheck(conn, self.live.hub(), Some(&touched))?;
        }
        for event in &batch.events {
            teller::happened(self.live.hub(), event);
        }
        if let Some(last) = batch.events.last() {
            self.cursor = last.cursor();
        }
        Ok(batch.more)
    }

    fn watch(&mut self, conn: &mut PgConnection) -> QueryResult<()> {
        if (self.watch)(conn)? {
            recheck(conn, self.live.hub(), None)?;
        }
        Ok(())
    }

    fn whisper(&mut self, conn: &mut PgConnection) -> QueryResult<()> {
        let whispers = self.live.take_whispers();
        if whispers.is_empty() {
            return Ok(());
        }
        let payloads: Vec<String> = whispers
            .iter()
            .filter_map(|w| serde_json::to_string(w).ok())
            .collect();
        diesel::sql_query("SELECT count(pg_notify('care', payload)) FROM unnest($1) AS payload")
            .bind::<Array<Text>, _>(payloads)
            .execute(conn)
            .map(drop)
    }
}

/// A connection of its own: notifications arrive on the connection that listens, so none from a pool.
fn connect(url: &str) -> Result<PgConnection, String> {
    let mut conn = PgConnection::establish(url).map_err(|e| e.to_string())?;
    conn.batch_execute(
        "SET application_name = 'care-live'; SET statement_timeout = 5000; SET lock_timeout = 1000; \
         SET timezone = 'UTC'; LISTEN care",
    )
    .map_err(|e| e.to_string())?;
    Ok(conn)
}

fn own_pid(conn: &mut PgConnection) -> QueryResult<i32> {
    #[derive(diesel::QueryableByName)]
    struct Pid {
        #[diesel(sql_type = Integer)]
        pid: i32,
    }
    let pid: Pid = diesel::sql_query("SELECT pg_backend_pid() AS pid").get_result(conn)?;
    Ok(pid.pid)
}
