//! On the real PostgreSQL of this machine; the programs that are killed are real ones.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use care_postgres::{Cluster, Options, StartError};
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::{Duration, Instant};

/// A directory of its own for each test, removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let name = format!("care-pg-{name}-{}", std::process::id());
        let dir = care_postgres::scratch_dir().join(name);
        let _ = std::fs::remove_dir_all(&dir);
        std::fs::create_dir_all(&dir).unwrap();
        Self(dir.canonicalize().unwrap())
    }

    fn root(&self) -> PathBuf {
        self.0.join("postgres")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn start(root: &Path) -> Result<Cluster, StartError> {
    let mut options = Options::new(root);
    options.notify = |_| {};
    Cluster::start(options)
}

fn psql(bin: &Path, url: &str, sql: &str) -> Result<String, String> {
    let beside = bin.join("psql");
    let program = if beside.is_file() {
        beside
    } else {
        PathBuf::from("psql")
    };
    let output = Command::new(program)
        .args(["-XAtqc", sql, url])
        .output()
        .expect("psql runs");
    match output.status.success() {
        true => Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned()),
        false => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
    }
}

fn query(cluster: &Cluster, sql: &str) -> String {
    psql(cluster.bin_dir(), &cluster.url("care"), sql).unwrap()
}

/// Another program that holds a cluster.
struct Holder {
    child: Child,
    _stdin: ChildStdin,
    url: String,
    postmaster: i32,
}

impl Holder {
    fn start(root: Option<&Path>) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_care-postgres"));
        command
            .args(root)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let stdin = child.stdin.take().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let url = lines.next().unwrap().unwrap();
        let postmaster = lines.next().unwrap().unwrap().parse().unwrap();
        Self {
            child,
            _stdin: stdin,
            url,
            postmaster,
        }
    }

    fn kill_9(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

fn kill_9(pid: i32) {
    let pid = nix::unistd::Pid::from_raw(pid);
    nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGKILL).unwrap();
}

