//! The r2d2 pool: how a connection is opened, prepared and given up.

use std::time::{Duration, Instant};

use diesel::{Connection as _, PgConnection, RunQueryDsl, connection::SimpleConnection};

use crate::problem::Problem;

pub type Pool = r2d2::Pool<Connections>;
pub type Pooled = r2d2::PooledConnection<Connections>;

/// Time limits of a connection.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// How long a request waits for a seat or a connection before it is told 503.
    pub wait: Duration,
    pub statement_timeout: Duration,
    pub lock_timeout: Duration,
    pub idle_in_transaction_timeout: Duration,
}

/// Opens connections and prepares their session.
#[derive(Debug)]
pub struct Connections {
    url: String,
    prepare: String,
}

/// A connection that knows whether it is still good.
pub struct Connection {
    conn: PgConnection,
    broken: bool,
    last_used: Instant,
    url_prepare: (String, String),
}

/// An idle connection is asked whether it lives before it is used again.
const PING_AFTER: Duration = Duration::from_millis(500);

impl Connection {
    /// The connection, after making sure that it did not die while idle; a dead one is opened anew.
    pub fn alive(&mut self) -> Result<&mut PgConnection, Problem> {
        if self.broken || self.last_used.elapsed() > PING_AFTER {
            let dead = self.broken
                || diesel::sql_query("SELECT 1")
                    .execute(&mut self.conn)
                    .is_err();
            if dead {
                self.broken = true;
                let (url, prepare) = &self.url_prepare;
                self.conn = open(url, prepare).map_err(Problem::unavailable)?;
                self.broken = false;
            }
        }
        self.last_used = Instant::now();
        Ok(&mut self.conn)
    }

    /// Gives the connection up when it goes back to the pool.
    pub fn mark_broken(&mut self) {
        self.broken = true;
    }
}

fn open(url: &str, prepare: &str) -> Result<PgConnection, diesel::r2d2::Error> {
    let mut conn = PgConnection::establish(url).map_err(diesel::r2d2::Error::ConnectionError)?;
    conn.batch_execute(prepare)
        .map_err(diesel::r2d2::Error::QueryError)?;
    Ok(conn)
}

impl Connections {
    pub fn pool(url: &str, name: &str, size: u32, settings: Settings) -> Result<Pool, String> {
        let prepare = format!(
            "SET application_name = 'care-{name}'; SET statement_timeout = {}; SET lock_timeout = {}; \
             SET idle_in_transaction_session_timeout = {}; SET timezone = 'UTC'; \
             SET plan_cache_mode = force_generic_plan; SET enable_memoize = off",
            settings.statement_timeout.as_millis(),
            settings.lock_timeout.as_millis(),
            settings.idle_in_transaction_timeout.as_millis(),
        );
        r2d2::Pool::builder()
            .max_size(size)
            .min_idle(Some(0))
            .connection_timeout(settings.wait)
            .test_on_check_out(false)
            .error_handler(Box::new(r2d2::NopErrorHandler))
            .build(Self {
                url: url.into(),
                prepare,
            })
            .map_err(|e| e.to_string())
    }
}

impl r2d2::ManageConnection for Connections {
    type Connection = Connection;
    type Error = diesel::r2d2::Error;

    fn connect(&self) -> Result<Connection, Self::Error> {
        let conn = open(&self.url, &self.prepare)?;
        let url_prepare = (self.url.clone(), self.prepare.clone());
        Ok(Connection {
            conn,
            broken: false,
            last_used: Instant::now(),
            url_prepare,
        })
    }

    fn is_valid(&self, conn: &mut Connection) -> Result<(), Self::Error> {
        diesel::sql_query("SELECT 1")
            .execute(&mut conn.conn)
            .map(drop)
            .map_err(diesel::r2d2::Error::QueryError)
    }

    fn has_broken(&self, conn: &mut Connection) -> bool {
        conn.broken || std::thread::panicking()
    }
}
