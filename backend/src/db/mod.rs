//! The database behind two verbs: [`Db::read`] and [`Db::write`]. Everything that needs a connection goes through them.
//!
//! Inside: a bounded wait for a seat (else 503), one of a few dedicated threads, an r2d2 connection. Threads of our own
//! behind one queue keep the tail short where a larger blocking pool would fight over two cores.

pub mod ids;
pub mod migrate;
pub mod pool;
pub mod schema;
pub mod text_enum;
pub mod time;

use std::{
    ops::{Deref, DerefMut},
    sync::Arc,
    thread,
    time::Duration,
};

use diesel::{Connection as _, PgConnection};
use tokio::sync::{Semaphore, oneshot};

use crate::{events::bell::Bell, problem::Problem};
pub use pool::Settings;
use pool::{Connections, Pool, Pooled};

/// How often a transaction is run at most when it conflicts with others.
const TRIES: u32 = 4;

type Work = Box<dyn FnOnce(Result<&mut Pooled, Problem>) + Send>;

/// A handle to the database; cheap to clone. One per purpose (requests, jobs), so that neither starves the other.
#[derive(Clone)]
pub struct Db {
    queue: flume::Sender<Work>,
    seats: Arc<Semaphore>,
    pool: Pool,
    wait: Duration,
    bell: Bell,
}

/// A running transaction. Events and jobs can only be written through one, so nothing is announced that did not happen.
pub struct Tx<'c> {
    conn: &'c mut PgConnection,
    has_events: bool,
    has_work: bool,
}

impl Tx<'_> {
    /// Asks that those who follow the events hear of it once the transaction has committed.
    pub fn tell_after_commit(&mut self) {
        self.has_events = true;
    }

    /// Asks for a wake-up of the workers once the transaction has committed.
    pub fn wake_after_commit(&mut self) {
        self.has_work = true;
    }
}

impl Deref for Tx<'_> {
    type Target = PgConnection;
    fn deref(&self) -> &PgConnection {
        self.conn
    }
}

impl DerefMut for Tx<'_> {
    fn deref_mut(&mut self) -> &mut PgConnection {
        self.conn
    }
}

impl Db {
    /// Opens `size` connections lazily. Fails only on an unusable address.
    pub fn open(
        url: &str,
        name: &'static str,
        size: u32,
        settings: Settings,
        bell: Bell,
    ) -> Result<Self, String> {
        let wait = settings.wait;
        let pool = Connections::pool(url, name, size, settings)?;
        let (queue, work) = flume::unbounded::<Work>();
        for n in 0..size {
            let (pool, work) = (pool.clone(), work.clone());
            thread::Builder::new()
                .name(format!("db-{name}-{n}"))
                .spawn(move || {
                    while let Ok(work) = work.recv() {
                        match pool.get() {
                            Ok(mut conn) => work(Ok(&mut conn)),
                            Err(error) => work(Err(Problem::unavailable(error))),
                        }
                    }
                })
                .map_err(|e| format!("cannot start a database thread: {e}"))?;
        }
        Ok(Self {
            queue,
            seats: Arc::new(Semaphore::new(size as usize)),
            pool,
            wait,
            bell,
        })
    }

    /// Runs queries without an enclosing transaction: each statement sees what was committed when it began.
    pub async fn read<T, F>(&self, f: F) -> Result<T, Problem>
    where
        T: Send + 'static,
        F: Fn(&mut PgConnection) -> Result<T, Problem> + Send + 'static,
    {
        self.seated(move |conn| f(conn)).await
    }

    /// Runs queries that must agree with one another, in one read-only snapshot.
    pub async fn snapshot<T, F>(&self, f: F) -> Result<T, Problem>
    where
        T: Send + 'static,
        F: Fn(&mut PgConnection) -> Result<T, Problem> + Send + 'static,
    {
        self.seated(move |conn| {
            conn.build_transaction()
                .read_only()
                .repeatable_read()
                .run(|c| f(c))
        })
        .await
    }

