//! What every test stands on: an application of its own, on a database of its own, behind a real socket.
//!
//! ```ignore
//! let app = TestApp::start().await;
//! let ann = app.customer("Ann");
//! let ticket = ann.post("/tickets", json!({…})).expect(201).await;
//! ann.get("/nothing").problem(404).await;
//! ```
//! Always on, whatever a test looks at:
//! - NO-5XX: an answer of 500 or more fails the test, unless it was asked for by number or the test declared
//!   [`TestApp::faults_are_expected`].
//! - PROBLEM: every error of the API is problem details with its own status, and names no table, type or path.
//! - JOBS: background work runs when the test says so ([`TestApp::run_jobs`]); what is left at the end is run then, and
//!   every job must succeed, unless the test declared [`TestApp::failing_jobs_are_expected`].
//! - LEAK-FREE: when a test is over, no transaction is left open.
//! - CANARY: no secret that passed through the harness stands in a log line, a row of the database or the address of a
//!   link, unless the test declared [`TestApp::leaks_are_expected`].
//! - CONTRACT: every answer of the API is one that the OpenAPI document declares, and fits its schema.

mod api;
pub mod canary;
mod cluster;
pub mod contract;
pub mod files;
mod people;
pub mod places;
mod process;
mod stream;

use std::{
    net::TcpListener,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};

use actix_web::{dev::ServerHandle, rt::System, web::Data};
use care::{
    app::App,
    background,
    config::Config,
    events::{bell::Bell, listener::Listener},
    mail::Sent,
};
use diesel::{Connection as _, PgConnection, QueryResult, RunQueryDsl};
use serde_json::Value;

pub use api::{Answer, Api, Call, PATIENCE, Problem};
pub use canary::Canaries;
pub use cluster::Database;
pub use files::Folder;
pub use people::{PASSWORD, Person, Ticket};
pub use process::Server;
pub use stream::Stream;

/// Where people reach the application under test: what links in mails start with.
pub const PUBLIC_URL: &str = "http://care.test";

/// What all keys of the application under test derive from.
pub const SECRET: &str = "kT7vQ2mXw9Lr4ZbY8nHs3JdF6pGc5AeU";

/// A crowd of requests may come at a busy machine: who waits for the database is not refused for that, unless the test is
/// about it.
const PATIENT: [(&str, &str); 3] = [
    ("CARE_DB_WAIT", "60"),
    ("CARE_LOCK_TIMEOUT", "60"),
    ("CARE_STATEMENT_TIMEOUT", "60"),
];

/// A running application. Dropping it stops it and deletes its database.
pub struct TestApp {
    pub app: Data<App>,
    pub api: Arc<Api>,
    pub url: String,
    settings: Vec<(String, String)>,
    listener: Option<Listener>,
    failing_jobs: AtomicBool,
    leaking: AtomicBool,
    /// Where the log was when it began.
    log: usize,
    /// For what the harness itself asks the database.
    kept: Mutex<Option<PgConnection>>,
    server: ServerHandle,
    thread: Option<JoinHandle<()>>,
    /// Dropped last, when nothing is connected any more.
    _database: Option<Database>,
}

impl TestApp {
    /// With the settings most tests want.
    pub async fn start() -> Self {
        Self::with([]).await
    }

    /// With further settings, as in the environment: `TestApp::with([("CARE_REOPEN_DAYS", "0")])`.
    pub async fn with<const N: usize>(settings: [(&str, &str); N]) -> Self {
        Self::with_all(&settings).await
    }

    /// The same, when the test makes the settings up as it goes.
    pub async fn with_all(settings: &[(&str, &str)]) -> Self {
        let database = Database::new();
        let url = database.url.clone();
        Self::launch(&url, Some(database), false, settings, Arc::default())
    }

    /// With the thread that feeds live streams, as a server has it.
    pub async fn live() -> Self {
        let database = Database::new();
        let url = database.url.clone();
        Self::launch(&url, Some(database), true, &[], Arc::default())
    }

    /// A second server with the same settings on the same database, with its own live thread.
    pub async fn replica(&self) -> Self {
        let settings = self.settings.iter().map(|(k, v)| (k.as_str(), v.as_str()));
        let (settings, canaries) = (settings.collect::<Vec<_>>(), self.api.canaries.clone());
        Self::launch(&self.url, None, true, &settings, canaries)
    }

