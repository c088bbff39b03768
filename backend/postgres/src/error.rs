use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// Why a cluster could not be started. `Display` is one line of cause and remedy, fit to be shown to the operator; the
/// variants that come from PostgreSQL itself add the last lines of its log.
#[derive(Debug)]
pub enum StartError {
    /// No directory with both `initdb` and `postgres` of a supported version.
    NotFound { looked_in: Vec<String> },
    /// The binaries that were asked for, or all that were found, are older than PostgreSQL 14.
    TooOld { major: u32, bin: PathBuf },
    /// The data directory was made by another major version than any that is installed.
    WrongMajor {
        data: PathBuf,
        wanted: u32,
        found: Vec<u32>,
    },
    /// Another running program holds the lock of this directory.
    AnotherCopy { root: PathBuf, pid: Option<u32> },
    /// As root: the unprivileged user cannot enter the directory.
    CannotEnter { user: String, path: PathBuf },
    /// The directory belongs to another user and this one is not root.
    NotOwner { path: PathBuf, owner: u32 },
    /// A PostgreSQL data directory that this crate did not make, or whose marker file was lost.
    Foreign { data: PathBuf, marker: PathBuf },
    /// A directory with other files where the data should be.
    NotEmpty { data: PathBuf },
    /// No safe place for the Unix socket.
    SocketDir { path: PathBuf, reason: String },
    /// Too little free disk space.
    NoSpace {
        path: PathBuf,
        free_mb: Option<u64>,
        need_mb: u64,
    },
    /// A server from an earlier run still uses the data directory and does not end.
    StillRunning { data: PathBuf, pids: Vec<i32> },
    /// `initdb` failed.
    Initdb { output: String },
    /// `postgres` ended before it was ready.
    Exited { log: PathBuf, tail: String },
    /// `postgres` was not ready in time (a crash recovery that takes this long would be unusual).
    NotReady { seconds: u64, log: PathBuf },
    /// The operating system said no.
    Io {
        doing: String,
        path: PathBuf,
        source: io::Error,
    },
}

impl StartError {
    pub(crate) fn io(doing: &str, path: &Path) -> impl FnOnce(io::Error) -> Self + use<> {
        let (doing, path) = (doing.to_owned(), path.to_path_buf());
        move |source| {
            if source.kind() == io::ErrorKind::StorageFull {
                return Self::NoSpace {
                    path,
                    free_mb: None,
                    need_mb: 0,
                };
            }
            Self::Io {
                doing,
                path,
                source,
            }
        }
    }
}

impl std::error::Error for StartError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io { source, .. } => Some(source),
            _ => None,
        }
    }
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotFound { looked_in } => write!(
                f,
                "No PostgreSQL 14 or later found (looked in {}). Install it (Debian, Ubuntu: apt-get install postgresql), \
                 or set DATABASE_URL to an existing server, or CARE_PG_BIN to the directory of initdb and postgres.",
                looked_in.join(", ")
            ),
            Self::TooOld { major, bin } => write!(
                f,
                "PostgreSQL {major} in {} is too old: 14 or later is needed. Install a newer one, or set CARE_PG_BIN or \
                 DATABASE_URL.",
                bin.display()
            ),
            Self::WrongMajor {
                data,
                wanted,
                found,
            } => {
                let found: Vec<String> = found.iter().map(u32::to_string).collect();
                write!(
                    f,
                    "{} was made by PostgreSQL {wanted}, but only {} is installed. Set CARE_PG_BIN to the directory of a \
                     PostgreSQL {wanted} (Debian: apt-get install postgresql-{wanted}), or dump with the old version and \
                     restore into the new one.",
                    data.display(),
                    if found.is_empty() {
                        "none".to_owned()
                    } else {
                        found.join(", ")
                    },
                )
            }
            Self::AnotherCopy { root, pid } => {
                let who = pid.map_or_else(String::new, |pid| format!(" (process {pid})"));
                write!(
                    f,
                    "Another copy{who} uses {}. Stop it first, or set CARE_DATA to another directory.",
                    root.display()
                )
            }
            Self::CannotEnter { user, path } => write!(
                f,
                "PostgreSQL does not run as root, and the user {user} cannot enter {}. Set CARE_DATA to a directory that it \
                 can reach, such as /var/lib/care.",
                path.display()
            ),
            Self::NotOwner { path, owner } => write!(
                f,
                "{} belongs to the user with id {owner}. Run this program as that user (or root), or set CARE_DATA to \
                 another directory.",
                path.display()
            ),
            Self::Foreign { data, marker } => write!(
                f,
                "{} holds a PostgreSQL database that this program did not make. Set CARE_DATA to another directory, or \
                 DATABASE_URL to use that database through its own server. (If it is ours and only the marker was lost: \
                 touch {})",
                data.display(),
                marker.display()
            ),
            Self::NotEmpty { data } => write!(
                f,
                "{} is not empty and is not a database of this program; nothing was touched. Move its files away, or set \
                 CARE_DATA to another directory.",
                data.display()
            ),
            Self::SocketDir { path, reason } => write!(
                f,
                "No place for the database socket: {} {reason}. Set CARE_DATA to a directory with a shorter path.",
                path.display()
            ),
            Self::NoSpace {
                path,
                free_mb,
                need_mb,
            } => {
                match free_mb {
                    Some(free) => write!(
                        f,
                        "Only {free} MB are free at {}; {need_mb} MB are needed.",
                        path.display()
                    )?,
                    None => write!(f, "No space is left on the disk at {}.", path.display())?,
                }
                write!(
                    f,
                    " Free some space, or set CARE_DATA to a directory on another disk."
                )
            }
            Self::StillRunning { data, pids } => {
                let pids: Vec<String> = pids.iter().map(i32::to_string).collect();
                write!(
                    f,
                    "A PostgreSQL server of an earlier run still uses {} and does not end. Stop it (kill -INT {}) and try \
                     again.",
                    data.display(),
                    pids.join(" ")
                )
            }
            Self::Initdb { output } => write!(f, "initdb failed; its last lines are:\n{output}"),
            Self::Exited { log, tail } => {
                write!(
                    f,
                    "PostgreSQL did not start; the last lines of {} are:\n{tail}",
                    log.display()
                )
            }
            Self::NotReady { seconds, log } => {
                write!(
                    f,
                    "PostgreSQL was not ready after {seconds} s. Its log says why: {}",
                    log.display()
                )
            }
            Self::Io {
                doing,
                path,
                source,
            } => write!(f, "Could not {doing} {}: {source}.", path.display()),
        }
    }
}