    /// Runs the request's one transaction. `f` may run again after a conflict with another transaction, so it must have
    /// no effect outside the database. Nothing is retried once COMMIT has been sent.
    pub async fn write<T, F>(&self, f: F) -> Result<T, Problem>
    where
        T: Send + 'static,
        F: Fn(&mut Tx<'_>) -> Result<T, Problem> + Send + 'static,
    {
        let bell = self.bell.clone();
        self.seated(move |conn| transaction(conn, &bell, &f)).await
    }

    /// [`Db::write`] for a thread that may block: job workers and the command line.
    pub fn write_blocking<T>(
        &self,
        f: impl Fn(&mut Tx<'_>) -> Result<T, Problem>,
    ) -> Result<T, Problem> {
        let mut conn = self.pool.get().map_err(Problem::unavailable)?;
        retry(&mut conn, |conn| transaction(conn, &self.bell, &f))
    }

    /// [`Db::read`] for a thread that may block.
    pub fn read_blocking<T>(
        &self,
        f: impl Fn(&mut PgConnection) -> Result<T, Problem>,
    ) -> Result<T, Problem> {
        let mut conn = self.pool.get().map_err(Problem::unavailable)?;
        retry(&mut conn, |conn| f(conn))
    }

    async fn seated<T, F>(&self, f: F) -> Result<T, Problem>
    where
        T: Send + 'static,
        F: Fn(&mut PgConnection) -> Result<T, Problem> + Send + 'static,
    {
        let seat = match tokio::time::timeout(self.wait, self.seats.clone().acquire_owned()).await {
            Ok(Ok(seat)) => seat,
            _ => return Err(Problem::unavailable("no database seat became free in time")),
        };
        let (answer, wait) = oneshot::channel();
        let work: Work = Box::new(move |conn| {
            let result = conn.and_then(|conn| {
                let run = std::panic::AssertUnwindSafe(|| retry(conn, &f));
                std::panic::catch_unwind(run)
                    .unwrap_or_else(|_| Err(Problem::internal("a database closure panicked")))
            });
            drop(seat);
            // The client may have gone; then nobody waits for the answer.
            let _ = answer.send(result);
        });
        self.queue
            .send(work)
            .map_err(|_| Problem::unavailable("the database threads are gone"))?;
        wait.await
            .map_err(|_| Problem::internal("a database thread died"))?
    }
}

/// One transaction, committed when `f` returns Ok.
fn transaction<T>(
    conn: &mut PgConnection,
    bell: &Bell,
    f: &impl Fn(&mut Tx<'_>) -> Result<T, Problem>,
) -> Result<T, Problem> {
    let (value, has_events, has_work) = conn.transaction(|conn| {
        let mut tx = Tx {
            conn,
            has_events: false,
            has_work: false,
        };
        f(&mut tx).map(|value| (value, tx.has_events, tx.has_work))
    })?;
    if has_events {
        bell.tell();
    }
    if has_work {
        bell.wake();
    }
    Ok(value)
}

/// Runs `f` again when the database asked for it (SQLSTATE 40001, 40P01: nothing was committed).
///
/// After a lost connection the outcome of a COMMIT is unknown, so nothing is run again: the answer is 503 and the client
/// repeats the request with its idempotency key. A connection that died while idle is found by a ping before use.
fn retry<T>(
    conn: &mut Pooled,
    f: impl Fn(&mut PgConnection) -> Result<T, Problem>,
) -> Result<T, Problem> {
    let mut tries = 1;
    loop {
        let result = conn.alive().and_then(&f);
        match &result {
            Err(problem) if problem.is_disconnect() => conn.mark_broken(),
            Err(problem) if problem.is_retryable() && tries < TRIES => {
                thread::sleep(Duration::from_millis(5 << tries));
                tries += 1;
                continue;
            }
            _ => {}
        }
        return result;
    }
}