    /// A server process on the same database, with its log in this file; jobs are left to [`TestApp::run_jobs`].
    pub fn process(&self, log: String) -> Server {
        let mut settings = PATIENT.to_vec();
        settings.push(("CARE_JOB_WORKERS", "0"));
        settings.extend(self.settings.iter().map(|(k, v)| (k.as_str(), v.as_str())));
        let canaries = self.api.canaries.clone();
        let mut server = Server::beside(&self.url, log, &settings, canaries);
        server.wait_until_ready();
        server
    }

    /// On a migrated database that the test made itself.
    pub async fn on<const N: usize>(url: &str, settings: [(&str, &str); N]) -> Self {
        Self::launch(url, None, false, &settings, Arc::default())
    }

    fn launch(
        url: &str,
        database: Option<Database>,
        live: bool,
        settings: &[(&str, &str)],
        canaries: Arc<Canaries>,
    ) -> Self {
        canary::keep_log();
        let log = canary::log_end();
        let base = [
            ("CARE_SECRET", SECRET),
            ("CARE_PUBLIC_URL", PUBLIC_URL),
            ("CARE_MAIL", "memory"),
            ("CARE_BCRYPT_COST", "4"),
            ("CARE_ANSWER_BEAT", "0"),
            // Asked for by the tests about it (`challenge`): others sign people in again and again.
            ("CARE_NEW_DEVICE_CODE", "0"),
            ("CARE_DB_POOL", "4"),
        ];
        let variables = base.iter().chain(&PATIENT).chain(settings);
        canaries.note_settings(variables.clone().copied());
        let variables = variables.map(|(k, v)| ((*k).to_owned(), (*v).to_owned()));
        let config = Config::from_map(variables.collect()).expect("the settings are good");
        let (bell, ear) = Bell::new();
        let app = Data::new(App::new(config, url, bell).expect("the application starts"));
        let listener = live.then(|| background::listen(&app, ear).unwrap());

        let socket = TcpListener::bind("127.0.0.1:0").unwrap();
        let api = Arc::new(Api::new(socket.local_addr().unwrap()).telling(canaries));
        let (tell, told) = std::sync::mpsc::channel();
        let served = app.clone();
        // A thread and a System of its own: joining it ends everything the server started.
        let thread = std::thread::spawn(move || {
            System::new().block_on(async move {
                let server = care::app::server(&served, socket).unwrap();
                tell.send(server.handle()).unwrap();
                server.await.unwrap();
            });
        });
        Self {
            app,
            api,
            url: url.to_owned(),
            settings: settings
                .iter()
                .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
                .collect(),
            listener,
            failing_jobs: AtomicBool::new(false),
            leaking: AtomicBool::new(false),
            log,
            kept: Mutex::default(),
            _database: database,
            server: told.recv().expect("the server runs"),
            thread: Some(thread),
        }
    }

    /// From here on 5xx answers are what the test is about.
    pub fn faults_are_expected(&self) {
        self.api.faults_expected.store(true, Ordering::Relaxed);
    }

    /// From here on jobs may fail, or stay behind.
    pub fn failing_jobs_are_expected(&self) {
        self.failing_jobs.store(true, Ordering::Relaxed);
    }

    /// From here on secrets may stand where they should not.
    pub fn leaks_are_expected(&self) {
        self.leaking.store(true, Ordering::Relaxed);
    }

    /// What the CANARY oracle has found so far.
    pub fn leaks(&self) -> Vec<String> {
        let mails = self.app.mailer.memory();
        let leaks = self.asks(|conn| Ok(self.api.canaries.leaks(conn, self.log, &mails)));
        leaks.unwrap()
    }

    /// Runs all background work that is due, and what it causes.
    pub fn run_jobs(&self) -> usize {
        let ran = care::jobs::run_due(&self.app).expect("the jobs run");
        let failed =
            self.rows("SELECT kind, payload, last_error FROM jobs WHERE last_error IS NOT NULL");
        let expected = self.failing_jobs.load(Ordering::Relaxed);
        assert!(failed.is_empty() || expected, "JOBS: {failed:#?}");
        ran
    }