fn eventually(what: &str, mut done: impl FnMut() -> bool) {
    let start = Instant::now();
    while !done() {
        assert!(start.elapsed() < Duration::from_secs(60), "never: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// A zombie that init has not reaped yet has no command line.
fn is_running(pid: i32) -> bool {
    std::fs::read(format!("/proc/{pid}/cmdline")).is_ok_and(|text| !text.is_empty())
}

#[test]
fn starts_serves_stops_and_keeps_the_data() {
    let folder = Folder::new("life");
    let cluster = start(&folder.root()).unwrap();
    query(&cluster, "CREATE TABLE t AS SELECT 42 AS answer");
    assert_eq!(query(&cluster, "SHOW listen_addresses"), "");
    assert_eq!(query(&cluster, "SHOW fsync"), "on");
    assert_eq!(query(&cluster, "SHOW server_encoding"), "UTF8");
    for private in ["data", "run"] {
        let mode = folder
            .root()
            .join(private)
            .metadata()
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o700, "{private}");
    }
    // Another program may use it while it runs.
    let there = care_postgres::running(&folder.root(), "care");
    assert_eq!(there, Some(cluster.url("care")));
    let postmaster = cluster.postmaster_pid().unwrap();
    cluster.stop();
    assert_eq!(care_postgres::running(&folder.root(), "care"), None);
    assert!(!is_running(postmaster));
    let again = Instant::now();
    let cluster = start(&folder.root()).unwrap();
    assert!(
        again.elapsed() < Duration::from_secs(5),
        "a later start took {:?}",
        again.elapsed()
    );
    assert_eq!(query(&cluster, "SELECT answer FROM t"), "42");
}

#[test]
fn outlives_the_thread_that_started_it() {
    let folder = Folder::new("thread");
    let root = folder.root();
    let cluster = std::thread::spawn(move || start(&root).unwrap())
        .join()
        .unwrap();
    std::thread::sleep(Duration::from_millis(300));
    assert_eq!(query(&cluster, "SELECT 1"), "1");
}

#[test]
fn a_second_copy_is_refused_and_the_first_lives_on() {
    let folder = Folder::new("second");
    let cluster = start(&folder.root()).unwrap();
    let error = start(&folder.root()).unwrap_err();
    let me = std::process::id();
    assert!(
        matches!(error, StartError::AnotherCopy { pid: Some(pid), .. } if pid == me),
        "{error}"
    );
    assert!(
        error
            .to_string()
            .starts_with(&format!("Another copy (process {me}) uses ")),
        "{error}"
    );
    assert_eq!(query(&cluster, "SELECT 1"), "1");
}

#[test]
fn the_server_ends_when_the_program_is_killed() {
    let folder = Folder::new("kill");
    let mut holder = Holder::start(Some(&folder.root()));
    let bin = start(&Folder::new("kill-bin").root())
        .unwrap()
        .bin_dir()
        .to_path_buf();
    psql(
        &bin,
        &holder.url,
        "CREATE TABLE t AS SELECT generate_series(1, 10000) AS n",
    )
    .unwrap();
    holder.kill_9();
    // At once, while the old server may still be shutting down.
    let cluster = start(&folder.root()).unwrap();
    assert!(!is_running(holder.postmaster));
    assert_eq!(query(&cluster, "SELECT count(*) FROM t"), "10000");
}

#[test]
fn recovers_when_program_and_server_are_killed() {
    let folder = Folder::new("both");
    let mut holder = Holder::start(Some(&folder.root()));
    let bin = start(&Folder::new("both-bin").root())
        .unwrap()
        .bin_dir()
        .to_path_buf();
    psql(
        &bin,
        &holder.url,
        "CREATE TABLE t AS SELECT generate_series(1, 10000) AS n",
    )
    .unwrap();
    // Stopped first, so that it can neither restart the server nor reap it.
    let program = nix::unistd::Pid::from_raw(i32::try_from(holder.child.id()).unwrap());
    nix::sys::signal::kill(program, nix::sys::signal::Signal::SIGSTOP).unwrap();
    kill_9(holder.postmaster);
    holder.kill_9();
    assert!(folder.root().join("data/postmaster.pid").exists());
    let cluster = start(&folder.root()).unwrap();
    assert_eq!(query(&cluster, "SELECT count(*) FROM t"), "10000");
}

#[test]
fn a_killed_server_is_started_again() {
    let folder = Folder::new("again");
    let cluster = start(&folder.root()).unwrap();
    query(
        &cluster,
        "CREATE TABLE t AS SELECT generate_series(1, 10000) AS n",
    );
    let first = cluster.postmaster_pid().unwrap();
    kill_9(first);
    eventually("back", || {
        psql(
            cluster.bin_dir(),
            &cluster.url("care"),
            "SELECT count(*) FROM t",
        ) == Ok("10000".into())
    });
    assert!(cluster.is_alive());
    assert_ne!(cluster.postmaster_pid(), Some(first));
}

#[test]
fn a_foreign_or_filled_directory_is_refused_untouched() {
    let folder = Folder::new("foreign");
    let data = folder.root().join("data");
    std::fs::create_dir_all(data.join("global")).unwrap();
    std::fs::write(data.join("letter.txt"), "dear").unwrap();
    let error = start(&folder.root()).unwrap_err();
    assert!(matches!(error, StartError::NotEmpty { .. }), "{error}");
    std::fs::write(data.join("global/pg_control"), "theirs").unwrap();
    let error = start(&folder.root()).unwrap_err();
    assert!(matches!(error, StartError::Foreign { .. }), "{error}");
    assert_eq!(
        std::fs::read_to_string(data.join("letter.txt")).unwrap(),
        "dear"
    );
    assert_eq!(
        std::fs::read_to_string(data.join("global/pg_control")).unwrap(),
        "theirs"
    );
}

#[test]
fn a_lost_marker_never_costs_data() {
    let folder = Folder::new("marker");
    let cluster = start(&folder.root()).unwrap();
    query(&cluster, "CREATE TABLE t AS SELECT 42 AS answer");
    cluster.stop();
    let marker = folder.root().join("data/care-cluster");
    std::fs::remove_file(&marker).unwrap();
    let error = start(&folder.root()).unwrap_err();
    assert!(
        error
            .to_string()
            .contains(&format!("touch {}", marker.display())),
        "{error}"
    );
    // The remedy in the message works.
    std::fs::write(&marker, "").unwrap();
    assert_eq!(
        query(&start(&folder.root()).unwrap(), "SELECT answer FROM t"),
        "42"
    );
}

#[test]
fn an_unfinished_initdb_is_made_anew() {
    let folder = Folder::new("unfinished");
    let new = folder.root().join("data.new");
    std::fs::create_dir_all(new.join("global")).unwrap();
    std::fs::write(new.join("global/pg_control"), "half").unwrap();
    assert_eq!(query(&start(&folder.root()).unwrap(), "SELECT 1"), "1");
    assert!(!new.exists());
}

#[test]
fn data_of_a_version_that_is_not_installed_is_refused() {
    let folder = Folder::new("version");
    start(&folder.root()).unwrap().stop();
    std::fs::write(folder.root().join("data/PG_VERSION"), "9\n").unwrap();
    let error = start(&folder.root()).unwrap_err();
    assert!(
        matches!(error, StartError::WrongMajor { wanted: 9, .. }),
        "{error}"
    );
    assert!(
        error.to_string().contains("apt-get install postgresql-9"),
        "{error}"
    );
}

#[test]
fn a_bad_place_for_the_binaries_is_named() {
    let folder = Folder::new("bin");
    let mut options = Options::new(folder.root());
    options.bin = Some(folder.0.clone());
    let error = Cluster::start(options).unwrap_err();
    assert!(matches!(error, StartError::NotFound { .. }), "{error}");
    assert!(
        error.to_string().contains(&folder.0.display().to_string()),
        "{error}"
    );
}

#[test]
fn a_refused_setting_shows_the_reason_from_the_log() {
    let folder = Folder::new("setting");
    let mut options = Options::new(folder.root());
    options.notify = |_| {};
    options.settings = vec![("shared_buffers".into(), "nonsense".into())];
    let error = Cluster::start(options).unwrap_err();
    assert!(matches!(error, StartError::Exited { .. }), "{error}");
    assert!(error.to_string().contains("shared_buffers"), "{error}");
}

#[test]
fn a_path_too_long_for_a_socket_works_through_a_short_one() {
    let folder = Folder::new("long");
    let cluster = start(&folder.root().join("x".repeat(120))).unwrap();
    assert_eq!(query(&cluster, "SELECT 1"), "1");
}

#[test]
fn a_directory_that_the_unprivileged_user_cannot_enter_is_named() {
    let folder = Folder::new("closed");
    let closed = folder.0.join("closed");
    std::fs::create_dir(&closed).unwrap();
    std::fs::set_permissions(&closed, std::fs::Permissions::from_mode(0o700)).unwrap();
    let outcome = start(&closed.join("postgres"));
    if nix::unistd::geteuid().is_root() {
        let error = outcome.unwrap_err();
        assert!(matches!(error, StartError::CannotEnter { .. }), "{error}");
        assert!(!care_postgres::can_live_below(&closed.join("deep/er")));
    } else {
        assert_eq!(query(&outcome.unwrap(), "SELECT 1"), "1");
        assert!(care_postgres::can_live_below(&closed.join("deep/er")));
    }
    assert!(care_postgres::can_live_below(&folder.0.join("not/yet")));
}

#[test]
fn a_throwaway_cluster_is_gone_afterwards() {
    let cluster = Cluster::throwaway().unwrap();
    assert_eq!(query(&cluster, "SHOW fsync"), "off");
    assert_eq!(query(&cluster, "SHOW max_connections"), "300");
    let root = cluster.data_dir().parent().unwrap().to_path_buf();
    assert!(root.exists());
    cluster.stop();
    assert!(!root.exists());

    let mut holder = Holder::start(None);
    let data = std::fs::read_link(format!("/proc/{}/cwd", holder.postmaster)).unwrap();
    let root = data.parent().unwrap().to_path_buf();
    holder.kill_9();
    eventually("deleted", || !root.exists());
}
