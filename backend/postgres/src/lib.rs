//! A private PostgreSQL cluster, run as a child process of this program.
//!
//! With no `DATABASE_URL` the product brings up its own database; the tests and the benchmark do the same with throwaway
//! clusters. The binaries are the system's (`apt-get install postgresql`); nothing is downloaded.
//!
//! ```no_run
//! use care_postgres::{Cluster, Options};
//! let cluster = Cluster::start(Options::new("/var/lib/care/postgres"))?;
//! let url = cluster.url("care"); // a libpq URL over the Unix socket
//! # drop(url);
//! cluster.stop();
//! # Ok::<(), care_postgres::StartError>(())
//! ```
//!
//! What holds:
//! - One directory (`root`) belongs to one running program: an advisory lock on `root/lock` refuses a second one.
//! - Only a directory that this crate made is ever started, and `root/data` is never deleted or overwritten: `initdb`
//!   works in `root/data.new`, which is renamed when it is complete.
//! - No TCP port. The socket directory is 0700. As root, PostgreSQL runs as the user `postgres` (else `nobody`).
//! - However this program ends (also `kill -9`), PostgreSQL shuts down cleanly: on Linux through the parent-death
//!   signal, elsewhere the next start stops the left-over server first.
//! - If PostgreSQL itself is killed, it is started again; open connections break, committed data stays.
//!
//! The parent-death signal is tied to the *thread* that spawned the child, not to the process. The crate therefore spawns
//! from a thread of its own that lives as long as the cluster, and [`Cluster::start`] may be called from any thread.

mod binaries;
mod error;
mod initdb;
mod layout;
mod process;
mod server;
mod throwaway;

pub use error::StartError;
pub use server::{Cluster, Options, running};
pub use throwaway::scratch_dir;

use std::path::{Path, PathBuf};

/// Where the product keeps its data unless told otherwise: `/var/lib/care` for root, else `$XDG_DATA_HOME/care` or
/// `~/.local/share/care`, else `./var`.
///
/// Root does not get a place in its home directory, because the unprivileged user that runs PostgreSQL cannot enter it.
#[must_use]
pub fn default_data_dir() -> PathBuf {
    if nix::unistd::geteuid().is_root() {
        return PathBuf::from("/var/lib/care");
    }
    let absolute = |name: &str| {
        std::env::var_os(name)
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
    };
    match (absolute("XDG_DATA_HOME"), absolute("HOME")) {
        (Some(data), _) => data.join("care"),
        (None, Some(home)) => home.join(".local/share/care"),
        (None, None) => PathBuf::from("var"),
    }
}

/// PostgreSQL's major version that a new cluster would run, when it is installed. `bin` as in [`Options::bin`].
///
/// # Errors
/// [`StartError::NotFound`] and [`StartError::TooOld`], with the places looked at and the remedy.
pub fn installed_major(bin: Option<&Path>) -> Result<u32, StartError> {
    let runner = process::Runner::for_current_user()?;
    Ok(binaries::find(bin, None, &runner)?.major)
}

/// Whether this user's PostgreSQL could live below `path`: false when this is root and the unprivileged user that will run
/// PostgreSQL cannot enter the nearest existing directory on the way.
#[must_use]
pub fn can_live_below(path: &Path) -> bool {
    let Ok(runner) = process::Runner::for_current_user() else {
        return true;
    };
    let Ok(path) = std::path::absolute(path) else {
        return false;
    };
    path.ancestors()
        .find(|p| p.is_dir())
        .is_some_and(|dir| runner.can_enter(dir))
}
