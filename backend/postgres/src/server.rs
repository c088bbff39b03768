//! Starting, watching and stopping the server process.

use crate::StartError;
use crate::binaries::{self, Binaries};
use crate::initdb;
use crate::layout::{self, Data, Layout, Lock};
use crate::process::{self, Runner};
use nix::sys::signal::{Signal, kill};
use nix::sys::wait::{Id, WaitPidFlag, waitid};
use nix::unistd::Pid;
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::process::Child;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, mpsc};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Crash recovery after a power cut may take minutes; an operator who waits longer wants to be told.
const READY_LIMIT: Duration = Duration::from_secs(600);
/// For the server of an earlier run to end.
const HOLDER_LIMIT: Duration = Duration::from_secs(30);
/// For a fast shutdown, which writes a checkpoint; then an immediate one, which recovers at the next start.
const STOP_LIMIT: Duration = Duration::from_secs(60);
/// A server that dies again within this time after a restart is not restarted for ever.
const HEALTHY: Duration = Duration::from_secs(30);
const RESTARTS: u32 = 5;

/// How to run a cluster.
#[derive(Clone, Debug)]
pub struct Options {
    /// The directory of this cluster; made if it does not exist.
    pub root: PathBuf,
    /// Keep every committed transaction through a power cut. False only for throwaway data: files are not synchronised
    /// when the cluster is made, and it is stopped without a checkpoint. (Add `fsync=off` to `settings` for the rest.)
    pub durable: bool,
    /// The directory of `initdb` and `postgres` (`CARE_PG_BIN`); searched for when `None`.
    pub bin: Option<PathBuf>,
    /// Server settings (`postgres -c name=value`).
    pub settings: Vec<(String, String)>,
    /// Told what happens while it runs: the first initialisation, a restart after a crash.
    pub notify: fn(&str),
}

impl Options {
    #[must_use]
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self {
            root: root.into(),
            durable: true,
            bin: None,
            settings: Vec::new(),
            notify: |text| eprintln!("postgres: {text}"),
        }
    }
}

/// The URL of a database of the cluster that another copy of this program runs below `root`; `None` when none does, or
/// when this user may not look.
#[must_use]
pub fn running(root: &Path, name: &str) -> Option<String> {
    let lock = File::open(root.join("lock")).ok()?;
    if !matches!(lock.try_lock(), Err(TryLockError::WouldBlock)) {
        return None;
    }
    // PostgreSQL's own note of what it serves; the fifth line is the socket's directory (its utils/pidfile.h).
    let note = std::fs::read_to_string(root.join("data").join("postmaster.pid")).ok()?;
    let socket_dir = note.lines().nth(4).filter(|line| !line.is_empty())?;
    Some(url(Path::new(socket_dir), name))
}

fn url(socket_dir: &Path, name: &str) -> String {
    let host = percent_encoded(&socket_dir.to_string_lossy());
    format!("postgresql://care@/{}?host={host}", percent_encoded(name))
}

/// A running cluster; dropping it stops it.
#[derive(Debug)]
pub struct Cluster {
    server: Arc<Server>,
    parent: Option<JoinHandle<()>>,
    reaper: Option<Child>,
    throwaway: bool,
    /// Released last.
    _lock: Lock,
}

#[derive(Debug)]
struct Server {
    layout: Layout,
    data: PathBuf,
    socket_dir: PathBuf,
    binaries: Binaries,
    runner: Runner,
    options: Options,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    /// The child, not yet reaped: its id cannot belong to another process.
    running: Option<Pid>,
    stopping: bool,
    ended: bool,
}

