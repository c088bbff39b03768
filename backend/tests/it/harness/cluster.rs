//! One throw-away PostgreSQL per test process, one database per test, copied from a template that is migrated once.

use std::sync::{
    Mutex, OnceLock, PoisonError,
    atomic::{AtomicU32, Ordering},
    mpsc::{Sender, channel},
};

use care_postgres::Cluster;
use diesel::{Connection as _, PgConnection, connection::SimpleConnection};

struct Shared {
    cluster: Cluster,
    /// Creates databases, one at a time: nobody may be connected to a template that is being copied.
    admin: Mutex<PgConnection>,
    /// Takes those that nobody needs any more. No test waits for that: now and then it takes PostgreSQL seconds.
    drops: Sender<String>,
}

const TEMPLATE: &str = "care_template";

/// Statics are never dropped: the cluster ends with this process (see care-postgres).
fn shared() -> &'static Shared {
    static SHARED: OnceLock<Shared> = OnceLock::new();
    SHARED.get_or_init(|| {
        let cluster = Cluster::throwaway().unwrap_or_else(|e| panic!("{e}"));
        let connect = || PgConnection::establish(&cluster.url("postgres")).unwrap();
        let (mut admin, mut other) = (connect(), connect());
        let create = format!("CREATE DATABASE {TEMPLATE}");
        admin.batch_execute(&create).unwrap();
        care::db::migrate::run(&cluster.url(TEMPLATE)).unwrap_or_else(|e| panic!("{e}"));
        let (drops, left) = channel::<String>();
        std::thread::spawn(move || {
            for name in left {
                // One that cannot be dropped goes with the cluster.
                let _ = other.batch_execute(&format!("DROP DATABASE {name} WITH (FORCE)"));
            }
        });
        Shared {
            cluster,
            admin: Mutex::new(admin),
            drops,
        }
    })
}

/// A database of one's own; dropped soon after this value.
pub struct Database {
    name: String,
    pub url: String,
}

impl Database {
    /// With the current schema and no rows.
    pub fn new() -> Self {
        // FILE_COPY: 6 ms instead of 20 where nothing is written through to the disk.
        Self::create(&format!("TEMPLATE {TEMPLATE} STRATEGY FILE_COPY"))
    }

    /// Without any schema.
    pub fn blank() -> Self {
        Self::create("")
    }

    fn create(how: &str) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("test_{}", COUNT.fetch_add(1, Ordering::Relaxed));
        let shared = shared();
        let mut admin = shared.admin.lock().unwrap_or_else(PoisonError::into_inner);
        let create = format!("CREATE DATABASE {name} {how}");
        admin.batch_execute(&create).unwrap();
        let url = shared.cluster.url(&name);
        Self { name, url }
    }

    pub fn connect(&self) -> PgConnection {
        PgConnection::establish(&self.url).unwrap()
    }

    /// The folder of `pg_dump` and its like.
    pub fn programs() -> &'static std::path::Path {
        shared().cluster.bin_dir()
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let _ = shared().drops.send(std::mem::take(&mut self.name));
    }
}
