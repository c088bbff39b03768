//! A server process that can be killed.

use std::{
    fs::OpenOptions,
    net::TcpListener,
    process::{Child, Command, ExitStatus, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};

use nix::sys::signal::Signal;

use super::{Api, Canaries, PUBLIC_URL, SECRET};

pub struct Server {
    pub api: Arc<Api>,
    database: String,
    log: String,
    settings: Vec<(String, String)>,
    child: Child,
}

impl Server {
    /// On this database, with its log in this file, and with further settings.
    pub fn start(database: &str, log: String, settings: &[(&str, &str)]) -> Self {
        Self::beside(database, log, settings, Arc::default())
    }

    /// The same, one of several that the same secrets are told to.
    pub fn beside(
        database: &str,
        log: String,
        settings: &[(&str, &str)],
        canaries: Arc<Canaries>,
    ) -> Self {
        // Free when asked; taken again by each incarnation of this server.
        let address = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap();
        let api = Arc::new(Api::new(address).telling(canaries));
        let settings = settings.iter().map(|(k, v)| ((*k).into(), (*v).into()));
        let settings: Vec<(String, String)> = settings.collect();
        let child = spawn(&api, database, &log, &settings);
        Self {
            api,
            database: database.to_owned(),
            log,
            settings,
            child,
        }
    }

    /// SIGKILL: no time to finish anything.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    pub fn signal(&self, signal: Signal) {
        let pid = nix::unistd::Pid::from_raw(self.child.id() as i32);
        nix::sys::signal::kill(pid, signal).unwrap();
    }

    /// Until it has ended by itself.
    pub fn wait(&mut self) -> ExitStatus {
        self.child.wait().unwrap()
    }

    pub fn spawn(&mut self) {
        self.child = spawn(&self.api, &self.database, &self.log, &self.settings);
    }

    /// Also starts a server again that found no database, as its supervisor would.
    pub fn wait_until_ready(&mut self) {
        let started = Instant::now();
        let request = b"GET /readyz HTTP/1.1\r\nHost: care.test\r\nConnection: close\r\n\r\n";
        while !self
            .api
            .try_raw(request)
            .is_ok_and(|a| a.text.starts_with("HTTP/1.1 200"))
        {
            assert!(
                started.elapsed() < Duration::from_secs(20),
                "not ready: {}",
                self.log()
            );
            std::thread::sleep(Duration::from_millis(20));
            if self.child.try_wait().unwrap().is_some() {
                self.spawn();
            }
        }
    }

    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap()
    }
}

fn spawn(api: &Api, database: &str, log: &str, settings: &[(String, String)]) -> Child {
    let log = OpenOptions::new()
        .create(true)
        .append(true)
        .open(log)
        .unwrap();
    Command::new(env!("CARGO_BIN_EXE_care"))
        .arg("serve")
        .env_clear()
        .env("DATABASE_URL", database)
        .env("CARE_LISTEN", api.address.to_string())
        .env("CARE_METRICS_LISTEN", "off")
        .env("CARE_PUBLIC_URL", PUBLIC_URL)
        .env("CARE_SECRET", SECRET)
        .env("CARE_MAIL", "memory")
        .env("CARE_BCRYPT_COST", "4")
        .env("CARE_ANSWER_BEAT", "0")
        .env("CARE_WRITES_PER_MINUTE", "1000000")
        .env("CARE_LOG", "info")
        .envs(settings.iter().map(|(k, v)| (k, v)))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(log)
        .spawn()
        .unwrap()
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if !std::thread::panicking() {
            let leaks = self.api.canaries.within(&self.log());
            assert!(leaks.is_empty(), "CANARY: {leaks:#?} in {}", self.log());
        }
    }
}