impl Cluster {
    /// Brings up the cluster at `options.root`, making it first if need be, and returns when it accepts connections.
    /// It has the databases `postgres` and `care`, and the superuser `care`.
    ///
    /// # Errors
    /// Every reason has a message of its own; see [`StartError`].
    pub fn start(options: Options) -> Result<Self, StartError> {
        let layout = Layout::prepare(&options.root)?;
        let lock = layout.lock()?;
        let state = layout.inspect()?;
        let data = layout.data();
        let runner = match state {
            Data::Absent => Runner::for_current_user()?,
            Data::Ours { .. } => Runner::for_data(&data)?,
        };
        if !runner.can_enter(&layout.root) {
            return Err(StartError::CannotEnter {
                user: runner.name,
                path: layout.root,
            });
        }
        let wanted = match state {
            Data::Absent => None,
            Data::Ours { major } => Some((major, data.as_path())),
        };
        let binaries = binaries::find(options.bin.as_deref(), wanted, &runner)?;
        layout.check_space(&state)?;
        if state == Data::Absent {
            initdb::initialise(&layout, &binaries, &runner, &options)?;
        }
        let socket_dir = layout.socket_dir(&runner)?;
        let server = Arc::new(Server {
            layout,
            data,
            socket_dir,
            binaries,
            runner,
            options,
            state: Mutex::default(),
            changed: Condvar::new(),
        });
        let (told, ready) = mpsc::channel();
        let own = Arc::clone(&server);
        let parent = std::thread::Builder::new()
            .name("postgres-parent".into())
            .spawn(move || own.run(&told))
            .map_err(StartError::io("start a thread for", &server.data))?;
        match ready.recv() {
            Ok(Ok(())) => {}
            Ok(Err(error)) => {
                let _ = parent.join();
                return Err(error);
            }
            Err(_) => return Err(server.exited()),
        }
        Ok(Self {
            server,
            parent: Some(parent),
            reaper: None,
            throwaway: false,
            _lock: lock,
        })
    }

    /// A libpq URL for the database `name`, over the Unix socket, as the superuser `care`.
    #[must_use]
    pub fn url(&self, name: &str) -> String {
        url(&self.server.socket_dir, name)
    }

    /// PostgreSQL's major version.
    #[must_use]
    pub fn major(&self) -> u32 {
        self.server.binaries.major
    }

    /// The directory of the programs in use (`psql`, `pg_dump` and `pgbench` are usually beside them).
    #[must_use]
    pub fn bin_dir(&self) -> &Path {
        &self.server.binaries.dir
    }

    /// PostgreSQL's data directory.
    #[must_use]
    pub fn data_dir(&self) -> &Path {
        &self.server.data
    }

    /// The process id of the postmaster; `None` while it is being restarted or after it has ended for good.
    #[must_use]
    pub fn postmaster_pid(&self) -> Option<i32> {
        self.server.state().running.map(Pid::as_raw)
    }

    /// False when the server has ended for good: it was stopped, or kept dying and was given up.
    #[must_use]
    pub fn is_alive(&self) -> bool {
        !self.server.state().ended
    }

    /// Stops the server in order and waits for it.
    pub fn stop(self) {
        drop(self);
    }

    pub(crate) fn remove_when_stopped(&mut self, reaper: Option<Child>) {
        self.throwaway = true;
        self.reaper = reaper;
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.server.stop();
        if let Some(parent) = self.parent.take() {
            let _ = parent.join();
        }
        if !self.server.socket_dir.starts_with(&self.server.layout.root) {
            let _ = std::fs::remove_dir(&self.server.socket_dir);
        }
        if self.throwaway {
            let _ = std::fs::remove_dir_all(&self.server.layout.root);
        }
        if let Some(mut reaper) = self.reaper.take() {
            drop(reaper.stdin.take());
            let _ = reaper.wait();
        }
    }
}

impl Server {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The life of the thread that is the server's parent: it must not end before the server does.
    fn run(&self, told: &mpsc::Sender<Result<(), StartError>>) {
        let mut failures = 0;
        let mut first = true;
        loop {
            let started = Instant::now();
            let outcome = self.spawn().and_then(|mut child| {
                let ready = self.wait_ready(&mut child);
                if ready.is_ok() && first {
                    let _ = told.send(Ok(()));
                    first = false;
                }
                self.wait_end(child);
                ready
            });
            if first {
                let _ = told.send(outcome);
                break;
            }
            if self.state().stopping {
                break;
            }
            failures = if started.elapsed() > HEALTHY {
                1
            } else {
                failures + 1
            };
            if failures > RESTARTS {
                let why = outcome.err().unwrap_or_else(|| self.exited());
                (self.options.notify)(&format!("the database keeps ending and is given up. {why}"));
                break;
            }
            (self.options.notify)("the database ended unexpectedly and is started again");
            let pause = Duration::from_millis(200).saturating_mul(failures * failures);
            let state = self.state();
            let waited = self
                .changed
                .wait_timeout_while(state, pause, |state| !state.stopping);
            if waited.unwrap_or_else(PoisonError::into_inner).0.stopping {
                break;
            }
        }
        self.state().ended = true;
        self.changed.notify_all();
    }