    /// All mails that have left, oldest first, after running what is due.
    pub fn mails(&self) -> Vec<Sent> {
        self.run_jobs();
        self.app.mailer.memory()
    }

    /// The mails to this person.
    pub fn mails_to(&self, email: &str) -> Vec<Sent> {
        let all = self.mails().into_iter();
        all.filter(|mail| mail.to == email).collect()
    }

    /// Nobody: requests without a token.
    pub fn anyone(&self) -> Person {
        Person::nobody(&self.api)
    }

    fn person(&self, name: &str, role: &str) -> Person {
        let tokens = &self.app.tokens;
        let person = self.asks(|conn| Person::signed_in(conn, tokens, &self.api, name, role));
        person.unwrap_or_else(|e| panic!("{e}: {name}"))
    }

    pub fn customer(&self, name: &str) -> Person {
        self.person(name, "customer")
    }

    pub fn agent(&self, name: &str) -> Person {
        self.person(name, "agent")
    }

    pub fn admin(&self, name: &str) -> Person {
        self.person(name, "admin")
    }

    /// A connection to the test's own database.
    pub fn connection(&self) -> PgConnection {
        PgConnection::establish(&self.url).unwrap()
    }

    /// Runs a statement directly: rows the API cannot make, and time travel.
    pub fn sql(&self, statement: &str) -> usize {
        let done = self.asks(|conn| diesel::sql_query(statement).execute(conn));
        done.unwrap_or_else(|e| panic!("{e}\n{statement}"))
    }

    /// On a connection that is kept for the next time, when nobody else is using it.
    fn asks<T>(&self, f: impl Fn(&mut PgConnection) -> QueryResult<T>) -> QueryResult<T> {
        let Ok(mut kept) = self.kept.try_lock() else {
            return f(&mut self.connection());
        };
        match kept.as_mut().map(&f) {
            Some(Ok(done)) => Ok(done),
            // The first time, or it may have been cut off.
            _ => f(kept.insert(self.connection())),
        }
    }

    /// The rows of a query, each as a JSON object.
    pub fn rows(&self, query: &str) -> Vec<Value> {
        let found = self.asks(|conn| find(conn, query));
        found.unwrap_or_else(|e| panic!("{e}\n{query}"))
    }
}

/// The rows of a query, each as a JSON object.
pub fn rows(conn: &mut PgConnection, query: &str) -> Vec<Value> {
    find(conn, query).unwrap_or_else(|e| panic!("{e}\n{query}"))
}

fn find(conn: &mut PgConnection, query: &str) -> QueryResult<Vec<Value>> {
    #[derive(diesel::QueryableByName)]
    struct Row {
        #[diesel(sql_type = diesel::sql_types::Jsonb)]
        row: Value,
    }
    let query = format!("SELECT to_jsonb(q) AS row FROM ({query}) q");
    let found = diesel::sql_query(query).load::<Row>(conn)?;
    Ok(found.into_iter().map(|r| r.row).collect())
}

impl Drop for TestApp {
    fn drop(&mut self) {
        if self._database.is_some() && !std::thread::panicking() {
            // A program that has just ended may be seen a moment longer; what the server leaves open stays, for 15 s.
            let patience = Instant::now() + Duration::from_secs(5);
            loop {
                let open = self.rows(
                    "SELECT application_name, query FROM pg_stat_activity
                     WHERE datname = current_database() AND state LIKE 'idle in transaction%'",
                );
                if open.is_empty() {
                    break;
                }
                assert!(Instant::now() < patience, "LEAK-FREE: {open:#?}");
            }
            self.run_jobs();
            if !self.leaking.load(Ordering::Relaxed) {
                let leaks = self.leaks();
                assert!(leaks.is_empty(), "CANARY: {leaks:#?}");
            }
        }
        self.app.live.shut();
        if let Some(listener) = self.listener.take() {
            listener.stop();
        }
        drop(self.server.stop(false));
        if let Some(thread) = self.thread.take() {
            let ended = thread.join();
            assert!(
                ended.is_ok() || std::thread::panicking(),
                "the server's thread panicked"
            );
        }
    }
}
