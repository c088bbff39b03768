//! Clusters for tests and benchmarks: fast, not durable, and gone afterwards.

use crate::layout::make_dir;
use crate::{Cluster, Options, StartError};
use nix::sys::statvfs::statvfs;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

/// Settings that trade every durability for speed; 300 connections, because each test has a pool of its own.
const SETTINGS: [(&str, &str); 6] = [
    ("fsync", "off"),
    ("synchronous_commit", "off"),
    ("full_page_writes", "off"),
    ("autovacuum", "off"),
    ("max_connections", "300"),
    ("max_wal_size", "256MB"),
];

impl Cluster {
    /// A cluster in memory (`/dev/shm`, else the temporary directory) that is deleted when it is stopped and also when
    /// this program is killed. `CARE_PG_BIN` is honoured.
    ///
    /// # Errors
    /// As [`Cluster::start`].
    pub fn throwaway() -> Result<Self, StartError> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("care-throwaway-{}-{number}", std::process::id());
        let root = scratch_dir().join(name);
        let _ = std::fs::remove_dir_all(&root); // of an earlier process with the same id, long dead
        make_dir(&root, 0o755)?;
        let reaper = reaper(&root);
        let mut options = Options::new(&root);
        options.durable = false;
        options.notify = |_| {};
        options.bin = std::env::var_os("CARE_PG_BIN").map(PathBuf::from);
        options.settings = SETTINGS
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        match Self::start(options) {
            Ok(mut cluster) => {
                cluster.remove_when_stopped(reaper);
                Ok(cluster)
            }
            Err(error) => {
                let _ = std::fs::remove_dir_all(&root);
                Err(error)
            }
        }
    }
}

/// Where throwaway data goes: memory when there is at least 1 GB of it to spare, else the temporary directory.
#[must_use]
pub fn scratch_dir() -> PathBuf {
    let memory = Path::new("/dev/shm");
    let writable = nix::unistd::access(memory, nix::unistd::AccessFlags::W_OK).is_ok();
    #[allow(
        clippy::useless_conversion,
        reason = "these types differ between platforms"
    )]
    let roomy = statvfs(memory).is_ok_and(|s| {
        u64::from(s.blocks_available()).saturating_mul(s.fragment_size()) >= 1 << 30
    });
    if writable && roomy {
        memory.to_path_buf()
    } else {
        std::env::temp_dir()
    }
}

/// Waits for the end of this process, in whatever way it comes (its end of the pipe closes), then for the server, and
/// deletes the directory. Test programs end without dropping their statics, so a destructor would not do.
fn reaper(root: &Path) -> Option<Child> {
    const SCRIPT: &str = "cat; i=0; while [ -e \"$1/data/postmaster.pid\" ] && [ $i -lt 100 ]; do sleep 0.1; i=$((i+1)); \
                          done; rm -rf \"$1\"";
    let mut command = Command::new("/bin/sh");
    command
        .args(["-c", SCRIPT, "care-throwaway"])
        .arg(root)
        .current_dir("/");
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    // Its own group: a Ctrl-C must not end it early.
    command.process_group(0).spawn().ok()
}