    /// Must be called on the thread that lives as long as the server.
    fn spawn(&self) -> Result<Child, StartError> {
        self.clear_the_way()?;
        let log = self.layout.open_log()?;
        let copy = log
            .try_clone()
            .map_err(StartError::io("open", &self.layout.log()))?;
        let mut command = self.runner.command(&self.binaries.postgres());
        command
            .arg("-D")
            .arg(&self.data)
            .arg("-k")
            .arg(&self.socket_dir);
        command.args([
            "-c",
            "listen_addresses=",
            "-c",
            "unix_socket_permissions=0700",
            "-c",
            "port=5432",
        ]);
        command.args([
            "-c",
            "logging_collector=off",
            "-c",
            "log_destination=stderr",
        ]);
        for (name, value) in &self.options.settings {
            command.arg("-c").arg(format!("{name}={value}"));
        }
        command.stdout(copy).stderr(log);
        process::bind_to_this_thread(&mut command);
        let mut state = self.state();
        if state.stopping {
            return Err(self.exited());
        }
        let child = command
            .spawn()
            .map_err(StartError::io("run", &self.binaries.postgres()))?;
        state.running = Some(pid_of(&child));
        Ok(child)
    }

    /// After a kill -9 a server may still be shutting down, or (where there is no parent-death signal) run on.
    fn clear_the_way(&self) -> Result<(), StartError> {
        let free = || process::holders(&self.data).is_empty();
        if !process::wait_until(Duration::from_secs(1), free) {
            let holders = process::holders(&self.data);
            if let Some(postmaster) = process::postmaster_pid(&self.data)
                && holders.contains(&postmaster)
            {
                let _ = kill(postmaster, Signal::SIGINT);
            }
            if !process::wait_until(HOLDER_LIMIT, free) {
                let pids = process::holders(&self.data)
                    .into_iter()
                    .map(Pid::as_raw)
                    .collect();
                return Err(StartError::StillRunning {
                    data: self.data.clone(),
                    pids,
                });
            }
        }
        layout::remove_leftovers(&self.data, &self.socket_dir);
        Ok(())
    }

    fn wait_ready(&self, child: &mut Child) -> Result<(), StartError> {
        let pid = pid_of(child);
        let mut gone = false;
        let done = process::wait_until(READY_LIMIT, || {
            gone = has_ended(pid);
            gone || process::is_ready(&self.data, pid)
        });
        if gone {
            return Err(self.exited());
        }
        if !done {
            let _ = kill(pid, Signal::SIGINT);
            return Err(StartError::NotReady {
                seconds: READY_LIMIT.as_secs(),
                log: self.layout.log(),
            });
        }
        Ok(())
    }

    /// Reaps the child under the lock, so that `stop` never signals an id that has become another process's.
    fn wait_end(&self, mut child: Child) {
        let pid = pid_of(&child);
        while waitid(Id::Pid(pid), WaitPidFlag::WEXITED | WaitPidFlag::WNOWAIT)
            == Err(nix::errno::Errno::EINTR)
        {}
        let mut state = self.state();
        let _ = child.wait();
        state.running = None;
        drop(state);
        self.changed.notify_all();
    }

    fn stop(&self) {
        let mut state = self.state();
        state.stopping = true;
        self.changed.notify_all();
        let gentle = if self.options.durable {
            Signal::SIGINT
        } else {
            Signal::SIGQUIT
        };
        for (signal, limit) in [
            (gentle, STOP_LIMIT),
            (Signal::SIGQUIT, Duration::from_secs(10)),
            (Signal::SIGKILL, STOP_LIMIT),
        ] {
            let Some(pid) = state.running else { return };
            let _ = kill(pid, signal);
            let waited = self
                .changed
                .wait_timeout_while(state, limit, |state| state.running.is_some());
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn exited(&self) -> StartError {
        let path = self.layout.log();
        let text = std::fs::read(&path)
            .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
            .unwrap_or_default();
        let tail = process::tail(&text, 8);
        if tail.contains("No space left on device") {
            return StartError::NoSpace {
                path: self.layout.root.clone(),
                free_mb: None,
                need_mb: 0,
            };
        }
        StartError::Exited { log: path, tail }
    }
}

fn pid_of(child: &Child) -> Pid {
    Pid::from_raw(i32::try_from(child.id()).unwrap_or(i32::MAX))
}

fn has_ended(pid: Pid) -> bool {
    let flags = WaitPidFlag::WEXITED | WaitPidFlag::WNOWAIT | WaitPidFlag::WNOHANG;
    !matches!(
        waitid(Id::Pid(pid), flags),
        Ok(nix::sys::wait::WaitStatus::StillAlive)
    )
}

fn percent_encoded(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                encoded.push(char::from(byte))
            }
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}
