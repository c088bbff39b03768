//! The directory of one cluster and who may use it.
//!
//! ```text
//! root/lock            held by the running program; its text is the process id, for messages
//! root/data/           PostgreSQL's own; complete from the moment it exists
//! root/data/care-cluster   the marker: this crate made it
//! root/data.new/       an initdb under way or cut short; never served, so it may be wiped
//! root/run/            the Unix socket
//! root/postgres.log
//! ```

use crate::StartError;
use crate::process::Runner;
use std::ffi::OsString;
use std::fs::{DirBuilder, File, OpenOptions, Permissions, TryLockError};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{ErrorKind, Read, Seek, SeekFrom, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

const SOCKET: &str = ".s.PGSQL.5432";
/// `sun_path` holds 108 bytes with the closing zero (104 on macOS).
const SOCKET_PATH_LIMIT: usize = if cfg!(target_os = "linux") { 107 } else { 103 };
/// initdb writes about 40 MB plus the first write-ahead segments; the demo data and some room for growth.
const NEW_CLUSTER_MB: u64 = 256;
const OLD_CLUSTER_MB: u64 = 48;
const LOG_LIMIT: u64 = 16 * 1024 * 1024;

#[derive(Clone, Debug)]
pub(crate) struct Layout {
    pub(crate) root: PathBuf,
}

/// What `root/data` is.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Data {
    Absent,
    Ours { major: u32 },
}

/// Says that the directory is in use.
#[derive(Debug)]
pub(crate) struct Lock(File);

impl Drop for Lock {
    /// Closing alone would not do: a child that another thread is just starting has a copy until it runs its program.
    fn drop(&mut self) {
        let _ = self.0.unlock();
    }
}

impl Layout {
    /// Makes the root directory. Directories that it has to make on the way are open to be passed through, so that an
    /// unprivileged PostgreSQL can reach its own.
    pub(crate) fn prepare(root: &Path) -> Result<Self, StartError> {
        let root = std::path::absolute(root).map_err(StartError::io("use", root))?;
        let missing: Vec<&Path> = root.ancestors().take_while(|dir| !dir.exists()).collect();
        for dir in missing.into_iter().rev() {
            make_dir(dir, 0o755)?;
        }
        let root = root.canonicalize().map_err(StartError::io("use", &root))?;
        Ok(Self { root })
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.root.join("data")
    }

    pub(crate) fn new_data(&self) -> PathBuf {
        self.root.join("data.new")
    }

    pub(crate) fn log(&self) -> PathBuf {
        self.root.join("postgres.log")
    }

    pub(crate) fn marker(data: &Path) -> PathBuf {
        data.join("care-cluster")
    }

    /// Lasts until it is dropped, or this process ends in whatever way.
    pub(crate) fn lock(&self) -> Result<Lock, StartError> {
        let path = self.root.join("lock");
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        let mut file = options.open(&path).map_err(StartError::io("open", &path))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut text = String::new();
                let _ = file.read_to_string(&mut text);
                return Err(StartError::AnotherCopy {
                    root: self.root.clone(),
                    pid: text.trim().parse().ok(),
                });
            }
            Err(TryLockError::Error(error)) => return Err(StartError::io("lock", &path)(error)),
        }
        let written = file
            .set_len(0)
            .and_then(|()| file.seek(SeekFrom::Start(0)))
            .and_then(|_| writeln!(file, "{}", std::process::id()));
        written.map_err(StartError::io("write", &path))?;
        Ok(Lock(file))
    }

    pub(crate) fn inspect(&self) -> Result<Data, StartError> {
        let data = self.data();
        let mut entries = match std::fs::read_dir(&data) {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Data::Absent),
            Err(error) => return Err(StartError::io("read", &data)(error)),
        };
        if entries.next().is_none() {
            return Ok(Data::Absent);
        }
        let marker = Self::marker(&data);
        if !marker.is_file() {
            return Err(
                match data.join("global/pg_control").exists() || data.join("PG_VERSION").exists() {
                    true => StartError::Foreign { data, marker },
                    false => StartError::NotEmpty { data },
                },
            );
        }
        let path = data.join("PG_VERSION");
        let text = std::fs::read_to_string(&path).map_err(StartError::io("read", &path))?;
        let major = text.trim().parse().map_err(|_| {
            StartError::io("understand", &path)(std::io::Error::new(
                ErrorKind::InvalidData,
                "no version number",
            ))
        })?;
        Ok(Data::Ours { major })
    }

    pub(crate) fn check_space(&self, data: &Data) -> Result<(), StartError> {
        let need_mb = match data {
            Data::Absent => NEW_CLUSTER_MB,
            Data::Ours { .. } => OLD_CLUSTER_MB,
        };
        let stat = nix::sys::statvfs::statvfs(&self.root).map_err(|errno| {
            StartError::io("measure the free space at", &self.root)(errno.into())
        })?;
        #[allow(
            clippy::useless_conversion,
            reason = "these types differ between platforms"
        )]
        let free =
            u64::from(stat.blocks_available()).saturating_mul(u64::from(stat.fragment_size()));
        let free_mb = free / (1024 * 1024);
        if free_mb < need_mb {
            return Err(StartError::NoSpace {
                path: self.root.clone(),
                free_mb: Some(free_mb),
                need_mb,
            });
        }
        Ok(())
    }

    /// The directory for the socket, private to `runner`: below the root, or in a short place when the path would not fit.
    pub(crate) fn socket_dir(&self, runner: &Runner) -> Result<PathBuf, StartError> {
        let near = self.root.join("run");
        if fits(&near) {
            private_dir(&near, runner)?;
            return Ok(near);
        }
        let mut hasher = DefaultHasher::new();
        self.root.hash(&mut hasher);
        let name = format!("care-postgres-{:016x}", hasher.finish());
        let runtime = PathBuf::from(format!("/run/user/{}", runner.uid));
        for parent in [runtime, std::env::temp_dir(), PathBuf::from("/tmp")] {
            let dir = parent.join(&name);
            if parent.is_dir() && fits(&dir) && runner.can_enter(&parent) {
                private_dir(&dir, runner)?;
                return Ok(dir);
            }
        }
        Err(StartError::SocketDir {
            path: near,
            reason: "is longer than a socket's path may be".into(),
        })
    }

    /// The server's log, appended to; one old generation is kept.
    pub(crate) fn open_log(&self) -> Result<File, StartError> {
        let path = self.log();
        if path
            .metadata()
            .is_ok_and(|metadata| metadata.len() > LOG_LIMIT)
        {
            let _ = std::fs::rename(&path, self.root.join("postgres.log.1"));
        }
        OpenOptions::new()
            .create(true)
            .append(true)
            .mode(0o600) // statements in it may hold personal data
            .open(&path)
            .map_err(StartError::io("open", &path))
    }
}

