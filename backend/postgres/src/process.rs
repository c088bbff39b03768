//! The user that runs PostgreSQL, and the processes that do.

use crate::StartError;
use nix::errno::Errno;
use nix::unistd::{Gid, Pid, Uid, User};
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// The user that PostgreSQL runs as: this one, or an unprivileged one when this is root (PostgreSQL refuses root).
#[derive(Clone, Debug)]
pub(crate) struct Runner {
    pub(crate) name: String,
    pub(crate) uid: Uid,
    gid: Gid,
    drops: bool,
}

impl Runner {
    pub(crate) fn for_current_user() -> Result<Self, StartError> {
        let me = nix::unistd::geteuid();
        if !me.is_root() {
            return Ok(Self {
                name: "this user".into(),
                uid: me,
                gid: nix::unistd::getegid(),
                drops: false,
            });
        }
        // `nobody` may be shared with other services, so it is only the second choice.
        for name in ["postgres", "nobody"] {
            if let Ok(Some(user)) = User::from_name(name) {
                return Ok(Self::dropping_to(user));
            }
        }
        Err(StartError::CannotEnter {
            user: "postgres (which does not exist)".into(),
            path: PathBuf::from("/"),
        })
    }

    fn dropping_to(user: User) -> Self {
        Self {
            name: user.name,
            uid: user.uid,
            gid: user.gid,
            drops: true,
        }
    }

    /// As root, data that exists stays with the user that owns it.
    pub(crate) fn for_data(data: &Path) -> Result<Self, StartError> {
        let runner = Self::for_current_user()?;
        let Ok(metadata) = data.metadata() else {
            return Ok(runner);
        };
        let owner = Uid::from_raw(metadata.uid());
        if owner == runner.uid {
            return Ok(runner);
        }
        if runner.drops && !owner.is_root() {
            return Ok(match User::from_uid(owner) {
                Ok(Some(user)) => Self::dropping_to(user),
                _ => Self {
                    name: format!("with id {owner}"),
                    uid: owner,
                    gid: Gid::from_raw(metadata.gid()),
                    drops: true,
                },
            });
        }
        Err(StartError::NotOwner {
            path: data.to_path_buf(),
            owner: owner.as_raw(),
        })
    }

    /// A command run as this user, in `/`, with a clean environment: no `PG*` variable of ours may reach it.
    pub(crate) fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.env_clear().current_dir("/").stdin(Stdio::null());
        command
            .env("PATH", "/usr/local/bin:/usr/bin:/bin")
            .env("TZ", "UTC")
            .env("LANG", "C.UTF-8");
        if self.drops {
            command.uid(self.uid.as_raw()).gid(self.gid.as_raw());
        }
        command
    }

    /// The directory is entered after the change of user, so a refusal is that of the user.
    pub(crate) fn can_enter(&self, dir: &Path) -> bool {
        if !self.drops {
            return true;
        }
        let mut command = self.command(Path::new("/bin/true"));
        command
            .current_dir(dir)
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        !matches!(command.status(), Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied)
    }

    pub(crate) fn own(&self, path: &Path) -> Result<(), StartError> {
        if !self.drops {
            return Ok(());
        }
        nix::unistd::chown(path, Some(self.uid), Some(self.gid))
            .map_err(|errno| StartError::io("change the owner of", path)(errno.into()))
    }
}

/// Makes the child lead its own session (a Ctrl-C in the terminal reaches this program first, which then stops it in
/// order) and, on Linux, receive SIGINT, PostgreSQL's "fast shutdown", when the spawning thread ends.
#[allow(unsafe_code)]
pub(crate) fn bind_to_this_thread(command: &mut Command) {
    let parent = Pid::this();
    let prepare = move || -> std::io::Result<()> {
        nix::unistd::setsid()?;
        #[cfg(target_os = "linux")]
        nix::sys::prctl::set_pdeathsig(nix::sys::signal::Signal::SIGINT)?;
        // The parent may have died before the signal was armed.
        if nix::unistd::getppid() != parent {
            return Err(Errno::ESRCH.into());
        }
        Ok(())
    };
    // SAFETY: the closure runs between fork and exec, where only async-signal-safe calls are allowed: it makes three
    // plain system calls, allocates nothing, takes no lock, and owns only a copied process id. It runs after the change
    // of user, which would clear the signal.
    unsafe {
        command.pre_exec(prepare);
    }
}

/// The living processes that work in `data`: those of a server, of which the postmaster is one. A zombie has no working
/// directory and does not count, although `kill(pid, 0)` finds it and PostgreSQL would refuse to start because of it.
pub(crate) fn holders(data: &Path) -> Vec<Pid> {
    #[cfg(target_os = "linux")]
    {
        let Ok(entries) = std::fs::read_dir("/proc") else {
            return Vec::new();
        };
        let mut holders = Vec::new();
        for entry in entries.filter_map(Result::ok) {
            let Ok(pid) = entry.file_name().to_string_lossy().parse::<i32>() else {
                continue;
            };
            if std::fs::read_link(entry.path().join("cwd")).is_ok_and(|cwd| cwd == data) {
                holders.push(Pid::from_raw(pid));
            }
        }
        holders
    }
    #[cfg(not(target_os = "linux"))]
    {
        let Some(pid) = postmaster_pid(data) else {
            return Vec::new();
        };
        if nix::sys::signal::kill(pid, None) == Err(Errno::ESRCH) {
            Vec::new()
        } else {
            vec![pid]
        }
    }
}

/// The process that `postmaster.pid` names; it need not be alive.
pub(crate) fn postmaster_pid(data: &Path) -> Option<Pid> {
    let text = std::fs::read_to_string(data.join("postmaster.pid")).ok()?;
    let pid = text.lines().next()?.trim().parse().ok()?;
    Some(Pid::from_raw(pid))
}

/// Line 8 of `postmaster.pid` is the state that `pg_ctl` waits for.
pub(crate) fn is_ready(data: &Path, postmaster: Pid) -> bool {
    let Ok(text) = std::fs::read_to_string(data.join("postmaster.pid")) else {
        return false;
    };
    let mut lines = text.lines();
    lines
        .next()
        .is_some_and(|pid| pid.trim() == postmaster.to_string())
        && lines.nth(6).is_some_and(|state| state.trim() == "ready")
}

/// Waits until `done`, at most `limit`.
pub(crate) fn wait_until(limit: Duration, mut done: impl FnMut() -> bool) -> bool {
    let start = Instant::now();
    loop {
        if done() {
            return true;
        }
        if start.elapsed() >= limit {
            return false;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// The last `n` lines, for a message.
pub(crate) fn tail(text: &str, n: usize) -> String {
    let lines: Vec<&str> = text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .collect();
    lines
        .get(lines.len().saturating_sub(n)..)
        .unwrap_or_default()
        .join("\n")
}