fn fits(dir: &Path) -> bool {
    // The lock file beside the socket is not a socket; only the socket's own path is limited.
    dir.join(SOCKET).as_os_str().as_bytes().len() <= SOCKET_PATH_LIMIT
}

pub(crate) fn make_dir(dir: &Path, mode: u32) -> Result<(), StartError> {
    DirBuilder::new()
        .mode(mode)
        .create(dir)
        .map_err(StartError::io("create", dir))?;
    // Again without the umask.
    std::fs::set_permissions(dir, Permissions::from_mode(mode))
        .map_err(StartError::io("set the mode of", dir))
}

/// A directory that only `runner` can enter. One that exists is used only if nobody else can have prepared it.
pub(crate) fn private_dir(dir: &Path, runner: &Runner) -> Result<(), StartError> {
    match DirBuilder::new().mode(0o700).create(dir) {
        Ok(()) => return runner.own(dir),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
        Err(error) => return Err(StartError::io("create", dir)(error)),
    }
    let found = std::fs::symlink_metadata(dir).map_err(StartError::io("read", dir))?;
    if !found.is_dir() || found.uid() != runner.uid.as_raw() || found.mode() & 0o077 != 0 {
        let reason = format!("is not a private directory of the user {}", runner.name);
        return Err(StartError::SocketDir {
            path: dir.to_path_buf(),
            reason,
        });
    }
    Ok(())
}

/// What a dead server leaves behind and a new one would stumble over. Only while holding the lock, and only when no
/// process works in `data`.
pub(crate) fn remove_leftovers(data: &Path, socket_dir: &Path) {
    let mut lock: OsString = SOCKET.into();
    lock.push(".lock");
    for path in [
        data.join("postmaster.pid"),
        socket_dir.join(SOCKET),
        socket_dir.join(lock),
    ] {
        let _ = std::fs::remove_file(path);
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_socket_directory_that_others_could_have_prepared_is_refused() {
        let parent = std::env::temp_dir().join(format!("care-private-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&parent);
        make_dir(&parent, 0o755).unwrap();
        let runner = Runner::for_current_user().unwrap();
        let dir = parent.join("run");
        private_dir(&dir, &runner).unwrap();
        private_dir(&dir, &runner).unwrap();
        std::fs::set_permissions(&dir, Permissions::from_mode(0o755)).unwrap();
        assert!(matches!(
            private_dir(&dir, &runner),
            Err(StartError::SocketDir { .. })
        ));
        std::fs::remove_dir(&dir).unwrap();
        let elsewhere = parent.join("elsewhere");
        private_dir(&elsewhere, &runner).unwrap();
        std::os::unix::fs::symlink(&elsewhere, &dir).unwrap();
        assert!(matches!(
            private_dir(&dir, &runner),
            Err(StartError::SocketDir { .. })
        ));
        std::fs::remove_dir_all(&parent).unwrap();
    }

    #[test]
    fn a_lock_ends_with_its_owner_whoever_has_a_copy() {
        let root = std::env::temp_dir().join(format!("care-lock-{}", std::process::id()));
        let layout = Layout::prepare(&root).unwrap();
        let lock = layout.lock().unwrap();
        assert!(matches!(layout.lock(), Err(StartError::AnotherCopy { .. })));
        let copy = lock.0.try_clone().unwrap();
        drop(lock);
        layout.lock().unwrap();
        drop(copy);
        std::fs::remove_dir_all(&root).unwrap();
    }

    #[test]
    fn the_limit_of_a_socket_path_counts_bytes() {
        let room = SOCKET_PATH_LIMIT - SOCKET.len() - 1;
        assert!(fits(Path::new(&format!("/{}", "x".repeat(room - 1)))));
        assert!(!fits(Path::new(&format!("/{}", "x".repeat(room)))));
    }
}
